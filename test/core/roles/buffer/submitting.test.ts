import { describe, expect, it } from 'vitest';
import { instant } from '../../../../src/core/base/time.ts';
import { type Packet, parameterOf } from '../../../../src/core/codec/packet.ts';
import { defaultSessionSettings } from '../../../../src/core/roles/smsc/settings.ts';
import { refusalOf } from '../../../../src/sim/smsc-line.ts';
import { World, type WorldOptions } from '../../../world/world.ts';

const phone = '+358401234567';
const other = '+358409876543';

/** An SMSC that does not mind packets which were answered on the way. */
const lenient: WorldOptions = {
  sites: [
    { smscId: 'hel1', smsc: { session: { ...defaultSessionSettings, greeting: undefined, numbers: 'lenient' } } },
  ],
};

function isSubmit(packet: Packet): boolean {
  return packet.operation === 3;
}

function stepOf(world: World, text: string) {
  const found = [...world.talk('alice', phone), ...world.talk('alice', other)].find((view) => view.text === text);
  return found?.step;
}

function submits(world: World): {
  readonly refuse: (errorCode: number, times: number) => void;
  readonly seen: Packet[];
} {
  const seen: Packet[] = [];
  let left = 0;
  let errorCode = 0;
  world.site().line.toSmsc = (packet) => {
    if (!isSubmit(packet)) return 'pass';
    seen.push(packet);
    if (left === 0) return 'pass';
    left -= 1;
    return refusalOf(packet, errorCode);
  };
  return {
    seen,
    refuse: (code, times) => {
      errorCode = code;
      left = times;
    },
  };
}

