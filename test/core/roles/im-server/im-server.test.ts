import { describe, expect, it } from 'vitest';
import { encodeHello } from '../../../../src/core/link/login.ts';
import { valueCodec } from '../../../../src/shell/values.ts';
import { inStep } from '../../../../src/sim/checkers/in-step.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

function textsOf(world: World, user = 'alice', number = phone): readonly string[] {
  return world.talk(user, number).map(({ text }) => text);
}

describe('the IM server', () => {
  it('keeps what people write in the outbox while no buffer ever connected, and sends it when one does', () => {
    const world = new World({ imServer: { ringSize: 20 } });
    world.im.start();
    world.im.addUser('alice', '0001');
    for (let index = 0; index < 100; index += 1) world.send('alice', phone, `text ${index}`);
    world.pass(60_000);
    expect(world.im.role?.status().smscs).toMatchObject([{ outbox: 100, mt: { contact: 'apart', used: 0 } }]);
    expect(world.im.role?.rings().map(({ size, epoch }) => [size, epoch])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
    world.im.crash();
    world.im.start();
    world.site().start();
    world.until('all are on the handset', () => world.received(phone).length === 100);
    expect(world.received(phone)).toEqual(Array.from({ length: 100 }, (_, index) => `text ${index}`));
  });

  it('ends a text by its validity that never left the outbox: failed, since it surely was not sent', () => {
    const world = new World({ imServer: { exchange: { validityMs: 600_000 } } });
    world.im.start();
    world.im.addUser('alice', '0001');
    world.send('alice', phone, 'too late');
    world.pass(700_000);
    expect(world.talk('alice', phone)[0]).toMatchObject({ step: 'failed' });
    expect(world.im.role?.status().smscs).toMatchObject([{ outbox: 0 }]);
  });

  it('goes on with one SMSC while the other is cut off', () => {
    const world = World.running({
      sites: [{ smscId: 'hel1' }, { smscId: 'tku1' }],
      imServer: {
        ringSize: 20,
        exchange: {
          routes: [
            { prefix: '+35840', smscId: 'hel1' },
            { prefix: '+35844', smscId: 'tku1' },
          ],
        },
      },
    });
    const far = '+358441234567';
    world.site('hel1').isLinkOpen = false;
    world.site('hel1').cutLink();
    for (let index = 0; index < 100; index += 1) {
      world.send('alice', phone, `there ${index}`);
      world.send('alice', far, `here ${index}`);
    }
    world.inject(far, '28820001', 'from here', 'tku1');
    world.inject(phone, '28820001', 'from there', 'hel1');
    world.until('everything of the other went through', () => world.received(far, 'tku1').length === 100, 30_000);
    world.until('and what came from it', () => textsOf(world, 'alice', far).includes('from here'));
    expect(world.received(phone, 'hel1')).toEqual([]);
    expect(world.im.role?.links().map(({ smscId, state }) => [smscId, state])).toEqual([
      ['hel1', 'down'],
      ['tku1', 'up'],
    ]);
    world.site('hel1').isLinkOpen = true;
    world.until('the first one catches up', () => world.received(phone, 'hel1').length === 100);
    world.until('from it too', () => textsOf(world).includes('from there'));
  });

  it('loses nothing by dying at any moment', () => {
    const world = World.running({ linkDelayMs: 40 });
    const wanted = Array.from({ length: 30 }, (_, index) => `text ${index}`);
    for (const text of wanted) world.send('alice', phone, text);
    for (const text of wanted) world.inject(phone, '28820001', text);
    for (let life = 0; life < 10; life += 1) {
      world.pass(60 + 23 * life);
      world.im.crash(life % 2 === 0 ? 'written' : 'lost', life % 3 === 0 ? 'unnoticed' : 'noticed');
      world.pass(50);
      world.im.start();
    }
    const delivered = () =>
      world.talk('alice', phone).filter(({ step, direction }) => direction === 'out' && step === 'delivered');
    world.until('all is delivered', () => delivered().length === 30);
    expect(world.received(phone)).toEqual(wanted);
    const came = world.talk('alice', phone).filter(({ direction }) => direction === 'in');
    expect(came.map(({ text }) => text)).toEqual(wanted);
    world.pass(60_000);
    expect(inStep(world)).toEqual([]);
  });

  it('stores what it mirrored before it died, also while the buffer is away', () => {
    const world = World.running();
    world.inject(phone, '28820001', 'hello');
    // Into the mirror and to the person is one commit, so whatever of the mirror is on disk the person has.
    world.until('it is in the mirror', () => [...world.im.store.entries(['ring', 'hel1', 'mo', 'slot'])].length === 1);
    world.im.crash('lost');
    world.site().crash();
    world.im.start();
    expect(textsOf(world)).toEqual(['hello']);
  });

  it('lets a newer connection of the same store replace the older, and reads nothing more from that', () => {
    const world = World.running();
    const before = world.log.length;
    // The buffer's end is told of the cut, this end is not: it takes the old connection as up for 20 s.
    world.site().cutLink(['near']);
    world.pass(2_000);
    expect(world.site().role?.link().state).toBe('up');
    const said = world.log
      .slice(before)
      .filter(({ who }) => who === 'im-server')
      .map(({ event }) => event);
    expect(said.filter(({ event }) => event === 'link.down').map(({ fields }) => fields['code'])).toEqual([
      'LINK_ANOTHER_BUFFER',
    ]);
    expect(said.filter(({ event }) => event === 'link.up')).toHaveLength(1);
    world.send('alice', phone, 'over the new one');
    world.until('it is on the handset', () => world.received(phone).length === 1);
  });

  it('takes no login that comes late from a connection that the buffer has replaced since', () => {
    const world = World.running();
    const site = world.site();
    site.isSmscReachable = false;
    site.cutSmsc();
    site.cutLink();
    world.until('it logs in again', () => site.role?.link().state === 'comparing');
    // The proof and the digest of this connection come behind those of the next one, and what happened in between.
    site.strandLink(2_000);
    world.until('the next one is up', () => site.role?.link().state === 'up');
    world.send('alice', phone, 'meanwhile');
    world.pass(10_000);
    const ring = site.role?.rings().find(({ lane }) => lane === 'mt');
    const held = ring?.slots.filter(({ status }) => status === 'mirrored') ?? [];
    expect(held.map(({ attempts, possibleDuplicate }) => ({ attempts, possibleDuplicate }))).toEqual([
      { attempts: 0, possibleDuplicate: false },
    ]);
    expect(world.talk('alice', phone).map(({ step, marks }) => ({ step, marks }))).toEqual([
      { step: 'stored', marks: [] },
    ]);
  });

  it('says nothing to a connection that has not proved itself, and closes it in time', () => {
    const world = World.running();
    const heard: Uint8Array[] = [];
    const ends: string[] = [];
    const wire = world.im.accept({
      opened: () => undefined,
      received: (bytes) => heard.push(bytes),
      closed: (why) => ends.push(why),
    });
    const introduction = {
      versions: [1, 1] as const,
      smscId: 'hel1',
      node: 'stranger',
      storeId: 'none',
      nonce: new Uint8Array(32),
      capabilities: [],
      clock: world.now,
      holdsTls: false,
    };
    wire.send('near', encodeHello(introduction, valueCodec));
    for (let index = 0; index < 20; index += 1) world.send('alice', phone, `text ${index}`);
    world.pass(14_000);
    // One welcome, and no entry of the lane that another connection is busy with.
    expect(heard).toHaveLength(1);
    world.pass(5_000);
    expect(ends).toEqual(['no login within 15 s']);
    expect(world.site().role?.link().state).toBe('up');
    expect(world.received(phone)).toHaveLength(20);
  });

  it('drains: tells the buffers and leaves nothing unwritten', () => {
    const world = World.running();
    world.send('alice', phone, 'just before');
    world.im.input({ type: 'drain' });
    world.until('it is drained', () => world.im.isDrained, 5_000);
    world.im.carried?.end();
    world.pass(1_000);
    expect(world.site().role?.link()).toMatchObject({ state: 'down' });
    world.im.start();
    world.until('it is on the handset', () => world.received(phone).length === 1);
    expect(world.im.unansweredCount).toBe(0);
  });

  it('compares both ends on request, and says why it cannot', () => {
    const world = World.running();
    world.im.input({ type: 'compare', ref: 1, smscId: 'hel1' });
    world.im.input({ type: 'compare', ref: 2, smscId: 'nowhere' });
    world.site().input({ type: 'compare', ref: 1 });
    expect(world.im.controlAnswers.get(1)).toEqual({ type: 'done' });
    expect(world.im.controlAnswers.get(2)).toMatchObject({ type: 'refused', code: 'LINK_UNKNOWN_SMSC' });
    expect(world.site().controlAnswers.get(1)).toEqual({ type: 'done' });
    world.pass(1_000);
    expect(inStep(world)).toEqual([]);
    world.site().isLinkOpen = false;
    world.site().cutLink();
    world.im.input({ type: 'compare', ref: 3, smscId: 'hel1' });
    world.site().input({ type: 'compare', ref: 2 });
    expect(world.im.controlAnswers.get(3)).toMatchObject({ type: 'refused', code: 'LINK_UNREACHABLE' });
    expect(world.site().controlAnswers.get(2)).toMatchObject({ type: 'refused', code: 'LINK_UNREACHABLE' });
  });

  it('measures the round trip of the link', () => {
    const world = World.running({ linkDelayMs: 150 });
    world.pass(20_000);
    // And a little more: a heartbeat may wait for a commit before it leaves.
    for (const rttMs of [world.im.role?.links()[0]?.rttMs, world.site().role?.link().rttMs]) {
      expect(rttMs).toBeGreaterThanOrEqual(300);
      expect(rttMs).toBeLessThanOrEqual(310);
    }
  });
});
