/** Short messages to test with: one that is whole, and any that can be. */
import fc from 'fast-check';
import { instant } from '../../../src/core/base/time.ts';
import { basicTable, extensionTable } from '../../../src/core/codec/gsm-alphabet.ts';
import { textContent as codedContent } from '../../../src/core/message/handling.ts';
import { type Content, messageId, type ShortMessage } from '../../../src/core/message/message.ts';

export const now = instant(Date.UTC(2026, 0, 31, 12));

export function idOf(number: number): ShortMessage['id'] {
  return messageId(`019c0000-0000-7000-8000-${String(number).padStart(12, '0')}`);
}

export function textContent(text: string, coding: 'gsm7' | 'ucs2' = 'gsm7'): Content {
  return { type: 'text', text, coding, flash: false };
}

export function shortMessage(fields: Partial<ShortMessage> = {}): ShortMessage {
  return {
    id: idOf(1),
    from: '',
    to: '+358401234567',
    content: textContent('Hello'),
    header: new Uint8Array(),
    part: undefined,
    validUntil: instant(now + 48 * 3_600_000),
    report: 'final',
    createdAt: now,
    smscTime: undefined,
    textId: 'text-1',
    ...fields,
  };
}

const alphabet = [...basicTable.replace('\u001b', ''), ...extensionTable.map(([, character]) => character)];

/** Anything the GSM alphabet has. */
export function gsmText(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength: 0, maxLength, size: 'max' });
}

/** What people write: several scripts, emoji of one and of many code points, line ends. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...'abc €[\n', '\r\n') },
    { weight: 2, arbitrary: fc.constantFrom('ł', 'ç', 'ที่', '👨‍👩‍👧‍👦', '🇫🇮', '😀', 'e\u0301', '각') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  );
  return fc.string({ unit, maxLength, size: 'max' });
}

const time = fc.record({
  digits: fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 12, maxLength: 12 }),
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant),
});

const address = fc
  .tuple(fc.constantFrom('', '+'), fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 }))
  .map(([plus, digits]) => plus + digits);

const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({
    type: fc.constant('text' as const),
    text: anyText(60),
    coding: fc.constantFrom('gsm7' as const, 'ucs2' as const),
    flash: fc.boolean(),
  }),
  // Also coding schemes that are for octets, of which a text keeps nothing but its class.
  fc
    .tuple(anyText(60), fc.constantFrom('gsm7' as const, 'ucs2' as const), fc.integer({ min: 0, max: 255 }))
    .map(([text, coding, dataCoding]) => codedContent(text, coding, dataCoding)),
  fc.record({
    type: fc.constant('binary' as const),
    bytes: fc.uint8Array({ maxLength: 140 }),
    dataCoding: fc.integer({ min: 0, max: 255 }),
  }),
  fc.record({
    type: fc.constant('status-report' as const),
    report: fc.record({
      destination: address,
      stamp: time,
      status: fc.integer({ min: 0, max: 9 }),
      error: fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
      dischargedAt: time,
    }),
  }),
);

const part = fc
  .record({ reference: fc.integer({ min: 0, max: 0xffff }), count: fc.integer({ min: 2, max: 255 }) })
  .chain((rest) => fc.integer({ min: 1, max: rest.count }).map((index) => ({ ...rest, index })));

export const anyShortMessage: fc.Arbitrary<ShortMessage> = fc.record({
  id: fc.uuid({ version: 7 }).map(messageId),
  from: fc.oneof(address, fc.constant('')),
  to: address,
  content,
  header: fc.uint8Array({ maxLength: 130 }),
  part: fc.option(part, { nil: undefined }),
  validUntil: fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant),
  report: fc.constantFrom('final' as const, 'none' as const),
  createdAt: fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant),
  smscTime: fc.option(time, { nil: undefined }),
  textId: fc.string({ maxLength: 40 }),
});
