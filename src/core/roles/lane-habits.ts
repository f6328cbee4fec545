/** What both roles do alike with their lanes. */
import { toHex } from '../base/bytes.ts';
import { invariant } from '../base/invariant.ts';
import type { RandomBytes } from '../base/random.ts';
import { type Epoch, isEpoch } from '../ring/digest.ts';

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
