/**
 * The demo as a check: sends both ways through cuts and kills, waits until everything has settled, and judges by what the
 * SMSC's handsets and the IM server's store then hold. Nothing is judged by what a role says about itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import { seededRandom } from '../../core/base/random.ts';
import type { TextView } from '../../core/im/text.ts';
import type { InboxItem, SmscCounts } from '../../core/roles/smsc/smsc-io.ts';
import { callControl } from '../../shell/control-client.ts';
import type { ImpairCounts } from '../../shell/impair.ts';
import type { InjectionView } from '../../shell/smsc-process.ts';
import { ImClient } from '../im/im-client.ts';
import { readImRecords } from './im-records.ts';
import { type KillWish, planKills } from './kills.ts';
import { type RingState, readRingState } from './ring-state.ts';
import { type ArrivedText, type Judgement, judgeArrivals, type SentText, type Tally } from './tally.ts';
import { type Conversation, conversationsOf, Gate, type PlannedText, planTexts, sendPaced } from './traffic.ts';
import { handsets, type World } from './world.ts';

export interface RehearsalOptions {
  /** Each way. */
  readonly messages: number;
  /** Each way. */
  readonly perSecond: number;
  readonly kills: readonly KillWish[];
  readonly seed: number;
  readonly inDoubt: 'resend' | 'hold';
  readonly cutEveryMs: number | undefined;
  /** After the last text was handed in. */
  readonly settleWithinMs: number;
  readonly signal: AbortSignal;
  /** A short line on how far it is. */
  readonly tell: (text: string) => void;
}

export interface LaneResult extends Tally {
  /** Texts whose fate was unknown for a time: sent again and marked, or (with hold) still unknown; in mo, stored again. */
  readonly inDoubt: number;
}

export interface DemoResult {
  readonly schema: 'demo.result/1';
  readonly ok: boolean;
  readonly seed: number;
  readonly cuts: number;
  /** Cuts that met bytes on the way. */
  readonly cutsFelt: number;
  readonly kills: number;
  readonly mt: LaneResult;
  readonly mo: LaneResult;
  readonly ordered: boolean;
  readonly settled: boolean;
  readonly inStep: boolean;
  /** From the first text to the end of waiting. */
  readonly seconds: number;
  /** What is wrong; absent where nothing is. */
  readonly complaints?: readonly string[];
}

const lookMs = 250;
/** Nothing moves any more, and yet something is missing: more waiting would not bring it. */
const quietLooks = 40;
/** Share of the cuts that the schedule makes on average; its gaps vary by a fifth. */
const cutShare = 0.75;
const feltShare = 0.8;

export async function rehearse(world: World, options: RehearsalOptions): Promise<DemoResult> {
  const conversations = conversationsOf(world);
  const mt = planTexts('mt', conversations, options.messages);
  const mo = planTexts('mo', conversations, options.messages);
  const clients = await Clients.open(world);
  try {
    const startedAt = performance.now();
    const { kills, refs } = await runTraffic(world, clients, { mt, mo }, options);
    const trafficMs = performance.now() - startedAt;
    const state = await untilSettled(world, clients, refs, options);
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const cuts = await linkCounts(world);
    const records = await readRecords(world);
    const judged = judge(records, { mt, mo }, conversations, options.inDoubt);
    const expectedCuts = options.cutEveryMs === undefined ? 0 : Math.floor((trafficMs / options.cutEveryMs) * cutShare);
    const complaints = [
      ...judged.mt.complaints,
      ...judged.mo.complaints,
      ...(state.isSettled && state.isInStep ? [] : state.remarks),
      ...clients.refusals,
      ...(cuts.cuts < expectedCuts ? [`only ${cuts.cuts} cuts, ${expectedCuts} at least were wanted`] : []),
      // While a role is down nothing is on the way.
      ...(kills === 0 && cuts.cutsFelt < Math.floor(expectedCuts * feltShare)
        ? [`only ${cuts.cutsFelt} cuts met something on the way`]
        : []),
    ];
    const isSound = [judged.mt, judged.mo].every(
      ({ tally, strangerCount, order }) =>
        tally.lost === 0 && tally.doubled === 0 && strangerCount === 0 && order === 'ordered',
    );
    return {
      schema: 'demo.result/1',
      ok: isSound && state.isSettled && state.isInStep && complaints.length === 0,
      seed: options.seed,
      cuts: cuts.cuts,
      cutsFelt: cuts.cutsFelt,
      kills,
      mt: { ...judged.mt.tally, inDoubt: judged.mtInDoubt },
      mo: { ...judged.mo.tally, inDoubt: judged.moRepeated },
      ordered: judged.mt.order === 'ordered' && judged.mo.order === 'ordered',
      settled: state.isSettled,
      inStep: state.isInStep,
      seconds,
      ...(complaints.length === 0 ? {} : { complaints }),
    };
  } finally {
    clients.close();
  }
}

