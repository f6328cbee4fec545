/** What both roles do alike with their lanes. */
import { toHex } from '../base/bytes.ts';
import { invariant } from '../base/invariant.ts';
import type { RandomBytes } from '../base/random.ts';
import { type Epoch, isEpoch } from '../ring/digest.ts';
import type { ControlResult } from './control-result.ts';

/** Between two regular comparisons on a connection that holds. SPEC: DESIGN section 3. */
export const regularCheckMs = 30_000;

/** Makes epochs: 128 random bits. */
export function newEpoch(randomBytes: RandomBytes): () => Epoch {
  return () => {
    const epoch = toHex(randomBytes(16)).toLowerCase();
    invariant(isEpoch(epoch), 'an epoch has 32 hex digits');
    return epoch;
  };
}

/** Why a link is closed on purpose where an operator has decided a conflict. */
export const comparedAnew = 'an operator decided a conflict, and both ends compare anew';

/** @param why see `Release` */
export function refusedAsChanged(why: string): ControlResult {
  const message = `What is held here changed since it was exported: ${why}. Nothing was let go of.`;
  return { type: 'refused', code: 'SYNC_CHANGED', message };
}
