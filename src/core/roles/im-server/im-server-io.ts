/** What goes into and comes out of the IM server, and what it is set to. Types only; the machine is `im-server.ts`. */
import type { LogEvent } from '../../base/log-event.ts';
import type { ExchangeInput, ExchangeOutput, ExchangeSettings } from '../../im/exchange-io.ts';
import type { Entry } from '../../link/entries.ts';
import type { LaneName } from '../../ring/status.ts';
import type { Persist } from '../../store/record.ts';
import type { LinkView } from '../../store/ring-view.ts';
import type { LetGo } from '../../sync/let-go.ts';
import type { ControlResult } from '../control-result.ts';

export interface BufferAccount {
  readonly smscId: string;
  readonly secret: Uint8Array;
}

export interface ImServerSettings {
  readonly node: string;
  /** Slots of each MT ring, 1–255. */
  readonly ringSize: number;
  readonly buffers: readonly BufferAccount[];
  readonly exchange: ExchangeSettings;
  /**
   * `hold` leaves messages from handsets in the mirror: for bringing two stopped ends into step, where nobody knows the
   * routes. Absent: they are stored for their addressees.
   */
  readonly arrivals?: 'hold';
}

/** Names one link connection; unique in the life of the process. */
export type ConnectionRef = number;

export type ImServerInput =
  | { readonly type: 'start' }
  | { readonly type: 'link-opened'; readonly connection: ConnectionRef; readonly binding: Uint8Array }
  | { readonly type: 'link-received'; readonly connection: ConnectionRef; readonly bytes: Uint8Array }
  | { readonly type: 'link-closed'; readonly connection: ConnectionRef; readonly reason: string }
  /** From a gateway or the operator. */
  | { readonly type: 'im'; readonly input: ImInput }
  | {
      readonly type: 'resolve';
      readonly ref: number;
      readonly smscId: string;
      readonly slot: number;
      readonly as: 'sent' | 'not-sent';
    }
  | { readonly type: 'compare'; readonly ref: number; readonly smscId: string }
  /** The buffer is right about this lane: let go of what was exported. */
  | {
      readonly type: 'prefer';
      readonly ref: number;
      readonly smscId: string;
      readonly lane: LaneName;
      readonly letGo: LetGo;
    }
  /** Messages from handsets that only a retired store of a buffer holds, as that keeps them. */
  | {
      readonly type: 'hand-in';
      readonly ref: number;
      readonly smscId: string;
      readonly storeId: string;
      /** The store itself knows that it is retired. */
      readonly isRetired: boolean;
      readonly messages: readonly Uint8Array[];
    }
  | { readonly type: 'drain' }
  | { readonly type: 'tick' };

/** What the exchange is told from outside; the rest it learns from the rings. */
export type ImInput = Exclude<
  ExchangeInput,
  { readonly type: 'arrived' | 'moved' | 'outcome' | 'withdrawn' | 'link' | 'session' | 'tick' }
>;

export type ImServerOutput =
  | Persist
  | { readonly type: 'link-frame'; readonly connection: ConnectionRef; readonly bytes: Uint8Array }
  | { readonly type: 'link-entry'; readonly connection: ConnectionRef; readonly entry: Entry }
  | { readonly type: 'link-disconnect'; readonly connection: ConnectionRef; readonly reason: string }
  /** For the gateways. */
  | Extract<ExchangeOutput, { readonly type: 'deliver' | 'answer' | 'user-answer' }>
  /** A link changed its state. */
  | { readonly type: 'links'; readonly links: readonly LinkView[] }
  | { readonly type: 'control-answer'; readonly ref: number; readonly result: ControlResult }
  | { readonly type: 'drained' }
  | LogEvent;
