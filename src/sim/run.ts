/**
 * One seed from beginning to end: the world begins, people write and everything goes wrong, all is healed, and within a
 * bound everything must settle. The promises are checked after everything that happens, and once more when it is over.
 */
import { InvariantError } from '../core/base/invariant.ts';
import { type Instant, later } from '../core/base/time.ts';
import type { StoreRecord } from '../core/store/record.ts';
import { CheckFailure, EveryChecker } from './checkers/every-checker.ts';
import { LostDisks } from './checkers/lost-disks.ts';
import { DisksAtStake } from './disks-at-stake.ts';
import type { Happening } from './happening.ts';
import { type RunPlan, serviceNumber, siteTable, suffixes } from './plan.ts';
import { decide, settleLimitMs, unsettled } from './settling.ts';
import type { SiteOptions } from './site.ts';
import { heal, planStrike, scenarioOf } from './strike.ts';
import { tidyUp } from './tidying.ts';
import { World } from './world.ts';
import type { WorldMeans } from './world-tools.ts';

export interface RunFailure {
  /** The name of the checker; `bug` for an invariant, `settles` for the bound. */
  readonly checker: string;
  readonly complaint: string;
  /** Milliseconds after the world has begun. */
  readonly atMs: number;
}

export interface RunResult {
  readonly seed: number;
  readonly texts: { readonly mt: number; readonly mo: number };
  readonly faults: number;
  readonly deaths: number;
  readonly lostDisks: number;
  /** Disks that were found as they were earlier. */
  readonly setBacks: number;
  /** Texts on a handset more than once. */
  readonly doubled: number;
  /** Under `hold`: messages that somebody had to decide about. */
  readonly decided: number;
  /** Texts whose sender was told that they failed, each with a record of the SMSC or by the clock. */
  readonly failed: number;
  /** Submits that the SMSC refused and that were tried again. */
  readonly putOff: number;
  /** Messages that waited for a slot at a time, at most, in all outboxes. */
  readonly outboxPeak: number;
  /** Reports that never came. */
  readonly reportsWithheld: number;
  /** Starts on the disk of another, each refused. */
  readonly startsRefused: number;
  /** Excused by lost disks, and really lost. */
  readonly excused: number;
  /** How long it took to settle after the last fault. */
  readonly settledMs: number;
  /** Things that happened: how much the checkers saw. */
  readonly happenings: number;
  readonly failure: RunFailure | undefined;
}

/** Sees all that happens, `atMs` after the world has begun. */
export type Watch = (happening: Happening, atMs: number) => void;

/** Logins and the first comparison are over by then, on the slowest link. */
const beginMs = 10_000;

/** Behind the end, for what still comes though nobody waits for it. */
const quietMs = 120_000;

export function run(plan: RunPlan, means: WorldMeans, watch?: Watch): RunResult {
  return new Run(plan, means, watch).run();
}

class Run {
  readonly #plan: RunPlan;
  readonly #watch: Watch | undefined;
  readonly #world: World;
  readonly #excuses: LostDisks;
  readonly #checkers: EveryChecker;
  readonly #beginAt: Instant;
  readonly #received = new Map<string, number>();
  readonly #failed = new Set<string>();
  readonly #outbox = new Set<string>();
  #outboxPeak = 0;
  #putOff = 0;
  #reportsWithheld = 0;
  #startsRefused = 0;
  #happenings = 0;
  #deaths = 0;
  #setBacks = 0;
  #decided = 0;
  #settledMs = 0;
  #isJudged = false;

  constructor(plan: RunPlan, means: WorldMeans, watch: Watch | undefined) {
    this.#plan = plan;
    this.#watch = watch;
    this.#world = worldOf(plan, means, (happening) => this.#see(happening));
    this.#beginAt = later(this.#world.now, beginMs);
    this.#excuses = new LostDisks(this.#world, plan, this.#beginAt, means);
    this.#checkers = new EveryChecker({ plan, world: this.#world, excuses: this.#excuses });
  }

