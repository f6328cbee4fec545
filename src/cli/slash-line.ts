/** A line that is typed in a conversation: a text, or a command that begins with a slash. What there is to command differs. */
import { fail, type Result } from '../core/base/result.ts';
import { nearest } from './nearest.ts';

export type SlashLine =
  | { readonly type: 'nothing' }
  | { readonly type: 'text'; readonly text: string }
  /** `/word rest`, the word with its slash. */
  | { readonly type: 'command'; readonly word: string; readonly rest: string };

/** A text that begins with a slash is typed with two. */
export function readSlashLine(line: string): SlashLine {
  const trimmed = line.trim();
  if (trimmed === '') return { type: 'nothing' };
  if (trimmed.startsWith('//')) return { type: 'text', text: trimmed.slice(1) };
  if (!trimmed.startsWith('/')) return { type: 'text', text: line };
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(trimmed) ?? [];
  return { type: 'command', word, rest };
}

/** @returns USAGE_BAD_VALUE, with the command that was probably meant */
export function unknownCommand(word: string, commands: readonly string[]): Result<never> {
  const guess = nearest(word, commands);
  const meant = guess === undefined ? '/help names them.' : `did you mean ${guess}?`;
  return fail('USAGE_BAD_VALUE', `There is no ${word}; ${meant} A text that begins with / is typed with two.`);
}
