/**
 * A short message as the parameters of a submit (03). The session numbers and sends them; what the SMSC answers is
 * `submit-answer.ts`. Source: docs/reference/cimd2.md sections 2.4, 3, 7 and 8.1.
 */
import { assertNever, InvariantError } from '../base/invariant.ts';
import type { Instant } from '../base/time.ts';
import { dataCodingValue, readDataCoding, recodeDataCoding, userDataParameter } from '../codec/data-coding.ts';
import type { SeptetAlphabet } from '../codec/gsm-alphabet.ts';
import { type EncodeOptions, encodeUserData033, spellSeptets } from '../codec/link-alphabet.ts';
import { alphabetOf, readNationalTables } from '../codec/national-language.ts';
import type { Parameter } from '../codec/packet.ts';
import { toRelativeTime } from '../codec/relative-time.ts';
import { encodeUserData034, toUcs2, unpackUserData } from '../codec/user-data.ts';
import { appendHeaderElement, concatenationElement, parseUserDataHeader } from '../codec/user-data-header.ts';
import type { ShortMessage } from './message.ts';

/** 2 + 4 + 8 + 16 + 32: validity over, failed, delivered, cancelled, deleted. SPEC: section 8.1. */
const allFinalEvents = '62';

export interface SubmitOptions {
  readonly now: Instant;
  readonly eightBit: EncodeOptions['eightBit'];
  /** What the account allows: `none` asks for no report whatever the message wants. */
  readonly reports: 'final' | 'none';
}

/**
 * The parameters of a submit (03), destination first. SPEC: sections 1.7 and 2.4.
 *
 * The validity is what remains of the message's own at `now`, rounded up to a step of 050, at least five minutes:
 * whether it is past is the caller's question. Without a report 056 is left out, since some accounts answer 310 even to 0
 * (section 8.1).
 *
 * INVARIANT: never called for a status report, which is not something to submit.
 */
export function submitParameters(message: ShortMessage, options: SubmitOptions): readonly Parameter[] {
  const { dataCoding, userData } = userDataOf(message, options.eightBit);
  const header = headerOf(message);
  const parameters: Parameter[] = [{ code: 21, value: message.to }];
  if (message.from !== '') parameters.push({ code: 23, value: message.from });
  if (dataCoding !== 0) parameters.push({ code: 30, value: String(dataCoding) });
  if (header.length > 0) parameters.push({ code: 32, value: encodeUserData034(header) });
  // An empty text is a value, empty octets are not: section 1.7.
  if (userData.code === 33 || userData.value !== '') parameters.push(userData);
  if (message.part !== undefined && message.part.index < message.part.count) parameters.push({ code: 44, value: '1' });
  parameters.push({ code: 50, value: String(toRelativeTime(message.validUntil - options.now)) });
  if (message.report === 'final' && options.reports === 'final') parameters.push({ code: 56, value: allFinalEvents });
  return parameters;
}

function userDataOf(
  { content, header }: ShortMessage,
  eightBit: EncodeOptions['eightBit'],
): { readonly dataCoding: number; readonly userData: Parameter } {
  switch (content.type) {
    case 'text': {
      const { text, coding, flash } = content;
      const dataCoding = content.dataCoding ?? dataCodingValue(coding, flash ? 0 : undefined);
      const alphabet = alphabetFor(header);
      const spelled = coding === 'gsm7' ? encodeUserData033(text, { eightBit, ...alphabet }) : undefined;
      if (spelled !== undefined) return { dataCoding, userData: { code: 33, value: spelled } };
      // A text that calls itself GSM and is not goes as UCS-2: whole, or refused by the SMSC if it became too long.
      return {
        dataCoding: recodeDataCoding(dataCoding, 'ucs2'),
        userData: { code: 34, value: encodeUserData034(toUcs2(text)) },
      };
    }
    case 'binary': {
      const { dataCoding, bytes } = content;
      // SPEC: section 7.7: packed septets in 034 are never sent, the default alphabet is what 033 is for.
      const userData =
        userDataParameter(readDataCoding(dataCoding)) === 33
          ? { code: 33, value: spellSeptets(unpackUserData(bytes), { eightBit }) }
          : { code: 34, value: encodeUserData034(bytes) };
      return { dataCoding, userData };
    }
    case 'status-report':
      throw new InvariantError('a status report cannot be submitted');
    default:
      return assertNever(content);
  }
}

/** Options for the alphabet that a header names; none for the default one, which is nearly all. */
function alphabetFor(header: Uint8Array): { readonly alphabet?: SeptetAlphabet } {
  if (header.length === 0) return {};
  const parsed = parseUserDataHeader(header);
  return parsed.ok ? { alphabet: alphabetOf(readNationalTables(parsed.value.others).tables) } : {};
}

function headerOf({ header, part }: ShortMessage): Uint8Array {
  return part === undefined ? header : appendHeaderElement(header, concatenationElement(part));
}
