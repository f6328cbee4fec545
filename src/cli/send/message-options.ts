/**
 * What a sender may choose of a message, as `cimd2 send` takes it from flags and from the lines of a batch. How it
 * becomes parameters is `compose.ts`; what an account may choose is the SMSC's affair.
 */
import { fromHex } from '../../core/base/bytes.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type Instant, instant } from '../../core/base/time.ts';
import type { MessageClass } from '../../core/codec/data-coding.ts';
import type { NationalLanguages } from '../../core/codec/national-language.ts';
import { longestRelativeMs } from '../../core/codec/relative-time.ts';
import { parseSmscTime } from '../../core/codec/smsc-time.ts';
import { parseDuration } from '../duration.ts';

export const codings = ['auto', 'gsm7', 'ucs2', 'binary'] as const;

export interface MessageOptions {
  /** Digits appended to the account's number, or a whole number; undefined for the account's own. */
  readonly from: string | undefined;
  /** 027 instead of `from`. */
  readonly alphanumeric: string | undefined;
  /** With `binary` the text is hex. */
  readonly coding: (typeof codings)[number];
  readonly national: NationalLanguages;
  /** User data header, complete with its length octet; empty for none. */
  readonly header: Uint8Array;
  readonly messageClass: MessageClass | undefined;
  /** 030 as it is, 0–255; decides the coding where that is `auto`. */
  readonly dataCoding: number | undefined;
  readonly validity: TimeChoice | undefined;
  readonly firstDelivery: TimeChoice | undefined;
  /** 056, 0–127; undefined leaves it to the account. */
  readonly reportBits: number | undefined;
  /** 067, 1–9. */
  readonly priority: number | undefined;
  readonly replyPath: 'ask' | 'none';
  /** 052, 0–255. */
  readonly protocolId: number | undefined;
  /** 058: whether a cancel may end it; undefined leaves it to the SMSC, which lets it. */
  readonly cancel: 'allow' | 'forbid' | undefined;
  /** 064, 0–99. */
  readonly tariffClass: number | undefined;
  /** 065, 0–99. */
  readonly serviceDescription: number | undefined;
}

export const plainMessage: MessageOptions = {
  from: undefined,
  alphanumeric: undefined,
  coding: 'auto',
  national: 'off',
  header: new Uint8Array(),
  messageClass: undefined,
  dataCoding: undefined,
  validity: undefined,
  firstDelivery: undefined,
  reportBits: undefined,
  priority: undefined,
  replyPath: 'none',
  protocolId: undefined,
  cancel: undefined,
  tariffClass: undefined,
  serviceDescription: undefined,
};

/** A point in time as a sender names it. SPEC: reference sections 3.1 and 3.4. */
export type TimeChoice =
  | { readonly type: 'relative'; readonly ms: number }
  /** Becomes local time of the SMSC, whose zone is asked for by Get 501. */
  | { readonly type: 'absolute'; readonly at: Instant }
  /** Twelve digits, local time of the SMSC already. */
  | { readonly type: 'smsc-time'; readonly digits: string }
  /** 050:-1. */
  | { readonly type: 'single-attempt' };

/** `2h`, `2026-11-23T08:00+02:00` (this machine's zone if it names none), `261123080000`. */
export function parseTimeChoice(text: string): Result<TimeChoice> {
  const compact = text.trim();
  if (/^\d{12}$/.test(compact)) {
    return parseSmscTime(compact, 0) === undefined
      ? fail('CONFIG_BAD_VALUE', `"${text}" is no time; twelve digits are yymmddhhmmss in the SMSC's local time.`)
      : ok({ type: 'smsc-time', digits: compact });
  }
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(compact)) {
    const at = Date.parse(compact.replace(' ', 'T'));
    return Number.isNaN(at)
      ? fail('CONFIG_BAD_VALUE', `"${text}" is no time; write it like 2026-11-23T08:00+02:00.`)
      : ok({ type: 'absolute', at: instant(at) });
  }
  const duration = parseDuration(compact);
  if (!duration.ok) {
    return fail(
      'CONFIG_BAD_VALUE',
      `"${text}" is neither a duration like 2h nor a time like 2026-11-23T08:00+02:00 or 261123080000.`,
    );
  }
  if (duration.value > longestRelativeMs) return fail('CONFIG_BAD_VALUE', `"${text}" is more than 63 weeks.`);
  return ok({ type: 'relative', ms: duration.value });
}

/** As {@link parseTimeChoice}, or `once`: a single attempt, nothing stored. */
export function parseValidity(text: string): Result<TimeChoice> {
  return text.trim() === 'once' ? ok({ type: 'single-attempt' }) : parseTimeChoice(text);
}

/** Pairs of hex digits; blanks and colons between them are taken out. */
export function parseHexBytes(text: string): Result<Uint8Array> {
  const bytes = fromHex(text.replace(/[\s:]/g, ''));
  if (bytes !== undefined) return ok(bytes);
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return fail('CONFIG_BAD_VALUE', `${JSON.stringify(shown)} is no hex: pairs of the digits 0–9 and A–F are wanted.`);
}
