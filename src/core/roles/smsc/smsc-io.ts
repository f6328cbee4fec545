/**
 * What goes into and comes out of the simulated SMSC: the contract between `smsc.ts` and whoever carries it. Types only.
 */
import type { LogEvent } from '../../base/log-event.ts';
import type { Alphabet, MessageClass } from '../../codec/data-coding.ts';
import type { NationalLanguages } from '../../codec/national-language.ts';
import type { FaultKind } from './scenario.ts';
import type { HandsetState } from './settings.ts';

/** Names one TCP connection; unique in the life of the machine. */
export type ConnectionId = number;

/** The injector's own name for a text; unique while it waits. */
export type InjectRef = number;

export type SmscInput =
  | { readonly type: 'opened'; readonly connection: ConnectionId; readonly remote: string }
  | { readonly type: 'received'; readonly connection: ConnectionId; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly connection: ConnectionId; readonly reason: string }
  /** A handset sends a text; it may take several short messages. */
  | {
      readonly type: 'inject';
      readonly ref: InjectRef;
      readonly from: string;
      readonly to: string;
      readonly text: string;
      /** National tables that the handset may write in; left out, none. */
      readonly national?: NationalLanguages;
    }
  | { readonly type: 'set-handset'; readonly number: string; readonly state: HandsetState }
  /** Reset all connections now. */
  | { readonly type: 'cut' }
  /** Close all connections after what is being answered; comes out as `drained`. */
  | { readonly type: 'shut-down' }
  | { readonly type: 'tick' };

export type InjectOutcome =
  /** Every part was answered positively. `ms`: from the injection to the last answer. */
  | { readonly type: 'answered'; readonly parts: number; readonly ms: number }
  /** `errorCode`: the application's 900; undefined where the SMSC itself would not take the text. */
  | { readonly type: 'refused'; readonly errorCode: number | undefined; readonly reason: string };

export type SmscOutput =
  | { readonly type: 'write'; readonly connection: ConnectionId; readonly bytes: Uint8Array }
  /** `reset`: without a farewell, what is unsent is lost. */
  | {
      readonly type: 'close';
      readonly connection: ConnectionId;
      readonly how: 'end' | 'reset';
      readonly reason: string;
    }
  /** Stop reading that connection, or go on. */
  | { readonly type: 'reading'; readonly connection: ConnectionId; readonly flow: 'pause' | 'resume' }
  | { readonly type: 'event'; readonly event: SmscEvent }
  | { readonly type: 'injected'; readonly ref: InjectRef; readonly outcome: InjectOutcome }
  | { readonly type: 'drained' }
  | LogEvent;

/** What happened, for tests and people: whole numbers and texts, so never for the log. `at` is milliseconds since 1970. */
export type SmscEvent = { readonly at: number } & (
  | { readonly type: 'session'; readonly state: 'bound' | 'closed'; readonly user: string; readonly reason: string }
  /** A submit was accepted (`errorCode` 0) or refused, for one destination. `stamp` is empty where refused. */
  | {
      readonly type: 'submitted';
      readonly from: string;
      readonly to: string;
      readonly stamp: string;
      readonly errorCode: number;
      readonly part: string;
      /** Why it was refused, with the section of the reference; absent where accepted. */
      readonly reason?: string;
    }
  /** Any other request was refused; a login with the user it named. */
  | {
      readonly type: 'refused';
      readonly operation: number;
      readonly user: string;
      readonly errorCode: number;
      readonly reason: string;
    }
  /** A lenient SMSC took a request that a strict one refuses. */
  | { readonly type: 'mended'; readonly operation: number; readonly user: string; readonly what: readonly string[] }
  /** An attempt failed and another will follow. `error` is 062. */
  | {
      readonly type: 'put-off';
      readonly to: string;
      readonly stamp: string;
      readonly error: number;
      readonly attempts: number;
      readonly nextAttemptAt: number;
    }
  /** An enquiry (04) was answered with that 061. */
  | { readonly type: 'enquired'; readonly to: string; readonly stamp: string; readonly status: number }
  /** A cancel (06) was answered; so many messages were ended by it. */
  | { readonly type: 'cancelled'; readonly user: string; readonly mode: number; readonly messages: number }
  /** A handset has a whole text. `repeats`: how many equal ones from the same sender it already had. */
  | {
      readonly type: 'received';
      readonly from: string;
      readonly to: string;
      readonly text: string;
      readonly stamps: readonly string[];
      readonly repeats: number;
      /** 0 is flash; absent where the coding scheme names no class. */
      readonly messageClass?: MessageClass;
    }
  /** A message ended without reaching its handset; `status` is 061, `error` 062. */
  | {
      readonly type: 'undelivered';
      readonly to: string;
      readonly stamp: string;
      readonly status: number;
      readonly error: number;
    }
  /** A deliver was sent; `attempt` counts from 1 and grows when it is sent in another session. */
  | {
      readonly type: 'deliver-offered';
      readonly from: string;
      readonly to: string;
      readonly stamp: string;
      readonly attempt: number;
    }
  | {
      readonly type: 'deliver-answered';
      readonly from: string;
      readonly to: string;
      readonly stamp: string;
      readonly errorCode: number;
    }
  | { readonly type: 'report-offered'; readonly to: string; readonly stamp: string; readonly status: number }
  | { readonly type: 'report-answered'; readonly to: string; readonly stamp: string; readonly status: number }
  | { readonly type: 'handset'; readonly number: string; readonly state: HandsetState['type'] }
  | { readonly type: 'cut'; readonly connections: number }
  /** A scenario's fault was met. `packet` is operation and number of what met it; empty where it came by time. */
  | { readonly type: 'fault'; readonly kind: FaultKind; readonly packet: string }
);

