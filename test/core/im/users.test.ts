import { describe, expect, it } from 'vitest';
import { hourMs, later } from '../../../src/core/base/time.ts';
import type { UserChange } from '../../../src/core/im/exchange-io.ts';
import { clientRef } from '../../../src/core/im/exchange-io.ts';
import { keys, userFrom } from '../../../src/core/im/records.ts';
import { tokenIdOf, tokenLimit } from '../../../src/core/im/tokens.ts';
import { blockedLimit, type User } from '../../../src/core/im/users.ts';
import { arrivals, Bench, phone, told } from './bench.ts';

const hashOf = (number: number) => number.toString(16).padStart(64, '0').split('').reverse().join('');

describe('a token', () => {
  it('is found by its hash, allows what both it and its user may, and survives a restart', () => {
    const bench = withAlice();
    expect(addToken(bench, { scopes: ['send', 'read'], label: 'bell' })).toBeUndefined();
    bench.restart();
    expect(bench.history.userOfToken(hashOf(1), bench.now)).toMatchObject({
      user: { name: 'alice' },
      scopes: ['send', 'read'],
      tokenId: tokenIdOf(hashOf(1)),
    });
    expect(bench.history.userOfToken(hashOf(2), bench.now)).toBeUndefined();
    expect(bench.history.tokens('alice')).toMatchObject([{ label: 'bell', expiresAt: undefined }]);
  });

  it('is over at its time, not before', () => {
    const bench = withAlice();
    addToken(bench, { expiresAt: later(bench.now, hourMs) });
    expect(bench.history.userOfToken(hashOf(1), later(bench.now, hourMs - 1))).toBeDefined();
    expect(bench.history.userOfToken(hashOf(1), later(bench.now, hourMs))).toBeUndefined();
  });

  it('loses the scope that its user loses', () => {
    const bench = withAlice({ scopes: ['send', 'read', 'admin'] });
    addToken(bench, { scopes: ['send', 'admin'] });
    change(bench, { type: 'set', name: 'alice', scopes: ['send', 'read'] });
    expect(bench.history.userOfToken(hashOf(1), bench.now)?.scopes).toEqual(['send']);
  });

  it('is of no use once revoked, and ends the sessions that came with it and no others', () => {
    const bench = withAlice();
    addToken(bench);
    bench.give({ type: 'attached', client: clientRef('web:1'), user: 'alice', tokenId: tokenIdOf(hashOf(1)) });
    bench.attach('alice', 'web:2');
    const outputs = bench.give({
      type: 'user',
      ref: 'r',
      change: { type: 'token-revoke', name: 'alice', id: tokenIdOf(hashOf(1)) },
    });
    const deliveries = outputs.filter((output) => output.type === 'deliver');
    expect(deliveries).toEqual([{ type: 'deliver', client: 'web:1', event: { type: 'signed-out', user: 'alice' } }]);
    expect(bench.history.userOfToken(hashOf(1), bench.now)).toBeUndefined();
  });

  it('goes with its user, and does not come back with another of the same name', () => {
    const bench = withAlice();
    addToken(bench);
    change(bench, { type: 'remove', name: 'alice' });
    bench.addUser('alice');
    expect(bench.history.userOfToken(hashOf(1), bench.now)).toBeUndefined();
    expect(bench.history.tokens('alice')).toEqual([]);
  });

  it('stays when the password changes, unlike sessions', () => {
    const bench = withAlice();
    addToken(bench);
    change(bench, { type: 'password', name: 'alice', passwordHash: 'other' });
    expect(bench.history.userOfToken(hashOf(1), bench.now)).toBeDefined();
  });

  it.each<[string, Partial<Extract<UserChange, { type: 'token-add' }>>, string]>([
    ['without a scope', { scopes: [] }, 'IM_BAD_REQUEST'],
    ['with a scope that its user does not have', { scopes: ['admin'] }, 'IM_SCOPE_MISSING'],
    ['with a hash that is none', { hash: 'abc' }, 'IM_BAD_REQUEST'],
    ['with a label of 65 characters', { label: 'x'.repeat(65) }, 'IM_BAD_REQUEST'],
    ['with a label that moves the cursor', { label: '\u001b[2J' }, 'IM_BAD_REQUEST'],
    ['for nobody', { name: 'bob' }, 'IM_UNKNOWN_USER'],
  ])('is refused %s', (_, more, code) => {
    expect(addToken(withAlice(), more)).toBe(code);
  });

  it('is refused beyond the number that one user may have', () => {
    const bench = withAlice();
    for (let number = 1; number <= tokenLimit; number += 1) addToken(bench, { hash: hashOf(number) });
    expect(addToken(bench, { hash: hashOf(999) })).toBe('IM_LIMIT_REACHED');
    change(bench, { type: 'token-revoke', name: 'alice', id: tokenIdOf(hashOf(1)) });
    expect(addToken(bench, { hash: hashOf(999) })).toBeUndefined();
  });

  it('of another user is not revoked under this name', () => {
    const bench = withAlice();
    bench.addUser('bob');
    addToken(bench);
    expect(change(bench, { type: 'token-revoke', name: 'bob', id: tokenIdOf(hashOf(1)) })).toBe('IM_UNKNOWN_TOKEN');
  });
});

