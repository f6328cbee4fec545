/**
 * What a seed means: how the world is built, who writes what and when, and what goes wrong. Each comes from a stream of
 * chance of its own, so that leaving a fault out changes nothing else.
 */
import { type Random, seededRandom } from '../core/base/random.ts';
import { hourMs } from '../core/base/time.ts';
import { type Fault, planFaults, usualFaultKinds, type WorldFaultKind } from './faults.ts';

export const users = ['alice', 'bob'] as const;
export type UserName = (typeof users)[number];
export const suffixes: Readonly<Record<UserName, string>> = { alice: '0001', bob: '0002' };

/** Digits with which every handset can answer, put before a user's. */
export const serviceNumber = '2882';

/** By the prefix of its handsets a text finds its SMSC. `nobodys`: a number that the SMSC takes and nobody has. */
export const siteTable = [
  {
    smscId: 'hel1',
    prefix: '+358',
    phones: ['+358401110001', '+358401110002', '+358401110003'],
    nobodys: '+358401119999',
  },
  { smscId: 'tpe1', prefix: '+886', phones: ['+886911000001', '+886911000002'], nobodys: '+886911999999' },
] as const;

export interface Writing {
  /** After the world has begun. */
  readonly atMs: number;
  readonly way: 'mt' | 'mo';
  readonly smscId: string;
  readonly user: UserName;
  /** `nobody`: its number is nobody's, so it ends as undelivered. */
  readonly addressee: 'somebody' | 'nobody';
  readonly phone: string;
  /** Like no other. */
  readonly text: string;
  readonly partCount: number;
}

export interface SitePlan {
  readonly smscId: string;
  readonly turnMs: number;
  readonly ringSize: number;
  readonly window: number;
  readonly stream: 'whole' | 'ragged';
}

