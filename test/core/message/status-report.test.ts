import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { parseStatusReport } from '../../../src/core/message/status-report.ts';
import { messageFromValue, messageToValue } from '../../../src/core/message/values.ts';
import { vectorParameters } from '../codec/vector-values.ts';
import { idOf, shortMessage } from './messages.ts';
import { options, packet, written } from './packet-lines.ts';

describe('a status report (2.10)', () => {
  it('reads the vector status-report-failed', () => {
    const parsed = parseStatusReport(packet(23, vectorParameters('status-report-failed')), options);
    expect(parsed).toEqual({
      ok: true,
      value: shortMessage({
        id: idOf(5),
        from: '+358501234567',
        to: '1234599',
        content: {
          type: 'status-report',
          report: {
            destination: '+358501234567',
            stamp: { digits: '260131235959', at: instant(Date.parse('2026-01-31T23:59:59+02:00')) },
            status: 3,
            error: 1,
            dischargedAt: { digits: '260201000003', at: instant(Date.parse('2026-02-01T00:00:03+02:00')) },
          },
        },
        report: 'none',
        validUntil: options.validUntil,
        textId: '',
      }),
      remarks: [],
    });
  });

  it('keeps the key byte for byte, hyphens and impossible dates included (8.4)', () => {
    const lines = written('021:+358-50-1', '060:269999999999', '061:4', '063:260201000003');
    expect(parseStatusReport(packet(23, lines), options)).toMatchObject({
      ok: true,
      value: { from: '+358501', content: { report: { destination: '+358-50-1', stamp: { digits: '269999999999' } } } },
      remarks: [{ code: 'CIMD2_VALUE_OUT_OF_RANGE' }],
    });
  });

  it.each(['062:x', '063:', '063:soon', '023:INFO'])('goes without what is wrong with %s, and says so', (line) => {
    const sound = ['021:1', '060:260131235959', '061:4', '062:0', '063:260131235959'];
    const lines = written(...sound.filter((other) => other.slice(0, 3) !== line.slice(0, 3)), line);
    const parsed = parseStatusReport(packet(23, lines), options);
    expect(parsed).toMatchObject({
      ok: true,
      value: { to: '', content: { report: { dischargedAt: { digits: '260131235959' } } } },
    });
    expect(parsed.remarks).toHaveLength(1);
  });

  it.each([
    { lines: ['060:260131235959', '061:4'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '061:4'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '060:260131235959'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '060:now', '061:4'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: ['021:1', '060:260131235959', '061:10'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: [`021:${'1'.repeat(33)}`, '060:260131235959', '061:4'], code: 'CIMD2_VALUE_TOO_LONG' },
  ])('is a fault with $lines only', ({ lines, code }) => {
    expect(parseStatusReport(packet(23, written(...lines)), options)).toMatchObject({ ok: false, fault: { code } });
  });

  it('never throws, and makes only messages that the rings can keep', () => {
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => String.fromCharCode(...bytes)),
      fc.constantFrom('+358501234567', '260131235959', '4', '299999999999'),
    );
    const parameter = fc.record({ code: fc.constantFrom(21, 23, 33, 60, 61, 62, 63), value });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 8 }), fc.boolean(), (odd, isSoundBehind) => {
        const behind = isSoundBehind ? written('021:1', '060:260131235959', '061:4') : [];
        const parsed = parseStatusReport(packet(23, [...odd, ...behind]), options);
        if (parsed.ok)
          expect(messageFromValue(messageToValue(parsed.value))).toEqual({ ok: true, value: parsed.value });
        else expect(parsed.fault.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
