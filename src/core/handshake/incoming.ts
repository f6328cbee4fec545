/**
 * The SMSC's turn, seen from the client: which of its requests are new, which are repetitions, which answers it has
 * shown to have. Lives as long as one connection; a new session remembers none.
 * Source: docs/reference/cimd2.md sections 4.2 and 5.3, DESIGN sections 4 (redelivery) and 5.
 */
import { equalBytes } from '../base/bytes.ts';
import { invariant } from '../base/invariant.ts';
import { type Instant, secondMs } from '../base/time.ts';
import type { Packet } from '../codec/packet.ts';
import {
  firstServerNumber,
  nextPacketNumber,
  type PacketNumber,
  previousPacketNumber,
} from '../codec/packet-number.ts';
import type { IncomingToken } from './client-io.ts';

/**
 * An answer that took longer than this is not proved by the SMSC's next number: after 60 s the SMSC may have given the
 * request up and gone on without having read the answer. DESIGN section 4.
 */
export const promptAnswerMs = 50 * secondMs;

/** Answers that wait for their proof; the oldest is forgotten beyond this. DESIGN section 4: 256 candidates at most. */
const unprovedLimit = 256;

/** An answer as it went out, kept for repetitions. */
export interface SentAnswer {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

interface Remembered {
  readonly token: IncomingToken;
  readonly request: Packet;
  readonly bytes: Uint8Array;
  /** Place among the requests of this session, also those that did not arrive; only grows, unlike the packet number. */
  readonly ordinal: number;
  readonly receivedAt: Instant;
  readonly answer: SentAnswer | undefined;
}

interface Unproved {
  readonly token: IncomingToken;
  readonly ordinal: number;
  readonly provedBy: 'next-number' | 'log-out';
}

export type IncomingVerdict =
  /** Seen before; `answer` is undefined while its owner works on it. */
  | { readonly type: 'repetition'; readonly answer: SentAnswer | undefined }
  | {
      readonly type: 'new';
      /** Requests that the SMSC does not wait for any more. */
      readonly withdrawn: readonly IncomingToken[];
      /** Requests whose answer the SMSC has shown to have. */
      readonly proved: readonly IncomingToken[];
      /** The number that should have come, if another one came. */
      readonly insteadOf: PacketNumber | undefined;
    };

/** Where a number that is no repetition stands. */
type Place =
  /** The expected one, or, with a window, one behind it: those between are late, damaged or lost. */
  | { readonly type: 'ahead'; readonly ordinal: number }
  /** With a window: one that was skipped before. */
  | { readonly type: 'gap'; readonly ordinal: number }
  /** None that a turn allows. */
  | { readonly type: 'elsewhere' };

export class IncomingTurn {
  readonly #window: number;
  #remembered: readonly Remembered[] = [];
  #unproved: readonly Unproved[] = [];
  #provedByLogOut: readonly IncomingToken[] = [];
  #expected = firstServerNumber;
  /** Ordinal of the request before the expected one. */
  #highest = 0;

  /** @param window 1–128: how far the SMSC's number may be ahead of its oldest request without an answer */
  constructor(window: number) {
    this.#window = window;
  }

  /** The number of the SMSC's next request: what a NACK of ours carries. SPEC: section 4.4. */
  get expected(): PacketNumber {
    return this.#expected;
  }

  /** @param token names the request if it turns out to be new */
  take(request: Packet, bytes: Uint8Array, token: IncomingToken, now: Instant): IncomingVerdict {
    const { packetNumber } = request;
    const known = this.#remembered.find(
      (one) => one.request.packetNumber === packetNumber && equalBytes(one.bytes, bytes),
    );
    if (known !== undefined) return { type: 'repetition', answer: known.answer };

