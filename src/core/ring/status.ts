/**
 * The statuses of a slot and the only moves between them: the table of DESIGN section 2, read by the code, walked by
 * the tests and printed by the documents. Also which of two copies of one message is the later.
 */

export const statuses = [
  'free',
  'placed',
  'mirrored',
  'in-flight',
  'in-doubt',
  'confirmed',
  'refused',
  'expired',
  'settled',
] as const;

export type SlotStatus = (typeof statuses)[number];

/** What a message came to: the statuses that end it. */
export type OutcomeStatus = 'confirmed' | 'refused' | 'expired';

/** `mt`: IM user → handset, the IM server's ring. `mo`: handset → IM user, the buffer's ring. */
export type LaneName = 'mt' | 'mo';

export const laneNames: readonly LaneName[] = ['mt', 'mo'];

interface StatusRow {
  /** One character for maps and pictures of a ring. */
  readonly letter: string;
  readonly setBy: 'producer' | 'consumer' | undefined;
  readonly movesTo: readonly SlotStatus[];
  /** Place in the order of two copies within one attempt; outcomes and settled come after all attempts. */
  readonly rank: number;
}

/** SPEC: DESIGN section 2. `placed → in-doubt` is the move of section 4, *fate unknown*. */
export const statusTable: Readonly<Record<SlotStatus, StatusRow>> = {
  free: { letter: '·', setBy: undefined, movesTo: ['placed'], rank: 0 },
  placed: { letter: 'p', setBy: 'producer', movesTo: ['mirrored', 'in-doubt'], rank: 0 },
  'in-flight': {
    letter: 'f',
    setBy: 'consumer',
    movesTo: ['confirmed', 'refused', 'mirrored', 'in-doubt'],
    rank: 1,
  },
  'in-doubt': { letter: '?', setBy: 'consumer', movesTo: ['mirrored', 'confirmed', 'expired'], rank: 2 },
  mirrored: { letter: 'm', setBy: 'consumer', movesTo: ['in-flight', 'expired'], rank: 3 },
  confirmed: { letter: 'c', setBy: 'consumer', movesTo: ['settled'], rank: 4 },
  refused: { letter: 'r', setBy: 'consumer', movesTo: ['settled'], rank: 4 },
  expired: { letter: 'x', setBy: 'consumer', movesTo: ['settled'], rank: 4 },
  settled: { letter: 's', setBy: 'producer', movesTo: ['placed'], rank: 5 },
};

export function mayMove(from: SlotStatus, to: SlotStatus): boolean {
  return statusTable[from].movesTo.includes(to);
}

/**
 * Whether moves of one message lead from one status to another: a copy that is told of late skips what lies between. Not
 * across `settled`, where another message begins.
 */
export function leadsTo(from: SlotStatus, to: SlotStatus): boolean {
  const reached = new Set<SlotStatus>([from]);
  for (const status of reached) {
    for (const next of status === 'settled' ? [] : statusTable[status].movesTo) {
      if (next === to) return true;
      reached.add(next);
    }
  }
  return false;
}

export function isOutcome(status: SlotStatus): status is OutcomeStatus {
  return status === 'confirmed' || status === 'refused' || status === 'expired';
}

/** In the ring and without an outcome: nobody knows yet, or nobody has told, what became of it. */
export function isUnfinished(status: SlotStatus): boolean {
  return status === 'placed' || status === 'mirrored' || status === 'in-flight' || status === 'in-doubt';
}
