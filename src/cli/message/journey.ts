/**
 * The way of one message as a list of events on one clock, the IM server's: what people saw, what each end noted of each
 * short message, what the SMSC's handset shows. Facts in their order; how long each leg took is the time between two.
 */
import { reasonOfReport } from '../../core/im/reasons.ts';
import type { SlotStatus } from '../../core/ring/status.ts';
import type { RingView, SlotMoveView, SlotView } from '../../core/store/ring-view.ts';
import type { ClockDifference, NotedMoves } from './clock-difference.ts';
import { isSameNumber, type KnownCopy, type KnownMessage, type KnownPart } from './known-message.ts';
import type { RecordedReport } from './recorded-way.ts';
import type { HandsetSight, Side } from './sources.ts';

/** Where something happened. */
export type Station = 'client' | 'im-server' | 'buffer' | 'smsc' | 'handset';

export interface JourneyEvent {
  /** Milliseconds since 1970 by the clock of the IM server, as far as the difference is known. */
  readonly at: number;
  readonly station: Station;
  /** `placed`, `mirrored`, … of a slot; `taken`, `step`, `report-…` of what is not in one. */
  readonly what: string;
  /** What it means, in words: `the buffer has it on disk`. */
  readonly words: string;
  /** 1–255, of the slot that it happened in. */
  readonly slot?: number;
  /** Of a part of a long text; absent where it is about all of it. */
  readonly part?: number;
  /** `packet 017`, `frame of 3 entries`, `attempt 2`: what else is known. */
  readonly detail?: string;
  /**
   * `noted`: at the time it happened. `latest`: the store keeps the last move of a slot only, so what came before is not
   * known. `seen`: by another clock.
   */
  readonly basis: 'noted' | 'latest' | 'seen';
}

/** What a recording adds to a move: the packet or frame that came with it. */
export interface RecordedDetail {
  readonly messageId: string;
  readonly side: Side;
  readonly status: SlotStatus;
  readonly attempts: number;
  readonly detail: string;
}

export interface JourneySources {
  readonly rings: readonly RingView[];
  /** Of recordings. */
  readonly recorded: readonly NotedMoves[];
  readonly details: readonly RecordedDetail[];
  /** By the clock of the side that is told. */
  readonly reports: readonly (RecordedReport & { readonly side: Side })[];
  /** What a recording tells of clients: who sent the text, and when it was read. */
  readonly clients: readonly Pick<JourneyEvent, 'at' | 'what' | 'words' | 'detail'>[];
  /** Buffer against IM server; undefined where it is not known or only one of them was asked. */
  readonly clock: ClockDifference | undefined;
  readonly handset: HandsetSight | undefined;
}

/** In order of time. */
export function journeyOf(message: KnownMessage, sources: JourneySources): readonly JourneyEvent[] {
  const events = [
    ...textEvents(message),
    ...sources.clients.map((event): JourneyEvent => ({ ...event, station: 'client', basis: 'noted' })),
    ...message.parts.flatMap((part) => partEvents(message, part, sources)),
    ...handsetEvents(message, sources.handset),
  ];
  return events.sort((a, b) => a.at - b.at || rank(a.what) - rank(b.what));
}

/** Of events of one millisecond. */
const order = [
  'sent',
  'taken',
  'placed',
  'mirrored',
  'in-flight',
  'confirmed',
  'settled',
  'report-placed',
  'report-stored',
  'step',
  'read',
];

function rank(what: string): number {
  return order.indexOf(what.replace(/^step-.*/, 'step'));
}

const stepWords: Readonly<Record<string, string>> = {
  stored: 'taken, on disk',
  accepted: 'sender sees: at the SMSC',
  delivered: 'sender sees: on the handset',
  failed: 'sender sees: failed',
  unknown: 'sender sees: unknown',
};

function textEvents({ sight, others, way }: KnownMessage): readonly JourneyEvent[] {
  if (sight === undefined) return [];
  const { view, trail } = sight;
  const at = (time: number, what: string, words: string): JourneyEvent => ({
    ...{ at: time, station: 'im-server', what, words, basis: 'noted' },
  });
  if (trail?.direction === 'out' && trail.reached.length > 0) {
    return trail.reached.map(({ step, at: time }, i) =>
      at(time, i === 0 ? 'taken' : `step-${step}`, stepWords[step] ?? step),
    );
  }
  if (trail?.direction === 'in') return [at(trail.arrivedAt, 'step-stored', `stored for ${sight.user}`)];
  const stored = others.length > 0 ? `taken, and stored for ${view.peer}` : 'taken, on disk';
  return [at(view.at, 'taken', way === 'mo' ? `stored for ${sight.user}` : stored)];
}

