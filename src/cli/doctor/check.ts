/** What `doctor` found: one check, one line, and what helps where it failed. */
import type { Painter } from '../colour.ts';
import { countText } from '../status/words.ts';
import { printable } from '../table.ts';

export interface Check {
  /** What was looked at, in a word or two: `disk`, `name resolution`. */
  readonly name: string;
  /** `skipped`: it could not, or should not, be looked at; the text says why. */
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was found; no sentence. */
  readonly text: string;
  /** What helps; with every check that failed, and where something may be gained. */
  readonly remedy?: string | undefined;
}

export function passed(name: string, text: string, remedy?: string): Check {
  return { name, result: 'passed', text, ...(remedy === undefined ? {} : { remedy }) };
}

export function failed(name: string, text: string, remedy: string): Check {
  return { name, result: 'failed', text, remedy };
}

export function skipped(name: string, text: string): Check {
  return { name, result: 'skipped', text };
}

const marks = { passed: '✔', failed: '✘', skipped: '–' } as const;

export function checkLines(checks: readonly Check[], paint: Painter): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const painters = { passed: paint.green, failed: paint.red, skipped: paint.dim } as const;
  return checks.flatMap(({ name, result, text, remedy }) => [
    // What a peer gave as its reason is its own text.
    `${painters[result](marks[result])} ${name.padEnd(width)}   ${printable(text)}`,
    ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}   ${paint.cyan('→')} ${remedy}`]),
  ]);
}

/** `nothing is wrong: 11 checks passed, 2 skipped` */
export function summaryLine(checks: readonly Check[]): string {
  const count = (result: Check['result']): number => checks.filter((check) => check.result === result).length;
  const rest = count('skipped') === 0 ? '' : `, ${count('skipped')} skipped`;
  if (count('failed') === 0) return `nothing is wrong: ${countText(count('passed'), 'check')} passed${rest}`;
  return `${count('failed')} of ${countText(checks.length, 'check')} failed${rest}`;
}
