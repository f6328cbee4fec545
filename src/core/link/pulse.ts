/**
 * Signs of life on a proved connection: a heartbeat every 5 s, dead after 20 s without a byte, and what heartbeats
 * tell: round trip and the difference of the two clocks. SPEC: DESIGN section 3.
 */
import { earliest } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import type { StorePosition } from '../ring/digest.ts';
import type { HeartbeatEntry } from './entries.ts';

export const heartbeatMs = 5_000;
export const deadAfterMs = 20_000;

export class Pulse {
  #heardAt: Instant;
  #beatAt: Instant;
  #lastBeat: { readonly clock: Instant; readonly at: Instant } | undefined;
  #rttMs: number | undefined;
  #skewMs: number | undefined;

  constructor(now: Instant) {
    this.#heardAt = now;
    this.#beatAt = now;
  }

  /** Last measured round trip; undefined before the first echo. */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** How far the peer's clock is ahead of ours, give or take half a round trip; undefined before the first echo. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }

  /** A byte came. */
  hear(now: Instant): void {
    this.#heardAt = now;
  }

  take(beat: HeartbeatEntry, now: Instant): void {
    this.#lastBeat = { clock: beat.clock, at: now };
    if (beat.echo === 0) return;
    const rttMs = Math.max(0, now - beat.echo - beat.heldMs);
    this.#rttMs = rttMs;
    this.#skewMs = beat.clock + rttMs / 2 - now;
  }

  isDead(now: Instant): boolean {
    return now - this.#heardAt >= deadAfterMs;
  }

  /** The heartbeat that is due, or undefined. */
  beat(now: Instant, position: StorePosition): HeartbeatEntry | undefined {
    if (now < this.#beatAt) return undefined;
    this.#beatAt = later(now, heartbeatMs);
    const last = this.#lastBeat;
    return {
      type: 'heartbeat',
      clock: now,
      echo: last?.clock ?? 0,
      heldMs: last === undefined ? 0 : now - last.at,
      position,
    };
  }

  deadline(): Instant | undefined {
    return earliest(later(this.#heardAt, deadAfterMs), this.#beatAt);
  }
}
