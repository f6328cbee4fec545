/**
 * Which stanza each text of an XMPP user was, kept until its fate is known: reports come after minutes or days, and the
 * server may have been restarted meanwhile. Kept on disk through the exchange's notes.
 */
import { createHash } from 'node:crypto';
import type { PlainValue } from '../../core/base/values.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import type { SentStanza } from './outgoing.ts';

/** The longest validity (63 days) and all that may come late. */
const keptMs = 66 * 86_400_000;
const prefix = 'sent:';

/** Begins the id of every text that came from here (`SendRequest.cid`). */
const cidPrefix = 'xmpp:';

/** What makes one logical send: 45 characters for any parts, which may be as long as they like. */
export function cidOf(...parts: readonly string[]): string {
  return cidPrefix + createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

export class SentNotes {
  readonly #world: ImWorld;
  readonly #gateway: string;

  constructor(world: ImWorld, gateway: string) {
    this.#world = world;
    this.#gateway = gateway;
  }

  keep(cid: string, sent: SentStanza, now: number): void {
    const value: PlainValue = [sent.id, sent.from, sent.to, sent.wantsReceipt, now];
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + cid, value });
  }

  forget(cid: string): void {
    this.#world.input({ type: 'note', gateway: this.#gateway, key: prefix + cid, value: undefined });
  }

  /** @param cid of any text @returns undefined for one of another type of client, or whose fate was told */
  of(cid: string): SentStanza | undefined {
    if (!cid.startsWith(cidPrefix)) return undefined;
    const value = this.#world.history.note(this.#gateway, prefix + cid);
    if (!Array.isArray(value)) return undefined;
    const [id, from, to, wantsReceipt] = value;
    if (typeof id !== 'string' || typeof from !== 'string' || typeof to !== 'string') return undefined;
    return { id, from, to, wantsReceipt: wantsReceipt === true };
  }

  /** Forgets those of texts whose fate nobody will learn any more. */
  sweep(now: number): void {
    for (const [key, value] of this.#world.history.notes(this.#gateway, prefix)) {
      const keptAt = Array.isArray(value) ? value[4] : undefined;
      if (typeof keptAt !== 'number' || now - keptAt > keptMs) this.forget(key.slice(prefix.length));
    }
  }
}
