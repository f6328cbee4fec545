/** Short messages as plain values: there and back through bytes, and strict about everything else. */
import fc from 'fast-check';
import { pack, unpack } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { messageFromValue, messageToValue } from '../../../src/core/message/values.ts';
import { anyShortMessage, shortMessage } from './messages.ts';

function fieldsOf(value: PlainValue): PlainValue[] {
  if (!Array.isArray(value)) throw new Error('a message is an array');
  return [...value];
}

/** The value of a sound message with one field set to something else. */
function withField(index: number, value: PlainValue): PlainValue {
  const message = shortMessage({ part: { reference: 1, index: 1, count: 2 } });
  return fieldsOf(messageToValue(message)).map((field, i) => (i === index ? value : field));
}

describe('there and back', () => {
  it('brings every message back, through bytes', () => {
    fc.assert(
      fc.property(anyShortMessage, (message) => {
        expect(messageFromValue(unpack(pack(messageToValue(message))))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('makes the same bytes again from what it read, so that hashes agree', () => {
    fc.assert(
      fc.property(anyShortMessage, (message) => {
        const bytes = pack(messageToValue(message));
        const read = messageFromValue(unpack(bytes));
        expect(read.ok && pack(messageToValue(read.value)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('keeps format 1 for all but texts with a coding scheme of their own', () => {
    const flash = { type: 'text', text: 'a', coding: 'gsm7', flash: true } as const;
    const value = messageToValue(shortMessage({ content: flash }));
    expect(fieldsOf(value)).toMatchObject({ 0: 1, 4: ['text', 'a', 'gsm7', true] });
    const coded = messageToValue(shortMessage({ content: { ...flash, flash: false, dataCoding: 200 } }));
    expect(fieldsOf(coded)).toMatchObject({ 0: 2, 4: ['text', 'a', 'gsm7', false, 200] });
  });

  it('holds no window on the buffer it was read from', () => {
    const shared = Uint8Array.of(1, 2, 3);
    const value = withField(5, shared);
    const read = messageFromValue(value);
    shared.fill(9);
    expect(read.ok && read.value.header).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('what is refused', () => {
  it('names an unknown format apart from a broken message', () => {
    expect(messageFromValue(withField(0, 3))).toMatchObject({ ok: false, fault: { code: 'STORE_FORMAT_UNKNOWN' } });
    expect(messageFromValue([])).toMatchObject({ ok: false, fault: { code: 'MESSAGE_UNREADABLE' } });
  });

  it.each([
    { field: 'id', index: 1, values: ['', 'a', '019C0000-0000-7000-8000-000000000001', 7] },
    { field: 'from', index: 2, values: ['alice', '++1', '1+', '1 2', '1'.repeat(22), null] },
    { field: 'to', index: 3, values: ['x', '+1\n', 5] },
    {
      field: 'content',
      index: 4,
      values: [null, 'text', ['text'], ['text', 'a', 'utf8', false], ['text', 'a', 'gsm7', 0]],
    },
    {
      field: 'content',
      index: 4,
      values: [
        ['text', '\ud800', 'ucs2', false],
        ['text', 'a'.repeat(547), 'gsm7', false],
      ],
    },
    {
      field: 'content',
      index: 4,
      values: [
        ['text', 'a', 'gsm7', false, 1],
        ['binary', 'ff', 4],
        ['binary', new Uint8Array(161), 4],
      ],
    },
    {
      field: 'content',
      index: 4,
      values: [
        ['binary', new Uint8Array(1), 256],
        ['binary', new Uint8Array(1), 1.5],
        ['picture', 1],
      ],
    },
    { field: 'header', index: 5, values: [null, 'ff', [1], new Uint8Array(161)] },
    {
      field: 'part',
      index: 6,
      values: [[1, 0, 2], [1, 3, 2], [1, 1, 1], [65_536, 1, 2], [1, 1, 256], [1, 1], 5, undefined as never],
    },
    { field: 'validUntil', index: 7, values: [Number.NaN, Number.POSITIVE_INFINITY, '1', null] },
    { field: 'report', index: 8, values: ['all', null] },
    { field: 'createdAt', index: 9, values: [Number.NaN, null] },
    {
      field: 'smscTime',
      index: 10,
      values: [['26013123595', 1], ['26013123595x', 1], ['260131235959'], ['260131235959', null], 1],
    },
    { field: 'textId', index: 11, values: [null, 1, 'x'.repeat(65)] },
  ] as { field: string; index: number; values: PlainValue[] }[])(
    'refuses what is no $field',
    ({ field, index, values }) => {
      expect(messageFromValue(withField(index, fieldsOf(messageToValue(shortMessage()))[index] ?? null)).ok).toBe(true);
      for (const value of values) {
        expect(messageFromValue(withField(index, value))).toMatchObject({
          ok: false,
          fault: { code: 'MESSAGE_UNREADABLE', message: expect.stringContaining(field) },
        });
      }
    },
  );

  it.each([
    ['+358', ['260131235959', 1], 10, null],
    ['+358', 4, 1000, ['260131235959', 1], ['260131235959', 1]],
    ['+358', 10, null, ['260131235959', 1], ['260131235959', 1]],
    ['+358', 4, null, null, ['260131235959', 1]],
    ['+358', 4, null, ['260131235959', 1], null],
    ['+'.repeat(33), 4, null, ['260131235959', 1], ['260131235959', 1]],
    [5, 4, null, ['260131235959', 1], ['260131235959', 1]],
  ] as PlainValue[][])('refuses what is no status report', (...report) => {
    const sound: PlainValue = ['status-report', '+358', 4, null, ['260131235959', 1], ['260131235959', 1]];
    expect(messageFromValue(withField(4, sound)).ok).toBe(true);
    expect(messageFromValue(withField(4, ['status-report', ...report])).ok).toBe(false);
  });

  it.each([
    ['text', 'a', 'gsm7', false],
    ['text', 'a', 'gsm7', false, 256],
    ['text', 'a', 'gsm7', false, null],
    ['text', 'a', 'gsm7', false, 8],
    ['text', 'a', 'ucs2', false, 0],
    ['text', 'a', 'gsm7', false, 32],
    ['binary', Uint8Array.of(1), 4, 0, 0],
  ] satisfies PlainValue[][])('refuses format 2 without a coding scheme that fits the text: %j', (...content) => {
    const coded = messageToValue(
      shortMessage({ content: { type: 'text', text: 'a', coding: 'gsm7', flash: false, dataCoding: 17 } }),
    );
    expect(messageFromValue(coded).ok).toBe(true);
    const broken = fieldsOf(coded).map((field, i) => (i === 4 ? content : field));
    expect(messageFromValue(broken)).toMatchObject({ ok: false, fault: { code: 'MESSAGE_UNREADABLE' } });
  });

  it('refuses a field too many or too few', () => {
    const fields = fieldsOf(messageToValue(shortMessage()));
    expect(messageFromValue([...fields, null]).ok).toBe(false);
    expect(messageFromValue(fields.slice(0, -1)).ok).toBe(false);
  });

  it('never throws, whatever the value', () => {
    const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.double(), fc.string(), fc.uint8Array());
    const anyValue: fc.Arbitrary<PlainValue> = fc.oneof(leaf, fc.array(fc.oneof(leaf, fc.array(leaf))));
    fc.assert(
      fc.property(anyValue, fc.integer({ min: 0, max: 11 }), (value, index) => {
        for (const candidate of [value, withField(index, value)]) {
          const read = messageFromValue(candidate);
          expect(read.ok || read.fault.message.length > 0).toBe(true);
        }
      }),
    );
  });
});
