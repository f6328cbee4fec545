/** What goes into and comes out of either end of a link connection. Types only. */
import type { ErrorCode } from '../base/errors.ts';
import type { HmacSha256 } from '../base/hashing.ts';
import type { LogEvent } from '../base/log-event.ts';
import type { RandomBytes } from '../base/random.ts';
import type { ValueCodec } from '../base/values.ts';
import type { StorePosition } from '../ring/digest.ts';
import type { Entry, LaneEntry, SessionEntry } from './entries.ts';
import type { Introduction } from './login.ts';

/** What the core cannot make itself, and what both ends tell of themselves. */
export interface LinkSettings {
  /** Name of this machine or process, for people. */
  readonly node: string;
  /** Another one from the moment on at which this end's store is found to have gone back in time. */
  readonly storeId: () => string;
  readonly codec: ValueCodec;
  readonly hmac: HmacSha256;
  readonly randomBytes: RandomBytes;
  /** Where this end's store is now; told only once it has compared its ring, or the peer would forget what it saw before. */
  readonly position: (smscId: string) => StorePosition;
}

export type LinkOutput =
  /** Dialer: open a connection. */
  | { readonly type: 'open' }
  /** A frame of the login: sent as it is, at once. */
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  /** An entry for the next batch. */
  | { readonly type: 'entry-out'; readonly entry: Entry }
  /** Batch what waits, then close. */
  | { readonly type: 'close'; readonly code: ErrorCode | undefined; readonly reason: string }
  /** Both ends have proved themselves; entries may follow. */
  | { readonly type: 'up'; readonly peer: Introduction }
  /** It was up and is not any more; from an acceptor also: it never came up. */
  | { readonly type: 'down'; readonly code: ErrorCode; readonly reason: string }
  | { readonly type: 'entry-in'; readonly entry: LaneEntry }
  /** Where the peer's store is, told by a heartbeat. */
  | { readonly type: 'peer-position'; readonly position: StorePosition }
  /** How the buffer's session with its SMSC is. */
  | { readonly type: 'peer-session'; readonly session: SessionEntry }
  | LogEvent;
