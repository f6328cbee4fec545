/** A plan as lines for people, and as the document of `--json`. */

import { numbersText } from '../../core/ring/numbers.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { countVerdicts, stepOf } from '../../core/sync/compare.ts';
import { numbersOfVerdicts } from '../../core/sync/listing.ts';
import type { Painter } from '../colour.ts';
import { formatDuration } from '../duration.ts';
import { linkDocument } from '../ring/ring-document.ts';
import { differencesOf, isInStep, type LaneComparison, needsDecision } from './lane-comparison.ts';

export interface SmscComparison {
  readonly smscId: string;
  readonly link: LinkView | undefined;
  readonly lanes: readonly LaneComparison[];
}

/** Frames take up to 16 KiB and many entries share one: what a plan costs is mostly the way there and back. */
const entriesPerSecond = 5_000;

/** How long so many entries take, in milliseconds. */
export function carryOutMs(entryCount: number, rttMs: number): number {
  return rttMs + (entryCount * 1_000) / entriesPerSecond;
}

export function planLines(all: readonly SmscComparison[], paint: Painter, now: number): readonly string[] {
  return all.flatMap((smsc, i) => [
    ...(i === 0 ? [] : ['']),
    paint.bold(smsc.smscId),
    epochLine(smsc, now),
    ...smsc.lanes.flatMap((lane) => [laneLine(lane), ...numberLines(lane)]),
    effectLine(smsc),
  ]);
}

/** `epochs   buffer 7f21…  im-server 7f21…      apart for 1 h 52 min`; both lanes' where they differ. */
function epochLine({ lanes, link }: SmscComparison, now: number): string {
  const shown = lanes.map(
    ({ lane, bufferEpoch, imServerEpoch }) =>
      `${lane} buffer ${shortEpoch(bufferEpoch)}  im-server ${shortEpoch(imServerEpoch)}`,
  );
  const apart = link === undefined || link.state === 'up' ? '' : `      apart for ${formatDuration(now - link.since)}`;
  return `epochs   ${shown.join('   ')}${apart}`;
}

/** `mt       equal 215 (1 in doubt)   lost-forward 37   lost-status 3` */
function laneLine({ lane, plan, inDoubtSlots }: LaneComparison): string {
  const label = lane.padEnd(9);
  if (plan.verdict !== 'compared') return `${label}${plan.verdict}: ${stepOf[plan.verdict]}`;
  const counts = [...countVerdicts(plan.slots)].sort(([a], [b]) => Number(b === 'equal') - Number(a === 'equal'));
  if (counts.length === 0) return `${label}empty at both ends`;
  const inDoubt = inDoubtSlots.length === 0 ? '' : ` (${inDoubtSlots.length} in doubt)`;
  return (
    label + counts.map(([verdict, count]) => `${verdict} ${count}${verdict === 'equal' ? inDoubt : ''}`).join('   ')
  );
}

/** Below a lane, by sequence number: what moves, and what nobody can know. */
function numberLines({ lane, plan, fates }: LaneComparison): readonly string[] {
  const moving = plan.verdict === 'compared' ? [...numbersOfVerdicts(plan.slots)] : [];
  const { placed, unknown, nowhere, unknownAbove } = fates;
  const twice = lane === 'mt' ? 'may have been handed over already' : 'marked as repeated';
  const rows: readonly (readonly [string, string])[] = [
    ...moving.flatMap(([verdict, numbers]) => (verdict === 'equal' ? [] : [[verdict, numbersText(numbers)] as const])),
    ...(plan.verdict === 'first-contact' ? [['placed again', numbersText(placed)] as const] : []),
    ['of unknown fate', unknown.length === 0 ? '' : `${numbersText(unknown)}: ${twice}`],
    ['held by neither', nowhere.length === 0 ? '' : `${numbersText(nowhere)}: whoever sent them has to be asked`],
    ['not known', unknownAbove === undefined ? '' : `whether the producer had given ${above(unknownAbove)}`],
  ];
  return rows.filter(([, text]) => text !== '').map(([name, text]) => `  ${name.padEnd(20)}${text}`);
}

function above(number: number): string {
  return number === 0 ? 'any number' : `numbers above ${number}`;
}

/** `effect   40 entries, about 0.7 s at the current round trip; 0 messages sent twice; slot 47 needs a decision` */
function effectLine({ lanes, link }: SmscComparison): string {
  if (lanes.every(isInStep)) return `effect   none: both ends are in step${doubtText(lanes)}`;
  const entries = lanes.flatMap(differencesOf).filter(({ verdict }) => verdict !== 'conflict');
  const time =
    link?.rttMs === undefined
      ? ''
      : `, about ${formatDuration(carryOutMs(entries.length, link.rttMs))} at the current round trip`;
  // Storing a message from a handset once more does nothing.
  const doubled = lanes.reduce((count, { lane, fates }) => count + (lane === 'mt' ? fates.unknown.length : 0), 0);
  const twice = `${doubled} ${doubled === 1 ? 'message' : 'messages'} that may be sent twice`;
  const conflicts = lanes.filter(needsDecision).map(({ lane }) => lane);
  const decision = conflicts.length === 0 ? '' : `; ${conflicts.join(' and ')} needs a decision`;
  return `effect   ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}${time}; ${twice}${decision}${doubtText(lanes)}`;
}

function doubtText(lanes: readonly LaneComparison[]): string {
  const slots = lanes.flatMap(({ inDoubtSlots }) => inDoubtSlots);
  if (slots.length === 0) return '';
  const shown = slots.slice(0, 5).join(', ') + (slots.length > 5 ? ', …' : '');
  return `; ${slots.length === 1 ? 'slot' : 'slots'} ${shown} in doubt`;
}

export function planDocument({ smscId, link, lanes }: SmscComparison): object {
  return {
    smscId,
    link: link === undefined ? null : linkDocument(link),
    inStep: lanes.every(isInStep),
    lanes: lanes.map((comparison) => ({
      lane: comparison.lane,
      epochs: { buffer: comparison.bufferEpoch ?? null, 'im-server': comparison.imServerEpoch ?? null },
      verdict: comparison.plan.verdict,
      counts: comparison.plan.verdict === 'compared' ? Object.fromEntries(countVerdicts(comparison.plan.slots)) : {},
      inDoubtSlots: comparison.inDoubtSlots,
      needsDecision: needsDecision(comparison),
      placedNumbers: comparison.fates.placed,
      unknownFateNumbers: comparison.fates.unknown,
      nowhereNumbers: comparison.fates.nowhere,
      unknownAboveNumber: comparison.fates.unknownAbove ?? null,
      differences: differencesOf(comparison).map(({ slot, verdict, producer, consumer }) => ({
        slot,
        verdict,
        step: stepOf[verdict],
        producer: producer === undefined ? null : { seq: producer.seq, status: producer.status },
        consumer: consumer === undefined ? null : { seq: consumer.seq, status: consumer.status },
      })),
    })),
  };
}

function shortEpoch(epoch: string | undefined): string {
  return epoch === undefined ? '(none)' : `${epoch.slice(0, 4)}…`;
}
