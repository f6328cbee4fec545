import { describe, expect, it } from 'vitest';
import { type Instant, instant, later } from '../../../../src/core/base/time.ts';
import type { SessionEntry } from '../../../../src/core/link/entries.ts';
import { fallLastsMs, SessionNews } from '../../../../src/core/roles/buffer/session-news.ts';
import { World } from '../../../world/world.ts';

const start = instant(Date.UTC(2026, 10, 23, 12));
const lost = { code: 'SESSION_LOST', refusedWith: 0 } as const;
const refused = { code: 'SESSION_LOGIN_REFUSED', refusedWith: 100 } as const;
const noReason = { code: undefined, refusedWith: 0 } as const;

function begun(): SessionNews {
  const news = new SessionNews();
  news.begin(start);
  return news;
}

/** What is told within so long, at its deadlines as a role would ask. */
function tellings(
  news: SessionNews,
  from: Instant,
  forMs: number,
): readonly { readonly at: number; readonly entry: SessionEntry }[] {
  const told: { at: number; entry: SessionEntry }[] = [];
  for (let now = from; now <= from + forMs; now = instant(Math.max(now + 1, news.deadline() ?? from + forMs + 1))) {
    const entry = news.take(now);
    if (entry !== undefined) told.push({ at: now - start, entry });
  }
  return told;
}

describe('what the buffer tells of its session', () => {
  it('is told at the start of a connection: up at once, with how long it has been so', () => {
    const news = begun();
    news.changed('ready', noReason, later(start, 1_000));
    expect(news.take(later(start, 1_500))).toBeUndefined();
    news.linkUp('takes-sessions');
    expect(news.take(later(start, 61_000))).toEqual({
      ...{ type: 'session', state: 'up', forMs: 60_000 },
      ...noReason,
    });
    expect(news.take(later(start, 62_000))).toBeUndefined();
    expect(news.deadline()).toBeUndefined();
  });

  it('is no news where the session is replaced within two seconds', () => {
    const news = begun();
    news.changed('ready', noReason, start);
    news.linkUp('takes-sessions');
    expect(tellings(news, start, 1_000)).toHaveLength(1);
    news.changed('down', lost, later(start, 2_000));
    expect(news.deadline()).toBe(later(start, 2_000 + fallLastsMs));
    expect(tellings(news, later(start, 2_000), fallLastsMs - 1)).toEqual([]);
    news.changed('ready', noReason, later(start, 2_000 + fallLastsMs - 1));
    expect(tellings(news, later(start, 2_000 + fallLastsMs - 1), 60_000)).toEqual([]);
  });

  it('tells a fall that lasts, with its reason, and the way back at once', () => {
    const news = begun();
    news.changed('ready', noReason, start);
    news.linkUp('takes-sessions');
    news.take(start);
    news.changed('down', lost, later(start, 5_000));
    news.changed('connecting', noReason, later(start, 5_100));
    expect(tellings(news, later(start, 5_100), 10_000)).toEqual([
      { at: 5_000 + fallLastsMs, entry: { type: 'session', state: 'down', forMs: fallLastsMs, ...lost } },
    ]);
    news.changed('logging-in', noReason, later(start, 20_000));
    news.changed('ready', noReason, later(start, 20_010));
    expect(news.take(later(start, 20_010))).toEqual({ type: 'session', state: 'up', forMs: 0, ...noReason });
  });

  it('keeps since when it is down over all attempts, and tells another reason at most every two seconds', () => {
    const news = begun();
    news.linkUp('takes-sessions');
    const told: { readonly at: number; readonly entry: SessionEntry }[] = [];
    // A login every 100 ms, each failing in another way.
    for (let ms = 0; ms < 20_000; ms += 100) {
      const now = later(start, ms);
      news.changed('connecting', noReason, now);
      news.changed('down', ms % 200 === 0 ? lost : refused, now);
      const entry = news.take(now);
      if (entry !== undefined) told.push({ at: ms, entry });
    }
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThanOrEqual(20_000 / fallLastsMs);
    for (const { at, entry } of told) expect(entry.forMs).toBe(at);
    expect(news.view()).toEqual({ state: 'down', since: start, ...refused });
  });

  it('tells nothing to an IM server that does not take it, and nothing while the link is down', () => {
    const news = begun();
    news.changed('ready', noReason, start);
    news.linkUp('takes-none');
    expect(tellings(news, start, 60_000)).toEqual([]);
    news.linkUp('takes-sessions');
    news.linkDown();
    expect([news.deadline(), news.take(later(start, 60_000))]).toEqual([undefined, undefined]);
  });
});

describe('the session behind a link that is up', () => {
  const sessionThere = (world: World) => world.im.role?.links()[0]?.session;

  it('is known to the IM server, with since when and why it is down', () => {
    const world = World.running();
    world.until('it is told', () => sessionThere(world)?.state === 'up', 5_000);
    const site = world.site();
    site.isSmscReachable = false;
    site.cutSmsc();
    const cutAt = world.now;
    world.pass(1_000);
    expect(sessionThere(world)).toMatchObject({ state: 'up' });
    world.pass(10_000);
    const down = sessionThere(world);
    expect(down).toMatchObject({ state: 'down', code: 'PEER_UNREACHABLE' });
    expect(world.im.role?.links()[0]?.state).toBe('up');
    // Told as a duration, so half a round trip off at most.
    expect(Math.abs((down?.since ?? 0) - cutAt)).toBeLessThan(200);
    expect(site.role?.link().session).toMatchObject({ state: 'down', code: 'PEER_UNREACHABLE' });
    site.isSmscReachable = true;
    world.until('it is up again', () => sessionThere(world)?.state === 'up', 60_000);
    expect(sessionThere(world)).toEqual({ state: 'up', since: expect.any(Number) });
  });

  it('is unknown while the link is down, and told anew when it is back', () => {
    const world = World.running();
    const site = world.site();
    site.isLinkOpen = false;
    site.cutLink();
    expect(world.im.role?.links()[0]).toMatchObject({ state: 'down' });
    expect(sessionThere(world)).toBeUndefined();
    world.pass(5_000);
    site.isSmscReachable = false;
    site.cutSmsc();
    world.pass(30_000);
    site.isLinkOpen = true;
    world.until('it is told', () => sessionThere(world) !== undefined, 60_000);
    expect(sessionThere(world)).toMatchObject({ state: 'down', code: 'PEER_UNREACHABLE' });
  });
});
