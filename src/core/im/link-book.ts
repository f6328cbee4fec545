/** How the links to the SMSCs are, as far as routing cares: up, or down since when. Not kept: a start finds them down. */
import { type Instant, later } from '../base/time.ts';

export class LinkBook {
  readonly #downSince = new Map<string, Instant>();
  readonly #up = new Set<string>();

  changed(smscId: string, state: 'up' | 'down', now: Instant): void {
    if (state === 'up') {
      this.#up.add(smscId);
      this.#downSince.delete(smscId);
    } else {
      this.#up.delete(smscId);
      if (!this.#downSince.has(smscId)) this.#downSince.set(smscId, now);
    }
  }

  isUp(smscId: string): boolean {
    return this.#up.has(smscId);
  }

  /** Down for at least so long; not for a link of which nothing was ever said. */
  isDownFor(smscId: string, durationMs: number, now: Instant): boolean {
    const since = this.#downSince.get(smscId);
    return since !== undefined && now >= later(since, durationMs);
  }
}
