/** National alphabets: the tables as 3GPP TS 23.038 prints them, headers, and texts both ways. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/base/bytes.ts';
import { defaultAlphabet, fromSeptets, septetCount, toSeptets } from '../../../src/core/codec/gsm-alphabet.ts';
import {
  alphabetOf,
  type NationalTables,
  nationalElements,
  readNationalTables,
  tablesOf,
} from '../../../src/core/codec/national-language.ts';
import type { NationalLanguage } from '../../../src/core/codec/national-tables.ts';
import { buildUserDataHeader, parseUserDataHeader } from '../../../src/core/codec/user-data-header.ts';
import { bytesOf } from './vectors.ts';

/** Columns are the three upper bits of a septet, rows the four lower ones, as in the standard. ESC and . stand for none. */
const printed = {
  'turkish locking': `
    @  Δ SP 0 İ P ç p
    £  _ !  1 A Q a q
    $  Φ "  2 B R b r
    ¥  Γ #  3 C S c s
    €  Λ ¤  4 D T d t
    é  Ω %  5 E U e u
    ù  Π &  6 F V f v
    ı  Ψ '  7 G W g w
    ò  Σ (  8 H X h x
    Ç  Θ )  9 I Y i y
    LF Ξ *  : J Z j z
    Ğ ESC + ; K Ä k ä
    ğ  Ş ,  < L Ö l ö
    CR ş -  = M Ñ m ñ
    Å  ß .  > N Ü n ü
    å  É /  ? O § o à`,
  'portuguese locking': `
    @  Δ SP 0 Í P ~ p
    £  _ !  1 A Q a q
    $  ª "  2 B R b r
    ¥  Ç #  3 C S c s
    ê  À º  4 D T d t
    é  ∞ %  5 E U e u
    ú  ^ &  6 F V f v
    í  \\ '  7 G W g w
    ó  € (  8 H X h x
    ç  Ó )  9 I Y i y
    LF | *  : J Z j z
    Ô ESC + ; K Ã k ã
    ô  Â ,  < L Õ l õ
    CR â -  = M Ú m \`
    Á  Ê .  > N Ü n ü
    á  É /  ? O § o à`,
  'turkish single': `
    .  .  .  .  |  .  .  .
    .  .  .  .  .  .  .  .
    .  .  .  .  .  .  .  .
    .  .  .  .  .  Ş  ç  ş
    .  ^  .  .  .  .  .  .
    .  .  .  .  .  .  €  .
    .  .  .  .  .  .  .  .
    .  .  .  .  Ğ  .  ğ  .
    .  .  {  .  .  .  .  .
    .  .  }  .  İ  .  ı  .
    FF .  .  .  .  .  .  .
    .  .  .  .  .  .  .  .
    .  .  .  [  .  .  .  .
    .  .  .  ~  .  .  .  .
    .  .  .  ]  .  .  .  .
    .  .  \\  .  .  .  .  .`,
  'spanish single': `
    .  .  .  .  |  .  .  .
    .  .  .  .  Á  .  á  .
    .  .  .  .  .  .  .  .
    .  .  .  .  .  .  .  .
    .  ^  .  .  .  .  .  .
    .  .  .  .  .  Ú  €  ú
    .  .  .  .  .  .  .  .
    .  .  .  .  .  .  .  .
    .  .  {  .  .  .  .  .
    ç  .  }  .  Í  .  í  .
    FF .  .  .  .  .  .  .
    .  .  .  .  .  .  .  .
    .  .  .  [  .  .  .  .
    .  .  .  ~  .  .  .  .
    .  .  .  ]  .  .  .  .
    .  .  \\  .  Ó  .  ó  .`,
  'portuguese single': `
    .  .  .  .  |  .  .  .
    .  .  .  .  À  .  Â  .
    .  Φ  .  .  .  .  .  .
    .  Γ  .  .  .  .  .  .
    .  ^  .  .  .  .  .  .
    ê  Ω  .  .  .  Ú  €  ú
    .  Π  .  .  .  .  .  .
    .  Ψ  .  .  .  .  .  .
    .  Σ  {  .  .  .  .  .
    ç  Θ  }  .  Í  .  í  .
    FF .  .  .  .  .  .  .
    Ô  .  .  .  .  Ã  .  ã
    ô  .  .  [  .  Õ  .  õ
    .  .  .  ~  .  .  .  .
    Á  .  .  ]  .  .  .  .
    á  Ê  \\  .  Ó  .  ó  â`,
};

const named = new Map([
  ['SP', ' '],
  ['LF', '\n'],
  ['CR', '\r'],
  ['FF', '\f'],
]);

/** [septet, character] of every place that has one. */
function places(table: keyof typeof printed): readonly (readonly [number, string])[] {
  const rows = printed[table]
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/ +/));
  expect(rows.map((row) => row.length)).toEqual(new Array(16).fill(8));
  return rows.flatMap((row, low) =>
    row.flatMap((cell, high): (readonly [number, string])[] =>
      cell === 'ESC' || (cell === '.' && table.endsWith('single')) ? [] : [[high * 16 + low, named.get(cell) ?? cell]],
    ),
  );
}

