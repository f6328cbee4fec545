/**
 * Log events of the core as lines on stderr: JSON by pino, or for reading on a terminal. Decides nothing about what is
 * told; masking is done where an event is made.
 */
import { pino } from 'pino';
import { OperatorError } from '../core/base/errors.ts';
import type { LogEvent, LogLevel } from '../core/base/log-event.ts';
import { EventCollapser } from './collapse.ts';

export interface Logger {
  readonly log: (event: LogEvent) => void;
  /** Tells what was only counted; before the process ends. */
  readonly flush: () => void;
}

export interface LoggerOptions {
  /** `buffer`, `im-server`, `smsc`: in every line. */
  readonly role: string;
  /** Default: the environment's RINGBRIDGE_LOG_LEVEL, else `info`. */
  readonly level?: LogLevel;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const levelVariable = 'RINGBRIDGE_LOG_LEVEL';
const stderr = 2;

/** @throws OperatorError `CONFIG_BAD_VALUE` for a level that does not exist */
export async function createLogger({ role, level = levelFromEnvironment() }: LoggerOptions): Promise<Logger> {
  const options = {
    level,
    base: { role },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const writer = pino(
    options,
    process.stderr.isTTY ? await prettyStream() : pino.destination({ dest: stderr, sync: true }),
  );
  const collapser = new EventCollapser(({ level: eventLevel, event, fields }) => writer[eventLevel](fields, event));
  return { log: (event) => collapser.take(event), flush: () => collapser.flush() };
}

function levelFromEnvironment(): LogLevel {
  const given = process.env[levelVariable];
  if (given === undefined || given === '') return 'info';
  const level = levels.find((name) => name === given);
  if (level !== undefined) return level;
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `${levelVariable} is "${given}", which is no log level.`,
    hint: `Set it to one of ${levels.join(', ')}.`,
  });
}

async function prettyStream(): Promise<NodeJS.WritableStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: stderr,
    sync: true,
    messageKey: 'event',
    ignore: 'role',
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
  });
}
