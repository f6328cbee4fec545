/** How texts and steps look on a terminal: one line each. What others wrote cannot steer it. */
import type { Conversation } from '../../core/im/history.ts';
import { reasonWords } from '../../core/im/reasons.ts';
import type { Step, TextView } from '../../core/im/text.ts';
import type { Painter } from '../colour.ts';
import { fitText, formatTable, printable } from '../table.ts';

/** Delivered is told from accepted without colours too. */
const marks: Readonly<Record<Step, string>> = {
  stored: '✓ ',
  accepted: '✓✓',
  delivered: '✔✔',
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

/** `open`: of the conversation in front of the reader; `named`: of another one, so it says which. */
export type RowForm = 'open' | 'named';

/** Columns before the text of a row, under which its further lines begin. */
export const rowIndent = 9;

/** `✓✓ at the SMSC      id 0193…   1 part`, with the reason where there is one. */
export function stepLine(text: TextView, paint: Painter): string {
  const reason = text.reason === undefined ? '' : `   ${reasonWords(text.reason)}`;
  const parts = text.parts === 1 ? '1 part' : `${text.parts} parts`;
  return `${paintedMark(text.step, paint)} ${words[text.step].padEnd(14)}   id ${text.id}   ${parts}${reason}`;
}

/** `14:02 ✓✓ Hello` and `14:03 ‹  Hi`, or `14:03 ‹  bob: Hi` of another conversation. */
export function textRow(text: TextView, form: RowForm, paint: Painter): string {
  const isOut = text.direction === 'out';
  const mark = isOut ? paintedMark(text.step, paint) : `${paint.cyan('‹')} `;
  const who = form === 'open' ? '' : isOut ? paint.dim(`to ${text.peer}: `) : `${paint.cyan(text.peer)}: `;
  const notes = text.marks.length === 0 ? '' : paint.dim(` (${text.marks.join(', ')})`);
  return `${paint.dim(timeOfDay(text.at))} ${mark} ${who}${linesOf(text.text)}${notes}`;
}

/** `14:02 ·  Hello`: typed here, and the server did not say yet that it has it; or it said that it will not. */
export function waitingRow(
  { text, at }: { readonly text: string; readonly at: number },
  state: 'waiting' | 'refused',
  paint: Painter,
): string {
  const mark = state === 'waiting' ? paint.dim('· ') : paint.red(marks.failed);
  return `${paint.dim(timeOfDay(at))} ${mark} ${linesOf(text)}`;
}

/** `      ✓✓ on the handset   Hello` below what was written before. */
export function progressLine(text: TextView, paint: Painter): string {
  const reason = text.reason === undefined ? '' : `: ${reasonWords(text.reason)}`;
  const about = paint.dim(fitText(printable(text.text), 32));
  return `      ${paintedMark(text.step, paint)} ${words[text.step]}${reason}   ${about}`;
}

/** `── bob ──` */
export function headLine(title: string, paint: Painter): string {
  return paint.dim(`── ${title} ──`);
}

/** `── 2026-11-22 ──`, before the first text of another day. */
export function dayLine(at: number, paint: Painter): string {
  return headLine(dayOf(at), paint);
}

export function dayOf(at: number): string {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}

export interface ConversationListView {
  readonly open: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `here now`; undefined where nothing is known. */
  readonly presence: (peer: string) => string | undefined;
}

/** Newest first: `bob, here now   2 unread   14:02   ‹ Hi`, the open one with `›` before it. */
export function conversationLines(
  conversations: readonly Conversation[],
  { open, now, presence }: ConversationListView,
  paint: Painter,
): readonly string[] {
  return formatTable(
    conversations.map(({ peer, last, unread }) => {
      const count = unread === 0 ? '' : paint.yellow(`${unread}${unread === 99 ? '+' : ''} unread`);
      const when = dayOf(last.at) === dayOf(now) ? timeOfDay(last.at) : dayOf(last.at);
      const mark = last.direction === 'in' ? '‹ ' : paintedMark(last.step, paint);
      const about = `${mark} ${fitText(printable(last.text), 30)}`;
      const words = presence(peer);
      return [
        `${peer === open ? '›' : ' '} ${peer}${words === undefined ? '' : `, ${words}`}`,
        count,
        paint.dim(when),
        about,
      ];
    }),
  );
}

/** @param words `here now`; undefined: not any more */
export function presenceLine(peer: string, words: string | undefined, paint: Painter): string {
  return paint.dim(words === undefined ? `${peer} is gone; gets it on coming back` : `${peer} is ${words}`);
}

export function linkLine(smscId: string, state: string, paint: Painter): string {
  if (state === 'away') return paint.yellow(`SMSC ${smscId} is away; texts to it wait`);
  if (state === 'down') return paint.yellow(`link to ${smscId} is down; texts to it wait`);
  return paint.dim(`link to ${smscId} is ${state}`);
}

/** Its own lines stay lines; whoever prints them moves them in, so that none looks like a row of the chat. */
function linesOf(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line))
    .join('\n');
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
