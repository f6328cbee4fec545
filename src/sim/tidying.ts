/**
 * What follows the end of a run, when everything has settled and been judged: people read what they have, and while they go
 * on writing, old texts are deleted as fast as it goes. Nothing fails any more; what is looked at is the list of
 * conversations, which reading, writing and deleting change at once. The checkers of texts do not see it.
 */
import { Retention } from '../core/im/retention.ts';
import { type RunPlan, serviceNumber, siteTable, suffixes, users } from './plan.ts';
import type { World } from './world.ts';

const [lastingMs, lookMs] = [4_500, 60];
/** Somebody writes at every so many looks, so that each conversation rests for a while. */
const looksPerWriting = 5;

/** @param check is asked after every step; ends everything by throwing */
export function tidyUp(world: World, plan: RunPlan, check: () => void): void {
  readHalf(world);
  world.pass(1_000);
  check();
  // Old at once, or old enough that there are several in a conversation.
  const keep = { forMs: plan.seed % 2 === 0 ? 20 : 800, count: undefined };
  for (let look = 0; look * lookMs < lastingMs; look += 1) {
    // What is written in this moment is not on disk when it is decided what is old.
    if (look % looksPerWriting === 0) write(world, plan, look / looksPerWriting);
    // Each look is the first of a process: one that goes on rests for a minute when it finds nothing.
    const retention = new Retention(keep, world.im.store);
    for (const found of retention.handle({ type: 'tick' }, world.im.latestTime())) {
      world.im.input({ type: 'im', input: found });
    }
    world.pass(lookMs);
    check();
  }
}

/** Each user reads up to the middle of each conversation. */
function readHalf(world: World): void {
  for (const user of users) {
    for (const { peer } of world.im.history.conversations(user, { limit: 100 })) {
      const views = world.talk(user, peer);
      const middle = views[Math.floor(views.length / 2)];
      if (middle === undefined) continue;
      world.im.input({ type: 'im', input: { type: 'read', user, peer, order: middle.order } });
    }
  }
}

/** One user after the other, and to and from one handset after the other: the user's text is under way when the answer comes. */
function write(world: World, { sites }: RunPlan, count: number): void {
  const handsets = siteTable.flatMap(({ smscId, phones }) =>
    sites.some((site) => site.smscId === smscId) ? phones.map((phone) => ({ smscId, phone })) : [],
  );
  const user = users[count % users.length];
  const handset = handsets[count % handsets.length];
  if (user === undefined || handset === undefined) return;
  world.send(user, handset.phone, `later to handset ${count}`);
  world.inject(handset.phone, `${serviceNumber}${suffixes[user]}`, `later to person ${count}`, handset.smscId);
}
