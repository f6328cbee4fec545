/** How texts and steps look on a terminal: one line each. What others wrote cannot steer it. */
import type { Step, TextView } from '../../core/im/text.ts';
import type { Painter } from '../colour.ts';
import { fitText, printable } from '../table.ts';

const marks: Readonly<Record<Step, string>> = {
  stored: '✓ ',
  accepted: '✓✓',
  delivered: '✓✓',
  failed: '✖ ',
  unknown: '? ',
};

const words: Readonly<Record<Step, string>> = {
  stored: 'stored',
  accepted: 'at the SMSC',
  delivered: 'on the handset',
  failed: 'failed',
  unknown: 'unknown',
};

/** `✓✓ at the SMSC      id 0193…   1 part`, with the reason where there is one. */
export function stepLine(text: TextView, paint: Painter): string {
  const reason = text.reason === undefined ? '' : `   ${text.reason.words} (${text.reason.code})`;
  const parts = text.parts === 1 ? '1 part' : `${text.parts} parts`;
  return `${paintedMark(text.step, paint)} ${words[text.step].padEnd(14)}   id ${text.id}   ${parts}${reason}`;
}

/** `14:02 +358401234567 › Hello` for what comes, `14:02 to +358401234567 › Hello` for what was sent elsewhere. */
export function textLine(text: TextView, paint: Painter): string {
  const time = paint.dim(timeOfDay(text.at));
  const who = text.direction === 'in' ? paint.cyan(text.peer) : paint.dim(`to ${text.peer}`);
  const notes = text.marks.length === 0 ? '' : paint.dim(` (${text.marks.join(', ')})`);
  return `${time} ${who} › ${printable(text.text)}${notes}`;
}

/** `      ✓✓ on the handset   Hello` below what was written before. */
export function progressLine(text: TextView, paint: Painter): string {
  const reason = text.reason === undefined ? '' : `: ${text.reason.words} (${text.reason.code})`;
  const about = paint.dim(fitText(printable(text.text), 32));
  return `      ${paintedMark(text.step, paint)} ${words[text.step]}${reason}   ${about}`;
}

function paintedMark(step: Step, paint: Painter): string {
  if (step === 'delivered') return paint.cyan(marks[step]);
  if (step === 'failed') return paint.red(marks[step]);
  if (step === 'unknown') return paint.yellow(marks[step]);
  return paint.dim(marks[step]);
}

function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
