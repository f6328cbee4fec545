/**
 * Scripts of `cimd2 shell`: read and checked whole before anything is sent, carried out line by line, stopped by the first
 * line that fails. What `source` names inside a script is part of it.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { OperatorError } from '../../../core/base/errors.ts';
import { checkLine } from './parse.ts';
import type { LineOutcome, Shell } from './shell.ts';
import { checkFailed } from './shell-errors.ts';
import { gotWords } from './shell-lines.ts';

export const scriptLimits = { sizeBytes: 1024 * 1024, lines: 10_000, depth: 8 } as const;

export interface ScriptLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly typed: string;
}

/** `login`: the script logs in, or connects, itself. */
export interface Script {
  readonly lines: readonly ScriptLine[];
  readonly begins: 'logged-in' | 'unbound';
}

/** @throws OperatorError CONFIG_UNREADABLE, USAGE_BAD_VALUE with the line: nothing was sent */
export async function loadScript(file: string, text: string): Promise<Script> {
  const lines = await expand(file, text, 1);
  if (lines.length > scriptLimits.lines) throw bad(file, undefined, `more than ${scriptLimits.lines} lines`);
  if (lines.length === 0) throw bad(file, undefined, 'there is no command in it');
  const first = lines[0]?.typed.trim().split(/\s/)[0];
  return { lines, begins: first === 'login' || first === 'connect' ? 'unbound' : 'logged-in' };
}

/** @throws OperatorError CONFIG_UNREADABLE, USAGE_BAD_VALUE */
export async function readScriptFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > scriptLimits.sizeBytes) throw bad(file, undefined, `more than ${scriptLimits.sizeBytes} bytes`);
    return decodeScript(file, await readFile(file));
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `The script ${file} cannot be read (${reason}). Nothing was sent.`,
      hint: 'Check the path and the rights of the user that runs ringbridge.',
      cause,
    });
  }
}

/** All of stdin. @throws OperatorError USAGE_BAD_VALUE */
export async function readScriptInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > scriptLimits.sizeBytes)
      throw bad(stdinName, undefined, `more than ${scriptLimits.sizeBytes} bytes`);
    chunks.push(bytes);
  }
  return decodeScript(stdinName, Buffer.concat(chunks));
}

export const stdinName = 'stdin';

export interface ScriptEvents {
  readonly begins: (line: ScriptLine) => void;
  readonly ended: (line: ScriptLine, outcome: LineOutcome) => Promise<void>;
}

export interface ScriptResult {
  /** Carried out. */
  readonly lines: number;
  readonly expectations: number;
  readonly failures: number;
  /** Of the first failure. */
  readonly error: OperatorError | undefined;
}

export interface ScriptOptions {
  readonly shell: Pick<Shell, 'run'>;
  readonly afterFailure: 'stop' | 'go-on';
  readonly signal: AbortSignal;
  readonly on: ScriptEvents;
}

export async function runScript({ lines }: Script, options: ScriptOptions): Promise<ScriptResult> {
  const { shell, afterFailure, signal, on } = options;
  let result: ScriptResult = { lines: 0, expectations: 0, failures: 0, error: undefined };
  for (const line of lines) {
    on.begins(line);
    const outcome = await shell.run(line.typed, signal);
    await on.ended(line, outcome);
    const error = failureOf(line, outcome);
    const isExpectation = outcome.type === 'met' || outcome.type === 'unmet';
    result = {
      lines: result.lines + 1,
      expectations: result.expectations + (isExpectation ? 1 : 0),
      failures: result.failures + (error === undefined ? 0 : 1),
      error: result.error ?? error,
    };
    const isQuit = outcome.type === 'owners' && outcome.command.type === 'quit';
    if (isQuit || signal.aborted || (error !== undefined && afterFailure === 'stop')) break;
  }
  return result;
}

function failureOf(line: ScriptLine, outcome: LineOutcome): OperatorError | undefined {
  if (outcome.type === 'unmet') {
    return checkFailed(
      `${place(line)}: expected ${outcome.expected}; got ${gotWords(outcome.got).join('; ')}.`,
      'Read what came; --keep-going carries out the rest all the same.',
    );
  }
  if (outcome.type !== 'failed') return undefined;
  const { code, message, hint, exitStatus, retryable } = outcome.error;
  return new OperatorError({ code, message: `${place(line)}: ${message}`, hint, exitStatus, retryable });
}

async function expand(file: string, text: string, depth: number): Promise<readonly ScriptLine[]> {
  const lines: ScriptLine[] = [];
  for (const [index, typed] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const command = checkLine(typed);
    if (!command.ok) throw bad(file, line, command.fault.message);
    if (command.value.type === 'nothing') continue;
    if (command.value.type !== 'source') {
      lines.push({ file, line, typed: typed.trim() });
      continue;
    }
    if (depth >= scriptLimits.depth) throw bad(file, line, `scripts name each other ${scriptLimits.depth} deep`);
    const inner = beside(file, command.value.file);
    lines.push(...(await expand(inner, await readScriptFile(inner), depth + 1)));
    if (lines.length > scriptLimits.lines) throw bad(file, line, `more than ${scriptLimits.lines} lines`);
  }
  return lines;
}

function beside(file: string, named: string): string {
  return isAbsolute(named) || file === stdinName ? named : join(dirname(file), named);
}

function decodeScript(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw bad(file, undefined, 'it is not UTF-8');
  }
}

function place({ file, line }: Pick<ScriptLine, 'file' | 'line'>): string {
  return `Line ${line} of ${file}`;
}

function bad(file: string, line: number | undefined, why: string): OperatorError {
  const where = line === undefined ? `The script ${file}` : place({ file, line });
  const stop = /[.?]$/.test(why) ? '' : '.';
  return new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `${where}: ${why}${stop} Nothing was sent.`,
    hint: 'docs/cimd2-shell.md has all commands; so has help in `cimd2 shell`.',
  });
}
