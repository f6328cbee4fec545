/**
 * The inputs of a recording, one at a time in either direction, with what the role said. Moves and rings are read from
 * the place before; only what was said has to be played, from the start of the role on. So it is played forwards once,
 * and the latest of it is kept for going back; far away from there nothing is known of it until it is asked for.
 */
import { OperatorError } from '../../../core/base/errors.ts';
import { type Moment, Timeline } from '../../../shell/recording/timeline.ts';
import type { InputEvent, TimelineEvent } from '../../../shell/recording/timeline-event.ts';

/** What happened at one input, and behind it until the next. */
export interface Step {
  readonly number: number;
  /** The input or bug first, then starts, gaps, the link. */
  readonly events: readonly TimelineEvent[];
  readonly moment: Moment | undefined;
  /** Whether what was said is known, or that it cannot be: `not-yet` where it was not played. */
  readonly said: 'known' | 'not-yet';
}

/** Steps kept for going back. */
const keptSteps = 5_000;
/** Inputs that are played for one key: about a tenth of a second. */
const playedAtOnce = 1_000;

export class StepSource {
  readonly #timeline: Timeline;
  /** By number, in the order in which they were played. */
  readonly #played = new Map<number, TimelineEvent[]>();
  #player: Iterator<TimelineEvent> | undefined;
  /** Everything of the inputs before this one was played. */
  #reached = 0;

  /** @throws OperatorError RECORDING_MISSING, RECORDING_UNREADABLE, INPUT_UNREADABLE */
  constructor(path: string) {
    this.#timeline = new Timeline(path);
    this.#timeline.readOn();
    if (this.#timeline.last > 0) return;
    throw new OperatorError({
      code: 'RECORDING_UNREADABLE',
      message: `There is no input in ${path} to step to.`,
      hint: 'Give the state directory of a role that did something, or the folder `recording` in it.',
    });
  }

  get first(): number {
    return this.#timeline.first;
  }

  get last(): number {
    return this.#timeline.last;
  }

  get smscIds(): readonly string[] {
    return this.#timeline.smscIds;
  }

  get side(): string {
    return this.#timeline.side;
  }

  /** @param number from {@link first} to {@link last} */
  at(number: number): Step {
    if (number >= this.#reached && number - this.#reached <= playedAtOnce) this.#playTo(number);
    const known = this.#played.get(number);
    const events = known ?? [...this.#timeline.events({ from: number, to: number })];
    const moment = this.#timeline.momentAt(number);
    return { number, events, moment, said: known === undefined ? 'not-yet' : 'known' };
  }

  /** Plays what was said at an input that is far away: takes as long as the role was busy until then. */
  play(number: number): void {
    if (number < this.#reached) {
      this.#player = this.#timeline.played({ from: Math.max(this.first, number - keptSteps / 2) });
      this.#played.clear();
    }
    this.#playTo(number);
  }

  /** The next input for which this holds, or the one before; undefined where there is none. */
  find(from: number, way: 'next' | 'previous', isIt: (event: InputEvent) => boolean): number | undefined {
    if (way === 'next') {
      for (const event of this.#timeline.events({ from: from + 1 })) {
        if (event.type === 'input' && isIt(event)) return event.number;
      }
      return undefined;
    }
    // Stretches that grow, each read from the place before it.
    for (let [end, size] = [from - 1, 256]; end >= this.first; end -= size, size *= 2) {
      let found: number | undefined;
      for (const event of this.#timeline.events({ from: Math.max(this.first, end - size + 1), to: end })) {
        if (event.type === 'input' && isIt(event)) found = event.number;
      }
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #playTo(number: number): void {
    this.#player ??= this.#timeline.played();
    while (this.#reached <= number) {
      const next = this.#player.next();
      if (next.done === true) {
        this.#reached = number + 1;
        return;
      }
      const event = next.value;
      this.#reached = event.number;
      const events = this.#played.get(event.number);
      if (events === undefined) this.#keep(event);
      else events.push(event);
    }
  }

  #keep(event: TimelineEvent): void {
    this.#played.set(event.number, [event]);
    if (this.#played.size <= keptSteps) return;
    for (const oldest of this.#played.keys()) {
      this.#played.delete(oldest);
      return;
    }
  }
}
