/**
 * Where the settings of a role come from: flag, environment, config file, default, in this order, and each value knows
 * which it was. A role declares one table of settings (setting-kinds.ts); flags, names in the environment and keys of
 * the file all follow from it. Rules: CLI.md, order of settings.
 */
import { dirname } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import { type ErrorCode, OperatorError } from '../core/base/errors.ts';
import type { Result } from '../core/base/result.ts';
import { type ConfigFile, loadConfigFile } from './config-file.ts';
import { nearest } from './nearest.ts';
import type { ReadContext, Setting, ValuesOf } from './setting-kinds.ts';

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** Where a value came from, in words that lead there: `--ring-size`, `RINGBRIDGE_RING_SIZE`, `bridge.toml:7`. */
export interface Origin {
  readonly type: 'flag' | 'environment' | 'file' | 'default';
  readonly where: string;
}

export interface ResolvedSettings<C extends SettingsTable> {
  readonly values: ValuesOf<C>;
  readonly origins: { readonly [K in keyof C]: Origin };
  /** As each was written where it came from; undefined where it has no value, and for a secret. */
  readonly written: { readonly [K in keyof C]: unknown };
  /** What the operator should know, though everything could be read. */
  readonly warnings: readonly string[];
}

/** The same settings with other names in the environment: this beginning, then the flag's name. */
export function prefixed<const C extends SettingsTable>(prefix: string, table: C): C {
  const named = Object.entries(table).map(([name, setting]): [string, Setting<unknown>] => {
    const { environment = environmentName(name, { environment: undefined }, prefix) } = setting;
    return [name, { ...setting, environment }];
  });
  // The same names and kinds as before.
  return Object.fromEntries(named) as SettingsTable as C;
}

/** Flags for oclif: texts, which are checked when the settings are resolved. Adds `--config FILE`. */
export function flagsOf(table: SettingsTable): Interfaces.FlagInput {
  const flags: Interfaces.FlagInput = {};
  for (const [name, setting] of Object.entries(table)) flags[name] = flagOf(name, setting);
  flags['config'] = Flags.string({
    description: 'TOML file with settings; its keys are the names of the flags [env: RINGBRIDGE_CONFIG]',
    helpValue: 'FILE',
  });
  return flags;
}

/**
 * The values in force.
 *
 * @param given what oclif parsed: texts, lists of texts, booleans
 * @throws OperatorError CONFIG_MISSING, CONFIG_BAD_VALUE, CONFIG_UNKNOWN_KEY, CONFIG_UNREADABLE
 */
export async function resolveSettings<const C extends SettingsTable>(
  table: C,
  given: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ResolvedSettings<C>> {
  const warnings: string[] = [];
  const configPath = asText(given['config']) ?? environment['RINGBRIDGE_CONFIG'];
  const file = configPath === undefined ? undefined : await loadConfigFile(configPath);
  if (file !== undefined) refuseUnknownKeys(table, file);
  const sources: Sources = { given, environment, file, warn: (text) => warnings.push(text) };
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  const written: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const found =
      (await fromFlag(name, setting, sources)) ??
      (await fromEnvironment(name, setting, sources)) ??
      (await fromFile(name, setting, sources));
    if (found === undefined && setting.need === 'required') throw missing(name, setting);
    values[name] = found === undefined ? setting.fallback : found.value;
    origins[name] = found?.origin ?? { type: 'default', where: 'default' };
    written[name] = found === undefined ? writtenDefault(setting) : found.written;
  }
  // Filled above with exactly the names of the table, each by the setting of that name.
  const all = { values, origins, written } as Pick<ResolvedSettings<C>, 'values' | 'origins' | 'written'>;
  return { ...all, warnings };
}

/**
 * What a config file alone says: every value in it is checked, and what it leaves out is not missed, since flags and
 * environment may say it.
 *
 * @throws OperatorError as {@link resolveSettings}, but never CONFIG_MISSING for a setting outside of a table
 */
export async function resolveFile<const C extends SettingsTable>(
  table: C,
  path: string,
): Promise<Pick<ResolvedSettings<C>, 'warnings'> & { readonly values: Partial<ValuesOf<C>> }> {
  const { values, warnings } = await resolveSettings(relaxed(table), { config: path }, {});
  // The same names, each read by the setting of that name; those that are required may be missing.
  return { values: values as Partial<ValuesOf<C>>, warnings };
}

