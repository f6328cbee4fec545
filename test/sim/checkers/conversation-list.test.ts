import { beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../../src/core/im/records.ts';
import type { StoreKey } from '../../../src/core/store/record.ts';
import { wrongInLists } from '../../../src/sim/checkers/conversation-list.ts';
import { World } from '../../../src/sim/world.ts';
import { means } from '../means.ts';

const numbers = ['+358401110001', '+358401110002', '+358401110003', '+358401110004'];
let world: World;

beforeAll(() => {
  world = new World({}, means);
  world.begin();
  for (const number of numbers) {
    world.inject(number, '28820001', `one from ${number}`);
    world.pass(1_000);
    world.inject(number, '28820001', `another from ${number}`);
    world.pass(1_000);
  }
});

/** What is said of the lists while a record is not there. */
function saidWithout(key: StoreKey): string | undefined {
  const undo = world.im.store.write([{ key, value: undefined }]);
  const said = wrongInLists(world);
  world.im.store.write(undo);
  return said;
}

describe('the lists of conversations', () => {
  it('are well where they are what the texts say, on every page', () => {
    expect(world.im.history.conversations('alice', { limit: 10 }).map(({ peer }) => peer)).toEqual(
      numbers.toReversed(),
    );
    expect(wrongInLists(world)).toBeUndefined();
  });

  it('are wrong where one is not in them', () => {
    const [, last] = world.talk('alice', numbers[3] ?? '');
    expect(saidWithout(keys.latest('alice', last?.order ?? 0))).toMatch(
      /^place 1 in the list of alice has \+358401110003, .*; the texts say \+358401110004, last "another from \+3584011100", 2 unread$/,
    );
  });

  it('are wrong where another number of texts is unread', () => {
    const [first] = world.talk('alice', numbers[0] ?? '');
    expect(saidWithout(keys.incoming('alice', numbers[0] ?? '', first?.order ?? 0))).toMatch(
      /^place 4 .*, 1 unread; the texts say .*, 2 unread$/,
    );
  });
});
