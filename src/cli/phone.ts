/**
 * Phone numbers at the border: spaces, hyphens, dots and brackets of people are taken out, anything else is refused
 * here and not by the SMSC. SPEC: docs/reference/cimd2.md section 3.1, type Address.
 */
import { fail, ok, type Result } from '../core/base/result.ts';

/**
 * International (`+` and 7–15 digits, ITU-T E.164), or national, short and service numbers of 1–20 digits.
 *
 * @returns digits with at most one leading `+`
 */
export function parsePhone(text: string): Result<string> {
  const compact = text.replace(/[\s\-.()\u00a0\u2010\u2011]/g, '');
  const offending = /[^0-9+]/.exec(compact)?.[0];
  if (compact === '') return fail('CONFIG_BAD_VALUE', 'The phone number is empty.');
  if (offending !== undefined) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no phone number: "${offending}" does not belong in one.`);
  }
  if (compact.lastIndexOf('+') > 0) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no phone number: + may only stand in front.`);
  }
  if (compact.startsWith('+')) return parseInternational(text, compact);
  if (compact.length > 20) return fail('CONFIG_BAD_VALUE', `"${text}" is too long: 20 digits at most.`);
  return ok(compact);
}

function parseInternational(text: string, compact: string): Result<string> {
  const digitCount = compact.length - 1;
  if (compact[1] === '0') {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no phone number: no country code begins with 0.`);
  }
  if (digitCount < 7 || digitCount > 15) {
    return fail('CONFIG_BAD_VALUE', `"${text}" has ${digitCount} digits; after + there are 7 to 15.`);
  }
  return ok(compact);
}
