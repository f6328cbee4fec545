import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Epoch, nothingSeen, type RingDigest } from '../../../src/core/ring/digest.ts';
import type { SlotState } from '../../../src/core/ring/slot.ts';
import { isUnfinished, statuses } from '../../../src/core/ring/status.ts';
import {
  compareLane,
  compareSlot,
  countVerdicts,
  type LanePlan,
  type SlotVerdict,
  slotVerdicts,
  stepOf,
} from '../../../src/core/sync/compare.ts';
import { stateOfNumber } from '../ring/copies.ts';

const epoch = (digit: string) => digit.repeat(32) as Epoch; // 32 hex digits, as the type says.
const one = epoch('1');
const two = epoch('2');

function digest(of: Epoch | undefined, ...slots: readonly SlotState[]): RingDigest {
  const lastSeq = Math.max(0, ...slots.map((state) => state.seq));
  return { epoch: of, size: 7, lastSeq, slots, producerSeen: nothingSeen };
}

function verdicts(plan: LanePlan): SlotVerdict[] {
  return plan.verdict === 'compared' ? plan.slots.map(({ verdict }) => verdict) : [];
}

describe('the epochs of two ends, DESIGN section 4', () => {
  it('calls it producer-lost where only the consumer has an epoch', () => {
    expect(compareLane(digest(undefined), digest(one)).verdict).toBe('producer-lost');
    expect(compareLane(digest(undefined), digest(one, stateOfNumber(1, 'mirrored'))).verdict).toBe('producer-lost');
  });

  it('calls it first-contact where neither has an epoch', () => {
    expect(compareLane(digest(undefined), digest(undefined)).verdict).toBe('first-contact');
  });

  it('calls it first-contact where the consumer has no epoch', () => {
    expect(compareLane(digest(one, stateOfNumber(1, 'mirrored')), digest(undefined)).verdict).toBe('first-contact');
  });

  it('calls it first-contact where epochs differ and the consumer has nothing without outcome', () => {
    for (const status of ['settled', 'confirmed', 'refused', 'expired'] as const) {
      expect(compareLane(digest(one), digest(two, stateOfNumber(1, status))).verdict).toBe('first-contact');
    }
    expect(compareLane(digest(one), digest(two)).verdict).toBe('first-contact');
  });

  it.each(statuses.filter(isUnfinished))(
    'calls it a conflict where epochs differ and the consumer has one %s',
    (status) => {
      if (status === 'free') return;
      const theirs = digest(two, stateOfNumber(1, 'settled'), stateOfNumber(2, status));
      expect(compareLane(digest(one), theirs).verdict).toBe('epoch-conflict');
    },
  );
});

describe('the verdicts on one slot, DESIGN section 4, the first row that fits', () => {
  const mine = stateOfNumber;
  const theirs = stateOfNumber;
  const other = { messageId: 'another message' };
  const otherBytes = { contentHash: '00000000000000BB' };

  const rows: readonly [string, SlotVerdict, SlotState, SlotState | undefined][] = [
    ['the same message with other content', 'conflict', mine(1, 'mirrored'), theirs(1, 'mirrored', otherBytes)],
    ['other content, settled at the producer', 'conflict', mine(1, 'settled'), theirs(1, 'mirrored', otherBytes)],
    ['two messages under one number', 'renumber', mine(1, 'placed'), theirs(1, 'mirrored', other)],
    [
      'two messages, contents differ too',
      'renumber',
      mine(1, 'placed'),
      theirs(1, 'placed', { ...other, ...otherBytes }),
    ],
    ['two messages, the consumer further', 'renumber', mine(1, 'placed'), theirs(1, 'confirmed', other)],
    ['two messages, the producer settled', 'renumber', mine(1, 'settled'), theirs(1, 'mirrored', other)],
    ['the same status and attempts', 'equal', mine(1, 'in-flight'), theirs(1, 'in-flight')],
    ['both settled', 'equal', mine(1, 'settled'), theirs(1, 'settled')],
    [
      'both settled, attempts differ',
      'equal',
      mine(1, 'settled', { attempts: 2 }),
      theirs(1, 'settled', { attempts: 1 }),
    ],
    ['mirrored at the consumer only', 'lost-status', mine(1, 'placed'), theirs(1, 'mirrored')],
    [
      'an attempt more at the consumer',
      'lost-status',
      mine(1, 'mirrored', { attempts: 1 }),
      theirs(1, 'in-flight', { attempts: 2 }),
    ],
    ['in doubt at the consumer', 'lost-status', mine(1, 'in-flight'), theirs(1, 'in-doubt')],
    [
      'an outcome at the consumer',
      'lost-status',
      mine(1, 'in-flight', { attempts: 9 }),
      theirs(1, 'confirmed', { attempts: 1 }),
    ],
    ['settled at the consumer, the producer went back', 'lost-status', mine(1, 'mirrored'), theirs(1, 'settled')],
    ['settled at the producer, an outcome here', 'lost-settle', mine(1, 'settled'), theirs(1, 'confirmed')],
    ['settled at the producer, unfinished here', 'lost-settle', mine(1, 'settled'), theirs(1, 'mirrored')],
    [
      'an attempt more at the producer',
      'consumer-went-back',
      mine(1, 'in-flight', { attempts: 2 }),
      theirs(1, 'mirrored', { attempts: 1 }),
    ],
    ['a later status at the producer', 'consumer-went-back', mine(1, 'in-doubt'), theirs(1, 'in-flight')],
    ['a newer number at the consumer', 'producer-went-back', mine(1, 'mirrored'), theirs(8, 'mirrored')],
    ['a newer number, settled at the producer', 'producer-went-back', mine(1, 'settled'), theirs(8, 'settled')],
    [
      'bytes that the producer never got',
      'producer-went-back',
      mine(1, 'mirrored', { contentHash: '' }),
      theirs(1, 'mirrored'),
    ],
    ['nothing at the consumer', 'lost-forward', mine(8, 'placed'), undefined],
    ['nothing at the consumer of one in doubt', 'lost-forward', mine(8, 'in-doubt'), undefined],
    ['an older number at the consumer', 'lost-forward', mine(8, 'mirrored'), theirs(1, 'settled')],
    ['an older and unfinished number at the consumer', 'lost-forward', mine(8, 'placed'), theirs(1, 'in-flight')],
    ['nothing at the consumer of one that is settled', 'equal', mine(8, 'settled'), undefined],
    ['an older number, the newer settled', 'equal', mine(8, 'settled'), theirs(1, 'confirmed')],
  ];

  it.each(rows)('%s: %s', (_, verdict, producer, consumer) => {
    expect(compareSlot(producer, consumer)).toBe(verdict);
    const plan = compareLane(digest(one, producer), consumer === undefined ? digest(one) : digest(one, consumer));
    expect(plan).toEqual({ verdict: 'compared', slots: [{ slot: 1, verdict, producer, consumer }] });
  });

  it('calls it producer-went-back where only the consumer ever used the slot', () => {
    expect(verdicts(compareLane(digest(one), digest(one, stateOfNumber(3, 'settled'))))).toEqual([
      'producer-went-back',
    ]);
  });

  it('has a row here for every verdict', () => {
    expect([...new Set(rows.map(([, verdict]) => verdict))].sort()).toEqual([...slotVerdicts].sort());
    expect(Object.keys(stepOf)).toEqual(expect.arrayContaining([...slotVerdicts]));
  });
});