describe('a user', () => {
  it('keeps what is not named and loses what is empty', () => {
    const bench = withAlice({ suffix: '0001', smscId: 'hel1' });
    change(bench, { type: 'set', name: 'alice', number: '+358501234567' });
    expect(bench.history.user('alice')).toMatchObject({ suffix: '0001', number: '+358501234567', smscId: 'hel1' });
    change(bench, { type: 'set', name: 'alice', smscId: '', number: '' });
    expect(bench.history.user('alice')).toMatchObject({ suffix: '0001', number: undefined, smscId: undefined });
  });

  it('cannot take a suffix or number that another has, in whatever spelling', () => {
    const bench = withAlice({ suffix: '0001', number: '+358501234567' });
    bench.addUser('bob');
    expect(change(bench, { type: 'set', name: 'bob', suffix: '0001' })).toBe('IM_USER_EXISTS');
    expect(change(bench, { type: 'set', name: 'bob', number: '358501234567' })).toBe('IM_USER_EXISTS');
    expect(change(bench, { type: 'set', name: 'alice', suffix: '0001' })).toBeUndefined();
  });

  it('has to log in again when a scope is taken away, and not when one is given', () => {
    const bench = withAlice();
    bench.attach('alice');
    const set = (scopes: User['scopes']) =>
      told(bench.give({ type: 'user', ref: 'r', change: { type: 'set', name: 'alice', scopes } }));
    expect(set(['send', 'read', 'admin'])).toEqual([]);
    expect(set(['send', 'read'])).toEqual([{ type: 'signed-out', user: 'alice' }]);
  });

  it('of a store of the first version may send and read, and has blocked nobody', () => {
    const bench = withAlice();
    bench.store.write([{ key: keys.user('old'), value: [1, 'old', '0009', 'hash', 'default', 5] }]);
    expect(userFrom(bench.store.get(keys.user('old')) ?? null)).toMatchObject({
      suffix: '0009',
      role: 'default',
      scopes: ['send', 'read'],
      blocked: [],
      number: undefined,
    });
  });
});

describe('a blocked sender', () => {
  it('who is a user sees that the text failed; the other sees nothing', () => {
    const bench = withAlice();
    bench.addUser('bob');
    change(bench, { type: 'block', name: 'alice', address: '@Bob' });
    bench.attach('alice');
    expect(told(bench.send('bob', 'alice', 'Hi'))).toEqual([]);
    expect(bench.lastText('bob', 'alice')).toMatchObject({ step: 'failed', reason: { code: 'IM_BLOCKED' } });
    expect(bench.talk('alice', 'bob')).toEqual([]);
    change(bench, { type: 'unblock', name: 'alice', address: 'bob' });
    bench.send('bob', 'alice', 'Hi again');
    expect(bench.lastText('alice', 'bob').text).toBe('Hi again');
  });

  it('who is a handset has its message refused, in whatever spelling the SMSC gives the number', () => {
    const bench = withAlice({ suffix: '0001' });
    change(bench, { type: 'block', name: 'alice', address: '+358 40 123 4567' });
    expect(arrivals(bench.arrive(phone.slice(1), '28820001', 'Hi'))).toEqual(['blocked']);
    expect(bench.talk('alice', phone)).toEqual([]);
  });

  it('is one of a bounded number', () => {
    const bench = withAlice();
    for (let number = 0; number < blockedLimit; number += 1) {
      expect(change(bench, { type: 'block', name: 'alice', address: `+35840${1_000_000 + number}` })).toBeUndefined();
    }
    expect(change(bench, { type: 'block', name: 'alice', address: 'bob' })).toBe('IM_LIMIT_REACHED');
    expect(change(bench, { type: 'block', name: 'alice', address: '+358401000000' })).toBeUndefined();
  });
});

function withAlice(options: Partial<Extract<UserChange, { type: 'add' }>> = {}): Bench {
  const bench = new Bench();
  bench.addUser('alice', options);
  return bench;
}

/** The code of the refusal, if there was one. */
function change(bench: Bench, wanted: UserChange): string | undefined {
  for (const output of bench.give({ type: 'user', ref: 'r', change: wanted })) {
    if (output.type === 'user-answer') return output.fault?.code;
  }
  throw new Error('not answered');
}

function addToken(bench: Bench, more: Partial<Extract<UserChange, { type: 'token-add' }>> = {}): string | undefined {
  const token = { hash: hashOf(1), scopes: ['send'], label: '', expiresAt: undefined } as const;
  return change(bench, { type: 'token-add', name: 'alice', ...token, ...more });
}
