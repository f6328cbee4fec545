/**
 * The twelve digits `yymmddhhmmss` of an SMSC: local time without zone. The offset of the zone is an argument, since no
 * packet carries it. The calendar is arithmetic on the proleptic Gregorian one, for lack of `Date` in the core. Source:
 * docs/reference/cimd2.md section 3.1.
 */
import { dayMs, hourMs, type Instant, instant, minuteMs, secondMs } from '../base/time.ts';

/** Minutes that local time is ahead of UTC, −1439 to 1439: `+08:00` is 480. */
export type ZoneOffsetMinutes = number;

/**
 * SPEC: section 3.1 has a two-digit year and no rule for it; 70–99 are read as 1970–1999, 00–69 as 2000–2069.
 *
 * @param digits as in the packet
 * @returns undefined for anything but twelve digits of a time that exists
 */
export function parseSmscTime(digits: string, offset: ZoneOffsetMinutes): Instant | undefined {
  if (!/^[0-9]{12}$/.test(digits)) return undefined;
  const [yy = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [0, 2, 4, 6, 8, 10].map((at) =>
    Number(digits.slice(at, at + 2)),
  );
  const year = yy < 70 ? 2000 + yy : 1900 + yy;
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const local = daysBefore(year, month, day) * dayMs + hour * hourMs + minute * minuteMs + second * secondMs;
  return instant(local - offset * minuteMs);
}

/** The local time of an instant, whole seconds, rounded down. Years outside 1970–2069 do not come back as themselves. */
export function formatSmscTime(at: Instant, offset: ZoneOffsetMinutes): string {
  const local = at + offset * minuteMs;
  const days = Math.floor(local / dayMs);
  const seconds = Math.floor((local - days * dayMs) / secondMs);
  const { year, month, day } = dateOf(days);
  const yy = ((year % 100) + 100) % 100;
  return [yy, month, day, Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}

/** `+08:00`, `-03:30` or `Z`. @returns undefined for anything else */
export function parseZoneOffset(text: string): ZoneOffsetMinutes | undefined {
  if (text === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const size = Number(hours) * 60 + Number(minutes);
  // Not −0, which is equal to 0 nowhere but in Object.is.
  return sign === '-' && size > 0 ? -size : size;
}

export function formatZoneOffset(offset: ZoneOffsetMinutes): string {
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}:${String(size % 60).padStart(2, '0')}`;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysOfMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (monthDays[month - 1] ?? 0);
}

/** Days from 1970-01-01 to that date. Years are counted from March, so the leap day is the last of its year. */
function daysBefore(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  // 153 days in each five months from March; 719468 days from 0000-03-01 to 1970-01-01.
  return marchYear * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 1 - 719_468;
}

/** The date that is so many days after 1970-01-01: the inverse of {@link daysBefore}, by 400-year eras. */
function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const sinceMarch0 = days + 719_468;
  const era = Math.floor(sinceMarch0 / 146_097);
  const dayOfEra = sinceMarch0 - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}
