/** What a playback came to, as lines for people and as the document of `--json`. */

import type { ErrorCode } from '../../core/base/errors.ts';
import type { ReplayStep } from '../../shell/recording/replay.ts';
import { ownVersion } from '../../shell/version.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { clockText, isoText } from './moment.ts';
import { moves as movesOf } from './moves.ts';
import type { Playback } from './playback.ts';

/** Moves of one side of a difference that are shown. */
const movesShown = 12;

/** Of breaks that nothing did on purpose. */
const codes: Readonly<Partial<Record<Playback['breaks'][number]['why'], ErrorCode>>> = {
  damaged: 'RECORDING_DAMAGED',
  foreign: 'RECORDING_UNREADABLE',
};

/** Whether something of a recording could not be read, so that not all of it was checked. */
export function isDamaged({ breaks }: Playback): boolean {
  return breaks.some(({ why }) => codes[why] !== undefined);
}

export function playbackLines(playback: Playback, paint: Painter): readonly string[] {
  const { role, smscIds, versions, lives, inputs, moves, bugs, passedOver, from, to } = playback;
  const span =
    from === undefined || to === undefined
      ? ''
      : `${clockText(from)} to ${clockText(to)} (${formatDuration(to - from)})`;
  const lines = [
    `${paint.bold(`${role} ${smscIds.join(', ')}`.trim())}   ringbridge ${versions.join(', ')}   ${span}`,
    `played   ${count(lives, 'start')}, ${count(inputs, 'input')}, ${count(moves, 'move')}${bugs > 0 ? `, ${count(bugs, 'bug')} met again` : ''}`,
  ];
  if (passedOver > 0) {
    lines.push(`not played   ${count(passedOver, 'input')}: before the first start that is recorded, or behind a gap`);
  }
  for (const { at, why, count: dropped } of playback.breaks) lines.push(breakLine(at, why, dropped));
  const { differences } = playback;
  for (const step of differences) lines.push(...differenceLines(step, playback.smscIds, paint));
  const others = versions.filter((version) => version !== ownVersion());
  if (differences.length > 0 && others.length > 0) {
    lines.push(
      `recorded by ringbridge ${others.join(', ')}, played by ${ownVersion()}, which may do otherwise on purpose`,
    );
  }
  if (differences.length === 0 && inputs > 0) {
    const verdict = isDamaged(playback)
      ? `${paint.red('✖')} every input that could be read led to the recorded moves and words; the rest was not checked`
      : `${paint.green('✔')} every input led to the recorded moves and words`;
    lines.push(verdict);
  }
  return lines;
}

export function playbackDocument(playback: Playback): object {
  const { role, smscIds, versions, lives, inputs, moves, bugs, passedOver, from, to, stoppedBy } = playback;
  return {
    schema: 'sync.playback/1',
    ...{ role, smscIds, versions },
    from: from === undefined ? undefined : isoText(from),
    to: to === undefined ? undefined : isoText(to),
    ...{ lives, inputs, moves, bugs, passedOver, stoppedBy },
    breaks: playback.breaks.map(({ at, why, count }) => ({ at: isoText(at), why, dropped: count, code: codes[why] })),
    differences: playback.differences.map((step) => differenceDocument(step, smscIds)),
  };
}

/** One input that moved slots, as `--moves` prints it. */
export function stepLine(step: ReplayStep, smscIds: readonly string[]): string {
  return `${clockText(step.at)}  ${String(step.number).padStart(6)}  ${step.input.padEnd(14)}  ${movesOf(step.recorded, smscIds).join('; ')}`;
}

export function stepDocument(step: ReplayStep, smscIds: readonly string[]): object {
  const { number, at, input, recorded } = step;
  return { schema: 'sync.playback-step/1', number, at: isoText(at), input, moves: movesOf(recorded, smscIds) };
}

function differenceLines(step: ReplayStep, smscIds: readonly string[], paint: Painter): readonly string[] {
  const { number, at, input, difference, recorded, replayed, outputs } = step;
  const lines = [`${paint.red('✖')} input ${number} at ${clockText(at)} (${input}): ${difference?.text}`];
  for (const line of some(movesOf(recorded, smscIds))) lines.push(`  recorded  ${line}`);
  for (const line of some(movesOf(replayed, smscIds))) lines.push(`  replayed  ${line}`);
  if (difference?.kind === 'said') lines.push(`  said now  ${outputs.map(({ type }) => type).join(', ') || 'nothing'}`);
  return lines;
}

function differenceDocument(step: ReplayStep, smscIds: readonly string[]): object {
  const { number, at, input, difference, recorded, replayed } = step;
  return {
    ...{ number, at: isoText(at), input, kind: difference?.kind, text: difference?.text },
    ...{ recorded: movesOf(recorded, smscIds), replayed: movesOf(replayed, smscIds) },
  };
}

function breakLine(at: number, why: string, dropped: number): string {
  switch (why) {
    case 'gap':
      return `gap   at ${clockText(at)}: ${count(dropped, 'entry', 'entries')} could not be written`;
    case 'torn':
      return `cut   behind ${clockText(at)}: the file ends in the middle, as a killed process leaves it`;
    case 'private':
      return `not played   a start at ${clockText(at)}: its recording has no numbers and texts (--record-privacy)`;
    case 'foreign':
      return 'not read   a file that is no recording of this version';
    default:
      return `damaged   behind ${clockText(at)}: the rest of that file cannot be read (RECORDING_DAMAGED)`;
  }
}

function some(lines: readonly string[]): readonly string[] {
  const more = lines.length - movesShown;
  return more <= 0 ? lines : [...lines.slice(0, movesShown), `and ${more} more`];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
