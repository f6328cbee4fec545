// Who is told that somebody has a page or a terminal open.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lostCountsMs } from '../../../src/core/im/presence-book.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { ImClientInTest } from './im-client.ts';
import { ImServerInTest } from './im-server.ts';

describe('who is connected', () => {
  const server = new ImServerInTest();
  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.addUser('bob', 'battery staple');
    await server.start();
  });
  afterAll(() => server.stop());

  it('is told of those that a client shows, when the first of their clients comes and the last one goes', async () => {
    const alice = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    await alice.say({ type: 'people', names: ['bob', 'nobody'] });
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: [], away: [], numbers: [] });
    const one = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: ['bob'], away: [], numbers: [] });
    const other = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    one.close();
    await one.end();
    await other.settle();
    await alice.settle();
    expect(alice.heard.filter(({ type }) => type === 'people')).toEqual([]);
    other.close();
    await other.end();
    server.pass(lostCountsMs);
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: [], away: [], numbers: [] });
    alice.close();
  });

  it('stays hidden from who was not asked about, and from those whom a user blocked', async () => {
    server.input({ type: 'user', ref: 'b', change: { type: 'block', name: 'bob', address: 'alice' } });
    const alice = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    await alice.say({ type: 'people', names: ['bob'] });
    await alice.hear('people');
    const bob = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    await bob.say({ type: 'people', names: ['alice'] });
    expect(await bob.hear('people')).toEqual({ type: 'people', connected: ['alice'], away: [], numbers: [] });
    await alice.settle();
    expect(alice.heard.filter(({ type }) => type === 'people')).toEqual([]);
    alice.close();
    bob.close();
  });
});

describe('a client that says how it is with its user', () => {
  const server = new ImServerInTest();
  const bobWith = (query: string) => ImClientInTest.loggedIn(server.url, 'bob', 'battery staple', query);
  beforeAll(async () => {
    await server.addUser('bob', 'battery staple');
    await server.start();
  });
  beforeEach(() => void server.presenceChanges.splice(0));
  afterAll(() => server.stop());

  it('is believed, in its address and later', async () => {
    const bob = await bobWith('?presence=gone');
    await bob.settle();
    expect(server.presenceChanges).toEqual([]);
    for (const presence of ['here', 'away', 'away', 'gone', 'here']) await bob.say({ type: 'presence', presence });
    await bob.settle();
    expect(server.presenceChanges).toEqual(['bob here', 'bob away', 'bob gone', 'bob here']);
    bob.close();
    await bob.end();
    server.pass(lostCountsMs);
    const away = await bobWith('?presence=away');
    await away.settle();
    expect(server.presenceChanges.slice(4)).toEqual(['bob gone', 'bob away']);
    away.close();
    await away.end();
  });

  it('is no news where it comes back within seconds, and gone at once where it is signed out', async () => {
    const bob = await bobWith('');
    bob.close();
    await bob.end();
    const back = await bobWith('');
    await back.settle();
    server.pass(lostCountsMs);
    expect(server.presenceChanges).toEqual(['bob here']);
    const passwordHash = await hashPassword('battery staple');
    server.input({ type: 'user', ref: 'p', change: { type: 'password', name: 'bob', passwordHash } });
    expect(await back.end()).toMatchObject({ code: 4001 });
    expect(server.presenceChanges).toEqual(['bob here', 'bob gone']);
  });

  it('may not say anything else, and not without end', async () => {
    for (const presence of ['asleep', true, undefined]) {
      const bob = await bobWith('?presence=gone');
      await bob.say({ type: 'presence', presence });
      expect(await bob.end()).toEqual({
        code: 4002,
        reason: 'The message was not understood: `presence` must be here, away, gone.',
      });
    }
    const refused = await new ImClientInTest(server.url, {}, '?presence=asleep').end();
    expect(refused.reason).toContain('400');
    const bob = await bobWith('?presence=gone');
    for (let time = 0; time < 250; time += 1) await bob.say({ type: 'presence', presence: 'gone' });
    expect(await bob.hear('error')).toMatchObject({ code: 'IM_TOO_FAST' });
    bob.close();
  });
});

describe('a number', () => {
  const server = new ImServerInTest({
    routes: [
      { prefix: '+358', smscId: 'hel1', fallback: ['hel2'] },
      { prefix: '+63', smscId: 'mnl1' },
    ],
  });
  const [helsinki, manila, nowhere] = ['+358401234567', '+639171234567', '+4670000001'];
  const link = (smscId: string, session?: 'up' | 'down') => ({
    ...{ smscId, state: 'up' as const, since: 0 },
    ...(session === undefined ? {} : { session: { state: session, since: 0 } }),
  });
  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
  });
  afterAll(() => server.stop());

  it('is told of while its SMSC is away behind a link that is up, and while there is no link or route', async () => {
    server.links([link('hel1', 'up'), link('hel2'), link('mnl1', 'up')]);
    const alice = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    await alice.say({ type: 'people', names: [helsinki, manila, nowhere] });
    const words = 'No route leads to this number: messages to it fail.';
    const noRoute = { number: nowhere, state: 'away', words };
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: [], away: [], numbers: [noRoute] });
    server.links([link('hel1', 'down'), link('hel2'), link('mnl1', 'down')]);
    const detour = 'SMSC hel1 is away: messages soon leave through hel2.';
    const waits = 'SMSC mnl1 is away: messages wait here and are sent later.';
    expect((await alice.hear('people'))['numbers']).toEqual([
      { number: helsinki, state: 'available', words: detour },
      { number: manila, state: 'away', words: waits },
      noRoute,
    ]);
    server.links([link('hel1', 'down'), { smscId: 'hel2', state: 'down', since: 0 }, link('mnl1', 'up')]);
    expect((await alice.hear('people'))['numbers']).toEqual([
      {
        ...{ number: helsinki, state: 'away' },
        words: 'No link to hel2, and SMSC hel1 is away: messages wait here and are sent later.',
      },
      noRoute,
    ]);
    // Nothing that is shown changed.
    server.links([link('hel1', 'down'), { smscId: 'hel2', state: 'down', since: 9 }, link('mnl1')]);
    await alice.settle();
    expect(alice.heard.filter(({ type }) => type === 'people')).toEqual([]);
    alice.close();
  });
});