describe('submitting', () => {
  it('splits a long text, and the handset has it whole', () => {
    const world = World.running();
    const text = 'All happy families are alike; '.repeat(20);
    world.send('alice', phone, text);
    world.until('it is delivered', () => stepOf(world, text) === 'delivered');
    expect(world.received(phone)).toEqual([text]);
    expect(world.eventsOf('submitted').length).toBe(4);
  });

  it('has time to spare while messages wait for the SMSC: a quarter of the fastest turns with it, and 6 ms at most', () => {
    const world = World.running();
    const site = world.site();
    const spareMs = () => site.role?.spareMs(instant(world.now));
    expect(spareMs()).toBe(0);
    site.isSmscReachable = false;
    site.cutSmsc();
    for (let count = 0; count < 20; count += 1) world.send('alice', phone, `text ${count}`);
    world.pass(1_000);
    expect(spareMs()).toBeCloseTo(0.6);
    for (let count = 20; count < 200; count += 1) world.send('alice', phone, `text ${count}`);
    world.pass(1_000);
    expect(spareMs()).toBe(6);
  });

  it('submits again without asking for a report where the account gets none, once, and remembers it', () => {
    const account = {
      user: 'app',
      password: 'secret',
      number: '2882',
      type: 'receiving',
      reports: 'refused',
      maxSessions: 1,
      maxWindow: 1,
    } as const;
    const world = World.running({ sites: [{ smscId: 'hel1', smsc: { accounts: [account] } }] });
    const { seen } = submits(world);
    world.send('alice', phone, 'first');
    world.until('the handset has it', () => world.received(phone).length === 1);
    world.send('alice', phone, 'second');
    world.until('the handset has both', () => world.received(phone).length === 2);
    expect(seen.map((packet) => parameterOf(packet, 56))).toEqual(['62', undefined, undefined]);
    world.pass(60_000);
    expect([stepOf(world, 'first'), stepOf(world, 'second')]).toEqual(['accepted', 'accepted']);
    expect(world.talk('alice', phone).map(({ marks }) => marks)).toEqual([['no-report'], ['no-report']]);
  });

  it('asks for no reports where the operator says so', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { reports: 'none' } }] });
    const { seen } = submits(world);
    world.send('alice', phone, 'quiet');
    world.until('the handset has it', () => world.received(phone).length === 1);
    world.pass(60_000);
    expect(seen.map((packet) => parameterOf(packet, 56))).toEqual([undefined]);
    expect(stepOf(world, 'quiet')).toBe('accepted');
  });

  it('doubts a submit that "may have been processed" (error 5), and sends it again, marked', () => {
    const world = World.running();
    let isFirst = true;
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation !== 53 || !isFirst) return 'pass';
      isFirst = false;
      return {
        type: 'instead',
        parameters: [
          { code: 21, value: phone },
          { code: 900, value: '5' },
        ],
      };
    };
    world.send('alice', phone, 'Hello');
    world.until('it is delivered', () => stepOf(world, 'Hello') === 'delivered');
    expect(world.logged('ring.in-doubt')).toHaveLength(1);
    expect(world.received(phone)).toEqual(['Hello', 'Hello']);
    expect(world.talk('alice', phone)[0]?.marks).toContain('possible-duplicate');
  });

  it('tries again after a temporary refusal, later and later, while other conversations pass', () => {
    const world = World.running(lenient);
    const sentAt: number[] = [];
    world.site().line.toSmsc = (packet) => {
      if (!isSubmit(packet) || parameterOf(packet, 21) !== phone) return 'pass';
      sentAt.push(world.now);
      return sentAt.length <= 2 ? refusalOf(packet, 9) : 'pass';
    };
    world.send('alice', phone, 'patience');
    world.send('alice', phone, 'afterwards');
    for (let index = 0; index < 5; index += 1) world.send('alice', other, `passing ${index}`);
    world.until('the others passed', () => world.received(other).length === 5);
    expect(world.received(phone)).toEqual([]);
    world.until('both are there', () => world.received(phone).length === 2);
    expect(world.received(phone)).toEqual(['patience', 'afterwards']);
    const waits = sentAt.slice(1, 3).map((at, index) => at - (sentAt[index] ?? 0));
    expect(waits.map((ms) => Math.round(ms / 1_000))).toEqual([1, 2]);
  });

  it.each([
    [6, 10],
    [9, 3],
    [300, 1],
  ])('refuses for good what error %i meets %i times, and the sender sees why', (errorCode, times) => {
    const world = World.running(lenient);
    const { refuse, seen } = submits(world);
    refuse(errorCode, 1_000);
    world.send('alice', phone, 'hopeless');
    world.until('it is refused', () => stepOf(world, 'hopeless') === 'failed', 3_600_000);
    world.pass(3_600_000);
    expect(seen).toHaveLength(times);
    expect(world.talk('alice', phone)[0]?.reason?.code).toBe(`900:${errorCode}`);
  });

  it('slows the whole lane down when the SMSC is congested, and is not woken for nothing afterwards', () => {
    const world = World.running(lenient);
    const { refuse, seen } = submits(world);
    refuse(10, 1_000);
    for (let index = 0; index < 20; index += 1) world.send('alice', `+35840${index}${index}`, `text ${index}`);
    world.pass(30_000);
    // One try per pause: 1, 2, 4, 8, 16 s.
    expect(seen.length).toBeLessThan(8);
    refuse(10, 0);
    world.until('all are submitted', () => world.eventsOf('submitted').length === 20);
    world.pass(60_000);
    expect(world.eventsOf('received')).toHaveLength(20);
  });

  it('is quiet when what met congestion has nothing left to submit', () => {
    const world = World.running({ ...lenient, imServer: { exchange: { validityMs: 60_000 } } });
    const { refuse } = submits(world);
    refuse(10, 1_000);
    world.send('alice', phone, 'short-lived');
    // A deadline that stays in the past would stop the world here.
    world.until('it is over', () => ['failed', 'unknown'].includes(stepOf(world, 'short-lived') ?? ''), 3_600_000);
    world.pass(3_600_000);
  });

  it('keeps the order of a conversation, and has one outstanding in it whatever the window', () => {
    const account = {
      user: 'app',
      password: 'secret',
      number: '2882',
      type: 'receiving',
      reports: 'allowed',
      maxSessions: 1,
      maxWindow: 20,
    } as const;
    const world = World.running({
      sites: [{ smscId: 'hel1', smsc: { accounts: [account], turnMs: 50 }, buffer: { window: 20 } }],
    });
    const outstanding = new Map<string, number>();
    let most = 0;
    const count = (packet: Packet, by: 1 | -1): void => {
      const to = parameterOf(packet, 21) ?? '';
      outstanding.set(to, (outstanding.get(to) ?? 0) + by);
      expect(outstanding.get(to)).toBeLessThanOrEqual(1);
      most = Math.max(
        most,
        [...outstanding.values()].reduce((sum, one) => sum + one, 0),
      );
    };
    world.site().line.toSmsc = (packet) => {
      if (isSubmit(packet)) count(packet, 1);
      return 'pass';
    };
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation === 53) count(packet, -1);
      return 'pass';
    };
    const wanted = Array.from({ length: 10 }, (_, index) => `text ${index}`);
    for (const text of wanted) for (let to = 0; to < 5; to += 1) world.send('alice', `+35840111${to}`, text);
    world.until('all are there', () => world.eventsOf('received').length === 50);
    for (let to = 0; to < 5; to += 1) expect(world.received(`+35840111${to}`)).toEqual(wanted);
    expect(most).toBe(5);
  });

  describe('when an answer is lost', () => {
    const loseAnswers = (world: World, count: number) => {
      let left = count;
      world.site().line.fromSmsc = (packet) => {
        if (packet.operation !== 53 || left === 0) return 'pass';
        left -= 1;
        return 'lose';
      };
    };

    it('asks by the same packet, counted and marked, and gets the answer the SMSC remembers', () => {
      const world = World.running();
      loseAnswers(world, 1);
      world.send('alice', phone, 'Hello');
      world.until('it is delivered', () => stepOf(world, 'Hello') === 'delivered');
      expect(world.received(phone)).toEqual(['Hello']);
      const slot = world.site().role?.rings()[0]?.slots[0];
      expect(slot).toMatchObject({ attempts: 2, possibleDuplicate: true });
    });

    it('asks only once the repetition is counted on disk, as not every SMSC recognises it', () => {
      const world = World.running({ commitMs: 2_000 });
      loseAnswers(world, 2);
      const counted: unknown[] = [];
      world.site().line.toSmsc = (packet) => {
        const value = world.site().store.get(['ring', 'hel1', 'mt', 'slot', 1]);
        // Attempts and mark, as the record has them.
        if (isSubmit(packet)) counted.push(Array.isArray(value) ? value.slice(3, 5) : undefined);
        return 'pass';
      };
      world.send('alice', phone, 'Hello');
      world.until('it is delivered', () => stepOf(world, 'Hello') === 'delivered', 300_000);
      expect(counted.slice(1)).toEqual([
        [2, true],
        [3, true],
      ]);
    });

    it('ends in doubt under `hold`, holds up nobody, and waits for a decision from the buffer: sent', () => {
      const world = World.running({ sites: [{ smscId: 'hel1', buffer: { inDoubt: 'hold' } }] });
      loseAnswers(world, 1);
      world.send('alice', phone, 'doubtful');
      world.send('alice', phone, 'later');
      world.until('the later one passed', () => stepOf(world, 'later') === 'delivered', 300_000);
      world.pass(600_000);
      expect(world.received(phone)).toEqual(['doubtful', 'later']);
      // The IM server knows all stamps, and this report fits none: a hint, no more.
      expect(stepOf(world, 'doubtful')).toBe('unknown');
      expect(world.site().role?.rings()[0]?.slots[0]).toMatchObject({ status: 'in-doubt', attempts: 1 });
      world.site().input({ type: 'resolve', ref: 1, slot: 1, as: 'sent' });
      world.until('it ends at the SMSC', () => stepOf(world, 'doubtful') === 'accepted');
      expect(world.site().controlAnswers.get(1)).toEqual({ type: 'done' });
      world.pass(60_000);
      expect(world.received(phone)).toEqual(['doubtful', 'later']);
    });

    it('ends in doubt under `hold`, and goes again when the IM server is told: not sent', () => {
      const world = World.running({ sites: [{ smscId: 'hel1', buffer: { inDoubt: 'hold' } }] });
      loseAnswers(world, 1);
      world.send('alice', phone, 'doubtful');
      world.until('it is in doubt', () => stepOf(world, 'doubtful') === 'unknown', 300_000);
      world.im.input({ type: 'resolve', ref: 7, smscId: 'hel1', slot: 1, as: 'not-sent' });
      world.until('it is delivered', () => stepOf(world, 'doubtful') === 'delivered');
      expect(world.im.controlAnswers.get(7)).toEqual({ type: 'done' });
      expect(world.received(phone)).toEqual(['doubtful', 'doubtful']);
      expect(world.talk('alice', phone)[0]?.marks).toContain('possible-duplicate');
    });

    it.each(['buffer', 'im-server'] as const)('decides nothing at the %s about a slot that is not in doubt', (end) => {
      const world = World.running();
      world.send('alice', phone, 'clear');
      world.until('it is delivered', () => stepOf(world, 'clear') === 'delivered');
      for (const slot of [0, 1, 2, 255, 256, 1.5, Number.NaN]) {
        if (end === 'buffer') world.site().input({ type: 'resolve', ref: slot, slot, as: 'sent' });
        else world.im.input({ type: 'resolve', ref: slot, smscId: 'hel1', slot, as: 'sent' });
        const answers = end === 'buffer' ? world.site().controlAnswers : world.im.controlAnswers;
        expect(answers.get(slot)?.type).toBe('refused');
      }
    });

    it('ends by its validity under `hold` when nobody decides: unknown to its sender', () => {
      const world = World.running({
        sites: [{ smscId: 'hel1', buffer: { inDoubt: 'hold' } }],
        imServer: { exchange: { validityMs: 600_000 } },
      });
      loseAnswers(world, 1);
      world.send('alice', phone, 'doubtful');
      world.pass(700_000);
      const [slot] = world.site().role?.rings()[0]?.slots ?? [];
      expect(slot).toMatchObject({ status: 'settled', outcome: { status: 'expired' } });
      expect(stepOf(world, 'doubtful')).toBe('unknown');
    });
  });
});
