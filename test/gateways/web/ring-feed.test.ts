// What those who watch the rings are told: over real sockets, with rings that the test moves.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PassRate } from '../../../src/gateways/web/pass-rate.ts';
import { RingFeed, type RingMessage } from '../../../src/gateways/web/ring-feed.ts';
import { ImClientInTest } from './im-client.ts';
import { ImServerInTest } from './im-server.ts';
import { RingsInTest } from './rings-in-test.ts';

describe('the feed of the rings', () => {
  const server = new ImServerInTest();
  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001', ['send', 'read', 'admin']);
    await server.addUser('bob', 'battery staple');
    await server.start();
  });
  afterAll(() => server.stop());

  it('shows all rings to an admin, then only what changed', async () => {
    const client = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    await client.say({ type: 'rings', watch: true });
    const whole = await client.hear('rings');
    expect(whole).toMatchObject({
      smscs: [
        {
          link: { smscId: 'hel1', state: 'up', rttMs: 212 },
          lanes: [
            { lane: 'mt', size: 255, imServer: '·'.repeat(255), buffer: '·'.repeat(255) },
            { lane: 'mo', size: 255 },
          ],
        },
      ],
    });
    const slot = server.rings.place('mt', 'Hello');
    server.rings.move('mt', slot, 'mirrored');
    const changes = await client.hear('ring-changes');
    expect(changes).toMatchObject({ smscs: [{ lanes: [{ lane: 'mt', slots: [[slot, 'm', 'm']] }] }] });
    client.close();
  });

  it('refuses who has no scope admin, by code, and the connection stays', async () => {
    const client = await ImClientInTest.loggedIn(server.url, 'bob', 'battery staple');
    for (const ask of [
      { type: 'rings', watch: true },
      { type: 'slot', ref: '1', smscId: 'hel1', lane: 'mt', slot: 1 },
    ]) {
      await client.say(ask);
      expect(await client.hear('error')).toMatchObject({ code: 'IM_SCOPE_MISSING', retryable: false });
    }
    await client.settle();
    expect(client.heard.filter(({ type }) => type === 'rings' || type === 'slot')).toEqual([]);
    client.close();
  });

  it('shows a slot with the way of its message, its numbers masked and its text only counted', async () => {
    const client = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
    const slot = server.rings.place('mt', 'Nobody reads this');
    server.rings.move('mt', slot, 'mirrored', 'in-flight', 'confirmed');
    await client.say({ type: 'slot', ref: 'a', smscId: 'hel1', lane: 'mt', slot });
    const shown = await client.hear('slot');
    expect(shown).toMatchObject({
      ref: 'a',
      imServer: { status: 'confirmed', attempts: 1, outcome: { stamp: '261122130000' } },
      buffer: { status: 'confirmed', basis: 'said' },
      message: { to: '+3584…67', length: 17 },
    });
    expect(shown).toHaveProperty(
      'moves',
      expect.arrayContaining(['placed', 'mirrored', 'in-flight'].map((status) => expect.objectContaining({ status }))),
    );
    expect(JSON.stringify(shown)).not.toMatch(/Nobody|358401234567/);
    await client.say({ type: 'slot', ref: 'b', smscId: 'nowhere', lane: 'mt', slot: 1 });
    expect(await client.hear('slot')).toEqual({ type: 'slot', ref: 'b' });
    client.close();
  });

  it('closes a client whose question is of no known form', async () => {
    for (const bad of [
      { type: 'rings', watch: 'yes' },
      { type: 'slot', ref: 'a', smscId: 'hel1', lane: 'up', slot: 1 },
      { type: 'people', names: 'bob' },
      { type: 'people', names: Array.from({ length: 501 }, (_, i) => `u${i}`) },
    ]) {
      const client = await ImClientInTest.loggedIn(server.url, 'alice', 'correct horse');
      await client.say(bad);
      expect((await client.end()).code).toBe(4002);
    }
  });
});

