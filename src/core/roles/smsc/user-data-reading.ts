/**
 * What a submit's 030, 032, 033 and 034 come to on a handset: text or octets, how it is shown, which ports it is for,
 * and its place in a long text. Source: docs/reference/cimd2.md section 7.
 */
import { toHex } from '../../base/bytes.ts';
import { type Alphabet, type MessageClass, readDataCoding, userDataParameter } from '../../codec/data-coding.ts';
import type { SeptetAlphabet } from '../../codec/gsm-alphabet.ts';
import { decodeUserData033 } from '../../codec/link-alphabet.ts';
import { alphabetOf, readNationalTables } from '../../codec/national-language.ts';
import { decodeHex, decodeUserData034 } from '../../codec/user-data.ts';
import { type Concatenation, type Ports, parseUserDataHeader, readPorts } from '../../codec/user-data-header.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { Rules } from './settings.ts';

export interface SubmitContent {
  readonly kind: 'text' | 'binary';
  /** Text, or upper-case hex of the octets. */
  readonly text: string;
  /** Equal for equal content: coding, header and user data as they came. */
  readonly fingerprint: string;
  readonly alphabet: Alphabet;
  /** 0 is flash: shown at once and not kept. */
  readonly messageClass: MessageClass | undefined;
  /** 030 as a number. */
  readonly dataCoding: number;
  /** Application ports of the header. */
  readonly ports: Ports | undefined;
}

/** The parameters as they came; undefined where absent. */
export interface UserDataParameters {
  readonly dataCoding: number;
  readonly header: string | undefined;
  readonly text: string | undefined;
  readonly data: string | undefined;
}

export type UserDataReading =
  | { readonly ok: true; readonly content: SubmitContent; readonly concatenation: Concatenation | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/** @param rules `lenient` reads what can be read at all, also unknown combinations */
export function readUserData({ dataCoding, header, text, data }: UserDataParameters, rules: Rules): UserDataReading {
  const octets = decodeHex(header ?? '', 32);
  if (!octets.ok) return refused(302, octets.fault.message, '3.1');
  const parsed = parseUserDataHeader(octets.value);
  if (!parsed.ok) return refused(303, parsed.fault.message, '7.8');
  const alphabet = alphabetOf(readNationalTables(parsed.value.others).tables);
  const read =
    (data ?? '') === ''
      ? readText(text ?? '', dataCoding, alphabet, rules)
      : readData(data ?? '', dataCoding, alphabet);
  if (!read.ok) return read;
  const { messageClass } = readDataCoding(dataCoding);
  const fingerprint = `${dataCoding} ${(header ?? '').toUpperCase()} ${text ?? ''} ${(data ?? '').toUpperCase()}`;
  const { kind, text: shown, alphabet: readIn } = read.content;
  const ports = readPorts(parsed.value.others);
  return {
    ok: true,
    // Field by field and not spread: this is on the way of every message.
    content: { kind, text: shown, alphabet: readIn, fingerprint, messageClass, dataCoding, ports },
    concatenation: parsed.value.concatenation,
  };
}

type ContentReading =
  | { readonly ok: true; readonly content: Pick<SubmitContent, 'kind' | 'text' | 'alphabet'> }
  | { readonly ok: false; readonly refusal: Refusal };

/** @param alphabet national or default, as the header says. SPEC: section 7.8. */
function readText(text: string, dataCoding: number, alphabet: SeptetAlphabet, rules: Rules): ContentReading {
  if (text !== '' && rules === 'strict' && userDataParameter(readDataCoding(dataCoding)) === 34) {
    return refused(303, 'Parameter 033 does not go with this data coding scheme.', '7.6');
  }
  const unknownCombination = rules === 'strict' ? 'refuse' : 'keep';
  const decoded = decodeUserData033(text, { nationalPositions: 'nokia', unknownCombination, alphabet });
  if (!decoded.ok) return refused(302, decoded.fault.message, '7.5');
  return { ok: true, content: { kind: 'text', text: decoded.value.text, alphabet: 'gsm7' } };
}

function readData(data: string, dataCoding: number, alphabet: SeptetAlphabet): ContentReading {
  const decoded = decodeUserData034(data, dataCoding, { alphabet });
  if (!decoded.ok) return refused(302, decoded.fault.message, '7.7');
  if (decoded.value.type === 'text') {
    return { ok: true, content: { kind: 'text', text: decoded.value.text, alphabet: decoded.value.alphabet } };
  }
  return { ok: true, content: { kind: 'binary', text: toHex(decoded.value.octets), alphabet: '8bit' } };
}

function refused(errorCode: number, reason: string, section: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: refusal(errorCode, reason, section) };
}
