/** Submits of an account that is sent no status reports: asked about by 04, in the world of `test/world`. */
import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../../../src/core/base/time.ts';
import { type Packet, parameterOf } from '../../../../src/core/codec/packet.ts';
import type { BufferSettings } from '../../../../src/core/roles/buffer/buffer-io.ts';
import type { Account, HandsetState, SmscSettings } from '../../../../src/core/roles/smsc/settings.ts';
import { MemoryStore } from '../../../../src/sim/memory-store.ts';
import type { Handling } from '../../../../src/sim/smsc-line.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

const querying: Account = {
  user: 'app',
  password: 'secret',
  number: '2882',
  type: 'querying',
  reports: 'allowed',
  maxSessions: 1,
  maxWindow: 8,
};

interface Asked {
  readonly at: number;
  readonly packet: Packet;
}

interface Bridge {
  readonly world: World;
  /** Enquiries, with the time since the world began to be watched. */
  readonly asked: Asked[];
  /** All requests of the buffer. */
  readonly requests: Packet[];
  /** What the SMSC's next answers to enquiries become. */
  readonly answers: { with: ((packet: Packet) => Handling) | undefined };
}

function bridge(
  settings: Partial<BufferSettings> = {},
  account: Account = querying,
  smsc: Partial<SmscSettings> = {},
): Bridge {
  const world = World.running({
    imServer: { exchange: { validityMs: hourMs } },
    sites: [
      {
        smscId: 'hel1',
        smsc: { accounts: [account], ...smsc },
        buffer: { applicationType: 'querying', pollMs: 0, ...settings },
      },
    ],
  });
  const begun = world.now;
  const [asked, requests]: [Asked[], Packet[]] = [[], []];
  const answers: Bridge['answers'] = { with: undefined };
  world.site().line.toSmsc = (packet) => {
    requests.push(packet);
    if (packet.operation === 4) asked.push({ at: world.now - begun, packet });
    return 'pass';
  };
  world.site().line.fromSmsc = (packet) => (packet.operation === 54 ? (answers.with?.(packet) ?? 'pass') : 'pass');
  return { world, asked, requests, answers };
}

function setHandset(world: World, state: HandsetState, number = phone): void {
  world.site().smscInput({ type: 'set-handset', number, state });
}

function stepOf(world: World, number = phone): string | undefined {
  return world.talk('alice', number).at(-1)?.step;
}

/** Sent to a handset that is off, accepted, and asked about once. */
function waiting(made: Bridge): void {
  const { world, asked } = made;
  setHandset(world, { type: 'off' });
  world.send('alice', phone, 'Hello');
  world.until('it was asked about', () => asked.length > 0);
  world.pass(500);
  expect(stepOf(world)).toBe('accepted');
}

/** Another status in an answer. */
function withStatus(status: number): (packet: Packet) => Handling {
  return ({ parameters }) => ({
    type: 'instead',
    parameters: parameters.map((one) => (one.code === 61 ? { code: 61, value: String(status) } : one)),
  });
}

function refused(code: number): (packet: Packet) => Handling {
  return () => ({ type: 'instead', parameters: [{ code: 900, value: String(code) }] });
}

function kept(world: World): number {
  return [...world.site().store.entries(['enquiry'])].length;
}

/** Ids of all messages that ever had a slot of the mo ring. */
function placed(world: World): readonly unknown[] {
  const slots = [...world.site().store.entries(['ring', 'hel1', 'mo', 'slot'])];
  return slots.map(([, value]) => (Array.isArray(value) ? value[6] : undefined));
}

