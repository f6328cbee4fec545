import { describe, expect, it } from 'vitest';
import { parseStreamLine } from '../../../src/cli/im/stream-line.ts';

const phone = '+358401234567';

describe('a line that a program writes to im chat', () => {
  it('is a text where it is plain, whatever it begins with', () => {
    for (const text of ['Hello', '/history', ' spaced ']) {
      expect(parseStreamLine(text, phone)).toMatchObject({ ok: true, value: { type: 'send', to: phone, text } });
    }
  });

  it.each([
    ['{"text":"Hi","cid":"c"}', { type: 'send', to: phone, text: 'Hi', cid: 'c' }],
    ['{"type":"send","to":"bob","text":"Hi","cid":"c"}', { type: 'send', to: 'bob', text: 'Hi', cid: 'c' }],
    ['{"type":"history"}', { type: 'history', peer: phone, limit: 50, before: undefined }],
    ['{"type":"history","peer":"bob","limit":5,"before":9}', { type: 'history', peer: 'bob', limit: 5, before: 9 }],
    ['{"type":"conversations"}', { type: 'conversations', before: undefined }],
    ['{"type":"conversations","before":7}', { type: 'conversations', before: 7 }],
    ['{"type":"people","names":["bob","+358401234567"]}', { type: 'people', names: ['bob', phone] }],
    ['{"type":"presence","presence":"away"}', { type: 'presence', presence: 'away' }],
    ['{"type":"read","peer":"bob","order":9}', { type: 'read', peer: 'bob', order: 9 }],
  ])('is %s', (line, value) => {
    expect(parseStreamLine(line, phone)).toEqual({ ok: true, value });
  });

  it.each([
    ['Hello', 'TO'],
    ['{"text":"Hi"}', '`to`'],
    ['{"to":"bob","text":5}', '`text`'],
    ['{"to":', 'not JSON'],
    ['{"type":"history"}', '`peer`'],
    ['{"type":"history","peer":"bob","limit":201}', '`limit`'],
    ['{"type":"history","peer":"bob","before":-1}', '`before`'],
    ['{"type":"read","peer":"bob"}', '`order`'],
    ['{"type":"people","names":"bob"}', '`names`'],
    ['{"type":"people","names":[""]}', '`names`'],
    [`{"type":"people","names":[${'"x",'.repeat(500)}"x"]}`, '`names`'],
    ['{"type":"presence","presence":true}', '`presence`'],
    ['{"type":"shout"}', '`type`'],
  ])('is refused where it is %s, with what is wrong', (line, about) => {
    const parsed = parseStreamLine(line, undefined);
    expect(parsed).toMatchObject({ ok: false, fault: { code: 'IM_BAD_REQUEST' } });
    expect(parsed.ok ? '' : parsed.fault.message).toContain(about);
  });
});
