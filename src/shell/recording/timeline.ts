/**
 * A recording as a time that can be gone through and looked into at any place: every event in its order, and the rings
 * as they were at any of them. It reads each byte once to find its way, keeps places to begin at, and reads a short
 * stretch of a file again for what is asked. Nothing is played for the rings; what was said to the peers is played.
 * It reads what a running role writes, one that stopped, or a copy, and changes nothing.
 */
import { statSync } from 'node:fs';
import type { Instant } from '../../core/base/time.ts';
import type { LinkView, RingView } from '../../core/store/ring-view.ts';
import { type BlocksEnd, blocksOf } from './block-reader.ts';
import { entryKind } from './entry-kind.ts';
import type { RecordedRole } from './lane-mirror.ts';
import { ringsOf } from './past-rings.ts';
import { entriesOf, findRecording, type RecordedEntry, type RecordingItem } from './recording-reader.ts';
import { Replay, type ReplayStep } from './replay.ts';
import { type CursorState, TimelineCursor } from './timeline-cursor.ts';
import { type InputEvent, joined, type SentEvent, type TimelineEvent } from './timeline-event.ts';
import { carriedBy } from './timeline-sent.ts';

/** Both included; from the first and to the last if left out. */
export interface EventRange {
  readonly from?: number;
  readonly to?: number;
}

/** Everything as it was behind one input. */
export interface Moment {
  /** Of the last input; 0: as the recording begins. */
  readonly number: number;
  /** Of the last entry. */
  readonly at: Instant;
  readonly side: RecordedRole;
  readonly rings: readonly RingView[];
  readonly links: readonly LinkView[];
}

/** A place in the files to begin at: at a block, with what is known there. */
interface Checkpoint {
  readonly path: string;
  /** Bytes into the file, 0 for its beginning. */
  readonly offset: number;
  readonly state: CursorState;
}

type Item =
  | { readonly type: 'entry'; readonly entry: RecordedEntry }
  | { readonly type: 'trouble'; readonly end: Exclude<BlocksEnd, 'whole'> };

/** From one checkpoint to the next, about; what is read again for a moment is at most this and a block. */
const stretchBytes = 128 * 1024;

export class Timeline {
  readonly #where: string;
  /** Those that are there, the oldest first. */
  #files: readonly string[] = [];
  /** In order, those in the files that are there. */
  #checkpoints: Checkpoint[] = [];
  /** Files in which machines were made, and the number of the last input before each. */
  #lives: { readonly path: string; readonly number: number }[] = [];
  readonly #cursor = new TimelineCursor();
  /** How far it was read; a file is left when the next one is begun. */
  #path = '';
  #offset = 0;
  #end: BlocksEnd = 'whole';
  #from: Instant | undefined;

  /** @param path a state directory, a folder of recorded files, or one file; nothing is read yet */
  constructor(path: string) {
    this.#where = path;
  }

