/** Texts in a national alphabet through the whole bridge, both ways. SPEC: docs/reference/cimd2.md section 7.8. */
import { describe, expect, it } from 'vitest';
import { World, type WorldOptions } from '../../src/sim/world.ts';
import { means } from './means.ts';

const phone = '+639171234567';
/** 103 characters: two parts in UCS-2, one in the Turkish single shift table. */
const turkish = 'İyi akşamlar! Işıkları söndürdün mü, yoksa çocuklar daha uyanık mı? Yarın sabah görüşürüz, güle güle.';
const longTurkish = `${turkish} ${turkish} ${turkish}`;

describe('a Turkish text through the bridge (7.8)', () => {
  it('leaves in the national table, in fewer parts, and reads the same on the handset', () => {
    const world = running({ imServer: { exchange: { national: 'turkish' } } });
    world.send('alice', phone, turkish);
    world.send('alice', phone, longTurkish);
    world.until('both are there', () => world.received(phone).length === 2);
    expect(world.received(phone)).toEqual([turkish, longTurkish]);
    expect(world.talk('alice', phone).map(({ parts }) => parts)).toEqual([1, 3]);
  });

  it('leaves as UCS-2 unless the settings allow a table', () => {
    const world = running();
    world.send('alice', phone, turkish);
    world.until('it is there', () => world.received(phone).length === 1);
    expect(world.received(phone)).toEqual([turkish]);
    expect(world.talk('alice', phone)[0]?.parts).toBe(2);
  });

  it('comes from a handset that writes in the table, alone and in parts', () => {
    const world = running();
    const handset = { type: 'inject', from: phone, to: '28820001' } as const;
    world.site().smscInput({ ...handset, ref: 1, text: turkish, national: 'auto' });
    world.site().smscInput({ ...handset, ref: 2, text: longTurkish, national: 'turkish' });
    world.until('both are shown', () => world.talk('alice', phone).length === 2);
    expect(world.talk('alice', phone).map(({ text, parts }) => [text, parts])).toEqual([
      [turkish, 1],
      [longTurkish, 3],
    ]);
    expect(world.site().smscEvents.filter(({ type }) => type === 'deliver-offered')).toHaveLength(4);
  });
});

function running(options: WorldOptions = {}): World {
  const world = new World(options, means);
  world.begin();
  return world;
}
