/**
 * What the client does about a NACK: the rules of docs/reference/cimd2.md section 4.4 as one function without state.
 * A NACK carries the number that the SMSC expects next; it does not say which packet it complains about.
 */
import type { ErrorCode } from '../base/errors.ts';
import { isClientNumber, nextPacketNumber, type PacketNumber } from '../codec/packet-number.ts';

/** NACKs for one request before it is given up. SPEC: section 4.4. */
export const nackLimitPerRequest = 3;

export interface NackCase {
  /** The number in the NACK. */
  readonly expected: PacketNumber;
  /** What we sent and is unanswered, in order of sending. */
  readonly outstanding: readonly {
    readonly packetNumber: PacketNumber;
    readonly transmissions: number;
    readonly nacks: number;
  }[];
  /** The number that our next request will have. */
  readonly nextNumber: PacketNumber;
  readonly turns: 'one-at-a-time' | 'windowed';
  /** The number from which everything was sent again because of an earlier NACK, and which is still unanswered. */
  readonly repairing: PacketNumber | undefined;
}

export type NackVerdict =
  /** Means nothing for us: go on as if it had not come. */
  | { readonly type: 'ignore' }
  /** All that is outstanding was accepted: wait for the answers, send nothing again. */
  | { readonly type: 'wait' }
  /** Send this one, and all after it, unchanged. Without a window there is only this one. */
  | { readonly type: 'resend'; readonly from: PacketNumber }
  /** Give the only outstanding request the expected number, and send it. */
  | { readonly type: 'renumber' }
  /** End the session; what is outstanding is of unknown fate. */
  | { readonly type: 'give-up'; readonly code: ErrorCode };

export function judgeNack(nack: NackCase): NackVerdict {
  // SPEC: section 4.4: a NACK with an even number is for the SMSC's own requests, it cannot be meant for us.
  if (!isClientNumber(nack.expected)) return { type: 'ignore' };
  return nack.turns === 'windowed' ? judgeWindowed(nack) : judgeOneAtATime(nack);
}

function judgeOneAtATime({ expected, outstanding }: NackCase): NackVerdict {
  const request = outstanding[0];
  if (request === undefined) return { type: 'ignore' };
  if (expected === request.packetNumber) {
    return request.nacks + 1 >= nackLimitPerRequest
      ? { type: 'give-up', code: 'SESSION_TOO_MANY_NACKS' }
      : { type: 'resend', from: expected };
  }
  // SPEC: section 4.4, read with DESIGN section 4: an SMSC that expects the number after ours has accepted ours, as in
  // the window's third rule; what it rejected was something else, for example our damaged answer to a deliver.
  // Renumbering here would submit the message twice with nobody in doubt about it.
  if (expected === nextPacketNumber(request.packetNumber)) return { type: 'wait' };
  // A request that was processed under its old number would be executed again under a new one: only the first
  // transmission is known not to have been processed.
  return request.transmissions === 1 ? { type: 'renumber' } : { type: 'give-up', code: 'SESSION_OUT_OF_SYNC' };
}

function judgeWindowed({ expected, outstanding, nextNumber, repairing }: NackCase): NackVerdict {
  const request = outstanding.find(({ packetNumber }) => packetNumber === expected);
  if (request !== undefined) {
    // Every packet behind a lost one is answered with the same NACK: the first is acted on.
    if (repairing === expected) return { type: 'ignore' };
    return request.nacks + 1 >= nackLimitPerRequest
      ? { type: 'give-up', code: 'SESSION_TOO_MANY_NACKS' }
      : { type: 'resend', from: expected };
  }
  if (expected === nextNumber) return { type: 'wait' };
  return { type: 'give-up', code: 'SESSION_OUT_OF_SYNC' };
}
