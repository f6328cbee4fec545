/**
 * What can go wrong in a world, as values: when, what, to whom, for how long. A list of them is made from a seed before
 * anything runs, so one can be left out without changing the others (`shrink.ts`). `strike.ts` carries them out.
 */
import { type Random, seededRandom } from '../core/base/random.ts';
import { hourMs } from '../core/base/time.ts';
import type { FaultKind as SmscFaultKind } from '../core/roles/smsc/scenario.ts';
import type { RoleName } from './happening.ts';
import { imServerName } from './happening.ts';
import type { Side } from './wire.ts';

export type FaultAct =
  /** The link breaks. `told`: who notices at once; `near` is the buffer. */
  | { readonly kind: 'cut'; readonly told: readonly Side[] }
  /** The link breaks for the buffer alone, and what it said before comes later: behind what its next connection says. */
  | { readonly kind: 'strand'; readonly lateMs: number }
  /** One way of the link dies, and nobody is told. */
  | { readonly kind: 'half-open'; readonly deaf: Side }
  /** The link breaks, and for a while every new connection is refused. */
  | { readonly kind: 'refuse' }
  /** The link takes so many times as long. */
  | { readonly kind: 'slow'; readonly times: number }
  /** The connection to the SMSC breaks. */
  | { readonly kind: 'cut-smsc'; readonly told: readonly Side[] }
  /** The SMSC's port refuses for a while. */
  | { readonly kind: 'refuse-smsc' }
  /**
   * A process dies behind so many more outputs, and starts again. `power`: what was noted without a sync is lost too.
   * `midCommit`: whether a commit under way made it to the disk.
   */
  | {
      readonly kind: 'kill';
      readonly behind: number;
      readonly midCommit: 'written' | 'lost';
      readonly notice: 'noticed' | 'unnoticed';
      readonly power: 'kept' | 'lost';
    }
  /** A disk refuses commits for a while. */
  | { readonly kind: 'disk'; readonly state: 'full' | 'read-only' }
  /** The same, for minutes: what is accepted meanwhile fills rings and outbox. */
  | { readonly kind: 'full-disk' }
  /** A process dies, and its machine's clock is off when it starts again. */
  | { readonly kind: 'clock'; readonly aheadMs: number; readonly rate: number }
  /** A process dies, and its disk is empty when it starts again. */
  | { readonly kind: 'empty-disk' }
  /**
   * A process dies, and its disk is as it was so many commits ago when it starts again: a backup. `word`: whether its
   * operator says so, which a buffer relies on. SPEC: docs/decisions/0011.
   */
  | { readonly kind: 'set-back'; readonly commits: number; readonly word: 'said' | 'unsaid' }
  /** A process dies, and somebody starts it with the disk of another role or SMSC, which must be refused. */
  | { readonly kind: 'foreign-disk' }
  /** Status reports come before the answer to their submit, or the SMSC believes that they came. */
  | { readonly kind: 'reports'; readonly how: 'early' | 'never' }
  /**
   * The SMSC takes submits, and its answers come later than the buffer waits for them, or never: then it says the same
   * packet again. SPEC: reference section 4.3.
   */
  | { readonly kind: 'answers'; readonly how: 'late' | 'never' }
  /** Nobody can reach a handset, or its memory is full; reports come late. */
  | { readonly kind: 'handset'; readonly number: string; readonly state: 'off' | 'full' }
  /**
   * The SMSC refuses submits to one number. With 9 (*requested operation failed*) the buffer puts off that message alone,
   * and takes the third refusal for the last; with 323 the first one is. SPEC: reference section 9.
   */
  | {
      readonly kind: 'refuse-submit';
      readonly number: string;
      readonly errorCode: 9 | 323;
      readonly probability: number;
    }
  /** The SMSC itself misbehaves: one fault of the scenarios, with that probability per packet. */
  | { readonly kind: 'smsc'; readonly fault: SmscFault; readonly probability: number };

export type SmscFault = Exclude<SmscFaultKind, 'general-error' | 'greeting'>;

export type Fault = {
  /** Milliseconds after the world has begun. */
  readonly atMs: number;
  /** How long it lasts; 0 for what is over at once. */
  readonly lengthMs: number;
  /** A buffer, its link and its SMSC by SMSC id; or the IM server. */
  readonly target: RoleName;
} & FaultAct;

export type WorldFaultKind = FaultAct['kind'];

interface KindRow {
  /** How often it is drawn beside the others; 0: only where it is asked for by name. */
  readonly weight: number;
  /** Lasts at most; 0 for what is over at once. */
  readonly longestMs: number;
  readonly targets: 'sites' | 'all';
  readonly make: (draw: Draw) => FaultAct;
}

/** What a kind may ask chance for. */
export interface Draw {
  readonly random: Random;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
  readonly phones: readonly [string, ...string[]];
  readonly target: RoleName;
}

const smscFaults: readonly [SmscFault, ...SmscFault[]] = [
  'nack',
  'lost',
  'cut',
  'slow-answer',
  'no-answer',
  'answer-lost',
  'duplicate-answer',
  'swallow-deliver',
  'duplicate-deliver',
  'wrong-checksum',
  'wrong-number',
  'cut-in-packet',
  'garbage',
  'unknown-operation',
  'restart',
  'refuse',
];

