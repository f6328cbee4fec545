import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/base/invariant.ts';
import { instant } from '../../../src/core/base/time.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import { compareProgress, type SlotState } from '../../../src/core/ring/slot.ts';
import {
  isOutcome,
  isUnfinished,
  mayMove,
  type SlotStatus,
  statuses,
  statusTable,
} from '../../../src/core/ring/status.ts';
import { copyOfNumber, stateOfNumber } from './copies.ts';

const now = instant(1_000);
const held = statuses.filter((status) => status !== 'free');
const pairs = held.flatMap((from) => held.map((to) => [from, to] as const));

/** DESIGN section 2, as it stands there; the table in the code must say the same. */
const movesOfDesign: Readonly<Record<SlotStatus, readonly SlotStatus[]>> = {
  free: ['placed'],
  placed: ['mirrored', 'in-doubt'],
  mirrored: ['in-flight', 'expired'],
  'in-flight': ['confirmed', 'refused', 'mirrored', 'in-doubt'],
  'in-doubt': ['mirrored', 'confirmed', 'expired'],
  confirmed: ['settled'],
  refused: ['settled'],
  expired: ['settled'],
  settled: ['placed'],
};

describe('the table of statuses, DESIGN section 2', () => {
  it.each(statuses)('moves %s only where the design does', (from) => {
    expect([...statusTable[from].movesTo].sort()).toEqual([...movesOfDesign[from]].sort());
  });

  it('has a letter of its own for every status', () => {
    expect(statuses.map((status) => statusTable[status].letter).join('')).toBe('·pmf?crxs');
  });

  it('calls a message unfinished until it has an outcome', () => {
    expect(statuses.filter(isUnfinished)).toEqual(['placed', 'mirrored', 'in-flight', 'in-doubt']);
    expect(statuses.filter(isOutcome)).toEqual(['confirmed', 'refused', 'expired']);
  });

  it.each(pairs.filter(([from, to]) => mayMove(from, to)))('lets a ring move %s to %s', (from, to) => {
    const ring = new Ring(3, [copyOfNumber(4, from)]);
    expect(ring.move(seq(4), to, now)).toMatchObject({ seq: 4, status: to, movedAt: now });
    expect(ring.find(seq(4))?.status).toBe(to);
  });

  it.each(pairs.filter(([from, to]) => !mayMove(from, to)))('refuses to move %s to %s', (from, to) => {
    const ring = new Ring(3, [copyOfNumber(4, from)]);
    expect(() => ring.move(seq(4), to, now)).toThrow(`no move from ${from} to ${to}`);
    expect(ring.find(seq(4))?.status).toBe(from);
  });

  it('tells with a refused move what happened in that slot lately', () => {
    const ring = new Ring(3);
    for (const number of [1, 4, 7]) {
      ring.put({ ...copyOfNumber(number, 'placed'), movedAt: instant(1_000 * number) });
      for (const status of ['mirrored', 'in-flight', 'confirmed', 'settled'] as const) {
        ring.move(seq(number), status, instant(1_000 * number + 5), { attempts: number });
      }
    }
    const refused = (): unknown => {
      try {
        return ring.move(seq(7), 'in-doubt', now);
      } catch (error) {
        return error instanceof InvariantError ? error.context : error;
      }
    };
    expect(refused()).toEqual({
      slot: 1,
      history: [
        ...['4 in-flight (attempt 4)', '4 confirmed (attempt 4) +0 ms', '4 settled (attempt 4) +0 ms'],
        ...['7 placed +2995 ms', '7 mirrored (attempt 7) +5 ms', '7 in-flight (attempt 7) +0 ms'],
        ...['7 confirmed (attempt 7) +0 ms', '7 settled (attempt 7) +0 ms'],
      ].join(', '),
    });
  });

  it('refuses to move what is not in its slot', () => {
    const ring = new Ring(3, [copyOfNumber(4, 'mirrored')]);
    expect(() => ring.move(seq(1), 'in-flight', now)).toThrow('not in its slot');
    expect(() => ring.move(seq(7), 'in-flight', now)).toThrow('not in its slot');
    expect(() => ring.move(seq(2), 'in-flight', now)).toThrow('not in its slot');
  });
});

