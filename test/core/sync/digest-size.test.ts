import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrames, frameLimitBytes } from '../../../src/core/link/frame.ts';
import { digestOf } from '../../../src/core/ring/digest.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import { largestRing } from '../../../src/core/ring/sequence.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { copyWith, digestEntry, epoch, position } from './lane-ends.ts';

describe('the largest digest, DESIGN section 3', () => {
  it('of 255 slots with outcomes, high numbers and many attempts fits one frame, and comes back whole', () => {
    const turn = Math.floor(Number.MAX_SAFE_INTEGER / largestRing) - 1;
    const ring = new Ring(largestRing);
    for (let slot = 1; slot <= largestRing; slot += 1) {
      const outcome = { status: 'refused', stamp: '261122030405', errorCode: 999, by: 'operator' } as const;
      const messageId = `018f0000-0000-7000-8000-${String(slot).padStart(12, '0')}`;
      const number = (turn - 300 * slot) * largestRing + slot;
      ring.put(copyWith(number, 'refused', { attempts: 70_000, possibleDuplicate: true, outcome, messageId }));
    }
    const entry = digestEntry(digestOf(epoch, ring, position));
    const [frame, ...more] = encodeFrames([entry], valueCodec);
    expect(more).toEqual([]);
    expect(frame?.length).toBeLessThanOrEqual(frameLimitBytes);
    expect(frame && decodeFrame(frame, valueCodec)).toEqual({ ok: true, value: [entry] });
  });
});
