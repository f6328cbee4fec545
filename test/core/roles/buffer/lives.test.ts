/** Starts, drains, deaths and replacements of a buffer. */
import { describe, expect, it } from 'vitest';
import { hourMs } from '../../../../src/core/base/time.ts';
import { inStep } from '../../../../src/sim/checkers/in-step.ts';
import { MemoryStore } from '../../../../src/sim/memory-store.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

describe('a buffer', () => {
  it('does not log in to the SMSC before its rings have an epoch', () => {
    const world = new World();
    world.site().start();
    world.pass(120_000);
    expect(world.site().role?.status().session).toBe('down');
    expect(world.eventsOf('session')).toEqual([]);
    world.im.start();
    world.until('it has logged in', () => world.site().role?.status().session === 'ready');
  });

  it('logs in and works on what it holds while the IM server is away', () => {
    const world = World.running();
    for (let index = 0; index < 20; index += 1) world.send('alice', phone, `text ${index}`);
    const mirrored = () => [...world.site().store.entries(['ring', 'hel1', 'mt', 'slot'])].length;
    world.until('all are in the mirror', () => mirrored() === 20, 10_000);
    expect(world.received(phone).length).toBeLessThan(20);
    world.im.crash();
    world.site().crash();
    world.site().start();
    world.until('all are submitted', () => world.received(phone).length === 20);
  });

  it.each([
    ['three days ahead', 72],
    ['three days behind', -72],
  ])('ends nothing because its own clock is %s (DESIGN section 11, clocks)', (_, aheadHours) => {
    const world = World.running();
    for (let index = 0; index < 20; index += 1) world.send('alice', phone, `text ${index}`);
    const mirrored = () => [...world.site().store.entries(['ring', 'hel1', 'mt', 'slot'])].length;
    world.until('all are in the mirror', () => mirrored() === 20, 10_000);
    expect(world.received(phone).length).toBeLessThan(20);
    world.site().crash();
    world.site().clock = { aheadMs: aheadHours * hourMs, rate: 1 };
    world.site().start();
    for (let index = 20; index < 25; index += 1) world.send('alice', phone, `text ${index}`);
    world.until('all are submitted', () => new Set(world.received(phone)).size === 25);
  });

  it('drains: finishes the running exchange, logs out, and leaves nothing in doubt', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', smsc: { turnMs: 500 } }] });
    for (let index = 0; index < 5; index += 1) world.send('alice', phone, `text ${index}`);
    world.until('one is out', () => world.site().role?.status().outstanding === 1);
    world.pass(100);
    world.site().input({ type: 'drain' });
    world.until('it is drained', () => world.site().isDrained, 10_000);
    world.site().carried?.end();
    const slots = world.site().role?.rings()[0]?.slots ?? [];
    expect(
      slots.map(({ status }) => status).filter((status) => status === 'in-flight' || status === 'in-doubt'),
    ).toEqual([]);
    expect(world.eventsOf('session').at(-1)).toMatchObject({ state: 'closed', reason: 'logged out' });
    world.site().start();
    world.until('the others follow', () => world.received(phone).length === 5);
    expect(world.received(phone)).toEqual(['text 0', 'text 1', 'text 2', 'text 3', 'text 4']);
    expect(world.logged('ring.in-doubt')).toEqual([]);
  });

  it.each([
    ['before it ever connected', false],
    ['while the SMSC is away', true],
  ])('drains at once %s', (_, hasConnected) => {
    const world = hasConnected ? World.running() : new World();
    if (hasConnected) {
      world.site().isSmscReachable = false;
      world.site().cutSmsc();
    } else {
      world.site().start();
    }
    world.pass(1_000);
    world.site().input({ type: 'drain' });
    world.until('it is drained', () => world.site().isDrained, 1_000);
    world.site().carried?.end();
  });

  it('does not take the late farewell of an old connection for the fate of the new one', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { inDoubt: 'hold' } }] });
    let isLost = false;
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation !== 53 || isLost) return 'pass';
      isLost = true;
      return 'lose';
    };
    world.send('alice', phone, 'without an answer');
    const before = world.log.length;
    // The session is closed after 60 s and replaced at once, while the goodbye is still on its way.
    world.pass(90_000);
    const states = world.log.slice(before).filter(({ event }) => event.event === 'session.state');
    expect(states.map(({ event }) => event.fields['state'])).toEqual(['down', 'connecting', 'logging-in', 'ready']);
    expect(world.eventsOf('session').map(({ state }) => state)).toEqual(['bound', 'closed', 'bound']);
  });

  it('loses nothing by dying at any moment, and doubles only what was in doubt, marked', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', smsc: { turnMs: 30 } }] });
    const wanted = Array.from({ length: 30 }, (_, index) => `text ${index}`);
    for (const text of wanted) world.send('alice', phone, text);
    for (const text of wanted) world.inject(phone, '28820001', text);
    for (let life = 0; life < 10; life += 1) {
      world.pass(150 + 37 * life);
      world.site().crash(life % 2 === 0 ? 'written' : 'lost');
      world.pass(50);
      world.site().start();
    }
    world.until(
      'all is settled',
      () =>
        world.talk('alice', phone).filter(({ direction, step }) => direction === 'out' && step === 'delivered')
          .length === 30,
    );
    expect([...new Set(world.received(phone))]).toEqual(wanted);
    expect(
      world
        .talk('alice', phone)
        .filter(({ direction }) => direction === 'in')
        .map(({ text }) => text),
    ).toEqual(wanted);
    const marked = world.talk('alice', phone).filter(({ marks }) => marks.includes('possible-duplicate'));
    const doubled = wanted.filter((text) => world.received(phone).filter((one) => one === text).length > 1);
    expect(marked.length).toBeGreaterThan(0);
    expect(marked.map(({ text }) => text)).toEqual(expect.arrayContaining(doubled));
    world.pass(60_000);
    expect(inStep(world)).toEqual([]);
  });

  it('begins with rings of another size once they are idle', () => {
    const world = World.running();
    world.site().crash();
    world.site().start({ ringSize: 7 });
    world.until('the mo ring is new', () => world.site().role?.status().mo.size === 7);
    world.pass(1_000);
    expect(inStep(world)).toEqual([]);
    for (let index = 0; index < 20; index += 1) world.inject(phone, '28820001', `text ${index}`);
    world.until('all are there', () => world.talk('alice', phone).length === 20);
    world.im.crash();
    world.im.start({ ringSize: 3 });
    world.until('the mt ring is new', () => world.site().role?.status().mt.size === 3, 200_000);
    for (let index = 0; index < 20; index += 1) world.send('alice', phone, `text ${index}`);
    world.until('all are on the handset', () => world.received(phone).length === 20);
  });

  it('keeps the size of its ring while a message is in it', () => {
    const world = World.running();
    world.im.crash();
    world.inject(phone, '28820001', 'held');
    world.pass(2_000);
    world.site().crash();
    world.site().start({ ringSize: 7 });
    world.pass(2_000);
    expect(world.site().role?.status().mo.size).toBe(255);
    world.im.start();
    world.until('it arrived', () => world.talk('alice', phone).length === 1);
    world.until('the ring is new', () => world.site().role?.status().mo.size === 7, 200_000);
    world.pass(1_000);
    expect(inStep(world)).toEqual([]);
  });

  it('with a newer disk retires the older for good, which logs out and submits nothing more', () => {
    const world = World.running();
    const site = world.site();
    world.send('alice', phone, 'before');
    world.until('it is delivered', () => world.talk('alice', phone)[0]?.step === 'delivered');
    const older = site.store;
    site.crash();
    site.store = new MemoryStore();
    site.start();
    world.until('the new one is in step', () => site.role?.link().state === 'up');
    site.crash();
    site.store = older;
    site.start();
    world.until('it knows', () => site.role?.link().code === 'LINK_STORE_RETIRED', 60_000);
    world.until('it has logged out', () => site.role?.status().session === 'ended');
    expect(world.eventsOf('session').at(-1)).toMatchObject({ state: 'closed', reason: 'logged out' });
    const logins = world.eventsOf('session').length;
    world.send('alice', phone, 'after');
    site.crash();
    site.start();
    world.pass(120_000);
    expect(world.eventsOf('session')).toHaveLength(logins);
    expect(world.logged('store.retired').length).toBeGreaterThan(0);
    site.input({ type: 'drain' });
    world.until('it is drained', () => site.isDrained);
  });
});
