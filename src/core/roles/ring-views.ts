/** One end's copies as plain data for people and tools: the same from memory and from disk. */
import { toHex } from '../base/bytes.ts';
import type { ShortMessage, StatusReport } from '../message/message.ts';
import type { Epoch } from '../ring/digest.ts';
import type { SlotMove } from '../ring/ring.ts';
import { type SlotIndex, slotOf } from '../ring/sequence.ts';
import type { SlotCopy } from '../ring/slot.ts';
import type { LaneName } from '../ring/status.ts';
import type { RingView, SlotMoveView, SlotView } from '../store/ring-view.ts';

export interface RingViewOptions {
  readonly smscId: string;
  readonly side: 'buffer' | 'im-server';
  readonly lane: LaneName;
  readonly epoch: Epoch | undefined;
  /** 0 before the first contact. */
  readonly size: number;
  /** See `LaneState`. */
  readonly mirrorStore?: string | undefined;
  readonly copies: Iterable<SlotCopy>;
  readonly decode: (bytes: Uint8Array) => ShortMessage | undefined;
  /** Left out, nothing is told of moves. */
  readonly movesIn?: ((slot: SlotIndex) => readonly SlotMove[]) | undefined;
}

/** `moves`: what happened in each slot lately makes the answer several times as large. */
export interface RingsWanted {
  readonly moves: 'with' | 'without';
}

export function ringView(options: RingViewOptions): RingView {
  const { smscId, side, lane, epoch, size, copies, decode, movesIn } = options;
  const isOwner = (side === 'im-server') === (lane === 'mt');
  const held = new Map<SlotIndex, SlotCopy>();
  for (const copy of copies) if (size > 0) held.set(slotOf(copy.seq, size), copy);
  const slots = Array.from({ length: size }, (_, index) => {
    // 1–size, the range of a slot.
    const slot = (index + 1) as SlotIndex;
    const copy = held.get(slot);
    const view = slotView(slot, copy, decode);
    return movesIn === undefined || copy === undefined ? view : { ...view, moves: movesOf(copy, movesIn(slot)) };
  });
  const end = isOwner ? 'producer' : 'consumer';
  const mirrorStore = end === 'producer' && options.mirrorStore ? { mirrorStore: options.mirrorStore } : {};
  return { smscId, side, lane, end, ...(epoch === undefined ? {} : { epoch }), size, ...mirrorStore, slots };
}

export function slotView(
  slot: SlotIndex,
  copy: SlotCopy | undefined,
  decode: (bytes: Uint8Array) => ShortMessage | undefined,
): SlotView {
  if (copy === undefined) return { slot, status: 'free', attempts: 0, possibleDuplicate: false };
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash, movedAt, isOffered, bytes } = copy;
  const message = decode(bytes);
  return {
    slot,
    seq,
    status,
    attempts,
    possibleDuplicate,
    ...(outcome === undefined ? {} : { outcome }),
    messageId,
    contentHash,
    movedAt,
    ...(isOffered ? { isOffered } : {}),
    ...(message === undefined ? {} : { message: messageView(message) }),
  };
}

/** The moves of the message that is in the slot now; a copy that was only written again has not moved. */
export function movesOf(copy: Pick<SlotCopy, 'seq'> | undefined, moves: readonly SlotMove[]): readonly SlotMoveView[] {
  return moves
    .filter(({ seq }) => seq === copy?.seq)
    .filter(({ status, attempts }, i, all) => status !== all[i - 1]?.status || attempts !== all[i - 1]?.attempts)
    .map(({ status, attempts, at }) => ({ status, attempts, at }));
}

function messageView(message: ShortMessage): NonNullable<SlotView['message']> {
  const { content, from, to, header, part, createdAt, validUntil, textId, smscTime } = message;
  const dataCoding = content.type === 'status-report' ? undefined : content.dataCoding;
  return {
    kind: content.type,
    from,
    to,
    content: contentText(content),
    ...(header.length === 0 ? {} : { header: toHex(header) }),
    ...(dataCoding === undefined ? {} : { dataCoding }),
    ...(part === undefined ? {} : { part }),
    createdAt,
    validUntil,
    ...(textId === '' ? {} : { textId }),
    ...(smscTime === undefined ? {} : { stamp: smscTime.digits }),
    ...(content.type === 'status-report' ? { report: reportView(content.report) } : {}),
  };
}

function reportView(report: StatusReport): NonNullable<NonNullable<SlotView['message']>['report']> {
  const { destination, stamp, status, error, dischargedAt } = report;
  return {
    ...{ destination, stamp: stamp.digits, status, dischargedAt: dischargedAt.digits },
    ...(error === undefined ? {} : { error }),
  };
}

function contentText(content: ShortMessage['content']): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'binary':
      return toHex(content.bytes);
    case 'status-report':
      return `status ${content.report.status} error ${content.report.error ?? 0}`;
    default:
      return content satisfies never;
  }
}
