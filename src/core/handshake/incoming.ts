/**
 * The SMSC's turn, seen from the client: which of its requests are new, which are repetitions, which answers it has
 * shown to have. Lives as long as one connection; a new session remembers none.
 * Source: docs/reference/cimd2.md sections 4.2 and 5.3, DESIGN sections 4 (redelivery) and 5.
 */
import { equalBytes } from '../base/bytes.ts';
import { invariant } from '../base/invariant.ts';
import { type Instant, secondMs } from '../base/time.ts';
import type { Packet } from '../codec/packet.ts';
import { firstServerNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
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
  /** Place among the requests of this session; only grows, unlike the packet number. */
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

export class IncomingTurn {
  readonly #window: number;
  #remembered: readonly Remembered[] = [];
  #unproved: readonly Unproved[] = [];
  #provedByLogOut: readonly IncomingToken[] = [];
  #expected = firstServerNumber;
  #ordinal = 0;

  /** @param window 1–128: requests that the SMSC may have unanswered */
  constructor(window: number) {
    this.#window = window;
  }

  /** The number of the SMSC's next request: what a NACK of ours carries. SPEC: section 4.4. */
  get expected(): PacketNumber {
    return this.#expected;
  }

  /** @param token names the request if it turns out to be new */
  take(request: Packet, bytes: Uint8Array, token: IncomingToken, now: Instant): IncomingVerdict {
    const known = this.#remembered.find(
      (one) => one.request.packetNumber === request.packetNumber && equalBytes(one.bytes, bytes),
    );
    if (known !== undefined) return { type: 'repetition', answer: known.answer };

    // SPEC: section 4.2: the SMSC never renumbers, so confusion is cured here: take the number that came, go on from it.
    const insteadOf = request.packetNumber === this.#expected ? undefined : this.#expected;
    this.#expected = nextPacketNumber(request.packetNumber);
    this.#ordinal += 1;
    const proved = this.#prove(insteadOf === undefined ? 'in-turn' : 'out-of-turn');
    const withdrawn = this.#makeRoom();
    this.#remembered = [
      ...this.#remembered,
      { token, request, bytes, ordinal: this.#ordinal, receivedAt: now, answer: undefined },
    ];
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

  #prove(number: 'in-turn' | 'out-of-turn'): readonly IncomingToken[] {
    if (number === 'out-of-turn') {
      // It is not the next number, so it proves nothing, and no later number counts on from here.
      this.#unproved = this.#unproved.map((one) => ({ ...one, provedBy: 'log-out' }));
      return [];
    }
    const isProved = (one: Unproved): boolean =>
      one.provedBy === 'next-number' && this.#ordinal - one.ordinal >= this.#window;
    const proved = this.#unproved.filter(isProved);
    if (proved.length > 0) this.#unproved = this.#unproved.filter((one) => !isProved(one));
    return proved.map(({ token }) => token);
  }

  #makeRoom(): readonly IncomingToken[] {
    const surplus = this.#remembered.length - (this.#window - 1);
    if (surplus <= 0) return [];
    const forgotten = this.#remembered.slice(0, surplus);
    this.#remembered = this.#remembered.slice(surplus);
    return forgotten.filter((one) => one.answer === undefined).map(({ token }) => token);
  }
}
