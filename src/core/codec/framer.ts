/**
 * Cuts a stream of bytes into packets, from STX to ETX. It never looks inside a packet, so nothing in one can bring it
 * out of step: after any garbage the next STX begins a packet. Source: docs/reference/cimd2.md sections 1.3, 1.4, 1.6.
 */
import { ByteRoom } from '../base/byte-room.ts';
import type { Fault } from '../base/errors.ts';
import { invariant } from '../base/invariant.ts';

/** Longest packet taken, STX and ETX included, unless configured otherwise. SPEC: section 1.4, a recommendation. */
export const defaultReceiveLimitBytes = 16_384;
/** Most bytes handed out of one gap between packets. SPEC: section 1.6, a recommendation. */
export const defaultBetweenLimitBytes = 4_096;

const stx = 0x02;
const etx = 0x03;

/** First size of the buffer for a packet that arrives in pieces; it doubles up to the limit. */
const firstBufferBytes = 256;

export interface FramerOptions {
  /** Longest packet, STX and ETX included; at least 9, the shortest packet there is. */
  readonly limitBytes: number;
  /** Most bytes handed out of one gap between packets; 0 or more. */
  readonly betweenLimitBytes: number;
}

export type FramerEvent =
  /** From STX to ETX, both included; a copy of its own. */
  | { readonly type: 'packet'; readonly bytes: Uint8Array }
  /**
   * What stood outside packets: the greeting, noise, or the tail of an oversize packet, therefore never to be logged
   * as text. A gap that arrives in pieces is handed out in pieces; `droppedBytes` of this piece were over the limit.
   */
  | { readonly type: 'between'; readonly bytes: Uint8Array; readonly droppedBytes: number }
  | { readonly type: 'fault'; readonly fault: Fault };

interface Outside {
  readonly type: 'outside';
  /** Bytes of the present gap that were given to the owner already. */
  handedOut: number;
}

/** The first `length` bytes of `buffer` are a packet that began and did not end yet. */
interface Inside {
  readonly type: 'inside';
  buffer: Uint8Array;
  length: number;
}

const nothing = new Uint8Array(0);

/** Packets are short, and an array of its own costs more than all else that is done with one here. */
const packetRoom = new ByteRoom(8_192);

export class Framer {
  readonly #limitBytes: number;
  readonly #betweenLimitBytes: number;
  #state: Outside | Inside = { type: 'outside', handedOut: 0 };

  constructor(options: FramerOptions) {
    invariant(options.limitBytes >= 9, 'a framer takes packets of at least 9 bytes');
    invariant(options.betweenLimitBytes >= 0, 'a limit is not negative');
    this.#limitBytes = options.limitBytes;
    this.#betweenLimitBytes = options.betweenLimitBytes;
  }

  /** Bytes of a packet that began and did not end yet; never more than the limit. */
  get bufferedBytes(): number {
    return this.#state.type === 'inside' ? this.#state.length : 0;
  }

  /** Takes what arrived, cut anywhere; returns what it completes, in the order of the stream. */
  push(bytes: Uint8Array): readonly FramerEvent[] {
    const events: FramerEvent[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      const state = this.#state;
      if (state.type === 'outside') offset = this.#outside(state, bytes, offset, events);
      else offset = this.#collect(state, bytes, offset, offset, events);
    }
    return events;
  }

  /** The stream is over. What had begun is reported and dropped; the framer may then be used for a new stream. */
  end(): readonly FramerEvent[] {
    const buffered = this.bufferedBytes;
    this.#state = { type: 'outside', handedOut: 0 };
    if (buffered === 0) return [];
    return [faultEvent('CIMD2_TRUNCATED', `The stream ended inside a packet; its ${buffered} bytes were dropped.`)];
  }

  /** Goes on to the next STX, or to the end of `bytes`; returns where to go on. */
  #outside(state: Outside, bytes: Uint8Array, from: number, events: FramerEvent[]): number {
    const begin = bytes.indexOf(stx, from);
    const until = begin === -1 ? bytes.length : begin;
    if (until > from) this.#handOut(state, bytes.subarray(from, until), events);
    if (begin === -1) return bytes.length;
    return this.#collect({ type: 'inside', buffer: nothing, length: 0 }, bytes, begin, begin + 1, events);
  }

  /**
   * Adds `bytes` from `from` to the open packet until its ETX, the next STX, the limit, or the end of `bytes`.
   * `search` is where the next STX or ETX may stand: behind the packet's own STX.
   */
  #collect(state: Inside, bytes: Uint8Array, from: number, search: number, events: FramerEvent[]): number {
    const room = from + this.#limitBytes - state.length;
    const until = Math.min(bytes.length, room);
    const at = endOfContent(bytes, search, until);
    if (at < until && bytes[at] === etx) {
      events.push({ type: 'packet', bytes: joined(state, bytes.subarray(from, at + 1)) });
      this.#state = { type: 'outside', handedOut: 0 };
      return at + 1;
    }
    if (at === bytes.length) {
      append(state, bytes.subarray(from, at), this.#limitBytes);
      this.#state = state;
      return at;
    }
    const length = state.length + at - from;
    this.#state = { type: 'outside', handedOut: 0 };
    if (bytes[at] === stx) {
      // SPEC: section 1.6. Kannel hands the open part on as if it had been closed; a truncated submit must not be
      // answered, so it is dropped here and its sender times out.
      events.push(
        faultEvent('CIMD2_UNTERMINATED', `A packet began inside another; the first ${length} bytes were dropped.`),
      );
    } else {
      events.push(
        faultEvent(
          'CIMD2_OVERSIZE',
          `A packet was longer than ${this.#limitBytes} bytes; what came of it was dropped.`,
        ),
      );
    }
    return at;
  }

  /** SPEC: section 1.6. An ETX outside a packet is ignored; it belongs to nothing. */
  #handOut(state: Outside, gap: Uint8Array, events: FramerEvent[]): void {
    const noise = gap.includes(etx) ? gap.filter((byte) => byte !== etx) : gap;
    if (noise.length === 0) return;
    const kept = noise.slice(0, Math.max(0, this.#betweenLimitBytes - state.handedOut));
    state.handedOut += kept.length;
    events.push({ type: 'between', bytes: kept, droppedBytes: noise.length - kept.length });
  }
}

/** Where the next STX or ETX is, but `until` if there is none before. */
function endOfContent(bytes: Uint8Array, from: number, until: number): number {
  for (let at = from; at < until; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte <= etx && (byte === stx || byte === etx)) return at;
  }
  return until;
}

function joined(open: Readonly<Inside>, last: Uint8Array): Uint8Array {
  const whole = packetRoom.take(open.length + last.length);
  if (open.length > 0) whole.set(open.buffer.subarray(0, open.length));
  whole.set(last, open.length);
  return whole;
}

/** Doubling makes a packet that arrives byte by byte cost linear time, and the cap keeps the buffer within the limit. */
function append(open: Inside, piece: Uint8Array, limitBytes: number): void {
  const needed = open.length + piece.length;
  invariant(needed <= limitBytes, 'an open packet stays within the limit');
  if (needed > open.buffer.length) {
    const grown = new Uint8Array(Math.min(limitBytes, Math.max(needed, open.buffer.length * 2, firstBufferBytes)));
    grown.set(open.buffer.subarray(0, open.length));
    open.buffer = grown;
  }
  open.buffer.set(piece, open.length);
  open.length = needed;
}

function faultEvent(code: Fault['code'], message: string): FramerEvent {
  return { type: 'fault', fault: { code, message } };
}
