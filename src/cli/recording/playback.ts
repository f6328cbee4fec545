/** Plays a recording through the machines that made it, for `sync replay RECORDING`: how far, how fast, and what came of it. */
import { setTimeout as waitMs } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import { findRecording, readRecording } from '../../shell/recording/recording-reader.ts';
import { Replay, type ReplayEvent, type ReplayStep } from '../../shell/recording/replay.ts';
import { unreadableRecording } from './unreadable.ts';

export interface PlaybackOptions {
  /** Times as fast as it was; undefined: as fast as it goes. */
  readonly speed: number | undefined;
  /** Stops behind the first step for which this holds. */
  readonly until: ((step: ReplayStep) => boolean) | undefined;
  /** At the first difference; otherwise the next machine that was made is played on. */
  readonly onDifference: 'stop' | 'go-on';
  /** Told of everything as it is played. */
  readonly onEvent: (event: ReplayEvent, replay: Replay) => void;
}

export interface Playback {
  readonly role: string;
  readonly smscIds: readonly string[];
  readonly versions: readonly string[];
  readonly lives: number;
  readonly inputs: number;
  readonly moves: number;
  readonly bugs: number;
  /** Inputs that could not be played: before the first machine that was made, or behind a gap. */
  readonly passedOver: number;
  readonly breaks: readonly Extract<ReplayEvent, { type: 'break' }>[];
  readonly differences: readonly ReplayStep[];
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly stoppedBy: 'end' | 'until' | 'difference';
  /** As the machine that was played last held them when it stopped. */
  readonly rings: readonly RingView[];
}

/** @throws OperatorError RECORDING_MISSING, RECORDING_UNREADABLE, RECORDING_PRIVATE, INPUT_UNREADABLE */
export async function playBack(path: string, options: PlaybackOptions): Promise<Playback> {
  const replay = new Replay();
  const counts = { lives: 0, inputs: 0, moves: 0, bugs: 0 };
  const breaks: Extract<ReplayEvent, { type: 'break' }>[] = [];
  const differences: ReplayStep[] = [];
  const versions = new Set<string>();
  let role = '';
  let hasEntries = false;
  let from: number | undefined;
  let to: number | undefined;
  let rings: readonly RingView[] = [];
  let stoppedBy: Playback['stoppedBy'] = 'end';
  for (const item of readRecording(findRecording(path))) {
    if (options.speed !== undefined && item.type === 'entry' && to !== undefined && item.entry.at > to) {
      await waitMs((item.entry.at - to) / options.speed);
    }
    hasEntries ||= item.type === 'entry';
    const event = replay.take(item);
    if (event === undefined) continue;
    from ??= event.at;
    to = event.at;
    options.onEvent(event, replay);
    if (event.type === 'life') {
      counts.lives += 1;
      role = event.role;
      versions.add(event.version);
    } else if (event.type === 'break') breaks.push(event);
    else if (event.type === 'bug') counts.bugs += 1;
    else if (event.type === 'step') {
      counts.inputs += 1;
      counts.moves += event.recorded.length;
      if (event.difference !== undefined) {
        differences.push(event);
        if (options.onDifference === 'stop') stoppedBy = 'difference';
      } else if (options.until?.(event) === true) stoppedBy = 'until';
      else continue;
      rings = replay.rings();
      if (stoppedBy !== 'end') break;
    }
    if (event.type === 'end') rings = replay.rings();
  }
  if (counts.lives === 0 && !hasEntries && breaks.length > 0) throw unreadableRecording(path, breaks[0]?.why ?? '');
  if (counts.lives === 0 && breaks.some(({ why }) => why === 'private')) throw privateRecording(path);
  const last = replay.rings();
  return {
    ...{ role, smscIds: replay.smscIds, versions: [...versions], ...counts, passedOver: replay.passedOver },
    ...{ breaks, differences, from, to, stoppedBy, rings: last.length > 0 ? last : rings },
  };
}

function privateRecording(path: string): OperatorError {
  return new OperatorError({
    code: 'RECORDING_PRIVATE',
    message: `Nothing in ${path} can be played back: its numbers and texts were not kept.`,
    hint: 'Start the role with --record-privacy full where a recording is to be played back.',
  });
}
