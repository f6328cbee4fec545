/**
 * When the demo kills which role: drawn from the seed, spread over the traffic, and always while there is more to send,
 * so that every kill meets messages on their way.
 */
import type { Random } from '../../core/base/random.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Killable } from './world.ts';

export interface Kill {
  readonly role: Killable;
  /** As soon as so many texts each way were handed in. */
  readonly afterTexts: number;
  /** And so much later. */
  readonly waitMs: number;
  /** No text beyond this one goes before the role is up again. */
  readonly gateAt: number;
}

export interface KillWish {
  readonly role: Killable;
  readonly count: number;
}

const roles: readonly Killable[] = ['buffer', 'im-server'];
const mostKills = 100;
/** Share of its stretch of the traffic in which a kill may come; the rest is held back until it is over. */
const share = 0.7;
const longestWaitMs = 400;

/** `buffer=5` */
export function parseKill(text: string): Result<KillWish> {
  const [name, countText = '', ...more] = text.split('=');
  const role = roles.find((known) => known === name);
  const count = Number(countText);
  if (role !== undefined && more.length === 0 && /^\d+$/.test(countText) && count <= mostKills) {
    return ok({ role, count });
  }
  return fail(
    'CONFIG_BAD_VALUE',
    `"${text}" says no kills; write it like buffer=5 or im-server=3, ${mostKills} at most.`,
  );
}

/** @param count texts each way */
export function planKills(wishes: readonly KillWish[], count: number, random: Random): readonly Kill[] {
  const victims = shuffle(
    wishes.flatMap((wish) => Array.from({ length: wish.count }, () => wish.role)),
    random,
  );
  const border = (index: number): number => Math.floor((count / victims.length) * index);
  return victims.map((role, index) => {
    const [from, until] = [border(index), border(index + 1)];
    return {
      role,
      afterTexts: from + Math.floor(share * random() * (until - from)),
      waitMs: Math.floor(longestWaitMs * random()),
      gateAt: until,
    };
  });
}

function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
