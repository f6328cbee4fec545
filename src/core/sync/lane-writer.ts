/** What both ends of a lane write the same way: the records of its slots, and log events that say which lane it is. */
import { type LogEvent, type LogLevel, logEvent } from '../base/log-event.ts';
import type { Ring } from '../ring/ring.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { LaneName } from '../ring/status.ts';
import {
  bytesRecord,
  type LaneState,
  laneStateRecord,
  noLaneStateRecord,
  noOutboxRecord,
  noSlotRecords,
  type OutboxItem,
  outboxRecord,
  slotRecord,
} from '../store/lane-records.ts';
import type { Persist, StoreRecord } from '../store/record.ts';
import type { SlotPlan } from './compare.ts';
import { comparedFields } from './listing.ts';

export class LaneWriter {
  readonly #smscId: string;
  readonly #lane: LaneName;

  constructor({ smscId, lane }: { readonly smscId: string; readonly lane: LaneName }) {
    this.#smscId = smscId;
    this.#lane = lane;
  }

  persist(records: readonly StoreRecord[]): Persist {
    return { type: 'persist', records };
  }

  state(state: LaneState): StoreRecord {
    return laneStateRecord(this.#smscId, this.#lane, state);
  }

  noState(): StoreRecord {
    return noLaneStateRecord(this.#smscId, this.#lane);
  }

  /** The slot without the message, which never changes. */
  slot(ring: Ring, copy: SlotCopy): StoreRecord {
    return slotRecord(this.#smscId, this.#lane, ring.slotOf(copy.seq), copy);
  }

  wholeSlot(ring: Ring, copy: SlotCopy): StoreRecord[] {
    return [this.slot(ring, copy), bytesRecord(this.#smscId, this.#lane, ring.slotOf(copy.seq), copy)];
  }

  noSlots(ring: Ring, copies: Iterable<SlotCopy>): StoreRecord[] {
    return [...copies].flatMap(({ seq }) => noSlotRecords(this.#smscId, this.#lane, ring.slotOf(seq)));
  }

  /** A message without a number yet. */
  waiting(item: OutboxItem): StoreRecord {
    return outboxRecord(this.#smscId, this.#lane, item);
  }

  notWaiting(place: OutboxItem['place']): StoreRecord {
    return noOutboxRecord(this.#smscId, this.#lane, place);
  }

  compared(slots: readonly SlotPlan[]): LogEvent {
    return this.log('info', 'sync.compared', comparedFields(slots));
  }

  log(level: LogLevel, event: string, fields: Record<string, string | number | undefined>): LogEvent {
    return logEvent(level, event, { smsc: this.#smscId, lane: this.#lane, ...fields });
  }
}
