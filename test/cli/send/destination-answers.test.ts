import { describe, expect, it } from 'vitest';
import { answerFor } from '../../../src/cli/send/destination-answers.ts';
import type { Packet } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';

const answer = (text: string): Packet => ({
  operation: 53,
  packetNumber: packetNumber(3),
  parameters: text.split(' ').map((field) => ({ code: Number(field.slice(0, 3)), value: field.slice(4) })),
});

const partOf = (packet: Packet): string =>
  packet.parameters.map(({ code, value }) => `${String(code).padStart(3, '0')}:${value}`).join(' ');

describe('the answer to a submit with several destinations, SPEC 2.4', () => {
  it('gives each destination what stands behind its own 021', () => {
    const mixed = answer('021:11 060:260101000000 021:22 900:300 901:bad 021:33 060:260101000001');
    expect(partOf(answerFor(mixed, '11'))).toBe('021:11 060:260101000000');
    expect(partOf(answerFor(mixed, '22'))).toBe('021:22 900:300 901:bad');
    expect(partOf(answerFor(mixed, '33'))).toBe('021:33 060:260101000001');
  });

  it('gives one error at the end to every destination that has nothing of its own', () => {
    const refused = answer('021:11 021:22 060:260101000000 021:33 900:310');
    expect(partOf(answerFor(refused, '11'))).toBe('021:11 900:310');
    expect(partOf(answerFor(refused, '22'))).toBe('021:22 060:260101000000');
  });

  it('tells numbers with the same last digits apart, and finds one that lost its +', () => {
    const alike = answer('021:358401234567 060:260101000000 021:+468401234567 900:300');
    expect(partOf(answerFor(alike, '+358401234567'))).toBe('021:358401234567 060:260101000000');
    expect(partOf(answerFor(alike, '+468401234567'))).toBe('021:+468401234567 900:300');
  });
});
