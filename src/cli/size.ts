/** Sizes as people write them: always with a unit; powers of 1024, as their names say. */
import { fail, ok, type Result } from '../core/base/result.ts';

const units: readonly (readonly [name: string, bytes: number])[] = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
  ['B', 1],
];

/** @returns whole bytes */
export function parseSize(text: string): Result<number> {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim());
  if (text.trim() === '0') return ok(0);
  const unit = units.find(([name]) => name.toLowerCase() === match?.[2]?.toLowerCase());
  if (match === null || unit === undefined) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no size; write it with a unit, like 64KiB, 16MiB or 2GiB.`);
  }
  return ok(Math.round(Number(match[1]) * unit[1]));
}

/** The largest unit that gives a whole number, so that {@link parseSize} reads it back. */
export function formatSize(sizeBytes: number): string {
  const [name, bytes] = units.find(([, unitBytes]) => sizeBytes >= unitBytes && sizeBytes % unitBytes === 0) ?? [
    'B',
    1,
  ];
  return `${sizeBytes / bytes}${name}`;
}
