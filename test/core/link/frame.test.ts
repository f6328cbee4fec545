import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/core/link/entries.ts';
import { decodeFrame, encodeFrames, frameLimitBytes } from '../../../src/core/link/frame.ts';
import { messageLimitBytes } from '../../../src/core/link/wire.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { anyEntry } from './any-entries.ts';

const nowhere = { run: '', count: 0 };

function place(number: number, sizeBytes: number): Entry {
  const messageId = '019c0000-0000-7000-8000-000000000001';
  const bytes = new Uint8Array(sizeBytes);
  return {
    type: 'place',
    lane: 'mt',
    seq: seq(number),
    messageId,
    bytes,
    attempts: 0,
    fate: 'known',
    position: nowhere,
  };
}

function read(frames: readonly Uint8Array[]): readonly Entry[] {
  return frames.flatMap((frame) => {
    const decoded = decodeFrame(frame, valueCodec);
    if (!decoded.ok) throw new Error(decoded.fault.message);
    return decoded.value;
  });
}

describe('frames', () => {
  it('carry any batch in order, none longer than 16 KiB, and none that could have joined the one before', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 40 }), (entries) => {
        const frames = encodeFrames(entries, valueCodec);
        expect(read(frames)).toEqual(entries);
        for (const [at, frame] of frames.entries()) {
          expect(frame.length).toBeLessThanOrEqual(frameLimitBytes);
          const before = frames[at - 1];
          const first = read([frame])[0];
          if (before === undefined || first === undefined) continue;
          const alone = encodeFrames([first], valueCodec)[0];
          expect(before.length + (alone?.length ?? 0) - 4).toBeGreaterThan(frameLimitBytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('take the most entries that fit: one byte more begins the next frame', () => {
    const [one] = encodeFrames([place(1, 4_000)], valueCodec);
    const filled = (one?.length ?? 0) - 4;
    const left = frameLimitBytes - 4 - 3 * filled - (filled - 4_000);
    const batch = (last: number) => [place(1, 4_000), place(2, 4_000), place(3, 4_000), place(4, last)];
    expect(encodeFrames(batch(left), valueCodec).map((frame) => frame.length)).toEqual([frameLimitBytes]);
    expect(encodeFrames(batch(left + 1), valueCodec)).toHaveLength(2);
  });

  it('hold thousands of small entries', () => {
    const entries = Array.from({ length: 3_000 }, (_, index): Entry => {
      return { type: 'settled', lane: 'mo', seq: seq(index + 1), position: nowhere };
    });
    expect(read(encodeFrames(entries, valueCodec))).toEqual(entries);
  });

  it('are none for no entries', () => {
    expect(encodeFrames([], valueCodec)).toEqual([]);
  });

  it('of any bytes at all are entries or a fault', () => {
    const limits = { maxLength: 400 };
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(limits), fc.uint8Array(limits).map(withHeader)), (bytes) => {
        const decoded = decodeFrame(bytes, valueCodec);
        if (!decoded.ok) expect(['LINK_BAD_FRAME', 'LINK_VERSION']).toContain(decoded.fault.code);
      }),
      { numRuns: 1_000 },
    );
  });

  it('with one byte changed are entries or a fault', () => {
    const anyFlip = fc.tuple(
      fc.array(anyEntry, { minLength: 1, maxLength: 3 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
    );
    fc.assert(
      fc.property(anyFlip, ([entries, pick, change]) => {
        const bytes = Uint8Array.from(encodeFrames(entries, valueCodec)[0] ?? []);
        const at = pick % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(() => decodeFrame(bytes, valueCodec)).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  it('longer than 16 KiB are refused unread', () => {
    const decoded = decodeFrame(new Uint8Array(frameLimitBytes + 1), valueCodec);
    expect(decoded).toMatchObject({ ok: false, fault: { code: 'LINK_FRAME_TOO_LARGE' } });
  });

  it('of another version are refused with what they are', () => {
    const decoded = decodeFrame(valueCodec.encode([2]), valueCodec);
    expect(decoded).toMatchObject({ ok: false, fault: { code: 'LINK_VERSION' } });
  });

  it('hold the largest message there can be', () => {
    const entries = [place(Number.MAX_SAFE_INTEGER, messageLimitBytes)];
    expect(read(encodeFrames(entries, valueCodec))).toEqual(entries);
  });
});

/** Looks like a frame for as long as possible. */
function withHeader(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([0x92, 1, 0x97, 16, ...bytes]);
}
