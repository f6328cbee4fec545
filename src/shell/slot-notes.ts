/**
 * Notes of slots in a small file: one write of a fixed place each, never synced. What was written survives the process;
 * whether the system lived on as well is told by its boot id, kept in front. Without one nothing is trusted.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { largestRing } from '../core/ring/sequence.ts';
import { type SlotNote, type SlotNotes, slotNoteFromValue, slotNoteToValue } from '../core/store/slot-note.ts';
import { readBootId } from './boot-id.ts';
import { encodeForAMoment, valueCodec } from './values.ts';

/** The first cell says which boot wrote the others; each holds the length of its value, then the value. */
const cellBytes = 128;
const format = 1;

export class SlotNotesFile {
  /** What was noted before, by slot; undefined where it may have been lost. */
  readonly known: SlotNotes | undefined;
  readonly #path: string;
  readonly #bootId: string | undefined;
  readonly #log: (event: LogEvent) => void;
  /** Of `#firstSlot` and the one behind it, as many as were gathered. */
  readonly #cells = Buffer.alloc(2 * cellBytes);
  #firstSlot = 0;
  #gathered = 0;
  #file: number | undefined;
  #isFailed = false;

  constructor(stateDir: string, log: (event: LogEvent) => void, bootId = readBootId()) {
    this.#path = join(stateDir, 'slots.notes');
    this.#bootId = bootId;
    this.#log = log;
    this.known = readNotes(this.#path, bootId);
  }

  /** Gathers a note; a slot's note and the next slot's mostly come together and cost one write. */
  add(slot: number, note: SlotNote): void {
    if (this.#bootId === undefined || this.#isFailed) return;
    const isNext = this.#gathered === 1 && slot === this.#firstSlot + 1;
    if (!isNext) {
      this.flush();
      this.#firstSlot = slot;
    }
    const bytes = encodeForAMoment(slotNoteToValue(note));
    if (bytes.length < cellBytes) this.#fill(this.#gathered * cellBytes, bytes);
    else this.#fail(`a note of ${bytes.length} bytes has no room`);
    this.#gathered += 1;
  }

  /**
   * What was added is in the file when it returns. What cannot be written takes the whole file with it: then every
   * claimed attempt counts as made at the next start, which is never wrong.
   *
   * @throws where not even that can be done
   */
  flush(): void {
    const count = this.#gathered;
    this.#gathered = 0;
    if (count === 0 || this.#bootId === undefined || this.#isFailed) return;
    try {
      this.#file ??= this.#begin(this.#bootId);
      writeSync(this.#file, this.#cells, 0, count * cellBytes, this.#firstSlot * cellBytes);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    this.flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /**
   * Notes that are trusted are gone on with. Others give way only now: the first note comes behind the commit of all
   * that a start made of their absence.
   */
  #begin(bootId: string): number {
    if (this.known !== undefined) return openSync(this.#path, 'r+');
    const file = openSync(this.#path, 'w', 0o600);
    // All of it takes its room now; the boot id last, because it vouches for the rest.
    const size = cellBytes * (largestRing + 1);
    writeSync(file, Buffer.alloc(size), 0, size, 0);
    const id = valueCodec.encode([format, bootId]);
    writeSync(file, Buffer.concat([Buffer.of(id.length), id]), 0, id.length + 1, 0);
    return file;
  }

  #fill(at: number, bytes: Uint8Array): void {
    this.#cells.fill(0, at, at + cellBytes);
    this.#cells[at] = bytes.length;
    this.#cells.set(bytes, at + 1);
  }

  #fail(reason: string): void {
    this.#isFailed = true;
    this.#log(logEvent('error', 'store.notes-failed', { path: this.#path, reason }));
    if (this.#file === undefined) closeSync(openSync(this.#path, 'w', 0o600));
    else ftruncateSync(this.#file, 0);
  }
}

function readNotes(path: string, bootId: string | undefined): SlotNotes | undefined {
  if (bootId === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (bytes.length !== cellBytes * (largestRing + 1)) return undefined;
  const header = valueIn(bytes, 0);
  if (!Array.isArray(header) || header[1] !== bootId) return undefined;
  const notes = new Map<number, SlotNote>();
  for (let slot = 1; slot <= largestRing; slot += 1) {
    if (bytes[slot * cellBytes] === 0) continue;
    const note = slotNoteFromValue(valueIn(bytes, slot));
    if (note === undefined) return undefined;
    notes.set(slot, note);
  }
  return notes;
}

function valueIn(bytes: Buffer, index: number) {
  const start = index * cellBytes + 1;
  return valueCodec.decode(bytes.subarray(start, start + (bytes[start - 1] ?? 0)));
}
