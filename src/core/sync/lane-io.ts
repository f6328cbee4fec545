/**
 * What the two ends of a lane exchange with the role that owns them. Types only; the ends are `producer.ts` and
 * `consumer.ts`, the same code for both lanes.
 */
import type { LogEvent } from '../base/log-event.ts';
import type { AtOnce } from '../base/machine.ts';
import type { LaneEntry } from '../link/entries.ts';
import type { Outcome } from '../ring/outcome.ts';
import type { SlotIndex } from '../ring/sequence.ts';
import type { LaneName, SlotStatus } from '../ring/status.ts';
import type { Persist } from '../store/record.ts';
import type { SlotNote } from '../store/slot-note.ts';

/** A statement for the other end; sent after the persists before it. */
export interface SendEntry {
  readonly type: 'send-entry';
  readonly entry: LaneEntry;
}

/** Producer: the message ended, and its outcome is on this disk once the persist before this is done. */
export interface Ended {
  readonly type: 'ended';
  readonly lane: LaneName;
  readonly messageId: string;
  readonly bytes: Uint8Array;
  readonly outcome: Outcome;
  readonly possibleDuplicate: boolean;
}

/** Producer: the consumer told of a move that is not the end. */
export interface Progress {
  readonly type: 'progress';
  readonly lane: LaneName;
  readonly messageId: string;
  readonly status: Exclude<SlotStatus, 'free' | 'settled'>;
  readonly possibleDuplicate: boolean;
}

export type ProducerOutput = Persist | SendEntry | Ended | Progress | LogEvent;

/** Consumer: how far a message has come that was claimed ahead; kept apart, without a sync, before its packet leaves. */
export interface Noted extends AtOnce {
  readonly type: 'note';
  readonly slot: SlotIndex;
  readonly note: SlotNote;
}

export type ConsumerOutput = Persist | SendEntry | Noted | LogEvent;

/** `held`: the two ends have different epochs or contents, and nothing moves until somebody decides. */
export type LaneContact = 'apart' | 'comparing' | 'in-step' | 'held';
