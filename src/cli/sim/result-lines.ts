/** What `sim run` says of a seed: a line for people, a document for programs. */
import { type Fault, faultText } from '../../sim/faults.ts';
import type { RunPlan } from '../../sim/plan.ts';
import type { RunResult } from '../../sim/run.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import type { DayHeap } from './heap-by-day.ts';

export interface SeedReport {
  readonly plan: RunPlan;
  readonly result: RunResult;
  /** Repeats it, with every flag that matters. */
  readonly command: string;
  /** What is left of the faults; undefined where nobody asked. */
  readonly shrunk: readonly Fault[] | undefined;
  /** Undefined where nobody asked. */
  readonly heap?: readonly DayHeap[] | undefined;
}

export function resultLines({ plan, result, command, shrunk }: SeedReport, paint: Painter): readonly string[] {
  const { seed, texts, faults, deaths, lostDisks, setBacks, doubled, decided, excused, settledMs, failure } = result;
  const counts = [
    `${texts.mt + texts.mo} texts`,
    `${faults} faults`,
    `${deaths} deaths`,
    ...(lostDisks > 0 ? [`${lostDisks} disks lost`] : []),
    ...(setBacks > 0 ? [`${setBacks} set back`] : []),
    ...(excused > 0 ? [`${excused} texts lost with them`] : []),
    ...(doubled > 0 ? [`${doubled} doubled and marked`] : []),
    ...(decided > 0 ? [`${decided} decided`] : []),
  ].join(', ');
  const head = `seed ${seed}  ${plan.inDoubt}, ${plan.sites.length} SMSC`;
  if (failure === undefined) {
    return [`${paint.green('✔')} ${head}: ${counts}, settled in ${formatDuration(settledMs)}`];
  }
  const { checker, complaint, atMs } = failure;
  return [
    `${paint.red('✖')} ${head}: ${checker} fails at ${(atMs / 1_000).toFixed(3)} s: ${complaint}`,
    ...(shrunk === undefined ? [] : [`  fails with ${shrunk.length} of ${plan.faults.length} faults:`]),
    ...(shrunk ?? []).map((fault) => `    ${faultText(fault)}`),
    `  ${paint.dim('again:')} ${command}`,
  ];
}

export function resultDocument({ plan, result, command, shrunk, heap }: SeedReport): object {
  const { failure, ...counts } = result;
  return {
    schema: 'sim.result/1',
    ok: failure === undefined,
    inDoubt: plan.inDoubt,
    smscs: plan.sites.length,
    ...counts,
    ...(failure === undefined ? {} : { failure, command }),
    ...(shrunk === undefined ? {} : { shrunk }),
    ...(heap === undefined ? {} : { heap }),
  };
}
