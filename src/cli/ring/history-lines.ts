/** A history as lines for people and as the document of `--json`. Numbers and texts are masked unless they are to be revealed. */
import { isOutcome, type SlotStatus } from '../../core/ring/status.ts';
import { hmacSha256, randomBytes } from '../../shell/hashing.ts';
import { discretionOf } from '../../shell/recording/discretion.ts';
import type { PastMove, PastSlot } from '../../shell/recording/past-rings.ts';
import { retellPacket } from '../../shell/recording/retold-packet.ts';
import { describePacket, type PacketLine } from '../cimd2/packet-text.ts';
import type { Privacy } from '../mask.ts';
import { clocksText } from '../message/clock-difference.ts';
import { causeText } from '../recording/cause-words.ts';
import { clockText, isoText } from '../recording/moment.ts';
import { formatTable } from '../table.ts';
import type { History, HistoryItem, HistoryPacket } from './history.ts';
import { type LineOptions, outcomeText, statusText } from './ring-lines.ts';

const masked = discretionOf('masked', { randomBytes, hmac: hmacSha256 });

export function historyLines(
  { items, clocks, recordings }: History,
  { paint, privacy }: LineOptions,
): readonly string[] {
  const rows = items.map((item) => rowOf(item, paint));
  const table = formatTable([['time', 'end', 'place', 'move', 'because'].map((cell) => paint.dim(cell)), ...rows]);
  const lines = table.flatMap((line, row) => {
    const item = items[row - 1];
    return [line, ...(item?.type === 'move' ? packetLines(item.packets, privacy) : [])];
  });
  const hasBothEnds = new Set(recordings.map(({ side }) => side)).size > 1;
  return [...lines, ...(hasBothEnds ? clockLines(items, clocks) : [])];
}

/** How sure the order is in which moves of two ends stand. */
function clockLines(items: History['items'], clocks: History['clocks']): readonly string[] {
  const smscIds = [...new Set(items.flatMap((item) => (item.type === 'move' ? [item.move.smscId] : [])))];
  return smscIds.map((smscId) => {
    const clock = clocks.get(smscId);
    return clock === undefined
      ? `clocks   ${smscId}: how far those of both ends differ is not known; times are each end's own`
      : `clocks   ${smscId}: ${clocksText(clock)}; times are on the IM server's`;
  });
}

function rowOf(item: HistoryItem, paint: LineOptions['paint']): readonly string[] {
  const { at, event } = item;
  if (item.type === 'break') return [clockText(at), event.side, '', breakText(item.event.why, item.event.dropped), ''];
  const { move } = item;
  const { seq } = move.after ?? move.before ?? {};
  const place = `${move.lane} slot ${move.slot}${seq === undefined ? '' : `, number ${seq}`}`;
  return [clockText(at), event.side, place, moveText(move, paint), causeText(item.event, move)];
}

/** `mirrored → in-flight, attempt 2`; `placed, instead of number 12`. */
export function moveText({ before, after }: PastMove, paint: LineOptions['paint']): string {
  const to = statusText(after?.status ?? 'free', paint);
  if (after === undefined) return `${before?.status ?? 'free'} → ${to}`;
  const isSame = before?.seq === after.seq;
  const marks = [
    isSame && before.status === after.status ? to : `${isSame ? before.status : 'free'} → ${to}`,
    !isSame && before !== undefined ? `instead of number ${before.seq}` : '',
    after.attempts > (isSame ? before.attempts : 0) ? `attempt ${after.attempts}` : '',
    after.possibleDuplicate && !(isSame && before.possibleDuplicate) ? 'possible duplicate' : '',
    isOutcome(after.status) ? outcomeOf(after) : '',
  ];
  return marks.filter((mark) => mark !== '').join(', ');
}

/** Without the status itself, which stands before it. */
function outcomeOf({ outcome }: PastSlot): string {
  if (outcome === undefined) return '';
  return outcomeText({ slot: 0, status: outcome.status, attempts: 0, possibleDuplicate: false, outcome })
    .replace(/^(confirmed|refused|expired)(: | )?/, '')
    .trim();
}

function packetLines(packets: readonly HistoryPacket[], privacy: Privacy): readonly string[] {
  return packets.map((packet) => {
    const { direction, wire, meaning } = shownPacket(packet, privacy);
    return `${' '.repeat(14)}${direction === 'out' ? '>' : '<'} ${wire}  ${meaning}`;
  });
}

/** A packet in words, its numbers and texts as far as they may be seen. */
export function shownPacket({ direction, bytes }: HistoryPacket, privacy: Privacy): PacketLine {
  const line = describePacket(direction, bytes, undefined);
  if (privacy === 'reveal') return line;
  // Bytes that are no packet may hold anything.
  const retold = retellPacket(bytes, masked);
  return { ...line, wire: retold.length === 0 ? '' : describePacket(direction, retold, undefined).wire };
}

function breakText(why: string, dropped: number | undefined): string {
  if (why === 'gap') return `gap: ${dropped === undefined ? '' : `${dropped} `}entries could not be written`;
  if (why === 'torn') return 'cut: the file ends in the middle, as a killed process leaves it';
  return `${why}: what follows in that file cannot be read`;
}

export function historyDocument({ items, recordings, unrecorded, clocks }: History, privacy: Privacy): object {
  return {
    schema: 'ring.history/1',
    recordings: recordings.map(({ stateDir, side, from, to }) => ({
      ...{ stateDir, side },
      ...(from === undefined ? {} : { from: isoText(from) }),
      ...(to === undefined ? {} : { to: isoText(to) }),
    })),
    unrecorded,
    clocks: [...clocks].map(([smscId, { aheadMs, uncertainMs }]) => ({ smscId, bufferAheadMs: aheadMs, uncertainMs })),
    moves: items.flatMap((item) => (item.type === 'move' ? [moveDocument(item, privacy)] : [])),
    breaks: items.flatMap(({ type, at, event }) =>
      type === 'break' && event.type === 'break' ? [{ at: isoText(at), side: event.side, why: event.why }] : [],
    ),
  };
}

function moveDocument({ at, event, move, packets }: Extract<HistoryItem, { type: 'move' }>, privacy: Privacy): object {
  const { smscId, lane, slot, before, after } = move;
  const message = after ?? before;
  return {
    ...{ at: isoText(at), notedAt: isoText(event.at), side: event.side, smscId, lane, slot },
    ...(message === undefined ? {} : { seq: message.seq, messageId: message.messageId }),
    from: statusOf(before, after),
    to: after?.status ?? 'free',
    attempts: after?.attempts ?? 0,
    possibleDuplicate: after?.possibleDuplicate ?? false,
    ...(after?.outcome === undefined ? {} : { outcome: after.outcome }),
    ...{ event: event.number, input: event.input, because: causeText(event, move) },
    log: event.log.map((logged) => logged.event),
    packets: packets.map((packet) => shownPacket(packet, privacy)),
  };
}

/** A new number begins with nothing, whatever was in the slot. */
function statusOf(before: PastSlot | undefined, after: PastSlot | undefined): SlotStatus {
  return before !== undefined && (after === undefined || before.seq === after.seq) ? before.status : 'free';
}
