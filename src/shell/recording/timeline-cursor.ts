/**
 * Goes over the entries of a recording one by one, knowing what each means where it stands: whose it is, its number, the
 * rings so far, packets that began in an earlier input. Its whole knowledge is a {@link CursorState}, so that it can go
 * on from a place that it, or another one, was at before.
 */
import { concatBytes } from '../../core/base/bytes.ts';
import { type Instant, instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import { defaultReceiveLimitBytes, Framer } from '../../core/codec/framer.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { entryKind } from './entry-kind.ts';
import { inputOfForm } from './input-form.ts';
import { type RecordedRole, roleNamed } from './lane-mirror.ts';
import { readMove } from './move.ts';
import { type PastMove, PastRings, type RingsSnapshot } from './past-rings.ts';
import { fromPlain } from './plain-form.ts';
import type { RecordedEntry } from './recording-reader.ts';
import {
  type Carried,
  type InputEvent,
  type RingMove,
  readFrame,
  readLog,
  type SentEvent,
  type TimelineEvent,
} from './timeline-event.ts';

/** All that a cursor knows at one place; nothing changes it. */
export interface CursorState {
  /** Of the last input. */
  readonly number: number;
  /** Of the last entry. */
  readonly at: Instant;
  readonly side: RecordedRole;
  readonly version: string;
  readonly smscIds: readonly string[];
  /** `full`, or how numbers and texts are kept: then what was sent is in the recording as well. */
  readonly privacy: string;
  readonly rings: RingsSnapshot;
  readonly links: readonly LinkView[];
  /** By connection to the SMSC: what a packet began with. */
  readonly begun: ReadonlyMap<number, Uint8Array>;
}

export const cursorStart: CursorState = {
  number: 0,
  at: instant(0),
  side: 'buffer',
  version: '',
  smscIds: [],
  privacy: 'full',
  rings: [],
  links: [],
  begun: new Map(),
};

/** Connections whose packets are put together: a buffer has one, an SMSC one for each login; closed ones are forgotten. */
const connectionsKept = 256;

const linkStates: readonly LinkView['state'][] = ['up', 'down', 'connecting', 'comparing'];

interface Stream {
  readonly framer: Framer;
  begun: Uint8Array;
}

export class TimelineCursor {
  #number: number;
  #at: Instant;
  #side: RecordedRole;
  #version: string;
  #smscIds: readonly string[];
  #privacy: string;
  #rings: PastRings;
  readonly #links: Map<string, LinkView>;
  readonly #streams = new Map<number, Stream>();

  constructor(from: CursorState = cursorStart) {
    this.#number = from.number;
    this.#at = from.at;
    this.#side = from.side;
    this.#version = from.version;
    this.#smscIds = from.smscIds;
    this.#privacy = from.privacy;
    this.#rings = new PastRings(from.side, from.smscIds, from.rings);
    this.#links = new Map(from.links.map((link) => [link.smscId, link]));
    for (const [connection, begun] of from.begun) this.#pushed(connection, begun);
  }

  get number(): number {
    return this.#number;
  }

  get at(): Instant {
    return this.#at;
  }

  get side(): RecordedRole {
    return this.#side;
  }

  get smscIds(): readonly string[] {
    return this.#smscIds;
  }

  get rings(): PastRings {
    return this.#rings;
  }

  get links(): readonly LinkView[] {
    return [...this.#links.values()];
  }

  state(): CursorState {
    const begun = new Map<number, Uint8Array>();
    for (const [connection, stream] of this.#streams) if (stream.begun.length > 0) begun.set(connection, stream.begun);
    return {
      ...{ number: this.#number, at: this.#at, side: this.#side, version: this.#version, smscIds: this.#smscIds },
      privacy: this.#privacy,
      ...{ rings: this.#rings.snapshot(), links: this.links, begun },
    };
  }

  /** Goes over one entry. @returns what it tells; undefined where that is no event of its own */
  take(entry: RecordedEntry): TimelineEvent | SentEvent | undefined {
    const { kind, fields } = entry;
    this.#at = instant(entry.at);
    switch (kind) {
      case entryKind.whose:
        this.#whose(fields);
        return undefined;
      case entryKind.rings:
        this.#rings.told(fields);
        return undefined;
      case entryKind.life:
        this.#streams.clear();
        return { type: 'life', ...this.#here(), version: this.#version };
      case entryKind.input:
        return this.#input(fields);
      case entryKind.bug:
        return this.#bug(fields);
      case entryKind.gap:
        this.#streams.clear();
        return { type: 'break', ...this.#here(), why: 'gap', dropped: Number(fields[0] ?? 0) };
      case entryKind.link:
        return this.#link(fields);
      case entryKind.end:
        return { type: 'end', ...this.#here() };
      case entryKind.sent:
        return this.#sent(fields);
      default:
        return undefined;
    }
  }

  /** As {@link take}, for who wants to know only where it leads: nothing of the log is read. */
  pass(entry: RecordedEntry): void {
    if (entry.kind !== entryKind.input) {
      this.take(entry);
      return;
    }
    const [form, , moves] = entry.fields;
    this.#at = instant(entry.at);
    this.#number += 1;
    this.#moves(moves, this.#received(inputOfForm(form ?? null)));
  }

  /** What follows comes behind something that could not be read. */
  broken(why: 'torn' | 'damaged' | 'foreign' | 'gone'): TimelineEvent {
    this.#streams.clear();
    return { type: 'break', ...this.#here(), why, dropped: undefined };
  }

  #here() {
    return { number: this.#number, at: this.#at, side: this.#side } as const;
  }

  #sent([connection, bytes]: readonly PlainValue[]): SentEvent | undefined {
    if (typeof connection !== 'number' || !(bytes instanceof Uint8Array)) return undefined;
    return { type: 'sent', number: this.#number, carried: { over: 'smsc', connection, bytes, packets: [bytes] } };
  }

  #whose([role, version, smscIds, privacy]: readonly PlainValue[]): void {
    this.#privacy = typeof privacy === 'string' ? privacy : 'full';
    const side = roleNamed(String(role));
    const ids = isList(smscIds) ? smscIds.map(String) : [];
    this.#version = String(version);
    // A new file of the same role: what is known of its rings goes on, with the times of moves.
    if (side === this.#side && ids.join('\n') === this.#smscIds.join('\n')) return;
    this.#side = side;
    this.#smscIds = ids;
    this.#rings = new PastRings(side, ids);
  }

  #input([form, , moves, , events]: readonly PlainValue[]): InputEvent {
    this.#number += 1;
    const given = inputOfForm(form ?? null);
    const received = this.#received(given);
    const read = this.#moves(moves, received);
    const log = readLog(events, fromPlain);
    const input = given?.type ?? '';
    const sent = this.#privacy === 'full' ? undefined : [];
    return {
      type: 'input',
      ...this.#here(),
      input,
      given,
      received,
      sent,
      ...read,
      log,
      difference: undefined,
    };
  }

  #moves(value: PlainValue | undefined, received: readonly Carried[]): Pick<InputEvent, 'moves' | 'epochs'> {
    if (!isList(value) || value.length === 0) return { moves: [], epochs: [] };
    const moves: PastMove[] = [];
    const epochs: RingMove[] = [];
    const content = new Contents(received);
    for (const one of value) {
      const move = isList(one) ? readMove(one, this.#smscIds) : undefined;
      if (move === undefined) continue;
      const moved = this.#rings.moved(move, this.#at, (messageId) => content.of(messageId));
      if (moved !== undefined) moves.push(moved);
      if (move.type === 'message') this.#complete(moves);
      if (move.type === 'ring') epochs.push(move);
    }
    return { moves, epochs };
  }

  /** The message of a slot follows the move that gave it one. */
  #complete(moves: PastMove[]): void {
    const last = moves.at(-1);
    if (last?.after === undefined) return;
    const after = this.#rings.slotAt(last.smscId, last.lane, last.slot);
    if (after?.seq === last.after.seq) moves[moves.length - 1] = { ...last, after };
  }

  #received(given: { readonly type: string } | undefined): readonly Carried[] {
    if (given === undefined) return [];
    if (given.type === 'smsc-closed' || given.type === 'closed') {
      if ('connection' in given) this.#streams.delete(Number(given.connection));
      return [];
    }
    if (!('bytes' in given) || !(given.bytes instanceof Uint8Array) || !('connection' in given)) return [];
    const { bytes } = given;
    const connection = Number(given.connection);
    if (given.type === 'link-received') return [{ over: 'link', connection, bytes }];
    // `received` is the SMSC's own: what came from an application.
    if (given.type !== 'smsc-received' && given.type !== 'received') return [];
    return [{ over: 'smsc', connection, bytes, packets: this.#pushed(connection, bytes) }];
  }

  /** Puts packets of a connection together. */
  #pushed(connection: number, bytes: Uint8Array): readonly Uint8Array[] {
    let stream = this.#streams.get(connection);
    if (stream === undefined) {
      const framer = new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: 0 });
      stream = { framer, begun: nothing };
      this.#streams.set(connection, stream);
      for (const oldest of this.#streams.keys()) {
        if (this.#streams.size <= connectionsKept) break;
        this.#streams.delete(oldest);
      }
    }
    const events = stream.framer.push(bytes);
    const left = stream.framer.bufferedBytes;
    stream.begun = left === 0 ? nothing : concatBytes(stream.begun, bytes).slice(-left);
    return events.flatMap((event) => (event.type === 'packet' ? [event.bytes] : []));
  }

  #bug([form, statement]: readonly PlainValue[]): TimelineEvent {
    this.#number += 1;
    const input = inputOfForm(form ?? null)?.type ?? '';
    return { type: 'bug', ...this.#here(), input, statement: String(statement) };
  }

  #link([smsc, told, rtt]: readonly PlainValue[]): TimelineEvent | undefined {
    const smscId = this.#smscIds[Number(smsc)];
    const state = linkStates.find((known) => known === told);
    if (smscId === undefined || state === undefined) return undefined;
    const before = this.#links.get(smscId);
    const since = before?.state === state ? before.since : this.#at;
    const link = { smscId, state, since, ...(typeof rtt === 'number' ? { rttMs: rtt } : {}) };
    this.#links.set(smscId, link);
    return { type: 'link', ...this.#here(), link };
  }
}

/** Finds messages in the frames of one input; reads those only if it is asked. */
class Contents {
  readonly #received: readonly Carried[];
  #bytes: Map<string, Uint8Array> | undefined;

  constructor(received: readonly Carried[]) {
    this.#received = received;
  }

  of(messageId: string): Uint8Array | undefined {
    this.#bytes ??= this.#read();
    return this.#bytes.get(messageId);
  }

  #read(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const { over, bytes } of this.#received) {
      const content = over === 'link' ? readFrame(bytes) : undefined;
      if (content?.type !== 'entries') continue;
      for (const entry of content.entries) {
        if (entry.type === 'place') found.set(entry.messageId, entry.bytes);
        else if (entry.type === 'reconstruct') found.set(entry.state.messageId, entry.bytes);
      }
    }
    return found;
  }
}

const nothing = new Uint8Array(0);

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
