/**
 * Which short messages of each SMSC were stored lately, and with what result: so that one that comes again is answered
 * and not stored again. The last 4,096 per SMSC; a ring of 255 slots cannot repeat anything older.
 */
import type { MessageId } from '../message/message.ts';
import type { ArrivalResult } from './exchange-io.ts';

export const arrivalCount = 4_096;

export interface Arrival {
  readonly smscId: string;
  /** Counts up per SMSC; its remainder by 4,096 names the record, so a new one overwrites the oldest. */
  readonly number: number;
  readonly messageId: MessageId;
  readonly result: ArrivalResult;
}

interface Lane {
  lastNumber: number;
  readonly byPlace: Map<number, Arrival>;
  readonly byId: Map<MessageId, Arrival>;
}

export class ArrivalMemory {
  readonly #lanes = new Map<string, Lane>();

  resultOf(smscId: string, messageId: MessageId): ArrivalResult | undefined {
    return this.#lanes.get(smscId)?.byId.get(messageId)?.result;
  }

  remember(smscId: string, messageId: MessageId, result: ArrivalResult): Arrival {
    const arrival = { smscId, number: (this.#lanes.get(smscId)?.lastNumber ?? 0) + 1, messageId, result };
    this.restore(arrival);
    return arrival;
  }

  /** Puts back what was remembered before a restart, in any order. */
  restore(arrival: Arrival): void {
    const lane = this.#laneOf(arrival.smscId);
    lane.lastNumber = Math.max(lane.lastNumber, arrival.number);
    const place = arrival.number % arrivalCount;
    const oldest = lane.byPlace.get(place);
    if (oldest !== undefined) lane.byId.delete(oldest.messageId);
    lane.byPlace.set(place, arrival);
    lane.byId.set(arrival.messageId, arrival);
  }

  #laneOf(smscId: string): Lane {
    const present = this.#lanes.get(smscId);
    if (present !== undefined) return present;
    const lane: Lane = { lastNumber: 0, byPlace: new Map(), byId: new Map() };
    this.#lanes.set(smscId, lane);
    return lane;
  }
}
