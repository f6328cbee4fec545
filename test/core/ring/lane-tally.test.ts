import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { Outcome } from '../../../src/core/ring/outcome.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import { copyOfNumber } from './copies.ts';

const now = instant(1_000);
const refused: Outcome = { status: 'refused', stamp: '', errorCode: 4, by: 'answer' };

describe('the tally of a ring', () => {
  it('counts a message once when it comes and once when it ends, whatever else is written of it', () => {
    const ring = new Ring(4);
    ring.put(copyOfNumber(1, 'placed'));
    ring.put(copyOfNumber(1, 'placed', { isOffered: true }));
    ring.move(seq(1), 'mirrored', now);
    ring.move(seq(1), 'in-flight', now, { attempts: 1 });
    ring.move(seq(1), 'in-doubt', now);
    ring.move(seq(1), 'mirrored', now);
    ring.move(seq(1), 'in-flight', now, { attempts: 2 });
    ring.move(seq(1), 'refused', now, { outcome: refused });
    ring.move(seq(1), 'settled', now);
    ring.put(copyOfNumber(5, 'placed'));
    expect(ring.tally.counts(now)).toMatchObject({
      entered: { total: 2 },
      ended: { total: 1 },
      confirmed: 0,
      refused: 1,
      expired: 0,
      doubted: 1,
    });
  });

  it('counts nothing that a start finds in the store', () => {
    const found = [copyOfNumber(1, 'mirrored'), copyOfNumber(2, 'confirmed'), copyOfNumber(3, 'in-doubt')];
    expect(new Ring(4, found).tally.counts(now)).toMatchObject({
      entered: { total: 0 },
      ended: { total: 0 },
      doubted: 0,
    });
  });

  it('goes on where a ring takes the place of another', () => {
    const ring = new Ring(4);
    ring.put(copyOfNumber(1, 'placed'));
    const next = new Ring(2, [], ring.tally);
    next.put(copyOfNumber(1, 'placed'));
    expect(next.tally.counts(now).entered.total).toBe(2);
  });
});