    const insteadOf = packetNumber === this.#expected ? undefined : this.#expected;
    const place = this.#placeOf(packetNumber);
    const remember = (ordinal: number): void => {
      const entry: Remembered = { token, request, bytes, ordinal, receivedAt: now, answer: undefined };
      this.#remembered = [...this.#remembered, entry];
    };
    if (place.type === 'gap') {
      remember(place.ordinal);
      return { type: 'new', withdrawn: [], proved: [], insteadOf };
    }
    // SPEC: section 4.2: the SMSC never renumbers, so confusion is cured here: take the number that came, go on from it.
    this.#expected = nextPacketNumber(packetNumber);
    this.#highest = place.type === 'ahead' ? place.ordinal : this.#highest + 1;
    // A number out of all turn proves nothing, and no later one counts on from here.
    if (place.type === 'elsewhere') this.#unproved = this.#unproved.map((one) => ({ ...one, provedBy: 'log-out' }));
    const proved = this.#prove();
    const withdrawn = this.#makeRoom();
    remember(this.#highest);
    return { type: 'new', withdrawn, proved, insteadOf };
  }

  /** Whether the SMSC lately sent a request under that number. */
  knows(number: PacketNumber): boolean {
    return this.#remembered.some((one) => one.request.packetNumber === number);
  }

  /** The request under that token, while its answer is waited for. */
  unanswered(token: IncomingToken): Packet | undefined {
    const known = this.#remembered.find((one) => one.token === token);
    return known !== undefined && known.answer === undefined ? known.request : undefined;
  }

  /** Keeps the answer that goes out now. `here`: nobody wants to know whether the SMSC had it. */
  answered(token: IncomingToken, answer: SentAnswer, by: 'owner' | 'here', now: Instant): void {
    const request = this.#remembered.find((one) => one.token === token);
    invariant(request !== undefined && request.answer === undefined, 'only an unanswered request is answered');
    this.#remembered = this.#remembered.map((one) => (one === request ? { ...one, answer } : one));
    if (by === 'here') return;
    const provedBy = now - request.receivedAt <= promptAnswerMs ? 'next-number' : 'log-out';
    this.#unproved = [...this.#unproved, { token, ordinal: request.ordinal, provedBy } as const].slice(-unprovedLimit);
  }

  /** Our log-out goes out now, behind all answers so far: its answer will prove them. */
  logOutSent(): void {
    this.#provedByLogOut = this.#unproved.map(({ token }) => token);
    this.#unproved = [];
  }

  /** @returns the requests whose answers the SMSC must have read, since it answered what we sent behind them */
  logOutAnswered(): readonly IncomingToken[] {
    return this.#provedByLogOut;
  }

  /** All that wait for an answer. */
  waiting(): readonly IncomingToken[] {
    return this.#remembered.filter((one) => one.answer === undefined).map(({ token }) => token);
  }

  #placeOf(packetNumber: PacketNumber): Place {
    // A gap first: with a window of more than 64 a number may be read both ways, and only one that is missing can come.
    let behind = this.#expected;
    for (let ordinal = this.#highest; ordinal > this.#highest - this.#window && ordinal > 0; ordinal -= 1) {
      behind = previousPacketNumber(behind);
      const isMissing = !this.#remembered.some((one) => one.ordinal === ordinal);
      if (behind === packetNumber && isMissing) return { type: 'gap', ordinal };
    }
    let ahead = this.#expected;
    for (let ordinal = this.#highest + 1; ordinal <= this.#highest + this.#window; ordinal += 1) {
      if (ahead === packetNumber) return { type: 'ahead', ordinal };
      ahead = nextPacketNumber(ahead);
    }
    return { type: 'elsewhere' };
  }

  /** The SMSC is W numbers on, which it may be only with our answer. DESIGN section 4. */
  #prove(): readonly IncomingToken[] {
    const isProved = (one: Unproved): boolean =>
      one.provedBy === 'next-number' && this.#highest - one.ordinal >= this.#window;
    const proved = this.#unproved.filter(isProved);
    if (proved.length > 0) this.#unproved = this.#unproved.filter((one) => !isProved(one));
    return proved.map(({ token }) => token);
  }

  /** Keeps the last W, and returns those that the SMSC went on from without an answer. */
  #makeRoom(): readonly IncomingToken[] {
    const isForgotten = (one: Remembered): boolean => this.#highest - one.ordinal >= this.#window;
    const forgotten = this.#remembered.filter(isForgotten);
    if (forgotten.length > 0) this.#remembered = this.#remembered.filter((one) => !isForgotten(one));
    return forgotten.filter((one) => one.answer === undefined).map(({ token }) => token);
  }
}
