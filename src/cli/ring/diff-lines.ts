/** A comparison of three views as lines for people and as the document of `--json`. No texts and no numbers of people. */
import type { SlotView } from '../../core/store/ring-view.ts';
import type { Painter } from '../colour.ts';
import { planDocument, planLines } from '../sync/plan-lines.ts';
import { formatTable } from '../table.ts';
import { isApart, isInOrder, type RingDiff, type SlotDifference } from './diff.ts';
import { statusText } from './ring-lines.ts';
import { brokenDocument, brokenLine } from './verify-lines.ts';

export function diffLines(diff: RingDiff, paint: Painter, now: number): readonly string[] {
  const hasRecorded = diff.recorded.length > 0;
  const lines = diff.smscs.flatMap(({ smsc, differences }) => {
    const head = ['lane', 'slot', 'buffer', 'im-server', ...(hasRecorded ? ['recorded'] : []), 'verdict', ''];
    const rows = differences.map((one) => rowOf(one, hasRecorded, paint));
    const table =
      rows.length === 0
        ? []
        : formatTable([head.map((cell) => paint.dim(cell)), ...rows], { align: ['left', 'right'] });
    return [...planLines([smsc], paint, now), ...table.map((line) => `  ${line}`)];
  });
  const recorded = hasRecorded ? `, and with what was recorded of ${diff.recorded.join(' and ')}` : '';
  const isOnTheWay = diff.smscs.some(({ differences }) => differences.length > 0);
  const agreement = `both ends agree${recorded}${isOnTheWay ? ', but for what is on its way' : ''}`;
  return [...lines, ...diff.broken.map((one) => brokenLine(one, paint)), verdictLine(diff, agreement, paint)];
}

function verdictLine(diff: RingDiff, agreement: string, paint: Painter): string {
  if (isInOrder(diff)) return `${paint.green('✔')} ${agreement}`;
  const found = isApart(diff) ? 'the views differ' : `${agreement}; not all that was recorded could be compared`;
  return `${paint.red('✖')} ${found} (CHECK_FAILED)`;
}

function rowOf(one: SlotDifference, hasRecorded: boolean, paint: Painter): readonly string[] {
  const { lane, slot, buffer, imServer, recorded, verdict, step, state } = one;
  const both = `${viewText(recorded.buffer, paint)} / ${viewText(recorded['im-server'], paint)}`;
  return [
    ...[lane, String(slot), viewText(buffer, paint), viewText(imServer, paint)],
    ...(hasRecorded ? [both] : []),
    ...[verdict, state === 'on-its-way' ? 'on its way' : step],
  ];
}

function viewText(view: SlotView | undefined, paint: Painter): string {
  return view === undefined ? '–' : `${view.seq} ${statusText(view.status, paint)}`;
}

export function diffDocument(diff: RingDiff): object {
  return {
    schema: 'ring.diff/1',
    ok: isInOrder(diff),
    recorded: diff.recorded,
    broken: diff.broken.map(brokenDocument),
    smscs: diff.smscs.map(({ smsc, differences }) => ({
      ...planDocument(smsc),
      differences: differences.map(({ buffer, imServer, recorded, ...one }) => ({
        ...one,
        views: {
          buffer: viewDocument(buffer),
          'im-server': viewDocument(imServer),
          'recorded-buffer': viewDocument(recorded.buffer),
          'recorded-im-server': viewDocument(recorded['im-server']),
        },
      })),
    })),
  };
}

function viewDocument(view: SlotView | undefined): object | null {
  if (view === undefined) return null;
  const { seq, status, attempts, messageId } = view;
  return { seq, status, attempts, messageId };
}
