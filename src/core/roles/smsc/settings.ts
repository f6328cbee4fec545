/** What a simulated SMSC is told before it starts: accounts, handsets, pace and moods. Values only. */
import { hourMs, type Instant, minuteMs, secondMs } from '../../base/time.ts';
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
  /** Bit sum (056) that counts for a submit without one, 0–127; nothing is reported if left out. Section 8.1. */
  readonly defaultReportBits?: number | undefined;
  /** `free`: 023 is the whole sender, with or without `+`; `own` (if left out): it is put behind the number. */
  readonly originators?: 'own' | 'free' | undefined;
  /** Whether 027 may be used, otherwise 321; allowed if left out. SPEC: reference section 3.3. */
  readonly alphanumericOriginators?: 'allowed' | 'refused' | undefined;
  /** Whether Set (08) may change the password, otherwise 801; allowed if left out. */
  readonly passwordChange?: 'allowed' | 'refused' | undefined;
  /** Submits per second, beside what all accounts together may; undefined: no limit of its own. */
  readonly ratePerSecond?: number | undefined;
  /** Messages that wait for handsets; one more is answered with 10. Undefined: no limit of its own. */
  readonly maxWaiting?: number | undefined;
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

export type Rules = 'strict' | 'lenient';

export interface SmscSettings {
  readonly accounts: readonly Account[];
  readonly handsets: readonly { readonly number: string; readonly state: HandsetState }[];
  /** Numbers not listed: `on` makes handsets of them as they come, `fail` reports them as unknown subscribers. */
  readonly unknownNumbers: 'on' | 'fail';
  /** Minutes that the SMSC's local time is ahead of UTC. */
  readonly zoneOffset: number;
  /** Time between a submit and its answer, milliseconds. */
  readonly turnMs: number;
  /** Submits answered per second; undefined: no limit. */
  readonly ratePerSecond: number | undefined;
  /**
   * What becomes of a submit that comes faster: `delay` (if left out) answers it later, `refuse` answers 10 once a
   * second's worth came at once. COMPAT: Kannel takes a 10 for a final refusal. SPEC: reference section 11.1.
   */
  readonly throttle?: 'delay' | 'refuse' | undefined;
  /** Time between the answer to a submit and the first try at the handset, milliseconds. */
  readonly deliveryDelayMs: number;
  /** How long after each failed attempt the next one follows; the last goes on. {@link defaultAttemptDelaysMs}. */
  readonly attemptDelaysMs?: readonly number[] | undefined;
  /** `strict` (if left out) refuses what the specification refuses; `lenient` mends it where that can be done. */
  readonly rules?: Rules | undefined;
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
  /** Of these, from one address. */
  connectionsPerAddress: 32,
  /** Submits that wait for their answer under a rate limit; beyond it 900:10. */
  waitingSubmits: 1_000,
  /** Messages on their way to handsets; beyond it 900:10. */
  storedMessages: 100_000,
  /** Handsets; an idle one that was not configured gives way to a new one. */
  handsets: 10_000,
  /** Delivers and reports that wait for one account. */
  waitingPerAccount: 20_000,
  /** Received messages remembered over all handsets; the oldest are forgotten. */
  remembered: 100_000,
  /** Texts of which parts are missing, over all handsets; beyond it the oldest is shown with its gap. */
  openTexts: 1_000,
  /** Messages whose status can be enquired (04); the oldest are forgotten. */
  tracked: 100_000,
  /** Senders that asked for a reply path (055), over all handsets; the oldest are forgotten. */
  replyPaths: 10_000,
} as const;

/** Quick at first, for a handset that is back soon; then ever slower, so that a long absence costs little. */
export const defaultAttemptDelaysMs: readonly number[] = [
  10 * secondMs,
  30 * secondMs,
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
];
/** A deliver that the application would not take yet is offered again after this. */
export const putOffMs = 10_000;
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
  // SPEC: section 6.4: more than 120 s; three alives of a client that sends one a minute.
  idleMs: 180_000,
  nackLimit: 10,
  // Several times what one client gets through here; a flood is read no faster.
  packetsPerSecond: 10_000,
};
