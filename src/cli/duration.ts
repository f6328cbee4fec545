/** Durations as people write them: always with a unit, because `30` has sent people looking for minutes. */
import { fail, ok, type Result } from '../core/base/result.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../core/base/time.ts';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: secondMs, m: minuteMs, h: hourMs, d: dayMs };

/**
 * `200ms`, `30s`, `5m`, `48h`, `2d`, `1h30m`, `0.5s`; a bare `0` needs no unit.
 *
 * @returns milliseconds, whole and not negative
 */
export function parseDuration(text: string): Result<number> {
  const compact = text.trim().toLowerCase().replaceAll(' ', '');
  if (compact === '0') return ok(0);
  if (/^\d+(\.\d+)?$/.test(compact)) {
    return fail('CONFIG_BAD_VALUE', `"${text}" has no unit; write ${compact}s for seconds or ${compact}ms.`);
  }
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(compact)) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no duration; write it like 200ms, 30s, 5m, 48h or 2d.`);
  }
  let totalMs = 0;
  for (const [, amount = '', , unit = ''] of compact.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * (unitsMs[unit] ?? 0);
  }
  return ok(Math.round(totalMs));
}

/** For people, two units at most: `38 ms`, `2.4 s`, `61 s`, `1 h 52 min`, `3 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs));
  if (ms < secondMs) return `${ms} ms`;
  if (ms < 10 * secondMs) return `${(ms / secondMs).toFixed(1)} s`;
  if (ms < 2 * minuteMs) return `${Math.round(ms / secondMs)} s`;
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  const minutes = Math.round(ms / minuteMs);
  if (ms < dayMs) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(ms / hourMs);
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** The shortest text that {@link parseDuration} reads back: for defaults in help. */
export function durationText(durationMs: number): string {
  if (durationMs === 0) return '0';
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitMs = unitsMs[unit] ?? 1;
    // 48h reads better than 2d and 90s better than 1.5m: only whole units, and days only from three on.
    if (durationMs % unitMs === 0 && (unit !== 'd' || durationMs >= 3 * dayMs)) return `${durationMs / unitMs}${unit}`;
  }
  return `${durationMs}ms`;
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
