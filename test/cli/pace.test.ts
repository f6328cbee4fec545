import { describe, expect, it } from 'vitest';
import { parsePace } from '../../src/cli/pace.ts';

describe('parsePace', () => {
  it.each([
    ['sporadic', { type: 'sporadic' }],
    ['20/s', { type: 'rate', perSecond: 20 }],
    ['90/min', { type: 'rate', perSecond: 1.5 }],
    ['cycle:200ms', { type: 'cycle', everyMs: 200 }],
    ['cycle:1m', { type: 'cycle', everyMs: 60_000 }],
    ['cycle:10ms', { type: 'cycle', everyMs: 10 }],
  ])('reads %s', (text, value) => {
    expect(parsePace(text)).toEqual({ ok: true, value });
  });

  it.each(['', 'fast', '20', '0/s', 'cycle', 'cycle:', 'cycle:9ms', 'cycle:61s', 'cycle:200', '-1/s'])(
    'refuses "%s" and says how to write it',
    (text) => {
      const read = parsePace(text);
      expect(read.ok).toBe(false);
      expect(read.ok ? '' : read.fault.message).toMatch(/write it like|go from|unit/i);
    },
  );
});
