/**
 * The promises, as they are checked while everything goes wrong and when it is over: nothing acknowledged is lost,
 * nothing comes twice unmarked (under `hold` not at all), conversations keep their order, everything settles, and then
 * both ends are equal.
 */
import type { TextView } from '../../src/core/im/text.ts';
import { inStep } from '../../src/sim/checkers/in-step.ts';
import type { World } from '../world/world.ts';
import { phones, users, type Wanted } from './writings.ts';

export type Policy = 'resend' | 'hold';

/** At any moment: whatever has come so far came in its order, and nothing twice from a handset. */
export function checkNow(world: World, wanted: Wanted, policy: Policy): void {
  for (const phone of phones) {
    const received = world.received(phone);
    if (policy === 'hold' && new Set(received).size < received.length)
      throw new Error(`doubled under hold at ${phone}`);
    for (const user of users) {
      const sent = wanted.mt.filter((one) => one.phone === phone && one.user === user).map(({ text }) => text);
      const arrived = [...new Set(received)].filter((text) => sent.includes(text));
      // SPEC: DESIGN section 2 rule 5: order is not kept across `hold`.
      if (policy === 'resend') checkOrder(`from ${user} to ${phone}`, arrived, sent);
      const came = incoming(world, user, phone).map(({ text }) => text);
      const written = wanted.mo.filter((one) => one.phone === phone && one.user === user).map(({ text }) => text);
      checkOrder(`from ${phone} to ${user}`, came, written);
    }
  }
}

/** `came` may lack what is still on its way, but each text is there once, and none before an earlier one. */
function checkOrder(what: string, came: readonly string[], sent: readonly string[]): void {
  for (const [at, text] of came.entries()) {
    if (sent[at] !== text) throw new Error(`${what}: place ${at} has "${text}", "${sent[at]}" belongs there`);
  }
}

function incoming(world: World, user: string, phone: string): readonly TextView[] {
  return world.talk(user, phone).filter(({ direction }) => direction === 'in');
}

/** For the eyes of whoever reads a failure. */
export function unsettled(world: World): string[] {
  const texts = users.flatMap((user) =>
    phones.flatMap((phone) =>
      world.talk(user, phone).filter((view) => view.direction === 'out' && view.step !== 'delivered'),
    ),
  );
  return [
    ...texts.map(({ text, step, marks }) => `"${text}" is ${step} ${marks.join(' ')}`),
    ...inStep(world),
    JSON.stringify(world.im.role?.status()),
    JSON.stringify(world.site().role?.status()),
    JSON.stringify(world.site().smsc.counts()),
  ];
}

/** @param failed how many texts may have ended as failed */
export function isSettled(world: World, wanted: Wanted, policy: Policy, { failed = 0 } = {}): boolean {
  if (world.im.unansweredCount > 0) return false;
  const views = users.flatMap((user) => phones.flatMap((phone) => world.talk(user, phone)));
  const out = views.filter(({ direction }) => direction === 'out');
  return (
    out.length === wanted.mt.length &&
    // What somebody decided was sent has no stamp, so no report can be matched: it ends at the SMSC.
    out.every(({ step }) => step === 'delivered' || step === 'failed' || (policy === 'hold' && step === 'accepted')) &&
    out.filter(({ step }) => step === 'failed').length === failed &&
    views.length - out.length === wanted.mo.length &&
    world.im.role
      ?.rings()
      .every(({ slots }) => slots.every(({ status }) => status === 'free' || status === 'settled')) === true
  );
}

export function checkEnd(world: World, wanted: Wanted): void {
  for (const { user, phone, text } of wanted.mt) {
    const times = world.received(phone).filter((one) => one === text).length;
    const view = world.talk(user, phone).find((one) => one.direction === 'out' && one.text === text);
    if (times === 0) throw new Error(`lost: "${text}" never reached its handset`);
    if (times > 1 && !view?.marks.includes('possible-duplicate')) throw new Error(`doubled without a mark: "${text}"`);
  }
  const different = inStep(world);
  if (different.length > 0) throw new Error(`the ends differ: ${different.join('; ')}`);
  const bad = world.log.find(({ event }) => event.level === 'error');
  if (bad !== undefined) throw new Error(`${bad.who} said ${bad.event.event} ${JSON.stringify(bad.event.fields)}`);
}

export function countDoubles(world: World, wanted: Wanted): { readonly doubled: number; readonly marked: number } {
  const received = phones.flatMap((phone) => world.received(phone));
  const marked = users.flatMap((user) =>
    phones.flatMap((phone) => world.talk(user, phone).filter(({ marks }) => marks.includes('possible-duplicate'))),
  );
  return { doubled: received.length - wanted.mt.length, marked: marked.length };
}
