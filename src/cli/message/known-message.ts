/**
 * One message as all sources together know it: the text that people see, the short messages it is made of, and every copy
 * of those in the rings of both ends. Facts only; what they mean is `whereabouts.ts`.
 */
import type { TextSight } from '../../core/im/find-texts.ts';
import { messageIdsOf } from '../../core/im/find-texts.ts';
import type { PartState } from '../../core/im/open-text.ts';
import type { Step, StepReason } from '../../core/im/text.ts';
import { type LaneName, type SlotStatus, statusTable } from '../../core/ring/status.ts';
import type { SlotView } from '../../core/store/ring-view.ts';
import { isTextMeant, type MessageQuestion } from '../../shell/message-reader.ts';
import type { MessageSources, Side } from './sources.ts';

/** One end's copy of a short message. */
export interface KnownCopy {
  readonly smscId: string;
  readonly side: Side;
  readonly lane: LaneName;
  readonly view: SlotView;
}

/** A short message. */
export interface KnownPart {
  readonly messageId: string;
  /** 1–`count`. */
  readonly index: number;
  readonly count: number;
  /** The key of its reports, 021 and 060; empty where it is not known. */
  readonly destination: string;
  readonly stamp: string;
  /** As the IM server has it; undefined where that does not tell. */
  readonly state: PartState | undefined;
  readonly copies: readonly KnownCopy[];
}

export interface KnownMessage {
  /** Of the text, where one is known; otherwise of the short message. */
  readonly id: string;
  /** `mt`: to a handset; `mo`: from one; `local`: between users. */
  readonly way: LaneName | 'local';
  /** User, number, or name of a sender; `bridge` for answers of its own. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** When the bridge took it, milliseconds since 1970. */
  readonly at: number;
  readonly smscId: string | undefined;
  /** Of the text; undefined where only short messages of it are known. */
  readonly sight: TextSight | undefined;
  /** Who else sees this text. */
  readonly others: readonly TextSight[];
  readonly step: Step | undefined;
  readonly reason: StepReason | undefined;
  readonly parts: readonly KnownPart[];
}

/** All that fit the question, the newest first. */
export function knownMessages(
  { texts, rings }: Pick<MessageSources, 'texts' | 'rings'>,
  question: MessageQuestion,
): readonly KnownMessage[] {
  const copies = rings.flatMap(({ smscId, side, lane, slots }): KnownCopy[] =>
    slots.filter(({ messageId }) => messageId !== undefined).map((view) => ({ smscId, side, lane, view })),
  );
  const byMessage = groupBy(copies, ({ view }) => view.messageId ?? '');
  const known = [...groupBy(texts, ({ view }) => view.id).values()].map((sights) => fromTexts(sights, byMessage));
  const covered = new Set(known.flatMap(({ parts }) => parts.map(({ messageId }) => messageId)));
  const alone = copies.filter(({ view }) => !covered.has(view.messageId ?? '') && isMeant(view, question));
  const others = [...groupBy(alone, ({ view }) => view.message?.textId ?? view.messageId ?? '').entries()];
  const fromRings = others.flatMap(([id, some]) => fromCopies(id, some, byMessage));
  return [...known, ...fromRings].sort((a, b) => b.at - a.at);
}

/** The copy that knows most: settled, then an outcome, then more attempts, then the later status. SPEC: DESIGN section 2. */
export function furthestCopy(copies: readonly KnownCopy[]): KnownCopy | undefined {
  return [...copies].sort((a, b) => progress(b.view) - progress(a.view))[0];
}

function progress({ status, attempts }: SlotView): number {
  const stage: Partial<Record<SlotStatus, number>> = { settled: 2, confirmed: 1, refused: 1, expired: 1 };
  // A slot has fewer attempts than this by far.
  return (stage[status] ?? 0) * 1e6 + attempts * 10 + statusTable[status].rank;
}