describe('enquiring', () => {
  it('asks with the key of the submit’s answer, later and later, until the status is final (2.5, 8.4)', () => {
    const made = bridge();
    const { world, asked } = made;
    waiting(made);
    world.pass(40 * minuteMs);
    const [{ stamp } = { stamp: '' }] = world.eventsOf('submitted');
    expect(stamp).toMatch(/^[0-9]{12}$/);
    for (const { packet } of asked) {
      expect(packet.parameters).toEqual([
        { code: 21, value: phone },
        { code: 60, value: stamp },
      ]);
    }
    const gaps = asked.slice(1).map(({ at }, index) => Math.round((at - (asked[index]?.at ?? 0)) / 1_000));
    expect(gaps.slice(0, 9)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512]);
    expect(gaps.slice(9).every((seconds) => seconds === 600)).toBe(true);
    setHandset(world, { type: 'on' });
    world.until('it is on the handset', () => stepOf(world) === 'delivered', hourMs);
    const count = asked.length;
    world.pass(15 * minuteMs);
    expect(asked).toHaveLength(count);
    expect(kept(world)).toBe(0);
    expect(world.site().role?.status().enquiries).toBe(0);
  });

  it.each([
    ['expired (2)', 2, 'failed'],
    ['failed (3)', 3, 'failed'],
    ['delivered (4)', 4, 'delivered'],
    ['last no response (6)', 6, 'failed'],
    ['cancelled (7)', 7, 'failed'],
  ])('takes the final status %s for the fate, and asks no more (8.2)', (_, status, step) => {
    const made = bridge();
    waiting(made);
    made.answers.with = withStatus(status);
    made.world.until('the fate is known', () => stepOf(made.world) === step);
    const count = made.asked.length;
    made.world.pass(minuteMs);
    expect(made.asked).toHaveLength(count);
    expect(kept(made.world)).toBe(0);
  });

  it.each([1, 5])('asks on after status %i, which is not final (8.2)', (status) => {
    const made = bridge();
    waiting(made);
    made.answers.with = withStatus(status);
    made.world.pass(minuteMs);
    expect(made.asked.length).toBeGreaterThan(4);
    expect(stepOf(made.world)).toBe('accepted');
    expect(placed(made.world)).toEqual([]);
  });

  it('stops at the eighth status 0 in a row: the message is not tracked (2.5)', () => {
    const made = bridge();
    const { world } = made;
    waiting(made);
    const before = made.asked.length;
    let answered = 0;
    made.answers.with = (packet) => {
      answered += 1;
      return answered === 3 ? 'pass' : withStatus(0)(packet);
    };
    world.pass(1.5 * hourMs);
    // Two, one that knows it, eight.
    expect(made.asked.length - before).toBe(11);
    expect(world.logged('enquiry.unknown')).toHaveLength(1);
    expect([kept(world), stepOf(world)]).toEqual([0, 'accepted']);
  });

  it.each([1, 7, 400, 401])('stops at error %i, which asking again does not mend (9)', (code) => {
    const made = bridge();
    const { world } = made;
    waiting(made);
    made.answers.with = refused(code);
    world.pass(minuteMs);
    expect(world.logged('enquiry.refused').map(({ event }) => event.fields['code'])).toEqual([code]);
    expect([kept(world), stepOf(world)]).toEqual([0, 'accepted']);
  });

  it('leaves a congested SMSC in peace for a while, and asks again (9)', () => {
    const made = bridge();
    const { world, asked } = made;
    setHandset(world, { type: 'off' });
    for (let index = 0; index < 5; index += 1) world.send('alice', `+35840123450${index}`, 'Hello');
    made.answers.with = refused(10);
    world.until('it was refused', () => world.logged('enquiry.refused-for-now').length === 1);
    const count = asked.length;
    world.pass(9_000);
    expect(asked).toHaveLength(count);
    made.answers.with = undefined;
    world.until('all are on their handsets', () =>
      Array.from({ length: 5 }, (_, index) => stepOf(world, `+35840123450${index}`)).every(
        (step) => step === 'delivered',
      ),
    );
  });

  it('takes no answer about another message, and does not give up for it', () => {
    const made = bridge();
    const { world } = made;
    waiting(made);
    setHandset(world, { type: 'on' });
    world.until('the handset has it', () => world.received(phone).length === 1, hourMs);
    let wrong = 0;
    made.answers.with = ({ parameters }) => {
      wrong += 1;
      if (wrong > 2) return 'pass';
      const changed = wrong === 1 ? { code: 21, value: '+358409999999' } : { code: 60, value: '260101000000' };
      return { type: 'instead', parameters: parameters.map((one) => (one.code === changed.code ? changed : one)) };
    };
    world.until('it is on the handset', () => stepOf(world) === 'delivered', hourMs);
    expect(world.logged('enquiry.unusable-answer')).toHaveLength(2);
  });

  it('asks with the destination as the SMSC spells it (8.4), and its report is matched all the same', () => {
    const { world, asked, answers } = bridge();
    const meddled = world.site().line.fromSmsc;
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation !== 53) return meddled(packet);
      const { parameters } = packet;
      const spelled = parameters.map((one) => (one.code === 21 ? { code: 21, value: phone.slice(1) } : one));
      return { type: 'instead', parameters: spelled };
    };
    answers.with = withStatus(4);
    world.send('alice', phone, 'Hello');
    world.until('it is on the handset', () => stepOf(world) === 'delivered');
    expect(asked.map(({ packet }) => parameterOf(packet, 21))).toEqual([phone.slice(1)]);
  });

  it('gives up some hours after the validity, and says so', () => {
    const made = bridge();
    const { world } = made;
    waiting(made);
    made.answers.with = withStatus(1);
    // Most of the time it is down, which costs the test little.
    world.site().crash();
    world.pass(6.9 * hourMs);
    world.site().start();
    world.pass(minuteMs);
    expect(kept(world)).toBe(1);
    world.pass(0.3 * hourMs);
    expect(world.logged('enquiry.given-up')).toHaveLength(1);
    expect(kept(world)).toBe(0);
  });

  it('goes on after a restart, also one long after the validity, until the one last answer', () => {
    const made = bridge();
    const { world } = made;
    waiting(made);
    setHandset(world, { type: 'on' });
    world.site().crash();
    world.pass(24 * hourMs);
    world.site().start();
    world.until('the answer is told', () => kept(world) === 0);
    expect(world.logged('enquiry.given-up')).toEqual([]);
    expect(placed(world)).toHaveLength(1);
  });

  it('tells a fate once, whenever it dies', () => {
    const made = bridge({}, { ...querying, maxSessions: 2 });
    const { world } = made;
    for (let life = 0; life < 12; life += 1) {
      const number = `+3584000000${String(life).padStart(2, '0')}`;
      world.send('alice', number, 'Hello');
      world.until('it is being asked about', () => made.asked.some(({ packet }) => parameterOf(packet, 21) === number));
      world.pass(life);
      world.site().crash(life % 2 === 0 ? 'written' : 'lost');
      world.site().start();
      world.until('its fate is known', () => stepOf(world, number) === 'delivered');
    }
    world.pass(15 * minuteMs);
    expect(new Set(placed(world)).size).toBe(12);
    expect(placed(world)).toHaveLength(12);
    expect(world.logged('im.report-unmatched')).toEqual([]);
  });

  it('asks about a submit whose answer only the notes of a killed process knew', () => {
    const made = bridge();
    const { world } = made;
    world.send('alice', phone, 'warm up, so that claims are ahead');
    world.until('it is on the handset', () => stepOf(world) === 'delivered');
    const ended = () => [...world.site().notes.values()].filter(({ status }) => status === 'confirmed').length;
    const before = ended();
    world.send('alice', phone, 'Hello');
    world.until('its answer is noted', () => ended() > before);
    expect(kept(world)).toBe(0);
    world.site().crash('lost');
    world.site().start();
    world.until('its fate is known', () => stepOf(world) === 'delivered');
    expect(world.received(phone)).toHaveLength(2);
  });

  it('does not repeat an enquiry in the session that it was lost with, and asks in the next', () => {
    const made = bridge();
    const { world, asked } = made;
    made.answers.with = () => 'lose';
    world.send('alice', phone, 'Hello');
    world.until('it was asked about', () => asked.length === 1);
    made.answers.with = undefined;
    world.site().cutSmsc();
    world.until('it is on the handset', () => stepOf(world) === 'delivered');
    expect(asked).toHaveLength(2);
  });

  it('leaves an SMSC that does not answer it ever more in peace, or sessions would end all the time', () => {
    const made = bridge({ answerTimeoutMs: 1_000 });
    const { world } = made;
    made.answers.with = () => 'lose';
    const numbers = Array.from({ length: 30 }, (_, index) => `+3584076543${10 + index}`);
    for (const number of numbers) world.send('alice', number, 'Hello');
    world.pass(20 * minuteMs);
    const ended = () => world.eventsOf('session').filter(({ state }) => state === 'closed').length;
    // Pauses of 10, 20, 40 … 640 s.
    expect(ended()).toBeGreaterThan(5);
    expect(ended()).toBeLessThan(11);
    made.answers.with = undefined;
    world.until('all fates are known', () => numbers.every((number) => stepOf(world, number) === 'delivered'), hourMs);
  });

  it('waits while the ring has no room, and tells the fate when there is some', () => {
    const made = bridge({ ringSize: 2 });
    const { world, asked } = made;
    setHandset(world, { type: 'off' });
    const numbers = Array.from({ length: 6 }, (_, index) => `+35840765432${index}`);
    for (const number of numbers) world.send('alice', number, 'Hello');
    world.until('all are accepted', () => numbers.every((number) => stepOf(world, number) === 'accepted'));
    world.site().isLinkOpen = false;
    world.site().cutLink();
    world.pass(30_000);
    expect(placed(world)).toHaveLength(2);
    expect(kept(world)).toBe(4);
    const count = asked.length;
    world.pass(15 * minuteMs);
    // A ring that stays full costs the SMSC nothing.
    expect(asked).toHaveLength(count);
    world.site().isLinkOpen = true;
    world.until('all fates are known', () => numbers.every((number) => stepOf(world, number) === 'delivered'));
    expect(kept(world)).toBe(0);
  });

  it('asks again where the room went while it asked', () => {
    const made = bridge({ ringSize: 1 }, { ...querying, type: 'receiving' });
    const { world, asked } = made;
    waiting(made);
    world.im.crash();
    const { toSmsc } = world.site().line;
    const before = asked.length;
    world.site().line.toSmsc = (packet) => {
      // A message of a handset is on its way before the answer, and takes the only slot.
      if (packet.operation === 4 && asked.length === before) world.inject(phone, '28820001', 'meanwhile');
      return toSmsc(packet);
    };
    made.answers.with = withStatus(4);
    world.pass(30_000);
    expect(asked).toHaveLength(before + 1);
    expect([placed(world).length, kept(world)]).toEqual([1, 1]);
    world.im.start();
    world.until('it is on the handset', () => world.talk('alice', phone).some(({ step }) => step === 'delivered'));
    expect(asked).toHaveLength(before + 2);
  });

  it('lets submits go first, ten of them, then an enquiry that is due', () => {
    const { world, requests } = bridge({}, querying, { turnMs: 20 });
    const submits = () => requests.filter(({ operation }) => operation === 3).length;
    for (let index = 0; index < 250; index += 1) world.send('alice', `+35840765${1_000 + index}`, 'Hello');
    world.until('they are out', () => submits() === 250);
    const order = requests.map(({ operation }) => operation).filter((operation) => operation === 3 || operation === 4);
    const busy = order.slice(0, order.lastIndexOf(3));
    const runs = busy
      .join('')
      .split('4')
      .map((run) => run.length);
    // Before the first is due, and behind the last: as many as there are.
    expect(runs.length).toBeGreaterThan(10);
    expect(new Set(runs.slice(1, -1))).toEqual(new Set([10]));
  });

  it('asks at most twenty times a second', () => {
    const made = bridge({ window: 8 });
    const { world, asked } = made;
    for (let index = 0; index < 100; index += 1) world.send('alice', `+35840765${1_000 + index}`, 'Hello');
    world.until('all are known', () => kept(world) === 0 && asked.length >= 100);
    const gaps = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(49);
  });

  it('finishes a running enquiry when it drains, and asks nothing more', () => {
    const made = bridge();
    const { world, asked } = made;
    let drained = false;
    made.answers.with = (packet) => {
      if (!drained) world.site().input({ type: 'drain' });
      drained = true;
      return withStatus(4)(packet);
    };
    world.send('alice', phone, 'one');
    world.send('alice', '+358401112223', 'two');
    world.until('it is drained', () => world.site().isDrained, 10_000);
    expect(asked).toHaveLength(1);
    expect([placed(world).length, kept(world)]).toEqual([1, 1]);
    world.site().carried?.end();
    made.answers.with = undefined;
    world.site().start();
    world.until(
      'both are known',
      () => stepOf(world) === 'delivered' && stepOf(world, '+358401112223') === 'delivered',
    );
  });

  it('asks nothing once its store is retired', () => {
    const made = bridge();
    const { world, asked } = made;
    waiting(made);
    const site = world.site();
    const older = site.store;
    site.crash();
    site.store = new MemoryStore();
    site.start();
    world.until('the new one is in step', () => site.role?.link().state === 'up');
    site.crash();
    site.store = older;
    // One enquiry is out when it learns of it, and answered only after that.
    site.linkSlowness = 10;
    const before = asked.length;
    made.answers.with = (packet) => (world.logged('store.retired').length === 0 ? 'lose' : withStatus(4)(packet));
    site.start();
    world.until('it knows', () => world.logged('store.retired').length > 0, 60_000);
    expect(asked).toHaveLength(before + 1);
    world.until('it has logged out', () => site.role?.status().session === 'ended', 200_000);
    world.pass(15 * minuteMs);
    // The same packet once more, since its answer was lost.
    expect(asked).toHaveLength(before + 2);
    expect([placed(world), kept(world)]).toEqual([[], 1]);
  });

  it('asks nothing more about what a report came of all the same', () => {
    const made = bridge({}, { ...querying, type: 'receiving' });
    const { world, asked } = made;
    waiting(made);
    setHandset(world, { type: 'on' });
    world.until('a report came', () => stepOf(world) === 'delivered', hourMs);
    const count = asked.length;
    world.pass(15 * minuteMs);
    expect(asked).toHaveLength(count);
    expect(kept(world)).toBe(0);
    expect(world.logged('im.report-unmatched')).toEqual([]);
  });

  it('forgets the oldest beyond its limit, and says so', () => {
    const made = bridge();
    const { world } = made;
    setHandset(world, { type: 'off' });
    const store = world.site().store;
    world.site().crash();
    const far = world.now + 100 * hourMs;
    store.write(
      Array.from({ length: 4_096 }, (_, index) => ({
        key: ['enquiry', index + 1],
        value: [1, phone, String(260_101_000_000 + index), far],
      })),
    );
    world.site().start();
    expect(world.site().role?.status().enquiries).toBe(4_096);
    world.send('alice', phone, 'one more');
    world.until('it is accepted', () => stepOf(world) === 'accepted', hourMs);
    expect(world.logged('enquiry.dropped')).toHaveLength(1);
    expect(store.get(['enquiry', 1])).toBeUndefined();
    expect(store.get(['enquiry', 4_097])).toBeDefined();
  });
});
