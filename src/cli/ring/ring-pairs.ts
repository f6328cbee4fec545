/** The copies of rings that were read, put side by side: per SMSC and lane, the buffer's and the IM server's. */
import { OperatorError } from '../../core/base/errors.ts';
import { type LaneName, laneNames, type SlotStatus } from '../../core/ring/status.ts';
import type { LinkView, RingView, SlotView } from '../../core/store/ring-view.ts';
import { type AgeFilter, isOfAge } from './age-filter.ts';

export type Side = RingView['side'];

export const sides: readonly Side[] = ['buffer', 'im-server'];

export interface LanePair {
  readonly lane: LaneName;
  readonly buffer: RingView | undefined;
  readonly imServer: RingView | undefined;
}

export interface SmscRings {
  readonly smscId: string;
  readonly link: LinkView | undefined;
  readonly lanes: readonly LanePair[];
}

export interface RingSelection {
  readonly smscId: string | undefined;
  readonly side: Side | 'both';
  readonly lane: LaneName | undefined;
}

/** @throws OperatorError CONFIG_BAD_VALUE for a name that none of the rings has */
export function refuseUnknownSmsc(rings: readonly RingView[], smscId: string | undefined): void {
  if (smscId === undefined || rings.some((ring) => ring.smscId === smscId)) return;
  const known = [...new Set(rings.map((ring) => ring.smscId))].sort();
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `There is no ring of SMSC id ${smscId} in these state directories.`,
    hint: known.length === 0 ? 'There is none at all yet.' : `There are rings of: ${known.join(', ')}.`,
  });
}

export function pairRings(
  rings: readonly RingView[],
  links: readonly LinkView[],
  selection: RingSelection,
): readonly SmscRings[] {
  const chosen = rings.filter(
    (ring) =>
      (selection.smscId === undefined || ring.smscId === selection.smscId) &&
      (selection.side === 'both' || ring.side === selection.side) &&
      (selection.lane === undefined || ring.lane === selection.lane),
  );
  const smscIds = [...new Set(chosen.map((ring) => ring.smscId))].sort();
  return smscIds.map((smscId) => {
    const own = chosen.filter((ring) => ring.smscId === smscId);
    const lanes = laneNames.flatMap((lane): LanePair[] => {
      const [buffer, imServer] = sides.map((side) => own.find((ring) => ring.lane === lane && ring.side === side));
      return buffer === undefined && imServer === undefined ? [] : [{ lane, buffer, imServer }];
    });
    return { smscId, link: bestLink(links.filter((link) => link.smscId === smscId)), lanes };
  });
}

/** The producer owns the ring; where only the other copy was read, that one speaks for it. */
export function leadingCopy(pair: LanePair): RingView | undefined {
  const producer = pair.lane === 'mt' ? pair.imServer : pair.buffer;
  return producer ?? pair.buffer ?? pair.imServer;
}

export function copiesOf(pair: LanePair): readonly RingView[] {
  return [pair.buffer, pair.imServer].filter((ring) => ring !== undefined);
}

/** In the ring and not yet over: what the word *used* counts. */
export function isInUse(status: SlotStatus): boolean {
  return status !== 'free' && status !== 'settled';
}

export interface LaneCounts {
  readonly used: number;
  readonly size: number;
  readonly inDoubt: number;
  /** At the producer and not, or not under this number, at the consumer; undefined if only one copy was read. */
  readonly onTheWay: number | undefined;
  /** When the oldest message in use came to the bridge, milliseconds since 1970. */
  readonly oldestAt: number | undefined;
}

export function countLane(pair: LanePair): LaneCounts {
  const leading = leadingCopy(pair);
  const used = leading?.slots.filter((slot) => isInUse(slot.status)) ?? [];
  const times = used.map((slot) => slot.message?.createdAt ?? slot.movedAt).filter((time) => time !== undefined);
  const doubtful = new Set(
    copiesOf(pair).flatMap((ring) => ring.slots.filter(({ status }) => status === 'in-doubt').map(({ slot }) => slot)),
  );
  return {
    used: used.length,
    size: leading?.size ?? 0,
    inDoubt: doubtful.size,
    onTheWay: countOnTheWay(pair),
    oldestAt: times.length === 0 ? undefined : Math.min(...times),
  };
}

function countOnTheWay({ lane, buffer, imServer }: LanePair): number | undefined {
  if (buffer === undefined || imServer === undefined) return undefined;
  const [producer, consumer] = lane === 'mt' ? [imServer, buffer] : [buffer, imServer];
  const there = new Map(consumer.slots.map((slot) => [slot.slot, slot.seq]));
  return producer.slots.filter((slot) => slot.status === 'placed' && there.get(slot.slot) !== slot.seq).length;
}

export interface SlotFilter extends AgeFilter {
  /** Undefined: what is in use. */
  readonly statuses: readonly SlotStatus[] | undefined;
}

/** Both copies of every slot that the filter lets through at one end at least, in order. */
export function selectSlots(
  pair: LanePair,
  filter: SlotFilter,
): readonly {
  readonly slot: number;
  readonly buffer: SlotView | undefined;
  readonly imServer: SlotView | undefined;
}[] {
  const isWanted = (view: SlotView | undefined): boolean => view !== undefined && isSelected(view, filter);
  const size = Math.max(0, ...copiesOf(pair).map((ring) => ring.slots.length));
  return Array.from({ length: size }, (_, i) => i + 1)
    .map((slot) => ({ slot, buffer: slotAt(pair.buffer, slot), imServer: slotAt(pair.imServer, slot) }))
    .filter(({ buffer, imServer }) => isWanted(buffer) || isWanted(imServer));
}

export function isSelected(view: SlotView, filter: SlotFilter): boolean {
  return (filter.statuses?.includes(view.status) ?? isInUse(view.status)) && isOfAge(view.movedAt, filter);
}

export function slotAt(ring: RingView | undefined, slot: number): SlotView | undefined {
  return ring?.slots.find((view) => view.slot === slot);
}

/** Of two ends' views of one link the one that knows more: up before the rest, then the one with a round trip. */
function bestLink(links: readonly LinkView[]): LinkView | undefined {
  const score = (link: LinkView): number => (link.state === 'up' ? 2 : 0) + (link.rttMs === undefined ? 0 : 1);
  return [...links].sort((a, b) => score(b) - score(a))[0];
}
