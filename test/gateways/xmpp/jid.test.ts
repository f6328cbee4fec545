import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLocal, formatJid, localOf, parseJid, partyOf, unescapeLocal } from '../../../src/gateways/xmpp/jid.ts';

describe('an address', () => {
  it.each([
    'alice@localhost',
    'alice@localhost/phone',
    'sms.example.org',
    '+358401234567@sms.example.org',
    'a@b/c/d@e',
  ])('%s is read and written', (text) => {
    const jid = parseJid(text);
    expect(jid && formatJid(jid)).toBe(text);
  });

  it('has no case but in its resource', () => {
    expect(parseJid('Alice@Example.ORG/Phone')).toEqual({ local: 'alice', domain: 'example.org', resource: 'Phone' });
  });

  it.each(['', '@b', 'a@', 'a@b/', 'a b@c', 'a@b c', `${'x'.repeat(300)}@b`, "a'b@c", 'a@b@c'])('is not %j', (text) => {
    expect(parseJid(text)).toBeUndefined();
  });
});

describe('what may not stand in an address', () => {
  // XEP-0106 section 5.
  it.each([
    ['space cadet', 'space\\20cadet'],
    ['call me "ishmael"', 'call\\20me\\20\\22ishmael\\22'],
    ["d'artagnan", 'd\\27artagnan'],
    ['/.fanboy', '\\2f.fanboy'],
    ['::foo::', '\\3a\\3afoo\\3a\\3a'],
    ['user@host', 'user\\40host'],
    ['c:\\net', 'c\\3a\\net'],
    ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
    ['c:\\5commas', 'c\\3a\\5c5commas'],
  ])('escapes %j as XEP-0106 section 5 has it', (text, escaped) => {
    expect(escapeLocal(text)).toBe(escaped);
    expect(unescapeLocal(escaped)).toBe(text);
  });

  it('comes back from any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(unescapeLocal(escapeLocal(text))).toBe(text);
      }),
    );
  });
});

describe('whom an address of the component means', () => {
  it.each([
    ['+358401234567', { type: 'number', number: '+358401234567' }],
    ['00358\\2040\\20123', { type: 'number', number: '+35840123' }],
    ['2882', { type: 'number', number: '2882' }],
    ['bob', { type: 'user', name: 'bob' }],
    ['\\22mybank\\22', { type: 'sender', name: 'mybank' }],
  ] as const)('%s', (local, party) => {
    expect(partyOf(local)).toEqual(party);
  });

  it('is never a user where a short message claims a name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const local = localOf({ type: 'sender', name });
        expect(partyOf(local).type).toBe('sender');
        expect(local).not.toMatch(/[\s"&'/:<>@]/);
      }),
    );
  });
});
