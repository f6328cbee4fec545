/**
 * One disk at a time: while a disk that was lost or set back has not been compared with the other end of its links, the
 * disk there must not go back or away, or nothing is promised. Two lost disks are; what is left then is worked out by
 * `checkers/lost-disks.ts`. SPEC: DESIGN section 4, below the restored stores.
 */
import { recoverLane } from '../core/store/lane-records.ts';
import type { StoreReader } from '../core/store/record.ts';
import type { Fault } from './faults.ts';
import { imServerName, type RoleName } from './happening.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

interface Harm {
  readonly who: RoleName;
  readonly kind: 'empty-disk' | 'set-back';
  /** Commits of the other end by then: what it told of itself before is forgotten. */
  readonly commitsThere: number;
}

export class DisksAtStake {
  /** By the SMSC id of a link: what happened to a disk at either end since both were in step. */
  readonly #harms = new Map<string, Harm[]>();

  /** Whether a fault may be carried out now; one that harms a disk is noted. To be asked before every fault. */
  mayStrike(world: World, fault: Fault): boolean {
    for (const [smscId, harms] of this.#harms) {
      if (harms.every((harm) => isGotOver(world, world.site(smscId), harm))) this.#harms.delete(smscId);
    }
    const { kind, target: who } = fault;
    if (kind !== 'empty-disk' && kind !== 'set-back') return true;
    const links = world.sites.filter(({ smscId }) => who === imServerName || who === smscId);
    const isTooMuch = (harm: Harm) => harm.who !== who && (harm.kind === 'set-back' || kind === 'set-back');
    if (links.some(({ smscId }) => this.#harms.get(smscId)?.some(isTooMuch))) return false;
    for (const site of links) {
      const there = who === imServerName ? site.store : world.im.store;
      const harm = { who, kind, commitsThere: commitsOf(there) };
      this.#harms.set(site.smscId, [...(this.#harms.get(site.smscId) ?? []), harm]);
    }
    return true;
  }
}

/**
 * Both ends have compared, all that followed from it is on disk, no producer waits for a message that it forgot, and the
 * end that was harmed knows again where the store of the other is.
 */
function isGotOver(world: World, site: Site, harm: Harm): boolean {
  const { im } = world;
  const { smscId } = site;
  if (!site.carried?.isAlive || !im.carried?.isAlive || !site.carried.isQuiet || !im.carried.isQuiet) return false;
  const there = im.role?.links().find((link) => link.smscId === smscId);
  if (site.role?.link().state !== 'up' || there?.state !== 'up') return false;
  const [store, lane] = harm.who === imServerName ? ([im.store, 'mo'] as const) : ([site.store, 'mt'] as const);
  if ((recoverLane(store, smscId, lane).state?.producerSeen.count ?? 0) < harm.commitsThere) return false;
  const rings = [...(im.role?.rings() ?? []), ...site.role.rings()].filter((ring) => ring.smscId === smscId);
  return rings.every(({ slots }) =>
    slots.every(({ status, message }) => status === 'free' || status === 'settled' || message !== undefined),
  );
}

function commitsOf(store: StoreReader): number {
  const value = store.get(['commits']);
  return Array.isArray(value) && typeof value[1] === 'number' ? value[1] : 0;
}
