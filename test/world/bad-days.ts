/**
 * A world with a seed for its luck: people and handsets write, links are cut and fall silent, the SMSC drops its
 * sessions, processes die in the middle of a commit and start again. Twice a second the promises are checked;
 * afterwards all must settle. The seed of a failure replays it: `BAD_DAYS_SEED=17 npx vitest run test/world`.
 */
import { type Random, seededRandom } from '../../src/core/base/random.ts';
import type { TextView } from '../../src/core/im/text.ts';
import { inStep } from './checks.ts';
import type { Side } from './wire.ts';
import { World } from './world.ts';

export interface BadDaysOptions {
  readonly seed: number;
  /** Texts each way. */
  readonly textCount: number;
  /** Milliseconds of virtual time in which they are written and everything goes wrong. */
  readonly lastingMs: number;
}

export interface BadDaysResult {
  readonly cuts: number;
  readonly deaths: number;
  readonly sessionsLost: number;
  /** Texts that reached their handset more than once. */
  readonly doubled: number;
  readonly marked: number;
  /** How long it took to settle after the last fault. */
  readonly settledAfterMs: number;
}

const users = ['alice', 'bob'] as const;
const suffixes = { alice: '0001', bob: '0002' } as const;
const phones = ['+358401110001', '+358401110002', '+358401110003'] as const;
/** In which everything must be settled: the longest wait for a reconnect, an answer with its repetitions, a check. */
const settleLimitMs = 20 * 60_000;

export function runBadDays(options: BadDaysOptions): BadDaysResult {
  const { seed, textCount, lastingMs } = options;
  const chance = seededRandom(seed);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(chance() * from.length)] ?? from[0];
  const world = World.running({
    seed,
    linkDelayMs: pick([5, 50, 100, 300]),
    commitMs: pick([1, 5, 40]),
    imServer: { ringSize: pick([1, 3, 20, 255]) },
    sites: [
      {
        smscId: 'hel1',
        smsc: { turnMs: pick([1, 10, 60]) },
        buffer: { ringSize: pick([1, 3, 20, 255]), answerTimeoutMs: 10_000 },
      },
    ],
  });
  const counts = { cuts: 0, deaths: 0, sessionsLost: 0 };
  const wanted = plan(chance, textCount, lastingMs);
  const faults = faultsOf(world, chance, pick, counts);
  const end = world.now + lastingMs;
  let nextFaultAt = world.now + 500 + 1_500 * chance();
  const begin = world.now;
  const left = { mt: [...wanted.mt], mo: [...wanted.mo] };
  const write = (untilMs: number): void => {
    while ((left.mt[0]?.atMs ?? Infinity) <= untilMs) {
      const { user, phone, text } = left.mt.shift() ?? nobody;
      world.send(user, phone, text);
    }
    while ((left.mo[0]?.atMs ?? Infinity) <= untilMs) {
      const { user, phone, text } = left.mo.shift() ?? nobody;
      world.inject(phone, `2882${suffixes[user]}`, text);
    }
  };
  let steps = 0;
  while (world.now < end) {
    write(world.now - begin);
    if (world.now >= nextFaultAt) {
      pick(faults)();
      nextFaultAt = world.now + 300 + 3_000 * chance();
    }
    world.pass(20 + 60 * chance());
    steps += 1;
    if (steps % 10 === 0) checkNow(world, wanted);
  }
  heal(world);
  write(lastingMs);
  const healedAt = world.now;
  settle(world, wanted);
  const settledAfterMs = world.now - healedAt;
  world.pass(120_000);
  checkNow(world, wanted);
  checkEnd(world, wanted);
  const { doubled, marked } = countDoubles(world, wanted);
  return { ...counts, doubled, marked, settledAfterMs };
}

// --- what is written ------------------------------------------------------------------------------------------------

interface Writing {
  readonly atMs: number;
  readonly user: (typeof users)[number];
  readonly phone: string;
  readonly text: string;
}

interface Wanted {
  readonly mt: readonly Writing[];
  readonly mo: readonly Writing[];
}

const nobody: Writing = { atMs: 0, user: 'alice', phone: phones[0], text: '' };

function plan(chance: Random, textCount: number, lastingMs: number): Wanted {
  const write = (way: string): Writing[] =>
    Array.from({ length: textCount }, (_, index) => ({
      atMs: chance() * lastingMs * 0.9,
      user: users[chance() < 0.5 ? 0 : 1],
      phone: phones[Math.floor(chance() * phones.length)] ?? phones[0],
      // Every text is itself; one in twelve takes three parts.
      text: `${way} ${index} ${chance() < 0.08 ? 'long '.repeat(70) : ''}`.trim(),
    })).sort((a, b) => a.atMs - b.atMs);
  return { mt: write('to handset'), mo: write('to person') };
}

