/** What must hold of every move that was recorded, and between a recording and its store. SPEC: DESIGN section 2. */
import { leadsTo } from '../../core/ring/status.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import type { PastMove } from '../../shell/recording/past-rings.ts';
import type { Timeline } from '../../shell/recording/timeline.ts';
import type { BrokenRule, RuleName } from './broken-rule.ts';

export interface HistoryChecked {
  readonly inputs: number;
  readonly moves: number;
  readonly broken: readonly BrokenRule[];
  /** Whether the role ended in order behind all that was recorded. */
  readonly isEnded: boolean;
}

/** More findings of one recording help nobody. */
const findingsKept = 1_000;

const unreadableWords: Readonly<Record<string, string>> = {
  damaged: 'damaged',
  foreign: 'no recording of this version',
};

/**
 * @param timeline read to its end
 * @param whose side of the state directory where that is known: one that cannot be read does not say
 */
export function brokenInHistory(timeline: Timeline, stateDir: string, whose: string | undefined): HistoryChecked {
  const broken: BrokenRule[] = [];
  let [inputs, moves] = [0, 0];
  let isEnded = false;
  for (const event of timeline.events()) {
    const { at, number, side } = event;
    isEnded = event.type === 'end';
    if (event.type === 'break') broken.push(...brokenReading(event, stateDir, whose));
    if (event.type !== 'input') continue;
    inputs += 1;
    moves += event.moves.length;
    for (const move of event.moves) {
      const flaw = flawOf(move, (side === 'im-server') === (move.lane === 'mt') ? 'producer' : 'consumer');
      if (flaw === undefined || broken.length >= findingsKept) continue;
      const { smscId, lane, slot, before, after } = move;
      const number_ = after?.seq ?? before?.seq;
      const place = { stateDir, side, smscId, lane, slot, ...(number_ === undefined ? {} : { seq: number_ }) };
      broken.push({ rule: flaw[0], ...place, at, event: number, text: flaw[1] });
    }
  }
  return { inputs, moves, broken, isEnded };
}

/** A place of a recording behind which something is missing: a break, or its end. */
export interface ReadingPlace {
  /** Of the last input before it. */
  readonly number: number;
  readonly at: number;
  readonly side: string;
  /** As a break tells it, or the end of a file. */
  readonly why: string;
}

/** Only what cannot be read breaks a rule: a killed process leaves the end of a file torn, and old files are deleted. */
export function brokenReading(
  { number, at, side, why }: ReadingPlace,
  stateDir: string,
  whose: string | undefined,
): readonly BrokenRule[] {
  const what = unreadableWords[why];
  if (what === undefined) return [];
  const text = number === 0 ? `a file is ${what}` : `the rest of a file is ${what}`;
  const place = number === 0 ? { side: whose ?? side } : { side, at, event: number };
  return [{ rule: 'recording-readable', stateDir, ...place, text }];
}

function flawOf({ before, after }: PastMove, end: 'producer' | 'consumer'): readonly [RuleName, string] | undefined {
  if (after === undefined || before === undefined) return undefined;
  if (after.seq < before.seq) return ['numbers-only-grow', `number ${after.seq} took the place of ${before.seq}`];
  const isSame = after.seq === before.seq && after.messageId === before.messageId;
  if (!isSame) {
    // What a producer adopts from its mirror comes with another status, and its own message gets a new number.
    const isReused = end === 'producer' && after.status === 'placed' && before.status !== 'settled';
    return isReused
      ? ['settled-before-reuse', `number ${before.seq} was ${before.status} when ${after.seq} was placed`]
      : undefined;
  }
  if (after.attempts < before.attempts) {
    return ['copy-never-earlier', `attempts went from ${before.attempts} to ${after.attempts}`];
  }
  if (before.possibleDuplicate && !after.possibleDuplicate)
    return ['copy-never-earlier', 'its mark as possible duplicate was taken away'];
  if (before.status === after.status || leadsTo(before.status, after.status)) return undefined;
  return ['moves-along-the-table', `no move from ${before.status} to ${after.status}`];
}

/**
 * Between the last that was recorded of a role that ended in order and what its store holds. Nothing is found where the
 * store moved on without being recorded.
 */
export function brokenBetween(
  recorded: readonly RingView[],
  stored: readonly RingView[],
  { stateDir, to }: { readonly stateDir: string; readonly to: number },
): readonly BrokenRule[] {
  const isLater = stored.some(({ slots }) => slots.some(({ movedAt = 0 }) => movedAt > to));
  if (isLater) return [];
  return recorded.flatMap((ring) => {
    const { smscId, lane, side } = ring;
    const other = stored.find((each) => each.smscId === smscId && each.lane === lane && each.side === side);
    return ring.slots.flatMap((slot): BrokenRule[] => {
      const kept = other?.slots.find((each) => each.slot === slot.slot);
      const [was, is] = [slot, kept].map((view) =>
        view?.seq === undefined ? 'free' : `number ${view.seq} ${view.status}`,
      );
      if (was === is) return [];
      const seq = kept?.seq ?? slot.seq;
      const place = { stateDir, side, smscId, lane, slot: slot.slot, ...(seq === undefined ? {} : { seq }) };
      return [{ rule: 'recording-fits-store', ...place, text: `recorded last was ${was}, in the store is ${is}` }];
    });
  });
}
