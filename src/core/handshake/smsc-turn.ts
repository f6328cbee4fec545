/**
 * The client's part in the SMSC's turn: what becomes of a deliver, a status report and an alive, and how they are
 * answered. Which of them are new is `incoming.ts`; what a message says is its owner's affair.
 * Source: docs/reference/cimd2.md sections 1.6, 2.1, 2.9, 2.10, 4.2 and 5.3.
 */
import { type LogEvent, logEvent, maskAddress } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import type { PacketHeader } from '../codec/decode.ts';
import { encodePacket } from '../codec/encode.ts';
import { nack } from '../codec/operations.ts';
import { type Packet, type Parameter, parameterOf, responseOperation } from '../codec/packet.ts';
import { formatPacketNumber, type PacketNumber } from '../codec/packet-number.ts';
import type { ApplicationType, ClientOutput, IncomingToken } from './client-io.ts';
import { IncomingTurn } from './incoming.ts';

export type SmscTurnOutput =
  | Extract<ClientOutput, { readonly type: 'write' | 'incoming' | 'withdrawn' | 'answer-seen' }>
  | LogEvent;

export interface SmscTurnOptions {
  readonly window: number;
  readonly applicationType: ApplicationType;
  readonly checksum: 'send' | 'omit';
  /** Gives a token that was never given before in the life of the client. */
  readonly newToken: () => IncomingToken;
}

const deliver = 20;
const report = 23;
const alive = 40;

export class SmscTurn {
  readonly #options: SmscTurnOptions;
  readonly #incoming: IncomingTurn;
  #outputs: SmscTurnOutput[] = [];

  constructor(options: SmscTurnOptions) {
    this.#options = options;
    this.#incoming = new IncomingTurn(options.window);
  }

  request(packet: Packet, bytes: Uint8Array, now: Instant): readonly SmscTurnOutput[] {
    return this.#collect(() => this.#request(packet, bytes, now));
  }

  /**
   * A request whose parameters cannot be read. It came as it was sent, so a NACK would only bring the same bytes again.
   * SPEC: section 1.6: header fine, syntax of a parameter broken. A report's answer has no parameters (section 2.10), a
   * deliver's may refuse it.
   */
  broken(header: PacketHeader, bytes: Uint8Array, now: Instant): readonly SmscTurnOutput[] {
    const { operation } = header;
    if (operation !== deliver && operation !== report) return [];
    const refusal = operation === deliver ? refusedWith(2) : [];
    return this.#collect(() => this.#answerHere({ ...header, parameters: [] }, bytes, refusal, now));
  }

  /** The owner may come too late: while it wrote to its disk the SMSC may have gone on. */
  answer(token: IncomingToken, parameters: readonly Parameter[], now: Instant): readonly SmscTurnOutput[] {
    const request = this.#incoming.unanswered(token);
    if (request === undefined) return [logEvent('debug', 'session.answer-too-late', { token })];
    return this.#collect(() => this.#give(token, request, parameters, 'owner', now));
  }

