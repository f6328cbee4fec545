/** Moments as people give them to commands that look back, and as those show them. */
import { OperatorError } from '../../core/base/errors.ts';
import { dayMs } from '../../core/base/time.ts';

/**
 * `14:03:07` or `14:03:07.250`, in the zone of this machine and not later than `now`; or ISO 8601 with an offset.
 *
 * @param flag whose value it is, for the message: `--at`
 * @returns milliseconds since 1970
 * @throws OperatorError USAGE_BAD_VALUE
 */
export function parseMoment(text: string, flag: string, now: number): number {
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(text.trim());
  if (clock !== null) {
    const [, hour, minute, second = '0', part = '0'] = clock;
    const at = new Date(now).setHours(Number(hour), Number(minute), Number(second), Number(part.padEnd(3, '0')));
    if (Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60) return at > now ? at - dayMs : at;
  }
  const at = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `${flag}: "${text}" is no time.`,
    hint: 'Write it like 14:03:07 (today or yesterday, in the zone of this machine), or 2026-11-22T14:03:07+02:00.',
  });
}

/** `14:03:07.250`, in the zone of this machine. */
export function clockText(at: number): string {
  const moment = new Date(at);
  const [hours, minutes, seconds] = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(moment.getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-11-22T14:03:07.250Z` */
export function isoText(at: number): string {
  return new Date(at).toISOString();
}
