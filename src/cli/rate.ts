/** Rates as people write them: `5/s`, `100/min`; of bits: `64kbit/s`. */
import { fail, ok, type Result } from '../core/base/result.ts';

const unitSeconds: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3600 };

/** @returns events per second, more than 0 and at most 100,000 */
export function parseRate(text: string): Result<number> {
  const match = /^(\d+(?:\.\d+)?)\/(s|sec|m|min|h)$/.exec(text.trim().toLowerCase().replaceAll(' ', ''));
  const perSecond = Number(match?.[1]) / (unitSeconds[match?.[2] ?? ''] ?? 1);
  if (match === null) return fail('CONFIG_BAD_VALUE', `"${text}" is no rate; write it like 5/s or 100/min.`);
  if (perSecond <= 0 || perSecond > 100_000) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is out of range; rates go from more than 0 to 100000/s.`);
  }
  return ok(perSecond);
}

/** `5/s`, or per minute or hour where that is the whole number. */
export function formatRate(perSecond: number): string {
  if (Number.isInteger(perSecond)) return `${perSecond}/s`;
  if (Number.isInteger(Math.round(perSecond * 6e6) / 1e5)) return `${Math.round(perSecond * 60)}/min`;
  return `${Number(perSecond.toFixed(3))}/s`;
}

const bitUnits: readonly (readonly [name: string, bits: number])[] = [
  ['Gbit/s', 1e9],
  ['Mbit/s', 1e6],
  ['kbit/s', 1e3],
  ['bit/s', 1],
];

/** @returns bits per second, 100 to 10 Gbit/s; k is 1000 */
export function parseBandwidth(text: string): Result<number> {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+\/s)$/i.exec(text.trim());
  const unit = bitUnits.find(([name]) => name.toLowerCase() === match?.[2]?.toLowerCase());
  if (match === null || unit === undefined) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no bandwidth; write it like 64kbit/s or 2Mbit/s.`);
  }
  const bitsPerSecond = Math.round(Number(match[1]) * unit[1]);
  return bitsPerSecond >= 100 && bitsPerSecond <= 1e10
    ? ok(bitsPerSecond)
    : fail('CONFIG_BAD_VALUE', `"${text}" is out of range; bandwidths go from 100bit/s to 10Gbit/s.`);
}

/** The largest unit that gives a whole number, so that {@link parseBandwidth} reads it back. */
export function formatBandwidth(bitsPerSecond: number): string {
  const [name, bits] = bitUnits.find(([, unit]) => bitsPerSecond >= unit && bitsPerSecond % unit === 0) ?? ['bit/s', 1];
  return `${bitsPerSecond / bits}${name}`;
}
