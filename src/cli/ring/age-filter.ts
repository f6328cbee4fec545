/** `--age '>30s'`: slots that have not moved for longer, or that moved later, than so long ago. */
import { fail, ok, type Result } from '../../core/base/result.ts';
import { parseDuration } from '../duration.ts';

/** The moments between which a slot moved last; milliseconds since 1970, undefined where it does not matter. */
export interface AgeFilter {
  readonly movedBefore?: number;
  readonly movedAfter?: number;
}

/** @param text `>30s`, `<5m`; `30s` alone is `>30s` */
export function parseAge(text: string, now: number): Result<AgeFilter> {
  const [, sign = '', rest = ''] = /^\s*([<>]?)=?(.*)$/s.exec(text) ?? [];
  const duration = parseDuration(rest);
  if (!duration.ok)
    return fail('USAGE_BAD_VALUE', `--age: "${text}" is no age; write it like '>30s' or '<5m', in quotes.`);
  const at = now - duration.value;
  return ok(sign === '<' ? { movedAfter: at } : { movedBefore: at });
}

/** @param movedAt undefined where it is not known, or the slot is free: then it has no age */
export function isOfAge(movedAt: number | undefined, { movedBefore, movedAfter }: AgeFilter): boolean {
  if (movedBefore === undefined && movedAfter === undefined) return true;
  if (movedAt === undefined) return false;
  return (movedBefore === undefined || movedAt < movedBefore) && (movedAfter === undefined || movedAt > movedAfter);
}
