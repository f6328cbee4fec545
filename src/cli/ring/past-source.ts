/** The rings of several state directories as their recordings show them at one moment. Reads only. */
import { OperatorError } from '../../core/base/errors.ts';
import { instant } from '../../core/base/time.ts';
import type { LinkView, RingView } from '../../core/store/ring-view.ts';
import { type Moment, Timeline } from '../../shell/recording/timeline.ts';
import { clockText } from '../recording/moment.ts';
import { isUnreadable, unreadableRecording } from '../recording/unreadable.ts';

/** What a recording says of a moment. */
export interface MomentOfDir extends Moment {
  readonly stateDir: string;
  /** Whether something was recorded behind that moment; otherwise this is the last that is known. */
  readonly isLast: boolean;
}

export interface PastRead {
  readonly dirs: readonly MomentOfDir[];
  readonly rings: readonly RingView[];
  readonly links: readonly LinkView[];
}

/**
 * @param at milliseconds since 1970
 * @throws OperatorError RECORDING_MISSING where one has no recording, or one that begins later; RECORDING_UNREADABLE;
 *   INPUT_UNREADABLE
 */
export function readRingsAt(stateDirs: readonly string[], at: number): PastRead {
  const dirs = stateDirs.map((stateDir): MomentOfDir => {
    const timeline = new Timeline(stateDir);
    timeline.readOn();
    if (isUnreadable(timeline)) throw unreadableRecording(stateDir, timeline.end);
    const moment = timeline.momentAtTime(instant(at));
    if (moment === undefined) throw beginsLater(stateDir, at, timeline.from);
    return { ...moment, stateDir, isLast: moment.number === timeline.last };
  });
  return { dirs, rings: dirs.flatMap(({ rings }) => rings), links: dirs.flatMap(({ links }) => links) };
}

function beginsLater(stateDir: string, at: number, from: number | undefined): OperatorError {
  const begins = from === undefined ? 'nothing is in it yet' : `it begins at ${clockText(from)}`;
  return new OperatorError({
    code: 'RECORDING_MISSING',
    message: `The recording of ${stateDir} does not reach back to ${clockText(at)}: ${begins}.`,
    hint: 'Give a later time with --at. How far it reaches back is set by --record and --record-for where the role is started.',
  });
}
