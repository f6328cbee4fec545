/**
 * What has changed in the rings of one end since somebody looked last, for whoever watches: statuses and numbers, no
 * messages. A copy is a new object whenever it moves, so a look costs a comparison of pointers per slot, and only what
 * moved is written out. The full copies are `ring-views.ts`.
 */
import type { Epoch } from '../ring/digest.ts';
import type { Ring } from '../ring/ring.ts';
import type { SlotIndex } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { LaneName, SlotStatus } from '../ring/status.ts';
import type { LinkView, RingView } from '../store/ring-view.ts';

/** A ring as its end holds it at this moment. */
export interface RingSight {
  readonly smscId: string;
  readonly side: RingView['side'];
  readonly lane: LaneName;
  readonly epoch: Epoch | undefined;
  /** 0 before the first contact. */
  readonly size: number;
  readonly ring: Pick<Ring, 'at'>;
}

/** A slot that became something else; only its number where it is free now. `movedAt`: milliseconds since 1970. */
export type SlotNews =
  | readonly [slot: number]
  | readonly [slot: number, seq: number, status: SlotStatus, attempts: number, movedAt: number, mark: 0 | 1];

/** One ring with something new in it. */
export interface RingNews extends Pick<RingView, 'smscId' | 'side' | 'lane' | 'end' | 'epoch' | 'size'> {
  /** `whole`: every slot that is not free, and those that are not named are free; `changes`: only what changed. */
  readonly extent: 'whole' | 'changes';
  /** `mark` of a slot is 1 where its message may have been handed over before. */
  readonly slots: readonly SlotNews[];
}

export interface News {
  /** Rings in which nothing changed are left out. */
  readonly rings: readonly RingNews[];
  /** All of them where one changed; left out where none did. */
  readonly links?: readonly LinkView[];
}

interface Told {
  readonly epoch: Epoch | undefined;
  readonly size: number;
  readonly copies: (SlotCopy | undefined)[];
}

export class RingTeller {
  readonly #told = new Map<string, Told>();
  #links = '';

  /** What differs from what was told before; undefined where nothing does. The first time it is everything. */
  take(sights: readonly RingSight[], links: readonly LinkView[]): News | undefined {
    const rings = sights.flatMap((sight) => this.#ringNews(sight) ?? []);
    const sign = JSON.stringify(links);
    const isSame = sign === this.#links;
    this.#links = sign;
    if (rings.length === 0 && isSame) return undefined;
    return isSame ? { rings } : { rings, links };
  }

  #ringNews({ smscId, side, lane, epoch, size, ring }: RingSight): RingNews | undefined {
    const key = `${smscId} ${lane}`;
    const before = this.#told.get(key);
    const isWhole = before === undefined || before.epoch !== epoch || before.size !== size;
    const told = isWhole ? { epoch, size, copies: [] } : before;
    this.#told.set(key, told);
    const slots: SlotNews[] = [];
    for (let i = 0; i < size; i += 1) {
      // 1–size, the range of a slot.
      const copy = ring.at((i + 1) as SlotIndex);
      if (copy === told.copies[i]) continue;
      told.copies[i] = copy;
      slots.push(slotNews(i + 1, copy));
    }
    if (!isWhole && slots.length === 0) return undefined;
    const end = (side === 'im-server') === (lane === 'mt') ? 'producer' : 'consumer';
    const head = { smscId, side, lane, end, ...(epoch === undefined ? {} : { epoch }), size } as const;
    return { ...head, extent: isWhole ? 'whole' : 'changes', slots };
  }
}

function slotNews(slot: number, copy: SlotCopy | undefined): SlotNews {
  if (copy === undefined) return [slot];
  return [slot, copy.seq, copy.status, copy.attempts, copy.movedAt, copy.possibleDuplicate ? 1 : 0];
}
