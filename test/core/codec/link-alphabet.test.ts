/** The spelling of 033: the table against the printed one, both directions, and what peers get wrong. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basicTable, extensionTable, fromSeptets, toSeptets } from '../../../src/core/codec/gsm-alphabet.ts';
import { decodeUserData033, encodeUserData033, linkTable } from '../../../src/core/codec/link-alphabet.ts';
import { vectorValue } from './vector-values.ts';

const reference = readFileSync(new URL('../../../docs/reference/cimd2.md', import.meta.url), 'utf8');
const asClient = { nationalPositions: 'nokia', unknownCombination: 'keep' } as const;
const asServer = { nationalPositions: 'nokia', unknownCombination: 'refuse' } as const;
const literal = { nationalPositions: 'literal', unknownCombination: 'keep' } as const;
const sevenBit = { eightBit: 'combination' } as const;
const eightBit = { eightBit: 'latin1' } as const;

const alphabet = [...basicTable.replace('\u001b', ''), ...extensionTable.map(([, character]) => character)];
const gsmText = fc.array(fc.constantFrom(...alphabet), { maxLength: 200 }).map((characters) => characters.join(''));
const wireBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => String.fromCharCode(...bytes));

function textOf(value: string, options: Parameters<typeof decodeUserData033>[1] = asClient): string | undefined {
  const decoded = decodeUserData033(value, options);
  return decoded.ok ? decoded.value.text : undefined;
}

describe('the table', () => {
  it('is the one printed in section 7.2, row by row', () => {
    const printed = new Map<number, { ascii: number | undefined; latin1: number | undefined; combination: string }>();
    const section = reference.slice(reference.indexOf('### 7.2'), reference.indexOf('All GSM positions not listed'));
    for (const line of section.split('\n').filter((candidate) => /^\| [0-9A-F]{2} \|/.test(candidate))) {
      const cells = line.slice(1, -1).split('|');
      for (const row of [cells.slice(0, 7), cells.slice(7, 14)]) {
        const [septet = '', , , ascii = '', latin1 = '', , hex = ''] = row.map((cell) => cell.trim());
        printed.set(Number.parseInt(septet, 16), {
          ascii: ascii === '' ? undefined : Number.parseInt(ascii.slice(0, 2), 16),
          latin1: latin1 === '' ? undefined : Number.parseInt(latin1, 16),
          combination: hex.replaceAll(' ', ''),
        });
      }
    }
    expect(printed.size).toBe(46);
    for (const row of linkTable) {
      const combination = row.combination === undefined ? '' : `_${row.combination}`;
      expect(printed.get(row.septet)).toEqual({
        ascii: row.ascii,
        latin1: row.latin1,
        combination: [...combination].map((c) => c.charCodeAt(0).toString(16).toUpperCase()).join(''),
      });
    }
    expect(linkTable).toHaveLength(printed.size);
    expect(linkTable.filter((row) => row.combination !== undefined)).toHaveLength(43);
  });

  it('reads every combination and every single byte as its septet', () => {
    for (const row of linkTable) {
      const character = row.septet === 0x1b ? ' ' : fromSeptets([row.septet]);
      if (row.combination !== undefined) expect(textOf(`_${row.combination}`)).toBe(character);
      if (row.ascii !== undefined) expect(textOf(String.fromCharCode(row.ascii))).toBe(character);
      if (row.latin1 !== undefined) expect(textOf(String.fromCharCode(row.latin1))).toBe(character);
    }
  });
});

describe('encoding (7.4)', () => {
  it('spells the vector submit-escapes-7bit, but for the quotation mark, which is its byte', () => {
    const wire = vectorValue('submit-escapes-7bit', 33);
    const text = '@£$¥èéùìòÇ ØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ "¤¡ÄÖÑÜ§¿äöñüà';
    expect(textOf(wire, asServer)).toBe(text);
    expect(encodeUserData033(text, sevenBit)).toBe(wire.replace('_qq', '"'));
  });

  it('spells the vector submit-latin1-8bit, but for the commercial at, which is always a combination', () => {
    const wire = vectorValue('submit-latin1-8bit', 33);
    expect(textOf(wire, asServer)).toBe('@£$¥èéùìòÇ ÅåÄäÖöÜüÑñ');
    expect(encodeUserData033('@£$¥èéùìòÇ ÅåÄäÖöÜüÑñ', eightBit)).toBe(wire.replace('@', '_Oa'));
  });

  it('spells the vector submit-extension-table', () => {
    const wire = vectorValue('submit-extension-table', 33);
    expect(textOf(wire, asServer)).toBe('€ { } [ ] ~ \\ ^ |');
    expect(encodeUserData033('€ { } [ ] ~ \\ ^ |', sevenBit)).toBe(wire);
    expect(encodeUserData033('\f', sevenBit)).toBe('_XX\n');
  });

  it('stays below 80 and off the national positions without the 8-bit option, and never emits a control but LF and CR', () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        const single = encodeUserData033(text, sevenBit)?.replaceAll(/_../g, '');
        expect(single).toMatch(/^[\n\r !"#$%-?A-Za-z]*$/);
        expect(encodeUserData033(text, eightBit)).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/);
      }),
    );
  });

  it('never takes more than three bytes for a septet, so that 160 of them fit the 480 of 033 (3.2)', () => {
    fc.assert(
      fc.property(gsmText, (text) => {
        const length = encodeUserData033(text, sevenBit)?.length ?? Number.NaN;
        expect(length).toBeLessThanOrEqual(3 * (toSeptets(text)?.length ?? 0));
      }),
    );
  });

  it('refuses a text with a character outside the alphabet, the grave accent among them', () => {
    expect(encodeUserData033('a`', sevenBit)).toBeUndefined();
    expect(encodeUserData033('ç', eightBit)).toBeUndefined();
  });

  it('comes back whole, in both spellings and for both readings of national positions', () => {
    fc.assert(
      fc.property(
        gsmText,
        fc.constantFrom(sevenBit, eightBit),
        fc.constantFrom(asServer, literal),
        (text, spelling, reading) => {
          expect(textOf(encodeUserData033(text, spelling) ?? 'missing', reading)).toBe(text);
        },
      ),
    );
  });
});

describe('decoding (7.5)', () => {
  it('reads national positions as letters, or literally where that is asked for', () => {
    expect(textOf('[\\]^{|}~')).toBe('ÄÖÅÜäöåü');
    expect(textOf('[\\]^{|}~', literal)).toBe('[\\]^{|}~');
  });

  it('counts a literal bracket as the two septets it is', () => {
    expect(decodeUserData033('a[', literal)).toMatchObject({ value: { septetCount: 3 } });
    expect(decodeUserData033('a[', asClient)).toMatchObject({ value: { septetCount: 2 } });
  });

  it('keeps the underscore of an unknown or cut combination, and says so', () => {
    expect(decodeUserData033('a_zz_', asClient)).toMatchObject({
      ok: true,
      value: { text: 'a_zz_', faults: [{ code: 'CIMD2_USER_DATA' }] },
    });
    expect(textOf('__XXe')).toBe('_€');
  });

  it('refuses an unknown or cut combination, or a byte without meaning, for a strict server', () => {
    for (const value of ['a_zz', '_', '_X', 'a\u0080', '\u00e7']) {
      expect(decodeUserData033(value, asServer)).toMatchObject({ ok: false, fault: { code: 'CIMD2_USER_DATA' } });
    }
  });

  it('shows the replacement character for a byte without meaning, and says so', () => {
    expect(decodeUserData033('a\u00e7b', asClient)).toMatchObject({
      ok: true,
      value: { text: 'a\ufffdb', septetCount: 3, faults: [{ code: 'CIMD2_USER_DATA' }] },
    });
  });

  it('accepts raw septets below 20 and 7F', () => {
    expect(textOf('\u0011\u0010\u001be\u007f\u0000', asServer)).toBe('_Δ€à@');
  });

  it('shows a lone grave accent as Kannel does', () => {
    expect(textOf('`', asServer)).toBe('¿');
  });

  it('pairs an escape with whatever spelling follows it', () => {
    expect(textOf('_XX\u001be_XX_XX')).toBe(' €  ');
    expect(textOf('_XX\u00a1')).toBe('|');
  });

  it('makes something of any bytes at all, with no more faults than kinds of them', () => {
    fc.assert(
      fc.property(wireBytes, fc.constantFrom(asClient, literal), (value, options) => {
        const decoded = decodeUserData033(value, options);
        expect(decoded.ok).toBe(true);
        if (!decoded.ok) return;
        expect(decoded.value.text.length).toBeLessThanOrEqual(value.length);
        expect(decoded.value.faults.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
