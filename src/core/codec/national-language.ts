/**
 * Which national language tables a text is in, as its user data header tells: read from the header, written into it, and
 * the alphabet they make. The tables are in national-tables.ts; when it pays to use one is decided where texts are cut
 * (core/message). Source: docs/reference/cimd2.md section 7.8 (3GPP TS 23.038 section 6.2.1.2, TS 23.040 9.2.3.24.15).
 */
import type { Fault } from '../base/errors.ts';
import { basicTable, defaultAlphabet, extensionTable, makeAlphabet, type SeptetAlphabet } from './gsm-alphabet.ts';
import {
  languageIdentifiers,
  lockingDifferences,
  type NationalLanguage,
  singleShiftTables,
} from './national-tables.ts';
import { type HeaderElement, headerElementId } from './user-data-header.ts';

/** Tables in force; undefined stands for that of the default alphabet. */
export interface NationalTables {
  /** In place of the basic table. Spanish has none. */
  readonly locking: Exclude<NationalLanguage, 'spanish'> | undefined;
  /** In place of the extension table. */
  readonly single: NationalLanguage | undefined;
}

/** What a sender may use: nothing national, whatever is shortest, or one language. */
export type NationalLanguages = (typeof nationalChoices)[number];

/** The words for it, as settings and flags take them. */
export const nationalChoices = ['off', 'auto', 'turkish', 'spanish', 'portuguese'] as const;

/** The alphabet of these tables. */
export function alphabetOf(tables: NationalTables | undefined): SeptetAlphabet {
  if (tables === undefined || (tables.locking === undefined && tables.single === undefined)) return defaultAlphabet;
  const key = `${tables.locking}/${tables.single}`;
  const made = alphabets.get(key) ?? makeNational(tables);
  alphabets.set(key, made);
  return made;
}

/** At most twelve. */
const alphabets = new Map<string, SeptetAlphabet>();

function makeNational({ locking, single }: NationalTables): SeptetAlphabet {
  const basic = [...basicTable];
  for (const [septet, character] of (locking && lockingDifferences[locking]) ?? []) basic[septet] = character;
  return makeAlphabet(basic.join(''), single === undefined ? extensionTable : singleShiftTables[single]);
}

/**
 * The ways to write in that language, those with the shorter header first. Both tables at once are of use in Portuguese
 * only: Turkish has nothing in its single shift table that its locking table does not have.
 */
export function tablesOf(language: NationalLanguage): readonly NationalTables[] {
  const single = { locking: undefined, single: language };
  if (language === 'spanish') return [single];
  const locking = { locking: language, single: undefined };
  return language === 'turkish' ? [single, locking] : [single, locking, { locking: language, single: language }];
}

/** The header elements that announce the tables. SPEC: section 7.8, `24 01 LL` and `25 01 LL`. */
export function nationalElements({ locking, single }: NationalTables): readonly HeaderElement[] {
  const { nationalSingleShift, nationalLocking } = headerElementId;
  return [
    ...(single === undefined ? [] : [elementFor(nationalSingleShift, single)]),
    ...(locking === undefined ? [] : [elementFor(nationalLocking, locking)]),
  ];
}

function elementFor(id: number, language: NationalLanguage): HeaderElement {
  return { id, data: Uint8Array.of(languageIdentifiers[language]) };
}

/**
 * The tables that a header announces. Of several elements of one kind the last counts, as for all elements that may not
 * be repeated (3GPP TS 23.040, 9.2.3.24).
 *
 * @returns undefined where the default alphabet is in force; fault `CIMD2_USER_DATA` for each table that is not known,
 * in whose place that of the default alphabet is read
 */
export function readNationalTables(elements: readonly HeaderElement[]): {
  readonly tables: NationalTables | undefined;
  readonly faults: readonly Fault[];
} {
  let locking: NationalTables['locking'];
  let single: NationalTables['single'];
  const faults: Fault[] = [];
  for (const { id, data } of elements) {
    const isLocking = id === headerElementId.nationalLocking;
    if (!isLocking && id !== headerElementId.nationalSingleShift) continue;
    const language = data.length === 1 ? languageOf(data[0]) : undefined;
    if (isLocking) locking = language === 'spanish' ? undefined : language;
    else single = language;
    if ((isLocking ? locking : single) === undefined) faults.push(unknownTable(isLocking, data));
  }
  return { tables: locking === undefined && single === undefined ? undefined : { locking, single }, faults };
}

function languageOf(identifier: number | undefined): NationalLanguage | undefined {
  return languages.find((language) => languageIdentifiers[language] === identifier);
}

/** In the order in which they are tried. */
export const languages: readonly NationalLanguage[] = ['turkish', 'spanish', 'portuguese'];

function unknownTable(isLocking: boolean, data: Uint8Array): Fault {
  const kind = isLocking ? 'locking' : 'single';
  const which = data.length === 1 ? `language ${data[0]}` : `${data.length} octets`;
  const message = `the header names a national ${kind} shift table that is not known (${which}); read with the default table`;
  return { code: 'CIMD2_USER_DATA', message };
}
