/**
 * Header (032), text (033) and data (034) of one packet in words, read together: the coding scheme (030) and the header
 * decide what the others mean. Source: docs/reference/cimd2.md sections 7.1 to 7.8 (3GPP TS 23.040, 9.2.3.24).
 */
import { toHex } from '../../core/base/bytes.ts';
import type { Fault } from '../../core/base/errors.ts';
import { type DecodeOptions, decodeUserData033 } from '../../core/codec/link-alphabet.ts';
import { alphabetOf, readNationalTables } from '../../core/codec/national-language.ts';
import { parseInteger } from '../../core/codec/parameter-value.ts';
import { decodeHex, decodeUserData034 } from '../../core/codec/user-data.ts';
import {
  type HeaderElement,
  parseUserDataHeader,
  type UserDataHeader,
  userDataCapacity,
} from '../../core/codec/user-data-header.ts';

export interface UserDataReading {
  readonly words: string | undefined;
  /** The text, where it is one. */
  readonly text: string | undefined;
  readonly faults: readonly (Fault & { readonly section: string })[];
}

/** The neighbours that decide what user data means. */
export interface UserDataContext {
  /** Value of 030; undefined stands for 0. */
  readonly coding: string | undefined;
  /** Value of 032. */
  readonly header: string | undefined;
  readonly nationalPositions: DecodeOptions['nationalPositions'];
}

/** @param code 32, 33 or 34 */
export function readUserData(code: 32 | 33 | 34, value: string, context: UserDataContext): UserDataReading {
  if (value === '') return code === 33 ? told('empty text', '') : told(undefined);
  if (code === 32) return readHeader(value);
  return code === 33 ? readText(value, context) : readData(value, context);
}

function readHeader(value: string): UserDataReading {
  const header = headerOf(value);
  if ('fault' in header) return { ...told(undefined), faults: [{ ...header.fault, section: '7.8' }] };
  const { concatenation, others, faults } = header;
  const words = [
    ...(concatenation === undefined
      ? []
      : [`part ${concatenation.index} of ${concatenation.count}, reference ${concatenation.reference}`]),
    ...others.map(elementWords),
  ];
  return {
    words: words.length === 0 ? undefined : words.join('; '),
    text: undefined,
    faults: [...faults, ...readNationalTables(others).faults].map((fault) => ({ ...fault, section: '7.8' })),
  };
}

function readText(value: string, context: UserDataContext): UserDataReading {
  const header = headerOf(context.header ?? '');
  const tables = 'fault' in header ? undefined : readNationalTables(header.others).tables;
  const { nationalPositions } = context;
  const options = { nationalPositions, unknownCombination: 'keep', alphabet: alphabetOf(tables) } as const;
  const read = decodeUserData033(value, options);
  // With `keep` it never refuses.
  if (!read.ok) return { ...told(undefined), faults: [{ ...read.fault, section: '7.5' }] };
  const { text, septetCount, faults } = read.value;
  const capacity = userDataCapacity('gsm7', headerOctets(context.header));
  return {
    words: `${quoted(text)}, ${septetCount} of ${capacity} septets`,
    text,
    // Whether it fits is judged with the other combinations of parameters.
    faults: faults.map((fault) => ({ ...fault, section: '7.5' })),
  };
}

function readData(value: string, context: UserDataContext): UserDataReading {
  const coding = parseInteger(context.coding ?? '') ?? 0;
  const read = decodeUserData034(value, coding);
  if (!read.ok) return { ...told(undefined), faults: [{ ...read.fault, section: '7.7' }] };
  if (read.value.type === 'octets') return told(`${read.value.octets.length} octets`);
  const { alphabet, text } = read.value;
  const how =
    alphabet === 'ucs2' ? `${text.length} units of UCS-2` : `${[...text].length} characters as packed septets`;
  return told(`${quoted(text)}, ${how}`, text);
}

/** 140 at most count; what is longer is found fault with by its own parameter. */
function headerOctets(header: string | undefined): number {
  return Math.min(140, Math.floor((header ?? '').length / 2));
}

function headerOf(value: string): UserDataHeader | { readonly fault: Fault } {
  const octets = decodeHex(value, 32);
  if (!octets.ok) return octets;
  const header = parseUserDataHeader(octets.value);
  return header.ok ? header.value : header;
}

/** Names of 3GPP TS 23.040, 9.2.3.24; concatenation is read apart. */
const elementNames: Readonly<Record<number, string>> = {
  1: 'special message indication',
  4: 'ports, 8-bit',
  5: 'ports',
  6: 'SMSC control parameters',
  7: 'header source',
  9: 'WCMP',
  10: 'text formatting',
  11: 'predefined sound',
  12: 'own sound',
  13: 'predefined animation',
  14: 'large animation',
  15: 'small animation',
  16: 'large picture',
  17: 'small picture',
  18: 'picture',
  32: 'e-mail header',
  33: 'hyperlink format',
  34: 'reply address',
  35: 'enhanced voice mail',
  36: 'national single shift',
  37: 'national locking shift',
};

const languageNames = ['default', 'Turkish', 'Spanish', 'Portuguese'] as const;

function elementWords({ id, data }: HeaderElement): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = data;
  if (id === 5 && data.length === 4) return `to port ${first * 256 + second}, from port ${third * 256 + fourth}`;
  if (id === 4 && data.length === 2) return `to port ${first}, from port ${second} (8-bit)`;
  if ((id === 36 || id === 37) && data.length === 1) {
    return `${elementNames[id]} table: ${languageNames[first] ?? `language ${first}`}`;
  }
  const name = elementNames[id] ?? `element ${toHex(Uint8Array.of(id))}`;
  return `${name}${data.length === 0 ? '' : ` ${toHex(data)}`}`;
}

function told(words: string | undefined, text?: string): UserDataReading {
  return { words, text, faults: [] };
}

/** Quotes show where a text begins and ends; what steers a terminal is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
