import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/core/im/users.ts';
import { hashToken, isAccessToken, makeAccessToken } from '../../../src/gateways/web/access-token.ts';
import { Logins } from '../../../src/gateways/web/logins.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { Bench } from '../../core/im/bench.ts';

describe('a login', () => {
  it('by the token of a script may do what the token allows', () => {
    const { logins, addToken } = door();
    const token = addToken(['send']);
    expect(logins.byBearer(token, 'here')).toMatchObject({
      ok: true,
      value: { user: { name: 'alice' }, scopes: ['send'], tokenId: hashToken(token).slice(0, 12) },
    });
  });

  it('by the token of a session may do what the user may', () => {
    const { logins, bench } = door();
    const alice = bench.history.user('alice');
    if (alice === undefined) throw new Error('no alice');
    expect(logins.byBearer(logins.tokenFor(alice), 'here')).toMatchObject({
      ok: true,
      value: { scopes: ['send', 'read'], tokenId: undefined },
    });
  });

  it('by a token that is none is refused, and after twenty from one address nothing is looked at for a while', () => {
    const { logins, addToken, clock } = door();
    const token = addToken(['send']);
    const guesses = Array.from({ length: 21 }, () => logins.byBearer(makeAccessToken(), 'there'));
    const codes = guesses.map((guess) => (guess.ok ? 'in' : guess.fault.code));
    expect(codes).toEqual([...Array(20).fill('IM_BAD_TOKEN'), 'IM_TOO_MANY_LOGINS']);
    expect(logins.byBearer(token, 'there')).toMatchObject({ ok: false });
    expect(logins.byBearer(token, 'here')).toMatchObject({ ok: true });
    clock.now += 3_000;
    expect(logins.byBearer(token, 'there')).toMatchObject({ ok: true });
  });

  it('by a good token is not counted', () => {
    const { logins, addToken } = door();
    const token = addToken(['send']);
    for (let time = 0; time < 100; time += 1) expect(logins.byBearer(token, 'here').ok).toBe(true);
  });

  it('by the header of a request is one by password or by token', async () => {
    const { logins, addToken, bench } = door();
    const passwordHash = await hashPassword('correct horse');
    bench.give({ type: 'user', ref: 'r', change: { type: 'password', name: 'alice', passwordHash } });
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const outcome = async (header: string | undefined) => {
      const login = await logins.byAuthorization(header, 'here');
      return login.ok ? login.value.scopes : login.fault.code;
    };
    expect(await outcome(basic('alice:correct horse'))).toEqual(['send', 'read']);
    expect(await outcome(basic('alice:wrong'))).toBe('IM_BAD_PASSWORD');
    expect(await outcome(`bearer ${addToken(['read'])}`)).toEqual(['read']);
    expect(await outcome('Bearer rb_x')).toBe('IM_BAD_TOKEN');
    for (const header of [undefined, '', 'Basic', 'Digest x', basic('alice')]) {
      expect(await outcome(header)).toBe('IM_BAD_PASSWORD');
    }
  });
});

describe('an access token', () => {
  it('is another each time, needs no quotes, and is told from the token of a session', () => {
    const made = new Set(Array.from({ length: 50 }, makeAccessToken));
    expect(made.size).toBe(50);
    for (const token of made) expect(token).toMatch(/^rb_[A-Za-z0-9_-]{43}$/);
    expect([...made].every(isAccessToken)).toBe(true);
    expect(isAccessToken('YWxpY2U.cHJvb2Y')).toBe(false);
  });
});

function door() {
  const bench = new Bench();
  bench.addUser('alice');
  const clock = { now: bench.now as number };
  const sessionKey = new Uint8Array(32).fill(7);
  const users = { user: (name: string) => bench.history.user(name), userOfToken: bench.history.userOfToken };
  const logins = new Logins({ users, sessionKey, clock: () => clock.now });
  const addToken = (scopes: readonly Scope[]) => {
    const token = makeAccessToken();
    const change = {
      type: 'token-add',
      name: 'alice',
      hash: hashToken(token),
      scopes,
      label: '',
      expiresAt: undefined,
    };
    bench.give({ type: 'user', ref: 'r', change: { ...change, type: 'token-add' } });
    return token;
  };
  return { bench, logins, addToken, clock };
}