describe('which of two copies is the later, DESIGN section 2', () => {
  const states = held.flatMap((status) => [0, 1, 2, 3].map((attempts) => stateOfNumber(9, status, { attempts })));
  const anyState = fc.constantFrom(...states);

  it('goes settled, outcome, attempts, and in-flight < in-doubt < mirrored within one attempt', () => {
    const rising: SlotState[] = [
      stateOfNumber(9, 'placed'),
      stateOfNumber(9, 'mirrored', { attempts: 0 }),
      stateOfNumber(9, 'in-flight', { attempts: 1 }),
      stateOfNumber(9, 'in-doubt', { attempts: 1 }),
      stateOfNumber(9, 'mirrored', { attempts: 1 }),
      stateOfNumber(9, 'in-flight', { attempts: 2 }),
      stateOfNumber(9, 'refused', { attempts: 1 }),
      stateOfNumber(9, 'settled', { attempts: 0 }),
    ];
    for (const [at, state] of rising.entries()) {
      for (const [other, later] of rising.entries()) {
        expect(Math.sign(compareProgress(state, later)), `${at} and ${other}`).toBe(Math.sign(at - other));
      }
    }
  });

  it('is a total order: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(anyState, anyState, anyState, (a, b, c) => {
        expect(Math.sign(compareProgress(a, b))).toBe(-Math.sign(compareProgress(b, a)) + 0);
        if (compareProgress(a, b) <= 0 && compareProgress(b, c) <= 0)
          expect(compareProgress(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds two unfinished copies equal only where status and attempts are', () => {
    fc.assert(
      fc.property(anyState, anyState, (a, b) => {
        if (!isUnfinished(a.status) || !isUnfinished(b.status)) return;
        expect(compareProgress(a, b) === 0).toBe(a.status === b.status && a.attempts === b.attempts);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(pairs.filter(([from, to]) => mayMove(from, to) && to !== 'placed'))(
    'finds the copy later after the move from %s to %s',
    (from, to) => {
      // An attempt is counted when it begins, and when a lost one is assumed.
      const isCounted = to === 'in-flight' || (from === 'placed' && to === 'in-doubt');
      for (const attempts of [0, 1, 5]) {
        const before = stateOfNumber(9, from, { attempts });
        const after = stateOfNumber(9, to, { attempts: attempts + (isCounted ? 1 : 0) });
        expect(compareProgress(after, before)).toBeGreaterThan(0);
      }
    },
  );
});

describe('a ring', () => {
  it('refuses a size of 0 and of 256', () => {
    expect(() => new Ring(0)).toThrow('0 slots');
    expect(() => new Ring(256)).toThrow('256 slots');
  });

  it('refuses to overwrite a number with an older one', () => {
    const ring = new Ring(3, [copyOfNumber(7, 'settled')]);
    expect(() => ring.put(copyOfNumber(4, 'placed'))).toThrow('4 is older');
  });

  it('keeps a slot occupied at confirmed, until it is settled', () => {
    const ring = new Ring(1, [copyOfNumber(1, 'confirmed')]);
    expect(ring.nextSeq()).toBeUndefined();
    ring.move(seq(1), 'settled', now);
    expect(ring.nextSeq()).toBe(2);
  });

  it.each(held.filter((status) => status !== 'settled'))('skips the slot of a message that is %s', (status) => {
    const ring = new Ring(3, [copyOfNumber(1, status), copyOfNumber(3, 'settled')]);
    expect(ring.nextSeq()).toBe(5);
  });

  it('goes on above a number that was used at the other end', () => {
    const ring = new Ring(3, [copyOfNumber(2, 'settled')]);
    expect(ring.nextSeq(7)).toBe(8);
    expect(ring.nextSeq(1)).toBe(3);
  });

  it('loses one place to a slot with trouble, not the lane', () => {
    const ring = new Ring(3, [copyOfNumber(2, 'in-doubt')]);
    for (const number of [3, 4, 6, 7, 9]) {
      expect(ring.nextSeq()).toBe(number);
      ring.put(copyOfNumber(number, 'settled'));
    }
  });

  it('agrees with a naive array under any commands', () => {
    const command = fc.record({
      what: fc.constantFrom('place', 'place', 'move', 'above'),
      to: fc.constantFrom(...held),
      pick: fc.nat(),
    });
    const commands = fc.array(command, { maxLength: 120 });
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 7, 255), commands, (size, list) => {
        const ring = new Ring(size);
        const naive: { seq: number; status: SlotStatus }[] = [];
        let last = 0;
        const holderOf = (number: number) => naive.filter((one) => (one.seq - 1) % size === (number - 1) % size).at(-1);
        for (const { what, to, pick } of list) {
          if (what === 'move') {
            const number = last === 0 ? 1 : (pick % last) + 1;
            const one = holderOf(number);
            const isAllowed = one?.seq === number && movesOfDesign[one.status].includes(to);
            if (!isAllowed) {
              expect(() => ring.move(seq(number), to, now)).toThrow();
            } else {
              ring.move(seq(number), to, now);
              one.status = to;
            }
          } else {
            const above = what === 'above' ? last + (pick % 5) : 0;
            let number: number | undefined = Math.max(last, above) + 1;
            const end = number + size;
            while (number < end && (holderOf(number)?.status ?? 'settled') !== 'settled') number += 1;
            if (number === end) number = undefined;
            const next = ring.nextSeq(above);
            expect(next).toBe(number);
            if (number !== undefined) {
              ring.put(copyOfNumber(number, 'placed'));
              naive.push({ seq: number, status: 'placed' });
              last = number;
            }
          }
          expect(ring.lastSeq).toBe(last);
        }
        const held = naive.filter((one) => holderOf(one.seq) === one);
        expect([...ring.copies()].map(({ seq, status }) => ({ seq: seq as number, status }))).toEqual(
          held.sort((a, b) => ((a.seq - 1) % size) - ((b.seq - 1) % size)),
        );
        expect(ring.inUse).toBe(held.filter((one) => one.status !== 'settled').length);
        expect(ring.unfinished().map((copy) => copy.seq as number)).toEqual(
          held
            .filter((one) => isUnfinished(one.status))
            .map((one) => one.seq)
            .sort((a, b) => a - b),
        );
        expect(new Ring(size, [...ring.copies()]).lastSeq).toBe(last);
      }),
      { numRuns: 300 },
    );
  });
});
