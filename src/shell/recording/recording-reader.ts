/**
 * Reads a recording: the files of a state directory, running or stopped or copied, as entries in their order with
 * their whole times. What is cut off or damaged is told, not passed over in silence.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import { isInstant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import { recordingFiles } from './recording-file.ts';
import { type Block, readBlocks, type SegmentEnd } from './segment.ts';

/** An entry of `entry-kind.ts`: what follows its time is in `fields`. */
export interface RecordedEntry {
  readonly kind: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fields: readonly PlainValue[];
}

/** Where a file is not whole; entries may be missing behind it. */
export interface ReadTrouble {
  readonly file: string;
  readonly end: Exclude<SegmentEnd, 'whole'>;
}

/** `file` ends: what follows comes from the next. */
export type RecordingItem =
  | { readonly type: 'entry'; readonly entry: RecordedEntry }
  | { readonly type: 'trouble'; readonly trouble: ReadTrouble };

/**
 * The files to read for a path: one file, a folder of them, or a state directory with a recording in it.
 *
 * @throws OperatorError RECORDING_MISSING; INPUT_UNREADABLE where nobody lets us look
 */
export function findRecording(path: string): readonly string[] {
  try {
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile) return [path];
    for (const dir of [join(path, 'recording'), path]) {
      const files = recordingFiles(dir);
      if (files.length > 0) return files;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new OperatorError({
    code: 'RECORDING_MISSING',
    message: `There is no recording in ${path}.`,
    hint: 'Give the state directory of a buffer, IM server or SMSC, or the folder `recording` in it. A role records where it is started with --record 64MiB.',
  });
}

/**
 * Gives every entry, one file in memory at a time.
 *
 * @throws OperatorError INPUT_UNREADABLE for a file that cannot be read
 */
export function* readRecording(files: readonly string[]): Generator<RecordingItem> {
  for (const file of files) {
    const blocks = readBlocks(readRecordedFile(file));
    for (let block = blocks.next(); ; block = blocks.next()) {
      if (block.done === true) {
        if (block.value !== 'whole') yield { type: 'trouble', trouble: { file, end: block.value } };
        break;
      }
      for (const entry of entriesOf(block.value)) yield { type: 'entry', entry };
    }
  }
}

/** The entries of one block, with their whole times. */
export function* entriesOf({ at: base, entries }: Block): Generator<RecordedEntry> {
  for (const [kind, at, ...fields] of entries) {
    if (typeof kind !== 'number' || typeof at !== 'number' || !isInstant(base + at)) continue;
    yield { kind, at: base + at, fields };
  }
}

/** One file of a recording as it is. @throws OperatorError INPUT_UNREADABLE */
export function readRecordedFile(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(path: string, error: unknown): OperatorError {
  return new OperatorError({
    code: 'INPUT_UNREADABLE',
    message: `${path} cannot be read: ${error instanceof Error ? error.message : error}.`,
    hint: 'Check the path and the rights of this user; a recording belongs to the user of the role.',
    cause: error,
  });
}
