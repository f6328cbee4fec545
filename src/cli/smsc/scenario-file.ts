/**
 * A fault scenario as people write it (TOML), read into what the simulator takes. Every complaint names file and line,
 * what was meant where that can be guessed, and what may stand there. What the keys mean: docs/simulator.md.
 */
import { basename } from 'node:path';
import { type ErrorCode, OperatorError } from '../../core/base/errors.ts';
import {
  type Fault,
  type FaultAction,
  type FaultKind,
  type FaultMeasure,
  type FaultOption,
  faultKinds,
  greetings,
  noises,
  type Scenario,
} from '../../core/roles/smsc/scenario.ts';
import { parseDuration } from '../duration.ts';
import { readGivenFile } from '../given-file.ts';
import { nearest } from '../nearest.ts';
import { operationCodes, operationNames } from './scenario-operations.ts';

/** Written by hand; a larger one is the wrong file. */
const fileLimitBytes = 262_144;
const faultLimit = 100;
const countLimit = 1_000_000;
const durationLimitMs = 24 * 3_600_000;

const topKeys = ['description', 'fault'];
const measureKeys = ['nth', 'every', 'first', 'every-time', 'probability'] as const;
const optionKeys = ['delay', 'for', 'error', 'noise', 'greeting'] as const satisfies readonly FaultOption[];
const faultKeys = ['kind', 'operation', 'account', 'number', ...measureKeys, 'from', 'until', 'times', ...optionKeys];

/** @throws OperatorError `CONFIG_UNREADABLE`, `CONFIG_UNKNOWN_KEY`, `CONFIG_BAD_VALUE`, `CONFIG_MISSING`, exit status 2 */
export async function loadScenario(path: string): Promise<Scenario> {
  return parseScenario(path, await readText(path));
}

