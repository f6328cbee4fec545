/**
 * What is excused when a disk is lost: everything but what the mirror at the other end holds. Worked out at the moment
 * of the loss, from what the other end has on its disk then. SPEC: DESIGN section 4, column *one disk lost*.
 */
import type { Instant } from '../../core/base/time.ts';
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import type { Writing } from '../plan.ts';
import type { World } from '../world.ts';
import type { Excuses } from './checker.ts';

export class LostDisks implements Excuses {
  readonly lost = new Set<string>();
  readonly doubled = new Set<string>();
  readonly untold = new Set<string>();
  readonly lostDisks = new Set<string>();
  readonly #world: World;
  readonly #writings: readonly Writing[];
  readonly #begunAt: Instant;

  constructor(world: World, writings: readonly Writing[], begunAt: Instant) {
    this.#world = world;
    this.#writings = writings;
    this.#begunAt = begunAt;
  }

  take(happening: Happening): void {
    if (happening.type !== 'disk-lost') return;
    this.lostDisks.add(happening.who);
    const written = this.#writings.filter(({ atMs }) => this.#begunAt + atMs <= this.#world.now);
    if (happening.who === imServerName) this.#imServerLost(written);
    else this.#bufferLost(written.filter(({ smscId }) => smscId === happening.who));
  }

  /** Texts, steps and people's histories are gone; what waits in a buffer's mirror still reaches its handset. */
  #imServerLost(written: readonly Writing[]): void {
    for (const { way, text, partCount, smscId } of written) {
      this.untold.add(text);
      this.doubled.add(text);
      if (way === 'mo' || partCount > 1 || !this.#holds(smscId, 'buffer', text)) this.lost.add(text);
    }
  }

  /** What the SMSC had our answer for and the IM server did not mirror is gone, and with it what would be recognised. */
  #bufferLost(written: readonly Writing[]): void {
    for (const { way, text, user, phone, partCount, smscId } of written) {
      // Reports that only this disk held are gone.
      this.untold.add(text);
      if (way === 'mt') continue;
      this.doubled.add(text);
      const isThere = this.#world.talk(user, phone).some((view) => view.direction === 'in' && view.text === text);
      if (!isThere && (partCount > 1 || !this.#holds(smscId, 'im-server', text))) this.lost.add(text);
    }
  }

  #holds(smscId: string, side: 'buffer' | 'im-server', text: string): boolean {
    const rings = side === 'buffer' ? this.#world.site(smscId).role?.rings() : this.#world.im.role?.rings();
    return (rings ?? []).some(
      (ring) =>
        ring.smscId === smscId &&
        ring.end === 'consumer' &&
        ring.slots.some(({ message, status }) => message?.content === text && status !== 'placed'),
    );
  }
}
