/**
 * One short message on its way to a handset, and what can become of it. Values only. Source: docs/reference/cimd2.md
 * sections 8.2 and 8.3.
 */
import type { Instant } from '../../base/time.ts';
import type { ConnectionId } from './smsc-io.ts';
import type { Submit } from './submit.ts';

export interface HandsetMessage extends Omit<Submit, 'destinations' | 'firstDeliveryAt'> {
  readonly id: number;
  /** 021 byte for byte as submitted. */
  readonly destination: string;
  /** The same as digits: whose handset it is. */
  readonly number: string;
  /** 060 of the submit's answer. */
  readonly stamp: string;
  readonly acceptedAt: Instant;
  /** When the submit's answer leaves; no report of it may come before. */
  readonly answeredAt: Instant;
  /** Whose submit it was, and which instance's (012). */
  readonly user: string;
  readonly subaddress: string | undefined;
  /** The connection it was submitted on. */
  readonly submitter: ConnectionId;
}

/** What became of an attempt, or of the message without one. `status` is 061, `error` 062, 0 for none. */
export type Fate =
  | { readonly type: 'delivered'; readonly message: HandsetMessage }
  | {
      readonly type: 'not-yet';
      readonly message: HandsetMessage;
      readonly attempts: number;
      readonly error: number;
      readonly nextAttemptAt: Instant;
    }
  | { readonly type: 'failed'; readonly message: HandsetMessage; readonly status: number; readonly error: number };

/** 061 */
export const status = {
  none: 0,
  inProcess: 1,
  expired: 2,
  failed: 3,
  delivered: 4,
  cancelled: 7,
  deleted: 8,
  deletedByCancel: 9,
} as const;

/** 062: nobody has this number; the handset takes nothing more; it is switched off or out of reach. */
export const handsetErrors = { unknownSubscriber: 1, memoryCapacityExceeded: 22, absentSubscriber: 29 } as const;

/** A handset is one whether it is written with or without `+` and hyphens. */
export function numberOf(address: string): string {
  return address.replaceAll(/[+-]/g, '');
}
