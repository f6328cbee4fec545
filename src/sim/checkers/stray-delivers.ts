/**
 * Texts of handsets whose deliver was damaged or lost on its way when it first left. With a window the SMSC has sent the
 * next ones of that conversation before it repeats such a one, so they come in that order. SPEC: reference section 5.3;
 * DESIGN section 11: order is that of first attempts.
 */
import type { FaultKind } from '../../core/roles/smsc/scenario.ts';
import type { Happening } from '../happening.ts';
import type { RunPlan } from '../plan.ts';

const strayKinds: ReadonlySet<FaultKind> = new Set(['swallow-deliver', 'wrong-checksum']);

interface Conversation {
  /** Of every part, in the order in which the SMSC got them: it offers them in that order. */
  readonly parts: string[];
  /** Stamps of those that it offered: no two parts have the same. */
  readonly offered: Set<string>;
}

export class StrayDelivers {
  readonly #windows: ReadonlyMap<string, number>;
  readonly #partCounts: ReadonlyMap<string, number>;
  readonly #conversations = new Map<string, Conversation>();
  /** By SMSC: when, as told, a deliver met such a fault; it is told as offered right behind. */
  readonly #metAt = new Map<string, number>();
  readonly #texts = new Set<string>();

  constructor({ sites, writings }: RunPlan) {
    this.#windows = new Map(sites.map(({ smscId, window }) => [smscId, window]));
    this.#partCounts = new Map(writings.map(({ text, partCount }) => [text, partCount]));
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  take(happening: Happening): void {
    if (happening.type === 'injected') {
      const { smscId, from, to, text } = happening;
      const { parts } = this.#conversation(`${smscId} ${from} ${to}`);
      for (let count = this.#partCounts.get(text) ?? 1; count > 0; count -= 1) parts.push(text);
    }
    if (happening.type !== 'smsc') return;
    const { smscId, event } = happening;
    if (event.type === 'fault' && strayKinds.has(event.kind) && event.packet.startsWith('20:')) {
      this.#metAt.set(smscId, event.at);
    }
    if (event.type !== 'deliver-offered') return;
    const { parts, offered } = this.#conversation(`${smscId} ${event.from} ${event.to}`);
    const isMet = this.#metAt.get(smscId) === event.at;
    this.#metAt.delete(smscId);
    if (offered.has(event.stamp)) return;
    const text = parts[offered.size];
    offered.add(event.stamp);
    if (isMet && text !== undefined && (this.#windows.get(smscId) ?? 1) > 1) this.#texts.add(text);
  }

  #conversation(name: string): Conversation {
    const known = this.#conversations.get(name);
    if (known !== undefined) return known;
    const conversation: Conversation = { parts: [], offered: new Set() };
    this.#conversations.set(name, conversation);
    return conversation;
  }
}