function fromTexts(sights: readonly TextSight[], byMessage: ReadonlyMap<string, readonly KnownCopy[]>): KnownMessage {
  const [first] = sights;
  const sender = sights.find(({ view }) => view.direction === 'out');
  const sight = sender ?? first;
  // Groups have at least one.
  if (sight === undefined) throw new RangeError('a group of nothing');
  const { user, view, trail } = sight;
  const ids = messageIdsOf(sight);
  const parts = ids.map((messageId, i): KnownPart => {
    const part = trail?.direction === 'out' ? trail.parts[i] : undefined;
    const { destination = '', stamp = '', state } = part ?? {};
    const copies = byMessage.get(messageId) ?? [];
    return { messageId, index: i + 1, count: ids.length, destination, stamp: stamp || stampIn(copies), state, copies };
  });
  const name = user === '' ? 'bridge' : user;
  // The same directory may have been given twice, or a copy of it.
  const others = sights.filter((one) => one.user !== user);
  const isLocal = others.length > 0 || (trail === undefined && /^[a-z]/.test(view.peer));
  return {
    ...{ id: view.id, way: isLocal ? 'local' : view.direction === 'out' ? 'mt' : 'mo', text: view.text },
    // What came from a handset has the SMSC's time, which may be by another clock.
    at: trail?.direction === 'in' ? trail.arrivedAt : view.at,
    ...(view.direction === 'out' ? { from: name, to: view.peer } : { from: view.peer, to: name }),
    ...{ smscId: trail?.smscId, sight, others, step: view.step },
    ...{ reason: view.reason, parts },
  };
}

/** Of a message whose text no source has: a buffer alone was asked, or the text is not there yet, or not any more. */
function fromCopies(
  id: string,
  copies: readonly KnownCopy[],
  byMessage: ReadonlyMap<string, readonly KnownCopy[]>,
): readonly KnownMessage[] {
  const inOrder = [...copies].sort((a, b) => (a.view.message?.part?.index ?? 1) - (b.view.message?.part?.index ?? 1));
  const first = inOrder.find(({ view }) => view.message !== undefined) ?? inOrder[0];
  if (first === undefined) return [];
  const { message, movedAt } = first.view;
  const ids = [...new Set(inOrder.map(({ view }) => view.messageId ?? ''))];
  const parts = ids.map((messageId): KnownPart => {
    const own = byMessage.get(messageId) ?? [];
    const { index = 1, count = 1 } = own.find(({ view }) => view.message?.part !== undefined)?.view.message?.part ?? {};
    const to = own.find(({ view }) => view.message !== undefined)?.view.message?.to ?? '';
    const destination = first.lane === 'mt' ? to : '';
    return { messageId, index, count, destination, stamp: stampIn(own), state: undefined, copies: own };
  });
  const texts = ids.map(
    (messageId) => byMessage.get(messageId)?.find(({ view }) => view.message)?.view.message?.content,
  );
  return [
    {
      ...{ id, way: first.lane, from: message?.from ?? '', to: message?.to ?? '', text: texts.join('') },
      ...{ at: message?.createdAt ?? movedAt ?? 0, smscId: first.smscId, sight: undefined, others: [] },
      ...{ step: undefined, reason: undefined, parts },
    },
  ];
}

function stampIn(copies: readonly KnownCopy[]): string {
  return copies.map(({ view }) => view.outcome?.stamp ?? '').find((stamp) => stamp !== '') ?? '';
}

function isMeant({ messageId = '', message, movedAt }: SlotView, question: MessageQuestion): boolean {
  const { id, number, user, since, until } = question;
  if (id !== undefined) return messageId.startsWith(id) || message?.textId?.startsWith(id) === true;
  // Whose it is stands in no slot; and reports are no messages of people.
  if (user !== undefined || message?.kind === 'status-report') return false;
  const at = message?.createdAt ?? movedAt ?? 0;
  if ((since !== undefined && at < since) || (until !== undefined && at >= until)) return false;
  if (number !== undefined && ![message?.from, message?.to].some((one) => isSameNumber(one, number))) return false;
  return (question.text === undefined && question.hash === undefined) || isTextMeant(message?.content ?? '', question);
}

export function isSameNumber(one: string | undefined, other: string): boolean {
  return one !== undefined && one.replace(/^\+/, '') === other.replace(/^\+/, '');
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
