/** Numbers of a status in words: sizes, rates, times and clocks. */
import type { DurationsView } from '../../core/base/recent-durations.ts';
import type { ClockSkew } from '../../core/link/link-story.ts';
import { formatDuration } from '../duration.ts';
import { isoTime } from '../ring/slot-detail.ts';

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 GiB`, `2.1 MiB`: three digits at most, rounded, not to be read back. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${sizeUnits[unit]}`;
}

/** `12 messages/s`, `0.3 messages/s`; `12/s` without a word for what it is. */
export function rateText(perSecond: number, what = ''): string {
  const shown = perSecond >= 10 ? Math.round(perSecond) : Number(perSecond.toFixed(1));
  return `${shown}${what === '' ? '' : ` ${what}`}/s`;
}

/** `2 messages`, `1 message` */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** `0.4 ms (median), 3 ms at worst` */
export function durationsText({ medianMs, worstMs }: DurationsView): string {
  return `${shortMs(medianMs)} (median), ${shortMs(worstMs)} at worst`;
}

/** Below ten milliseconds a tenth counts. */
export function shortMs(durationMs: number): string {
  return durationMs < 10 ? `${Number(durationMs.toFixed(1))} ms` : formatDuration(durationMs);
}

/** `3 ms ahead (± 1 ms)` of the other clock. */
export function skewText({ aheadMs, uncertainMs }: ClockSkew): string {
  const difference = `${formatDuration(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead'}`;
  return `${difference} (± ${formatDuration(uncertainMs)})`;
}

/** `since 14:03:07 (11 s)`; with the date where it is another day. */
export function sinceText(at: number, now: number): string {
  return `since ${clockText(at, now)} (${formatDuration(now - at)})`;
}

export function clockText(at: number, now: number): string {
  const [date, time = ''] = isoTime(at).split('T');
  const shown = time.slice(0, 8);
  return isoTime(now).startsWith(`${date}T`) ? shown : `${date} ${shown}`;
}
