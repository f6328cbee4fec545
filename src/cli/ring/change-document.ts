/** What `ring inspect --watch` prints of every change, one line of JSON each: which slots became what. No messages. */
import type { SlotStatus } from '../../core/ring/status.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import type { SlotChange } from './known-rings.ts';
import type { LiveUpdate } from './live-rings.ts';
import { linkDocument } from './ring-document.ts';
import type { RingSelection } from './ring-pairs.ts';

export interface ChangeFilter extends RingSelection {
  /** Only slots that had or got one of these; undefined: all. */
  readonly statuses: readonly SlotStatus[] | undefined;
  /** Only this one; undefined: all. */
  readonly slot: number | undefined;
}

/** @returns documents in the order in which they are to be printed; none where nothing is let through */
export function changeDocuments(update: LiveUpdate, filter: ChangeFilter): readonly object[] {
  const { dir, isTurn } = update;
  const at = new Date(update.at).toISOString();
  const side = dir.role;
  if (filter.side !== 'both' && filter.side !== side) return [];
  const turns = isTurn ? [{ schema: 'ring.source/1', at, side, state: dir.state, stateDir: dir.stateDir }] : [];
  const links = (update.links ?? [])
    .filter(({ smscId }) => isWanted(smscId, filter.smscId))
    .map((link) => ({ schema: 'ring.link/1', at, side, ...linkDocument(link) }));
  const rings = update.rings.flatMap(({ ring, extent, changes }) => {
    if (!isWanted(ring.smscId, filter.smscId) || !isWanted(ring.lane, filter.lane)) return [];
    const wanted = changes.filter(
      (change) => isWanted(change.after.slot, filter.slot) && isLetThrough(change, filter.statuses),
    );
    if (wanted.length === 0 && extent === 'changes') return [];
    return [{ schema: 'ring.change/1', at, ...headOf(ring), extent, slots: wanted.map(slotValue) }];
  });
  return [...turns, ...links, ...rings];
}

function isWanted<T>(value: T, wanted: T | undefined): boolean {
  return wanted === undefined || wanted === value;
}

function isLetThrough({ before, after }: SlotChange, statuses: readonly SlotStatus[] | undefined): boolean {
  return statuses === undefined || statuses.includes(after.status) || statuses.includes(before.status);
}

function headOf({ smscId, side, lane, epoch, size }: RingView): object {
  return { smscId, side, lane, ...(epoch === undefined ? {} : { epoch }), size };
}

function slotValue({ before, after }: SlotChange): object {
  const { slot, seq, status, attempts, possibleDuplicate } = after;
  return {
    slot,
    ...(seq === undefined ? {} : { seq }),
    status,
    was: before.status,
    ...(before.seq === undefined || before.seq === seq ? {} : { wasSeq: before.seq }),
    attempts,
    ...(possibleDuplicate ? { possibleDuplicate } : {}),
  };
}
