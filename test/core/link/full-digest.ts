/** The longest digest there can be of a ring: every slot used, every outcome long, the numbers large and far apart. */
import type { DigestEntry } from '../../../src/core/link/entries.ts';
import { isEpoch } from '../../../src/core/ring/digest.ts';
import { seq, slotOf } from '../../../src/core/ring/sequence.ts';

export function fullDigest(options: {
  readonly size: number;
  readonly lastSeq: number;
  readonly slotCount: number;
}): DigestEntry {
  const { size, lastSeq, slotCount } = options;
  const epoch = 'f'.repeat(32);
  if (!isEpoch(epoch)) throw new Error('32 hex digits');
  const slots = Array.from({ length: slotCount }, (_, index) => ({
    // Every slot but the last has been left behind by some rounds.
    seq: seq(lastSeq - index - (index === 0 || lastSeq < 100 * size ? 0 : 20 * size)),
    status: 'refused' as const,
    attempts: 60_000,
    possibleDuplicate: true,
    outcome: { status: 'refused' as const, stamp: '261122150251', errorCode: 999, by: 'report' as const },
    messageId: 'ffffffff-ffff-7fff-bfff-ffffffffffff',
    contentHash: 'F'.repeat(16),
  })).sort((a, b) => slotOf(a.seq, size) - slotOf(b.seq, size));
  const producerSeen = { run: 'f'.repeat(32), count: Number.MAX_SAFE_INTEGER };
  return { type: 'digest', lane: 'mt', occasion: 'first', digest: { epoch, size, lastSeq, slots, producerSeen } };
}
