/** Texts in the outbox of an SMSC whose link is down for long leave through the fallback of their route, once. */
import { describe, expect, it } from 'vitest';
import { inStep } from '../../../../src/sim/checkers/in-step.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';
const ringSize = 4;
const wanted = Array.from({ length: 12 }, (_, index) => `text ${index}`);
const commitMs = 40;
const downMs = 120_000;

/** hel1 is cut off, its ring is full, the rest waits in its outbox, and it is a moment before that is called back. */
function aMomentBefore(): World {
  const exchange = { routes: [{ prefix: '', smscId: 'hel1', fallback: ['tku1'] }], fallbackAfterMs: downMs };
  const world = World.running({
    sites: [{ smscId: 'hel1' }, { smscId: 'tku1' }],
    commitMs,
    imServer: { ringSize, exchange },
  });
  world.site('hel1').isLinkOpen = false;
  world.site('hel1').cutLink();
  world.until('the link is down', () => world.im.role?.links()[0]?.state === 'down');
  for (const text of wanted) world.send('alice', phone, text);
  world.pass(downMs - 1);
  expect(world.logged('im.fallback')).toEqual([]);
  return world;
}

function both(world: World): readonly string[] {
  return [...world.received(phone, 'hel1'), ...world.received(phone, 'tku1')];
}

function reopen(world: World): void {
  world.site('hel1').isLinkOpen = true;
  const delivered = () => world.talk('alice', phone).filter(({ step }) => step === 'delivered').length;
  world.until('all is delivered', () => delivered() === wanted.length, 600_000);
}

describe('a text in the outbox of an SMSC that is cut off', () => {
  it('leaves through the fallback; what was placed in the ring stays', () => {
    const world = aMomentBefore();
    world.pass(60_000);
    expect(world.received(phone, 'tku1')).toEqual(wanted.slice(ringSize));
    expect(world.received(phone, 'hel1')).toEqual([]);
    expect(world.im.role?.status().smscs).toMatchObject([{ outbox: 0, mt: { used: ringSize } }, { outbox: 0 }]);
    reopen(world);
    expect(world.received(phone, 'hel1')).toEqual(wanted.slice(0, ringSize));
    expect(both(world)).toHaveLength(wanted.length);
    world.pass(60_000);
    expect(inStep(world)).toEqual([]);
  });

  it('waits where no fallback is up, and leaves through one that comes up later', () => {
    const world = aMomentBefore();
    world.site('tku1').isLinkOpen = false;
    world.site('tku1').cutLink();
    world.pass(300_000);
    expect(both(world)).toEqual([]);
    world.site('tku1').isLinkOpen = true;
    world.until('the rest is there', () => world.received(phone, 'tku1').length === wanted.length - ringSize);
  });

  it('that may have been handed over by a store of before waits until both ends were compared', () => {
    const world = aMomentBefore();
    world.im.crash('lost');
    world.im.start();
    world.pass(600_000);
    expect(both(world)).toEqual([]);
    reopen(world);
    expect(both(world)).toEqual(wanted);
  });

  const cuts = [
    ...[0, 1, commitMs / 2].flatMap((atMs) => [
      { where: `${atMs} ms after, its commit lost`, atMs, midCommit: 'lost' as const },
      { where: `${atMs} ms after, its commit on disk`, atMs, midCommit: 'written' as const },
    ]),
    ...Array.from({ length: 10 }, (_, index) => ({ where: `behind ${index + 1} outputs`, outputs: index + 1 })),
  ];
  it.each(cuts)('arrives once where the server dies $where', (cut) => {
    const world = aMomentBefore();
    if ('outputs' in cut) {
      world.im.carried?.dieBehind(cut.outputs, () => world.im.crash('lost'));
      world.until('it died', () => world.im.carried?.isAlive === false);
    } else {
      world.pass(1 + cut.atMs);
      world.im.crash(cut.midCommit);
    }
    world.pass(1_000);
    world.im.start();
    world.pass(10_000);
    reopen(world);
    world.pass(60_000);
    expect([...both(world)].sort()).toEqual([...wanted].sort());
    expect(world.talk('alice', phone).flatMap(({ marks }) => marks)).toEqual([]);
    expect(inStep(world)).toEqual([]);
  });
});

describe('a text in the outbox of an SMSC that is away behind a link that is up', () => {
  it('leaves through the fallback, as do new ones; what is in the ring waits for its own', () => {
    const exchange = { routes: [{ prefix: '', smscId: 'hel1', fallback: ['tku1'] }], fallbackAfterMs: downMs };
    const sites = [{ smscId: 'hel1' }, { smscId: 'tku1' }];
    const world = World.running({ sites, imServer: { ringSize, exchange } });
    const site = world.site('hel1');
    site.isSmscReachable = false;
    site.cutSmsc();
    for (const text of wanted) world.send('alice', phone, text);
    world.pass(downMs - 1_000);
    expect(world.logged('im.fallback')).toEqual([]);
    world.until('the rest is there', () => world.received(phone, 'tku1').length === wanted.length - ringSize, 90_000);
    expect(world.received(phone, 'tku1')).toEqual(wanted.slice(ringSize));
    world.send('alice', phone, 'a new one');
    world.until('it is there', () => world.received(phone, 'tku1').includes('a new one'), 10_000);
    expect(new Set(world.logged('im.fallback').map(({ event }) => event.fields['why']))).toEqual(
      new Set(['smsc-down']),
    );
    site.isSmscReachable = true;
    world.until('the ring is emptied', () => world.received(phone, 'hel1').length === ringSize, 120_000);
    world.until('it is told', () => world.im.role?.links()[0]?.session?.state === 'up', 1_000);
    world.send('alice', phone, 'the way it was');
    world.until('it is there', () => world.received(phone, 'hel1').includes('the way it was'), 10_000);
    expect(both(world)).toHaveLength(wanted.length + 2);
  });

  it('waits where the fallback is away as well', () => {
    const exchange = { routes: [{ prefix: '', smscId: 'hel1', fallback: ['tku1'] }], fallbackAfterMs: downMs };
    const world = World.running({
      sites: [{ smscId: 'hel1' }, { smscId: 'tku1' }],
      imServer: { ringSize, exchange },
    });
    for (const site of world.sites) {
      site.isSmscReachable = false;
      site.cutSmsc();
    }
    for (const text of wanted) world.send('alice', phone, text);
    world.pass(2 * downMs);
    expect(world.logged('im.fallback')).toEqual([]);
    expect(world.im.role?.status().smscs).toMatchObject([{ outbox: wanted.length - ringSize }, { outbox: 0 }]);
  });
});
