/**
 * The kinds of settings a role can have. One value of these describes a setting once: its flag, the name in the
 * environment, the key in the config file, what it accepts, its default and what help says all follow from it.
 */
import { resolve } from 'node:path';
import { OperatorError } from '../core/base/errors.ts';
import { fail, ok, type Result } from '../core/base/result.ts';
import { durationText, parseDuration } from './duration.ts';
import { parsePhone } from './phone.ts';
import { formatRate, parseRate } from './rate.ts';
import { readSecretFile } from './secret.ts';
import { formatSize, parseSize } from './size.ts';

/** What a value may depend on besides itself. */
export interface ReadContext {
  /** Relative paths start here: the folder of the config file, or where the command was started. */
  readonly baseDir: string;
  /** Tells the operator something that is no error. */
  readonly warn: (text: string) => void;
}

/** How a setting is written in a config file; decides also how its flag and environment are taken. */
export type Shape = 'text' | 'whole-number' | 'switch' | 'list' | 'rows';

export interface Setting<T> {
  readonly shape: Shape;
  /** Fragment for help: what it does, who would change it. */
  readonly description: string;
  /** Upper-case word for help: `DURATION`. */
  readonly helpValue: string;
  /** Undefined together with `need: 'required'` means it must be given. */
  readonly fallback: T | undefined;
  /** The default as help and `origin` show it. */
  readonly fallbackText: string | undefined;
  readonly need: 'required' | 'optional';
  /** Name in the environment where it is not RINGBRIDGE_ and the flag's name. */
  readonly environment: string | undefined;
  /** Name in the environment that holds the value itself, where the setting is a file with a secret. */
  readonly secretEnvironment: string | undefined;
  /** The only texts that it takes; undefined where it takes others. */
  readonly choices?: readonly string[];
  /** Of a whole number, both ends included. */
  readonly range?: { readonly min: number; readonly max: number };
  /** Rows only: the settings of one row. */
  readonly columns?: Readonly<Record<string, Setting<unknown>>>;
  /** Rows only: whether there may be several in a file. */
  readonly tables?: 'once' | 'repeated';
  /** One text (flag, environment, or a string of the file) to a value; for lists and rows, to one element. */
  read(text: string, context: ReadContext): Result<T> | Promise<Result<T>>;
  /** Rows only: one element as a flag gives it, to the texts of its columns. */
  split?(text: string): Result<Readonly<Record<string, string>>>;
}

export interface Common<T> {
  readonly description: string;
  readonly default?: T;
  readonly environment?: string;
}

export type Text = Setting<string>;

/** Any text that is not empty; `check` can say what is wrong with it. */
export function text<const O extends Common<string> & { helpValue?: string; check?: (text: string) => Result<string> }>(
  options: O,
): Setting<Given<O, string>> {
  return optional(options, 'text', options.helpValue ?? 'TEXT', options.default, (value) =>
    value === '' ? fail('CONFIG_BAD_VALUE', 'The value is empty.') : (options.check?.(value) ?? ok(value)),
  );
}

/** An address as it is written; `parse` throws what is wrong with it. */
export function address<const O extends Common<string> & { helpValue?: string; parse: (text: string) => unknown }>(
  options: O,
): Setting<Given<O, string>> {
  return optional(options, 'text', options.helpValue ?? 'ADDRESS', options.default, (value) => {
    try {
      options.parse(value);
      return ok(value);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return fail(error.code, `${error.message} ${error.hint}`);
    }
  });
}

export function integer<const O extends Common<number> & { min: number; max: number }>(
  options: O,
): Setting<Given<O, number>> {
  const { min, max } = options;
  const setting = optional<number, O>(options, 'whole-number', 'N', options.default?.toString(), (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value)) return fail('CONFIG_BAD_VALUE', `"${value}" is no whole number.`);
    if (number < min || number > max) return fail('CONFIG_BAD_VALUE', `${value} is out of range: ${min} to ${max}.`);
    return ok(number);
  });
  return { ...setting, range: { min, max } };
}

/** Milliseconds, from texts like `30s`. */
export function duration<const O extends Common<number> & { minMs?: number; maxMs?: number }>(
  options: O,
): Setting<Given<O, number>> {
  const minMs = options.minMs ?? 0;
  const maxMs = options.maxMs ?? Number.MAX_SAFE_INTEGER;
  const shown = options.default === undefined ? undefined : durationText(options.default);
  return optional(options, 'text', 'DURATION', shown, (value) => {
    const parsed = parseDuration(value);
    if (parsed.ok && parsed.value < minMs) {
      return fail('CONFIG_BAD_VALUE', `${value} is too short: at least ${durationText(minMs)}.`);
    }
    if (parsed.ok && parsed.value > maxMs) {
      return fail('CONFIG_BAD_VALUE', `${value} is too long: at most ${durationText(maxMs)}.`);
    }
    return parsed;
  });
}

/** A value of its own form. @param parse says what is wrong with a text that has it not */
export function parsed<T, const O extends Common<T> & { helpValue: string; show?: (value: T) => string }>(
  parse: (text: string, context: ReadContext) => Result<T>,
  options: O & Common<T>,
): Setting<Given<O, T>> {
  const shown =
    options.default === undefined ? undefined : (options.show?.(options.default) ?? String(options.default));
  return optional<T, O>(options, 'text', options.helpValue, shown, parse);
}

/** Events per second, from texts like `5/s`. */
export function rate<const O extends Common<number>>(options: O): Setting<Given<O, number>> {
  const shown = options.default === undefined ? undefined : formatRate(options.default);
  return optional(options, 'text', 'RATE', shown, parseRate);
}