  run(): RunResult {
    let failure: RunFailure | undefined;
    try {
      this.#live();
    } catch (error) {
      failure = this.#failureOf(error);
    }
    const { seed, writings, faults } = this.#plan;
    const mt = writings.filter(({ way }) => way === 'mt').length;
    return {
      seed,
      texts: { mt, mo: writings.length - mt },
      faults: faults.length,
      deaths: this.#deaths,
      lostDisks: this.#excuses.lostDisks.size,
      setBacks: this.#setBacks,
      doubled: [...this.#received.values()].filter((times) => times > 1).length,
      decided: this.#decided,
      failed: this.#failed.size,
      putOff: this.#putOff,
      outboxPeak: this.#outboxPeak,
      reportsWithheld: this.#reportsWithheld,
      startsRefused: this.#startsRefused,
      excused: failure === undefined ? this.#missing() : 0,
      settledMs: this.#settledMs,
      happenings: this.#happenings,
      failure,
    };
  }

  #live(): void {
    const { lastingMs, writings, faults } = this.#plan;
    const world = this.#world;
    world.begin();
    if (world.now > this.#beginAt) throw new Error('the world took too long to begin');
    world.pass(this.#beginAt - world.now);
    for (const { atMs, way, user, phone, smscId, text } of writings) {
      world.plan(atMs, () => {
        if (way === 'mt') world.send(user, phone, text);
        else world.inject(phone, `${serviceNumber}${suffixes[user]}`, text, smscId);
      });
    }
    const disks = new DisksAtStake();
    for (const fault of faults) planStrike(world, fault, disks);
    // A month has more faults than a call takes arguments.
    const endMs = faults.reduce((latest, { atMs, lengthMs }) => Math.max(latest, atMs + lengthMs), lastingMs);
    world.pass(endMs + 1);
    heal(world);
    this.#settle();
    world.pass(quietMs);
    this.#checkers.end();
    this.#isJudged = true;
    tidyUp(world, this.#plan, () => this.#checkers.lists());
  }

  #settle(): void {
    const world = this.#world;
    const healedAt = world.now;
    // What was submitted last is on its handset before anybody decides by looking there.
    world.pass(30_000);
    const look = () => unsettled(world, this.#excuses.disks);
    for (let open = look(); open.length > 0; open = look()) {
      if (world.now - healedAt > settleLimitMs) {
        throw new CheckFailure('settles', `not settled after 20 min: ${open.slice(0, 4).join('; ')}`, world.now);
      }
      this.#decided += decide(world, this.#plan);
      world.pass(1_000);
    }
    this.#settledMs = Math.round(world.now - healedAt);
  }

  #see(happening: Happening): void {
    // Until the world is made nobody watches: its parts are being put together.
    if (this.#checkers === undefined) return;
    const { now } = this.#world;
    this.#watch?.(happening, now - this.#beginAt);
    if (this.#isJudged) return;
    this.#happenings += 1;
    this.#count(happening);
    this.#excuses.take(happening);
    this.#checkers.take(happening, now);
  }

  #count(happening: Happening): void {
    switch (happening.type) {
      case 'died':
        this.#deaths += 1;
        return;
      case 'smsc':
        if (happening.event.type !== 'received') return;
        this.#received.set(happening.event.text, (this.#received.get(happening.event.text) ?? 0) + 1);
        return;
      case 'shown':
        if (happening.event.type === 'step' && happening.event.step === 'failed') this.#failed.add(happening.event.id);
        return;
      case 'log':
        if (happening.event.event === 'submit.refused-for-now') this.#putOff += 1;
        return;
      case 'disk-set-back':
        this.#setBacks += 1;
        this.#countOutbox(happening.records);
        return;
      case 'committed':
        this.#countOutbox(happening.records);
        return;
      case 'report-withheld':
        this.#reportsWithheld += 1;
        return;
      case 'refused-to-start':
        this.#startsRefused += 1;
        return;
      default:
    }
  }

  #countOutbox(records: readonly StoreRecord[]): void {
    for (const { key, value } of records) {
      if (key[3] !== 'outbox') continue;
      const place = key.join(' ');
      if (value === undefined) this.#outbox.delete(place);
      else this.#outbox.add(place);
    }
    this.#outboxPeak = Math.max(this.#outboxPeak, this.#outbox.size);
  }

  #missing(): number {
    const isMissing = (text: string, user: string, phone: string, way: 'mt' | 'mo') =>
      way === 'mt' ? !this.#received.has(text) : !this.#world.talk(user, phone).some((view) => view.text === text);
    return this.#plan.writings.filter(
      ({ text, user, phone, way }) => this.#excuses.lost.has(text) && isMissing(text, user, phone, way),
    ).length;
  }

  #failureOf(error: unknown): RunFailure {
    const atMs = Math.round(this.#world.now - this.#beginAt);
    if (error instanceof CheckFailure) return { checker: error.checker, complaint: error.message, atMs };
    if (error instanceof InvariantError)
      return { checker: 'bug', complaint: `${error.message}${whereOf(error)}`, atMs };
    if (error instanceof Error)
      return { checker: 'bug', complaint: `${error.name}: ${error.message}${whereOf(error)}`, atMs };
    throw error;
  }
}

/** The first place in the product or the simulator. */
function whereOf(error: Error): string {
  const line = (error.stack ?? '').split('\n').find((one) => /\/(core|sim)\//.test(one) && !one.includes('invariant'));
  const place = line === undefined ? undefined : /((?:core|sim)\/[^:)]+:\d+)/.exec(line);
  return place?.[1] === undefined ? '' : ` at ${place[1]}`;
}

function worldOf(plan: RunPlan, means: WorldMeans, watch: (happening: Happening) => void): World {
  const { seed, sites, linkDelayMs, commitMs, imRingSize, smscNumbers, inDoubt, reports, validityMs, faults } = plan;
  const { onFull, answerAfter } = plan;
  return new World(
    {
      seed,
      watch,
      records: 'watched',
      linkDelayMs,
      commitMs,
      imServer: {
        ringSize: imRingSize,
        exchange: {
          serviceNumbers: [serviceNumber],
          routes: siteTable.flatMap(({ smscId, prefix }) =>
            sites.some((site) => site.smscId === smscId) ? [{ prefix, smscId }] : [],
          ),
          reports,
          validityMs,
        },
      },
      sites: sites.map(({ smscId, turnMs, ringSize, window, stream }): SiteOptions => {
        const scenario = scenarioOf(faults, smscId, beginMs);
        return {
          smscId,
          stream,
          smscNumbers,
          smsc: { turnMs, accounts: [accountOf(window)], handsets: nobodysOf(smscId) },
          buffer: { ringSize, window, answerTimeoutMs: 10_000, inDoubt, reports, onFull, answerAfter },
          ...(scenario === undefined ? {} : { scenario }),
        };
      }),
    },
    means,
  );
}

function nobodysOf(smscId: string) {
  return siteTable
    .filter((site) => site.smscId === smscId)
    .map(({ nobodys }) => ({ number: nobodys, state: { type: 'unknown' } as const }));
}

function accountOf(window: number) {
  return {
    user: 'app',
    password: 'secret',
    number: serviceNumber,
    type: 'receiving',
    reports: 'allowed',
    maxSessions: 1,
    maxWindow: window,
  } as const;
}
