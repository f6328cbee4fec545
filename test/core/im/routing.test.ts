import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { parseAddress } from '../../../src/core/im/address.ts';
import { addresseeOf, wayTo } from '../../../src/core/im/routing.ts';
import type { User } from '../../../src/core/im/users.ts';

describe('the SMSC for a number', () => {
  const routes = [
    { prefix: '+358', smscId: 'hel1' },
    { prefix: '+35840', smscId: 'hel2' },
    { prefix: '+3584', smscId: 'hel3' },
    { prefix: '', smscId: 'rest' },
  ];
  it.each([
    ['+358401234567', 'hel2'],
    ['358401234567', 'hel2'],
    ['+358451234567', 'hel3'],
    ['+358501234567', 'hel1'],
    ['+46701234567', 'rest'],
  ])('%s is %s: the longest prefix wins, plus or not', (number, smscId) => {
    expect(wayTo(number, routes, undefined)).toMatchObject({ rule: 'prefix', smscIds: [smscId] });
    expect(wayTo(number, [...routes].reverse(), undefined)).toMatchObject({ smscIds: [smscId] });
  });

  it('is none where no prefix fits', () => {
    expect(wayTo('+46701234567', routes.slice(0, 3), undefined)).toEqual({ rule: 'none' });
  });
});

describe('the user for what a handset wrote', () => {
  const users = new Map([user('alice', '0001'), user('bob', '0002'), user('carol', '10001')]);
  const known = {
    users,
    serviceNumbers: ['2882', '28821'],
    suffixLength: undefined,
    defaultUser: undefined,
    lastWriter: undefined,
  };
  it.each([
    ['the suffix of the called number', '28820001', 'Hi', {}, 'alice', 'Hi'],
    ['the suffix behind the longest service number that leaves one', '288210001', 'Hi', {}, 'alice', 'Hi'],
    ['the suffix, though another is named', '28820001', '@bob Hi', {}, 'alice', '@bob Hi'],
    ['the name at the start', '2882', '@bob Hi', {}, 'bob', 'Hi'],
    ['the name in any case, with a comma or colon', '2882', ' @Bob, Hi', {}, 'bob', 'Hi'],
    ['the name and nothing else', '2882', '@bob', {}, 'bob', ''],
    ['the name before the last conversation', '2882', '@bob Hi', { lastWriter: 'alice' }, 'bob', 'Hi'],
    ['the last conversation', '2882', 'Hi', { lastWriter: 'alice', defaultUser: 'bob' }, 'alice', 'Hi'],
    ['the last conversation, where the name is nobody', '2882', '@dave Hi', { lastWriter: 'bob' }, 'bob', '@dave Hi'],
    [
      'the default user, where the last writer is gone',
      '2882',
      'Hi',
      { lastWriter: 'dave', defaultUser: 'bob' },
      'bob',
      'Hi',
    ],
    ['the default user, where the suffix is nobody', '28829999', 'Hi', { defaultUser: 'bob' }, 'bob', 'Hi'],
  ])('is found by %s', (_, called, text, more, name, rest) => {
    expect(addresseeOf(called, text, { ...known, ...more })).toMatchObject({ user: name, text: rest });
  });

  it('is nobody where nothing fits', () => {
    expect(addresseeOf('2882', 'Hi', known)).toBeUndefined();
    expect(addresseeOf('9999', '@nobody Hi', known)).toBeUndefined();
    expect(addresseeOf('2882', 'mail me: x@bob Hi', known)).toBeUndefined();
  });

  function user(name: string, suffix: string): [string, User] {
    const more = { number: undefined, smscId: undefined, scopes: [], blocked: [] };
    return [name, { name, suffix, passwordHash: '', role: 'ordinary', createdAt: instant(0), ...more }];
  }
});

describe('an address as typed', () => {
  it.each([
    ['+358 40 123-4567', { type: 'number', number: '+358401234567' }],
    ['(040) 123 4567', { type: 'number', number: '0401234567' }],
    ['00358401234567', { type: 'number', number: '+358401234567' }],
    ['Alice', { type: 'user', name: 'alice' }],
    ['@bob.smith', { type: 'user', name: 'bob.smith' }],
  ])('%s is understood', (typed, value) => {
    expect(parseAddress(typed)).toEqual({ ok: true, value });
  });

  it.each(['', '+', '++358401', 'a b', 'bob@example.org', '1'.repeat(21), 'ä', `a${'b'.repeat(32)}`])(
    '%s is refused',
    (typed) => {
      expect(parseAddress(typed)).toMatchObject({ ok: false, fault: { code: 'IM_BAD_ADDRESS' } });
    },
  );
});