/** Running totals since the start. */
export interface SmscCounts {
  /** Destinations of submits. */
  readonly submitsAccepted: number;
  readonly submitsRefused: number;
  /** Short messages that reached a handset. */
  readonly handsetReceived: number;
  /** Of these, the ones whose sender, header and content were there before. */
  readonly handsetRepeated: number;
  /** Messages that ended without reaching one, for whatever reason. */
  readonly handsetFailed: number;
  /** Of these, the ones whose validity ended, that were cancelled, that a later one replaced. */
  readonly messagesExpired: number;
  readonly messagesCancelled: number;
  readonly messagesReplaced: number;
  /** Attempts that failed and were followed by another. */
  readonly attemptsPutOff: number;
  readonly enquiries: number;
  readonly cancels: number;
  /** Requests refused, but for logins and submits, which have totals of their own. */
  readonly requestsRefused: number;
  /** Requests that a lenient SMSC mended. */
  readonly requestsMended: number;
  readonly deliversOffered: number;
  readonly deliversAnswered: number;
  readonly deliversRefused: number;
  readonly deliversRepeated: number;
  readonly deliversWaiting: number;
  readonly reportsSent: number;
  readonly reportsAnswered: number;
  readonly reportsWaiting: number;
  readonly messagesWaiting: number;
  /** Bound now. */
  readonly sessions: number;
  /** Ever bound. */
  readonly logins: number;
  readonly loginsRefused: number;
  readonly cuts: number;
}

export interface HandsetView {
  readonly number: string;
  readonly state: HandsetState['type'];
  /** Texts in the inbox, with those forgotten. */
  readonly received: number;
  /** Messages on the way to it. */
  readonly waiting: number;
}

/** A message on its way to a handset. Times are milliseconds since 1970. */
export interface QueuedMessage {
  readonly from: string;
  /** 060 */
  readonly stamp: string;
  /** 044: whether its sender said that another follows at once. */
  readonly more: 'follow' | 'none';
  /** 1–9, 1 is tried first. */
  readonly priority: number;
  readonly attempts: number;
  /** 062 of the last attempt; 0 before it. */
  readonly error: number;
  readonly acceptedAt: number;
  readonly nextAttemptAt: number;
  readonly validUntil: number;
}

/** A handset with all it has and all that is on its way to it. */
export interface WholeHandset extends HandsetView {
  readonly inbox: readonly InboxItem[];
  readonly queue: readonly QueuedMessage[];
}

/** A whole text in a handset's inbox. */
export interface InboxItem {
  readonly from: string;
  /** Text, or upper-case hex of 8-bit data. */
  readonly text: string;
  readonly kind: 'text' | 'binary';
  readonly alphabet: Alphabet;
  /** 030, 0–255. */
  readonly dataCoding: number;
  /** 0 is flash; absent where the coding scheme names no class. */
  readonly messageClass?: MessageClass;
  /** Application ports of the header. */
  readonly ports?: { readonly destination: number; readonly origin: number };
  /** Whether an answer to this sender goes back to the account that submitted (055). */
  readonly replyPath: boolean;
  /** 060 of each part. */
  readonly stamps: readonly string[];
  readonly parts: number;
  /** When the last part arrived, milliseconds since 1970. */
  readonly at: number;
  /** How many equal ones from the same sender were there before: 0 unless somebody sent it twice. */
  readonly repeats: number;
}
