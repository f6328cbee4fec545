/**
 * A line of `cimd2 shell` as words: quotes hold blanks together, `#` begins a comment, `$to` and its like stand for what
 * came before. What the words mean is `parse.ts`.
 */
import { fail, ok, type Result } from '../../../core/base/result.ts';

/** `to` and `stamp` of the last accepted submit; `password` is that of the login and belongs into 011 only. */
export const variables = ['to', 'stamp', 'password'] as const;
export type Variable = (typeof variables)[number];

export interface Word {
  readonly text: string;
  /** Where quotes held it, it is never a `key=value`, nor a pattern. */
  readonly isQuoted: boolean;
}

/** A value, or why there is none. */
export type LookUp = (name: Variable) => Result<string>;

/**
 * `'…'` is taken as it is; in `"…"` variables stand for their values, and `\n`, `\"`, `\\` and `\$` are escapes. A word
 * may be quoted in part: `033="two words"`.
 */
export function splitWords(line: string, lookUp: LookUp): Result<readonly Word[]> {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1;
      continue;
    }
    if (line.charAt(at) === '#') break;
    const taken = takeWord(line, at, lookUp);
    if (!taken.ok) return taken;
    words.push(taken.value.word);
    at = taken.value.end;
  }
  return ok(words);
}

/** The words that {@link splitWords} would read back as this one. */
export function quoteWord(text: string): string {
  if (text !== '' && !/[\s"'#$\\]/.test(text)) return text;
  if (!text.includes("'") && !text.includes('\n')) return `'${text}'`;
  return `"${text.replace(/["\\$]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function takeWord(line: string, from: number, lookUp: LookUp): Result<{ readonly word: Word; readonly end: number }> {
  let text = '';
  let at = from;
  const isQuoted = line.charAt(from) === "'" || line.charAt(from) === '"';
  while (at < line.length && !/\s/.test(line.charAt(at))) {
    const character = line.charAt(at);
    if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end === -1) return fail('USAGE_BAD_VALUE', "A quote ' is not closed.");
      text += line.slice(at + 1, end);
      at = end + 1;
    } else if (character === '"') {
      const taken = takeDoubleQuoted(line, at + 1, lookUp);
      if (!taken.ok) return taken;
      text += taken.value.text;
      at = taken.value.end;
    } else {
      const taken = takeCharacter(line, at, lookUp);
      if (!taken.ok) return taken;
      text += taken.value.text;
      at = taken.value.end;
    }
  }
  return ok({ word: { text, isQuoted }, end: at });
}

interface Taken {
  readonly text: string;
  readonly end: number;
}

function takeDoubleQuoted(line: string, from: number, lookUp: LookUp): Result<Taken> {
  let text = '';
  let at = from;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === '"') return ok({ text, end: at + 1 });
    const escaped = /^\\([n"\\$])/.exec(line.slice(at, at + 2))?.[1];
    if (escaped !== undefined) {
      text += escaped === 'n' ? '\n' : escaped;
      at += 2;
      continue;
    }
    const taken = takeCharacter(line, at, lookUp);
    if (!taken.ok) return taken;
    text += taken.value.text;
    at = taken.value.end;
  }
  return fail('USAGE_BAD_VALUE', 'A quote " is not closed.');
}

/** One character, or the variable that begins there. A `$` before anything else is a `$`. */
function takeCharacter(line: string, at: number, lookUp: LookUp): Result<Taken> {
  const name = /^\$([a-z]+)\b/.exec(line.slice(at, at + 16))?.[1];
  const variable = variables.find((known) => known === name);
  if (variable === undefined) return ok({ text: line.charAt(at), end: at + 1 });
  const value = lookUp(variable);
  return value.ok ? ok({ text: value.value, end: at + 1 + variable.length }) : value;
}