  /** SPEC: section 4.4: it carries the number we expect, which is the SMSC's, and even. */
  nack(): readonly SmscTurnOutput[] {
    return this.#collect(() => {
      const packet: Packet = { operation: nack.code, packetNumber: this.#incoming.expected, parameters: [] };
      this.#outputs.push({ type: 'write', bytes: this.#encode(packet), packet });
    });
  }

  /** Whether that token is of a deliver (20) that waits for its answer. */
  isDeliver(token: IncomingToken): boolean {
    return this.#incoming.unanswered(token)?.operation === deliver;
  }

  /** Whether the SMSC lately sent a request under that number. */
  knows(number: PacketNumber): boolean {
    return this.#incoming.knows(number);
  }

  /** Our log-out goes out now, behind all answers so far. */
  logOutSent(): void {
    this.#incoming.logOutSent();
  }

  /** The SMSC answered it, so it must have read what we sent before. */
  logOutAnswered(): readonly SmscTurnOutput[] {
    return this.#incoming.logOutAnswered().map((token) => ({ type: 'answer-seen', token }));
  }

  /** All that wait for an answer. */
  waiting(): readonly IncomingToken[] {
    return this.#incoming.waiting();
  }

  #request(request: Packet, bytes: Uint8Array, now: Instant): void {
    const { operation } = request;
    if (operation === alive) {
      // SPEC: section 2.1: the SMSC never begins an alive; answered all the same, as Kannel does.
      this.#answerHere(request, bytes, [], now);
    } else if (operation !== deliver && operation !== report) {
      this.#unexpected('CIMD2_UNKNOWN_OPERATION', request);
    } else if (this.#options.applicationType === 'send-only') {
      this.#notForUs(request, bytes, now);
    } else {
      const token = this.#takeTurn(request, bytes, now);
      if (token !== undefined) this.#outputs.push({ type: 'incoming', token, packet: request });
    }
  }

  /**
   * SPEC: section 2.1: a send-only application gets neither, so there is nobody to store them. To keep silent would end
   * the session after three repetitions. 1 (unexpected operation) lets the SMSC keep a deliver, where the account may
   * refuse one at all (section 2.9); a report cannot be refused (section 2.10), so its key and its status are told.
   */
  #notForUs(request: Packet, bytes: Uint8Array, now: Instant): void {
    const isNew = this.#answerHere(request, bytes, request.operation === deliver ? refusedWith(1) : [], now);
    if (isNew) this.#unexpected('SESSION_UNEXPECTED_REQUEST', request);
  }

  #unexpected(code: 'CIMD2_UNKNOWN_OPERATION' | 'SESSION_UNEXPECTED_REQUEST', request: Packet): void {
    const { operation } = request;
    const isReport = operation === report;
    this.#outputs.push(
      logEvent('warn', 'session.unexpected-request', {
        code,
        operation,
        packetNumber: formatPacketNumber(request.packetNumber),
        destination: isReport ? maskAddress(parameterOf(request, 21) ?? '') : undefined,
        stamp: isReport ? parameterOf(request, 60) : undefined,
        status: isReport ? parameterOf(request, 61) : undefined,
      }),
    );
  }

  /** @returns the token of a new request; undefined for a repetition, which is answered here if it can be */
  #takeTurn(request: Packet, bytes: Uint8Array, now: Instant): IncomingToken | undefined {
    const token = this.#options.newToken();
    const verdict = this.#incoming.take(request, bytes, token, now);
    const packetNumber = formatPacketNumber(request.packetNumber);
    if (verdict.type === 'repetition') {
      const isAnswered = verdict.answer !== undefined;
      this.#outputs.push(logEvent('info', 'session.repetition', { packetNumber, isAnswered }));
      if (verdict.answer !== undefined) this.#outputs.push({ type: 'write', ...verdict.answer });
      return undefined;
    }
    if (verdict.insteadOf !== undefined) {
      const expected = formatPacketNumber(verdict.insteadOf);
      this.#outputs.push(
        logEvent('warn', 'session.out-of-turn', { code: 'SESSION_OUT_OF_SYNC', packetNumber, expected }),
      );
    }
    for (const proved of verdict.proved) this.#outputs.push({ type: 'answer-seen', token: proved });
    for (const withdrawn of verdict.withdrawn) this.#outputs.push({ type: 'withdrawn', token: withdrawn });
    return token;
  }

  /** @returns whether it was new, and not a repetition */
  #answerHere(request: Packet, bytes: Uint8Array, parameters: readonly Parameter[], now: Instant): boolean {
    const token = this.#takeTurn(request, bytes, now);
    if (token === undefined) return false;
    this.#give(token, request, parameters, 'here', now);
    return true;
  }

  #give(
    token: IncomingToken,
    request: Packet,
    parameters: readonly Parameter[],
    by: 'owner' | 'here',
    now: Instant,
  ): void {
    const { packetNumber } = request;
    const packet: Packet = { operation: responseOperation(request.operation), packetNumber, parameters };
    const bytes = this.#encode(packet);
    this.#incoming.answered(token, { packet, bytes }, by, now);
    this.#outputs.push({ type: 'write', bytes, packet });
  }

  #encode(packet: Packet): Uint8Array {
    return encodePacket(packet, { checksum: this.#options.checksum });
  }

  #collect(act: () => unknown): readonly SmscTurnOutput[] {
    this.#outputs = [];
    act();
    return this.#outputs;
  }
}

function refusedWith(errorCode: number): readonly Parameter[] {
  return [{ code: 900, value: String(errorCode) }];
}
