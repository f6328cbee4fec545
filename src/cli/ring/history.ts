/**
 * What happened in a slot, or to a message, at both ends: the moves that were recorded, in order of time, each with the
 * input that caused it. Reads recordings, and changes nothing.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type Instant, instant, minuteMs } from '../../core/base/time.ts';
import { largestRing } from '../../core/ring/sequence.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { PastMove, PastSlot } from '../../shell/recording/past-rings.ts';
import { Timeline } from '../../shell/recording/timeline.ts';
import type { Carried, InputEvent, TimelineEvent } from '../../shell/recording/timeline-event.ts';
import type { ClockDifference } from '../message/clock-difference.ts';
import { isUnreadable, unreadableRecording } from '../recording/unreadable.ts';
import { ClockNotes } from './clock-notes.ts';

/** What the history is of. */
export type HistoryTarget =
  | { readonly type: 'slot'; readonly slot: number }
  | { readonly type: 'seq'; readonly seq: number }
  /** The id, or what it begins with. */
  | { readonly type: 'message'; readonly id: string };

export interface HistoryQuery {
  readonly target: HistoryTarget;
  readonly smscId: string | undefined;
  readonly lane: LaneName | undefined;
  /** Milliseconds since 1970; all if undefined. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** `play`: also what was sent, which the machine says again when the recording is played. */
  readonly packets: 'skip' | 'play';
}

export type HistoryItem =
  | {
      readonly type: 'move';
      /** On the clock of the IM server where the difference is known; `event` has that of its own end. */
      readonly at: number;
      readonly event: InputEvent;
      readonly move: PastMove;
      /** Packets of that input, those that were sent only where they were asked for and could be played. */
      readonly packets: readonly HistoryPacket[];
    }
  /** Something is missing here. */
  | {
      readonly type: 'break';
      /** On the clock of its own end. */
      readonly at: number;
      readonly event: Extract<TimelineEvent, { readonly type: 'break' }>;
    };

export interface HistoryPacket {
  readonly direction: 'in' | 'out';
  readonly bytes: Uint8Array;
}

export interface History {
  /** Whose recordings were read, and the time that each is of. */
  readonly recordings: readonly {
    readonly stateDir: string;
    readonly side: string;
    readonly from: Instant | undefined;
    readonly to: Instant | undefined;
  }[];
  /** State directories in which nothing was recorded. */
  readonly unrecorded: readonly string[];
  /** Of the buffer's clock against the IM server's, by SMSC; taken out of the times of moves. */
  readonly clocks: ReadonlyMap<string, ClockDifference>;
  /** In order of time; of one moment the order within each recording stays. */
  readonly items: readonly HistoryItem[];
}

/** Around the time that is asked for, which is that of one clock. */
const marginMs = minuteMs;

/** Of a message id so many characters are enough. */
const shortestId = 8;

/** `47`: a slot; `seq:47`, or a number above 255: a sequence number; what looks like an id: a message. */
export function parseTarget(text: string): Result<HistoryTarget> {
  const number = /^(seq:)?(\d{1,15})$/.exec(text.trim());
  if (number !== null) {
    const value = Number(number[2]);
    const isSeq = number[1] !== undefined || value > largestRing;
    if (value >= 1) return ok(isSeq ? { type: 'seq', seq: value } : { type: 'slot', slot: value });
  }
  const id = text.trim().toLowerCase();
  if (/^[0-9a-f][0-9a-f-]*$/.test(id) && id.length >= shortestId) return ok({ type: 'message', id });
  return fail(
    'USAGE_BAD_VALUE',
    `"${text}" is no slot (47), sequence number (seq:47, or above ${largestRing}) or message id (at least ${shortestId} characters).`,
  );
}

