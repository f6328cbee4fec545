/** What a verification found, as lines for people and as the document of `--json`. */
import type { Painter } from '../colour.ts';
import { clockText, isoText } from '../recording/moment.ts';
import type { BrokenRule } from './broken-rule.ts';
import type { CheckedDir, Verification } from './verify.ts';

/** Lines of findings; the document has all. */
const findingsShown = 100;

export function verifyLines({ dirs, compared, broken }: Verification, paint: Painter): readonly string[] {
  const shown = broken.slice(0, findingsShown).map((one) => brokenLine(one, paint));
  const more = broken.length - shown.length;
  return [
    ...dirs.map(dirLine),
    compared.length === 0 ? 'not compared   give both ends for that' : `compared   both ends of ${compared.join(', ')}`,
    ...shown,
    ...(more > 0 ? [`and ${more} more; --json has all`] : []),
    broken.length === 0
      ? `${paint.green('✔')} every rule holds`
      : `${paint.red('✖')} ${broken.length} ${broken.length === 1 ? 'rule is' : 'rules are'} broken (CHECK_FAILED)`,
  ];
}

function dirLine({ stateDir, side, slots, history }: CheckedDir): string {
  const checked = `checked   ${side} ${stateDir}: ${slots} slots on disk`;
  if (history === undefined) return `${checked}, nothing recorded`;
  const since = history.from === undefined ? '' : ` since ${clockText(history.from)}`;
  return `${checked}, ${history.moves} moves in ${history.inputs} inputs recorded${since}`;
}

/** `✖ buffer hel1 mt slot 12, number 267: no move from settled to mirrored (moves-along-the-table, at 14:03:07.250, input 3123)` */
export function brokenLine(
  { rule, side, smscId, lane, slot, seq, at, event, text }: BrokenRule,
  paint: Painter,
): string {
  const place = [side, smscId, lane, slot === undefined ? undefined : `slot ${slot}`].filter(
    (part) => part !== undefined,
  );
  const number = seq === undefined ? '' : `, number ${seq}`;
  const when = at === undefined ? '' : `, at ${clockText(at)}, input ${event}`;
  return `${paint.red('✖')} ${place.join(' ')}${number}: ${text} (${rule}${when})`;
}

export function verifyDocument({ dirs, compared, broken }: Verification): object {
  return {
    schema: 'ring.verify/1',
    ok: broken.length === 0,
    dirs: dirs.map(({ history, ...dir }) => ({
      ...dir,
      history: history === undefined ? null : { ...history, from: momentOf(history.from), to: momentOf(history.to) },
    })),
    compared,
    broken: broken.map(brokenDocument),
  };
}

export function brokenDocument({ at, ...one }: BrokenRule): object {
  return { ...one, ...(at === undefined ? {} : { at: isoText(at) }) };
}

function momentOf(at: number | undefined): string | null {
  return at === undefined ? null : isoText(at);
}