export interface RunPlan {
  readonly seed: number;
  /** Of virtual time, in which people write and everything goes wrong. */
  readonly lastingMs: number;
  readonly inDoubt: 'resend' | 'hold';
  readonly reports: 'final' | 'none';
  /** Of every text of a person: the usual one, or so short that bad days outlast it. */
  readonly validityMs: number;
  readonly linkDelayMs: number;
  readonly commitMs: number;
  readonly imRingSize: number;
  readonly smscNumbers: 'strict' | 'forgetful';
  /** What the buffers do with delivers while their ring has no room. */
  readonly onFull: 'wait' | 'defer';
  /** What they answer a deliver after: their own disk, or the IM server's too. */
  readonly answerAfter: 'stored' | 'mirrored';
  readonly sites: readonly SitePlan[];
  readonly writings: readonly Writing[];
  readonly faults: readonly Fault[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly lastingMs: number;
  /** Texts each way; if left out, chance decides between a trickle and a crowd. */
  readonly textCount?: number;
  /** Of which kinds faults may be; all that are usual if left out. A seed uses some of them. */
  readonly kinds?: readonly WorldFaultKind[];
  /** `wait` if left out. */
  readonly onFull?: RunPlan['onFull'];
  /** `stored` if left out. */
  readonly answerAfter?: RunPlan['answerAfter'];
}

const usualValidityMs = 48 * hourMs;

/** Of the texts to handsets, those to a number that nobody has. */
const nobodyShare = 0.04;

/** In one world of so many the SMSCs take a repeated packet for a new one. */
const forgetfulEvery = 4;

/** A world that lasts longer has more of everything, but not without end. */
const mostTexts = 4_000;
const mostFaults = 4_000;

export function planRun(options: PlanOptions): RunPlan {
  const { seed, lastingMs, kinds = usualFaultKinds, onFull = 'wait', answerAfter = 'stored' } = options;
  const random = streamOf(seed, 1);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const inDoubt = pick<RunPlan['inDoubt']>(['resend', 'resend', 'resend', 'hold']);
  const sites = siteTable.slice(0, pick([1, 1, 2])).map(
    ({ smscId }): SitePlan => ({
      smscId,
      turnMs: pick([1, 10, 60]),
      ringSize: pick([1, 3, 20, 255]),
      window: pick([1, 1, 1, 4]),
      stream: pick(['whole', 'ragged']),
    }),
  );
  // Any one fault is rare beside all others, so each seed draws from some kinds only.
  const share = pick([0.3, 0.6, 1]);
  const drawn = kinds.filter(() => random() < share);
  const chosen = drawn.length === 0 ? kinds : drawn;
  const perMinute = pick([8, 30, 80]);
  const textCount = Math.min(mostTexts, options.textCount ?? Math.ceil((perMinute * lastingMs) / 60_000));
  return {
    seed,
    lastingMs,
    inDoubt,
    reports: pick(['final', 'final', 'final', 'none']),
    validityMs: pick([usualValidityMs, usualValidityMs, usualValidityMs, usualValidityMs, 15_000]),
    linkDelayMs: pick([5, 50, 100, 300]),
    commitMs: pick([1, 5, 40]),
    imRingSize: pick([1, 3, 20, 255]),
    smscNumbers: seed % forgetfulEvery === 0 ? 'forgetful' : 'strict',
    onFull,
    answerAfter,
    sites,
    writings: planWritings(streamOf(seed, 2), { textCount, lastingMs, sites, inDoubt }),
    faults: planFaults({
      seed: seed * 7 + 3,
      lastingMs,
      everyMs: Math.max(pick([800, 1_800, 5_000]), lastingMs / mostFaults),
      kinds: chosen,
      sites: sites.flatMap(({ smscId }) => siteTable.filter((site) => site.smscId === smscId)),
    }),
  };
}

function planWritings(
  random: Random,
  options: {
    readonly textCount: number;
    readonly lastingMs: number;
    readonly sites: readonly SitePlan[];
    readonly inDoubt: 'resend' | 'hold';
  },
): Writing[] {
  const { textCount, lastingMs, sites, inDoubt } = options;
  const handsets = siteTable.flatMap(({ smscId, phones, nobodys }) =>
    sites.some((site) => site.smscId === smscId) ? phones.map((phone) => ({ smscId, phone, nobodys })) : [],
  );
  const [first] = handsets;
  if (first === undefined) return [];
  // Under hold somebody decides by looking at the handset, which shows long texts only as a whole.
  const longShare = inDoubt === 'hold' ? 0 : 0.08;
  const isBursty = random() < 0.4;
  const bursts = Array.from({ length: 3 }, () => random() * lastingMs * 0.8);
  const when = (): number => {
    const burst = bursts[Math.floor(random() * bursts.length)] ?? 0;
    return isBursty ? burst + 1_500 * random() : random() * lastingMs * 0.9;
  };
  const write = (way: 'mt' | 'mo'): Writing[] =>
    Array.from({ length: textCount }, (_, index) => {
      const { smscId, phone, nobodys } = handsets[Math.floor(random() * handsets.length)] ?? first;
      const isNobodys = way === 'mt' && random() < nobodyShare;
      const isLong = random() < longShare;
      return {
        atMs: Math.round(when()),
        way,
        smscId,
        user: users[random() < 0.5 ? 0 : 1],
        addressee: isNobodys ? 'nobody' : 'somebody',
        phone: isNobodys ? nobodys : phone,
        text: `${way === 'mt' ? 'to handset' : 'to person'} ${index}${isLong ? ' long'.repeat(70) : ''}`,
        partCount: isLong ? 3 : 1,
      };
    });
  return [...write('mt'), ...write('mo')].sort((a, b) => a.atMs - b.atMs);
}

/** Independent of the other streams of the same seed. */
function streamOf(seed: number, stream: number): Random {
  return seededRandom(Math.imul(seed, 2_654_435_761) + stream * 40_503);
}
