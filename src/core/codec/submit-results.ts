/**
 * What an answer to a submit (53) says of each of its destinations: accepted with a time stamp, or refused with a code.
 * One answer may be both, and may come in either of two shapes; it is never judged by the mere presence of 900.
 * Source: docs/reference/cimd2.md section 2.4.
 */
import { parseErrorCode } from './error-codes.ts';
import { generalError } from './operations.ts';
import type { Packet } from './packet.ts';
import { normalizeAddress } from './parameter-value.ts';

export type SubmitResult =
  /** `stamp`: 060 as it came, half of the key of reports (section 8.4). */
  | { readonly type: 'accepted'; readonly destination: string; readonly stamp: string }
  /** `errorCode`: 900, from 1; `text`: 901. */
  | { readonly type: 'refused'; readonly destination: string; readonly errorCode: number; readonly text?: string }
  /** The answer does not mention it, or says yes without a stamp or both yes and no: its fate is unknown. */
  | { readonly type: 'unclear'; readonly destination: string };

/** Of 900 that cannot be read: an answer with 900 must not pass for a yes. SPEC: section 9, general system error. */
const unreadableErrorCode = 6;

/**
 * @param packet 53, or 98 in its place; that it answers that submit is known
 * @param destinations 021 of the submit, in its order, byte for byte
 * @returns one result for each destination, in that order
 */
export function readSubmitResults(packet: Packet, destinations: readonly string[]): readonly SubmitResult[] {
  const { entries, unnamed, lastError } = walkSubmitAnswer(packet);
  const left = [...entries];
  // A 060 without any 021 belongs to the only destination of the request.
  const isForOne = entries.length === 0 && destinations.length === 1;
  // Without any 060 the error is for the whole submit, and only what was decoded before it is named.
  const isWholeRefusal = lastError !== undefined && [unnamed, ...entries].every(({ stamp }) => stamp === '');
  return destinations.map((destination) => {
    const at = left.findIndex((entry) => isSame(entry.destination, destination));
    const [entry] = at === -1 ? [] : left.splice(at, 1);
    const own = entry ?? (isForOne || isWholeRefusal ? unnamed : undefined);
    if (own === undefined) return { type: 'unclear', destination };
    // Shape (b): who has neither inherits the last error.
    const isSilent = own.stamp === '' && own.error === undefined;
    return resultOf(destination, isSilent ? { ...own, error: lastError } : own, packet.operation);
  });
}

/** What an answer says below one 021, nothing of it judged. */
export interface AnswerEntry {
  readonly destination: string;
  /** 060 as it came; empty where there is none. */
  readonly stamp: string;
  readonly error: AnswerError | undefined;
}

export interface AnswerError {
  /** 900 as it came. */
  readonly code: string;
  /** 901 */
  readonly text: string | undefined;
}

export interface AnswerEntries {
  /** One for each 021, in their order. */
  readonly entries: readonly AnswerEntry[];
  /** What stands before any 021. */
  readonly unnamed: AnswerEntry;
  /** For those that have neither 060 nor 900. */
  readonly lastError: AnswerError | undefined;
}

/** SPEC: section 2.4: 021 opens an entry; 060, 900 and 901 belong to the latest. Empty values are absent: section 1.7. */
export function walkSubmitAnswer(packet: Packet): AnswerEntries {
  const unnamed: Entry = { destination: '', stamp: '', error: undefined };
  const entries: Entry[] = [];
  let latest = unnamed;
  let lastError: Entry['error'];
  for (const { code, value } of packet.parameters) {
    if (value === '') continue;
    if (code === 21) {
      latest = { destination: value, stamp: '', error: undefined };
      entries.push(latest);
    } else if (code === 60 && latest.stamp === '') {
      latest.stamp = value;
    } else if (code === 900 && latest.error === undefined) {
      latest.error = { code: value, text: undefined };
      lastError = latest.error;
    } else if (code === 901 && latest.error !== undefined) {
      latest.error.text ??= value;
    }
  }
  return { entries, unnamed, lastError };
}

/** While it is being read. */
interface Entry {
  readonly destination: string;
  stamp: string;
  error: { readonly code: string; text: string | undefined } | undefined;
}

function resultOf(destination: string, { stamp, error }: AnswerEntry, operation: number): SubmitResult {
  // SPEC: section 9: 900:0 is no error. A general error (98) is never a yes.
  const errorCode = error === undefined ? 0 : (parseErrorCode(error.code) ?? unreadableErrorCode);
  const isRefused = errorCode !== 0;
  if (isRefused && stamp === '') {
    const text = error?.text;
    return { type: 'refused', destination, errorCode, ...(text === undefined ? {} : { text }) };
  }
  const isAccepted = !isRefused && stamp !== '' && operation !== generalError.code;
  return isAccepted ? { type: 'accepted', destination, stamp } : { type: 'unclear', destination };
}

/** COMPAT: some centres put the `+` on or take it off, and Kannel writes hyphens. */
function isSame(one: string, other: string): boolean {
  const digits = (address: string) => normalizeAddress(address).replace(/^\+/, '');
  return digits(one) === digits(other);
}