// — Traffic —

interface Plan {
  readonly mt: readonly PlannedText[];
  readonly mo: readonly PlannedText[];
}

async function runTraffic(
  world: World,
  clients: Clients,
  { mt, mo }: Plan,
  options: RehearsalOptions,
): Promise<{ readonly kills: number; readonly refs: readonly number[] }> {
  const plan = planKills(options.kills, options.messages, seededRandom(options.seed));
  const gate = new Gate(plan[0]?.gateAt ?? options.messages);
  const progress = { mt: 0, mo: 0 };
  const refs: number[] = [];
  const pacing = { perSecond: options.perSecond, gate, signal: options.signal };
  let kills = 0;
  const tellProgress = (): void => {
    const killed = plan.length === 0 ? '' : `, ${kills} of ${plan.length} kills`;
    options.tell(`${progress.mt} and ${progress.mo} of ${options.messages} handed in${killed}`);
  };
  const sendMt = sendPaced(mt, pacing, async ({ conversation, text }, n) => {
    clients.submit(conversation.user, `mt-${n}`, conversation.handset, text);
    progress.mt = n;
    tellProgress();
  });
  const sendMo = sendPaced(mo, pacing, async ({ conversation, text }, n) => {
    const { handset: from, userNumber: to } = conversation;
    // Our own process, of this very version.
    const injection = (await callControl(world.dirs.smsc, 'POST /inject', { from, to, text })) as InjectionView;
    refs.push(injection.ref);
    progress.mo = n;
    tellProgress();
  });
  const killAll = async (): Promise<void> => {
    for (const [index, kill] of plan.entries()) {
      while (Math.min(progress.mt, progress.mo) < kill.afterTexts) await delay(10, undefined, options);
      await delay(kill.waitMs, undefined, options);
      await untilOutstanding(world, options.signal);
      await world.restart(kill.role);
      kills += 1;
      gate.raise(plan[index + 1]?.gateAt ?? options.messages);
    }
    gate.raise(options.messages);
  };
  await Promise.all([sendMt, sendMo, killAll()]);
  return { kills, refs };
}

/** As `GET /status` of an IM server tells. */
interface ImServerStatus {
  readonly smscs: readonly {
    readonly outbox: number;
    readonly mt: { readonly used: number };
    readonly mo: { readonly used: number };
  }[];
}

async function imServerBacklog(world: World): Promise<{ readonly outbox: number; readonly inRings: number }> {
  // Our own process, of this very version.
  const status = (await callControl(world.dirs.imServer, 'GET /status')) as ImServerStatus;
  const sum = (count: (one: ImServerStatus['smscs'][number]) => number) =>
    status.smscs.reduce((total, one) => total + count(one), 0);
  return { outbox: sum(({ outbox }) => outbox), inRings: sum(({ mt, mo }) => mt.used + mo.used) };
}

