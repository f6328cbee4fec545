/**
 * The recordings of several state directories as one time to travel through: their events in the order of their clocks,
 * and the rings of all ends behind any of them. Only events that moved a slot, or say that a role began or ended, are
 * places to stop at. What a role has added is read when it is asked for.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { OperatorError } from '../../../core/base/errors.ts';
import type { LaneName } from '../../../core/ring/status.ts';
import { Timeline } from '../../../shell/recording/timeline.ts';
import { plainPainter } from '../../colour.ts';
import { causeText } from '../../recording/cause-words.ts';
import { clockText } from '../../recording/moment.ts';
import { formatTable } from '../../table.ts';
import { moveText } from '../history-lines.ts';
import { pairRings, type RingSelection } from '../ring-pairs.ts';
import { eventText } from './event-words.ts';
import type { Cursor, Moment } from './screen-state.ts';
import { Track } from './track.ts';

/** Read at once, before keys are looked at again. */
const sliceBytes = 2 * 1024 * 1024;
const sliceEvents = 2_000;

/** Of a slot's history, the latest: each is read from its file anew. */
const historyLimit = 40;

/** The stops of all tracks in order of time: of which track, and which of its stops. */
interface Order {
  readonly tracks: Uint16Array;
  readonly stops: Uint32Array;
}

interface Place {
  readonly track: Track;
  readonly trackIndex: number;
  readonly stop: number;
}

export class Recordings {
  readonly #selection: RingSelection;
  readonly #tracks: readonly Track[];
  #order: Order = { tracks: new Uint16Array(0), stops: new Uint32Array(0) };

  constructor(stateDirs: readonly string[], selection: RingSelection) {
    this.#selection = selection;
    this.#tracks = stateDirs.map((stateDir) => new Track(new Timeline(stateDir)));
  }

  get count(): number {
    return this.#order.stops.length;
  }

  /**
   * Reads what was not read yet. Directories without a recording are left out as long as one has one.
   *
   * @throws OperatorError RECORDING_MISSING, INPUT_UNREADABLE
   */
  async readOn(): Promise<void> {
    const missing: OperatorError[] = [];
    for (const track of this.#tracks) {
      try {
        while (track.timeline.readOn(sliceBytes) === 'more') await letOthersRun();
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== 'RECORDING_MISSING') throw error;
        missing.push(error);
        continue;
      }
      for (const _ of track.collect(sliceEvents)) await letOthersRun();
    }
    const [first] = missing;
    if (first !== undefined && missing.length === this.#tracks.length) throw first;
    this.#order = merged(this.#tracks);
  }

  /** Undefined where there is none, or it was deleted meanwhile. */
  moment(index: number): Moment | undefined {
    const place = this.#placeAt(index);
    if (place === undefined) return undefined;
    const { track, stop } = place;
    const past = this.#tracks.map((each, i) => each.pastAt(i === place.trackIndex ? stop : this.#stopBefore(i, index)));
    const rings = past.flatMap((moment) => moment?.rings ?? []);
    const links = past.flatMap((moment) => moment?.links ?? []);
    const event = track.eventAt(stop);
    if (event === undefined || rings.length === 0) return undefined;
    return {
      ...{ index, count: this.count, at: track.atOf(stop), side: track.timeline.side },
      text: eventText(event, track.timeline.smscIds),
      rings: pairRings(rings, links, this.#selection),
      moved: track.movedAt(stop),
    };
  }

  /** The nearest event behind, or before, that index which moved the slot. */
  seek(cursor: Cursor, index: number, way: 'next' | 'previous'): number | undefined {
    const step = way === 'next' ? 1 : -1;
    for (let i = index + step; i >= 0 && i < this.count; i += step) {
      const place = this.#placeAt(i);
      if (place?.track.hasMoved(place.stop, cursor) === true) return i;
    }
    return undefined;
  }

  /** What moved the slot last, before or at that index; nothing where the recordings do not know. */
  mover(cursor: Cursor, index: number = this.count - 1): readonly string[] {
    const [found] = this.#movesOf(cursor, index, 1);
    return found === undefined ? [] : [`${found.at}  ${found.side}: ${found.cause}`, `  so it went: ${found.step}`];
  }

  /** Everything that happened in the slot until that index, the latest first. */
  history(cursor: Cursor, index: number = this.count - 1): readonly string[] {
    const moves = this.#movesOf(cursor, index, historyLimit);
    return formatTable(moves.map(({ at, side, step, cause }) => [at, side, step, cause]));
  }

  #movesOf(cursor: Cursor, from: number, limit: number) {
    const found: { readonly at: string; readonly side: string; readonly step: string; readonly cause: string }[] = [];
    let index = this.seek(cursor, from + 1, 'previous');
    for (; index !== undefined && found.length < limit; index = this.seek(cursor, index, 'previous')) {
      const place = this.#placeAt(index);
      const event = place?.track.eventAt(place.stop);
      if (event?.type !== 'input') continue;
      const at = clockText(event.at);
      for (const move of event.moves.filter((each) => isOf(each, cursor)).reverse()) {
        found.push({ at, side: event.side, step: moveText(move, plainPainter), cause: causeText(event, move) });
      }
    }
    return found;
  }

  /** The last stop of a track before an index of all; -1 if there is none. */
  #stopBefore(track: number, index: number): number {
    for (let i = index; i >= 0; i -= 1) {
      if (this.#order.tracks[i] === track) return this.#order.stops[i] ?? -1;
    }
    return -1;
  }

  #placeAt(index: number): Place | undefined {
    const trackIndex = this.#order.tracks[index];
    const stop = this.#order.stops[index];
    const track = trackIndex === undefined ? undefined : this.#tracks[trackIndex];
    return track === undefined || trackIndex === undefined || stop === undefined
      ? undefined
      : { track, trackIndex, stop };
  }
}

function isOf(
  move: { readonly smscId: string; readonly lane: LaneName; readonly slot: number },
  cursor: Cursor,
): boolean {
  return move.smscId === cursor.smscId && move.lane === cursor.lane && move.slot === cursor.slot;
}

/** By time; each track keeps its own order, because its clock never goes back. */
function merged(tracks: readonly Track[]): Order {
  const count = tracks.reduce((sum, track) => sum + track.count, 0);
  const order = { tracks: new Uint16Array(count), stops: new Uint32Array(count) };
  const next = tracks.map(() => 0);
  for (let index = 0; index < count; index += 1) {
    let earliest = -1;
    let earliestAt = Number.POSITIVE_INFINITY;
    for (const [i, track] of tracks.entries()) {
      const stop = next[i] ?? 0;
      if (stop >= track.count || track.atOf(stop) >= earliestAt) continue;
      earliest = i;
      earliestAt = track.atOf(stop);
    }
    if (earliest < 0) break;
    order.tracks[index] = earliest;
    order.stops[index] = next[earliest] ?? 0;
    next[earliest] = (next[earliest] ?? 0) + 1;
  }
  return order;
}
