/**
 * What came from the SMSC and no `expect` took yet. An expectation takes the first packet that fits, wherever it stands:
 * answers and what the SMSC sends by itself come in any order. Answers are for the lines that were sent since the last
 * expectation: one that nobody wanted is not taken for that of a later request.
 */
import { isResponse, type Packet } from '../../../core/codec/packet.ts';
import { type Expectation, isExpected } from './expectation.ts';

/** The oldest go first; a script that expects nothing keeps no more. */
export const inboxLimit = 1_000;

export interface Arrival {
  readonly packet: Packet;
  /** As on the wire, for what is told of it. */
  readonly wire: string;
}

interface Kept extends Arrival {
  readonly place: number;
}

export class Inbox {
  #kept: Kept[] = [];
  #count = 0;
  /** What has this place or a later one came since the last line that sent something, or was taken. */
  #mark = 0;
  #wasJudged = false;

  add(arrival: Arrival): void {
    this.#kept.push({ ...arrival, place: this.#count });
    this.#count += 1;
    if (this.#kept.length > inboxLimit) this.#kept.shift();
  }

  /** A line is about to send something. After an expectation a new lot of requests begins, with answers of its own. */
  mark(): void {
    if (this.#wasJudged) this.#kept = this.#kept.filter(({ packet }) => !isResponse(packet.operation));
    this.#wasJudged = false;
    this.#mark = this.#count;
  }

  /** What came so far is for nobody: a script begins. */
  clear(): void {
    this.#kept = [];
    this.#mark = this.#count;
  }

  /** A line is about to expect something. */
  judge(): void {
    this.#wasJudged = true;
  }

  take(expectation: Expectation): Arrival | undefined {
    const found = this.#kept.find(({ packet }) => isExpected(expectation, packet));
    if (found === undefined) return undefined;
    this.#kept = this.#kept.filter((kept) => kept !== found);
    this.#mark = Math.max(this.#mark, found.place + 1);
    return found;
  }

  /** Behind the mark, not taken. */
  news(): readonly Arrival[] {
    return this.#kept.filter(({ place }) => place >= this.#mark);
  }

  /** All that no expectation took, oldest first. */
  untaken(): readonly Arrival[] {
    return this.#kept;
  }
}
