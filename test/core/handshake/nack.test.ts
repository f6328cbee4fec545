/** Section 4.4, row by row. */
import { describe, expect, test } from 'vitest';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { judgeNack, type NackCase } from '../../../src/core/handshake/nack.ts';

function judge(
  expected: number,
  numbers: readonly number[],
  changes: Partial<NackCase> & { transmissions?: number; nacks?: number } = {},
): string {
  const { transmissions = 1, nacks = 0, ...rest } = changes;
  const verdict = judgeNack({
    expected: packetNumber(expected),
    outstanding: numbers.map((number) => ({ packetNumber: packetNumber(number), transmissions, nacks })),
    nextNumber: packetNumber(((numbers.at(-1) ?? 1) + 2) % 256),
    turns: 'one-at-a-time',
    repairing: undefined,
    ...rest,
  });
  if (verdict.type === 'resend') return `resend from ${verdict.from}`;
  return verdict.type === 'give-up' ? `give up: ${verdict.code}` : verdict.type;
}

const windowed = { turns: 'windowed' } as const;

describe('without a window (4.4)', () => {
  test('the outstanding number means damage: the same again', () => {
    expect(judge(3, [3])).toBe('resend from 3');
    expect(judge(3, [3], { transmissions: 2, nacks: 1 })).toBe('resend from 3');
  });
  test('the third NACK for one request ends it', () => {
    expect(judge(3, [3], { transmissions: 3, nacks: 2 })).toBe('give up: SESSION_TOO_MANY_NACKS');
  });
  test('another number is taken over, but only if the request was transmitted once', () => {
    expect(judge(9, [3])).toBe('renumber');
    expect(judge(1, [3])).toBe('renumber');
    expect(judge(9, [3], { transmissions: 2 })).toBe('give up: SESSION_OUT_OF_SYNC');
    expect(judge(9, [3], { transmissions: 2, nacks: 1 })).toBe('give up: SESSION_OUT_OF_SYNC');
  });
  test('the number behind ours means that ours was accepted, also across the wrap-around', () => {
    expect(judge(5, [3])).toBe('wait');
    expect(judge(5, [3], { transmissions: 2 })).toBe('wait');
    expect(judge(1, [255])).toBe('wait');
  });
  test('an even number, or nothing outstanding, is nothing to us', () => {
    expect(judge(4, [3])).toBe('ignore');
    expect(judge(3, [])).toBe('ignore');
  });
});

describe('with a window (4.4)', () => {
  test('an outstanding number means: go back to it', () => {
    expect(judge(5, [3, 5, 7], windowed)).toBe('resend from 5');
    expect(judge(255, [253, 255, 1], windowed)).toBe('resend from 255');
  });
  test('the same NACK again is ignored until its number is answered', () => {
    expect(judge(5, [5, 7], { ...windowed, repairing: packetNumber(5) })).toBe('ignore');
    expect(judge(7, [5, 7], { ...windowed, repairing: packetNumber(5) })).toBe('resend from 7');
  });
  test('the next number means that all were accepted', () => {
    expect(judge(9, [3, 5, 7], windowed)).toBe('wait');
    expect(judge(3, [], windowed)).toBe('wait');
  });
  test('anything else is out of sync', () => {
    expect(judge(11, [3, 5, 7], windowed)).toBe('give up: SESSION_OUT_OF_SYNC');
    expect(judge(1, [3, 5, 7], windowed)).toBe('give up: SESSION_OUT_OF_SYNC');
    expect(judge(9, [], windowed)).toBe('give up: SESSION_OUT_OF_SYNC');
  });
  test('a request that was NACKed three times ends the session', () => {
    expect(judge(5, [3, 5], { ...windowed, nacks: 2 })).toBe('give up: SESSION_TOO_MANY_NACKS');
  });
  test('an even number is nothing to us', () => {
    expect(judge(4, [3, 5], windowed)).toBe('ignore');
  });
});