const locking = (language: 'turkish' | 'portuguese'): NationalTables => ({ locking: language, single: undefined });
const single = (language: NationalLanguage): NationalTables => ({ locking: undefined, single: language });

const everyTables: readonly NationalTables[] = [undefined, 'turkish' as const, 'portuguese' as const].flatMap((first) =>
  [undefined, 'turkish' as const, 'spanish' as const, 'portuguese' as const].map((second) => ({
    locking: first,
    single: second,
  })),
);

describe('the tables (TS 23.038 annex A)', () => {
  it.each(['turkish', 'portuguese'] as const)('%s locking has the printed 127 characters (7.8)', (language) => {
    const rows = places(`${language} locking`);
    expect(rows).toHaveLength(127);
    for (const [septet, character] of rows) {
      expect(fromSeptets([septet], alphabetOf(locking(language)))).toBe(character);
    }
  });

  it.each(['turkish', 'spanish', 'portuguese'] as const)(
    '%s single shift has the printed characters (7.8)',
    (language) => {
      const rows = new Map(places(`${language} single`));
      expect([...alphabetOf(single(language)).extension].toSorted(([a], [b]) => a - b)).toEqual(
        [...rows].toSorted(([a], [b]) => a - b),
      );
    },
  );

  it('shows the locking table for a septet behind an escape that the single shift table does not have', () => {
    expect(fromSeptets([0x1b, 0x07], alphabetOf({ locking: 'turkish', single: 'turkish' }))).toBe('ı');
    expect(fromSeptets([0x1b, 0x07], alphabetOf(single('turkish')))).toBe('ì');
  });

  it('keeps the own extension table of the default alphabet beside a locking table', () => {
    expect(fromSeptets([0x1b, 0x3c, 0x1b, 0x67], alphabetOf(locking('turkish')))).toBe('[g');
  });

  it('takes one septet for what both tables have', () => {
    expect(septetCount('|^\\~€', alphabetOf({ locking: 'portuguese', single: 'portuguese' }))).toBe(5);
    expect(septetCount('€', alphabetOf(locking('turkish')))).toBe(1);
  });
});

describe('texts', () => {
  it('come back from their septets in every pair of tables', () => {
    for (const tables of everyTables) {
      const alphabet = alphabetOf(tables);
      const characters = [...alphabet.basic.replace('\u001b', ''), ...alphabet.extension.values()];
      const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 60 });
      fc.assert(
        fc.property(text, (whole) => {
          const septets = toSeptets(whole, alphabet);
          expect(septets).toHaveLength(septetCount(whole, alphabet) ?? -1);
          expect(fromSeptets(septets ?? [], alphabet)).toBe(whole);
        }),
        { numRuns: 30 },
      );
    }
  });

  it('is no text of an alphabet that lacks a character', () => {
    expect(toSeptets('ñ', alphabetOf(locking('portuguese')))).toBeUndefined();
    expect(septetCount('ğ', defaultAlphabet)).toBeUndefined();
    expect(septetCount('è', alphabetOf(locking('turkish')))).toBeUndefined();
  });
});

describe('headers (7.8)', () => {
  it('names the tables as the reference prints them', () => {
    const header = (tables: NationalTables) => toHex(buildUserDataHeader(nationalElements(tables)));
    expect(header(single('turkish'))).toBe('03240101');
    expect(header(single('spanish'))).toBe('03240102');
    expect(header(locking('portuguese'))).toBe('03250103');
    expect(header({ locking: 'turkish', single: 'turkish' })).toBe('06240101250101');
  });

  it('comes back for every pair of tables', () => {
    for (const tables of everyTables) {
      const isDefault = tables.locking === undefined && tables.single === undefined;
      const read = readNationalTables(nationalElements(tables));
      expect(read).toEqual({ tables: isDefault ? undefined : tables, faults: [] });
    }
  });

  it.each([
    { hex: '03240104', what: 'a language that is not known' },
    { hex: '03250102', what: 'a locking table that Spanish does not have' },
    { hex: '0425020101', what: 'two octets' },
    { hex: '022400', what: 'no octet' },
  ])('reads the default table and says so for $what: $hex', ({ hex }) => {
    const header = parseUserDataHeader(bytesOf(hex));
    expect(header.ok && readNationalTables(header.value.others)).toMatchObject({
      tables: undefined,
      faults: [{ code: 'CIMD2_USER_DATA' }],
    });
  });

  it('takes the last of several, and leaves other elements alone', () => {
    const header = parseUserDataHeader(bytesOf('0C240101050400010002240102'));
    expect(header.ok && readNationalTables(header.value.others).tables).toEqual(single('spanish'));
  });
});

describe('the ways to write in a language', () => {
  it('leave out the locking table that Spanish does not have, and both at once in Turkish, where that adds nothing', () => {
    expect([tablesOf('turkish').length, tablesOf('spanish').length, tablesOf('portuguese').length]).toEqual([2, 1, 3]);
    const both = alphabetOf({ locking: 'turkish', single: 'turkish' });
    for (const character of both.extension.values()) {
      expect(septetCount(character, alphabetOf(locking('turkish')))).toBe(septetCount(character, both));
    }
  });
});
