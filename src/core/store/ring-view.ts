/**
 * What one end's copy of a ring looks like from outside: the same for a running role (over its control socket) and a
 * stopped one (from its store). Plain data, ready for JSON; absent is left out.
 */
import type { Outcome } from '../ring/outcome.ts';
import type { LaneName, SlotStatus } from '../ring/status.ts';

export interface SlotView {
  /** 1–size. */
  readonly slot: number;
  /** Sequence number of the message in the slot; absent in a free slot. */
  readonly seq?: number;
  readonly status: SlotStatus;
  /** Times it was handed over, or tried. */
  readonly attempts: number;
  readonly possibleDuplicate: boolean;
  readonly outcome?: Outcome;
  readonly messageId?: string;
  /** First 8 bytes of SHA-256 over the message's bytes, 16 hex digits. */
  readonly contentHash?: string;
  /** Milliseconds since 1970 of the last move. */
  readonly movedAt?: number;
  /** The message, where this end still holds it. Not masked here: whoever prints it masks. */
  readonly message?: {
    readonly kind: 'text' | 'binary' | 'status-report';
    readonly from: string;
    readonly to: string;
    /** Text; hex of binary; `status 4 error 0` of a report. */
    readonly content: string;
    readonly part?: { readonly reference: number; readonly index: number; readonly count: number };
    readonly createdAt: number;
    readonly validUntil: number;
  };
}

export interface RingView {
  readonly smscId: string;
  readonly side: 'buffer' | 'im-server';
  readonly lane: LaneName;
  readonly end: 'producer' | 'consumer';
  /** 32 hex digits; absent before the first contact. */
  readonly epoch?: string;
  /** 1–255; 0 before the first contact. */
  readonly size: number;
  readonly slots: readonly SlotView[];
}

/** State of the link as one end sees it. */
export interface LinkView {
  readonly smscId: string;
  readonly state: 'up' | 'down' | 'connecting' | 'comparing';
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly rttMs?: number;
  /** Why it is not up, with its code, as the last attempt left it. */
  readonly reason?: string;
  readonly code?: string;
}
