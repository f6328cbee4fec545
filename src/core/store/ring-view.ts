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
  /** Producer: it was written to a connection, so the other end may have had it; left out where it was not. */
  readonly isOffered?: true;
  /** The message, where this end still holds it. Not masked here: whoever prints it masks. */
  readonly message?: {
    readonly kind: 'text' | 'binary' | 'status-report';
    readonly from: string;
    readonly to: string;
    /** Text; hex of binary; `status 4 error 0` of a report. */
    readonly content: string;
    /** Hex of a user data header, and the coding scheme of binary; left out where there is none. */
    readonly header?: string;
    readonly dataCoding?: number;
    readonly part?: { readonly reference: number; readonly index: number; readonly count: number };
    readonly createdAt: number;
    readonly validUntil: number;
    /** `mt`: the text that it is (a part of), as the IM side knows it; left out where there is none. */
    readonly textId?: string;
    /** When the SMSC received it (`mo`), 12 digits of its own time. */
    readonly stamp?: string;
    /** Of a status report: the key of the submit that it is about (021 and 060), and its fate (061, 062, 063). */
    readonly report?: {
      readonly destination: string;
      readonly stamp: string;
      readonly status: number;
      readonly error?: number;
      readonly dischargedAt: string;
    };
  };
  /**
   * The latest moves of the message in the slot, the earliest first, since the role was started; only where they were
   * asked for, and of a running role.
   */
  readonly moves?: readonly SlotMoveView[];
}

export interface SlotMoveView {
  readonly status: SlotStatus;
  readonly attempts: number;
  /** Milliseconds since 1970 by the clock of this end. */
  readonly at: number;
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
  /** Producer: the store that the mirror was kept in when both ends were compared last; absent before that. */
  readonly mirrorStore?: string;
  readonly slots: readonly SlotView[];
}

/** The session of a buffer with its SMSC; at the IM server as the buffer told it last. */
export interface SessionView {
  readonly state: 'up' | 'down';
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it is down; absent while it is up, and before the first login. */
  readonly code?: string;
  /** 900 of a refused login. */
  readonly refusedWith?: number;
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
  /** What is behind the link; absent where nobody has told, as while it is down. */
  readonly session?: SessionView;
}

/** Who the store is that rings were read from. */
export interface StoreView {
  readonly id: string;
  /** Another took over for good. */
  readonly isRetired: boolean;
}

/** Which stores of its buffer an IM server knows. */
export interface BufferStores {
  readonly smscId: string;
  /** Empty before the first contact. */
  readonly inForce: string;
  /** Replaced for good, the latest last. */
  readonly retired: readonly string[];
}
