/** Stores that went back in time: with a word from the operator, and found out. DESIGN section 4. */
import { describe, expect, it } from 'vitest';
import { inStep } from '../../../../src/sim/checkers/in-step.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';
const slow = { sites: [{ smscId: 'hel1', smsc: { turnMs: 500 } }] };

/** Texts of alice that wait at the buffer; the first is submitted. */
function waiting(world: World, count: number): void {
  for (let index = 0; index < count; index += 1) world.send('alice', phone, `text ${index}`);
  const held = () => [...world.site().store.entries(['ring', 'hel1', 'mt', 'slot'])].length;
  world.until('all are in the mirror', () => held() === count, 10_000);
}

function counted(world: World): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of world.received(phone)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

const steps = (world: World) => {
  const sent = world.talk('alice', phone).filter(({ direction }) => direction === 'out');
  return sent.map(({ step }) => step);
};

describe('a buffer whose store was set back', () => {
  it('with --restored hands over nothing before it has compared, and nothing that is settled', () => {
    const world = World.running(slow);
    waiting(world, 5);
    const backup = world.site().store.copy();
    world.until('all are delivered', () => steps(world).every((step) => step === 'delivered'));
    world.site().crash();
    world.im.crash();
    world.site().store = backup;
    world.site().isRestored = true;
    world.site().start();
    world.pass(60_000);
    expect(world.site().role?.status().session).toBe('down');
    expect(counted(world).size).toBe(5);
    world.im.start();
    world.until('it has logged in', () => world.site().role?.status().session === 'ready');
    world.pass(10_000);
    expect([...counted(world).values()]).toEqual([1, 1, 1, 1, 1]);
    expect(steps(world)).toEqual(['delivered', 'delivered', 'delivered', 'delivered', 'delivered']);
    expect(inStep(world)).toEqual([]);
  });

  it('stays unsure over a restart until it has compared', () => {
    const world = World.running(slow);
    waiting(world, 3);
    world.site().crash();
    world.im.crash();
    world.site().isRestored = true;
    world.site().start();
    world.pass(1_000);
    world.site().crash();
    world.site().start();
    world.pass(60_000);
    expect(world.site().role?.status().session).toBe('down');
    expect(counted(world).size).toBeLessThan(3);
  });

  it.each(['resend', 'hold'] as const)('marks what it cannot know under %s', (inDoubt) => {
    const world = World.running({ sites: [{ smscId: 'hel1', smsc: { turnMs: 500 }, buffer: { inDoubt } }] });
    waiting(world, 3);
    const backup = world.site().store.copy();
    // What happens now is known to nobody but the SMSC.
    world.im.crash();
    world.until('all are submitted', () => counted(world).size === 3);
    world.site().crash();
    world.site().store = backup;
    world.site().isRestored = true;
    world.site().start();
    world.im.start();
    world.pass(120_000);
    const isTwice = inDoubt === 'resend' ? 2 : 1;
    expect([...counted(world).values()]).toEqual([isTwice, isTwice, isTwice]);
    const slots = (world.site().role?.rings()[0]?.slots ?? []).filter(({ status }) => status !== 'free');
    if (inDoubt === 'hold') expect(slots.map(({ status }) => status)).toEqual(['in-doubt', 'in-doubt', 'in-doubt']);
    else expect(slots.map(({ possibleDuplicate }) => possibleDuplicate)).toEqual([true, true, true]);
    expect(inStep(world)).toEqual([]);
  });

  it('is found out without a word: it logs out, becomes another store and goes on when it is taken for that', () => {
    const world = World.running(slow);
    world.inject(phone, '2882', 'from the handset');
    waiting(world, 3);
    const backup = world.site().store.copy();
    for (let index = 0; index < 10; index += 1) world.inject(phone, '2882', `later ${index}`);
    world.until('all are delivered', () => steps(world).every((step) => step === 'delivered'));
    world.site().crash();
    world.site().store = backup;
    world.site().start();
    world.until('it is found out', () => world.logged('store.went-back').length === 1);
    world.until('it is in step', () => world.site().role?.link().state === 'up');
    world.until('it has logged in', () => world.site().role?.status().session === 'ready');
    world.pass(60_000);
    expect(inStep(world)).toEqual([]);
    expect(world.logged('store.went-back')).toHaveLength(1);
    world.send('alice', phone, 'after');
    world.until('it works on', () => counted(world).has('after'));
  });
});

describe('an IM server whose store was set back', () => {
  it('takes nothing for new that was handed over since: it is marked, and what the buffer knows ends well', () => {
    const world = World.running(slow);
    waiting(world, 4);
    const backup = world.im.store.copy();
    world.until('all are delivered', () => steps(world).every((step) => step === 'delivered'));
    world.im.crash();
    world.im.disk.store = backup;
    world.im.start();
    world.pass(60_000);
    expect([...counted(world).values()]).toEqual([1, 1, 1, 1]);
    expect(world.logged('sync.producer-went-back')).toHaveLength(1);
    expect(inStep(world, 'replaced')).toEqual([]);
  });

  it('has what waited in its outbox handed over at most once more, marked', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', smsc: { turnMs: 500 } }], imServer: { ringSize: 2 } });
    for (let index = 0; index < 6; index += 1) world.send('alice', phone, `text ${index}`);
    world.pass(100);
    const backup = world.im.store.copy();
    world.until('all are delivered', () => steps(world).every((step) => step === 'delivered'));
    world.im.crash();
    world.im.disk.store = backup;
    world.im.start();
    world.pass(120_000);
    const twice = [...counted(world)].filter(([, count]) => count > 1).map(([text]) => text);
    expect(twice.length).toBeGreaterThan(0);
    expect(Math.max(...counted(world).values())).toBe(2);
    for (const text of twice) {
      const marks = world.talk('alice', phone).find((one) => one.text === text)?.marks;
      expect(marks).toContain('possible-duplicate');
    }
    expect(inStep(world, 'replaced')).toEqual([]);
  });
});
