/** Waits until nothing of a rehearsal is on its way any more: at the terminals, in outbox and rings, at the SMSC. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SmscCounts } from '../../core/roles/smsc/smsc-io.ts';
import { callControl } from '../../shell/control-client.ts';
import type { InjectionView } from '../../shell/smsc-process.ts';
import { type RingState, readRingState } from './ring-state.ts';
import type { Terminals } from './terminals.ts';
import type { World } from './world.ts';

export interface SettlingOptions {
  readonly inDoubt: 'resend' | 'hold';
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

const lookMs = 250;
/** Both rings are empty and nothing changes, so what is missing will not come. */
const quietLooks = 40;

/** @param refs of the texts that handsets sent */
export async function untilSettled(
  world: World,
  terminals: Terminals,
  refs: readonly number[],
  options: SettlingOptions,
): Promise<RingState> {
  const giveUpAt = performance.now() + options.withinMs;
  let quiet = 0;
  let before = '';
  for (;;) {
    const rings = await readRingState(world.dirs, options.inDoubt);
    const rest = await leftovers(world, terminals, refs, options.inDoubt);
    const isIdle = rings.isSettled && rings.isInStep;
    if (isIdle && rest.length === 0) return rings;
    const now = JSON.stringify([rest, rings]);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    const remarks = [...rest, ...rings.remarks];
    if (performance.now() > giveUpAt || (isIdle && quiet > quietLooks)) {
      return { isInStep: rings.isInStep, isSettled: rings.isSettled && rest.length === 0, remarks };
    }
    options.tell(`settling: ${remarks.join(', ')}`);
    await delay(lookMs, undefined, { signal: options.signal });
  }
}

/** Messages in the outbox, and in the rings without an outcome, as the IM server counts them. */
export async function backlog(world: World): Promise<{ readonly outbox: number; readonly inRings: number }> {
  // Our own process, of this very version.
  const status = (await callControl(world.dirs.imServer, 'GET /status')) as ImServerStatus;
  let [outbox, inRings] = [0, 0];
  for (const smsc of status.smscs) {
    outbox += smsc.outbox;
    inRings += smsc.mt.used + smsc.mo.used;
  }
  return { outbox, inRings };
}

interface ImServerStatus {
  readonly smscs: readonly {
    readonly outbox: number;
    readonly mt: { readonly used: number };
    readonly mo: { readonly used: number };
  }[];
}

/** What is still on its way outside the rings, in words. */
async function leftovers(
  world: World,
  terminals: Terminals,
  refs: readonly number[],
  inDoubt: 'resend' | 'hold',
): Promise<readonly string[]> {
  const { outbox } = await backlog(world);
  // Our own process, of this very version.
  const counts = (await callControl(world.dirs.smsc, 'GET /counts')) as SmscCounts;
  const { injections } = (await callControl(world.dirs.smsc, 'POST /injections', { refs })) as {
    readonly injections: readonly InjectionView[];
  };
  const rest: readonly (readonly [number, string])[] = [
    [terminals.unstoredCount, 'not stored yet'],
    [terminals.openStepCount(inDoubt), 'without a final step'],
    [outbox, 'in the outbox'],
    [injections.filter(({ result }) => result === 'waiting').length, 'not answered to the SMSC'],
    [injections.filter(({ result }) => result === 'refused').length, 'refused to the SMSC'],
    [counts.messagesWaiting, 'waiting for a handset'],
    [counts.reportsWaiting, 'reports waiting'],
  ];
  return rest.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}