/** Every kind, with its share. A new one is a row here, an arm in `strike.ts`, and a word in docs/simulation.md. */
export const faultTable: Readonly<Record<WorldFaultKind, KindRow>> = {
  cut: row(6, 0, 'sites', ({ pick }) => ({ kind: 'cut', told: pick(whoIsTold) })),
  strand: row(3, 0, 'sites', ({ random }) => ({ kind: 'strand', lateMs: Math.round(50 + 4_000 * random()) })),
  'half-open': row(3, 0, 'sites', ({ pick }) => ({ kind: 'half-open', deaf: pick(['near', 'far']) })),
  refuse: row(3, 8_000, 'sites', () => ({ kind: 'refuse' })),
  slow: row(2, 10_000, 'sites', ({ pick }) => ({ kind: 'slow', times: pick([3, 10, 40]) })),
  'cut-smsc': row(5, 0, 'sites', ({ pick }) => ({ kind: 'cut-smsc', told: pick(whoIsTold) })),
  'refuse-smsc': row(2, 5_000, 'sites', () => ({ kind: 'refuse-smsc' })),
  kill: row(8, 2_000, 'all', ({ pick, random }) => ({
    kind: 'kill',
    behind: random() < 0.4 ? 0 : 1 + Math.floor(12 * random()),
    midCommit: pick(['written', 'lost']),
    notice: pick(['noticed', 'noticed', 'unnoticed']),
    power: pick(['kept', 'kept', 'lost']),
  })),
  disk: row(3, 6_000, 'all', ({ pick }) => ({ kind: 'disk', state: pick(['full', 'read-only']) })),
  'full-disk': row(1, 300_000, 'all', () => ({ kind: 'full-disk' })),
  clock: row(2, 1_000, 'all', ({ random, pick }) => ({
    kind: 'clock',
    aheadMs: Math.round((random() - 0.5) * pick([2_000, 600_000, 20_000_000, 2 * 72 * hourMs])),
    rate: 1 + (random() - 0.5) * pick([0, 0.0002, 0.01]),
  })),
  'empty-disk': row(1, 2_000, 'all', () => ({ kind: 'empty-disk' })),
  'set-back': row(2, 2_000, 'all', ({ random, pick, target }) => ({
    kind: 'set-back',
    commits: 1 + Math.floor(40 * random()),
    word: target === imServerName ? pick(['said', 'unsaid']) : 'said',
  })),
  'foreign-disk': row(1, 1_000, 'all', () => ({ kind: 'foreign-disk' })),
  reports: row(2, 8_000, 'sites', ({ pick }) => ({ kind: 'reports', how: pick(['early', 'never']) })),
  answers: row(0, 15_000, 'sites', ({ pick }) => ({ kind: 'answers', how: pick(['late', 'never']) })),
  handset: row(2, 15_000, 'sites', ({ pick, phones }) => ({
    kind: 'handset',
    number: pick(phones),
    state: pick(['off', 'full']),
  })),
  'refuse-submit': row(3, 12_000, 'sites', ({ pick, phones }) => ({
    kind: 'refuse-submit',
    number: pick(phones),
    errorCode: pick([9, 9, 9, 323]),
    probability: pick([0.3, 0.6, 1]),
  })),
  smsc: row(4, 10_000, 'sites', ({ pick }) => ({
    kind: 'smsc',
    fault: pick(smscFaults),
    probability: pick([0.02, 0.1, 0.3]),
  })),
};

const whoIsTold: readonly [readonly Side[], ...(readonly Side[])[]] = [
  ['near', 'far'],
  ['near', 'far'],
  ['near', 'far'],
  ['near'],
  ['far'],
  [],
];

// The order of the table is the order of drawing; `Object.keys` gives the keys of exactly this record.
export const worldFaultKinds = Object.keys(faultTable) as readonly WorldFaultKind[];

/** Those of which a seed draws where nobody says which. */
export const usualFaultKinds = worldFaultKinds.filter((kind) => faultTable[kind].weight > 0);

export interface FaultOptions {
  readonly seed: number;
  readonly lastingMs: number;
  /** On average from one to the next. */
  readonly everyMs: number;
  readonly kinds: readonly WorldFaultKind[];
  readonly sites: readonly { readonly smscId: string; readonly phones: readonly [string, ...string[]] }[];
}

/** In the order of time. */
export function planFaults(options: FaultOptions): readonly Fault[] {
  const { seed, lastingMs, everyMs, kinds, sites } = options;
  const random = seededRandom(seed);
  const faults: Fault[] = [];
  const lot = kinds.flatMap((kind) => Array.from({ length: Math.max(1, faultTable[kind].weight) }, () => kind));
  const [firstSite] = sites;
  if (firstSite === undefined || lot.length === 0) return faults;
  for (let atMs = everyMs * random(); atMs < lastingMs; atMs += everyMs * (0.2 + 1.6 * random())) {
    const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
    const { longestMs, targets, make } = faultTable[lot[Math.floor(random() * lot.length)] ?? 'cut'];
    const site = pick([firstSite, ...sites.slice(1)]);
    const target = targets === 'all' && random() < 0.45 ? imServerName : site.smscId;
    const lengthMs = Math.round(longestMs * random());
    faults.push({ atMs: Math.round(atMs), lengthMs, target, ...make({ random, pick, phones: site.phones, target }) });
  }
  return faults;
}

/** One line: `12.345 s  kill hel1 for 0.8 s (behind 3, written, noticed, power kept)`. */
export function faultText(fault: Fault): string {
  const { atMs, lengthMs, target, kind, ...details } = fault;
  const told = Object.entries(details).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join('+') || 'nobody' : value}`,
  );
  const length = lengthMs === 0 ? '' : ` for ${(lengthMs / 1_000).toFixed(1)} s`;
  return `${(atMs / 1_000).toFixed(3)} s  ${kind} ${target}${length}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
}

function row(weight: number, longestMs: number, targets: KindRow['targets'], make: KindRow['make']): KindRow {
  return { weight, longestMs, targets, make };
}
