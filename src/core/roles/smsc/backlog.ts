/**
 * What waits for one account: messages from handsets (20) and status reports (23), in the order of their making. What
 * one session holds unanswered keeps its conversation out of the others, so that order within a conversation survives
 * a session that nobody has noticed to be dead. It knows no packets and no time.
 */
import type { Parameter } from '../../codec/packet.ts';
import { Fifo } from '../fifo.ts';
import type { ConnectionId, InjectRef } from './smsc-io.ts';

interface OutgoingBase {
  /** Grows; the order of sending. Also the ref of the request in its session. */
  readonly id: number;
  readonly parameters: readonly Parameter[];
  /** Kept in order among themselves. */
  readonly conversation: string;
  readonly to: string;
  readonly stamp: string;
}

export interface OutgoingDeliver extends OutgoingBase {
  readonly type: 'deliver';
  readonly from: string;
  readonly injection: InjectRef;
}

export interface OutgoingReport extends OutgoingBase {
  readonly type: 'report';
  /** 061 */
  readonly status: number;
  /** 012 of the instance that submitted; undefined where it gave none. */
  readonly subaddress: string | undefined;
  /** The connection it submitted on. */
  readonly submitter: ConnectionId;
}

export type Outgoing = OutgoingDeliver | OutgoingReport;

/** How far to look for something that may be sent when what is in front may not. */
const lookAhead = 1_000;

interface Sent {
  readonly item: Outgoing;
  /** Undefined: put off, nobody has it. */
  connection: ConnectionId | undefined;
}

export class Backlog {
  /** INVARIANT: ids grow from the first to the last. */
  readonly #waiting = new Fifo<Outgoing>();
  readonly #sent = new Map<number, Sent>();
  /** How often a deliver was sent that is not answered. */
  readonly #attempts = new Map<number, number>();
  /** Of each conversation with something sent or put off: how many, and who has them. */
  readonly #busy = new Map<string, { count: number; connection: ConnectionId | undefined }>();
  #deliverCount = 0;

  /** Not answered yet, sent or not. */
  get size(): number {
    return this.#waiting.size + this.#sent.size;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Delivers not answered yet. */
  get deliverCount(): number {
    return this.#deliverCount;
  }

  get sentCount(): number {
    return this.#sent.size;
  }

  /** @param item with a higher id than all before it */
  add(item: Outgoing): void {
    this.#waiting.push(item);
    if (item.type === 'deliver') this.#deliverCount += 1;
  }

  /**
   * The next that may go to this connection; it counts as sent.
   *
   * @param judge `skip`: it is not for this connection; `stop`: it is, but not yet, and nothing behind it may overtake it
   */
  takeFor(connection: ConnectionId, judge: (item: Outgoing) => 'take' | 'skip' | 'stop'): Outgoing | undefined {
    const count = Math.min(this.#waiting.size, lookAhead);
    for (let index = 0; index < count; index += 1) {
      const item = this.#waiting.at(index);
      const verdict = item === undefined ? 'skip' : judge(item);
      if (verdict === 'stop') return undefined;
      if (item === undefined || verdict === 'skip') continue;
      const busy = this.#busy.get(item.conversation);
      if (busy !== undefined && busy.connection !== connection) continue;
      this.#waiting.removeAt(index);
      this.#sent.set(item.id, { item, connection });
      this.#busy.set(item.conversation, { count: (busy?.count ?? 0) + 1, connection });
      return item;
    }
    return undefined;
  }

  /** It is being sent: returns the how many-th time that is. */
  countAttempt(id: number): number {
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempt);
    return attempt;
  }

  /** It was answered for good. Undefined if it is not sent any more. */
  remove(id: number): Outgoing | undefined {
    const item = this.#unsend(id);
    this.#attempts.delete(id);
    if (item?.type === 'deliver') this.#deliverCount -= 1;
    return item;
  }

  /** Its session ended without an answer, or its time has come again: back to its place. */
  putBack(id: number): void {
    const item = this.#unsend(id);
    if (item === undefined) return;
    let index = 0;
    for (const waiting of this.#waiting) {
      if (waiting.id > item.id) break;
      index += 1;
    }
    this.#waiting.insertAt(index, item);
  }

  /** The application wants it later: its conversation waits until it is put back. */
  putOff(id: number): void {
    const sent = this.#sent.get(id);
    const busy = sent && this.#busy.get(sent.item.conversation);
    if (sent === undefined || busy === undefined) return;
    sent.connection = undefined;
    busy.connection = undefined;
  }

  #unsend(id: number): Outgoing | undefined {
    const sent = this.#sent.get(id);
    if (sent === undefined) return undefined;
    this.#sent.delete(id);
    const busy = this.#busy.get(sent.item.conversation);
    if (busy !== undefined) busy.count -= 1;
    if (busy?.count === 0) this.#busy.delete(sent.item.conversation);
    return sent.item;
  }
}
