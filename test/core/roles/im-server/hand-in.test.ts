/** What only a retired store of a buffer holds, handed to the IM server. DESIGN section 3. */
import { describe, expect, it } from 'vitest';
import { retiredKey } from '../../../../src/core/store/identity.ts';
import { recoverLane } from '../../../../src/core/store/lane-records.ts';
import { MemoryStore } from '../../../../src/sim/memory-store.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

/** Two messages came while the IM server was away; then the buffer got another disk. */
function retired() {
  const world = World.running();
  const site = world.site();
  world.inject(phone, '28820001', 'before');
  world.until('it arrived', () => world.talk('alice', phone).length === 1);
  world.pass(1_000);
  world.im.crash();
  for (const text of ['away 1', 'away 2']) world.inject(phone, '28820001', text);
  const unfinished = () =>
    recoverLane(site.store, 'hel1', 'mo').copies.filter(({ status }) => status === 'placed' || status === 'mirrored');
  world.until('both are on the disk of the buffer', () => unfinished().length === 2);
  world.pass(1_000);
  site.crash();
  const messages = unfinished().map(({ bytes }) => bytes);
  const [, , , storeId] = Object(site.store.get(['store']));
  const older = site.store;
  site.store = new MemoryStore();
  world.im.start();
  site.start();
  world.until('the new one is in step', () => site.role?.link().state === 'up');
  const handIn = (more: { storeId?: string; isRetired?: boolean; messages?: readonly Uint8Array[] } = {}) => {
    world.im.controlAnswers.clear();
    world.im.input({
      ...{ type: 'hand-in', ref: 1, smscId: 'hel1', storeId: String(storeId), isRetired: false, messages },
      ...more,
    });
    world.until('it is answered', () => world.im.controlAnswers.get(1) !== undefined);
    return world.im.controlAnswers.get(1);
  };
  const texts = () => world.talk('alice', phone).map(({ text }) => text);
  return { world, older, messages, handIn, texts };
}

describe('handing in what only a retired store holds', () => {
  it('stores it for its addressees, marked as repeated, and once only', () => {
    const { world, handIn, texts } = retired();
    expect(texts()).toEqual(['before']);
    expect(handIn()).toEqual({ type: 'handed-in', results: ['stored', 'stored'] });
    expect(texts().sort()).toEqual(['away 1', 'away 2', 'before']);
    expect(world.talk('alice', phone).filter(({ marks }) => marks.includes('repeated'))).toHaveLength(2);
    expect(handIn()).toEqual({ type: 'handed-in', results: ['known', 'known'] });
    expect(texts()).toHaveLength(3);
  });

  it('remembers over a restart what was handed in', () => {
    const { world, handIn } = retired();
    handIn();
    world.im.crash();
    world.im.start();
    expect(handIn()).toEqual({ type: 'handed-in', results: ['known', 'known'] });
  });

  it('leaves what it cannot read', () => {
    const { handIn, messages } = retired();
    const [first = new Uint8Array(0)] = messages;
    const given = [new Uint8Array([1, 2, 3]), first];
    expect(handIn({ messages: given })).toEqual({ type: 'handed-in', results: ['unreadable', 'stored'] });
  });

  it('takes the word of a store that was told so itself, where nobody else remembers', () => {
    const { handIn } = retired();
    const storeId = 'f'.repeat(32);
    expect(handIn({ storeId })).toMatchObject({ type: 'refused', code: 'STORE_NOT_RETIRED' });
    expect(handIn({ storeId, isRetired: true })).toMatchObject({ type: 'handed-in' });
  });

  it('refuses the store in force, whatever that says of itself', () => {
    const { world, handIn } = retired();
    const [, , , storeId] = Object(world.site().store.get(['store']));
    const answer = handIn({ storeId: String(storeId), isRetired: true });
    expect(answer).toMatchObject({ type: 'refused', code: 'STORE_NOT_RETIRED' });
    expect(world.talk('alice', phone)).toHaveLength(1);
  });

  it('names the stores that it knows, so that a state directory can be recognised', () => {
    const { world, older } = retired();
    const [, , , storeId] = Object(older.get(['store']));
    expect(world.im.role?.bufferStores()[0]?.retired).toEqual([storeId]);
    world.site().crash();
    world.site().store = older;
    world.site().start();
    world.until('it knows', () => older.get(retiredKey) !== undefined, 60_000);
    expect(world.site().role?.store()).toEqual({ id: storeId, isRetired: true });
  });
});
