import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { encodeFrames } from '../../../src/core/link/frame.ts';
import { entryFromValue, entryKinds, entryToValue, messageLimitBytes } from '../../../src/core/link/wire.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { anyEntry } from './any-entries.ts';
import { fullDigest } from './full-digest.ts';

/** Anything a peer can say, with a liking for what looks like an entry. */
const { anyValue } = fc.letrec<{ anyValue: PlainValue; list: PlainValue[] }>((tie) => ({
  anyValue: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer({ min: -2, max: 300 }),
    fc.double(),
    fc.string({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(new Uint8Array(16), new Uint8Array(8), new Uint8Array(messageLimitBytes + 1)),
    tie('list'),
  ),
  list: fc.array(tie('anyValue'), { maxLength: 12 }),
}));

describe('the byte form of entries', () => {
  it('gives every entry back as it was', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const value = valueCodec.decode(valueCodec.encode(entryToValue(entry)));
        expect(entryFromValue(value)).toEqual({ ok: true, value: entry });
      }),
      { numRuns: 500 },
    );
  });

  it('answers any value at all with an entry or a fault', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const parsed = entryFromValue(value);
        if (!parsed.ok) expect(parsed.fault.code).toBe('LINK_BAD_FRAME');
        else expect(() => entryToValue(parsed.value)).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses an entry of which any one field is something else', () => {
    const wrong: PlainValue[] = [null, -1, 0.5, 'x', true, new Uint8Array(3), [[]], Number.NaN, 2 ** 53];
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.constantFrom(...wrong), (entry, pick, other) => {
        const value = entryToValue(entry);
        if (!Array.isArray(value)) throw new Error('an entry is an array');
        const fields: PlainValue[] = [...value];
        fields[pick % fields.length] = other;
        const parsed = entryFromValue(fields);
        // Some fields take the other value as well (a flag, nil for none, any time); what was read must then be that.
        if (parsed.ok) expect(entryToValue(parsed.value)).toEqual(fields);
        else expect(parsed.fault.code).toBe('LINK_BAD_FRAME');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(Object.entries(entryKinds))('refuses a %s that ends anywhere before its end', (kind) => {
    const [entry] = fc.sample(
      anyEntry.filter((one) => one.type === kind),
      { numRuns: 1, seed: 1 },
    );
    if (entry === undefined) throw new Error('no such entry');
    const value = entryToValue(entry);
    if (!Array.isArray(value)) throw new Error('an entry is an array');
    for (let length = 0; length < value.length; length += 1) {
      expect(entryFromValue(value.slice(0, length)).ok).toBe(false);
    }
  });

  it('takes a session with a code of a later version, and none that is no code', () => {
    const parse = (code: PlainValue) => entryFromValue([entryKinds.session, 0, 5_000, code, 0]);
    expect(parse('SESSION_OF_TOMORROW')).toMatchObject({ ok: true, value: { code: 'SESSION_OF_TOMORROW' } });
    for (const code of ['', 'session lost', '<b>', 'A'.repeat(65)]) expect(parse(code).ok).toBe(false);
  });

  it('refuses a message longer than the largest that fits a slot', () => {
    const place = (sizeBytes: number) =>
      entryFromValue([
        entryKinds.place,
        0,
        1,
        new Uint8Array(16),
        new Uint8Array(sizeBytes),
        0,
        0,
        new Uint8Array(16),
        1,
      ]);
    expect(place(messageLimitBytes).ok).toBe(true);
    expect(place(messageLimitBytes + 1).ok).toBe(false);
  });

  it('refuses a digest that shows two messages in one slot, or one above its highest number', () => {
    const good = fullDigest({ size: 10, lastSeq: 1_000, slotCount: 10 });
    const [first, second, ...rest] = good.digest.slots;
    if (first === undefined || second === undefined) throw new Error('ten slots');
    const parse = (slots: typeof good.digest.slots, lastSeq = 1_000) =>
      entryFromValue(entryToValue({ ...good, digest: { ...good.digest, lastSeq, slots } })).ok;
    expect(parse(good.digest.slots)).toBe(true);
    expect(parse([first, { ...first }, ...rest])).toBe(false);
    expect(parse([second, first, ...rest])).toBe(false);
    expect(parse(good.digest.slots, 995)).toBe(false);
  });

  it('says a whole ring in one frame, whatever its slots went through', () => {
    const worst = fullDigest({ size: 255, lastSeq: Number.MAX_SAFE_INTEGER, slotCount: 255 });
    const frames = encodeFrames([worst], valueCodec);
    expect(frames.map((frame) => frame.length <= 16 * 1_024)).toEqual([true]);
  });
});