// --- what goes wrong ------------------------------------------------------------------------------------------------

function faultsOf(
  world: World,
  chance: Random,
  pick: <T>(from: readonly [T, ...T[]]) => T,
  counts: { cuts: number; deaths: number; sessionsLost: number },
): readonly [() => void, ...(() => void)[]] {
  const site = world.site();
  const told = (): readonly Side[] => pick([['near', 'far'], ['near', 'far'], ['near', 'far'], ['near'], ['far'], []]);
  const midCommit = () => pick(['written', 'lost'] as const);
  const noticed = () => pick(['noticed', 'noticed', 'unnoticed'] as const);
  const cutLink = () => {
    counts.cuts += 1;
    site.cutLink(told());
  };
  const downLink = () => {
    counts.cuts += 1;
    site.isLinkOpen = false;
    site.cutLink();
    world.pass(5_000 * chance());
    site.isLinkOpen = true;
  };
  const cutSmsc = () => {
    counts.sessionsLost += 1;
    site.cutSmsc(pick([['near', 'far'], ['near', 'far'], ['near'], []]));
  };
  const killBuffer = () => {
    counts.deaths += 1;
    site.crash(midCommit(), noticed());
    // Every third time the whole machine: what was noted without a sync is gone.
    site.isPowerLost = counts.deaths % 3 === 0;
    world.pass(1_000 * chance());
    site.start();
  };
  const killIm = () => {
    counts.deaths += 1;
    world.im.crash(midCommit(), noticed());
    world.pass(1_000 * chance());
    world.im.start();
  };
  const killBoth = () => {
    counts.deaths += 2;
    site.crash(midCommit(), noticed());
    // Every third time the whole machine: what was noted without a sync is gone.
    site.isPowerLost = counts.deaths % 3 === 0;
    world.im.crash(midCommit(), noticed());
    world.pass(500 * chance());
    world.im.start();
    site.start();
  };
  return [cutLink, cutLink, cutLink, downLink, cutSmsc, cutSmsc, killBuffer, killIm, killBoth];
}

function heal(world: World): void {
  for (const site of world.sites) {
    site.isLinkOpen = true;
    site.isSmscReachable = true;
  }
}

// --- what must hold -------------------------------------------------------------------------------------------------

/** At any moment: nothing comes twice unmarked, and everything in its order. */
function checkNow(world: World, wanted: Wanted): void {
  for (const phone of phones) {
    const received = world.received(phone);
    for (const user of users) {
      const sent = wanted.mt.filter((one) => one.phone === phone && one.user === user).map(({ text }) => text);
      checkOrder(
        `from ${user} to ${phone}`,
        [...new Set(received)].filter((text) => sent.includes(text)),
        sent,
      );
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

function settle(world: World, wanted: Wanted): void {
  const limit = world.now + settleLimitMs;
  while (!isSettled(world, wanted) || inStep(world).length > 0) {
    if (world.now >= limit) throw new Error(`not settled: ${unsettled(world).join('; ')}`);
    world.pass(1_000);
  }
}

/** For the eyes of whoever reads a failure. */
function unsettled(world: World): string[] {
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

function isSettled(world: World, wanted: Wanted): boolean {
  if (world.im.unansweredCount > 0) return false;
  const views = users.flatMap((user) => phones.flatMap((phone) => world.talk(user, phone)));
  const out = views.filter(({ direction }) => direction === 'out');
  return (
    out.length === wanted.mt.length &&
    out.every(({ step }) => step === 'delivered') &&
    views.length - out.length === wanted.mo.length &&
    world.im.role
      ?.rings()
      .every(({ slots }) => slots.every(({ status }) => status === 'free' || status === 'settled')) === true
  );
}

function checkEnd(world: World, wanted: Wanted): void {
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

function countDoubles(world: World, wanted: Wanted): { readonly doubled: number; readonly marked: number } {
  const received = phones.flatMap((phone) => world.received(phone));
  const marked = users.flatMap((user) =>
    phones.flatMap((phone) => world.talk(user, phone).filter(({ marks }) => marks.includes('possible-duplicate'))),
  );
  return { doubled: received.length - wanted.mt.length, marked: marked.length };
}
