import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/cli/send/batch.ts';
import { plainMessage } from '../../../src/cli/send/message-options.ts';

const parse = (fields: object) =>
  parseLine(JSON.stringify({ to: '+639171234567', text: 'Hello', ...fields }), 1, plainMessage);

/** Every key of a line, a value for it, and what it makes of the message. */
const keys: readonly (readonly [key: string, value: unknown, expected: object])[] = [
  ['to', ['+639171234567', '+639181234567'], { to: ['+639171234567', '+639181234567'] }],
  ['text', 'Bye', { text: 'Bye' }],
  ['id', 'first', { id: 'first' }],
  ['from', '0001', { from: '0001', alphanumeric: undefined }],
  ['alphanumeric', 'ACME', { alphanumeric: 'ACME', from: undefined }],
  ['coding', 'ucs2', { coding: 'ucs2' }],
  ['national', 'auto', { national: 'auto' }],
  ['header', '0605040B8423F0', { header: Uint8Array.of(6, 5, 4, 0x0b, 0x84, 0x23, 0xf0) }],
  ['class', 2, { messageClass: 2 }],
  ['flash', true, { messageClass: 0 }],
  ['dcs', 245, { dataCoding: 245 }],
  ['report', true, { reportBits: 62 }],
  ['reportBits', 14, { reportBits: 14 }],
  ['priority', 1, { priority: 1 }],
  ['replyPath', true, { replyPath: 'ask' }],
  ['pid', 65, { protocolId: 65 }],
  ['cancel', false, { cancel: 'forbid' }],
  ['tariffClass', 7, { tariffClass: 7 }],
  ['serviceDescription', 9, { serviceDescription: 9 }],
];

describe('a line of a batch', () => {
  it.each(keys)('takes "%s" beside the number and the text', (key, value, expected) => {
    const line = parse({ [key]: value });
    expect(line).toMatchObject({ ok: true, value: { text: 'Hello', line: 1, ...expected } });
  });

  it('takes binary data in place of the text', () => {
    const line = parseLine('{"to":"+639171234567","data":"00FF"}', 3, plainMessage);
    expect(line).toMatchObject({ ok: true, value: { text: '00FF', coding: 'binary', line: 3 } });
  });

  it.each([
    [{ from: '0001', alphanumeric: 'ACME' }, '"from" and "alphanumeric" exclude each other'],
    [{ data: '00' }, '"text" and "data" exclude each other'],
    [{ flash: true, class: 1 }, '"flash" and "class" exclude each other'],
    [{ report: true, reportBits: 1 }, '"report" and "reportBits" exclude each other'],
    [{ prio: 1 }, '"prio" is no key of a message; did you mean "priority"?'],
    [{ constructor: 1 }, '"constructor" is no key of a message'],
    [{ priority: 10 }, '"priority":'],
    [{ to: [] }, '"to": there is no number in it'],
  ])('refuses %j', (fields, message) => {
    expect(parse(fields)).toMatchObject({ ok: false, fault: { message: expect.stringContaining(message) } });
  });

  it.each(['{"__proto__":1}', '[]', 'null', '"x"', '{', ''])('refuses %s, and throws nothing', (line) => {
    expect(parseLine(line, 1, plainMessage).ok).toBe(false);
  });
});
