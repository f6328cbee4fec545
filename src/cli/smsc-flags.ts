/** What settings of the simulated SMSC hold: handsets, delays, names and passwords. */
import { fail, ok, type Result } from '../core/base/result.ts';
import type { HandsetState } from '../core/roles/smsc/settings.ts';
import { parseDuration } from './duration.ts';
import { parsePhone } from './phone.ts';

export interface HandsetOption {
  readonly number: string;
  readonly state: HandsetState;
}

const plainStates = ['on', 'off', 'full', 'unknown'] as const;

/** `+639171234567=on`, `=off`, `=full`, `=unknown`, `=slow:3s`; a number alone is on. */
export function parseHandset(text: string): Result<HandsetOption> {
  const [numberText = '', stateText = 'on', ...more] = text.split('=');
  const number = parsePhone(numberText);
  if (!number.ok) return number;
  const plain = plainStates.find((state) => state === stateText);
  if (more.length === 0 && plain !== undefined) return ok({ number: number.value, state: { type: plain } });
  const slow = /^slow:(.+)$/.exec(stateText)?.[1];
  if (more.length > 0 || slow === undefined) {
    const states = '=on, =off, =full, =unknown or =slow:3s';
    return fail('CONFIG_BAD_VALUE', `"${text}" is no handset; write it like +639171234567=on, ${states}.`);
  }
  const ms = parseDuration(slow);
  return ms.ok ? ok({ number: number.value, state: { type: 'slow', ms: ms.value } }) : ms;
}

/** Longest list of delays between attempts; more would be a table that nobody wrote by hand. */
const maxDelays = 20;

/** `10s,30s,1m`: milliseconds after each failed attempt, at least one second each. */
export function parseDelays(text: string): Result<readonly number[]> {
  const delays: number[] = [];
  for (const part of text.split(',')) {
    const ms = parseDuration(part);
    if (!ms.ok) return ms;
    if (ms.value < 1_000) return fail('CONFIG_BAD_VALUE', `"${part.trim()}" is too short: at least 1s.`);
    delays.push(ms.value);
  }
  return delays.length <= maxDelays
    ? ok(delays)
    : fail('CONFIG_BAD_VALUE', `${delays.length} delays are too many: at most ${maxDelays}.`);
}

/** What 010 and 011 can carry: 1 to 32 printable characters without spaces. SPEC: reference section 3.2. */
export function parseCredential(what: string, text: string): Result<string> {
  return /^[!-~]{1,32}$/.test(text)
    ? ok(text)
    : fail('CONFIG_BAD_VALUE', `The ${what} must be 1 to 32 printable ASCII characters without spaces.`);
}
