/**
 * One connection to an SMSC under a person's hand: it numbers and matches, and decides nothing. It repeats nothing and
 * answers nothing by itself, and lets anything out at any time; the machine that keeps all rules is `core/handshake`.
 * SPEC: docs/reference/cimd2.md sections 2.3, 4 and 6.
 */

import { decodePacket } from '../../../core/codec/decode.ts';
import { tryEncodePacket } from '../../../core/codec/encode.ts';
import { parseErrorCode } from '../../../core/codec/error-codes.ts';
import { defaultReceiveLimitBytes, Framer } from '../../../core/codec/framer.ts';
import { type Packet, type Parameter, parameterOf, responseOperation } from '../../../core/codec/packet.ts';
import {
  firstClientNumber,
  isClientNumber,
  nextPacketNumber,
  type PacketNumber,
} from '../../../core/codec/packet-number.ts';
import { formatAddress } from '../../../shell/address.ts';
import { connectTransport } from '../../../shell/tcp.ts';
import type { Transport } from '../../../shell/transport.ts';
import { describePacket, type PacketLine, spellPacket } from '../packet-text.ts';
import { loginError } from '../session-errors.ts';
import type { SmscLogin } from '../smsc-session.ts';
import { badLine, notConnected } from './shell-errors.ts';

/** Bytes of one gap between packets that are shown; a greeting has about a hundred. */
const shownNoiseBytes = 512;

/** A packet in either direction, or what came and is none. */
export interface Seen {
  readonly line: PacketLine;
  /** Undefined for noise and what is damaged. */
  readonly packet: Packet | undefined;
  /** Alive of its own accord, or the answer to it: nobody asked for it. */
  readonly isOwn: boolean;
}

export interface ConnectionEvents {
  readonly seen: (seen: Seen) => void;
  /** The SMSC ended it; so many requests will never be answered. */
  readonly lost: (reason: string, unanswered: number) => void;
  /** Anything at all is different now. */
  readonly changed: () => void;
}

interface Outstanding {
  readonly operation: number;
  readonly sentAt: number;
  readonly isOwn: boolean;
  /** Of a login. */
  readonly user: string | undefined;
}

interface Open {
  readonly type: 'open';
  readonly transport: Transport;
  readonly framer: Framer;
  /** By packet number; 128 at most, since there are no more. */
  readonly outstanding: Map<PacketNumber, Outstanding>;
  nextNumber: PacketNumber;
  /** Logged in as. */
  user: string | undefined;
  heardAt: number;
}

type State =
  | { readonly type: 'closed'; readonly by: 'nobody' | 'this-end' | 'smsc'; readonly reason: string }
  | { readonly type: 'opening' }
  | Open;

export class Connection {
  readonly #login: SmscLogin;
  readonly #on: ConnectionEvents;
  #state: State = { type: 'closed', by: 'nobody', reason: 'nothing was connected yet' };

  constructor(login: SmscLogin, on: ConnectionEvents) {
    this.#login = login;
    this.#on = on;
  }

  get isOpen(): boolean {
    return this.#state.type === 'open';
  }

  /** Who is logged in. */
  get user(): string | undefined {
    return this.#state.type === 'open' ? this.#state.user : undefined;
  }

  get closed(): Extract<State, { readonly type: 'closed' }> | undefined {
    return this.#state.type === 'closed' ? this.#state : undefined;
  }

