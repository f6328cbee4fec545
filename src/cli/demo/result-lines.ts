/** The result of `demo --headless` for people. */
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import type { LaneResult } from './records.ts';
import type { DemoResult } from './rehearsal.ts';

/** @param stateDir where logs and stores are, if they were kept */
export function resultLines(result: DemoResult, stateDir: string | undefined, paint: Painter): readonly string[] {
  const mark = (isGood: boolean, text: string): string => `${isGood ? paint.green('✔') : paint.red('✖')} ${text}`;
  const { mt, mo, cuts, cutsFelt, kills, ordered, settled, inStep } = result;
  return [
    mark(isWhole(mt), `to handsets   ${laneText(mt)}`),
    mark(isWhole(mo), `to people     ${laneText(mo)}`),
    mark(ordered, ordered ? 'order kept in every conversation' : 'order not kept'),
    mark(
      settled && inStep,
      settled && inStep ? 'all settled, both rings in step' : 'not settled, or rings not in step',
    ),
    paint.dim(
      `seed ${result.seed}   ${cuts} cuts, ${cutsFelt} with messages on the way   ${kills} kills   ${formatDuration(result.seconds * 1_000)}`,
    ),
    ...(result.complaints ?? []).map((complaint) => paint.red(complaint)),
    ...(stateDir === undefined ? [] : [`logs and stores are kept in ${stateDir}`]),
  ];
}

function isWhole({ lost, doubled }: LaneResult): boolean {
  return lost === 0 && doubled === 0;
}

function laneText({ sent, arrived, lost, doubled, doubledMarked, inDoubt }: LaneResult): string {
  return `${arrived} of ${sent} arrived, ${lost} lost, ${doubled} doubled, ${doubledMarked} doubled and marked, ${inDoubt} were in doubt`;
}