/** The same settings, of which none has to be given. */
export function relaxed(table: SettingsTable): SettingsTable {
  return Object.fromEntries(Object.entries(table).map(([name, setting]) => [name, { ...setting, need: 'optional' }]));
}

/** `RINGBRIDGE_RING_SIZE` for `ring-size`, unless the setting names another. */
export function environmentName(
  name: string,
  setting: Pick<Setting<unknown>, 'environment'>,
  prefix = 'RINGBRIDGE_',
): string {
  return setting.environment ?? `${prefix}${name.toUpperCase().replaceAll('-', '_')}`;
}

interface Sources {
  readonly given: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile | undefined;
  readonly warn: (text: string) => void;
}

interface Found {
  readonly value: unknown;
  readonly written: unknown;
  readonly origin: Origin;
}

function writtenDefault({ shape, fallback, fallbackText }: Setting<unknown>): unknown {
  return shape === 'switch' || shape === 'whole-number' ? fallback : fallbackText;
}

function flagOf(name: string, setting: Setting<unknown>): Interfaces.FlagInput[string] {
  const notes = [`env: ${[environmentName(name, setting), setting.secretEnvironment].filter(Boolean).join(' or ')}`];
  if (setting.fallbackText !== undefined) notes.unshift(`default: ${setting.fallbackText}`);
  if (setting.need === 'required') notes.unshift('required');
  const description = `${setting.description} [${notes.join('; ')}]`;
  if (setting.shape === 'switch') return Flags.boolean({ description, allowNo: setting.fallback === true });
  const isMultiple = setting.shape === 'list' || setting.shape === 'rows';
  if (isMultiple) {
    return Flags.string({ description, helpValue: setting.helpValue, multiple: true, multipleNonGreedy: true });
  }
  return Flags.string({ description, helpValue: setting.helpValue });
}

async function fromFlag(name: string, setting: Setting<unknown>, sources: Sources): Promise<Found | undefined> {
  const raw = sources.given[name];
  if (raw === undefined) return undefined;
  const origin: Origin = { type: 'flag', where: `--${name}` };
  const value = await readRaw(raw, setting, origin, { baseDir: process.cwd(), warn: sources.warn });
  return { value, written: raw, origin };
}

async function fromEnvironment(name: string, setting: Setting<unknown>, sources: Sources): Promise<Found | undefined> {
  const secretName = setting.secretEnvironment;
  const secret = secretName === undefined ? undefined : sources.environment[secretName];
  if (secretName !== undefined && secret !== undefined && secret !== '') {
    return { value: secret, written: undefined, origin: { type: 'environment', where: secretName } };
  }
  const variable = environmentName(name, setting);
  const raw = sources.environment[variable];
  // An empty variable is how shells and unit files say "not set".
  if (raw === undefined || raw === '') return undefined;
  const origin: Origin = { type: 'environment', where: variable };
  const isSeveral = setting.shape === 'list' || setting.shape === 'rows';
  const texts = isSeveral ? raw.split(',').map((part) => part.trim()) : raw;
  const value = await readRaw(texts, setting, origin, { baseDir: process.cwd(), warn: sources.warn });
  return { value, written: texts, origin };
}

async function fromFile(name: string, setting: Setting<unknown>, sources: Sources): Promise<Found | undefined> {
  const file = sources.file;
  const raw = file?.values[name];
  if (file === undefined || raw === undefined) return undefined;
  const origin: Origin = { type: 'file', where: file.where(name) };
  const context: ReadContext = { baseDir: dirname(file.path), warn: sources.warn };
  if (setting.shape !== 'rows') return { value: await readRaw(raw, setting, origin, context), written: raw, origin };
  const elements = Array.isArray(raw) ? raw : [raw];
  const rows = elements.map((row, index) => {
    const where = (column?: string): Origin => ({ type: 'file', where: file.whereRow(name, index, column) });
    return readRow(row, setting, where(), context, where);
  });
  return { value: await Promise.all(rows), written: raw, origin };
}

