/**
 * Puts TCP streams together again, each direction by itself: segments in the order of their numbers, what was sent twice
 * once, what is missing told as lost. Everything has a limit: segments that wait for a gap, and connections followed.
 * Source: RFC 9293, section 3.4.
 */
import type { TcpSegment } from './tcp-segment.ts';

export interface TcpDirection {
  readonly from: string;
  readonly to: string;
}

export type TcpEvent =
  | {
      readonly type: 'bytes';
      readonly direction: TcpDirection;
      readonly at: number | undefined;
      readonly bytes: Uint8Array;
    }
  /** So many bytes were on the line and are not in the capture. */
  | {
      readonly type: 'lost';
      readonly direction: TcpDirection;
      readonly at: number | undefined;
      readonly lostBytes: number;
    }
  /** The connection is over in this direction. */
  | { readonly type: 'end'; readonly direction: TcpDirection; readonly at: number | undefined };

/** Bytes that wait in one direction for a gap to close; then the gap is given up. */
const waitingLimitBytes = 1_048_576;
const waitingLimitSegments = 1024;
/** Directions followed at a time; beyond, the one that was quiet longest is given up. */
const directionLimit = 2048;

interface Waiting {
  readonly seq: number;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
  readonly at: number | undefined;
}

interface State {
  readonly direction: TcpDirection;
  /** Sequence number of the next byte; undefined until the first segment. */
  next: number | undefined;
  /** In order of their numbers. */
  waiting: Waiting[];
  waitingBytes: number;
  /** Behind the last byte; undefined until a FIN. */
  finAt: number | undefined;
  /** Its end was told; it is kept so that what is sent again is known as seen. */
  isEnded: boolean;
}

export class TcpStreams {
  readonly #states = new Map<string, State>();

  take(segment: TcpSegment, at: number | undefined): readonly TcpEvent[] {
    const events: TcpEvent[] = [];
    const key = `${segment.from} ${segment.to}`;
    if (segment.isSyn) this.#open(key, segment, at, events);
    const state = this.#state(key, segment, at, events);
    const seq = segment.isSyn ? add(segment.seq, 1) : segment.seq;
    // Without a SYN the first segment seen is where reading begins.
    state.next ??= seq;
    if (segment.sizeBytes > 0) place(state, { ...segment, seq, at }, events);
    if (segment.isFin) state.finAt = add(seq, segment.sizeBytes);
    this.#believeAck(segment, at, events);
    const isFinished = state.finAt !== undefined && distance(state.next, state.finAt) <= 0;
    if (segment.isReset) this.#close(key, state, at, events);
    else if (isFinished) endOnce(state, at, events);
    return events;
  }

  /** The capture is over: what waits for a gap comes now, with the gap told. */
  end(): readonly TcpEvent[] {
    const events: TcpEvent[] = [];
    for (const [key, state] of [...this.#states]) this.#close(key, state, undefined, events);
    return events;
  }

  #open(key: string, segment: TcpSegment, at: number | undefined, events: TcpEvent[]): void {
    const known = this.#states.get(key);
    // A SYN sent again changes nothing; another one on the same ports is a new connection.
    if (known?.next === undefined || distance(add(segment.seq, 1), known.next) === 0) return;
    this.#close(key, known, at, events);
  }

  #state(key: string, segment: TcpSegment, at: number | undefined, events: TcpEvent[]): State {
    const known = this.#states.get(key);
    const state = known ?? {
      direction: { from: segment.from, to: segment.to },
      next: undefined,
      waiting: [],
      waitingBytes: 0,
      finAt: undefined,
      isEnded: false,
    };
    // Set again to be last in the order of the map, which thereby is that of use.
    this.#states.delete(key);
    this.#states.set(key, state);
    if (this.#states.size > directionLimit) {
      const [oldest] = this.#states;
      if (oldest !== undefined) this.#close(oldest[0], oldest[1], at, events);
    }
    return state;
  }

  /** What the other end has acknowledged was on the line: a gap before it will not close any more. */
  #believeAck(segment: TcpSegment, at: number | undefined, events: TcpEvent[]): void {
    if (segment.ack === undefined) return;
    const other = this.#states.get(`${segment.to} ${segment.from}`);
    const [first] = other?.waiting ?? [];
    if (other === undefined || first === undefined) return;
    if (distance(first.seq, segment.ack) > 0) giveUpGap(other, at, events);
  }

  #close(key: string, state: State, at: number | undefined, events: TcpEvent[]): void {
    while (state.waiting.length > 0) giveUpGap(state, at, events);
    endOnce(state, at, events);
    this.#states.delete(key);
  }
}

function endOnce(state: State, at: number | undefined, events: TcpEvent[]): void {
  if (!state.isEnded) events.push({ type: 'end', direction: state.direction, at });
  state.isEnded = true;
}

/** Hands on what is next, keeps what is ahead, drops what was seen. */
function place(state: State, segment: Waiting, events: TcpEvent[]): void {
  const ahead = distance(state.next ?? segment.seq, segment.seq);
  if (ahead <= 0) {
    handOn(state, segment, events);
    drain(state, events);
    return;
  }
  const index = state.waiting.findIndex((other) => distance(segment.seq, other.seq) >= 0);
  // A copy: it outlives the chunk that it is a view of.
  const kept = { ...segment, bytes: segment.bytes.slice() };
  state.waiting.splice(index === -1 ? state.waiting.length : index, 0, kept);
  state.waitingBytes += kept.bytes.length;
  while (state.waitingBytes > waitingLimitBytes || state.waiting.length > waitingLimitSegments) {
    giveUpGap(state, segment.at, events);
  }
}

function handOn(state: State, { seq, sizeBytes, bytes, at }: Waiting, events: TcpEvent[]): void {
  const { direction } = state;
  const seen = -distance(state.next ?? seq, seq);
  if (seen >= sizeBytes) return;
  const fresh = bytes.subarray(Math.min(seen, bytes.length));
  if (fresh.length > 0) events.push({ type: 'bytes', direction, at, bytes: fresh });
  const lostBytes = sizeBytes - Math.max(seen, bytes.length);
  if (lostBytes > 0) events.push({ type: 'lost', direction, at, lostBytes });
  state.next = add(seq, sizeBytes);
}

/** What waited and is next by now. */
function drain(state: State, events: TcpEvent[]): void {
  for (;;) {
    const [first] = state.waiting;
    if (first === undefined || distance(state.next ?? first.seq, first.seq) > 0) return;
    state.waiting.shift();
    state.waitingBytes -= first.bytes.length;
    handOn(state, first, events);
  }
}

function giveUpGap(state: State, at: number | undefined, events: TcpEvent[]): void {
  const [first] = state.waiting;
  if (first === undefined) return;
  const lostBytes = distance(state.next ?? first.seq, first.seq);
  if (lostBytes > 0) events.push({ type: 'lost', direction: state.direction, at, lostBytes });
  state.next = first.seq;
  drain(state, events);
}

/** From `from` to `to`, negative where `to` comes before; both modulo 2^32. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}

function add(seq: number, count: number): number {
  return (seq + count) >>> 0;
}
