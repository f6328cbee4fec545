/** What `--speed` and `--until` of a playback may be. */
import { OperatorError } from '../../core/base/errors.ts';
import type { ReplayStep } from '../../shell/recording/replay.ts';
import { parseMoment } from './moment.ts';

/** @returns times as fast as it was; undefined: as fast as it goes. @throws OperatorError USAGE_BAD_VALUE */
export function parseSpeed(text: string | undefined): number | undefined {
  if (text === undefined || text === 'max') return undefined;
  const match = /^(\d+(?:\.\d+)?)x$/.exec(text);
  if (match !== null && Number(match[1]) > 0) return Number(match[1]);
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `--speed: "${text}" is no speed.`,
    hint: 'Write 1x, 10x, 0.5x or max.',
  });
}

/** `4711`: an input; `14:03:07`: the first input not before it; `session.state`: an input that this was logged at. */
export function parseUntil(text: string, now: number): (step: ReplayStep) => boolean {
  if (/^\d+$/.test(text)) return ({ number }) => number >= Number(text);
  if (/^[a-z-]+\.[a-z.-]+$/.test(text)) {
    return ({ outputs }) => outputs.some((output) => 'event' in output && output.event === text);
  }
  const at = parseMoment(text, '--until', now);
  return (step) => step.at >= at;
}
