/** The outcome of parsing something foreign: a value, or the fault that says what is wrong with it. */
import type { Fault } from './errors.ts';

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail<T = never>(code: Fault['code'], message: string): Result<T> {
  return { ok: false, fault: { code, message } };
}