function partEvents(message: KnownMessage, part: KnownPart, sources: JourneySources): readonly JourneyEvent[] {
  const which = part.count > 1 ? { part: part.index } : {};
  const own = copiesWithMoves(part.messageId, part.copies, sources).flatMap(({ side, slot, lane, moves, basis }) =>
    moves.map(({ status, attempts, at }, i): JourneyEvent => {
      const found = sources.details.find(
        (one) =>
          one.messageId === part.messageId && one.side === side && one.status === status && one.attempts === attempts,
      );
      const detail = [attempts > 1 ? `attempt ${attempts}` : '', found?.detail ?? ''].filter((text) => text !== '');
      return {
        at: onImClock(at, side, sources.clock),
        station: side,
        what: status,
        words: moveWords({ side, lane, status, attempts, before: moves[i - 1]?.status }),
        ...(slot === undefined ? {} : { slot }),
        ...which,
        ...(detail.length === 0 ? {} : { detail: detail.join(', ') }),
        basis,
      };
    }),
  );
  const fromRings = reportEvents(message, part, sources);
  const taped = recordedReports(part, sources);
  // A recording knows the packet as well.
  const others = fromRings.filter(({ what }) => !taped.some((one) => one.what === what));
  return [...own, ...taped, ...others];
}

/** The report of a part is a message of the other lane. */
function reportEvents(message: KnownMessage, part: KnownPart, sources: JourneySources): readonly JourneyEvent[] {
  if (message.way !== 'mt' || part.stamp === '') return [];
  const copies = sources.rings
    .filter(({ lane }) => lane === 'mo')
    .flatMap(({ smscId, side, lane, slots }) => slots.map((view): KnownCopy => ({ smscId, side, lane, view })))
    .filter(({ view }) => isReportOf(view, part));
  const ids = [...new Set(copies.map(({ view }) => view.messageId ?? ''))];
  return ids.flatMap((id) =>
    copiesWithMoves(
      id,
      copies.filter(({ view }) => view.messageId === id),
      sources,
    ).flatMap(({ side, slot, moves, basis }) =>
      moves.flatMap(({ status, at }): JourneyEvent[] => {
        const isHere = (side === 'buffer' && status === 'placed') || (side === 'im-server' && status === 'confirmed');
        const report = copies.find(({ view }) => view.message?.report !== undefined)?.view.message?.report;
        if (report === undefined || (!isHere && basis === 'noted')) return [];
        return [
          {
            at: onImClock(at, side, sources.clock),
            station: side,
            ...reportWords(side, report.status, report.error),
            ...(slot === undefined ? {} : { slot }),
            ...(part.count > 1 ? { part: part.index } : {}),
            basis,
          },
        ];
      }),
    ),
  );
}

function recordedReports(part: KnownPart, { reports, clock }: JourneySources): readonly JourneyEvent[] {
  return reports
    .filter((report) => report.part === part.index)
    .map(({ side, at, slot, status, error, detail }): JourneyEvent => {
      return {
        ...reportWords(side, status, error),
        ...{ at: onImClock(at, side, clock), station: side, slot, basis: 'noted' },
        ...(part.count > 1 ? { part: part.index } : {}),
        ...(detail === undefined ? {} : { detail }),
      };
    });
}

function reportWords(side: Side, status: number, error: number | undefined): Pick<JourneyEvent, 'what' | 'words'> {
  const which = status === deliveredStatus ? 'delivered' : reasonOfReport(status, error || undefined).words;
  return side === 'buffer'
    ? { what: 'report-placed', words: `the SMSC reports: ${which}` }
    : { what: 'report-stored', words: `stores the report: ${which}` };
}

/** 061. SPEC: reference section 8.2. */
const deliveredStatus = 4;

function isReportOf({ message }: SlotView, { destination, stamp }: KnownPart): boolean {
  const report = message?.report;
  if (report === undefined || report.stamp !== stamp) return false;
  return destination === '' || isSameNumber(report.destination, destination);
}

