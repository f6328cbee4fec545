import { describe, expect, it } from 'vitest';
import { packetDocument } from '../../../src/cli/cimd2/decode-document.ts';
import { NumberRules } from '../../../src/cli/cimd2/decode-numbers.ts';
import { readPacket } from '../../../src/cli/cimd2/decode-packet.ts';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { checksum, formatChecksum } from '../../../src/core/codec/checksum.ts';
import { bytesOf, vectors } from '../../core/codec/vectors.ts';

function read(bytes: Uint8Array, nationalPositions: 'nokia' | 'literal' = 'nokia') {
  return readPacket(bytes, new NumberRules(), { nationalPositions });
}

/** A packet with the right checksum; `|` stands for TAB. */
function packet(body: string): Uint8Array {
  const text = `\x02${body.replaceAll('|', '\t')}`;
  return fromLatin1(`${text}${formatChecksum(checksum(fromLatin1(text)))}\x03`);
}

function parameter(body: string, code: number) {
  return read(packet(body)).parameters.find((candidate) => candidate.code === code);
}

describe('readPacket on the vectors of section 10', () => {
  it.each(vectors)('reads $name without a fault of its own', (vector) => {
    const report = read(bytesOf(vector.hex));
    expect(report).toMatchObject({ operation: vector.operation, packetNumber: vector.packetNumber });
    expect(report.parameters.map(({ code, value }) => [code, value])).toEqual(
      vector.parameters.map(([code, value]) => [code, code === 11 ? '********' : value]),
    );
    expect(report.checksum.found ?? null).toBe(vector.checksum);
    const expected = {
      'submit-bad-checksum': ['CIMD2_CHECKSUM_MISMATCH'],
      'unknown-operation-request': ['CIMD2_UNKNOWN_OPERATION'],
    }[vector.name];
    expect(report.faults.map((fault) => fault.code)).toEqual(expected ?? []);
  });

  it('never shows a password', () => {
    for (const vector of vectors) {
      const shown = JSON.stringify(packetDocument(read(bytesOf(vector.hex))));
      for (const [code, value] of vector.parameters) if (code === 11) expect(shown).not.toContain(value);
    }
  });
});