describe('the plan of a lane', () => {
  it('goes in the order of the numbers of the producer, so that what is placed again keeps its order', () => {
    const numbers = [8, 9, 3, 4, 5];
    const plan = compareLane(digest(one, ...numbers.map((number) => stateOfNumber(number, 'placed'))), digest(one));
    expect(plan.verdict === 'compared' && plan.slots.map((step) => step.producer?.seq)).toEqual([3, 4, 5, 8, 9]);
  });

  it('counts how many slots have each verdict', () => {
    const producer = digest(one, stateOfNumber(1, 'placed'), stateOfNumber(2, 'placed'), stateOfNumber(3, 'settled'));
    const plan = compareLane(producer, digest(one));
    const counts = plan.verdict === 'compared' ? countVerdicts(plan.slots) : new Map();
    expect([...counts]).toEqual([
      ['lost-forward', 2],
      ['equal', 1],
    ]);
  });

  const anyState = fc
    .record({
      number: fc.integer({ min: 1, max: 30 }),
      status: fc.constantFrom(...statuses.filter((status) => status !== 'free')),
      attempts: fc.nat({ max: 3 }),
      messageId: fc.constantFrom('a', 'b'),
      contentHash: fc.constantFrom('00000000000000AA', '00000000000000BB'),
    })
    .map(({ number, status, ...given }) => stateOfNumber(number, status, given));
  const anyDigest = fc
    .uniqueArray(anyState, { maxLength: 7, selector: (state) => (state.seq - 1) % 7 })
    .map((states) => digest(one, ...states));

  it('finds nothing to do between equal digests', () => {
    fc.assert(
      fc.property(anyDigest, (mine) => {
        expect(verdicts(compareLane(mine, mine)).filter((verdict) => verdict !== 'equal')).toEqual([]);
      }),
    );
  });

  it('has one step for every slot that either end ever used', () => {
    fc.assert(
      fc.property(anyDigest, anyDigest, (mine, theirs) => {
        const used = new Set([...mine.slots, ...theirs.slots].map((state) => ((state.seq - 1) % 7) + 1));
        const plan = compareLane(mine, theirs);
        const slots = plan.verdict === 'compared' ? plan.slots.map((step) => step.slot as number) : [];
        expect([...slots].sort()).toEqual([...used].sort());
      }),
    );
  });

  it('asks exactly one end to act where one is behind', () => {
    fc.assert(
      fc.property(anyState, anyState, (a, b) => {
        if (a.seq !== b.seq || a.messageId !== b.messageId || a.contentHash !== b.contentHash) return;
        const forth = compareSlot(a, b);
        const back = compareSlot(b, a);
        const isEqual = forth === 'equal';
        expect(back === 'equal').toBe(isEqual);
        if (!isEqual) expect([forth, back].filter((verdict) => verdict === 'lost-status')).toHaveLength(1);
      }),
      { numRuns: 3_000 },
    );
  });
});
