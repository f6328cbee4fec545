import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPlain, toPlain } from '../../../src/shell/recording/plain-form.ts';
import {
  type Block,
  encodeBlock,
  readBlocks,
  type SegmentEnd,
  segmentHeader,
} from '../../../src/shell/recording/segment.ts';

function read(bytes: Uint8Array): { readonly blocks: readonly Block[]; readonly end: SegmentEnd } {
  const blocks: Block[] = [];
  const reader = readBlocks(bytes);
  for (let next = reader.next(); ; next = reader.next()) {
    if (next.done === true) return { blocks, end: next.value };
    blocks.push(next.value);
  }
}

const block = (at: number): Block => ({
  at,
  entries: [
    [4, 0, 'tick', at],
    [6, 12, Uint8Array.of(1, 2, 3)],
  ],
});
const file = (...blocks: readonly Block[]): Uint8Array =>
  Uint8Array.from([segmentHeader, ...blocks.map(encodeBlock)].flatMap((bytes) => [...bytes]));

describe('a file of a recording', () => {
  it('gives back the blocks that were written', () => {
    expect(read(file(block(1), block(2)))).toEqual({ blocks: [block(1), block(2)], end: 'whole' });
  });

  it('cut at any byte, as a kill leaves it, gives every block before the cut', () => {
    const whole = file(block(1), block(2), block(3));
    const ends = [1, 2, 3].map((count) => file(...[1, 2, 3].slice(0, count).map(block)).length);
    for (let length = 0; length < whole.length; length += 1) {
      const { blocks, end } = read(whole.subarray(0, length));
      expect(blocks).toHaveLength(ends.filter((blockEnd) => blockEnd <= length).length);
      expect(end).toBe(length === segmentHeader.length || ends.includes(length) ? 'whole' : 'torn');
    }
  });

  it('with a changed byte in the middle ends before the block that it is in, and says so', () => {
    const bytes = file(block(1), block(2), block(3));
    const at = file(block(1)).length + 20;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    expect(read(bytes)).toEqual({ blocks: [block(1)], end: 'damaged' });
  });

  it('of any bytes at all is read to an end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, hasHeader) => {
        const bytes = hasHeader ? Uint8Array.from([...segmentHeader, ...noise]) : noise;
        expect(['whole', 'torn', 'damaged', 'foreign']).toContain(read(bytes).end);
      }),
    );
  });
});

describe('the plain form', () => {
  it('gives back inputs as they were, also where a field is undefined', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined));
    const input = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((key) => key !== '__proto__'),
      fc.oneof(leaf, fc.array(leaf), fc.uint8Array(), fc.record({ type: fc.string(), field: leaf })),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(input, (value) => {
        expect(fromPlain(toPlain(value))).toEqual(value);
      }),
    );
  });
});
