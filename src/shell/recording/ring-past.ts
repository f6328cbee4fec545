/**
 * Answers what the rings were from the recording of the role that is asked, while it runs: read in small steps between its
 * other work, kept as long as somebody asks.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import { type PastGlance, type PastQuestion, pastLane } from '../../core/roles/im-server/past-glance.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { Timeline } from './timeline.ts';

/** Read at a time; about 2 ms. */
const stepBytes = 64 * 1024;
/** Inputs looked through at a time for a move; about 5 ms, most of it for finding the place. */
const seekCount = 1_000;
/** What is known of the recording is let go of when nobody has asked for so long. */
const forgetAfterMs = 60_000;

export class RingPast {
  readonly #stateDir: string;
  #timeline: Timeline | undefined;
  #forgetting: NodeJS.Timeout | undefined;
  /** One question is answered after the other: they share what was read. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
  }

  /**
   * @returns undefined where nothing is recorded
   * @throws OperatorError INPUT_UNREADABLE
   */
  look(question: PastQuestion): Promise<PastGlance | undefined> {
    const answer = this.#last.then(() => this.#look(question));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    clearTimeout(this.#forgetting);
    this.#timeline = undefined;
  }

  async #look({ event, seek }: PastQuestion): Promise<PastGlance | undefined> {
    clearTimeout(this.#forgetting);
    this.#timeline ??= new Timeline(this.#stateDir);
    const timeline = this.#timeline;
    try {
      while (timeline.readOn(stepBytes) === 'more') await nextTurn();
      const asked = Math.min(timeline.last, Math.max(timeline.first, event ?? timeline.last));
      const number = seek === 'at' ? asked : await nearestMove(timeline, asked, seek);
      return glanceAt(timeline, number);
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return undefined;
      throw error;
    } finally {
      this.#forgetting = setTimeout(() => this.close(), forgetAfterMs);
      this.#forgetting.unref();
    }
  }
}

function glanceAt(timeline: Timeline, number: number): PastGlance | undefined {
  const { first, last, from, to } = timeline;
  const event = timeline.event(number);
  const moment = timeline.momentAt(number);
  if (moment === undefined || event === undefined || from === undefined || to === undefined) return undefined;
  const moves = event.type === 'input' ? event.moves : [];
  const smscIds = [...new Set(moment.rings.map(({ smscId }) => smscId))];
  const smscs = smscIds.map((smscId) => ({
    link: moment.links.find((link) => link.smscId === smscId) ?? unknownLink(smscId, from),
    lanes: moment.rings
      .filter((ring) => ring.smscId === smscId)
      .map((ring) => {
        const own = moves.filter((move) => move.smscId === smscId && move.lane === ring.lane);
        return pastLane(ring, [...new Set(own.map(({ slot }) => slot))]);
      }),
  }));
  return { first, last, from, to, event: number, at: event.at, input: event.input, smscs };
}

/** Before the recording told of it. */
function unknownLink(smscId: string, since: number): LinkView {
  return { smscId, state: 'down', since };
}

/** The nearest input in that direction which moved a slot; where there is none, the last one there. */
async function nearestMove(timeline: Timeline, from: number, seek: 'next-move' | 'previous-move'): Promise<number> {
  const { first, last } = timeline;
  const isForward = seek === 'next-move';
  let [low, high] = isForward ? [from + 1, from + seekCount] : [from - seekCount, from - 1];
  while (low <= last && high >= first) {
    const moving: number[] = [];
    for (const event of timeline.events({ from: Math.max(first, low), to: Math.min(last, high) })) {
      if (event.type === 'input' && event.moves.length > 0) moving.push(event.number);
    }
    const nearest = isForward ? moving[0] : moving.at(-1);
    if (nearest !== undefined) return nearest;
    [low, high] = isForward ? [low + seekCount, high + seekCount] : [low - seekCount, high - seekCount];
    await nextTurn();
  }
  return isForward ? last : first;
}