describe('what the feed says of the buffer', () => {
  it.each([
    ['mt', [], '~', 'nothing, while a message was only placed'],
    ['mt', ['mirrored', 'in-flight', 'in-doubt'], '?', 'its own word'],
    ['mt', ['mirrored', 'in-flight', 'confirmed', 'settled'], 's', 'settled, as it was told'],
    ['mo', ['in-flight', 'confirmed'], 'p', 'placed, until it settles what it sent'],
    ['mo', ['in-flight', 'confirmed', 'settled'], 's', 'settled, by its own word'],
  ] as const)('%s %j: %s, %s', (lane, path, letter, _why) => {
    const rings = new RingsInTest(4);
    const slot = rings.place(lane, 'x');
    rings.move(lane, slot, ...path);
    const [smsc] = rings.glance();
    expect(smsc?.lanes.find((one) => one.lane === lane)?.buffer).toBe(`${letter}···`);
  });
});

describe('the way of a message', () => {
  it('has every move once, although the ring wrote a copy twice', () => {
    const rings = new RingsInTest(4);
    const slot = rings.place('mt', 'x');
    rings.writeAgain('mt', slot);
    rings.move('mt', slot, 'mirrored');
    const way = rings.slotSight('hel1', 'mt', slot)?.moves;
    expect(way?.map(({ status }) => status)).toEqual(['placed', 'mirrored']);
  });
});

describe('a watcher', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('that is behind is told later, in one message, what differs by then', () => {
    const { rings, feed, heard, watcher } = watched();
    watcher.behind = true;
    const slot = rings.place('mt', 'x');
    vi.advanceTimersByTime(1_000);
    rings.move('mt', slot, 'mirrored', 'in-flight');
    vi.advanceTimersByTime(1_000);
    expect(heard).toHaveLength(1);
    watcher.behind = false;
    vi.advanceTimersByTime(200);
    expect(heard).toHaveLength(2);
    expect(heard[1]).toMatchObject({ type: 'ring-changes', smscs: [{ lanes: [{ slots: [[slot, 'f', 'f']] }] }] });
    feed.unwatch(watcher);
  });

  it('hears nothing while nothing moves, and nothing runs once nobody watches', () => {
    const { feed, heard, watcher } = watched();
    vi.advanceTimersByTime(60_000);
    expect(heard).toHaveLength(1);
    feed.unwatch(watcher);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told of a link that went down', () => {
    const { rings, feed, heard, watcher } = watched();
    rings.link = { smscId: 'hel1', state: 'down', since: Date.now(), code: 'LINK_TIMEOUT', reason: 'silence' };
    vi.advanceTimersByTime(200);
    expect(heard[1]).toMatchObject({ smscs: [{ link: { state: 'down', code: 'LINK_TIMEOUT' } }] });
    feed.unwatch(watcher);
  });

  function watched() {
    const rings = new RingsInTest(8);
    const feed = new RingFeed(rings, Date.now);
    const heard: RingMessage[] = [];
    const watcher = {
      behind: false,
      tellRings: (message: RingMessage) => void heard.push(message),
      isBehind(): boolean {
        return this.behind;
      },
    };
    feed.watch(watcher);
    return { rings, feed, heard, watcher };
  }
});

describe('the rate of a lane', () => {
  it('counts a message when its slot is settled, also where the slot was settled before under another number', () => {
    const rate = new PassRate();
    rate.look({ imServer: 'ps·', seqs: [4, 2, 0] }, 0);
    rate.look({ imServer: 'ss·', seqs: [4, 5, 0] }, 1_000);
    expect(rate.perSecond).toBe(2);
  });

  it('forgets after five seconds', () => {
    const rate = new PassRate();
    rate.look({ imServer: 'p', seqs: [1] }, 0);
    rate.look({ imServer: 's', seqs: [1] }, 200);
    for (let now = 400; now <= 5_000; now += 200) rate.look({ imServer: 's', seqs: [1] }, now);
    expect(rate.perSecond).toBe(0.2);
    rate.look({ imServer: 's', seqs: [1] }, 5_400);
    expect(rate.perSecond).toBe(0);
  });
});