/** Bytes, from texts like `64KiB`. */
export function size<const O extends Common<number>>(options: O): Setting<Given<O, number>> {
  const shown = options.default === undefined ? undefined : formatSize(options.default);
  return optional(options, 'text', 'SIZE', shown, parseSize);
}

export function phone<const O extends Common<string>>(options: O): Setting<Given<O, string>> {
  return optional(options, 'text', 'NUMBER', options.default, parsePhone);
}

export function choice<const W extends string, const O extends Common<W>>(
  choices: readonly W[],
  options: O & Common<W>,
): Setting<Given<O, W>> {
  const setting = optional<W, O>(options, 'text', choices.join('|'), options.default, (value) => {
    const chosen = choices.find((word) => word === value);
    return chosen === undefined ? fail('CONFIG_BAD_VALUE', `"${value}" is none of ${choices.join(', ')}.`) : ok(chosen);
  });
  return { ...setting, choices };
}

/** On or off; off unless the default says otherwise. */
export function toggle(options: Common<boolean>): Setting<boolean> {
  const fallback = options.default ?? false;
  return {
    ...describe(options, 'switch', '', fallback ? 'on' : undefined),
    fallback,
    need: 'optional',
    read: (value) => {
      if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return ok(true);
      if (['false', '0', 'no', 'off'].includes(value.toLowerCase())) return ok(false);
      return fail('CONFIG_BAD_VALUE', `"${value}" is neither true nor false.`);
    },
  };
}

/** A path, absolute once read. */
export function path<const O extends Common<string> & { helpValue?: string }>(options: O): Setting<Given<O, string>> {
  return optional(options, 'text', options.helpValue ?? 'FILE', options.default, (value, context) =>
    value === '' ? fail('CONFIG_BAD_VALUE', 'The path is empty.') : ok(resolve(context.baseDir, value)),
  );
}

/** The name of a file; the value is the secret in it. The environment may hold the secret itself. */
export function secretFile<const O extends Common<never> & { secretEnvironment?: string }>(
  options: O,
): Setting<Given<O, string>> {
  const setting = optional<string, O>(options, 'text', 'FILE', undefined, async (value, context) => {
    const { secret, warnings } = await readSecretFile(resolve(context.baseDir, value));
    for (const warning of warnings) context.warn(warning);
    return ok(secret);
  });
  return { ...setting, secretEnvironment: options.secretEnvironment };
}

/** Several of one kind: the flag is given more than once, the environment separates by commas. */
export function list<T>(element: Setting<T>): Setting<readonly NonNullable<T>[]> {
  return {
    ...describe(
      { description: element.description, environment: element.environment },
      'list',
      element.helpValue,
      undefined,
    ),
    fallback: [],
    need: 'optional',
    read: async (value, context) => {
      const read = await element.read(value, context);
      if (!read.ok) return read;
      return read.value === undefined || read.value === null ? ok([]) : ok([read.value]);
    },
  };
}

/** A table that repeats (`[[buffer]]`): several settings per row. `split` takes one row from a flag's text. */
export function rows<const C extends Readonly<Record<string, Setting<unknown>>>>(
  columns: C,
  options: {
    readonly description: string;
    readonly helpValue: string;
    readonly environment?: string;
    /** `once`: in a file it is one table, `[xmpp]`, however many flags it takes. */
    readonly tables?: 'once' | 'repeated';
    readonly split: (text: string) => Result<Readonly<Record<string, string>>>;
  },
): Setting<readonly ValuesOf<C>[]> {
  return {
    ...describe(options, 'rows', options.helpValue, undefined),
    fallback: [],
    need: 'optional',
    columns,
    tables: options.tables ?? 'repeated',
    split: options.split,
    // Rows are read column by column; see settings.ts.
    read: () => fail('CONFIG_BAD_VALUE', 'A row cannot be read as one text.'),
  };
}

/** Makes an optional setting one that must be given. */
export function required<T>(setting: Setting<T>): Setting<Exclude<T, undefined>> {
  return {
    ...setting,
    need: 'required',
    fallback: undefined,
    read: async (value, context) => {
      const read = await setting.read(value, context);
      if (!read.ok) return read;
      // A reader never gives undefined for a text it accepted; only the fallback can be undefined.
      return ok(read.value as Exclude<T, undefined>);
    },
  };
}

/** Values by name, as a command gets them. */
export type ValuesOf<C extends Readonly<Record<string, Setting<unknown>>>> = {
  readonly [K in keyof C]: C[K] extends Setting<infer T> ? T : never;
};

/** Without a default the value can be absent. */
export type Given<O, T> = O extends { readonly default: infer D }
  ? D extends undefined
    ? T | undefined
    : T
  : T | undefined;

function optional<T, O extends Common<T>>(
  options: O,
  shape: Shape,
  helpValue: string,
  fallbackText: string | undefined,
  read: (text: string, context: ReadContext) => Result<T> | Promise<Result<T>>,
): Setting<Given<O, T>> {
  const setting: Setting<T | undefined> = {
    ...describe(options, shape, helpValue, fallbackText),
    fallback: options.default,
    need: 'optional',
    read,
  };
  // `Given` says exactly this: undefined is possible where there is no default. The compiler cannot follow it.
  return setting as Setting<Given<O, T>>;
}

function describe(
  options: { readonly description: string; readonly environment?: string | undefined },
  shape: Shape,
  helpValue: string,
  fallbackText: string | undefined,
) {
  return {
    shape,
    description: options.description,
    helpValue,
    fallbackText,
    environment: options.environment,
    secretEnvironment: undefined,
  };
}
