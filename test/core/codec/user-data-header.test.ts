/** The user data header: there and back, concatenation in both sizes, and headers that contradict themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/base/bytes.ts';
import {
  appendHeaderElement,
  buildUserDataHeader,
  concatenationElement,
  parseUserDataHeader,
  portsElement,
  readPorts,
  userDataCapacity,
} from '../../../src/core/codec/user-data-header.ts';
import { vectorValue } from './vector-values.ts';

function parse(hex: string): ReturnType<typeof parseUserDataHeader> {
  return parseUserDataHeader(fromHex(hex) ?? Uint8Array.of(0xff));
}

const element = fc.record({ id: fc.integer({ min: 0, max: 255 }), data: fc.uint8Array({ maxLength: 10 }) });
const foreignElement = element.filter(({ id }) => id !== 0 && id !== 8);

describe('parsing (7.8)', () => {
  it('reads concatenation with an 8-bit reference', () => {
    expect(parse(vectorValue('submit-concat-part1', 32))).toEqual({
      ok: true,
      value: { concatenation: { reference: 0xab, index: 1, count: 2 }, others: [], faults: [] },
    });
  });

  it('reads concatenation with a 16-bit reference', () => {
    expect(parse('060804ABCD0302')).toMatchObject({
      value: { concatenation: { reference: 0xabcd, index: 2, count: 3 } },
    });
  });

  it('keeps ports beside concatenation', () => {
    expect(parse('0B05040B8423F00003AA0201')).toEqual({
      ok: true,
      value: {
        concatenation: { reference: 0xaa, index: 1, count: 2 },
        others: [{ id: 5, data: Uint8Array.of(0x0b, 0x84, 0x23, 0xf0) }],
        faults: [],
      },
    });
  });

  it('takes the last of several concatenations', () => {
    expect(parse('0A00030102010003020202')).toMatchObject({ value: { concatenation: { reference: 2, index: 2 } } });
  });

  it.each(['0500030A0200', '0500030A0203', '0500030A0001', '0608040A0A0000'])(
    'leaves out a concatenation that contradicts itself, and says so: %s',
    (hex) => {
      expect(parse(hex)).toMatchObject({
        ok: true,
        value: { concatenation: undefined, others: [], faults: [{ code: 'CIMD2_USER_DATA' }] },
      });
    },
  );

  it('keeps an element of that kind with another length unread', () => {
    expect(parse('0400020A02')).toMatchObject({ value: { concatenation: undefined, others: [{ id: 0 }], faults: [] } });
  });

  it.each(['05', '0500030A02', '0500030A020100', '0200', '0300030A', '0100'])(
    'refuses lengths that do not fit: %s',
    (hex) => {
      expect(parse(hex)).toMatchObject({ ok: false, fault: { code: 'CIMD2_USER_DATA' } });
    },
  );

  it('takes no octets, and a length of zero, for no header', () => {
    expect(parse('')).toMatchObject({ ok: true, value: { concatenation: undefined, others: [] } });
    expect(parse('00')).toMatchObject({ ok: true, value: { concatenation: undefined, others: [] } });
  });

  it('never throws, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), (octets) => {
        const withLength = Uint8Array.of(octets.length, ...octets);
        for (const candidate of [octets, withLength]) {
          const header = parseUserDataHeader(candidate);
          if (!header.ok || header.value.concatenation === undefined) continue;
          const { index, count } = header.value.concatenation;
          expect(index >= 1 && index <= count).toBe(true);
        }
      }),
    );
  });
});

describe('building (7.8)', () => {
  it('makes the headers that the reference prints', () => {
    const part = (reference: number) => buildUserDataHeader([concatenationElement({ reference, index: 1, count: 2 })]);
    expect(toHex(part(0xab))).toBe('050003AB0201');
    expect(toHex(part(0xff))).toBe('050003FF0201');
    expect(toHex(part(0x100))).toBe('06080401000201');
  });

  it('is no octets without elements', () => {
    expect(buildUserDataHeader([])).toHaveLength(0);
  });

  it('comes back element by element', () => {
    const concatenation = fc
      .record({ reference: fc.integer({ min: 0, max: 0xffff }), count: fc.integer({ min: 1, max: 255 }) })
      .chain((rest) => fc.integer({ min: 1, max: rest.count }).map((index) => ({ ...rest, index })));
    fc.assert(
      fc.property(
        fc.array(foreignElement, { maxLength: 8 }),
        fc.option(concatenation, { nil: undefined }),
        (others, place) => {
          const elements = place === undefined ? others : [...others, concatenationElement(place)];
          expect(parseUserDataHeader(buildUserDataHeader(elements))).toEqual({
            ok: true,
            value: { concatenation: place, others, faults: [] },
          });
        },
      ),
    );
  });

  it('puts one more element behind what is there', () => {
    fc.assert(
      fc.property(fc.array(element, { maxLength: 8 }), element, (elements, added) => {
        const appended = appendHeaderElement(buildUserDataHeader(elements), added);
        expect(appended).toEqual(buildUserDataHeader([...elements, added]));
      }),
    );
  });

  it('takes more than 255 octets for a bug', () => {
    expect(() => buildUserDataHeader([{ id: 1, data: new Uint8Array(254) }])).toThrow('256 octets');
  });
});

describe('capacity (7.8)', () => {
  it.each([
    { alphabet: 'gsm7', capacities: [160, 153, 152] },
    { alphabet: '8bit', capacities: [140, 134, 133] },
    { alphabet: 'ucs2', capacities: [70, 67, 66] },
  ] as const)('is $capacities in $alphabet beside 0, 6 and 7 octets', ({ alphabet, capacities }) => {
    expect([0, 6, 7].map((octets) => userDataCapacity(alphabet, octets))).toEqual(capacities);
  });

  it('is nothing beside a header that fills the message or more', () => {
    expect([140, 200].map((octets) => userDataCapacity('gsm7', octets))).toEqual([0, 0]);
  });
});

describe('ports (7.8; TS 23.040, 9.2.3.24.3)', () => {
  it('are read from 8 and 16 bits, the last of several, beside anything else', () => {
    const ports = (hex: string) => {
      const header = parse(hex);
      return header.ok ? readPorts(header.value.others) : header.fault;
    };
    expect(ports('0404020B0C')).toEqual({ destination: 11, origin: 12 });
    expect(ports('0B05040B8423F00003AA0201')).toEqual({ destination: 2948, origin: 9200 });
    expect(ports('0A04020B0C05040B8423F0')).toEqual({
      destination: 2948,
      origin: 9200,
    });
    expect(ports('0504030B0C0D')).toBeUndefined();
    expect(ports('')).toBeUndefined();
  });

  it('come back from the shortest element that holds them', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xff), (destination, origin, small) => {
        for (const ports of [
          { destination, origin },
          { destination: small, origin: small },
          { destination: small, origin },
        ]) {
          const element = portsElement(ports);
          expect(readPorts([element])).toEqual(ports);
          expect(element.data).toHaveLength(Math.max(ports.destination, ports.origin) > 0xff ? 4 : 2);
        }
      }),
    );
  });
});
