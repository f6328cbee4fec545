import { describe, expect, it } from 'vitest';
import { matches, parseQuery, queryText, type SlotPair } from '../../../../src/cli/ring/screen/slot-query.ts';
import type { SlotView } from '../../../../src/core/store/ring-view.ts';

const now = 1_000_000;

function slot(changes: Partial<SlotView>): SlotView {
  return {
    slot: 12,
    seq: 267,
    status: 'mirrored',
    attempts: 0,
    possibleDuplicate: false,
    movedAt: now - 40_000,
    ...changes,
  };
}

const message = { kind: 'text', from: '', to: '+358401234567', content: '', createdAt: 0, validUntil: 0 } as const;
const same: SlotPair = { buffer: slot({ message }), imServer: slot({}) };
const apart: SlotPair = { buffer: slot({}), imServer: slot({ status: 'placed' }) };

function isLetThrough(text: string, pair: SlotPair): boolean {
  const query = parseQuery(text);
  if (!query.ok) throw new Error(query.fault.message);
  return matches(query.value, pair, now);
}

describe('a filter of slots', () => {
  it.each([
    ['mirrored', same, true],
    ['placed', same, false],
    ['placed', apart, true],
    ['in-doubt,placed', apart, true],
    ['>30s', same, true],
    ['>50s', same, false],
    ['<1m', same, true],
    ['mirrored >50s', same, false],
    ['267', same, true],
    ['#267', same, true],
    ['12', same, true],
    ['26', same, false],
    ['+358401', same, true],
    ['401234', same, true],
    ['+999', same, false],
    ['differs', same, false],
    ['differs', apart, true],
    ['used', same, true],
    ['', same, true],
  ])('%j lets through or not', (text, pair, isSo) => {
    expect(isLetThrough(text, pair)).toBe(isSo);
  });

  it('looks at no age and no phone number where there is none', () => {
    const free: SlotPair = {
      buffer: { slot: 12, status: 'free', attempts: 0, possibleDuplicate: false },
      imServer: undefined,
    };
    expect(isLetThrough('>1s', free)).toBe(false);
    expect(isLetThrough('+358', free)).toBe(false);
    expect(isLetThrough('differs', free)).toBe(false);
  });

  it.each([
    ['>30', 'no unit'],
    ['<soon', 'no duration'],
    ['in-dout', 'Did you mean in-doubt?'],
    ['placed,xyz', 'Statuses: free'],
  ])('refuses %j', (text, why) => {
    const query = parseQuery(text);
    expect(query.ok ? '' : query.fault.message).toContain(why);
  });

  it('can be read back', () => {
    const query = parseQuery('in-doubt,refused >30s');
    expect(query.ok && queryText(query.value)).toBe('in-doubt or refused, older than 30 s');
  });
});
