/**
 * How many messages pass a lane in a second, counted by looking: a slot that is settled, and was not, or was under another
 * number, is one message. Several messages through one slot between two looks count once, which takes more than a whole
 * ring in a fifth of a second.
 */
import { statusTable } from '../../core/ring/status.ts';
import type { LaneGlance } from '../../core/roles/im-server/ring-glance.ts';

/** Over so long. */
const windowMs = 5_000;
/** A rate over less than this would jump. */
const shortestMs = 1_000;

export class PassRate {
  #before: Pick<LaneGlance, 'imServer' | 'seqs'> | undefined;
  #since: number | undefined;
  readonly #counts: { readonly at: number; readonly count: number }[] = [];
  #perSecond = 0;

  /** Per second, to one decimal; 0 until there were two looks. */
  get perSecond(): number {
    return this.#perSecond;
  }

  /** @param now milliseconds; never goes back */
  look(glance: Pick<LaneGlance, 'imServer' | 'seqs'>, now: number): void {
    this.#since ??= now;
    if (this.#before !== undefined) this.#counts.push({ at: now, count: settledSince(glance, this.#before) });
    this.#before = glance;
    while ((this.#counts[0]?.at ?? now) <= now - windowMs) this.#counts.shift();
    const sum = this.#counts.reduce((total, { count }) => total + count, 0);
    const overMs = Math.min(windowMs, Math.max(shortestMs, now - this.#since));
    this.#perSecond = Math.round((sum * 10_000) / overMs) / 10;
  }
}

function settledSince(
  now: Pick<LaneGlance, 'imServer' | 'seqs'>,
  before: Pick<LaneGlance, 'imServer' | 'seqs'>,
): number {
  const { letter } = statusTable.settled;
  let count = 0;
  for (let i = 0; i < now.imServer.length; i += 1) {
    if (now.imServer.charAt(i) !== letter) continue;
    if (before.imServer.charAt(i) !== letter || before.seqs[i] !== now.seqs[i]) count += 1;
  }
  return count;
}