interface CopyMoves {
  readonly side: Side;
  readonly lane: KnownCopy['lane'];
  readonly slot: number | undefined;
  readonly moves: readonly SlotMoveView[];
  readonly basis: 'noted' | 'latest';
}

/** What each end noted, from the role itself or its recording, whichever knows more; else its last move. */
function copiesWithMoves(
  messageId: string,
  copies: readonly KnownCopy[],
  { recorded }: Pick<JourneySources, 'recorded'>,
): readonly CopyMoves[] {
  return (['im-server', 'buffer'] as const).flatMap((side): CopyMoves[] => {
    const copy = copies.find((one) => one.side === side);
    const taped = recorded.find((one) => one.messageId === messageId && one.side === side);
    const live = copy?.view.moves ?? [];
    const slot = copy?.view.slot ?? taped?.slot;
    const lane = copy?.lane ?? taped?.lane;
    if (lane === undefined) return [];
    const moves = earliest([...(taped?.moves ?? []), ...live]);
    if (moves.length > 0) return [{ side, lane, slot, moves, basis: 'noted' }];
    if (copy?.view.movedAt === undefined) return [];
    const { status, attempts, movedAt } = copy.view;
    return [{ side, lane, slot, moves: [{ status, attempts, at: movedAt }], basis: 'latest' }];
  });
}

/** Each status of each attempt once, at its earliest. */
function earliest(moves: readonly SlotMoveView[]): readonly SlotMoveView[] {
  const first = new Map<string, SlotMoveView>();
  for (const move of [...moves].sort((a, b) => a.at - b.at)) {
    const key = `${move.status} ${move.attempts}`;
    if (!first.has(key)) first.set(key, move);
  }
  return [...first.values()];
}

function onImClock(at: number, side: Side, clock: ClockDifference | undefined): number {
  return side === 'buffer' && clock !== undefined ? at - clock.aheadMs : at;
}

/** Of the end that handed a message over, when it is told that its copy is needed no more. */
export const slotFreeWords = 'hears: the slot is free';

interface NotedMove {
  readonly side: Side;
  readonly lane: KnownCopy['lane'];
  readonly status: SlotStatus;
  readonly attempts: number;
  readonly before: SlotStatus | undefined;
}

function moveWords({ side, lane, status, attempts, before }: NotedMove): string {
  const isConsumer = (side === 'buffer') === (lane === 'mt');
  switch (status) {
    case 'placed':
      return lane === 'mt' ? 'in the ring' : 'taken from the SMSC, in the ring';
    case 'mirrored':
      if (!isConsumer) return attempts > 0 ? 'hears: to be tried again' : 'hears: it is there';
      if (attempts > 0) return before === 'in-doubt' ? 'to be sent again, marked' : 'refused for now, tried again';
      return lane === 'mt' ? 'on disk, waits for its turn' : 'on disk';
    case 'in-flight':
      if (!isConsumer) return 'hears: submitted';
      return lane === 'mt' ? 'submits it' : 'stores it';
    case 'in-doubt':
      return isConsumer ? 'in doubt: no answer will come' : 'hears: in doubt';
    case 'confirmed':
      if (!isConsumer) return lane === 'mt' ? 'hears: the SMSC has it' : 'hears: stored';
      return lane === 'mt' ? 'the SMSC has taken it' : 'stored for its addressee';
    case 'refused':
      if (!isConsumer) return 'hears: refused';
      return lane === 'mt' ? 'the SMSC has refused it' : 'nobody is meant, or blocked';
    case 'expired':
      return isConsumer ? 'its time is over' : 'hears: its time is over';
    case 'settled':
      return isConsumer ? slotFreeWords : 'hears the outcome, frees the slot';
    case 'free':
      return 'the slot is free';
  }
}

function handsetEvents({ way, text, parts }: KnownMessage, handset: HandsetSight | undefined): readonly JourneyEvent[] {
  if (way !== 'mt' || handset === undefined) return [];
  const stamps = new Set(parts.map(({ stamp }) => stamp).filter((stamp) => stamp !== ''));
  return handset.inbox
    .filter((item) => item.text === text && item.stamps.some((stamp) => stamps.has(stamp)))
    .map(({ at, repeats }) => ({
      at: Date.parse(at),
      station: 'handset',
      what: 'shown',
      words: 'the simulated handset shows it',
      ...(repeats > 0 ? { detail: `for the ${repeats + 1}th time` } : {}),
      basis: 'seen',
    }));
}
