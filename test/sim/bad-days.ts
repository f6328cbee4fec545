/**
 * A world with a seed for its luck: people and handsets write, links are cut and fall silent, the SMSC drops its
 * sessions, processes die in the middle of a commit and start again. Twice a second the promises are checked;
 * afterwards all must settle. The seed of a failure replays it: `BAD_DAYS_SEED=17 npx vitest run test/world`.
 */
import { type Random, seededRandom } from '../../src/core/base/random.ts';
import { inStep } from '../../src/sim/checkers/in-step.ts';
import type { Side } from '../../src/sim/wire.ts';
import { phones, planWritings, suffixes, type Wanted, type Writing } from '../../src/sim/writings.ts';
import { World } from '../world/world.ts';
import { checkEnd, checkNow, countDoubles, isSettled, type Policy, unsettled } from './promises.ts';

export interface BadDaysOptions {
  readonly seed: number;
  /** Texts each way. */
  readonly textCount: number;
  /** Milliseconds of virtual time in which they are written and everything goes wrong. */
  readonly lastingMs: number;
  /** What becomes of a message in doubt. */
  readonly policy: Policy;
}

export interface BadDaysResult {
  readonly cuts: number;
  readonly deaths: number;
  readonly sessionsLost: number;
  /** Texts that reached their handset more than once. */
  readonly doubled: number;
  readonly marked: number;
  /** Under `hold`: texts that somebody had to decide about. */
  readonly decided: number;
  /** How long it took to settle after the last fault. */
  readonly settledAfterMs: number;
}

/** In which everything must be settled: the longest wait for a reconnect, an answer with its repetitions, a check. */
const settleLimitMs = 20 * 60_000;

const nobody: Writing = { atMs: 0, user: 'alice', phone: phones[0], text: '' };

export function runBadDays(options: BadDaysOptions): BadDaysResult {
  const { seed, textCount, lastingMs, policy } = options;
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
        buffer: { ringSize: pick([1, 3, 20, 255]), answerTimeoutMs: 10_000, inDoubt: policy },
      },
    ],
  });
  const counts = { cuts: 0, deaths: 0, sessionsLost: 0 };
  const wanted = planWritings(chance, { textCount, lastingMs, longShare: policy === 'hold' ? 0 : 0.08 });
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
    if (steps % 10 === 0) checkNow(world, wanted, policy);
  }
  heal(world);
  write(lastingMs);
  const healedAt = world.now;
  const decided = settle(world, wanted, policy);
  const settledAfterMs = world.now - healedAt;
  world.pass(120_000);
  checkNow(world, wanted, policy);
  checkEnd(world, wanted);
  const { doubled, marked } = countDoubles(world, wanted);
  return { ...counts, doubled, marked, decided, settledAfterMs };
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

// --- how it ends ----------------------------------------------------------------------------------------------------

/** @returns how many messages somebody had to decide about */
function settle(world: World, wanted: Wanted, policy: Policy): number {
  const limit = world.now + settleLimitMs;
  let decided = 0;
  // What was submitted last shall be on its handset before anybody decides by looking there.
  world.pass(30_000);
  while (!isSettled(world, wanted, policy) || inStep(world).length > 0) {
    if (world.now >= limit) throw new Error(`not settled: ${unsettled(world).join('; ')}`);
    if (policy === 'hold') decided += decide(world);
    world.pass(1_000);
  }
  return decided;
}

/** An operator who asks the owner of the handset about each message in doubt, and tells either end. */
function decide(world: World): number {
  const ring = world.site().role?.rings()[0];
  const doubted = ring?.slots.filter(({ status }) => status === 'in-doubt') ?? [];
  for (const { slot, message } of doubted) {
    const isThere = message !== undefined && world.received(message.to).includes(message.content);
    const as = isThere ? 'sent' : 'not-sent';
    if (slot % 2 === 0) world.site().input({ type: 'resolve', ref: slot, slot, as });
    else world.im.input({ type: 'resolve', ref: slot, smscId: 'hel1', slot, as });
  }
  return doubted.length;
}
