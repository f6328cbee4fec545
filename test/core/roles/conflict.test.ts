/** Two ends from different lives: nothing moves until an operator says who is right. DESIGN sections 4 and 11. */
import { describe, expect, it } from 'vitest';
import type { RingView } from '../../../src/core/store/ring-view.ts';
import type { LetGo } from '../../../src/core/sync/let-go.ts';
import { inStep } from '../../../src/sim/checkers/in-step.ts';
import { MemoryStore } from '../../../src/sim/memory-store.ts';
import { World } from '../../world/world.ts';

const phone = '+358401234567';

/** The buffer has three texts of an earlier life, the IM server three of a later one; their mt epochs differ. */
function inConflict(): World {
  const world = World.running({ sites: [{ smscId: 'hel1', smsc: { turnMs: 500 } }] });
  const site = world.site();
  const held = () => [...site.store.entries(['ring', 'hel1', 'mt', 'slot'])].length;
  for (const text of ['early 1', 'early 2', 'early 3']) world.send('alice', phone, text);
  world.until('all are in the mirror', () => held() === 3, 10_000);
  site.crash();
  world.im.crash();
  const earlier = site.store;
  site.store = new MemoryStore();
  world.im.loseDisk();
  world.im.start();
  site.start();
  world.until('both are new and in step', () => site.role?.link().state === 'up');
  site.crash();
  for (const text of ['late 1', 'late 2', 'late 3']) world.send('alice', phone, text);
  site.store = earlier;
  site.start();
  world.until('it is found out', () => world.logged('sync.epoch-conflict').length >= 2);
  world.pass(70_000);
  return world;
}

const counted = (world: World): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const text of world.received(phone)) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
};

function exportOf(rings: readonly RingView[] | undefined): LetGo {
  const ring = rings?.find(({ lane }) => lane === 'mt');
  const slots = (ring?.slots ?? []).filter(({ status }) => status !== 'free' && status !== 'settled');
  return {
    scope: 'ring',
    epoch: ring?.epoch ?? '',
    held: slots.map(({ seq = 0, contentHash = '' }) => ({ seq, contentHash })),
  };
}

describe('a conflict of epochs', () => {
  it("ends with the IM server's messages where it is preferred, and the buffer's are gone", () => {
    const world = inConflict();
    const before = counted(world);
    world.pass(60_000);
    expect(counted(world)).toEqual(before);
    const letGo = exportOf(world.site().role?.rings());
    expect(letGo.held.length).toBeGreaterThan(0);
    world.site().input({ type: 'prefer', ref: 1, lane: 'mt', letGo });
    world.until('it is answered', () => world.site().controlAnswers.get(1) !== undefined);
    expect(world.site().controlAnswers.get(1)).toEqual({ type: 'done' });
    world.until('the late ones arrive', () => ['late 1', 'late 2', 'late 3'].every((text) => counted(world).has(text)));
    world.pass(60_000);
    expect([...counted(world)].filter(([text]) => text.startsWith('early'))).toEqual([...before]);
    expect(inStep(world, 'replaced')).toEqual([]);
  });

  it("ends with the messages of both where the buffer is preferred: the IM server's come after them", () => {
    const world = inConflict();
    const letGo = exportOf(world.im.role?.rings());
    expect(letGo.held).toHaveLength(3);
    world.im.input({ type: 'prefer', ref: 1, smscId: 'hel1', lane: 'mt', letGo });
    world.until('all arrive', () => counted(world).size === 6);
    expect(world.im.controlAnswers.get(1)).toEqual({ type: 'done' });
    world.pass(60_000);
    // The first was with the SMSC when the buffer died: in doubt, and said again.
    const [, ...others] = [...counted(world).values()];
    expect(others).toEqual([1, 1, 1, 1, 1]);
    expect(world.received(phone).slice(-3)).toEqual(['late 1', 'late 2', 'late 3']);
    // Nobody had them before.
    expect(world.talk('alice', phone).filter(({ marks }) => marks.includes('possible-duplicate'))).toEqual([]);
    expect(inStep(world, 'replaced')).toEqual([]);
  });

  it('stays where something else is held than was exported', () => {
    const world = inConflict();
    const letGo = exportOf(world.site().role?.rings());
    world.site().input({ type: 'prefer', ref: 1, lane: 'mt', letGo: { ...letGo, held: letGo.held.slice(1) } });
    world.until('it is answered', () => world.site().controlAnswers.get(1) !== undefined);
    expect(world.site().controlAnswers.get(1)).toMatchObject({ type: 'refused', code: 'SYNC_CHANGED' });
    expect(exportOf(world.site().role?.rings())).toEqual(letGo);
  });
});
