/**
 * What goes into and comes out of the server end of one connection: the contract between `server.ts` and the SMSC role.
 * Types only. The session keeps to the rules of turns and numbers; who may log in and what becomes of a message is
 * decided by the role.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { LogEvent } from '../base/log-event.ts';
import type { Packet, Parameter } from '../codec/packet.ts';
import type { NumberRules } from './application-turn.ts';

/** Names an application's request that waits for the role's answer; unique in the life of the machine. */
export type ServerToken = number;

/** The role's own name for a deliver or report; unique while it is outstanding. */
export type ServerRef = number;

/**
 * Whether a deliver or report goes out as it arrived, or was fetched from the store by what the reference calls the
 * message poller: those go one at a time, whatever the window. Reference section 5.3.
 */
export type DeliverySource = 'arrived' | 'stored';

export interface ServerSettings {
  /** Sent as one write right after the connection opened; undefined sends none. Reference section 6.2. */
  readonly greeting: string | undefined;
  /** `strict`: reference 4.2. `lenient`: any odd number is taken, an exact repetition gets the remembered answer. */
  readonly numbers: NumberRules;
  /** Waiting time for 70 or 73 before the same packet is sent again; 60 s. */
  readonly answerTimeoutMs: number;
  /** Repetitions before the session is dropped; 3. */
  readonly repeats: number;
  /** A connection without a login is closed after this; so is one that stays after logout. */
  readonly loginTimeoutMs: number;
  /** A session without a packet is closed after this; 0 never. Reference section 6.4. */
  readonly idleMs: number;
  /** Consecutive NACKs before the connection is closed; 10. */
  readonly nackLimit: number;
  /**
   * Packets (and pieces of noise) taken in a second, 1 or more; as many may come at once. What comes faster waits: beyond
   * 64 KiB the owner is to read no more, beyond 512 KiB the connection is closed. Absent: no limit.
   */
  readonly packetsPerSecond?: number;
}

export type ServerInput =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly reason: string }
  /**
   * Answers a request that came out as `request`; operation and number are filled in here. A login without 900 binds.
   * `deliverWindow`, with a login: 20 and 23 that may be unanswered, where that is less than the login's 019; 1 for an
   * account that is not receiving. Reference section 5.3.
   */
  | {
      readonly type: 'respond';
      readonly token: ServerToken;
      readonly parameters: readonly Parameter[];
      readonly deliverWindow?: number;
    }
  /** Sends 20 or 23. Only while `capacity(source)` > 0; `source` is `arrived` if absent. */
  | {
      readonly type: 'request';
      readonly ref: ServerRef;
      readonly operation: 20 | 23;
      readonly parameters: readonly Parameter[];
      readonly source?: DeliverySource;
    }
  /** Close the connection; what is outstanding comes out as `unknown`. */
  | { readonly type: 'shut-down'; readonly reason: string }
  | { readonly type: 'tick' };

export type ServerState = 'unbound' | 'bound' | 'closed';

export type ServerOutput =
  /** One whole packet (or the greeting, without `packet`) per write. */
  | { readonly type: 'write'; readonly bytes: Uint8Array; readonly packet: Packet | undefined }
  | { readonly type: 'close'; readonly reason: string }
  /** Stop reading the connection, or go on: a peer that sends too fast is to wait in its own buffers. */
  | { readonly type: 'reading'; readonly flow: 'pause' | 'resume' }
  | { readonly type: 'session'; readonly state: ServerState; readonly reason?: string }
  | { readonly type: 'seen'; readonly packet: Packet }
  /** A well-formed request in turn, 01 included; answered by `respond`. Logout (02) and alive (40) are answered here. */
  | { readonly type: 'request'; readonly token: ServerToken; readonly packet: Packet }
  /** The application's 70 or 73. */
  | { readonly type: 'response'; readonly ref: ServerRef; readonly packet: Packet }
  /** Sent, and no answer will come: deliver it again in the next session. */
  | { readonly type: 'unknown'; readonly ref: ServerRef; readonly code: ErrorCode; readonly reason: string }
  | LogEvent;
