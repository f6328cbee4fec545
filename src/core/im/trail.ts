/**
 * How a text went: which SMSC, which short messages, under which time stamps, and when it reached each step. Of a text that is
 * under way this is part of its `OpenText`; here is what is kept of it in history, with the text and as long.
 */
import type { Instant } from '../base/time.ts';
import type { MessageId } from '../message/message.ts';
import type { OpenText } from './open-text.ts';

export type Trail =
  | ({ readonly direction: 'out' } & Pick<
      OpenText,
      'smscId' | 'tried' | 'validUntil' | 'reports' | 'parts' | 'reached'
    >)
  | {
      readonly direction: 'in';
      readonly smscId: string;
      /** When its last short message came out of the ring. */
      readonly arrivedAt: Instant;
      readonly messageIds: readonly MessageId[];
    };

export function trailOf({ smscId, tried, validUntil, reports, parts, reached }: OpenText): Trail {
  return { direction: 'out', smscId, tried, validUntil, reports, parts, reached };
}
