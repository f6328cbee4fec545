import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLatin1 } from '../../../src/core/base/bytes.ts';
import { InvariantError } from '../../../src/core/base/invariant.ts';
import { decodePacket, parameterLimit } from '../../../src/core/codec/decode.ts';
import { emitLimitBytes, encodePacket, tryEncodePacket } from '../../../src/core/codec/encode.ts';
import type { Packet, Parameter } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { describeEvent, frame } from './vectors.ts';

const submit = (...parameters: readonly Parameter[]): Packet => ({
  operation: 3,
  packetNumber: packetNumber(7),
  parameters,
});

const withSum = { checksum: 'send' } as const;
const withoutSum = { checksum: 'omit' } as const;

/** Every byte that a value may hold. SPEC: section 1.2. */
const legalByte = fc.nat(255).filter((byte) => ![0, 2, 3, 9].includes(byte));
const value = fc.array(legalByte, { maxLength: 60 }).map((bytes) => String.fromCharCode(...bytes));
const anyPacket = fc.record({
  operation: fc.integer({ min: 1, max: 99 }),
  packetNumber: fc.nat(255).map(packetNumber),
  parameters: fc.array(fc.record({ code: fc.nat(999), value }), { maxLength: 20 }),
});

it('writes what decode reads back, whatever the values', () => {
  fc.assert(
    fc.property(anyPacket, fc.boolean(), (packet, hasChecksum) => {
      const bytes = encodePacket(packet, hasChecksum ? withSum : withoutSum);
      expect(decodePacket(bytes)).toEqual({ ok: true, packet, hasChecksum });
      expect(frame(bytes, bytes).map(describeEvent)).toHaveLength(2);
    }),
    { numRuns: 500 },
  );
});

it('pads codes and numbers with zeros (1.1)', () => {
  const bytes = encodePacket(
    { operation: 1, packetNumber: packetNumber(1), parameters: [{ code: 10, value: 'u' }] },
    withoutSum,
  );
  expect(toLatin1(bytes)).toBe('\x0201:001\t010:u\t\x03');
});

it('writes the checksum in upper case (1.5)', () => {
  const bytes = encodePacket(submit({ code: 21, value: '1234' }, { code: 33, value: 'Hi J' }), withSum);
  expect(toLatin1(bytes)).toBe('\x0203:007\t021:1234\t033:Hi J\tD3\x03');
});

describe('what cannot be written', () => {
  it.each([['\x00'], ['\x02'], ['\x03'], ['\t'], ['€']])('refuses the character %j in a value (1.2)', (character) => {
    const packet = submit({ code: 33, value: `secret ${character}` });
    expect(() => encodePacket(packet, withSum)).toThrow(InvariantError);
    expect(tryEncodePacket(packet, withSum)).toMatchObject({ ok: false, fault: { code: 'CIMD2_ILLEGAL_BYTE' } });
  });

  it('does not repeat the value in the message', () => {
    const refused = tryEncodePacket(submit({ code: 11, value: 'secret\t' }), withSum);
    expect(refused).toMatchObject({ fault: { message: 'Parameter 11 holds 09, which no value may hold.' } });
  });

  it('refuses a packet one byte over what we emit (1.4)', () => {
    // STX 03:007 TAB 033: … TAB C C ETX
    const fitting = 'a'.repeat(emitLimitBytes - 16);
    expect(encodePacket(submit({ code: 33, value: fitting }), withSum)).toHaveLength(emitLimitBytes);
    expect(tryEncodePacket(submit({ code: 33, value: `${fitting}a` }), withSum)).toMatchObject({
      fault: { code: 'CIMD2_OVERSIZE' },
    });
  });

  it('refuses more parameters than a decoder takes', () => {
    const many = Array.from({ length: parameterLimit + 1 }, () => ({ code: 21, value: '1' }));
    expect(tryEncodePacket(submit(...many.slice(1)), withSum)).toMatchObject({ ok: true });
    expect(tryEncodePacket(submit(...many), withSum)).toMatchObject({ fault: { code: 'CIMD2_TOO_MANY_PARAMETERS' } });
  });

  it.each([[-1], [1000], [1.5], [Number.NaN]])('refuses the parameter code %d', (code) => {
    expect(tryEncodePacket(submit({ code, value: '1' }), withSum)).toMatchObject({ ok: false });
  });

  it.each([[0], [100], [2.5]])('refuses the operation %d', (operation) => {
    expect(tryEncodePacket({ ...submit(), operation }, withSum)).toMatchObject({ ok: false });
  });
});
