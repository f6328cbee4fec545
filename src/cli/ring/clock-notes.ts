/**
 * Gathers from recordings what both ends noted of the same messages, for the difference of their clocks: per SMSC, since
 * every buffer has a clock of its own. What it keeps is bounded; the latest messages tell of the clocks as they are.
 */
import type { PastMove } from '../../shell/recording/past-rings.ts';
import { type ClockDifference, clockDifference, type NotedMoves } from '../message/clock-difference.ts';
import type { Side } from './ring-pairs.ts';

/** Messages of one end of one SMSC; the quickest of so many bounds the difference well. */
const messagesKept = 2_048;

type Noting = NotedMoves & { readonly moves: NotedMoves['moves'][number][] };

export class ClockNotes {
  readonly #ends = new Map<string, Map<string, Noting>>();

  /** @param at milliseconds since 1970 by the clock of this end */
  take(side: Side, { smscId, lane, slot, after }: PastMove, at: number): void {
    if (after === undefined || after.messageId === '') return;
    const key = `${smscId} ${side}`;
    const messages = this.#ends.get(key) ?? new Map<string, Noting>();
    this.#ends.set(key, messages);
    const { messageId, status, attempts } = after;
    const known = messages.get(messageId) ?? { messageId, lane, side, slot, moves: [] };
    known.moves.push({ status, attempts, at });
    messages.set(messageId, known);
    for (const oldest of messages.keys()) {
      if (messages.size <= messagesKept) break;
      messages.delete(oldest);
    }
  }

  /** By SMSC, where both ends were heard and agree on one; the buffer against the IM server. */
  differences(): ReadonlyMap<string, ClockDifference> {
    const smscIds = new Set([...this.#ends.keys()].map((key) => key.slice(0, key.lastIndexOf(' '))));
    const found = [...smscIds].flatMap((smscId) => {
      const ends = ['buffer', 'im-server'].map((side) => [...(this.#ends.get(`${smscId} ${side}`)?.values() ?? [])]);
      const difference = clockDifference(ends.flat());
      return difference === undefined ? [] : [[smscId, difference] as const];
    });
    return new Map(found);
  }
}
