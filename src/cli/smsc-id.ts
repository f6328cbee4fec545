/** The name of an SMSC, the same at its buffer and at the IM server: it stands in messages, addresses and file names. */
import { fail, ok, type Result } from '../core/base/result.ts';

/** 1–64 letters, digits, dots, dashes and underscores; else CONFIG_BAD_VALUE. */
export function parseSmscId(text: string): Result<string> {
  if (/^[\w.-]{1,64}$/.test(text)) return ok(text);
  const form = '1 to 64 letters, digits, dots, dashes and underscores, for example hel1';
  return fail('CONFIG_BAD_VALUE', `${JSON.stringify(text)} is no SMSC id: ${form}.`);
}
