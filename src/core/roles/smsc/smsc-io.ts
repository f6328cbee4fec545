/**
 * What goes into and comes out of the simulated SMSC: the contract between `smsc.ts` and whoever carries it. Types only.
 */
import type { LogEvent } from '../../base/log-event.ts';
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
    }
  /** A handset has a whole text. `repeats`: how many equal ones from the same sender it already had. */
  | {
      readonly type: 'received';
      readonly from: string;
      readonly to: string;
      readonly text: string;
      readonly stamps: readonly string[];
      readonly repeats: number;
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
  readonly handsetFailed: number;
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

/** A whole text in a handset's inbox. */
export interface InboxItem {
  readonly from: string;
  /** Text, or upper-case hex of 8-bit data. */
  readonly text: string;
  readonly kind: 'text' | 'binary';
  /** 060 of each part. */
  readonly stamps: readonly string[];
  readonly parts: number;
  /** When the last part arrived, milliseconds since 1970. */
  readonly at: number;
  /** How many equal ones from the same sender were there before: 0 unless somebody sent it twice. */
  readonly repeats: number;
}
