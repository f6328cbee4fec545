import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSubmitAnswer } from '../../../src/core/message/submit-answer.ts';
import { vectorParameters } from '../codec/vector-values.ts';
import { now } from './messages.ts';
import { options, packet, written } from './packet-lines.ts';

describe('the answer to a submit (2.4)', () => {
  const stamp = { digits: '260131120000', at: Date.parse('2026-01-31T12:00:00+02:00') };
  const answer = (lines: readonly string[], destination = '11111', operation = 53) =>
    readSubmitAnswer(packet(operation, written(...lines)), destination, options);

  it('reads the vectors', () => {
    const read = (name: string, to: string) => readSubmitAnswer(packet(53, vectorParameters(name)), to, options);
    expect(read('submit-response-ok', '+358501234567')).toMatchObject({
      type: 'accepted',
      stamp: { digits: '260131235959' },
    });
    expect(read('submit-response-error', '+358501234567')).toEqual({
      type: 'refused',
      errorCode: 310,
      text: 'Incorrect status report request parameter usage',
    });
    expect(read('submit-multi-response-mixed', '22222')).toMatchObject({ type: 'accepted', stamp });
    expect(read('submit-multi-response-mixed', '333')).toMatchObject({ type: 'refused', errorCode: 300 });
  });

  it.each([
    { lines: ['021:11111', '060:260131120000'], shape: 'as it should be' },
    { lines: ['060:260131120000'], shape: 'without 021, as a dummy server of jcimd sends it' },
    { lines: ['060:260131120000', '021:11111'], shape: 'with 060 before 021' },
    { lines: ['021:11111', '060:260131120000', '900:0'], shape: 'with 900:0' },
    { lines: ['021:22222', '900:300', '021:11111', '060:260131120000'], shape: 'beside a refused one' },
    { lines: ['021:11111', '060:260131120000', '021:22222', '900:300'], shape: 'before a refused one' },
    { lines: ['900:300', '021:11111', '060:260131120000'], shape: 'with an error that is not its own' },
    { lines: ['021:11111', '900:', '060:260131120000'], shape: 'with an empty 900' },
  ])('is accepted $shape: $lines', ({ lines }) => {
    expect(answer(lines)).toEqual({ type: 'accepted', stamp, remarks: [] });
  });

  it.each([
    { lines: ['021:11111', '900:300'], errorCode: 300 },
    { lines: ['900:10'], errorCode: 10 },
    { lines: ['900:10', '021:11111'], errorCode: 10 },
    { lines: ['021:11111', '021:22222', '021:333', '900:310'], errorCode: 310 },
    { lines: ['021:11111', '021:22222', '060:260131120000', '021:333', '900:9'], errorCode: 9 },
    { lines: ['021:11111', '900:005 text'], errorCode: 5 },
    { lines: ['021:11111', '900:300', '900:310'], errorCode: 300 },
  ])('is refused with $errorCode: $lines', ({ lines, errorCode }) => {
    expect(answer(lines)).toEqual({ type: 'refused', errorCode, text: undefined });
  });

  it('is refused by a general error (98)', () => {
    expect(answer(['900:1', '901:Unexpected operation'], '11111', 98)).toEqual({
      type: 'refused',
      errorCode: 1,
      text: 'Unexpected operation',
    });
    expect(answer([], '11111', 98)).toMatchObject({ type: 'fault' });
  });

  it('shows at most 64 printable characters of the error text', () => {
    const refused = answer(['021:11111', '900:300', `901:\u001b[2J${'x'.repeat(100)}`]);
    expect(refused).toMatchObject({ type: 'refused', text: `?[2J${'x'.repeat(60)}` });
  });

  it.each([
    { lines: [], remark: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:11111'], remark: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:11111', '060:yesterday'], remark: 'CIMD2_VALUE_OUT_OF_RANGE' },
  ])('is accepted without a usable stamp, and says so: $lines', ({ lines, remark }) => {
    expect(answer(lines)).toMatchObject({ type: 'accepted', stamp: undefined, remarks: [{ code: remark }] });
  });

  it('keeps twelve digits that name no time, since reports are matched by them (8.4)', () => {
    expect(answer(['021:11111', '060:260231000000'])).toMatchObject({
      type: 'accepted',
      stamp: { digits: '260231000000', at: now },
    });
  });

  it.each([
    { lines: ['021:22222', '060:260131120000'], code: 'SESSION_UNEXPECTED_RESPONSE' },
    { lines: ['021:22222', '900:300'], code: 'SESSION_UNEXPECTED_RESPONSE' },
    { lines: ['021:11111', '060:260131120000', '900:300'], code: 'CIMD2_UNEXPECTED_PARAMETER' },
    { lines: ['021:11111', '900:refused'], code: 'CIMD2_BAD_PARAMETER' },
    { lines: ['021:11111', '901:refused'], code: 'CIMD2_MISSING_PARAMETER' },
  ])('leaves the fate open: $lines', ({ lines, code }) => {
    expect(answer(lines)).toMatchObject({ type: 'fault', fault: { code } });
  });

  it('fits the number it was asked for in another number plan, but not another number (8.4)', () => {
    for (const answered of ['358401234567', '+358401234567', '0401234567', '+358-40-1234567']) {
      expect(answer([`021:${answered}`, '060:260131120000'], '+358401234567').type).toBe('accepted');
    }
    for (const answered of ['+358401234568', '234567', '4567']) {
      expect(answer([`021:${answered}`, '060:260131120000'], '+358401234567').type).toBe('fault');
    }
  });

  it('takes no other operation for an answer', () => {
    expect(answer(['021:11111', '060:260131120000'], '11111', 54)).toMatchObject({ type: 'fault' });
  });

  it('never throws, whatever stands in it', () => {
    const value = fc.oneof(fc.string({ maxLength: 15 }), fc.constantFrom('11111', '260131120000', '300', '0', ''));
    const parameter = fc.record({ code: fc.constantFrom(21, 60, 900, 901, 33), value });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 10 }), fc.constantFrom(53, 98), (parameters, operation) => {
        const read = readSubmitAnswer(packet(operation, parameters), '11111', options);
        expect(['accepted', 'refused', 'fault']).toContain(read.type);
        if (read.type === 'refused') expect(parameters.some(({ code }) => code === 900)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
