/**
 * Bad days of a link, as a plan: when cuts begin and end, and when a chunk that came in may go out. No sockets here;
 * `shell/impair.ts` carries it out. The same seed makes the same cuts.
 */
import type { Machine } from '../base/machine.ts';
import type { Random } from '../base/random.ts';
import { type Instant, later } from '../base/time.ts';

/** Share of `everyMs` by which a gap between two cuts may be shorter or longer. */
const gapSpread = 0.2;

export interface CutSettings {
  /** From the begin of one cut to the begin of the next, on average. Each gap is off by at most a fifth. */
  readonly everyMs: number;
  /** How long a cut lasts; at most half of `everyMs`, so that there is a link between two cuts. */
  readonly forMs: number;
}

export type CutInput = { readonly type: 'start' } | { readonly type: 'tick' };

/** `number` counts from 1. */
export type CutOutput =
  | { readonly type: 'cut-begins'; readonly number: number }
  | { readonly type: 'cut-ends'; readonly number: number };

type CutState =
  | { readonly type: 'idle' }
  | { readonly type: 'linked'; readonly cutAt: Instant }
  | { readonly type: 'cut'; readonly endsAt: Instant; readonly nextCutAt: Instant };

/** Says when the link is cut and when it is mended. */
export class CutSchedule implements Machine<CutInput, CutOutput> {
  readonly #settings: CutSettings;
  readonly #random: Random;
  #state: CutState = { type: 'idle' };
  #number = 0;

  constructor(settings: CutSettings, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  get isCut(): boolean {
    return this.#state.type === 'cut';
  }

  handle(input: CutInput, now: Instant): readonly CutOutput[] {
    if (input.type === 'start') {
      if (this.#state.type === 'idle') this.#state = { type: 'linked', cutAt: later(now, this.#gapMs()) };
      return [];
    }
    const outputs: CutOutput[] = [];
    // A late tick may find more than one step due.
    for (;;) {
      const state = this.#state;
      if (state.type === 'linked' && state.cutAt <= now) {
        this.#number += 1;
        outputs.push({ type: 'cut-begins', number: this.#number });
        // Counted from `now`: after a stop of the whole process cuts do not pile up.
        this.#state = { type: 'cut', endsAt: later(now, this.#settings.forMs), nextCutAt: later(now, this.#gapMs()) };
      } else if (state.type === 'cut' && state.endsAt <= now) {
        outputs.push({ type: 'cut-ends', number: this.#number });
        this.#state = { type: 'linked', cutAt: state.nextCutAt };
      } else {
        return outputs;
      }
    }
  }

  deadline(): Instant | undefined {
    switch (this.#state.type) {
      case 'idle':
        return undefined;
      case 'linked':
        return this.#state.cutAt;
      case 'cut':
        return this.#state.endsAt;
    }
  }

  #gapMs(): number {
    return this.#settings.everyMs * (1 - gapSpread + 2 * gapSpread * this.#random());
  }
}

/** One direction's delay: each chunk waits `delayMs` ± `jitterMs`, and never overtakes the one before it. */
export class DelayLine {
  readonly #delayMs: number;
  readonly #jitterMs: number;
  readonly #random: Random;
  #lastReleaseAt: Instant | undefined;

  /** @param delayMs and `jitterMs` at least 0; a negative sum counts as 0 */
  constructor(delayMs: number, jitterMs: number, random: Random) {
    this.#delayMs = delayMs;
    this.#jitterMs = jitterMs;
    this.#random = random;
  }

  /** When a chunk that came in `now` may go out. */
  releaseAt(now: Instant): Instant {
    const offMs = this.#jitterMs === 0 ? 0 : this.#jitterMs * (2 * this.#random() - 1);
    const wanted = later(now, Math.max(0, this.#delayMs + offMs));
    const last = this.#lastReleaseAt;
    const at = last !== undefined && last > wanted ? last : wanted;
    this.#lastReleaseAt = at;
    return at;
  }
}