/** @throws OperatorError RECORDING_MISSING where none of them has a recording; RECORDING_UNREADABLE, INPUT_UNREADABLE */
export function readHistory(stateDirs: readonly string[], query: HistoryQuery): History {
  const unrecorded: string[] = [];
  const read: { readonly stateDir: string; readonly timeline: Timeline }[] = [];
  let missing: OperatorError | undefined;
  for (const stateDir of stateDirs) {
    const timeline = new Timeline(stateDir);
    try {
      timeline.readOn();
      if (isUnreadable(timeline)) throw unreadableRecording(stateDir, timeline.end);
      read.push({ stateDir, timeline });
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'RECORDING_MISSING') throw error;
      missing = error;
      unrecorded.push(stateDir);
    }
  }
  if (read.length === 0 && missing !== undefined) throw missing;
  const notes = new ClockNotes();
  const items = read.flatMap(({ timeline }) => itemsOf(timeline, query, notes));
  const clocks = notes.differences();
  return {
    recordings: read.map(({ stateDir, timeline: { side, from, to } }) => ({ stateDir, side, from, to })),
    unrecorded,
    clocks,
    items: items
      .map((item) => onOneClock(item, clocks))
      .filter(({ at }) => isWithin(at, query, 0))
      .sort((a, b) => a.at - b.at),
  };
}

function isWithin(at: number, { since, until }: HistoryQuery, marginMs: number): boolean {
  return (since === undefined || at >= since - marginMs) && (until === undefined || at <= until + marginMs);
}

/** The buffer's times as the IM server's clock would have shown them, to the millisecond as clocks are read. */
function onOneClock(item: HistoryItem, clocks: History['clocks']): HistoryItem {
  if (item.type === 'break' || item.event.side !== 'buffer') return item;
  return { ...item, at: item.at - Math.round(clocks.get(item.move.smscId)?.aheadMs ?? 0) };
}

function itemsOf(timeline: Timeline, query: HistoryQuery, notes: ClockNotes): HistoryItem[] {
  const { since, until, packets } = query;
  const from = since === undefined ? 0 : (timeline.momentAtTime(instant(since - marginMs))?.number ?? 0);
  const events = packets === 'play' ? timeline.played({ from }) : timeline.events({ from });
  const items: HistoryItem[] = [];
  for (const event of events) {
    const { at } = event;
    if (until !== undefined && at > until + marginMs) break;
    if (!isWithin(at, query, marginMs)) continue;
    if (event.type === 'break') items.push({ type: 'break', at, event });
    if (event.type !== 'input') continue;
    for (const move of event.moves) {
      if (event.side !== 'smsc') notes.take(event.side, move, at);
      if (isAsked(move, query)) items.push({ type: 'move', at, event, move, packets: packetsOf(event, query) });
    }
  }
  return items;
}

function isAsked({ smscId, lane, slot, before, after }: PastMove, query: HistoryQuery): boolean {
  if (query.smscId !== undefined && smscId !== query.smscId) return false;
  if (query.lane !== undefined && lane !== query.lane) return false;
  const { target } = query;
  switch (target.type) {
    case 'slot':
      return slot === target.slot;
    case 'seq':
      return isOf(before, after, ({ seq }) => seq === target.seq);
    case 'message':
      return isOf(before, after, ({ messageId }) => messageId.startsWith(target.id));
    default:
      return target satisfies never;
  }
}

function isOf(before: PastSlot | undefined, after: PastSlot | undefined, isIt: (slot: PastSlot) => boolean): boolean {
  return (before !== undefined && isIt(before)) || (after !== undefined && isIt(after));
}

function packetsOf({ received, sent }: InputEvent, { packets }: HistoryQuery): readonly HistoryPacket[] {
  if (packets === 'skip') return [];
  const all = (carried: readonly Carried[], direction: 'in' | 'out'): HistoryPacket[] =>
    carried.flatMap((each) => (each.over === 'smsc' ? each.packets.map((bytes) => ({ direction, bytes })) : []));
  return [...all(received, 'in'), ...all(sent ?? [], 'out')];
}
