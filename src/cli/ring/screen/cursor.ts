/** How the cursor moves over the rings of an SMSC: cell by cell, row by row, to the next slot of some kind. Pure. */
import type { LaneName } from '../../../core/ring/status.ts';
import { type LanePair, type SmscRings, slotAt } from '../ring-pairs.ts';
import { sizeOf } from './layout.ts';
import type { Cursor } from './screen-state.ts';
import { differs, matches, type SlotPair, type SlotQuery } from './slot-query.ts';

/** By that many slots within the lane, round and round. */
export function moveBy(cursor: Cursor, smsc: SmscRings | undefined, step: number): Cursor {
  const size = sizeIn(smsc, cursor.lane);
  if (size === 0) return cursor;
  return { ...cursor, slot: ((((cursor.slot - 1 + step) % size) + size) % size) + 1 };
}

/** A row up or down, from the last row of a lane to the first of the next. */
export function moveRow(cursor: Cursor, smsc: SmscRings | undefined, cellsPerRow: number, step: 1 | -1): Cursor {
  const size = sizeIn(smsc, cursor.lane);
  const slot = cursor.slot + step * cellsPerRow;
  if (slot >= 1 && slot <= size) return { ...cursor, slot };
  const row = Math.floor((cursor.slot - 1) / cellsPerRow);
  const lastRow = Math.floor((size - 1) / cellsPerRow);
  // Below the last whole row there may be a shorter one.
  if (step === 1 && row < lastRow) return { ...cursor, slot: size };
  const other = smsc?.lanes[smsc.lanes.findIndex(({ lane }) => lane === cursor.lane) + step];
  const otherSize = other === undefined ? 0 : sizeOf(other);
  if (other === undefined || otherSize === 0) return cursor;
  const column = (cursor.slot - 1) % cellsPerRow;
  const otherRow = step === 1 ? 0 : Math.floor((otherSize - 1) / cellsPerRow);
  return { ...cursor, lane: other.lane, slot: Math.min(otherSize, otherRow * cellsPerRow + column + 1) };
}

export function moveToEdge(cursor: Cursor, smsc: SmscRings | undefined, edge: 'first' | 'last'): Cursor {
  const size = sizeIn(smsc, cursor.lane);
  return { ...cursor, slot: edge === 'first' ? 1 : Math.max(1, size) };
}

export function moveToOtherLane(cursor: Cursor, smsc: SmscRings | undefined): Cursor {
  const other = smsc?.lanes.find(({ lane }) => lane !== cursor.lane);
  if (other === undefined) return cursor;
  return { ...cursor, lane: other.lane, slot: Math.max(1, Math.min(cursor.slot, sizeOf(other))) };
}

/** The next slot, or the one before, that the query lets through, in any lane; undefined if there is none. */
export function findMatch(
  cursor: Cursor,
  smsc: SmscRings | undefined,
  { query, now, step }: { readonly query: SlotQuery; readonly now: number; readonly step: 1 | -1 },
): Cursor | undefined {
  const places = (smsc?.lanes ?? []).flatMap((pair) =>
    matchingSlots(pair, query, now).map((slot): Cursor => ({ smscId: cursor.smscId, lane: pair.lane, slot })),
  );
  const laneOrder = (smsc?.lanes ?? []).map(({ lane }) => lane);
  const placeOf = ({ lane, slot }: Cursor): number => laneOrder.indexOf(lane) * 1_000 + slot;
  const here = placeOf(cursor);
  if (step === 1) return places.find((place) => placeOf(place) > here) ?? places[0];
  return places.findLast((place) => placeOf(place) < here) ?? places.at(-1);
}

/** In order. */
export function matchingSlots(pair: LanePair, query: SlotQuery, now: number): readonly number[] {
  return slotsOf(pair).filter((slot) => matches(query, pairAt(pair, slot), now));
}

export function differingSlots(pair: LanePair): readonly number[] {
  return slotsOf(pair).filter((slot) => differs(pairAt(pair, slot)));
}

export function pairAt(pair: LanePair, slot: number): SlotPair {
  return { buffer: slotIn(pair.buffer, slot), imServer: slotIn(pair.imServer, slot) };
}

export function pairUnder(cursor: Cursor, smsc: SmscRings | undefined): LanePair | undefined {
  return smsc?.lanes.find(({ lane }) => lane === cursor.lane);
}

function slotsOf(pair: LanePair): number[] {
  return Array.from({ length: sizeOf(pair) }, (_, i) => i + 1);
}

/** Slots are in order, so the one looked for is where it belongs; unless somebody left some out. */
function slotIn(ring: LanePair['buffer'], slot: number) {
  const expected = ring?.slots[slot - 1];
  return expected?.slot === slot ? expected : slotAt(ring, slot);
}

function sizeIn(smsc: SmscRings | undefined, lane: LaneName): number {
  const pair = smsc?.lanes.find((each) => each.lane === lane);
  return pair === undefined ? 0 : sizeOf(pair);
}
