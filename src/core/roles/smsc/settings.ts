/** What a simulated SMSC is told before it starts: accounts, handsets, pace and moods. Values only. */
import type { Instant } from '../../base/time.ts';
import type { ServerSettings } from '../../handshake/server-io.ts';

/** What an account gets. SPEC: reference section 2.1. */
export type AccountType = 'send-only' | 'querying' | 'receiving';

export interface Account {
  readonly user: string;
  readonly password: string;
  /** The service number, digits. Messages to it, or to it with digits behind, are this account's. */
  readonly number: string;
  readonly type: AccountType;
  /** `refused`: any 056, also 0, is answered with 310. SPEC: reference section 8.1. */
  readonly reports: 'allowed' | 'refused';
  /** Logins at the same time; one more is answered with 102. The vendor's default is 10. */
  readonly maxSessions: number;
  /** Largest window (019) granted, 1–128; 1 grants none (105). */
  readonly maxWindow: number;
}

/**
 * `off`: out of reach. `slow`: takes each message so many milliseconds later. `full`: its memory takes nothing more.
 * `unknown`: nobody has that number. SPEC: reference section 8.3: 062 of 29, 22 and 1.
 */
export type HandsetState =
  | { readonly type: 'on' }
  | { readonly type: 'off' }
  | { readonly type: 'slow'; readonly ms: number }
  | { readonly type: 'full' }
  | { readonly type: 'unknown' };

export interface SmscSettings {
  readonly accounts: readonly Account[];
  readonly handsets: readonly { readonly number: string; readonly state: HandsetState }[];
  /** Numbers not listed: `on` makes handsets of them as they come, `fail` reports them as unknown subscribers. */
  readonly unknownNumbers: 'on' | 'fail';
  /** Minutes that the SMSC's local time is ahead of UTC. */
  readonly zoneOffset: number;
  /** Time between a submit and its answer, milliseconds. */
  readonly turnMs: number;
  /** Submits answered per second; undefined: no limit. What comes faster is answered later. */
  readonly ratePerSecond: number | undefined;
  /** Time between the answer to a submit and the first try at the handset, milliseconds. */
  readonly deliveryDelayMs: number;
  /** All connections are reset about so often; undefined: never. */
  readonly cutEveryMs: number | undefined;
  readonly session: ServerSettings;
  /** Asked once about every request before anything is done with it; a 900 code refuses it, undefined lets it pass. */
  readonly interfere?: Interfere | undefined;
}

/** @param request `user`: who is logged in there, or the 010 of a login */
export type Interfere = (request: {
  readonly operation: number;
  readonly user: string | undefined;
  readonly now: Instant;
}) => number | undefined;

/** What no operator would change. Everything that grows has a limit. */
export const limits = {
  /** TCP connections at a time. */
  connections: 64,
  /** Submits that wait for their answer under a rate limit; beyond it 900:10. */
  waitingSubmits: 1_000,
  /** Messages on their way to handsets that are off or slow; beyond it 900:10. */
  storedMessages: 100_000,
  /** Handsets; an idle one that was not configured gives way to a new one. */
  handsets: 10_000,
  /** Delivers and reports that wait for one account. */
  waitingPerAccount: 20_000,
  /** Received messages remembered over all handsets; the oldest are forgotten. */
  remembered: 100_000,
  /** Texts of which parts are missing, per handset. */
  openTexts: 100,
} as const;

/** An undelivered message is tried again after this, a deliver that was put off too. */
export const retryMs = 10_000;
/** Without 050 and 051. */
export const defaultValidityMs = 24 * 3_600_000;
/** COMPAT: Kannel may leave a deliver unread that comes in one read with the login's answer. Reference section 11.1. */
export const holdAfterLoginMs = 300;

export const defaultSessionSettings: ServerSettings = {
  greeting: 'CIMD2-A ConnectionInfo: ringbridge SMSC simulator\n',
  numbers: 'strict',
  answerTimeoutMs: 60_000,
  repeats: 3,
  loginTimeoutMs: 30_000,
  idleMs: 0,
  nackLimit: 10,
};