/** Texts of flags and environment, or values of the file: each shape says what it takes. */
async function readRaw(
  raw: unknown,
  setting: Setting<unknown>,
  origin: Origin,
  context: ReadContext,
): Promise<unknown> {
  switch (setting.shape) {
    case 'switch':
      return typeof raw === 'boolean' ? raw : readText(raw, 'true or false', setting, origin, context);
    case 'whole-number':
      return readText(
        typeof raw === 'number' || typeof raw === 'bigint' ? String(raw) : raw,
        'a whole number',
        setting,
        origin,
        context,
      );
    case 'text':
      return readText(raw, 'a text in quotes', setting, origin, context);
    case 'list': {
      const elements = Array.isArray(raw) ? raw : [raw];
      const read = await Promise.all(
        elements.map((part) => readText(part, 'a text in quotes', setting, origin, context)),
      );
      return read.flat();
    }
    case 'rows': {
      const elements = Array.isArray(raw) ? raw : [raw];
      return Promise.all(elements.map((row) => readRow(row, setting, origin, context)));
    }
  }
}

async function readText(
  raw: unknown,
  expected: string,
  setting: Setting<unknown>,
  origin: Origin,
  context: ReadContext,
): Promise<unknown> {
  if (typeof raw !== 'string') throw badValue(origin, `Expected ${expected}, found ${describeValue(raw)}.`);
  return valueAt(origin, await setting.read(raw, context));
}

/** @param whereIs a column of it, where that is known better than the row */
async function readRow(
  raw: unknown,
  setting: Setting<unknown>,
  origin: Origin,
  context: ReadContext,
  whereIs: (column: string) => Origin = () => origin,
): Promise<object> {
  const columns = setting.columns ?? {};
  const cells = typeof raw === 'string' && setting.split !== undefined ? valueAt(origin, setting.split(raw)) : raw;
  if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) {
    throw badValue(origin, `Expected a table ([[…]]), found ${describeValue(cells)}.`);
  }
  for (const key of Object.keys(cells)) {
    if (!Object.hasOwn(columns, key)) throw unknownKey(key, Object.keys(columns), whereIs(key).where);
  }
  const row: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(columns)) {
    const cell: unknown = Object.entries(cells).find(([key]) => key === name)?.[1];
    if (cell !== undefined)
      row[name] = await readRaw(cell, column, { ...origin, where: `${whereIs(name).where}, ${name}` }, context);
    else if (column.need === 'required') {
      throw badValue(origin, `${name} is missing.`);
    } else row[name] = column.fallback;
  }
  return row;
}

function refuseUnknownKeys(table: SettingsTable, file: ConfigFile): void {
  for (const key of Object.keys(file.values)) {
    if (!Object.hasOwn(table, key)) throw unknownKey(key, Object.keys(table), file.where(key));
  }
}

function valueAt<T>(origin: Origin, result: Result<T>): T {
  if (result.ok) return result.value;
  throw badValue(origin, result.fault.message, result.fault.code);
}

function badValue(origin: Origin, message: string, code: ErrorCode = 'CONFIG_BAD_VALUE'): OperatorError {
  return new OperatorError({
    code,
    message: `${origin.where}: ${message}`,
    hint:
      origin.type === 'file'
        ? 'Correct the file and start again; nothing was started.'
        : 'Correct it and start again; `--help` shows what is allowed.',
  });
}

function unknownKey(key: string, known: readonly string[], where: string): OperatorError {
  const meant = nearest(key, known);
  return new OperatorError({
    code: 'CONFIG_UNKNOWN_KEY',
    message: `${where}: unknown key "${key}".`,
    hint: meant === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean "${meant}"? Nothing was started.`,
  });
}

function missing(name: string, setting: Setting<unknown>): OperatorError {
  const ways = [`--${name} ${setting.helpValue}`, environmentName(name, setting), setting.secretEnvironment].filter(
    (way) => way !== undefined,
  );
  return new OperatorError({
    code: 'CONFIG_MISSING',
    message: `Missing ${name}: ${setting.description}.`,
    hint: `Give ${ways.join(', or ')}, or ${name} in the file of --config.`,
  });
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return value instanceof Date ? 'a date' : 'a table';
  return typeof value === 'string' ? 'a text' : `${typeof value} ${String(value)}`;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
