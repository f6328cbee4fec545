/** Flags that several commands share, and flag types that check their value at the border. */
import { Flags } from '@oclif/core';
import { OperatorError } from '../core/base/errors.ts';
import type { Result } from '../core/base/result.ts';
import { durationText, parseDuration } from './duration.ts';
import { parsePhone } from './phone.ts';
import { formatRate, parseRate } from './rate.ts';
import { parseSize } from './size.ts';

/** The value in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  defaultHelp: async ({ options }) => (typeof options.default === 'number' ? asDuration(options.default) : undefined),
  parse: async (text) => valueOrThrow(parseDuration(text)),
});

/** The value in events per second. */
export const rateFlag = Flags.custom<number>({
  helpValue: 'RATE',
  defaultHelp: async ({ options }) => (typeof options.default === 'number' ? asRate(options.default) : undefined),
  parse: async (text) => valueOrThrow(parseRate(text)),
});

/** The value in bytes. */
export const sizeFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse: async (text) => valueOrThrow(parseSize(text)),
});

/** Digits with at most one leading `+`. */
export const phoneFlag = Flags.custom<string>({
  helpValue: 'NUMBER',
  parse: async (text) => valueOrThrow(parsePhone(text)),
});

export const revealFlag = Flags.boolean({ description: 'show numbers and texts in full instead of masked' });

export const yesFlag = Flags.boolean({ char: 'y', description: 'do it without asking' });

/** Help shows a default as it would be typed, not the milliseconds it stands for. */
function asDuration(durationMs: number): never {
  // oclif types this as the flag's value, and only prints it.
  return durationText(durationMs) as never;
}

function asRate(perSecond: number): never {
  // As above.
  return formatRate(perSecond) as never;
}

/** A fault at the border is the operator's to mend. @throws OperatorError with the fault's code */
export function valueOrThrow<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new OperatorError({
    code: result.fault.code,
    message: result.fault.message,
    hint: 'Correct the value; `--help` shows what is allowed.',
  });
}
