/**
 * How a simulated handset looks on a terminal. Numbers and texts are shown in full, as everywhere in the simulator; what
 * others wrote cannot steer the terminal.
 */
import { cimdErrorMeaning } from '../../core/codec/error-codes.ts';
import { findStatusError } from '../../core/codec/status-codes.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { printable } from '../table.ts';
import type { HandsetStatus, HandsetText, SentOutcome } from './handset-client.ts';

/** `14:02:11 +358401234567 › Hello (flash, 3 parts)` */
export function receivedLine(text: HandsetText, paint: Painter): string {
  const notes = notesOf(text);
  const shown = notes.length === 0 ? '' : paint.dim(` (${notes.join(', ')})`);
  const time = paint.dim(new Date(text.at).toTimeString().slice(0, 8));
  return `${time} ${paint.cyan(printable(text.from))} › ${printable(text.text)}${shown}`;
}

/** What is to be known about a text beside its words. */
export function notesOf({ messageClass, kind, stamps, repeats }: HandsetText): readonly string[] {
  return [
    ...(messageClass === 0 ? ['flash'] : messageClass === undefined ? [] : [`class ${messageClass}`]),
    ...(kind === 'binary' ? ['8-bit data, in hex'] : []),
    ...(stamps.length > 1 ? [`${stamps.length} parts`] : []),
    ...(repeats > 0 ? [`the same as ${repeats} before`] : []),
  ];
}

/** `      ✓ answered by the application, 38 ms   Hello` below what was typed. */
export function outcomeLine(outcome: SentOutcome, text: string, sessionCount: number, paint: Painter): string {
  const about = paint.dim(printable(text).slice(0, 32));
  switch (outcome.result) {
    case 'answered': {
      const parts = outcome.parts === 1 ? '' : `, ${outcome.parts} parts`;
      return `      ${paint.cyan('✓')} answered by the application, ${formatDuration(outcome.ms)}${parts}   ${about}`;
    }
    case 'refused': {
      const { errorCode, reason } = outcome;
      const by =
        errorCode === undefined
          ? `not taken by the SMSC: ${reason}`
          : `refused by the application: ${cimdErrorMeaning(errorCode)} (${errorCode})`;
      return `      ${paint.red('✖')} ${by}   ${about}`;
    }
    case 'waiting': {
      const why = sessionCount === 0 ? 'no application is logged in' : 'the application has not answered';
      return `      ${paint.yellow('…')} waits at the SMSC: ${why}   ${about}`;
    }
  }
}

/** The handset itself, and a line for each message on its way to it. @param now milliseconds since 1970 */
export function statusLines(status: HandsetStatus, now: number, paint: Painter): readonly string[] {
  const { number, state, received, queue } = status;
  const waiting = Math.max(status.waiting, queue.length);
  const came = received === 1 ? '1 text came' : `${received} texts came`;
  const onWay = waiting === 1 ? '1 message is on its way' : `${waiting} messages are on their way`;
  return [
    `${paint.bold(number)} is ${state}; ${came}, ${onWay}`,
    ...queue.map(({ from, acceptedAt, validUntil, attempts, priority, more }) => {
      const age = `${formatDuration(now - acceptedAt)} old`;
      const valid = validUntil > now ? `valid for ${formatDuration(validUntil - now)}` : 'no longer valid';
      const tried = attempts === 0 ? 'not tried yet' : attempts === 1 ? 'tried once' : `tried ${attempts} times`;
      return `  from ${printable(from)}   ${age}   ${valid}   ${tried}   priority ${priority}${more === 'follow' ? '   more follow' : ''}`;
    }),
  ];
}

/** An attempt to reach the handset failed. @param error 062 */
export function missedLine(type: 'put-off' | 'undelivered', error: number, paint: Painter): string {
  const what = type === 'put-off' ? 'could not reach you and is tried again' : 'will not reach you any more';
  return paint.yellow(`a message ${what}: ${findStatusError(error)?.meaning ?? 'error'} (${error})`);
}
