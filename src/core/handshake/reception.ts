/**
 * From the bytes of a connection to packets, whole or damaged, in the order of the stream: the same for both ends. With
 * a limit, what comes faster waits here, in bytes and not in packets, until its time has come: a peer that floods is
 * answered at the pace of the limit, and costs no more than that many bytes. What is answered is not decided here.
 * Source: docs/reference/cimd2.md sections 1.3, 1.4 and 1.6.
 */
import { type LogEvent, logEvent } from '../base/log-event.ts';
import { type Instant, later, secondMs } from '../base/time.ts';
import { type Decoded, decodePacket } from '../codec/decode.ts';
import { defaultBetweenLimitBytes, defaultReceiveLimitBytes, Framer, type FramerEvent } from '../codec/framer.ts';
import type { Packet } from '../codec/packet.ts';

/** Bytes that may wait for their time; a window of 128 packets of the longest we emit fits. */
export const heldLimitBytes = 512 * 1_024;

/** So much waits that nothing more is to be read of the connection, until no more than the second waits. */
export const pauseReadingBytes = 64 * 1_024;
const resumeReadingBytes = 16 * 1_024;

export type Damaged = Extract<Decoded, { readonly ok: false }>;

export type Arrival =
  | { readonly type: 'packet'; readonly packet: Packet; readonly bytes: Uint8Array }
  /** Whole by its frame, and unreadable. */
  | { readonly type: 'damaged'; readonly damaged: Damaged; readonly bytes: Uint8Array }
  /** Something stood outside packets: the greeting, or noise. */
  | { readonly type: 'between' }
  /** Much waits, or not much any more: whether to read on. Bytes that come all the same are taken. */
  | { readonly type: 'reading'; readonly flow: 'pause' | 'resume' }
  /** More waits than may: the connection is to be closed, nothing more is read of it. */
  | { readonly type: 'flooded' }
  | LogEvent;

export class Reception {
  readonly #framer = new Framer({
    limitBytes: defaultReceiveLimitBytes,
    betweenLimitBytes: defaultBetweenLimitBytes,
  });
  readonly #perSecond: number | undefined;
  /** What waits is `#held` from `#heldFrom` to `#heldTo`. */
  #held = new Uint8Array(0);
  #heldFrom = 0;
  #heldTo = 0;
  /** What may be taken at `#countedAt`; below 0 where one piece held more than was left. */
  #allowance: number;
  #countedAt: Instant | undefined;
  #flow: 'pause' | 'resume' = 'resume';

  /**
   * @param perSecond packets, and pieces of noise, that are taken in a second, 1 or more; as many may come at once.
   * Undefined sets no limit.
   */
  constructor(perSecond?: number) {
    this.#perSecond = perSecond;
    this.#allowance = perSecond ?? 0;
  }

  take(bytes: Uint8Array, now: Instant): readonly Arrival[] {
    if (this.#perSecond === undefined) return arrivalsOfAll(this.#framer.push(bytes));
    this.#hold(bytes);
    const taken = this.resume(now);
    const waitingBytes = this.#heldTo - this.#heldFrom;
    if (waitingBytes > heldLimitBytes) {
      this.#drop();
      return [...taken, { type: 'flooded' }];
    }
    if (this.#flow === 'pause' || waitingBytes <= pauseReadingBytes) return taken;
    this.#flow = 'pause';
    return [...taken, { type: 'reading', flow: 'pause' }];
  }

  /** What waited and whose time has come. */
  resume(now: Instant): readonly Arrival[] {
    if (this.#perSecond === undefined) return [];
    const since = this.#countedAt === undefined ? 0 : now - this.#countedAt;
    this.#allowance = Math.min(this.#perSecond, this.#allowance + (since / secondMs) * this.#perSecond);
    this.#countedAt = now;
    const arrivals: Arrival[] = [];
    while (this.#heldFrom < this.#heldTo && this.#allowance >= 1) {
      const events = this.#framer.push(this.#nextPiece());
      this.#allowance -= events.length;
      arrivals.push(...arrivalsOfAll(events));
    }
    if (this.#flow === 'pause' && this.#heldTo - this.#heldFrom <= resumeReadingBytes) {
      this.#flow = 'resume';
      arrivals.push({ type: 'reading', flow: 'resume' });
    }
    return arrivals;
  }

  /** When more of what waits may be taken; undefined if nothing waits. */
  deadline(): Instant | undefined {
    const waits = this.#heldFrom < this.#heldTo;
    if (this.#perSecond === undefined || this.#countedAt === undefined || !waits) return undefined;
    return later(this.#countedAt, Math.ceil(((1 - this.#allowance) * secondMs) / this.#perSecond));
  }

  /** The connection is over; what had begun is reported. What waited was never taken, and is dropped. */
  end(): readonly LogEvent[] {
    this.#drop();
    return this.#framer.end().flatMap((event) => (event.type === 'fault' ? [faultLog(event)] : []));
  }

  /** At most one packet, or what precedes one: so that a read full of packets is not taken as one. */
  #nextPiece(): Uint8Array {
    const waiting = this.#held.subarray(this.#heldFrom, this.#heldTo);
    const piece = waiting.subarray(0, pieceEnd(waiting));
    this.#heldFrom += piece.length;
    return piece;
  }

  /** Copied behind what waits, so that many small pieces cost no more than one large one. */
  #hold(bytes: Uint8Array): void {
    if (this.#heldTo + bytes.length > this.#held.length) {
      const waiting = this.#held.subarray(this.#heldFrom, this.#heldTo);
      const room = new Uint8Array(2 * (waiting.length + bytes.length));
      room.set(waiting);
      this.#held = room;
      this.#heldFrom = 0;
      this.#heldTo = waiting.length;
    }
    this.#held.set(bytes, this.#heldTo);
    this.#heldTo += bytes.length;
  }

  #drop(): void {
    this.#held = new Uint8Array(0);
    this.#heldFrom = 0;
    this.#heldTo = 0;
  }
}

const stx = 0x02;
const etx = 0x03;

/** Up to and including the next ETX, or up to the next STX behind the first byte. */
function pieceEnd(bytes: Uint8Array): number {
  const end = bytes.indexOf(etx) + 1 || bytes.length;
  const next = bytes.subarray(1, end).indexOf(stx);
  return next === -1 ? end : next + 1;
}

/** Mostly one packet was there. */
function arrivalsOfAll(events: readonly FramerEvent[]): readonly Arrival[] {
  const [only] = events;
  return events.length === 1 && only !== undefined ? arrivalsOf(only) : events.flatMap(arrivalsOf);
}

function arrivalsOf(event: FramerEvent): readonly Arrival[] {
  if (event.type === 'fault') return [faultLog(event)];
  if (event.type === 'between') {
    // Never its text: a greeting carries the PIN of the operator's trace console. SPEC: section 6.2.
    const sizeBytes = event.bytes.length + event.droppedBytes;
    return [logEvent('debug', 'session.between', { sizeBytes }), { type: 'between' }];
  }
  const decoded = decodePacket(event.bytes);
  if (decoded.ok) return [{ type: 'packet', packet: decoded.packet, bytes: event.bytes }];
  const { fault, damage } = decoded;
  return [
    logEvent('warn', 'session.damaged-packet', { code: fault.code, damage, message: fault.message }),
    { type: 'damaged', damaged: decoded, bytes: event.bytes },
  ];
}

/** SPEC: section 1.6: nothing is answered to a packet that was never whole. */
function faultLog({ fault }: Extract<FramerEvent, { readonly type: 'fault' }>): LogEvent {
  return logEvent('warn', 'session.fault', { code: fault.code, message: fault.message });
}