  /** Operations that wait for their answer, alives of its own left out. */
  get outstanding(): readonly number[] {
    if (this.#state.type !== 'open') return [];
    return [...this.#state.outstanding.values()].filter(({ isOwn }) => !isOwn).map(({ operation }) => operation);
  }

  /** Whether a request may go by the rules. SPEC: section 5.1, the window opens with the answer to the login. */
  get hasPlace(): boolean {
    if (this.#state.type !== 'open') return false;
    const { outstanding, user, nextNumber } = this.#state;
    return outstanding.size < (user === undefined ? 1 : this.#login.window) && !outstanding.has(nextNumber);
  }

  isOutstanding(number: PacketNumber): boolean {
    return this.#state.type === 'open' && this.#state.outstanding.has(number);
  }

  /** Since when nothing came, in milliseconds. */
  get silentMs(): number {
    return this.#state.type === 'open' ? performance.now() - this.#state.heardAt : 0;
  }

  /** @throws OperatorError PEER_UNREACHABLE (5) */
  open(): Promise<void> {
    const { address, ca, client } = this.#login;
    this.#state = { type: 'opening' };
    return new Promise((resolve, reject) => {
      const transport: Transport = connectTransport(
        address,
        {
          opened: () => {
            this.#state = {
              type: 'open',
              transport,
              framer: new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: shownNoiseBytes }),
              outstanding: new Map(),
              nextNumber: firstClientNumber,
              user: undefined,
              heardAt: performance.now(),
            };
            this.#on.changed();
            resolve();
          },
          received: (bytes) => this.#received(transport, bytes),
          closed: (reason) => {
            if (this.#state.type === 'opening') this.#state = { type: 'closed', by: 'smsc', reason };
            else this.#lost(transport, reason);
            reject(loginError({ code: 'PEER_UNREACHABLE', reason }, formatAddress(address), this.#login.user));
          },
        },
        { tls: { ...(ca === undefined ? {} : { ca }), ...client } },
      );
    });
  }

  /**
   * A request under the next number.
   *
   * @throws OperatorError USAGE_BAD_VALUE where no packet can hold that, PEER_UNREACHABLE where nothing is open
   */
  request(operation: number, parameters: readonly Parameter[], by: 'hand' | 'itself' = 'hand'): Sent {
    const packetNumber = this.#open().nextNumber;
    return { number: packetNumber, bytes: this.#compose({ operation, packetNumber, parameters }, by) };
  }

  /** The answer to what the SMSC sent. @throws as {@link request} */
  respond({ operation, packetNumber }: Packet, parameters: readonly Parameter[]): Sent {
    const answer = { operation: responseOperation(operation), packetNumber, parameters };
    return { number: packetNumber, bytes: this.#compose(answer, 'hand') };
  }

  /** The next number, for packets that are put together elsewhere. @throws as {@link request} */
  get nextNumber(): PacketNumber {
    return this.#open().nextNumber;
  }

  /** Bytes as they are. What is a request among them is waited for like any other. @throws as {@link request} */
  write(bytes: Uint8Array, by: 'hand' | 'itself' = 'hand'): void {
    const open = this.#open();
    const isOwn = by === 'itself';
    const decoded = decodePacket(bytes);
    for (const event of new Framer({ limitBytes: bytes.length + 9, betweenLimitBytes: 0 }).push(bytes)) {
      const found = event.type === 'packet' ? decodePacket(event.bytes) : undefined;
      if (found?.ok === true) this.#sent(open, found.packet, isOwn);
    }
    this.#on.seen({
      line: describePacket('out', bytes, undefined),
      packet: decoded.ok ? decoded.packet : undefined,
      isOwn,
    });
    open.transport.write(bytes);
  }

  /** While more came than could be shown, no more is read: the SMSC has to wait. */
  pauseReading(): void {
    if (this.#state.type === 'open') this.#state.transport.pauseReading();
  }

  resumeReading(): void {
    if (this.#state.type === 'open') this.#state.transport.resumeReading();
  }

  /** By this end, without a word. */
  cut(): void {
    const state = this.#state;
    if (state.type !== 'open') return;
    this.#state = { type: 'closed', by: 'this-end', reason: 'closed by this end' };
    state.transport.destroy();
    this.#on.changed();
  }

  /** By this end, behind what was written. */
  close(): void {
    const state = this.#state;
    if (state.type !== 'open') return;
    this.#state = { type: 'closed', by: 'this-end', reason: 'closed by this end' };
    state.transport.close();
    this.#on.changed();
  }

  #compose(packet: Packet, by: 'hand' | 'itself'): Uint8Array {
    const encoded = tryEncodePacket(packet, { checksum: this.#login.checksum });
    if (!encoded.ok) throw badLine(encoded.fault.message);
    this.write(encoded.value, by);
    return encoded.value;
  }

  #open(): Open {
    if (this.#state.type === 'open') return this.#state;
    throw notConnected(this.#state.type === 'closed' ? this.#state.reason : 'it is being connected');
  }

  #sent(open: Open, packet: Packet, isOwn: boolean): void {
    const { operation, packetNumber: number } = packet;
    if (operation >= 50) return;
    // A number out of turn is a try, and leaves the count as it is.
    if (number === open.nextNumber) open.nextNumber = nextPacketNumber(number);
    if (open.outstanding.has(number)) return;
    const user = operation === 1 ? parameterOf(packet, 10) : undefined;
    open.outstanding.set(number, { operation, sentAt: performance.now(), isOwn, user });
  }

  #received(transport: Transport, bytes: Uint8Array): void {
    const open = this.#state;
    if (open.type !== 'open' || open.transport !== transport) return;
    open.heardAt = performance.now();
    for (const event of open.framer.push(bytes)) {
      if (event.type === 'packet') this.#packet(open, event.bytes);
      else if (event.type === 'between') this.#noise(spellPacket(event.bytes), 'no packet: skipped');
      else this.#noise('', `damaged: ${event.fault.message}`);
    }
    this.#on.changed();
  }

  #packet(open: Open, bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    const request = decoded.ok ? this.#settle(open, decoded.packet) : undefined;
    const tookMs = request === undefined ? undefined : performance.now() - request.sentAt;
    this.#on.seen({
      line: describePacket('in', bytes, tookMs),
      packet: decoded.ok ? decoded.packet : undefined,
      isOwn: request?.isOwn === true,
    });
  }

  #noise(wire: string, meaning: string): void {
    this.#on.seen({ line: { direction: 'in', wire, meaning }, packet: undefined, isOwn: false });
  }

  /** @returns the request that this packet answers */
  #settle(open: Open, packet: Packet): Outstanding | undefined {
    if (packet.operation < 50) return undefined;
    if (packet.operation === 99) return nacked(open, packet.packetNumber);
    const number = answeredNumber(open, packet);
    const request = number === undefined ? undefined : open.outstanding.get(number);
    if (number === undefined || request === undefined) return undefined;
    open.outstanding.delete(number);
    const isPositive = packet.operation !== 98 && (parseErrorCode(parameterOf(packet, 900) ?? '') ?? 0) === 0;
    if (isPositive && request.operation === 1) open.user = request.user ?? '';
    if (isPositive && request.operation === 2) {
      open.user = undefined;
      // SPEC: section 4.1: a new session starts at 001, also on the same connection.
      open.nextNumber = firstClientNumber;
    }
    return request;
  }

  #lost(transport: Transport, reason: string): void {
    const state = this.#state;
    if (state.type !== 'open' || state.transport !== transport) return;
    const unanswered = this.outstanding.filter((operation) => operation !== 2 && operation !== 40).length;
    this.#state = { type: 'closed', by: 'smsc', reason };
    this.#on.lost(reason, unanswered);
    this.#on.changed();
  }
}

export interface Sent {
  readonly number: PacketNumber;
  readonly bytes: Uint8Array;
}

/** SPEC: section 2.3, [R]: a 98 whose number nobody knows belongs to the only request there is. */
function answeredNumber({ outstanding }: Open, packet: Packet): PacketNumber | undefined {
  const { operation, packetNumber } = packet;
  const request = outstanding.get(packetNumber);
  if (operation !== 98) return request !== undefined && operation === request.operation + 50 ? packetNumber : undefined;
  if (request !== undefined) return packetNumber;
  return outstanding.size === 1 ? [...outstanding.keys()][0] : undefined;
}

/**
 * SPEC: section 4.4. Where the SMSC wants a request that is outstanding, `repeat` gives it that. Otherwise it took none of
 * them: they are not waited for, and the next packet gets the number that is wanted.
 */
function nacked(open: Open, wanted: PacketNumber): undefined {
  if (!isClientNumber(wanted) || open.outstanding.has(wanted)) return;
  open.outstanding.clear();
  open.nextNumber = wanted;
}
