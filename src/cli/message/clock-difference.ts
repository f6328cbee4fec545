/**
 * How far the buffer's clock is ahead of the IM server's, from what both ends noted of the same messages: nothing can be
 * heard before it was said, so each message that went there, or whose word came back, is a bound. SPEC: DESIGN section 3,
 * clocks of the two hosts differ.
 */
import type { LaneName, SlotStatus } from '../../core/ring/status.ts';
import { formatDuration } from '../duration.ts';
import type { Side } from './sources.ts';

/** What one end noted of one short message. */
export interface NotedMoves {
  readonly messageId: string;
  readonly lane: LaneName;
  readonly side: Side;
  /** 1–255 */
  readonly slot?: number;
  readonly moves: readonly { readonly status: SlotStatus; readonly attempts: number; readonly at: number }[];
}

export interface ClockDifference {
  /** Milliseconds, negative where it is behind. */
  readonly aheadMs: number;
  /** It may be so much more or less. */
  readonly uncertainMs: number;
}

/** `the buffer's is 12 ms ahead of the IM server's, give or take 3 ms` */
export function clocksText({ aheadMs, uncertainMs }: ClockDifference): string {
  const way = aheadMs < 0 ? 'behind' : 'ahead of';
  return `the buffer's is ${formatDuration(Math.abs(aheadMs))} ${way} the IM server's, give or take ${formatDuration(uncertainMs)}`;
}

/**
 * A word of one end, and what the other does when it hears it. Repetitions only come later, so the first time that each
 * end noted its own counts.
 */
const passages: readonly {
  readonly lane: LaneName;
  readonly from: Side;
  readonly said: SlotStatus;
  readonly heard: SlotStatus;
}[] = [
  { lane: 'mt', from: 'im-server', said: 'placed', heard: 'mirrored' },
  { lane: 'mt', from: 'buffer', said: 'mirrored', heard: 'mirrored' },
  { lane: 'mt', from: 'buffer', said: 'confirmed', heard: 'confirmed' },
  { lane: 'mt', from: 'im-server', said: 'settled', heard: 'settled' },
  { lane: 'mo', from: 'buffer', said: 'placed', heard: 'mirrored' },
  { lane: 'mo', from: 'im-server', said: 'mirrored', heard: 'mirrored' },
  { lane: 'mo', from: 'im-server', said: 'confirmed', heard: 'confirmed' },
  { lane: 'mo', from: 'buffer', said: 'settled', heard: 'settled' },
];

/** Undefined where no message tells it from both sides; also where one of the clocks was set meanwhile. */
export function clockDifference(noted: readonly NotedMoves[]): ClockDifference | undefined {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const byMessage = new Map<string, Partial<Record<Side, NotedMoves>>>();
  for (const one of noted) {
    byMessage.set(one.messageId, { ...byMessage.get(one.messageId), [one.side]: one });
  }
  for (const { buffer, 'im-server': imServer } of byMessage.values()) {
    if (buffer === undefined || imServer === undefined) continue;
    for (const { lane, from, said, heard } of passages) {
      if (buffer.lane !== lane) continue;
      const [sender, receiver] = from === 'buffer' ? [buffer, imServer] : [imServer, buffer];
      const [saidAt, heardAt] = [firstAt(sender, said), firstAt(receiver, heard)];
      if (saidAt === undefined || heardAt === undefined) continue;
      // Of the buffer's clock, what it noted; of the difference, a bound from below if it spoke, from above if it heard.
      if (from === 'buffer') low = Math.max(low, saidAt - heardAt);
      else high = Math.min(high, heardAt - saidAt);
    }
  }
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) return undefined;
  return { aheadMs: (low + high) / 2, uncertainMs: (high - low) / 2 };
}

function firstAt({ moves }: NotedMoves, status: SlotStatus): number | undefined {
  // Later attempts bring a message back to statuses that it had.
  return moves.find((move) => move.status === status && (status !== 'mirrored' || move.attempts === 0))?.at;
}