/** @param path for complaints, and for the name of the scenario */
export async function parseScenario(path: string, text: string): Promise<Scenario> {
  const { parse, TomlError } = await import('smol-toml');
  let table: Table;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${path}:${error.line}:${error.column}: ${error.message.split('\n', 1)[0]}`,
      hint: 'The file is no valid TOML there; texts need quotes, each fault begins with [[fault]].',
      cause: error,
    });
  }
  const place = (key: string): string => whereIs(path, text, key);
  for (const key of Object.keys(table)) if (!topKeys.includes(key)) throw unknownKey(place(key), key, topKeys);
  const { description = '', fault: faults } = table;
  if (typeof description !== 'string')
    throw bad(place('description'), 'description is no text.', 'Write it in quotes.');
  if (!Array.isArray(faults) || faults.length === 0)
    throw complaint('CONFIG_MISSING', path, 'The scenario has no fault.', 'Begin each one with [[fault]].');
  if (faults.length > faultLimit)
    throw bad(path, `${faults.length} faults are too many.`, `A scenario has at most ${faultLimit}.`);
  const read = faults.map((fault: unknown, index) =>
    // An element of an array of tables is a table, but one may write `fault = [1]`.
    new FaultReader(isTable(fault) ? fault : {}, (key) => whereInFault(path, text, index, key)).read(),
  );
  return { name: basename(path).replace(/\.toml$/, ''), description, faults: read };
}

type Table = Readonly<Record<string, unknown>>;

/** Reads one `[[fault]]`. */
class FaultReader {
  readonly #table: Table;
  readonly #where: (key: string) => string;

  constructor(table: Table, where: (key: string) => string) {
    this.#table = table;
    this.#where = where;
  }

  read(): Fault {
    for (const key of Object.keys(this.#table))
      if (!faultKeys.includes(key)) throw unknownKey(this.#where(key), key, faultKeys);
    const kind = this.#choice('kind', Object.keys(faultKinds)) as FaultKind | undefined;
    if (kind === undefined) {
      const hint = `Give one of ${Object.keys(faultKinds).join(', ')}.`;
      throw complaint('CONFIG_MISSING', this.#where('kind'), 'The fault has no kind.', hint);
    }
    const untilMs = this.#duration('until');
    const fromMs = this.#duration('from') ?? 0;
    if (untilMs !== undefined && untilMs <= fromMs)
      throw bad(this.#where('until'), 'until is not behind from.', 'Both are counted from the start.');
    return {
      action: this.#action(kind),
      operations: this.#operations(kind),
      account: this.#text('account'),
      number: this.#number(),
      measure: this.#measure(kind),
      fromMs,
      untilMs,
      times: this.#count('times'),
    };
  }

  #action(kind: FaultKind): FaultAction {
    const { options } = faultKinds[kind];
    for (const key of optionKeys) {
      if (this.#table[key] === undefined || options.some((option) => option === key)) continue;
      const owners = Object.entries(faultKinds).filter(([, row]) => row.options.some((option) => option === key));
      const hint = `It belongs to ${owners.map(([name]) => name).join(', ')}.`;
      throw bad(this.#where(key), `${key} says nothing to ${kind}.`, hint);
    }
    switch (kind) {
      case 'slow-answer':
        return { kind, delayMs: this.#needed(kind, 'delay', this.#duration('delay'), '"3s"') };
      case 'restart':
        return { kind, forMs: this.#needed(kind, 'for', this.#duration('for'), '"5s"') };
      case 'refuse':
        return { kind, errorCode: this.#needed(kind, 'error', this.#whole('error', 1, 999), '10') };
      case 'garbage':
        return { kind, noise: this.#needed(kind, 'noise', this.#choice('noise', noises), `"${noises[0]}"`) };
      case 'greeting': {
        const greeting = this.#needed(kind, 'greeting', this.#choice('greeting', greetings), `"${greetings[0]}"`);
        return { kind, greeting };
      }
      default:
        return { kind };
    }
  }

  #operations(kind: FaultKind): readonly number[] | undefined {
    const given = this.#table['operation'];
    if (given === undefined) return undefined;
    const where = this.#where('operation');
    const possible: readonly number[] = faultKinds[kind].operations;
    if (possible.length === 0) throw bad(where, `${kind} meets no packet.`, 'Leave operation out.');
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    return list.map((one) => {
      const codes = operationCodes(one);
      if (codes.length === 0) {
        const guess = typeof one === 'string' ? nearest(one, operationNames) : undefined;
        const meant = guess === undefined ? '' : ` Did you mean "${guess}"?`;
        const hint = `Give a name or a code: ${operationNames.join(', ')}, "03", "53".${meant}`;
        throw bad(where, `${JSON.stringify(one)} is no operation.`, hint);
      }
      const code = codes.find((candidate) => possible.includes(candidate));
      if (code !== undefined) return code;
      const hint = `${kind} acts on ${possible.map((each) => String(each).padStart(2, '0')).join(', ')}.`;
      throw bad(where, `${kind} cannot act on ${JSON.stringify(one)}.`, hint);
    });
  }

  #measure(kind: FaultKind): FaultMeasure {
    const given = measureKeys.filter((key) => this.#table[key] !== undefined);
    const [key, second] = given;
    if (second !== undefined)
      throw bad(this.#where(second), `${given.join(' and ')} do not go together.`, 'Give one of them.');
    if (key === undefined) {
      if (kind !== 'restart' || this.#table['times'] !== undefined) return { type: 'always' };
      const hint = 'Say when: every-time = "1m".';
      throw bad(this.#where('kind'), 'A restart at every packet leaves nothing to test.', hint);
    }
    switch (key) {
      case 'nth':
        return { type: key, nth: this.#count(key) ?? 1 };
      case 'every':
        return { type: key, every: this.#count(key) ?? 1 };
      case 'first':
        return { type: key, first: this.#count(key) ?? 1 };
      case 'every-time': {
        const everyMs = this.#duration(key) ?? 0;
        if (everyMs >= 100) return { type: key, everyMs };
        throw bad(this.#where(key), 'every-time is too short.', 'It is 100ms at least.');
      }
      case 'probability': {
        const probability = this.#table[key];
        if (typeof probability === 'number' && probability > 0 && probability <= 1) return { type: key, probability };
        throw bad(
          this.#where(key),
          'probability is out of range.',
          'It is more than 0 and at most 1: 0.05 is one in 20.',
        );
      }
    }
  }

  #needed<T>(kind: FaultKind, key: FaultOption, value: T | undefined, example: string): T {
    if (value !== undefined) return value;
    throw complaint('CONFIG_MISSING', this.#where('kind'), `${kind} needs ${key}.`, `Write ${key} = ${example}.`);
  }

  #text(key: string): string | undefined {
    const value = this.#table[key];
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw bad(this.#where(key), `${key} is no text.`, 'Write it in quotes.');
  }

  #number(): string | undefined {
    const value = this.#text('number');
    if (value === undefined || /^\+?\d{1,20}\*?$/.test(value)) return value;
    const hint = 'Write digits, + in front if need be, and * at the end for any more: "+63917*".';
    throw bad(this.#where('number'), `"${value}" is no number.`, hint);
  }

  #choice<W extends string>(key: string, words: readonly W[]): W | undefined {
    const value = this.#text(key);
    const word = words.find((one) => one === value);
    if (value === undefined || word !== undefined) return word;
    const guess = nearest(value, words);
    const meant = guess === undefined ? '' : ` Did you mean "${guess}"?`;
    throw bad(this.#where(key), `"${value}" is no ${key}.${meant}`, `Give one of ${words.join(', ')}.`);
  }

  #duration(key: string): number | undefined {
    const value = this.#table[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'string')
      throw bad(this.#where(key), `${key} is no duration.`, 'Write it in quotes and with its unit: "30s".');
    const ms = parseDuration(value);
    if (!ms.ok) throw bad(this.#where(key), `${key}: ${ms.fault.message}`, 'Units are ms, s, m and h.');
    if (ms.value <= durationLimitMs) return ms.value;
    throw bad(this.#where(key), `${key} is too long.`, 'It is 24h at most.');
  }

  #count(key: string): number | undefined {
    return this.#whole(key, 1, countLimit);
  }

  #whole(key: string, min: number, max: number): number | undefined {
    const value = this.#table[key];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw bad(
      this.#where(key),
      `${key} is out of range.`,
      `It is a whole number from ${min} to ${max}, without quotes.`,
    );
  }
}

async function readText(path: string): Promise<string> {
  const hint = 'Check the path, or give the name of a scenario that ships: `ringbridge smsc start --scenario list`.';
  const bytes = await readGivenFile({ path, name: `The scenario ${path}`, limitBytes: fileLimitBytes, hint });
  return new TextDecoder().decode(bytes);
}

/** `file:7`; the file alone where the line is not known. */
function whereIs(path: string, text: string, key: string): string {
  return placeOf(path, text.split(/\r?\n/), 0, key);
}

/** The key of the so many-th `[[fault]]`, counted from 0; without that key the fault's own line. */
function whereInFault(path: string, text: string, index: number, key: string): string {
  const rows = text.split(/\r?\n/);
  const starts = rows.flatMap((row, line) => (/^\s*\[\[\s*["']?fault["']?\s*\]\]/.test(row) ? [line] : []));
  const start = starts[index];
  if (start === undefined) return path;
  const place = placeOf(path, rows.slice(0, starts[index + 1]), start + 1, key);
  return place === path ? `${path}:${start + 1}` : place;
}

function placeOf(path: string, rows: readonly string[], from: number, key: string): string {
  const line = rows.findIndex((row, index) => index >= from && keyOf(row) === key);
  return line === -1 ? path : `${path}:${line + 1}`;
}

function keyOf(row: string): string | undefined {
  return /^\s*\[{0,2}\s*["']?([A-Za-z0-9_-]+)["']?\s*[=\].]/.exec(row)?.[1];
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(where: string, key: string, known: readonly string[]): OperatorError {
  const guess = nearest(key, known);
  const hint = guess === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${guess}?`;
  return complaint('CONFIG_UNKNOWN_KEY', where, `There is no key ${key} in a scenario.`, hint);
}

function bad(where: string, what: string, hint: string): OperatorError {
  return complaint('CONFIG_BAD_VALUE', where, what, hint);
}

function complaint(code: ErrorCode, where: string, what: string, hint: string): OperatorError {
  return new OperatorError({ code, message: `${where}: ${what}`, hint });
}
