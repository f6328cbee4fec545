import { describe, expect, it } from 'vitest';
import { World } from '../../world/world.ts';

const phone = '+358401234567';

function healthAt(world: World) {
  const [im] = world.im.role?.health(world.now).smscs ?? [];
  const buffer = world.site().role?.health(world.now);
  if (im === undefined || buffer === undefined) throw new Error('a role does not run');
  return { im, buffer };
}

describe('what both ends tell of themselves', () => {
  it('holds round trips, clock and entries of the link', () => {
    const world = World.running({ linkDelayMs: 150 });
    world.pass(60_000);
    const { im, buffer } = healthAt(world);
    for (const { link } of [im, buffer]) {
      expect(link).toMatchObject({ state: 'up', desired: 'up', ups: 1, happenings: [{ what: 'up', times: 1 }] });
      expect(link.roundTrip?.medianMs).toBeGreaterThanOrEqual(300);
      expect(link.roundTrip?.worstMs).toBeLessThanOrEqual(310);
      expect(Math.abs(link.skew?.aheadMs ?? 1_000)).toBeLessThanOrEqual(link.skew?.uncertainMs ?? 0);
    }
    // Each entry that one end sent has come to the other by now, but for what is on the way.
    expect(Math.abs(buffer.link.entriesOut.total - im.link.entriesIn.total)).toBeLessThanOrEqual(2);
    expect(Math.abs(im.link.entriesOut.total - buffer.link.entriesIn.total)).toBeLessThanOrEqual(2);
    expect(buffer.link.entriesIn.total).toBeGreaterThan(2);
  });

  it('counts messages alike at both ends, and how they ended', () => {
    const world = World.running();
    for (let index = 0; index < 30; index += 1) world.send('alice', phone, `text ${index}`);
    world.until('all are on the handset', () => world.received(phone).length === 30);
    world.pass(10_000);
    const { im, buffer } = healthAt(world);
    for (const { mt } of [im, buffer]) {
      expect(mt).toMatchObject({ contact: 'in-step', used: 0, waitingForAnswer: 0, statuses: {} });
      expect(mt.counts).toMatchObject({ entered: { total: 30 }, ended: { total: 30 }, confirmed: 30, doubted: 0 });
    }
    // A status report for each came the other way.
    expect(im.mo.counts.confirmed).toBe(30);
    expect(buffer.mo.counts.confirmed).toBe(30);
    expect(buffer.submits).toMatchObject({ outstanding: 0, window: 1, counts: { accepted: 30, refused: 0, none: 0 } });
    expect(buffer.submits.turnAround?.count).toBe(30);
    expect(buffer.submits.latest).toHaveLength(5);
    expect(buffer.session).toMatchObject({ state: 'ready', logins: 1, failures: 0 });
  });

  it('keeps apart what waits for a slot and what waits for an answer', () => {
    const world = World.running({ imServer: { ringSize: 10 } });
    world.site().isLinkOpen = false;
    world.site().cutLink();
    for (let index = 0; index < 25; index += 1) world.send('alice', phone, `text ${index}`);
    world.pass(30_000);
    const { im, buffer } = healthAt(world);
    expect(im.mt).toMatchObject({
      used: 10,
      size: 10,
      waitingForSlot: 15,
      waitingForAnswer: 10,
      statuses: { placed: 10 },
    });
    expect(im.mt.oldestAt).toBeLessThanOrEqual(world.now - 30_000);
    expect(im.outbox).toBe(15);
    expect(buffer.link).toMatchObject({ state: 'down', desired: 'up', code: 'LINK_UNREACHABLE' });
    expect(buffer.link.nextAttemptAt).toBeGreaterThanOrEqual(world.now);
    expect(buffer.link.happenings.at(-1)).toMatchObject({ what: 'failed', code: 'LINK_UNREACHABLE' });
    expect(buffer.link.happenings.at(-1)?.times).toBeGreaterThan(3);
    expect(im.link.happenings.at(-1)).toMatchObject({ what: 'lost' });
    expect(im.link.nextAttemptAt).toBeUndefined();
  });

  it('names why a buffer with another secret does not come up, at both ends', () => {
    const world = new World();
    world.im.start();
    world.site().start({ secret: new Uint8Array(32).fill(9) });
    world.pass(10_000);
    const { im, buffer } = healthAt(world);
    expect(buffer.link).toMatchObject({ state: 'down', code: 'LINK_BAD_SECRET', ups: 0 });
    expect(buffer.link.happenings).toMatchObject([{ what: 'failed', code: 'LINK_BAD_SECRET' }]);
    expect(im.link.happenings).toMatchObject([{ what: 'failed', code: 'LINK_BAD_SECRET' }]);
    expect(im.link.failures).toBe(buffer.link.failures);
  });

  it('tells since when there is no session, why, and when the next attempt is', () => {
    const world = World.running();
    const since = world.now;
    world.site().isSmscReachable = false;
    world.site().cutSmsc();
    world.pass(20_000);
    const { session } = healthAt(world).buffer;
    expect(session.state).not.toBe('ready');
    expect(session).toMatchObject({ code: 'PEER_UNREACHABLE', logins: 1 });
    expect(session.since).toBeLessThanOrEqual(since + 1_000);
    expect(session.failures).toBeGreaterThan(2);
  });
});
