/**
 * The files of a recording: takes entries, writes them a moment later and off the event loop, begins a new file when one
 * is full, and deletes the oldest when all together are too large or too old. Whoever records never waits: what cannot
 * be kept up with is dropped, counted, and told by an entry in its place. It knows nothing of what entries mean.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { PlainValue } from '../../core/base/values.ts';
import type { Clock } from '../clock.ts';
import { entryKind } from './entry-kind.ts';
import { encodeBlock, segmentHeader } from './segment.ts';

export interface RecordingFileOptions {
  readonly stateDir: string;
  /** Bytes of all files together; the latest file may pass its share by one block. */
  readonly limitBytes: number;
  /** Milliseconds that an entry is kept at most, about; a file goes as a whole, so some are kept for an eighth less. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: (event: LogEvent) => void;
  /** Entries that a new file begins with, so that it can be read without those before it; their time is the block's. */
  readonly opening: () => readonly (readonly PlainValue[])[];
}

/** What a killed process loses of its recording, at most. */
export const writtenAfterMs = 100;

/** Gathered entries of about so many bytes are a block. */
const blockBytes = 128 * 1024;

/** Entries that wait for a slow disk, as bytes; what comes when there are as many is dropped. */
export const waitingLimitBytes = 8 * 1024 * 1024;

/** All files together are so many, so a limit is passed by no more than a part of it. */
const filesPerLimit = 8;

/** After a failed write nothing is recorded for so long. */
const retryMs = 10_000;

export function recordingDir(stateDir: string): string {
  return join(stateDir, 'recording');
}

/** The files of a recording, the oldest first; none where there is no recording. */
export function recordingFiles(dir: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => /^\d{8}\.rec$/.test(name))
    .sort()
    .map((name) => join(dir, name));
}

