/**
 * The application's turn, seen from the server: which of its requests are taken, which get the answer of before, which
 * get a NACK. Lives as long as one login. What a request asks for is not looked at here.
 * Source: docs/reference/cimd2.md sections 4.2, 5.2 and 11.3.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Packet } from '../codec/packet.ts';
import { isClientNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import type { ServerToken } from './server-io.ts';

/**
 * Requests in work at once where no window sets the limit: as many as there are numbers. An application that does not
 * wait for its turn is served all the same, section 4.2 knows no answer to it; but only its last request can be repeated.
 */
const inWorkLimit = 128;

/** An answer as it went out, kept for a repetition. */
export interface GivenAnswer {
  readonly packet: Packet;
  readonly bytes: Uint8Array;
}

/** `forgetful` is strict, but takes a repetition for a new request, as service centres may that keep no answers. */
export type NumberRules = 'strict' | 'lenient' | 'forgetful';

export interface TurnOptions {
  readonly numbers: NumberRules;
  /** 019 of the login; undefined where it had none, which is not the same as 1: without it repetitions are answered. */
  readonly window: number | undefined;
  /** The login, which is the first request of its session. */
  readonly login: Taken;
}

export type TurnVerdict =
  | { readonly type: 'take' }
  /** The last request again: it gets its answer again, or silence while it is in work. */
  | { readonly type: 'repetition'; readonly answer: GivenAnswer | undefined }
  /** Discard it, and say which number is expected. */
  | { readonly type: 'nack' };

export interface Taken {
  readonly packetNumber: PacketNumber;
  readonly bytes: Uint8Array;
  readonly answer: GivenAnswer | undefined;
}

export class ApplicationTurn {
  readonly #options: TurnOptions;
  readonly #inWork = new Map<ServerToken, { readonly operation: number; readonly packetNumber: PacketNumber }>();
  #last: Taken;
  #expected: PacketNumber;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#last = options.login;
    this.#expected = nextPacketNumber(options.login.packetNumber);
  }

  /** What a NACK says. SPEC: section 4.4. */
  get expected(): PacketNumber {
    return this.#expected;
  }

  /** Judges by number before anybody looks at the operation. SPEC: section 1.6, order of checks. */
  judge(number: PacketNumber, bytes: Uint8Array): TurnVerdict {
    const { numbers, window } = this.#options;
    // SPEC: section 5.2: with a window out of order, doubled and outside the window are all the same.
    if (window !== undefined) {
      return number === this.#expected && this.#inWork.size < window ? { type: 'take' } : { type: 'nack' };
    }
    const hasRoom = this.#inWork.size < inWorkLimit;
    const isLastNumber = number === this.#last.packetNumber;
    if (numbers === 'forgetful' && isLastNumber && hasRoom) return { type: 'take' };
    if (numbers !== 'lenient') {
      // SPEC: section 4.2. The number alone tells a repetition; a number used again does not make a new request.
      if (isLastNumber) return { type: 'repetition', answer: this.#last.answer };
      return number === this.#expected && hasRoom ? { type: 'take' } : { type: 'nack' };
    }
    // COMPAT: section 11.3 point 6: jcimd and others number as they like; only an exact repetition is one.
    if (isLastNumber && equalBytes(this.#last.bytes, bytes)) {
      return { type: 'repetition', answer: this.#last.answer };
    }
    return isClientNumber(number) && hasRoom ? { type: 'take' } : { type: 'nack' };
  }

  /** The request is in work; its answer comes through {@link answered}. */
  take(token: ServerToken, request: Pick<Packet, 'operation' | 'packetNumber'>, bytes: Uint8Array): void {
    const { operation, packetNumber } = request;
    this.#inWork.set(token, { operation, packetNumber });
    this.#last = { packetNumber, bytes, answer: undefined };
    this.#expected = nextPacketNumber(packetNumber);
  }

  /** The request under that token, while its answer is due. */
  inWork(token: ServerToken): { readonly operation: number; readonly packetNumber: PacketNumber } | undefined {
    return this.#inWork.get(token);
  }

  /** The answer goes out now. Only the last request can be repeated, so only its answer is kept. */
  answered(token: ServerToken, answer: GivenAnswer): void {
    this.#inWork.delete(token);
    if (answer.packet.packetNumber === this.#last.packetNumber) this.#last = { ...this.#last, answer };
  }
}
