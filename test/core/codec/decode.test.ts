import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { checksum, formatChecksum } from '../../../src/core/codec/checksum.ts';
import { decodePacket, parameterLimit } from '../../../src/core/codec/decode.ts';
import { bytesOf } from './vectors.ts';

const alive = { operation: 40, packetNumber: 3 };
const submit = { operation: 3, packetNumber: 7 };

/** Written as in the reference, for example `\x0240:003\t3C\x03`. */
const decode = (wire: string) => decodePacket(fromLatin1(wire));

describe('stream vectors of reference section 10.1', () => {
  it.each([
    ['one-digit trailer', '0234303A303033093303', 'CIMD2_BAD_TRAILER', 'trailer'],
    ['non-hex trailer', '0234303A303033095A5A03', 'CIMD2_BAD_TRAILER', 'trailer'],
    ['parameter not closed by TAB', '0230333A303037093032313A3132333403', 'CIMD2_BAD_TRAILER', 'trailer'],
    ['NUL in a value', '0230333A303037093032313A31323334093033333A6100620903', 'CIMD2_ILLEGAL_BYTE', 'parameter'],
    ['short operation code', '02333A3030370903', 'CIMD2_BAD_HEADER', 'header'],
    ['parameter code with two digits', '0230333A3030370932313A313233340903', 'CIMD2_BAD_PARAMETER', 'parameter'],
    ['empty packet', '0203', 'CIMD2_BAD_HEADER', 'header'],
  ])('says what is wrong: %s', (_name, hex, code, damage) => {
    expect(decodePacket(bytesOf(hex))).toMatchObject({ ok: false, damage, fault: { code } });
  });

  it('keeps the colons of a value', () => {
    expect(decodePacket(bytesOf('0230333A303039093032313A31093033333A613A623A6309424203'))).toMatchObject({
      packet: {
        operation: 3,
        packetNumber: 9,
        parameters: [
          { code: 21, value: '1' },
          { code: 33, value: 'a:b:c' },
        ],
      },
    });
  });
});

describe('trailer (1.5)', () => {
  it.each([['3C'], ['3c']])('takes the checksum %s', (sum) => {
    expect(decode(`\x0240:003\t${sum}\x03`)).toMatchObject({ ok: true, hasChecksum: true });
  });

  it('takes a packet without checksum', () => {
    expect(decode('\x0240:003\t\x03')).toMatchObject({ ok: true, hasChecksum: false });
  });

  it.each([['3'], ['3C0'], ['3G'], [' 3C'], ['3\x00']])('refuses %j in place of a checksum', (trailer) => {
    expect(decode(`\x0240:003\t${trailer}\x03`)).toMatchObject({ ok: false, damage: 'trailer', header: alive });
  });

  it('says which checksum it found and which it expected', () => {
    expect(decode('\x0240:003\t3D\x03')).toMatchObject({
      damage: 'checksum',
      header: alive,
      fault: { message: 'Packet 40:003: checksum 3D, expected 3C.' },
    });
  });
});

describe('order of the checks (1.6)', () => {
  it('judges the trailer before the header', () => {
    expect(decode('\x02xx:003\t3\x03')).toMatchObject({ damage: 'trailer', header: undefined });
  });

  it('judges the checksum before the header', () => {
    expect(decode('\x02xx:003\t00\x03')).toMatchObject({ damage: 'checksum', header: undefined });
  });

  it('judges the checksum before the parameters', () => {
    expect(decode('\x0203:007\t21:1\t00\x03')).toMatchObject({ damage: 'checksum' });
  });

  it('gives the header with a broken parameter, so that number and operation can be judged first', () => {
    expect(decode('\x0203:007\t21:1\t\x03')).toMatchObject({ damage: 'parameter', header: submit });
  });
});

