/**
 * What goes into and comes out of the client end of a session: the whole contract between `client.ts` and its owners
 * (the buffer, `cimd2 send`). Types only.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { LogEvent } from '../base/log-event.ts';
import type { Packet, Parameter } from '../codec/packet.ts';

/** The owner's own name for a request; unique while it is outstanding. Not a packet number. */
export type RequestRef = number;

/** Names an SMSC request that waits for our answer; unique in the life of the machine, never reused. */
export type IncomingToken = number;

/** What the account is on the SMSC, which nothing on the wire tells. Reference section 2.1. */
export type ApplicationType = 'send-only' | 'querying' | 'receiving';

export interface ClientSettings {
  readonly user: string;
  readonly password: string;
  /** 012; undefined sends none. */
  readonly subaddress: number | undefined;
  /** Requests that may be outstanding, 1–128; 1 sends no 019. An SMSC that refuses it is asked again without. Section 5. */
  readonly window: number;
  readonly checksum: 'send' | 'omit';
  /** How long to wait for a greeting before login; 0 logs in at once. Reference section 6.2. */
  readonly greetingWaitMs: number;
  /**
   * How long a line without an end of connection (serial) must be silent before a login, so that no answer to an earlier
   * session is taken for one of this. A line that never is silent is logged in to after five times as long. Default 0.
   */
  readonly silenceBeforeLoginMs?: number;
  /** Idle time before alive (40). */
  readonly aliveMs: number;
  /** Waiting time for an answer before it is asked for by repeating the packet, or the session ends. */
  readonly answerTimeoutMs: number;
  /** Repetitions of one packet after timeouts, 0–2. */
  readonly repeats: number;
  /** First and largest wait between connections; a refused login starts at 30 s. Jittered. */
  readonly reconnectMs: { readonly first: number; readonly cap: number; readonly afterRefusedLogin: number };
  /**
   * `receiving` if absent. `send-only` answers what the SMSC sends all the same by itself: a deliver with 900:1, a
   * report without a word; neither comes out as `incoming`.
   */
  readonly applicationType?: ApplicationType;
  /**
   * A querying application asks for messages (05) by itself: after the login, after each message, and so often when
   * nothing was waiting. 0 or absent: never; what is asked for by `request` comes all the same. Section 2.6.
   */
  readonly pollMs?: number;
  /** `once` ends after the first failure (for commands), `forever` keeps reconnecting (for roles). */
  readonly reconnect: 'once' | 'forever';
}

export type ClientInput =
  /** Start: connect and log in. Only the first one counts; after `ended` there is no way back but a new client. */
  | { readonly type: 'log-in' }
  /** The transport that `connect` asked for is open. */
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly bytes: Uint8Array }
  /** The transport closed, or could not be opened. */
  | { readonly type: 'closed'; readonly reason: string }
  /**
   * Sends a request under the next number. Only while `capacity()` > 0.
   * `onTimeout`: `ask` outputs `repeat-wanted` and waits for `repeat` (submits under `resend`), `repeat` repeats by
   * itself (harmless requests), `close` ends the session (submits under `hold`).
   */
  | {
      readonly type: 'request';
      readonly ref: RequestRef;
      readonly operation: number;
      readonly parameters: readonly Parameter[];
      readonly onTimeout: 'ask' | 'repeat' | 'close';
    }
  /**
   * The attempt is counted on disk: send the same bytes under the same number again. Ignored if the answer came
   * meanwhile; if it does not come within one answer timeout, the session ends.
   */
  | { readonly type: 'repeat'; readonly ref: RequestRef }
  /** Our answer to a deliver or status report; operation and number are filled in here. */
  | { readonly type: 'answer'; readonly token: IncomingToken; readonly parameters: readonly Parameter[] }
  /** No more messages are wanted in this session: it asks for none (05) by itself any more. */
  | { readonly type: 'stop-polling' }
  /** Drain: no new requests; when nothing is outstanding log out, then disconnect for good. */
  | { readonly type: 'log-out' }
  | { readonly type: 'tick' };

export type SessionState = 'down' | 'connecting' | 'logging-in' | 'ready' | 'logging-out' | 'ended';

export type ClientOutput =
  | { readonly type: 'connect' }
  /** One whole packet per write. `packet` is for traces; its 011 is already masked. `repeat` of an earlier packet? */
  | { readonly type: 'write'; readonly bytes: Uint8Array; readonly packet: Packet }
  /** Close the transport. Nothing that still comes from it may be an input behind the next `connect`. */
  | { readonly type: 'disconnect'; readonly reason: string }
  /** `code` and `reason` say why it went down; `refusedWith` is the 900 of a refused login. */
  | {
      readonly type: 'session';
      readonly state: SessionState;
      readonly code?: ErrorCode;
      readonly reason?: string;
      readonly refusedWith?: number;
    }
  /** Every packet that came in and was understood, for traces. */
  | { readonly type: 'seen'; readonly packet: Packet }
  /** The request's answer, positive or negative; 98 counts as one. The owner reads 021/060/900 from the packet. */
  | { readonly type: 'response'; readonly ref: RequestRef; readonly packet: Packet }
  | { readonly type: 'repeat-wanted'; readonly ref: RequestRef; readonly waitedMs: number }
  /** It was sent, and the answer will never come: its fate is unknown. */
  | { readonly type: 'unknown'; readonly ref: RequestRef; readonly code: ErrorCode; readonly reason: string }
  /** A deliver (20) or status report (23) to answer. Repetitions are answered here and never come out twice. */
  | { readonly type: 'incoming'; readonly token: IncomingToken; readonly packet: Packet }
  /** The deliver is not waited for any more: its session ended, or the SMSC went on to another number. */
  | { readonly type: 'withdrawn'; readonly token: IncomingToken }
  /**
   * The SMSC showed that it had our answer: by its next number (windowed: W numbers on; not if the answer took more
   * than 50 s) or by the answer to our logout. DESIGN section 4, redelivery.
   */
  | { readonly type: 'answer-seen'; readonly token: IncomingToken }
  | LogEvent;
