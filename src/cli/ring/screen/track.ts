/**
 * The recording of one role as places to stop at: events that moved a slot, and beginnings, ends and gaps. Of each only
 * where it is, when it was and what it moved is kept; the rest is read from the file again.
 */
import { type LaneName, laneNames } from '../../../core/ring/status.ts';
import type { Moment as PastMoment, Timeline } from '../../../shell/recording/timeline.ts';
import type { TimelineEvent } from '../../../shell/recording/timeline-event.ts';
import type { Cursor } from './screen-state.ts';

/** A slot as one number: of its SMSC and lane by their places. */
const lanesPerSmsc = laneNames.length;
const slotsPerLane = 256;

export class Track {
  readonly timeline: Timeline;
  /** By stop: the number of its input, its time, and where its moves begin. */
  readonly #numbers: number[] = [];
  readonly #times: number[] = [];
  readonly #movesFrom: number[] = [];
  readonly #moves: number[] = [];
  /** What is no input, by stop. */
  readonly #others = new Map<number, TimelineEvent>();
  /** Number of the last input that was taken in, and how many others of that number. */
  #collectedTo = 0;
  #othersTaken = 0;
  #past: { readonly number: number; readonly moment: PastMoment | undefined } | undefined;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** Takes in what the timeline has read since. Yields now and then, so that others may run. */
  *collect(everyEvents: number): Generator<void> {
    const from = this.#collectedTo;
    let known = this.#othersTaken;
    let seen = 0;
    for (const event of this.timeline.events({ from })) {
      seen += 1;
      if (seen % everyEvents === 0) yield;
      const isInput = event.type === 'input' || event.type === 'bug';
      // The last input and what followed it are told once more.
      if (event.number === from && from > 0 && isInput) continue;
      if (event.number === from && !isInput && known > 0) {
        known -= 1;
        continue;
      }
      if (isInput) this.#othersTaken = 0;
      else this.#othersTaken += 1;
      this.#collectedTo = event.number;
      this.#take(event);
    }
  }

  /** Milliseconds since 1970. */
  atOf(stop: number): number {
    return this.#times[stop] ?? 0;
  }

  /** The rings behind a stop; -1: as the recording begins. */
  pastAt(stop: number): PastMoment | undefined {
    const number = stop < 0 ? Math.max(0, this.timeline.first - 1) : (this.#numbers[stop] ?? 0);
    if (this.#past?.number !== number) this.#past = { number, moment: this.timeline.momentAt(number) };
    return this.#past.moment;
  }

  eventAt(stop: number): TimelineEvent | undefined {
    return this.#others.get(stop) ?? this.timeline.event(this.#numbers[stop] ?? 0);
  }

  movedAt(stop: number): readonly Cursor[] {
    const { smscIds } = this.timeline;
    return this.#moves.slice(this.#movesFrom[stop] ?? 0, this.#movesFrom[stop + 1]).flatMap((code) => {
      const place = placeOf(code, smscIds);
      return place === undefined ? [] : [place];
    });
  }

  hasMoved(stop: number, cursor: Cursor): boolean {
    const code = codeOf(this.timeline.smscIds, cursor);
    const end = this.#movesFrom[stop + 1] ?? this.#moves.length;
    for (let i = this.#movesFrom[stop] ?? 0; i < end; i += 1) if (this.#moves[i] === code) return true;
    return false;
  }

  #take(event: TimelineEvent): void {
    const moves = event.type === 'input' ? event.moves : [];
    if (event.type === 'link' || (event.type === 'input' && moves.length === 0 && event.epochs.length === 0)) return;
    if (event.type !== 'input') this.#others.set(this.count, event);
    this.#numbers.push(event.number);
    this.#times.push(event.at);
    this.#movesFrom.push(this.#moves.length);
    for (const move of moves) this.#moves.push(codeOf(this.timeline.smscIds, move));
  }
}

function codeOf(smscIds: readonly string[], place: { smscId: string; lane: LaneName; slot: number }): number {
  const { smscId, lane, slot } = place;
  return (smscIds.indexOf(smscId) * lanesPerSmsc + laneNames.indexOf(lane)) * slotsPerLane + slot;
}

function placeOf(code: number, smscIds: readonly string[]): Cursor | undefined {
  const laneCode = Math.floor(code / slotsPerLane);
  const smscId = smscIds[Math.floor(laneCode / lanesPerSmsc)];
  const lane = laneNames[laneCode % lanesPerSmsc];
  return smscId === undefined || lane === undefined ? undefined : { smscId, lane, slot: code % slotsPerLane };
}
