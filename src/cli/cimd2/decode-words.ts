/**
 * What a parameter's value means, in words: times, durations, bits, codes, and what the tables say it may hold. Text and
 * header are decode-user-data.ts. Source: docs/reference/cimd2.md sections 2, 3, 8 and 9.
 */

import { type DataCoding, readDataCoding } from '../../core/codec/data-coding.ts';
import { cimdErrorMeaning, parseErrorCode, retryClass } from '../../core/codec/error-codes.ts';
import { parseInteger } from '../../core/codec/parameter-value.ts';
import { findParameter, type ParameterInfo, parameterName } from '../../core/codec/parameters.ts';
import { fromRelativeTime } from '../../core/codec/relative-time.ts';
import { parseSmscTime } from '../../core/codec/smsc-time.ts';
import { findStatusCode, findStatusError } from '../../core/codec/status-codes.ts';
import { formatDuration } from '../duration.ts';

/** Undefined where the value says it all, or says nothing readable. */
export function wordsFor(code: number, value: string): string | undefined {
  if (value === '') return code === 33 ? undefined : 'empty: as if it were absent (1.7)';
  if (findParameter(code)?.type === 'time') return timeWords(value);
  if (findParameter(code)?.type === 'address') return value.startsWith('+') ? 'international' : undefined;
  if (code === 900) return errorWords(value);
  const number = parseInteger(value);
  return number === undefined ? undefined : numberWords(code, number);
}

/** What the parameter may hold: `0–255`, `at most 20 digits, + in front allowed`. Undefined where no source says. */
export function rangeWords(info: ParameterInfo): string | undefined {
  const { type, range, emitRange, maxLength, forbidden } = info;
  switch (type) {
    case 'integer':
      if (range === undefined) return undefined;
      return `${range.from}–${range.to}${emitRange === undefined ? '' : `, sent as ${emitRange.from}–${emitRange.to}`}`;
    case 'address':
      return `at most ${maxLength} digits, + in front allowed`;
    case 'hex':
      return `at most ${maxLength} hex digits, an even number`;
    case 'string':
      return `at most ${maxLength} characters 20–7E${forbidden === '' ? '' : ` without ${forbidden === ' ' ? 'space' : forbidden}`}`;
    case 'time':
      return 'yymmddhhmmss';
    case 'user-data':
      return `at most ${maxLength} bytes`;
    case 'unspecified':
      return undefined;
  }
}

/** `default alphabet, class 0 (flash)`, `UCS-2`. SPEC: section 7.6. */
export function codingWords(value: number): string {
  const coding = readDataCoding(value);
  const alphabets: Readonly<Record<DataCoding['alphabet'], string>> = {
    gsm7: 'default alphabet',
    '8bit': '8-bit data',
    ucs2: 'UCS-2',
  };
  const { waiting } = coding;
  return [
    alphabets[coding.alphabet],
    ...(coding.messageClass === undefined ? [] : [classWords[coding.messageClass]]),
    ...(coding.isCompressed ? ['compressed'] : []),
    ...(coding.isDeletedAfterReading ? ['deleted after reading'] : []),
    ...(waiting === undefined ? [] : [`message waiting: ${waiting.kind} ${waiting.state}, text to ${waiting.text}`]),
    ...(isReserved(value) ? ['reserved value, read so'] : []),
  ].join(', ');
}

const classWords = ['class 0 (flash)', 'class 1 (handset)', 'class 2 (SIM)', 'class 3 (terminal)'] as const;

/** Bits 3-2 both set in the general groups, and the groups 8–B. SPEC: section 7.6. */
function isReserved(value: number): boolean {
  return value < 128 ? (value & 0x0c) === 0x0c : value < 192;
}

function numberWords(code: number, number: number): string | undefined {
  switch (code) {
    case 30:
      return number > 255 ? undefined : codingWords(number);
    case 50:
    case 53:
      return relativeWords(code, number);
    case 52:
      return number >= 65 && number <= 71 ? `replace type ${number - 64}` : undefined;
    case 44:
      return ['no more to this number', 'another one to this number follows'][number];
    case 55:
      return ['no reply path', 'reply path'][number];
    case 56:
      return reportWords(number);
    case 58:
      return ['must not be cancelled', 'may be cancelled'][number];
    case 59:
      return ['all messages to this destination', 'everything this application sent', 'the one message with this key'][
        number
      ];
    case 61:
      return statusWords(number);
    case 62:
      return statusErrorWords(number);
    case 67:
      return number === 1 ? 'highest' : number === 9 ? 'lowest' : undefined;
    case 68:
      return ['count only', 'the oldest message', 'all messages'][number];
    case 500:
      return parameterName(number);
    default:
      return undefined;
  }
}

/** SPEC: section 3.1: local time of the SMSC, without a zone. */
function timeWords(value: string): string | undefined {
  if (parseSmscTime(value, 0) === undefined) return undefined;
  const pairs = [0, 2, 4, 6, 8, 10].map((at) => value.slice(at, at + 2));
  const [yy = '', month = '', day = '', hour = '', minute = '', second = ''] = pairs;
  return `${Number(yy) < 70 ? '20' : '19'}${yy}-${month}-${day} ${hour}:${minute}:${second}, local time of the SMSC`;
}

/** SPEC: section 3.4. */
function relativeWords(code: 50 | 53, number: number): string | undefined {
  const duration = fromRelativeTime(number);
  if (duration === undefined) return undefined;
  if (duration === 'single-attempt') return code === 50 ? 'one attempt, not stored' : 'at once';
  return `${code === 50 ? 'for' : 'in'} ${formatDuration(duration)}`;
}

const reportEvents = [
  'temporary error',
  'validity period expired',
  'delivery failed',
  'delivery successful',
  'message cancelled',
  'message deleted by operator',
  'first temporary result',
] as const;

/** SPEC: section 8.1. */
function reportWords(number: number): string {
  if (number === 0) return 'no reports';
  const asked = reportEvents.filter((_, bit) => (number & (1 << bit)) !== 0);
  const names = number === 62 ? ['every final event'] : asked;
  return `reports on ${[...names, ...(number > 127 ? ['reserved bits'] : [])].join(', ')}`;
}

/** SPEC: section 8.2. */
function statusWords(number: number): string | undefined {
  const status = findStatusCode(number);
  return status && `${status.name}${status.isFinal ? ', final' : ''}`;
}

/** SPEC: section 8.3. */
function statusErrorWords(number: number): string {
  const error = findStatusError(number);
  if (error === undefined) return 'a reason that no source names';
  return error.class === 'none' ? error.meaning : `${error.meaning} (${error.class})`;
}

const retryWords = {
  no: 'mend the request before trying again',
  later: 'try again later',
  maybe: 'outcome unknown: do not repeat blindly',
  final: 'refused for good',
  none: undefined,
} as const;

/** SPEC: section 9. */
function errorWords(value: string): string | undefined {
  const code = parseErrorCode(value);
  if (code === undefined) return undefined;
  const advice = retryWords[retryClass(code)];
  return advice === undefined ? cimdErrorMeaning(code) : `${cimdErrorMeaning(code)}; ${advice}`;
}