/** Resolves at a moment at which messages are on their way; soon in any case, as there is traffic. */
async function untilOutstanding(world: World, signal: AbortSignal): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    const { outbox, inRings } = await imServerBacklog(world);
    if (outbox + inRings > 0) return;
    await delay(10, undefined, { signal });
  }
}

// — Settling —

interface Settled extends RingState {
  readonly isSettled: boolean;
}

async function untilSettled(
  world: World,
  clients: Clients,
  refs: readonly number[],
  options: RehearsalOptions,
): Promise<Settled> {
  const giveUpAt = performance.now() + options.settleWithinMs;
  let quiet = 0;
  let before = '';
  for (;;) {
    const { rings, remarks } = await look(world, clients, refs, options);
    const isOver = remarks.length === 0 && rings.isSettled;
    if (isOver && rings.isInStep) return rings;
    const now = JSON.stringify([remarks, rings]);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    if (performance.now() > giveUpAt || (isIdle(rings) && quiet > quietLooks)) {
      return { ...rings, isSettled: isOver, remarks: [...rings.remarks, ...remarks] };
    }
    options.tell(`settling: ${[...remarks, ...rings.remarks].join(', ')}`);
    await delay(lookMs, undefined, options);
  }
}

function isIdle(rings: RingState): boolean {
  return rings.isSettled && rings.isInStep;
}

