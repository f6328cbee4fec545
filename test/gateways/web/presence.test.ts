// Who is told that somebody has a page or a terminal open.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: [] });
    const one = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: ['bob'] });
    const other = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    one.close();
    await one.end();
    await other.settle();
    await alice.settle();
    expect(alice.heard.filter(({ type }) => type === 'people')).toEqual([]);
    other.close();
    expect(await alice.hear('people')).toEqual({ type: 'people', connected: [] });
    alice.close();
  });

  it('stays hidden from who was not asked about, and from those whom a user blocked', async () => {
    server.input({ type: 'user', ref: 'b', change: { type: 'block', name: 'bob', address: 'alice' } });
    const alice = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    await alice.say({ type: 'people', names: ['bob'] });
    await alice.hear('people');
    const bob = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    await bob.say({ type: 'people', names: ['alice'] });
    expect(await bob.hear('people')).toEqual({ type: 'people', connected: ['alice'] });
    await alice.settle();
    expect(alice.heard.filter(({ type }) => type === 'people')).toEqual([]);
    alice.close();
    bob.close();
  });
});