  /** Of the first input that can still be looked into: the oldest files are deleted while a role runs. */
  get first(): number {
    return (this.#checkpoints[0]?.state.number ?? 0) + 1;
  }

  /** Of the last input. */
  get last(): number {
    return this.#cursor.number;
  }

  /** Of the first entry; undefined where there is none. */
  get from(): Instant | undefined {
    return this.#from;
  }

  /** Of the last entry; undefined where there is none. */
  get to(): Instant | undefined {
    return this.#from === undefined ? undefined : this.#cursor.at;
  }

  get side(): RecordedRole {
    return this.#cursor.side;
  }

  get smscIds(): readonly string[] {
    return this.#cursor.smscIds;
  }

  /**
   * How the last file ends, as far as it was read: `torn` while a role is writing it, and where a killed one left it.
   * Ends of the others are events, and so is a last one that cannot be read on.
   */
  get end(): BlocksEnd {
    return this.#end;
  }

  /** As the rings were last. */
  get now(): Moment {
    return momentOf(this.#cursor.state());
  }

  /**
   * Reads what was not read yet: all of it at first, later what a running role has added.
   *
   * @param limitBytes after about so many it stops, for a reader that has something else to do; all if left out
   * @throws OperatorError RECORDING_MISSING, INPUT_UNREADABLE
   */
  readOn(limitBytes = Number.POSITIVE_INFINITY): 'more' | 'done' {
    this.#findFiles();
    let left = limitBytes;
    for (;;) {
      const blocks = blocksOf(this.#path, this.#offset);
      let next = blocks.next();
      for (; next.done !== true; next = blocks.next()) {
        for (const entry of entriesOf(next.value.block)) this.#take(entry);
        left -= next.value.end - this.#offset;
        this.#offset = next.value.end;
        this.#keepPlace();
        if (left <= 0) return 'more';
      }
      this.#end = next.value;
      const following = this.#files.find((path) => path > this.#path);
      // Once something is in the next file, nothing is added to this one any more.
      if (following === undefined || sizeOf(following) === 0) return 'done';
      if (this.#end !== 'whole') this.#cursor.broken(this.#end);
      this.#path = following;
      this.#offset = 0;
      this.#keepPlace();
    }
  }

  /** Every event of the range, without what was said to the peers. */
  events(range: EventRange = {}): Generator<TimelineEvent> {
    return joined(this.#events(range));
  }

  /**
   * Every event of the range, with what was said to the peers wherever it can be played. It plays from the start before
   * the range, so a late range of a long life takes as long as the life was busy.
   */
  played(range: EventRange = {}): Generator<TimelineEvent> {
    return joined(this.#played(range));
  }

  *#events({ from = 0, to = Number.POSITIVE_INFINITY }: EventRange): Generator<TimelineEvent | SentEvent> {
    const start = this.#before(from);
    const cursor = new TimelineCursor(start?.state);
    for (const item of this.#items(start)) {
      const event = item.type === 'entry' ? cursor.take(item.entry) : cursor.broken(item.end);
      if (cursor.number > to) return;
      if (event !== undefined && event.number >= from) yield event;
    }
  }

  *#played({ from = 0, to = Number.POSITIVE_INFINITY }: EventRange): Generator<TimelineEvent | SentEvent> {
    const life = this.#lives.findLast(({ number }) => number < from) ?? this.#lives[0];
    const start = this.#checkpoints.find(({ path, offset }) => path === life?.path && offset === 0);
    const cursor = new TimelineCursor(start?.state);
    const replay = new Replay();
    for (const item of this.#items(start ?? this.#checkpoints[0])) {
      const event = item.type === 'entry' ? cursor.take(item.entry) : cursor.broken(item.end);
      if (cursor.number > to) return;
      // A life that ended before the one that is wanted need not be played.
      const isWanted = cursor.number >= (life?.number ?? 0) || isAboutRings(item);
      const step = isWanted ? replay.take(replayItem(item)) : undefined;
      if (event === undefined || event.number < from) continue;
      yield event.type === 'input' && step?.type === 'step' ? played(event, step) : event;
    }
  }

  /** The event of an input, without what was said; undefined where there is none of this number, or it was deleted. */
  event(number: number): InputEvent | Extract<TimelineEvent, { readonly type: 'bug' }> | undefined {
    for (const event of this.events({ from: number, to: number })) {
      if (event.type === 'input' || event.type === 'bug') return event;
    }
    return undefined;
  }

  /** The rings behind an input; 0: as the recording begins. Undefined where there is none of this number any more. */
  momentAt(number: number): Moment | undefined {
    const start = this.#before(number);
    const cursor = this.#go(start, (entry, reached) => (number === 0 ? isCounted(entry) : reached === number));
    return cursor?.number === number ? momentOf(cursor.state()) : undefined;
  }

  /** The rings at a time: behind everything that was recorded until then. Undefined before the recording begins. */
  momentAtTime(at: Instant): Moment | undefined {
    if (this.#from === undefined || at < this.#from) return undefined;
    const start = this.#checkpoints.findLast(({ state }) => state.at <= at);
    const cursor = this.#go(start, (entry) => entry.at > at);
    return cursor === undefined ? undefined : momentOf(cursor.state());
  }

  /** Goes on from a place until an entry before which it is to stop, or the end. */
  #go(
    start: Checkpoint | undefined,
    isBehind: (entry: RecordedEntry, reached: number) => boolean,
  ): TimelineCursor | undefined {
    if (start === undefined) return undefined;
    const cursor = new TimelineCursor(start.state);
    for (const item of this.#items(start)) {
      if (item.type === 'trouble') continue;
      if (isBehind(item.entry, cursor.number)) return cursor;
      cursor.pass(item.entry);
    }
    return cursor;
  }

  /** What is in the files from a place on, as far as it was read. */
  *#items(start: Checkpoint | undefined): Generator<Item> {
    if (start === undefined) return;
    let { offset } = start;
    for (const path of this.#files.filter((file) => file >= start.path && file <= this.#path)) {
      const isLast = path === this.#path;
      const blocks = blocksOf(path, offset);
      let next = blocks.next();
      for (; next.done !== true; next = blocks.next()) {
        if (isLast && next.value.end > this.#offset) return;
        for (const entry of entriesOf(next.value.block)) yield { type: 'entry', entry };
      }
      if (isTrouble(next.value, isLast)) yield { type: 'trouble', end: next.value };
      offset = 0;
    }
  }

  /** The oldest are deleted while a role runs; numbers go on counting from the first that was seen. */
  #findFiles(): void {
    this.#files = findRecording(this.#where);
    const [oldest = ''] = this.#files;
    this.#checkpoints = this.#checkpoints.filter(({ path }) => path >= oldest);
    this.#lives = this.#lives.filter(({ path }) => path >= oldest);
    if (this.#path >= oldest) return;
    if (this.#path !== '') this.#cursor.broken('gone');
    this.#path = oldest;
    this.#offset = 0;
    this.#keepPlace();
  }

  #take(entry: RecordedEntry): void {
    this.#cursor.pass(entry);
    this.#from ??= this.#cursor.at;
    if (entry.kind === entryKind.life) this.#lives.push({ path: this.#path, number: this.#cursor.number });
  }

  #keepPlace(): void {
    const last = this.#checkpoints.at(-1);
    const isFar = last === undefined || last.path !== this.#path || this.#offset - last.offset >= stretchBytes;
    if (!isFar) return;
    this.#checkpoints.push({ path: this.#path, offset: this.#offset, state: this.#cursor.state() });
  }

  /** Where to begin so that this input is still to come. */
  #before(number: number): Checkpoint | undefined {
    const checkpoints = this.#checkpoints;
    return checkpoints[lastIndexBelow(checkpoints, number)];
  }
}

/** The last file may end in the middle while a role writes it; that what is there cannot be read never comes from writing. */
function isTrouble(end: BlocksEnd, isLast: boolean): end is Exclude<BlocksEnd, 'whole'> {
  return isLast ? end === 'damaged' || end === 'foreign' : end !== 'whole';
}

/** By halves, because a slider asks many times a second. */
function lastIndexBelow(checkpoints: readonly Checkpoint[], number: number): number {
  let [low, high] = [0, checkpoints.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((checkpoints[middle]?.state.number ?? 0) < number) low = middle;
    else high = middle - 1;
  }
  return low;
}

function momentOf({ number, at, side, smscIds, rings, links }: CursorState): Moment {
  return { number, at, side, rings: ringsOf(side, smscIds, rings), links };
}

function played(event: InputEvent, { outputs, difference }: ReplayStep): InputEvent {
  const isSame = difference === undefined || difference.kind === 'said';
  return { ...event, sent: isSame ? carriedBy(outputs) : undefined, difference };
}

/** Entries that a machine needs told before it is made. */
function isAboutRings(item: Item): boolean {
  return item.type === 'entry' && (item.entry.kind === entryKind.whose || item.entry.kind === entryKind.rings);
}

function isCounted({ kind }: RecordedEntry): boolean {
  return kind === entryKind.input || kind === entryKind.bug;
}

function replayItem(item: Item): RecordingItem {
  if (item.type === 'entry') return item;
  return { type: 'trouble', trouble: { file: '', end: item.end === 'gone' ? 'torn' : item.end } };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
