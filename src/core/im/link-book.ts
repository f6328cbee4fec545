/**
 * How the ways to the SMSCs are, as far as routing cares: open, or closed since when, by the link or by the SMSC behind it.
 * Not kept: a start finds the links down.
 */
import { type Instant, later } from '../base/time.ts';
import type { LinksEvent } from './exchange-io.ts';

/** What closes a way. */
export type WayClosed = 'link-down' | 'smsc-down';

/** What closes the way that a link leads to, as clients are told of it; undefined where it is open. */
export function closedBy({ state, session }: LinksEvent['links'][number]): WayClosed | undefined {
  if (state !== 'up') return 'link-down';
  return session?.state === 'down' ? 'smsc-down' : undefined;
}

interface Closed {
  readonly why: WayClosed;
  readonly since: Instant;
}

export class LinkBook {
  readonly #closed = new Map<string, Closed>();
  readonly #up = new Set<string>();

  changed(smscId: string, state: 'up' | 'down', now: Instant): void {
    const before = this.#closed.get(smscId);
    if (state === 'up') {
      this.#up.add(smscId);
      this.#closed.delete(smscId);
    } else {
      this.#up.delete(smscId);
      // Where the SMSC was away before, nothing leaves since then.
      this.#closed.set(smscId, { why: 'link-down', since: before?.since ?? now });
    }
  }

  /** The buffer told how its session is; it tells so on each connection, so nothing is known before. */
  sessionChanged(smscId: string, state: 'up' | 'down', since: Instant): void {
    if (!this.#up.has(smscId)) return;
    if (state === 'up') this.#closed.delete(smscId);
    else this.#closed.set(smscId, { why: 'smsc-down', since });
  }

  isOpen(smscId: string): boolean {
    return this.#up.has(smscId) && !this.#closed.has(smscId);
  }

  /** Why it is closed, where it has been so for at least so long; undefined also for a link of which nothing was ever said. */
  closedFor(smscId: string, durationMs: number, now: Instant): WayClosed | undefined {
    const closed = this.#closed.get(smscId);
    return closed !== undefined && now >= later(closed.since, durationMs) ? closed.why : undefined;
  }
}
