/**
 * Where two ends contradict each other an operator says who is right, and the other end lets go: of its whole ring, or of
 * the slots in conflict. What it held was exported before that, so it only lets go of what whoever exported it has seen.
 * Pure; carried out by `producer.ts` and `consumer.ts`. SPEC: DESIGN section 4, conflict, and section 11, `--prefer`.
 */
import type { Epoch } from '../ring/digest.ts';
import { numbersText } from '../ring/numbers.ts';
import type { Ring } from '../ring/ring.ts';
import type { SlotCopy } from '../ring/slot.ts';

export interface LetGo {
  /** `ring`: the epochs differ, all of it goes. `slots`: contents differ, these numbers go. */
  readonly scope: 'ring' | 'slots';
  readonly epoch: string;
  /** What was exported: of a ring all that is not settled. At most as many as a ring has slots. */
  readonly held: readonly HeldMessage[];
}

export interface HeldMessage {
  readonly seq: number;
  readonly contentHash: string;
}

/** `changed`: what is held is not what was exported, and nothing was let go of; `why` goes on after *because*. */
export type Release<Output> =
  | { readonly type: 'released'; readonly outputs: readonly Output[] }
  | { readonly type: 'changed'; readonly why: string };

/** The copies that go with the numbers that were exported; why not, where something else is held by now. */
export function heldAsExported(
  { scope, epoch, held }: LetGo,
  ownEpoch: Epoch | undefined,
  ring: Ring,
): { readonly copies: readonly SlotCopy[] } | { readonly why: string } {
  if (ownEpoch !== epoch) return { why: 'the ring has another epoch by now' };
  const exported = new Map(held.map(({ seq, contentHash }) => [seq, contentHash]));
  const copies = [...ring.copies()].filter(({ seq, status }) => {
    return scope === 'ring' ? status !== 'settled' : exported.has(seq);
  });
  const strange = copies.filter(({ seq, contentHash }) => exported.get(seq) !== contentHash);
  const gone = held.filter(({ seq }) => !copies.some((copy) => copy.seq === seq));
  if (strange.length === 0 && gone.length === 0) return { copies };
  const numbers = [...strange, ...gone].map(({ seq }) => seq);
  return { why: `number ${numbersText(numbers)} is not what was exported` };
}
