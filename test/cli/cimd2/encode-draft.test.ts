import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetDocument } from '../../../src/cli/cimd2/decode-document.ts';
import { NumberRules } from '../../../src/cli/cimd2/decode-numbers.ts';
import { readPacket } from '../../../src/cli/cimd2/decode-packet.ts';
import { draftOf } from '../../../src/cli/cimd2/encode-document.ts';
import { type Draft, refuseFaulty, writeDraft } from '../../../src/cli/cimd2/encode-draft.ts';
import { fromLatin1, toHex } from '../../../src/core/base/bytes.ts';
import { bytesOf, vectors } from '../../core/codec/vectors.ts';

/** Through the JSON of decode and back; `password` stands in for the one that was starred. */
function thereAndBack(bytes: Uint8Array, password?: string) {
  const report = readPacket(bytes, new NumberRules(), { nationalPositions: 'nokia' });
  const document: unknown = JSON.parse(JSON.stringify({ schema: 'cimd2.packet/1', ...packetDocument(report) }));
  const draft = draftOf({ line: 1, document }, password);
  if (draft === undefined) throw new Error('a packet was passed over');
  return writeDraft(draft);
}

function fields(draft: Partial<Draft & { type: 'fields' }>): Draft {
  const empty = { parameters: [], trailer: { type: 'computed' }, knownFaults: [] } as const;
  return { type: 'fields', operation: 40, packetNumber: 3, ...empty, ...draft };
}

describe('decode --json and back', () => {
  it.each(vectors)('gives the bytes of $name, and nothing that was not known', (vector) => {
    const password = vector.parameters.find(([code]) => code === 11)?.[1];
    const written = thereAndBack(bytesOf(vector.hex), password);
    expect(toHex(written.bytes)).toBe(vector.hex.toUpperCase());
    expect(written.faults).toEqual([]);
  });

  it('gives the bytes of any packet without a password, however damaged', () => {
    const value = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });
    const part = fc.oneof(value, fc.constantFrom('\t', '021:', '033:', ':', '03:007\t', '900:0\t', '3C', '40:003\t'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        // A framer never hands out STX or ETX inside a packet.
        const body = parts.join('').replace(/[\x02\x03]/g, '');
        fc.pre(!body.includes('011:'));
        const bytes = fromLatin1(`\x02${body}\x03`);
        expect(toHex(thereAndBack(bytes).bytes)).toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('asks for a password that was starred', () => {
    const login = vectors.find(({ name }) => name === 'login-request');
    expect(() => thereAndBack(bytesOf(login?.hex ?? ''))).toThrow(/password/);
  });
});

describe('writeDraft', () => {
  it('computes the checksum, or takes the one it is given', () => {
    expect(toHex(writeDraft(fields({})).bytes)).toBe('0234303A30303309334303');
    const wrong = writeDraft(fields({ trailer: { type: 'given', text: '00' } }));
    expect(toHex(wrong.bytes)).toBe('0234303A30303309303003');
    expect(wrong.faults.map((fault) => fault.code)).toEqual(['CIMD2_CHECKSUM_MISMATCH']);
  });

  it.each(['a\t021:5', 'a\x00', 'a\x02', 'a\x03'])('finds the byte in %j that makes another packet of it', (value) => {
    const parameters = [
      { code: 21, value: '1' },
      { code: 33, value },
    ];
    const { faults } = writeDraft(fields({ operation: 3, parameters }));
    expect(faults[0]).toMatchObject({ code: 'CIMD2_ILLEGAL_BYTE', parameter: 33, section: '1.2' });
  });

  it('finds more bytes than may be sent (section 1.4)', () => {
    const long = { code: 33, value: 'a'.repeat(4096) };
    expect(writeDraft(fields({ operation: 3, parameters: [long] })).faults[0]?.code).toBe('CIMD2_OVERSIZE');
  });

  it('refuses with section and range', () => {
    const parameters = [
      { code: 21, value: '1' },
      { code: 33, value: '' },
      { code: 50, value: '256' },
    ];
    const written = writeDraft(fields({ operation: 3, parameters }));
    expect(() => refuseFaulty(written, 1)).toThrow(/050.*outside -1 to 255.*section 3\.4/);
  });
});
