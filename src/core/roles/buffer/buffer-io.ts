/** What goes into and comes out of the buffer, and what it is set to. Types only; the machine is `buffer.ts`. */
import type { LogEvent } from '../../base/log-event.ts';
import type { ApplicationType } from '../../handshake/client-io.ts';
import type { Entry } from '../../link/entries.ts';
import type { LaneName } from '../../ring/status.ts';
import type { Persist } from '../../store/record.ts';
import type { Noted } from '../../sync/lane-io.ts';
import type { LetGo } from '../../sync/let-go.ts';
import type { ControlResult } from '../control-result.ts';
import type { Pace } from './pacing.ts';

export interface BufferSettings {
  readonly smscId: string;
  /** Name of this machine or process, told to the IM server. */
  readonly node: string;
  /** Shared with the IM server, proved by both. */
  readonly secret: Uint8Array;
  /** Slots of the MO ring, 1–255. */
  readonly ringSize: number;
  /** DESIGN section 2 rule 4. */
  readonly inDoubt: 'resend' | 'hold';
  /** A deliver without room in the ring: left unanswered (if left out), or put off by 900. DESIGN section 2 rule 3. */
  readonly onFull?: 'wait' | 'defer';
  /** What the single bytes `[ \ ] ^ { | } ~` of a deliver mean. Reference section 7.5. */
  readonly alphabet: 'nokia' | 'literal';
  /** Zone of the SMSC's clock in minutes east of UTC, or `ask` by Get 501 after login. */
  readonly smscZone: number | 'ask';
  /** Taken where the SMSC does not say: this machine's zone, minutes east of UTC. */
  readonly machineZone: number;
  /** What the account is at the SMSC, which does not say it. `receiving` if left out. Reference section 2.1. */
  readonly applicationType?: ApplicationType;
  /** How often a querying account asks for messages (05) when none waited. 0 or left out: never. */
  readonly pollMs?: number;
  /** What a deliver is answered after: this end's disk, or also the IM server's. `stored` if left out. */
  readonly answerAfter?: 'stored' | 'mirrored';
  /** Status reports: asked for unless the account forbids them (310), or is of a type that is sent none. */
  readonly reports: 'final' | 'none';
  readonly user: string;
  readonly password: string;
  /** 012; undefined sends none. */
  readonly subaddress: number | undefined;
  /** 1–128. */
  readonly window: number;
  /** When submits leave. DESIGN section 5. */
  readonly pace: Pace;
  readonly checksum: 'send' | 'omit';
  readonly greetingWaitMs: number;
  /** On a line without an end of connection; 0 or absent elsewhere. */
  readonly silenceBeforeLoginMs?: number;
  readonly aliveMs: number;
  readonly answerTimeoutMs: number;
}

/**
 * Names one connection, to the SMSC or to the IM server; counts up. The disk is between what is decided and what is done, so an old
 * connection may still speak when a new one is wanted already: what it says is not read.
 */
export type ConnectionRef = number;

export type BufferInput =
  /** Once, first: takes up what the store holds. */
  | { readonly type: 'start' }
  | { readonly type: 'smsc-opened'; readonly connection: ConnectionRef }
  | { readonly type: 'smsc-received'; readonly connection: ConnectionRef; readonly bytes: Uint8Array }
  | { readonly type: 'smsc-closed'; readonly connection: ConnectionRef; readonly reason: string }
  | { readonly type: 'link-opened'; readonly connection: ConnectionRef; readonly binding: Uint8Array }
  | { readonly type: 'link-received'; readonly connection: ConnectionRef; readonly bytes: Uint8Array }
  | { readonly type: 'link-closed'; readonly connection: ConnectionRef; readonly reason: string }
  /** The output of this name was reached: what was claimed ahead is on disk. */
  | { readonly type: 'claims-kept' }
  /** Somebody decided about a message in doubt in this slot of the mt lane. */
  | { readonly type: 'resolve'; readonly ref: number; readonly slot: number; readonly as: 'sent' | 'not-sent' }
  /** Compare both lanes with the other end now. */
  | { readonly type: 'compare'; readonly ref: number }
  /** The IM server is right about this lane: let go of what was exported. */
  | { readonly type: 'prefer'; readonly ref: number; readonly lane: LaneName; readonly letGo: LetGo }
  /** Finish the running exchange, log out, close. */
  | { readonly type: 'drain' }
  | { readonly type: 'tick' };

export type BufferOutput =
  | Persist
  | { readonly type: 'smsc-connect'; readonly connection: ConnectionRef }
  | {
      readonly type: 'smsc-write';
      readonly connection: ConnectionRef;
      readonly bytes: Uint8Array;
      /**
       * A request leaves at once: a submit waited for its claim before it became one. What promises something waits for
       * the disk: answers, and the log-out, which says that all is done.
       */
      readonly when: 'at-once' | 'in-order';
    }
  /** To be written, without a sync, before anything that follows; given back at the next start. */
  | Noted
  /** Behind the persist of claims; comes back as an input. `ahead`: it may wait for other records, nobody waits for it. */
  | { readonly type: 'claims-kept'; readonly need: 'awaited' | 'ahead' }
  /** Now somebody does: its commit shall begin. Nothing else is to be done. */
  | { readonly type: 'claims-awaited' }
  | { readonly type: 'smsc-disconnect'; readonly connection: ConnectionRef; readonly reason: string }
  | { readonly type: 'link-connect'; readonly connection: ConnectionRef }
  /** A frame of the login, as it is. */
  | { readonly type: 'link-frame'; readonly connection: ConnectionRef; readonly bytes: Uint8Array }
  /** For the next batch. */
  | { readonly type: 'link-entry'; readonly connection: ConnectionRef; readonly entry: Entry }
  | { readonly type: 'link-disconnect'; readonly connection: ConnectionRef; readonly reason: string }
  | { readonly type: 'control-answer'; readonly ref: number; readonly result: ControlResult }
  /** The drain is over: everything before this is on disk. */
  | { readonly type: 'drained' }
  | LogEvent;