export class RecordingFile {
  readonly #options: RecordingFileOptions;
  readonly #dir: string;
  /** Of the latest file, once one was begun. */
  #number: number | undefined;
  /** Bytes of the files that were begun here, also those that still wait for the disk. */
  readonly #sizes = new Map<string, number>();
  #file: number | undefined;
  #path = '';
  #fileBytes = 0;
  #fileSince = 0;
  /** When the old files are looked through next. */
  #tidyAt = -Infinity;
  #gathered: (readonly PlainValue[])[] = [];
  #gatheredAt = 0;
  #gatheredBytes = 0;
  /** What the next file begins with, where the gathered entries are the first in it. */
  #opening: readonly (readonly PlainValue[])[] | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Encoded, on their way to the file in this order, with the place of each. */
  #waiting: { readonly bytes: Uint8Array; readonly file: number; readonly at: number }[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #dropped = 0;
  #droppedInAll = 0;
  #failedAt: number | undefined;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(options: RecordingFileOptions) {
    this.#options = options;
    this.#dir = recordingDir(options.stateDir);
  }

  /**
   * Takes an entry; never waits and never throws.
   *
   * @param entry its kind, then milliseconds since 1970, which are written counted from the block's
   * @param sizeBytes about how large it is
   * @returns whether it was taken; a dropped one is told of by an entry `gap` in front of the next that is taken
   */
  add(entry: PlainValue[], at: number, sizeBytes: number): 'taken' | 'dropped' {
    if (this.#isClosed) return 'dropped';
    if (this.#failedAt !== undefined && at - this.#failedAt < retryMs) return this.#drop();
    if (this.#waitingBytes + this.#gatheredBytes + sizeBytes > waitingLimitBytes) return this.#drop();
    if (this.#gathered.length === 0) this.#beginBlock(at);
    if (this.#dropped > 0) this.#tellDropped(at);
    entry[1] = at - this.#gatheredAt;
    this.#gathered.push(entry);
    this.#gatheredBytes += sizeBytes;
    if (this.#gatheredBytes >= blockBytes) this.#endBlock();
    else this.#timer ??= setTimeout(this.#timeOver, writtenAfterMs);
    return 'taken';
  }

  /** Entries that were not kept, whether that was told of yet or not. */
  get droppedInAll(): number {
    return this.#droppedInAll + this.#dropped;
  }

  /** What was taken is in the file when it returns: for the end of a process that had a bug. */
  flushNow(): void {
    this.#endBlock();
    try {
      for (const { bytes, file, at } of this.#waiting) writeSync(file, bytes, 0, bytes.length, at);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Writes what was taken and closes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#endBlock();
    this.#isClosed = true;
    if (this.#isWriting) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#closeFile();
  }

  readonly #timeOver = (): void => this.#endBlock();

  #drop(): 'dropped' {
    this.#dropped += 1;
    return 'dropped';
  }

  #beginBlock(at: number): void {
    this.#gatheredAt = at;
    this.#failedAt = undefined;
    if (this.#file === undefined || this.#isFileFull()) this.#opening = this.#options.opening();
  }

  #tellDropped(at: number): void {
    const count = this.#dropped;
    this.#dropped = 0;
    this.#droppedInAll += count;
    this.#gathered.push([entryKind.gap, at - this.#gatheredAt, count], ...this.#options.opening());
    this.#options.log(logEvent('warn', 'recording.gap', { dropped: count }));
  }

  #endBlock(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#gathered;
    if (entries.length === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    try {
      if (this.#opening !== undefined) this.#nextFile(this.#opening);
      this.#write(encodeBlock({ at: this.#gatheredAt, entries }));
      if (this.#gatheredAt >= this.#tidyAt) this.#deleteOld();
    } catch (error) {
      this.#dropped += entries.length;
      this.#failed(error);
    }
  }

  #isFileFull(): boolean {
    const { limitBytes, keepMs } = this.#options;
    return (
      this.#fileBytes >= limitBytes / filesPerLimit || this.#gatheredAt - this.#fileSince >= keepMs / filesPerLimit
    );
  }

  #nextFile(opening: readonly (readonly PlainValue[])[]): void {
    this.#opening = undefined;
    // One that is still written to is closed behind its last write.
    const before = this.#file;
    if (before !== undefined) this.#whenWritten(() => closeSync(before));
    this.#file = undefined;
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    this.#number ??= Math.max(0, ...recordingFiles(this.#dir).map(numberOf));
    this.#number += 1;
    this.#path = join(this.#dir, `${String(this.#number).padStart(8, '0')}.rec`);
    this.#file = openSync(this.#path, 'wx', 0o600);
    this.#fileBytes = 0;
    this.#fileSince = this.#gatheredAt;
    this.#write(segmentHeader);
    if (opening.length > 0) this.#write(encodeBlock({ at: this.#gatheredAt, entries: opening }));
    this.#tidyAt = -Infinity;
  }

  #write(bytes: Uint8Array): void {
    if (this.#file === undefined) return;
    this.#waiting.push({ bytes, file: this.#file, at: this.#fileBytes });
    this.#fileBytes += bytes.length;
    this.#sizes.set(this.#path, this.#fileBytes);
    this.#waitingBytes += bytes.length;
    this.#writeNext();
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const next = this.#waiting[0];
    if (next === undefined) {
      for (const done of this.#idle.splice(0)) done();
      return;
    }
    this.#isWriting = true;
    write(next.file, next.bytes, 0, next.bytes.length, next.at, (error, written) => {
      this.#isWriting = false;
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes.length;
      if (error !== null) this.#failed(error);
      else if (written < next.bytes.length) this.#failed(new Error('the disk took a part of a block'));
      this.#writeNext();
    });
  }

  #whenWritten(done: () => void): void {
    if (this.#isWriting) this.#idle.push(done);
    else done();
  }

  /** What waits is given up, and a new file begins when it is tried again: this one ends within a block. */
  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.log(logEvent('warn', 'recording.failed', { dir: this.#dir, reason, retryInMs: retryMs }));
    this.#failedAt = this.#options.clock();
    this.#dropped += this.#gathered.length + Math.max(1, this.#waiting.length);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [current] = this.#waiting;
    this.#waiting = this.#isWriting && current !== undefined ? [current] : [];
    this.#waitingBytes = this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#closeFile();
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) this.#whenWritten(() => closeSync(file));
  }

  #deleteOld(): void {
    const { limitBytes, keepMs } = this.#options;
    const now = Date.now();
    const share = limitBytes / filesPerLimit;
    this.#tidyAt = this.#gatheredAt + keepMs / filesPerLimit / filesPerLimit;
    // What was written last into a file came at most so long after what was written first.
    const oldestMs = keepMs - keepMs / filesPerLimit;
    const files = recordingFiles(this.#dir).map((path) => {
      const { size = 0, mtimeMs = now } = statSync(path, { throwIfNoEntry: false }) ?? {};
      return { path, sizeBytes: this.#sizes.get(path) ?? size, changedAt: mtimeMs };
    });
    // Never the one that is written to; it will grow to its own share.
    let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, Math.max(0, share - this.#fileBytes));
    for (const { path, sizeBytes, changedAt } of files.slice(0, -1)) {
      if (total <= limitBytes && now - changedAt <= oldestMs) continue;
      rmSync(path, { force: true });
      this.#sizes.delete(path);
      total -= sizeBytes;
    }
  }
}

function numberOf(path: string): number {
  return Number(/(\d{8})\.rec$/.exec(path)?.[1] ?? 0);
}
