/**
 * Recognises a deliver that the SMSC repeats because it never saw our answer. A deliver is a candidate from its commit
 * until the SMSC shows that it had the answer; the same text sent twice on purpose passes, because its stamp differs or
 * the first is no candidate any more. SPEC: DESIGN section 4. Candidates outlive sessions and restarts.
 *
 *   ['candidate', n]   [1, what the deliver is, when it was taken, id of the message made of it]
 */
import { hourMs, type Instant, instant } from '../../base/time.ts';
import type { PlainValue } from '../../base/values.ts';
import type { Packet } from '../../codec/packet.ts';
import type { StoreReader, StoreRecord } from '../../store/record.ts';

const format = 1;
export const candidateLimit = 256;
export const candidateMs = 48 * hourMs;

/** What makes two delivers the same one: addresses, stamp, coding, header and content; of a report also its statuses. */
const identifying = [21, 23, 60, 30, 32, 33, 34, 61, 62, 63];

interface Candidate {
  readonly place: number;
  readonly at: Instant;
  /** Empty where that was not kept yet. */
  readonly messageId: string;
}

export class Redelivery {
  /** In the order they came: the oldest first. */
  readonly #candidates = new Map<string, Candidate>();
  #nextPlace = 1;

  constructor(store: StoreReader) {
    for (const [key, value] of store.entries(['candidate'])) {
      const [, identity, at, messageId = '']: readonly PlainValue[] = Array.isArray(value) ? value : [];
      const place = key[1];
      if (typeof identity !== 'string' || typeof at !== 'number' || typeof place !== 'number') continue;
      if (typeof messageId !== 'string') continue;
      this.#candidates.set(identity, { place, at: instant(at), messageId });
      this.#nextPlace = Math.max(this.#nextPlace, place + 1);
    }
  }

  get count(): number {
    return this.#candidates.size;
  }

  static identityOf(packet: Packet): string {
    const values = identifying.map((code) => packet.parameters.find((one) => one.code === code)?.value ?? '\t');
    return [packet.operation, ...values].join('\n');
  }

  /** The message that was made of it; undefined where it is no candidate. */
  messageOf(identity: string, now: Instant): string | undefined {
    const candidate = this.#candidates.get(identity);
    return candidate !== undefined && now - candidate.at < candidateMs ? candidate.messageId : undefined;
  }

  /** From its commit on: the records travel in that commit. */
  add(identity: string, messageId: string, now: Instant): StoreRecord[] {
    const records: StoreRecord[] = [];
    for (const [known, candidate] of this.#candidates) {
      if (this.#candidates.size < candidateLimit && now - candidate.at < candidateMs) break;
      records.push(...this.remove(known));
    }
    const place = this.#nextPlace;
    this.#nextPlace += 1;
    this.#candidates.set(identity, { place, at: now, messageId });
    return [...records, { key: ['candidate', place], value: [format, identity, now, messageId] }];
  }

  /** The SMSC had our answer. */
  remove(identity: string): StoreRecord[] {
    const candidate = this.#candidates.get(identity);
    if (candidate === undefined) return [];
    this.#candidates.delete(identity);
    return [{ key: ['candidate', candidate.place], value: undefined }];
  }
}
