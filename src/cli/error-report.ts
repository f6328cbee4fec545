/**
 * Turns whatever was thrown into what the user is told: a code, a message, a remedy and an exit status. The three
 * families of STYLE section 4 end here: operator's errors keep theirs, oclif's parse errors become usage errors, all
 * else is a bug of ours and says so.
 */
import { type ErrorCode, OperatorError } from '../core/base/errors.ts';
import { exitStatus } from './exit-status.ts';
import { nearest } from './nearest.ts';

export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly exitStatus: number;
  /** Only for bugs: where it happened. */
  readonly stack?: string;
}

export interface ErrorContext {
  /** As typed: `ringbridge cimd2 send`. */
  readonly command: string;
  /** Long names of the command's flags, without dashes. */
  readonly flagNames: readonly string[];
}

/** The line of `--json`. SPEC: CLI.md, conventions. */
export function errorDocument(report: ErrorReport): object {
  const { code, message, hint, retryable } = report;
  return { schema: 'error/1', error: { code, message, hint, retryable } };
}

export function describeError(thrown: unknown, context: ErrorContext): ErrorReport {
  const error = asError(thrown);
  if (isOperatorError(error)) return describeOperatorError(error);
  if (error.name === 'ExitPromptError' || error.name === 'AbortPromptError') {
    return usage('USAGE_INTERRUPTED', 'Interrupted at a question; nothing was done.', 'Run it again when ready.', {
      exitStatus: exitStatus.interrupted,
    });
  }
  return describeParseError(error, context) ?? describeBug(error);
}

function describeOperatorError(error: OperatorError): ErrorReport {
  return {
    code: error.code,
    message: withoutParserNoise(error.message),
    hint: error.hint,
    retryable: error.retryable,
    exitStatus: error.exitStatus,
  };
}

/** oclif's errors carry what went wrong as fields; their texts lack the remedy. */
function describeParseError(error: ErrorWithFields, context: ErrorContext): ErrorReport | undefined {
  const help = `See \`${context.command} --help\`.`;
  if (Array.isArray(error.flags) && error.message.startsWith('Nonexistent flag')) {
    return unknownFlags(error.flags.map(String), context);
  }
  if (Array.isArray(error.args) && error.message.startsWith('Unexpected argument')) {
    const unexpected = error.args.map(String);
    const flags = unexpected.filter((argument) => argument.startsWith('--'));
    if (flags.length > 0) return unknownFlags(flags, context);
    return usage(
      'USAGE_UNEXPECTED_ARGUMENT',
      `Unexpected argument ${unexpected.map((argument) => JSON.stringify(argument)).join(', ')}.`,
      `A text with spaces needs quotes. ${help}`,
    );
  }
  if (Array.isArray(error.args) && error.message.startsWith('Missing ')) {
    const names = error.args.map((arg: { name?: unknown }) => String(arg.name).toUpperCase());
    return usage('USAGE_MISSING_VALUE', `Missing ${names.join(' and ')}.`, help);
  }
  if (error.oclif === undefined && !isValueComplaint(error.message)) return undefined;
  const required = /Missing required flag (\S+)/.exec(error.message);
  if (required?.[1] !== undefined) {
    return usage('USAGE_MISSING_VALUE', `Missing --${required[1].replace(/^--/, '')}.`, help);
  }
  return usage('USAGE_BAD_VALUE', withoutParserNoise(error.message), help);
}

/** What oclif's own types of flags and arguments throw is a plain error; only its text tells it from a bug. */
function isValueComplaint(message: string): boolean {
  return /^(Parsing --\S+ \n\t)?Expected (an integer|a valid url|one of)/.test(message);
}

function unknownFlags(typed: readonly string[], context: ErrorContext): ErrorReport {
  const names = typed.map((flag) => flag.split('=')[0] ?? flag);
  const meant = nearest((names[0] ?? '').replace(/^-+/, ''), context.flagNames);
  return usage(
    'USAGE_UNKNOWN_FLAG',
    `Unknown ${names.length === 1 ? 'flag' : 'flags'} ${names.join(', ')}.`,
    meant === undefined
      ? `See \`${context.command} --help\`.`
      : `Did you mean --${meant}? See \`${context.command} --help\`.`,
  );
}

function describeBug(error: Error): ErrorReport {
  return {
    code: 'BUG',
    message: `${error.name}: ${error.message}`,
    hint: 'This is a bug in ringbridge. Please report it with the lines above and what you did; nothing on disk was given up.',
    retryable: false,
    exitStatus: exitStatus.bug,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

function usage(code: ErrorCode, message: string, hint: string, options: { exitStatus?: number } = {}): ErrorReport {
  return { code, message, hint, retryable: false, exitStatus: options.exitStatus ?? exitStatus.usage };
}

/** The parser wraps what a flag's own parser said; the user needs only that. */
function withoutParserNoise(message: string): string {
  const inner = message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\n\s*/, '');
  const wrapped = /^Parsing (--\S+) \n\t([\s\S]*)$/.exec(inner);
  if (wrapped === null) return inner;
  const [, flag = '', text = ''] = wrapped;
  return text.includes(flag) ? text : `${flag}: ${text}`;
}

interface ErrorWithFields extends Error {
  readonly flags?: unknown;
  readonly args?: unknown;
  readonly oclif?: unknown;
}

function asError(thrown: unknown): ErrorWithFields {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function isOperatorError(error: Error): error is OperatorError {
  return error instanceof OperatorError;
}
