/**
 * What a machine wants written to the log: a stable name and fields. Never message text, passwords or whole phone
 * numbers; addresses go through {@link maskAddress}.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEvent {
  readonly type: 'log';
  readonly level: LogLevel;
  /** `room.what-happened`, for example `session.timeout`; stable between versions. */
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

export function logEvent(level: LogLevel, event: string, fields: LogEvent['fields'] = {}): LogEvent {
  return { type: 'log', level, event, fields };
}

/** `+358401234567` becomes `+3584…67`; anything of six characters or fewer keeps only its first. */
export function maskAddress(address: string): string {
  if (address.length <= 6) return address.length === 0 ? '' : `${address.slice(0, 1)}…`;
  return `${address.slice(0, 5)}…${address.slice(-2)}`;
}
