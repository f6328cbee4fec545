/**
 * What the SMSC sends to an application, as parameters: a handset's text as one or more delivers (20), and the fate of a
 * submit as a status report (23). Source: docs/reference/cimd2.md sections 2.9, 2.10, 7 and 8.
 */
import { toHex } from '../../base/bytes.ts';
import { assertNever } from '../../base/invariant.ts';
import { ok, type Result } from '../../base/result.ts';
import { encodeUserData033 } from '../../codec/link-alphabet.ts';
import { alphabetOf, type NationalLanguages } from '../../codec/national-language.ts';
import type { Parameter } from '../../codec/packet.ts';
import { encodeUserData034, toUcs2 } from '../../codec/user-data.ts';
import { appendHeaderElement, concatenationElement } from '../../codec/user-data-header.ts';
import { type SplitText, splitText, type TextPart } from '../../message/split.ts';
import type { HandsetMessage } from './handset-message.ts';

/** For each short message that the text needs: a function from its stamp (060) to its parameters. */
export type DeliverMaker = (stamp: string) => readonly Parameter[];

/** What somebody typed on a handset. */
export interface HandsetText {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** National tables that may be used where they make fewer parts; left out, none. */
  readonly national?: NationalLanguages;
}

/**
 * @param reference 0–65535, told to all parts of a long text
 * @returns fault `IM_TEXT_TOO_LONG` above 255 parts
 */
export function deliverMakers(
  { from, to, text, national = 'off' }: HandsetText,
  reference: number,
): Result<readonly DeliverMaker[]> {
  const split = splitText(text, { reference, national });
  if (!split.ok) return split;
  return ok(
    split.value.parts.map((part) => {
      const content = contentOf(part, split.value);
      return (stamp) => [{ code: 21, value: to }, { code: 23, value: from }, { code: 60, value: stamp }, ...content];
    }),
  );
}

function contentOf(
  { text, coding, part }: TextPart,
  { header: shared, national }: Pick<SplitText, 'header' | 'national'>,
): readonly Parameter[] {
  const whole = part === undefined ? shared : appendHeaderElement(shared, concatenationElement(part));
  const header = whole.length === 0 ? [] : [{ code: 32, value: toHex(whole) }];
  const protocolIdentifier = { code: 52, value: '0' };
  switch (coding) {
    case 'gsm7': {
      // COMPAT: combinations and never ISO 8859-1 bytes, which Kannel drops. SPEC: section 11.1.
      const value = encodeUserData033(text, { eightBit: 'combination', alphabet: alphabetOf(national) }) ?? '';
      return [...header, { code: 33, value }, protocolIdentifier, { code: 30, value: '0' }];
    }
    case 'ucs2':
      return [
        ...header,
        { code: 34, value: encodeUserData034(toUcs2(text)) },
        protocolIdentifier,
        { code: 30, value: '8' },
      ];
    default:
      return assertNever(coding);
  }
}

/** SPEC: section 2.10, with 021 and 060 exactly as in the submit's answer (section 8.4). @param triedAt 063 */
export function reportParameters(
  message: HandsetMessage,
  { status, error, triedAt }: { readonly status: number; readonly error: number; readonly triedAt: string },
): readonly Parameter[] {
  return [
    { code: 21, value: message.destination },
    { code: 60, value: message.stamp },
    { code: 61, value: String(status) },
    ...(error === 0 ? [] : [{ code: 62, value: String(error) }]),
    { code: 63, value: triedAt },
  ];
}
