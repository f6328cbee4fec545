/** A config file (TOML) as plain values that know their line. smol-toml is loaded only when there is a file. */
import { resolve } from 'node:path';
import { OperatorError } from '../core/base/errors.ts';
import { readGivenFile } from './given-file.ts';

/** A config file is written by hand; a larger one is the wrong file. */
const maxConfigBytes = 1_048_576;

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** Top-level keys. */
  readonly values: Readonly<Record<string, unknown>>;
  /** `bridge.toml:7` for a top-level key or table; the file alone where the line is not known. */
  where(key: string): string;
  /** The same for the nth table `[[key]]`, from 0, or for a key in it. */
  whereRow(key: string, row: number, column?: string): string;
}

/** @throws OperatorError CONFIG_UNREADABLE, with line and column where the file is no TOML */
export async function loadConfigFile(path: string): Promise<ConfigFile> {
  const text = await readConfig(path);
  const { parse, TomlError } = await import('smol-toml');
  try {
    return {
      path: resolve(path),
      values: parse(text),
      where: (key) => whereIs(path, text, key),
      whereRow: (key, row, column) => whereIsRow(path, text, key, row, column),
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${path}:${error.line}:${error.column}: ${firstLine(error.message)}`,
      hint: 'The file is no valid TOML there; texts need quotes, tables look like [[buffer]].',
      cause: error,
    });
  }
}

async function readConfig(path: string): Promise<string> {
  const hint =
    'Check the path given with --config or RINGBRIDGE_CONFIG, and the rights of the user that runs ringbridge.';
  const bytes = await readGivenFile({ path, name: `The config file ${path}`, limitBytes: maxConfigBytes, hint });
  return new TextDecoder().decode(bytes);
}

function whereIs(path: string, text: string, key: string): string {
  const quoted = quote(key);
  const line = text
    .split(/\r?\n/)
    .findIndex((row) => new RegExp(`^\\s*(\\[{0,2}\\s*)?["']?${quoted}["']?\\s*[=\\].]`).test(row));
  return line < 0 ? path : `${path}:${line + 1}`;
}

/** Rows that are written as a list on one line are found by their key alone. */
function whereIsRow(path: string, text: string, key: string, row: number, column: string | undefined): string {
  const lines = text.split(/\r?\n/);
  const header = new RegExp(`^\\s*\\[{1,2}\\s*["']?${quote(key)}["']?\\s*\\]`);
  const first = lines.flatMap((line, index) => (header.test(line) ? [index] : []))[row];
  if (first === undefined) return whereIs(path, text, key);
  if (column === undefined) return `${path}:${first + 1}`;
  const named = new RegExp(`^\\s*["']?${quote(column)}["']?\\s*=`);
  for (let index = first + 1; index < lines.length && !/^\s*\[/.test(lines[index] ?? ''); index += 1) {
    if (named.test(lines[index] ?? '')) return `${path}:${index + 1}`;
  }
  return `${path}:${first + 1}`;
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
