/**
 * The national alphabets that texts may leave in, for whoever counts short messages without this code: the page, while one
 * types. Which is taken is decided in `text-layout.ts`: the default alphabet where everything fits it, else what makes the
 * fewest parts, and of equal ones UCS-2 and then the first of these. Source: docs/reference/cimd2.md section 7.8.
 */
import { escapeSeptet } from '../codec/gsm-alphabet.ts';
import {
  alphabetOf,
  languages,
  type NationalLanguages,
  nationalElements,
  tablesOf,
} from '../codec/national-language.ts';
import type { NationalLanguage } from '../codec/national-tables.ts';
import { headerOctetCount, userDataCapacity } from '../codec/user-data-header.ts';

export interface NationalAlphabet {
  readonly language: NationalLanguage;
  /** Characters of one septet, and of two. */
  readonly one: string;
  readonly two: string;
  /** Septets of a text that is one message, and of each part of a longer one. */
  readonly room: number;
  readonly partRoom: number;
}

/** Octets of a concatenation with a reference of 8 bits, which is what the exchange gives its texts. */
const concatenationOctets = 5;

/** In the order in which they are tried. */
export function nationalAlphabets(national: NationalLanguages): readonly NationalAlphabet[] {
  const allowed = languages.filter((language) => national === 'auto' || national === language);
  return allowed.flatMap((language) =>
    tablesOf(language).map((tables) => {
      const { basic, extension } = alphabetOf(tables);
      const one = [...basic].filter((_, septet) => septet !== escapeSeptet).join('');
      const two = [...extension.values()].filter((character) => !one.includes(character)).join('');
      const octets = headerOctetCount(nationalElements(tables));
      const room = userDataCapacity('gsm7', octets);
      return { language, one, two, room, partRoom: userDataCapacity('gsm7', octets + concatenationOctets) };
    }),
  );
}
