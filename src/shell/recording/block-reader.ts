/**
 * Reads the blocks of one file of a recording from any block on, a stretch at a time, so that neither a large file is
 * held in memory nor one that still grows is read twice. It knows nothing of what the entries in a block mean.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { OperatorError } from '../../core/base/errors.ts';
import { isSegment, maxBlockBytes, type PlacedBlock, placedBlocks, type SegmentEnd, segmentHeader } from './segment.ts';

/** Bytes read at a time; a block that is larger is read as a whole. */
const stretchBytes = 512 * 1024;

/** `gone`: the file was deleted since its name was read, as the oldest are. */
export type BlocksEnd = SegmentEnd | 'gone';

/**
 * @param offset where a block begins; 0 for the first
 * @returns how the file ends, as far as it is written now
 * @throws OperatorError INPUT_UNREADABLE
 */
export function* blocksOf(path: string, offset: number): Generator<PlacedBlock, BlocksEnd> {
  const file = open(path);
  if (file === undefined) return 'gone';
  const bytesFrom = (at: number, length: number): Uint8Array => {
    try {
      return bytesAt(file, at, length);
    } catch (error) {
      // A directory in its place is opened, and refuses to be read.
      throw unreadable(path, error);
    }
  };
  try {
    let at = offset;
    if (at === 0) {
      const header = bytesFrom(0, segmentHeader.length);
      if (header.length < segmentHeader.length) return 'torn';
      if (!isSegment(header)) return 'foreign';
      at = segmentHeader.length;
    }
    let wanted = stretchBytes;
    for (;;) {
      const bytes = bytesFrom(at, wanted);
      const begin = at;
      const blocks = placedBlocks(bytes, 0);
      let next = blocks.next();
      for (; next.done !== true; next = blocks.next()) {
        at = begin + next.value.end;
        yield { block: next.value.block, end: at };
      }
      if (bytes.length < wanted || next.value === 'damaged') return next.value;
      // The stretch ended within a block. One that did not even begin with a whole one is too short for it.
      if (at === begin && wanted === maxBlockBytes) return 'damaged';
      wanted = at === begin ? maxBlockBytes : stretchBytes;
    }
  } finally {
    closeSync(file);
  }
}

/** @returns undefined for one that is not there */
function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

function bytesAt(file: number, at: number, length: number): Uint8Array {
  const size = Math.max(0, Math.min(length, fstatSync(file).size - at));
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const read = readSync(file, bytes, filled, size - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled === size ? bytes : bytes.subarray(0, filled);
}

function unreadable(path: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'INPUT_UNREADABLE',
    message: `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
    hint: 'Check the path and the rights of this user; a recording belongs to the user of the role.',
    cause,
  });
}