describe('readPacket', () => {
  it.each([
    [30, '03:001|021:1|030:16|033:x|', 'default alphabet, class 0 (flash)'],
    [30, '03:001|021:1|030:12|033:x|', 'default alphabet, reserved value, read so'],
    [30, '03:001|021:1|030:232|034:0041|', 'UCS-2, message waiting: voice-mail active, text to store'],
    [32, '03:001|021:1|032:0B0504158100000003AB0201|033:x|', 'part 1 of 2, reference 171; to port 5505, from port 0'],
    [32, '03:001|021:1|032:03240101|033:x|', 'national single shift table: Turkish'],
    [33, '03:001|021:1|033:_XXe|', '"€", 2 of 160 septets'],
    [33, '03:001|021:1|032:050003AB0201|033:x|', '"x", 1 of 153 septets'],
    [34, '03:001|021:1|030:8|034:D83DDE00|', '"😀", 2 units of UCS-2'],
    [34, '03:001|021:1|030:4|034:00FF|', '2 octets'],
    [50, '03:001|021:1|033:x|050:0|', 'for 5 min'],
    [50, '03:001|021:1|033:x|050:-1|', 'one attempt, not stored'],
    [52, '03:001|021:1|033:x|052:66|', 'replace type 2'],
    [53, '03:001|021:1|033:x|053:11|', 'in 1 h'],
    [56, '03:001|021:1|033:x|056:9|', 'reports on temporary error, delivery successful'],
    [61, '23:000|021:1|060:260131235959|061:6|063:260131235959|', 'last no response, final'],
    [62, '23:000|021:1|060:260131235959|061:3|062:29|063:260131235959|', 'absent subscriber (temporary)'],
    [68, '05:001|068:2|', 'all messages'],
    [900, '53:001|021:1|900:10|', 'temporary congestion; try again later'],
  ])('says what %i means in %s', (code, body, words) => {
    expect(parameter(body, code)?.words).toBe(words);
  });

  it('reads a text in the national table that its header names (section 7.8)', () => {
    // Septet 07 of the Turkish locking table.
    expect(parameter('03:001|021:1|032:03250101|033:_i`|', 33)?.text).toBe('ı');
  });

  it('reads national positions as letters or as themselves (section 7.5)', () => {
    const bytes = packet('03:001|021:1|033:[a]|');
    expect(read(bytes).parameters[1]?.text).toBe('ÄaÅ');
    expect(read(bytes, 'literal').parameters[1]?.text).toBe('[a]');
  });

  it.each([
    ['03:001|021:12x|033:a|', 'CIMD2_ILLEGAL_BYTE', 21, '3.2', /allowed: at most 20 digits/],
    ['03:001|021:1|033:a|067:0|', 'CIMD2_VALUE_OUT_OF_RANGE', 67, '3.2', /outside 1 to 9\.$/],
    ['03:001|021:1|033:a|067:1|067:1|', 'CIMD2_DUPLICATE_PARAMETER', 67, '1.7', /must not repeat/],
    ['03:001|033:a|', 'CIMD2_MISSING_PARAMETER', 21, '2.4', /missing/],
    ['03:001|021:1|033:a|777:1|', 'CIMD2_UNKNOWN_PARAMETER', 777, '2.4', /not expected/],
    ['03:001|021:1|033:a_zz|', 'CIMD2_USER_DATA', 33, '7.5', /underscore/],
    [`03:001|021:1|033:${'a'.repeat(161)}|`, 'CIMD2_VALUE_TOO_LONG', 33, '7.8', /161 septets, at most 160/],
    ['03:001|021:1|032:0500|033:a|', 'CIMD2_USER_DATA', 32, '7.8', /header says 5 octets/],
    ['03:001|021:1|030:8|034:004|', 'CIMD2_VALUE_OUT_OF_RANGE', 34, '7.7', /odd number/],
    ['03:000|021:1|033:a|', 'CIMD2_PACKET_NUMBER', undefined, '4.1', /even/],
  ])('finds fault with %s', (body, code, about, section, message) => {
    const { faults } = read(packet(body));
    expect(faults).toEqual([{ code, parameter: about, section, message: expect.stringMatching(message) }]);
  });

  it('shows what can be read of a packet that is broken further on (section 1.6)', () => {
    const report = read(fromLatin1('\x0203:007\t021:1234\tnot one\t033:a\x00b\t\x03'));
    expect(report.faults.map((fault) => fault.code)).toEqual(['CIMD2_BAD_PARAMETER']);
    expect(report.parameters.map(({ code, value }) => [code, value])).toEqual([
      [21, '1234'],
      [undefined, 'not one'],
      [33, 'a\x00b'],
    ]);
  });

  it('shows a packet without a readable header as it came, and stars a password in it', () => {
    const report = read(fromLatin1('\x021:001\t010:me\t011:secret\t\x03'));
    expect(report).toMatchObject({ operation: undefined, hex: undefined, parameters: [] });
    expect(JSON.stringify(packetDocument(report))).not.toContain('secret');
    expect(read(fromLatin1('\x023:007\t\x03')).hex).toBe('02333A3030370903');
  });

  it.each([
    '\x0201:001\t010:me 011:secret\x03',
    '\x0201:001\t010:me\t011:secret\x03',
    '\x0201:001\t010:me\tx011:secret\t\x03',
    '\x02011:secret\t\x03',
  ])('stars a password that stands where none belongs: %j', (text) => {
    expect(JSON.stringify(packetDocument(read(fromLatin1(text))))).not.toContain('secret');
  });

  it('does not find fault with a checksum that was made over a password starred since', () => {
    const report = read(fromLatin1('\x0201:001\t010:me\t011:********\t18\x03'));
    expect(report.checksum.verdict).toBe('unknowable');
    expect(report.faults).toEqual([]);
  });

  it('does not call a submit refused that some destinations accepted (section 2.4)', () => {
    const kinds = vectors.filter(({ operation }) => operation === 53).map(({ hex }) => read(bytesOf(hex)).kind);
    expect(kinds).toEqual(['positive response', 'negative response', 'mixed response']);
  });
});
