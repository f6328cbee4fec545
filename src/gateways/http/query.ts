/** Parameters of a query, parsed strictly: a value that cannot be meant so is refused with the name of its parameter. */
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type Instant, instant } from '../../core/base/time.ts';

/** @returns IM_BAD_REQUEST for a name that the operation does not know, or one that comes twice */
export function checkNames(query: URLSearchParams, known: readonly string[]): Result<undefined> {
  for (const name of new Set(query.keys())) {
    if (!known.includes(name)) {
      const list = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
      return fail('IM_BAD_REQUEST', `The query holds a parameter that is not known here; ${list}.`);
    }
    if (query.getAll(name).length > 1) return fail('IM_BAD_REQUEST', `The parameter ${name} comes twice.`);
  }
  return ok(undefined);
}

export function integerOf(
  query: URLSearchParams,
  name: string,
  range: { readonly min: number; readonly max: number },
): Result<number | undefined> {
  const value = query.get(name);
  if (value === null) return ok(undefined);
  const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= range.min && number <= range.max) return ok(number);
  return fail('IM_BAD_REQUEST', `The parameter ${name} is a whole number from ${range.min} to ${range.max}.`);
}

/** ISO 8601 with offset or Z, as `at` of a message. */
export function timeOf(query: URLSearchParams, name: string): Result<Instant | undefined> {
  const value = query.get(name);
  if (value === null) return ok(undefined);
  const isIso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const at = isIso ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(at)) return ok(instant(at));
  return fail('IM_BAD_REQUEST', `The parameter ${name} is a time like 2026-11-22T12:00:00Z; a + is written %2B.`);
}

export function oneOf<T extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly T[],
): Result<T | undefined> {
  const value = query.get(name);
  if (value === null) return ok(undefined);
  const word = words.find((known) => known === value);
  return word === undefined ? fail('IM_BAD_REQUEST', `The parameter ${name} is ${words.join(' or ')}.`) : ok(word);
}
