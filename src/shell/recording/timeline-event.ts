/**
 * What a recording tells, as events that a reader can be shown: an input with what came with it, what moved, what was
 * logged, and, where it was played, what was said to the peers. Types, and the reading of frames; events are made by
 * `timeline-cursor.ts`, and found by `timeline.ts`. SPEC: DESIGN section 8.
 */
import type { Fault } from '../../core/base/errors.ts';
import type { LogLevel } from '../../core/base/log-event.ts';
import type { Instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import type { Entry } from '../../core/link/entries.ts';
import { decodeFrame } from '../../core/link/frame.ts';
import { decodeLogin, type LoginMessage } from '../../core/link/login.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { valueCodec } from '../values.ts';
import type { RecordedRole } from './lane-mirror.ts';
import type { RecordedMove } from './move.ts';
import type { PastMove } from './past-rings.ts';
import type { Difference } from './replay.ts';

/** Bytes that went over a connection in one direction. */
export type Carried =
  /** CIMD2, between an SMSC and an application such as the buffer: as they came, cut anywhere, and the packets that they complete, from STX to ETX. */
  | {
      readonly over: 'smsc';
      readonly connection: number;
      readonly bytes: Uint8Array;
      readonly packets: readonly Uint8Array[];
    }
  /**
   * One frame; {@link readFrame} says what is in it. Of those sent, entries are in a frame of their own here: on the wire
   * they share one with what was said in the same moment.
   */
  | { readonly over: 'link'; readonly connection: number; readonly bytes: Uint8Array };

/** What was written to the log; texts and whole numbers never are. */
export interface LoggedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type RingMove = Extract<RecordedMove, { readonly type: 'ring' }>;

interface AnyEvent {
  /** Of the last input until here, counted from 1 over the whole recording; 0 before the first. */
  readonly number: number;
  readonly at: Instant;
  readonly side: RecordedRole;
}

/** Something went into the role. */
export interface InputEvent extends AnyEvent {
  readonly type: 'input';
  /** Its type: `smsc-received`, `link-opened`, `im`, `tick` … */
  readonly input: string;
  /** The input itself, as the role was given it, without secrets; undefined for a form of another version. */
  readonly given: { readonly type: string } | undefined;
  readonly received: readonly Carried[];
  /**
   * Undefined where it was not played: not asked for, or behind a gap, or before the first start. Where numbers and texts
   * were not kept, the packets are in the recording; frames are not.
   */
  readonly sent: readonly Carried[] | undefined;
  readonly moves: readonly PastMove[];
  /** A ring got this epoch and size, or lost them: empty and 0. */
  readonly epochs: readonly RingMove[];
  readonly log: readonly LoggedEvent[];
  /** Where playing it led to something else; what follows is not played until the next start. */
  readonly difference: Difference | undefined;
}

/** A packet that the input before it made the role send; part of that event for whoever reads a timeline. */
export interface SentEvent {
  readonly type: 'sent';
  readonly number: number;
  readonly carried: Carried;
}

export type TimelineEvent =
  | InputEvent
  /** The role met a bug of its own at this input, which left nothing behind. */
  | (AnyEvent & { readonly type: 'bug'; readonly input: string; readonly statement: string })
  /** A machine was made: at a start of the process, or in place of one that met a bug. */
  | (AnyEvent & { readonly type: 'life'; readonly version: string })
  /**
   * Something is missing here: entries that were dropped (`gap`, with their count if it is known), the end of a file that
   * a killed process left (`torn`), what cannot be read (`damaged`, `foreign`), a file deleted meanwhile (`gone`).
   */
  | (AnyEvent & {
      readonly type: 'break';
      readonly why: 'gap' | 'torn' | 'damaged' | 'foreign' | 'gone';
      readonly dropped: number | undefined;
    })
  | (AnyEvent & { readonly type: 'link'; readonly link: LinkView })
  /** The role ended in order. */
  | (AnyEvent & { readonly type: 'end' });

export type FrameContent =
  | { readonly type: 'entries'; readonly entries: readonly Entry[] }
  | { readonly type: 'login'; readonly login: LoginMessage }
  | { readonly type: 'unreadable'; readonly fault: Fault };

/** What is in a frame of the link. */
export function readFrame(bytes: Uint8Array): FrameContent {
  const frame = decodeFrame(bytes, valueCodec);
  if (frame.ok) return { type: 'entries', entries: frame.value };
  const login = decodeLogin(bytes, valueCodec);
  return login.ok ? { type: 'login', login: login.value } : { type: 'unreadable', fault: frame.fault };
}

/** Puts what was sent into the events of its inputs. */
export function* joined(events: Iterable<TimelineEvent | SentEvent>): Generator<TimelineEvent> {
  let waiting: TimelineEvent | undefined;
  for (const event of events) {
    if (event.type === 'sent') {
      if (waiting?.type === 'input') waiting = { ...waiting, sent: [...(waiting.sent ?? []), event.carried] };
      continue;
    }
    if (waiting !== undefined) yield waiting;
    waiting = event;
  }
  if (waiting !== undefined) yield waiting;
}

/** Of an entry in the recording: [[level, event, fields] …]. */
export function readLog(
  value: PlainValue | undefined,
  fieldsOf: (form: PlainValue) => unknown,
): readonly LoggedEvent[] {
  if (!isList(value)) return [];
  return value.flatMap((one): LoggedEvent[] => {
    const [level, event, form] = isList(one) ? one : [];
    const fields = fieldsOf(form ?? null);
    if (typeof event !== 'string' || typeof fields !== 'object' || fields === null) return [];
    return [{ level: levelOf(level), event, fields: { ...fields } }];
  });
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function levelOf(value: PlainValue | undefined): LogLevel {
  return levels.find((level) => level === value) ?? 'info';
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
