/**
 * The own requests that were sent and have no answer yet, in order of sending, each under its packet number. Only
 * keeps them: what a timeout or a NACK leads to is decided by the session that owns this table. Used by both ends.
 * Source: docs/reference/cimd2.md sections 4.3 and 5.2.
 */
import { invariant } from '../base/invariant.ts';
import { earliest } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import type { Packet } from '../codec/packet.ts';
import { formatPacketNumber, type PacketNumber } from '../codec/packet-number.ts';

export interface Outstanding<Owner> {
  /** Whose request it is. */
  readonly owner: Owner;
  readonly packet: Packet;
  /** Place among all requests of this session; only grows, unlike the packet number. */
  readonly ordinal: number;
  /** What went out, and goes out again under the same number. SPEC: section 4.3. */
  readonly bytes: Uint8Array;
  /** Times the packet was written, under any number. */
  readonly transmissions: number;
  /** Times it was written again because no answer came in time. */
  readonly repeats: number;
  /** Times it was written again because of a NACK. */
  readonly nacks: number;
  /** `permission`: its owner was asked whether it may be repeated. An answer is taken in both. */
  readonly awaiting: 'answer' | 'permission';
  /** Since when it waits for that; timeouts count from here. */
  readonly since: Instant;
}

export class OutstandingRequests<Owner> {
  // A Map keeps the order of insertion, and replacing a value keeps its place: this is the order of sending.
  readonly #byNumber = new Map<PacketNumber, Outstanding<Owner>>();
  #sent = 0;

  /**
   * Places of the window that are taken: from the oldest one without an answer to the last one sent. Answers in
   * between free nothing. SPEC: section 5.2 knows packets inside and outside the window, so it is a range of numbers;
   * where a peer only counts, this is the stricter reading. It also keeps a number from being used again too early.
   */
  get span(): number {
    for (const oldest of this.#byNumber.values()) return this.#sent - oldest.ordinal;
    return 0;
  }

  get size(): number {
    return this.#byNumber.size;
  }

  get(number: PacketNumber): Outstanding<Owner> | undefined {
    return this.#byNumber.get(number);
  }

  /** In order of sending. */
  all(): readonly Outstanding<Owner>[] {
    return [...this.#byNumber.values()];
  }

  /** The only one there is; undefined for none or several. */
  only(): Outstanding<Owner> | undefined {
    if (this.#byNumber.size !== 1) return undefined;
    for (const request of this.#byNumber.values()) return request;
    return undefined;
  }

  /** That one and all that were sent after it, in order of sending. */
  from(number: PacketNumber): readonly Outstanding<Owner>[] {
    const requests = this.all();
    const first = requests.findIndex((request) => request.packet.packetNumber === number);
    return first === -1 ? [] : requests.slice(first);
  }

  /** Enters a packet that goes out for the first time. */
  add(owner: Owner, packet: Packet, bytes: Uint8Array, now: Instant): void {
    this.#insert({
      owner,
      packet,
      ordinal: this.#sent,
      bytes,
      transmissions: 1,
      repeats: 0,
      nacks: 0,
      awaiting: 'answer',
      since: now,
    });
    this.#sent += 1;
  }

  /** The same bytes go out again under the same number. */
  sentAgain(request: Outstanding<Owner>, because: 'timeout' | 'nack', now: Instant): void {
    this.#replace(request, {
      ...request,
      transmissions: request.transmissions + 1,
      repeats: request.repeats + (because === 'timeout' ? 1 : 0),
      nacks: request.nacks + (because === 'nack' ? 1 : 0),
      awaiting: 'answer',
      since: now,
    });
  }

  /** The request goes out again under the number that a NACK asked for. SPEC: section 4.4. */
  renumbered(request: Outstanding<Owner>, packet: Packet, bytes: Uint8Array, now: Instant): void {
    this.#byNumber.delete(request.packet.packetNumber);
    this.#insert({
      ...request,
      packet,
      bytes,
      transmissions: request.transmissions + 1,
      nacks: request.nacks + 1,
      awaiting: 'answer',
      since: now,
    });
  }

  /** Its owner is asked whether it may be repeated. */
  asked(request: Outstanding<Owner>, now: Instant): void {
    this.#replace(request, { ...request, awaiting: 'permission', since: now });
  }

  /** Its answer came. */
  remove(request: Outstanding<Owner>): void {
    this.#byNumber.delete(request.packet.packetNumber);
  }

  clear(): void {
    this.#byNumber.clear();
  }

  /** When the first of them will have waited that long; undefined if there is none. */
  deadline(timeoutMs: number): Instant | undefined {
    let first: Instant | undefined;
    for (const request of this.#byNumber.values()) first = earliest(first, request.since);
    return first === undefined ? undefined : later(first, timeoutMs);
  }

  /** Those that have waited that long, in order of sending. */
  overdue(timeoutMs: number, now: Instant): readonly Outstanding<Owner>[] {
    return this.all().filter((request) => later(request.since, timeoutMs) <= now);
  }

  #insert(request: Outstanding<Owner>): void {
    const number = request.packet.packetNumber;
    // SPEC: section 4.3: never reuse a number for different content while the first is unanswered.
    invariant(!this.#byNumber.has(number), `packet number ${formatPacketNumber(number)} is still outstanding`);
    this.#byNumber.set(number, request);
  }

  #replace(old: Outstanding<Owner>, request: Outstanding<Owner>): void {
    invariant(this.#byNumber.has(old.packet.packetNumber), 'a request that is replaced is outstanding');
    this.#byNumber.set(old.packet.packetNumber, request);
  }
}
