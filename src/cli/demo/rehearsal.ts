/**
 * The demo as a check: sends both ways through cuts and kills, waits until everything has settled, and judges by what the
 * SMSC's handsets and the IM server's store then hold.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../core/base/random.ts';
import { callControl } from '../../shell/control-client.ts';
import type { ImpairCounts } from '../../shell/impair.ts';
import type { InjectionView } from '../../shell/smsc-process.ts';
import { cutComplaints, feltCount } from './cut-complaints.ts';
import { type KillWish, planKills } from './kills.ts';
import { type JudgedLane, judgeRecords, type LaneResult, type Plan, readRecords } from './records.ts';
import type { RingState } from './ring-state.ts';
import { backlog, untilSettled } from './settling.ts';
import { Terminals } from './terminals.ts';
import { conversationsOf, Gate, planTexts, sendPaced } from './traffic.ts';
import type { World } from './world.ts';

export interface RehearsalOptions {
  /** Each way. */
  readonly messages: number;
  /** Each way. */
  readonly perSecond: number;
  readonly kills: readonly KillWish[];
  readonly seed: number;
  readonly inDoubt: 'resend' | 'hold';
  /** Undefined: the link is not cut. */
  readonly cutEveryMs: number | undefined;
  /** After the last text was handed in. */
  readonly settleWithinMs: number;
  readonly signal: AbortSignal;
  /** A short line on how far it is. */
  readonly tell: (text: string) => void;
}

export interface DemoResult {
  readonly schema: 'demo.result/1';
  readonly ok: boolean;
  readonly seed: number;
  readonly cuts: number;
  /** Cuts that met messages on the way. */
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

/** As long as messages are waited for to be killed with, 10 ms each. */
const outstandingLooks = 500;

export async function rehearse(world: World, options: RehearsalOptions): Promise<DemoResult> {
  const conversations = conversationsOf(world);
  const plan: Plan = {
    mt: planTexts('mt', conversations, options.messages),
    mo: planTexts('mo', conversations, options.messages),
  };
  const terminals = await Terminals.open(world);
  try {
    const startedAt = performance.now();
    const traffic = await runTraffic(world, terminals, plan, options);
    const trafficMs = performance.now() - startedAt;
    const { inDoubt, settleWithinMs: withinMs, signal, tell } = options;
    const rings = await untilSettled(world, terminals, traffic.refs, { inDoubt, withinMs, signal, tell });
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    // Our own process, of this very version.
    const cuts = (await callControl(world.dirs.link, 'GET /counts')) as ImpairCounts;
    const judged = judgeRecords(await readRecords(world), plan, conversations, inDoubt);
    const complaints = [
      ...judged.mt.judgement.complaints,
      ...judged.mo.judgement.complaints,
      ...(rings.isSettled && rings.isInStep ? [] : rings.remarks),
      ...terminals.refusals,
      ...cutComplaints(cuts, { trafficMs, kills: traffic.kills, cutEveryMs: options.cutEveryMs }),
    ];
    return {
      schema: 'demo.result/1',
      ok: isSound(judged.mt) && isSound(judged.mo) && isOver(rings) && complaints.length === 0,
      seed: options.seed,
      cuts: cuts.cuts,
      cutsFelt: feltCount(cuts),
      kills: traffic.kills,
      mt: judged.mt.result,
      mo: judged.mo.result,
      ordered: judged.mt.judgement.order === 'ordered' && judged.mo.judgement.order === 'ordered',
      settled: rings.isSettled,
      inStep: rings.isInStep,
      seconds,
      ...(complaints.length === 0 ? {} : { complaints }),
    };
  } finally {
    terminals.close();
  }
}

interface Traffic {
  readonly kills: number;
  /** Of what handsets sent, as the SMSC calls it. */
  readonly refs: readonly number[];
}

/** Both directions and the kills, side by side. */
async function runTraffic(
  world: World,
  terminals: Terminals,
  { mt, mo }: Plan,
  options: RehearsalOptions,
): Promise<Traffic> {
  const { messages, perSecond, signal } = options;
  const plan = planKills(options.kills, messages, seededRandom(options.seed));
  const gate = new Gate(plan[0]?.gateAt ?? messages);
  const progress = { mt: 0, mo: 0 };
  const refs: number[] = [];
  let kills = 0;
  const tellProgress = (): void => {
    const killed = plan.length === 0 ? '' : `, ${kills} of ${plan.length} kills`;
    options.tell(`${progress.mt} and ${progress.mo} of ${messages} handed in${killed}`);
  };
  const sendMt = sendPaced(mt, { perSecond, gate, signal }, async ({ conversation, text }, n) => {
    terminals.submit(conversation.user, `mt-${n}`, conversation.handset, text);
    progress.mt = n;
    tellProgress();
  });
  const sendMo = sendPaced(mo, { perSecond, gate, signal }, async ({ conversation, text }, n) => {
    const { handset: from, userNumber: to } = conversation;
    // Our own process, of this very version.
    const injection = (await callControl(world.dirs.smsc, 'POST /inject', { from, to, text })) as InjectionView;
    refs.push(injection.ref);
    progress.mo = n;
    tellProgress();
  });
  const killAll = async (): Promise<void> => {
    for (const [index, kill] of plan.entries()) {
      while (Math.min(progress.mt, progress.mo) < kill.afterTexts) await delay(10, undefined, { signal });
      await delay(kill.waitMs, undefined, { signal });
      await untilOutstanding(world, signal);
      await world.restart(kill.role);
      kills += 1;
      gate.raise(plan[index + 1]?.gateAt ?? messages);
    }
    gate.raise(messages);
  };
  await Promise.all([sendMt, sendMo, killAll()]);
  return { kills, refs };
}

/** Resolves at a moment at which messages are on their way; soon in any case, as there is traffic. */
async function untilOutstanding(world: World, signal: AbortSignal): Promise<void> {
  for (let look = 0; look < outstandingLooks; look += 1) {
    const { outbox, inRings } = await backlog(world);
    if (outbox + inRings > 0) return;
    await delay(10, undefined, { signal });
  }
}

function isSound({ result, judgement }: JudgedLane): boolean {
  const isWhole = result.lost === 0 && result.doubled === 0 && judgement.strangerCount === 0;
  return isWhole && judgement.order === 'ordered';
}

function isOver({ isSettled, isInStep }: RingState): boolean {
  return isSettled && isInStep;
}
