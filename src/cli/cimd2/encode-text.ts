/** A text as parameters of as many packets as it takes, and in words how long it is. Source: reference section 7.8. */
import { toHex } from '../../core/base/bytes.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { invariant } from '../../core/base/invariant.ts';
import { dataCodingValue } from '../../core/codec/data-coding.ts';
import { encodeUserData033 } from '../../core/codec/link-alphabet.ts';
import { alphabetOf, type NationalLanguages, type NationalTables } from '../../core/codec/national-language.ts';
import type { Parameter } from '../../core/codec/packet.ts';
import { decodeHex, toUcs2 } from '../../core/codec/user-data.ts';
import {
  appendHeaderElement,
  concatenationElement,
  type HeaderElement,
  parseUserDataHeader,
} from '../../core/codec/user-data-header.ts';
import { estimateText, type TextEstimate } from '../../core/message/estimate.ts';
import { splitText } from '../../core/message/split.ts';

export interface TextOptions {
  readonly coding: 'auto' | 'gsm7' | 'ucs2';
  readonly national: NationalLanguages;
  readonly flash: boolean;
  /** 0–65535, of the parts of a long text. */
  readonly reference: number;
  /** Hex of a header, complete with its length octet, for every part. */
  readonly header: string | undefined;
  /** Whether parts say that another one follows (044): submits do. */
  readonly more: 'tell' | 'omit';
}

export interface EncodedText {
  readonly estimate: TextEstimate;
  /** Of each part: 030, 032, 033 or 034, 044, as far as needed. */
  readonly parts: readonly (readonly Parameter[])[];
}

/** @throws OperatorError USAGE_BAD_VALUE, IM_TEXT_TOO_LONG, MESSAGE_FOREIGN_CHARACTERS */
export function encodeText(text: string, options: TextOptions): EncodedText {
  const { coding, national, reference } = options;
  const headers = headerElements(options.header);
  const estimate = estimateText(text, { coding, national, headers, referenceBits: reference > 0xff ? 16 : 8 });
  const split = splitText(text, {
    reference,
    national,
    headers,
    ...(coding === 'auto' ? {} : { coding }),
    ...(options.flash ? { messageClass: 0 } : {}),
  });
  if (!split.ok) {
    const foreign = split.foreign.length === 0 ? '' : ` (${shownCharacters(split.foreign)})`;
    throw new OperatorError({
      code: split.fault.code,
      message: `The text cannot be encoded so: ${split.fault.message}${foreign}.`,
      hint: 'Use --coding auto, --national auto, or a shorter text.',
    });
  }
  const { header, parts } = split.value;
  const coded = dataCodingValue(split.value.coding, options.flash ? 0 : undefined);
  return {
    estimate,
    parts: parts.map((part): readonly Parameter[] => {
      const whole = part.part === undefined ? header : appendHeaderElement(header, concatenationElement(part.part));
      const isFollowed = part.part !== undefined && part.part.index < part.part.count;
      return [
        ...(coded === 0 ? [] : [{ code: 30, value: String(coded) }]),
        ...(whole.length === 0 ? [] : [{ code: 32, value: toHex(whole) }]),
        userData(part.text, split.value.coding, split.value.national),
        ...(isFollowed && options.more === 'tell' ? [{ code: 44, value: '1' }] : []),
      ];
    }),
  };
}

/** `gsm7, 5 of 160 septets, 1 part, 155 left`; what forced UCS-2 is named. */
export function estimateWords({ coding, national, units, perPart, parts, left, foreign }: TextEstimate): string {
  const unit = coding === 'gsm7' ? 'septets' : 'units of UCS-2';
  const tables = national === undefined ? '' : ` with ${nationalWords(national)}`;
  const size =
    parts === 1 ? `${units} of ${perPart} ${unit}, 1 part` : `${units} ${unit}, ${parts} parts of at most ${perPart}`;
  const why = foreign.length === 0 ? '' : `; not in the GSM alphabet: ${shownCharacters(foreign)}`;
  return `${coding}${tables}, ${size}, ${left} left${why}`;
}

function nationalWords({ locking, single }: NationalTables): string {
  return [
    ...(locking === undefined ? [] : [`the ${locking} locking table`]),
    ...(single === undefined ? [] : [`the ${single} single shift table`]),
  ].join(' and ');
}

/** Enough to find them in the text. */
const shownLimit = 10;

function shownCharacters(characters: readonly string[]): string {
  const shown = characters.slice(0, shownLimit).map((character) => JSON.stringify(character));
  return `${shown.join(' ')}${characters.length > shownLimit ? ' …' : ''}`;
}

function userData(text: string, coding: 'gsm7' | 'ucs2', national: NationalTables | undefined): Parameter {
  if (coding === 'ucs2') return { code: 34, value: toHex(toUcs2(text)) };
  const value = encodeUserData033(text, { eightBit: 'combination', alphabet: alphabetOf(national) });
  invariant(value !== undefined, 'a text is laid out in an alphabet that has it');
  return { code: 33, value };
}

function headerElements(hex: string | undefined): readonly HeaderElement[] {
  if (hex === undefined) return [];
  const octets = decodeHex(hex, 32);
  const header = octets.ok ? parseUserDataHeader(octets.value) : octets;
  if (header.ok && header.value.concatenation === undefined) return header.value.others;
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `--header: ${header.ok ? 'it holds a concatenation, which --text makes itself' : header.fault.message}.`,
    hint: 'Give the whole header with its length octet, like 06050415810000; or give 032 and 033 with --param.',
  });
}
