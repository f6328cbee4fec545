/**
 * The byte form of one file of a recording: a header, then blocks, each with its length and a checksum in front. A file
 * is only ever appended to, so what a killed process left half written is its last block: that one is cut off, and all
 * before it is read. It knows nothing of what the entries in a block mean.
 *
 *   file    'RBREC' 1 0 0, block …
 *   block   length of the value (4 bytes), CRC-32 of the value (4 bytes), value: [time, entry, entry, …]
 */
import { crc32 } from 'node:zlib';
import { isInstant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import { encodeForAMoment, maxValueBytes, valueCodec } from '../values.ts';

/** Entries of one moment; each counts its own time from `at`. */
export interface Block {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly entries: readonly (readonly PlainValue[])[];
}

/** The sixth byte is the format; another one is not read. */
export const segmentHeader = Uint8Array.from([0x52, 0x42, 0x52, 0x45, 0x43, 1, 0, 0]);

const frontBytes = 8;

/** A block of this size at most is written or read. */
export const maxBlockBytes = frontBytes + maxValueBytes;

/** How a file ended: `whole`; `torn` in its last block, as a kill leaves it; `damaged` in the middle, or no recording. */
export type SegmentEnd = 'whole' | 'torn' | 'damaged' | 'foreign';

export function encodeBlock({ at, entries }: Block): Uint8Array {
  const value = encodeForAMoment([at, ...entries]);
  const bytes = new Uint8Array(frontBytes + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, value.length);
  view.setUint32(4, crc32(value));
  bytes.set(value, frontBytes);
  return bytes;
}

/** Gives every block up to the first that is not whole; returns how the file ended. */
export function* readBlocks(bytes: Uint8Array): Generator<Block, SegmentEnd> {
  if (bytes.length < segmentHeader.length) return 'torn';
  if (!isSegment(bytes)) return 'foreign';
  const blocks = placedBlocks(bytes, segmentHeader.length);
  for (let next = blocks.next(); ; next = blocks.next()) {
    if (next.done === true) return next.value;
    yield next.value.block;
  }
}

/** Whether a file begins as a recording of this format does. */
export function isSegment(bytes: Uint8Array): boolean {
  return segmentHeader.every((byte, at) => bytes[at] === byte);
}

export interface PlacedBlock {
  readonly block: Block;
  /** Where the next one begins, counted as `first` is. */
  readonly end: number;
}

/** As {@link readBlocks}, from the block that begins at `first`; the header must have been seen. */
export function* placedBlocks(bytes: Uint8Array, first: number): Generator<PlacedBlock, SegmentEnd> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = first;
  while (at < bytes.length) {
    if (at + frontBytes > bytes.length) return 'torn';
    const [length, sum] = [view.getUint32(at), view.getUint32(at + 4)];
    const end = at + frontBytes + length;
    if (end > bytes.length) return length > maxValueBytes ? 'damaged' : 'torn';
    const value = bytes.subarray(at + frontBytes, end);
    const block = length > 0 && crc32(value) === sum ? blockOf(valueCodec.decode(value)) : undefined;
    if (block === undefined) return end === bytes.length ? 'torn' : 'damaged';
    yield { block, end };
    at = end;
  }
  return 'whole';
}

function blockOf(value: PlainValue | undefined): Block | undefined {
  if (!isList(value)) return undefined;
  const [at, ...entries] = value;
  if (!isInstant(at)) return undefined;
  const lists = entries.filter(isList);
  return lists.length === entries.length ? { at, entries: lists } : undefined;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