/** What is still on its way somewhere, in words. */
async function look(
  world: World,
  clients: Clients,
  refs: readonly number[],
  { inDoubt }: RehearsalOptions,
): Promise<{ readonly rings: RingState; readonly remarks: readonly string[] }> {
  const rings = await readRingState(world.dirs, inDoubt);
  const { outbox } = await imServerBacklog(world);
  // Our own processes, of this very version.
  const counts = (await callControl(world.dirs.smsc, 'GET /counts')) as SmscCounts;
  const { injections } = (await callControl(world.dirs.smsc, 'POST /injections', { refs })) as {
    readonly injections: readonly InjectionView[];
  };
  const rest: readonly (readonly [number, string])[] = [
    [clients.unstoredCount, 'not stored yet'],
    [clients.openStepCount(inDoubt), 'without a final step'],
    [outbox, 'in the outbox'],
    [injections.filter(({ result }) => result === 'waiting').length, 'not answered to the SMSC'],
    [injections.filter(({ result }) => result === 'refused').length, 'refused to the SMSC'],
    [counts.messagesWaiting, 'waiting for a handset'],
    [counts.reportsWaiting, 'reports waiting'],
  ];
  return { rings, remarks: rest.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`) };
}

// — Judging —

interface Records {
  /** By handset. */
  readonly inboxes: ReadonlyMap<string, readonly InboxItem[]>;
  /** By user. */
  readonly histories: ReadonlyMap<string, readonly TextView[]>;
}

async function readRecords(world: World): Promise<Records> {
  const inboxes = new Map<string, readonly InboxItem[]>();
  for (const number of handsets) {
    const call = `GET /handset?number=${encodeURIComponent(number)}` as const;
    // Our own process, of this very version. A handset that nobody wrote to does not exist.
    const answer = await callControl(world.dirs.smsc, call).catch(nobodyIfBadRequest);
    inboxes.set(number, (answer as { readonly inbox: readonly InboxItem[] }).inbox);
  }
  const histories = new Map<string, readonly TextView[]>();
  for (const user of world.users) histories.set(user.name, await readImRecords(world.imUrl, user));
  return { inboxes, histories };
}

function nobodyIfBadRequest(error: unknown): object {
  if (error instanceof OperatorError && error.code === 'CONTROL_BAD_REQUEST') return { inbox: [] };
  throw error;
}

interface Judged {
  readonly mt: Judgement;
  readonly mo: Judgement;
  readonly mtInDoubt: number;
  readonly moRepeated: number;
}

function judge(
  { inboxes, histories }: Records,
  plan: Plan,
  conversations: readonly Conversation[],
  inDoubt: 'resend' | 'hold',
): Judged {
  const digits = (number: string): string => number.replace(/^\+/, '');
  const nameOf = (user: string, handset: string): string =>
    conversations.find((one) => one.user === user && digits(one.handset) === digits(handset))?.name ?? `${user} ?`;
  const userOf = (number: string): string => conversations.find((one) => one.userNumber === number)?.user ?? number;
  const doubtful = new Set<string>();
  const mo: ArrivedText[] = [];
  for (const [user, texts] of histories) {
    for (const { direction, peer, text, marks, step } of texts) {
      const conversation = nameOf(user, peer);
      if (direction === 'in') {
        mo.push({ text, conversation, mark: marks.includes('repeated') ? 'marked' : 'unmarked' });
      } else if (marks.includes('possible-duplicate') || step === 'unknown') doubtful.add(`${conversation}\n${text}`);
    }
  }
  const mt = [...inboxes].flatMap(([handset, items]) =>
    items.map(({ from, text }): ArrivedText => {
      const conversation = nameOf(userOf(from), handset);
      return { text, conversation, mark: doubtful.has(`${conversation}\n${text}`) ? 'marked' : 'unmarked' };
    }),
  );
  const asSent = (texts: readonly PlannedText[]): readonly SentText[] =>
    texts.map(({ conversation, text }) => ({ conversation: conversation.name, text }));
  const arrived = new Set(mt.map(({ conversation, text }) => `${conversation}\n${text}`));
  // Under `hold` a message in doubt is not lost but undecided: nobody may send it again without the operator's word.
  const expected = asSent(plan.mt).filter(({ conversation, text }) => {
    const key = `${conversation}\n${text}`;
    return inDoubt === 'resend' || arrived.has(key) || !doubtful.has(key);
  });
  const mtJudgement = judgeArrivals(expected, mt);
  return {
    mt: { ...mtJudgement, tally: { ...mtJudgement.tally, sent: plan.mt.length } },
    mo: judgeArrivals(asSent(plan.mo), mo),
    mtInDoubt: doubtful.size,
    moRepeated: mo.filter(({ mark }) => mark === 'marked').length,
  };
}

async function linkCounts(world: World): Promise<ImpairCounts> {
  // Our own process, of this very version.
  return (await callControl(world.dirs.link, 'GET /counts')) as ImpairCounts;
}

// — The users' terminals —

/** One client per user, as people would use them: they come back by themselves and send again what was not stored. */
class Clients {
  readonly #clients = new Map<string, ImClient>();
  readonly #sent = new Map<string, TextView | undefined>();
  readonly refusals: string[] = [];

  static async open(world: World): Promise<Clients> {
    const clients = new Clients();
    await Promise.all(world.users.map(({ name, password }) => clients.#open(world.imUrl, name, password)));
    return clients;
  }

  submit(user: string, cid: string, to: string, text: string): void {
    this.#sent.set(`${user} ${cid}`, undefined);
    this.#clients.get(user)?.submit(cid, to, text);
  }

  get unstoredCount(): number {
    return [...this.#clients.values()].reduce((sum, client) => sum + client.unstoredCount, 0);
  }

  /** Texts of which more may become known. */
  openStepCount(inDoubt: 'resend' | 'hold'): number {
    return [...this.#sent.values()].filter((text) => {
      const step = text?.step ?? 'stored';
      return step === 'stored' || step === 'accepted' || (step === 'unknown' && inDoubt === 'resend');
    }).length;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #open(url: URL, user: string, password: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = new ImClient({
        url,
        user,
        password,
        on: {
          ready: () => resolve(),
          text: (text) => {
            if (text.direction === 'out') this.#sent.set(`${user} ${text.cid}`, text);
          },
          refused: ({ cid, code, message }) => this.refusals.push(`${user} ${cid} was refused: ${code} ${message}`),
          links: () => undefined,
          lost: () => undefined,
          failed: reject,
        },
      });
      this.#clients.set(user, client);
      client.open();
    });
  }
}