describe('header (1.1)', () => {
  it.each([
    ['letters in the operation', '\x02a0:003\t\x03'],
    ['operation 00', '\x0200:003\t\x03'],
    ['three digits of operation', '\x02040:003\t\x03'],
    ['no colon', '\x0240;003\t\x03'],
    ['a sign in the number', '\x0240:-03\t\x03'],
    ['two digits of number', '\x0240:03\t\x03'],
    ['a number above 255', '\x0240:256\t\x03'],
    ['no TAB', '\x0240:003\x03'],
    ['something between number and TAB', '\x0240:0030\t\x03'],
  ])('refuses %s', (_name, wire) => {
    expect(decode(wire)).toMatchObject({ ok: false, damage: 'header', header: undefined });
  });

  it.each([
    [1, 0],
    [99, 255],
  ])('takes operation %i and number %i', (operation, number) => {
    const wire = `\x02${String(operation).padStart(2, '0')}:${String(number).padStart(3, '0')}\t\x03`;
    expect(decode(wire)).toMatchObject({ ok: true, packet: { operation, packetNumber: number } });
  });

  it('does not judge whether an operation exists', () => {
    expect(decode('\x0207:049\t\x03')).toMatchObject({ ok: true, packet: { operation: 7 } });
  });
});

describe('parameters (1.2, 1.7)', () => {
  it('keeps their order, repetitions and empty values', () => {
    expect(decode('\x0253:017\t021:1\t060:a\t021:2\t033:\t\x03')).toMatchObject({
      packet: {
        parameters: [
          { code: 21, value: '1' },
          { code: 60, value: 'a' },
          { code: 21, value: '2' },
          { code: 33, value: '' },
        ],
      },
    });
  });

  it('keeps spaces at the end, line ends and bytes above 7F as they are', () => {
    expect(decode('\x0203:007\t033:\r\n\xe4 \xff \t\x03')).toMatchObject({
      packet: { parameters: [{ code: 33, value: '\r\n\xe4 \xff ' }] },
    });
  });

  it.each([
    ['no digits', 'abc:1'],
    ['two digits', '21:1'],
    ['four digits', '0021:1'],
    ['no colon', '0211'],
    ['nothing at all', ''],
  ])('refuses a code with %s', (_name, parameter) => {
    expect(decode(`\x0203:007\t${parameter}\t\x03`)).toMatchObject({
      damage: 'parameter',
      fault: { code: 'CIMD2_BAD_PARAMETER' },
    });
  });

  it.each([['\x00'], ['\x02'], ['\x03']])('refuses the byte %j in a value', (byte) => {
    expect(decode(`\x0203:007\t033:a${byte}b\t\x03`)).toMatchObject({ fault: { code: 'CIMD2_ILLEGAL_BYTE' } });
  });

  it('refuses one parameter more than the limit', () => {
    expect(decode(`\x0203:007\t${'021:1\t'.repeat(parameterLimit)}\x03`)).toMatchObject({ ok: true });
    expect(decode(`\x0203:007\t${'021:1\t'.repeat(parameterLimit + 1)}\x03`)).toMatchObject({
      damage: 'parameter',
      fault: { code: 'CIMD2_TOO_MANY_PARAMETERS' },
    });
  });

  it('never repeats a value in its message', () => {
    const decoded = decode('\x0201:001\t011:SeCrEt\x00\t\x03');
    expect(decoded).toMatchObject({
      fault: { message: 'Packet 01:001: parameter 1 holds a byte that no value may hold.' },
    });
  });
});

describe('bytes that are no packet', () => {
  it.each([
    [''],
    ['02'],
    ['03'],
    ['09'],
    ['0209'],
    ['34303A3030330903'],
    ['0234303A30303309'],
    ['0234303A303033093343'],
  ])('gives a fault for %j', (hex) => {
    expect(decodePacket(bytesOf(hex))).toMatchObject({ ok: false });
  });

  it('gives a result for any bytes at all, with or without a right checksum', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x02, 0x03, 0x09, 0x00, 0x3a),
      fc.integer({ min: 0x30, max: 0x39 }),
      fc.nat(255),
    );
    const bytes = fc.array(byte, { maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (inner, summed) => {
        const body = Uint8Array.from([0x02, ...inner, 0x09]);
        const digits = summed ? fromLatin1(formatChecksum(checksum(body))) : [];
        const decoded = decodePacket(Uint8Array.from([...body, ...digits, 0x03]));
        expect(decoded.ok || decoded.fault.message.length > 0).toBe(true);
        // The trailer is whole here, so what is wrong lies elsewhere.
        if (!decoded.ok) expect(['header', 'parameter']).toContain(decoded.damage);
        expect(decodePacket(Uint8Array.from(inner))).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });
});
