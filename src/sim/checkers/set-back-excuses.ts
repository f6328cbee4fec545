/**
 * What is excused when a disk is set back: what its end alone had acknowledged since the backup, and what it alone had
 * been told. What it still holds, or the other end does, arrives; what may be there twice is marked. Worked out at the
 * moment itself, from the disk before and after, and from that of the other end. SPEC: DESIGN section 4, restored stores
 * and producer that went back.
 */
import { historyOf } from '../../core/im/history.ts';
import type { TextView } from '../../core/im/text.ts';
import type { ShortMessage } from '../../core/message/message.ts';
import { isUnfinished } from '../../core/ring/status.ts';
import type { MessageBytes } from '../../core/roles/message-bytes.ts';
import { recoverLane } from '../../core/store/lane-records.ts';
import type { StoreReader } from '../../core/store/record.ts';
import type { SlotNotes } from '../../core/store/slot-note.ts';
import { imServerName, type RoleName } from '../happening.ts';
import type { Writing } from '../plan.ts';
import type { World } from '../world.ts';
import {
  candidates,
  earlyReports,
  endedBadly,
  isForNumber,
  isPartOf,
  isSameReport,
  type KnownReport,
  partStates,
} from './disk-memory.ts';

export interface SetBackEnds {
  readonly who: RoleName;
  /** What its disk said until now. */
  readonly before: StoreReader;
  /** The disk of `who` is set back in it already. */
  readonly world: World;
  readonly messages: MessageBytes;
}

export interface Excused {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly untold: readonly string[];
  /** May come behind later ones of its conversation. */
  readonly late: readonly string[];
}

/** @param written all texts so far */
export function excusedBySetBack(ends: SetBackEnds, written: readonly Writing[]): Excused {
  return ends.who === imServerName ? imServerBack(ends, written) : bufferBack(ends, written);
}

function imServerBack({ before, world, messages }: SetBackEnds, written: readonly Writing[]): Excused {
  const after = world.im.store;
  const excused = nothingExcused();
  // Early reports show nowhere yet; one that the buffer still has to hand over comes again.
  const left = [
    ...earlyReports(after),
    ...world.sites.flatMap((site) => reportsUnderWay(site.store, site.smscId, messages)),
  ];
  const forgotten = earlyReports(before).filter((report) => !left.some((one) => isSameReport(one, report)));
  for (const writing of written) {
    const { way, text, partCount } = writing;
    const [then, now] = [viewOf(before, writing), viewOf(after, writing)];
    if (way === 'mo') {
      // What was stored since is gone, if the buffer knows: it is told as soon as it is on the disk. Parts that are left wait.
      const isTold = then !== undefined && !holds(before, writing, messages);
      if (now === undefined && (partCount > 1 || isTold)) excused.lost.add(text);
      continue;
    }
    if (then === undefined) continue;
    // What its client still keeps is handed in again.
    const isElsewhere = holds(world.site(writing.smscId).store, writing, messages);
    const isKept = now !== undefined || isElsewhere || world.im.isUnanswered(then.cid);
    if (!isKept) excused.lost.add(text);
    const isOpen = then.step !== 'delivered' && then.step !== 'failed';
    const isReportGone = isOpen && forgotten.some((report) => isForNumber(report, writing));
    const isPartGone = partStates(before, then.id) !== partStates(after, then.id);
    if (then.position !== now?.position || isReportGone || isPartGone) excused.untold.add(text);
    if (now === undefined || (isMarked(then) && !isMarked(now))) excused.doubled.add(text);
  }
  return asLists(excused);
}

function bufferBack({ who, before, world, messages }: SetBackEnds, written: readonly Writing[]): Excused {
  const after = world.site(who).store;
  const excused = nothingExcused();
  const isWithPerson = (writing: Writing) => viewOf(world.im.store, writing) !== undefined;
  const kept = new Set(candidates(after));
  const forgotten = candidates(before).filter((deliver) => !kept.has(deliver));
  for (const writing of written) {
    if (writing.smscId !== who || writing.way !== 'mo') continue;
    const { text, partCount } = writing;
    const isForgotten =
      holds(before, writing, messages, 'settled-too') && !holds(after, writing, messages, 'settled-too');
    // A part that came again would not be recognised, nor would one that left its slot and whose answer nobody has read.
    if (isForgotten || forgotten.some((deliver) => isPartOf(deliver, writing))) excused.doubled.add(text);
    const isElsewhere = isWithPerson(writing) || holds(world.im.store, writing, messages);
    if (!isElsewhere && (partCount > 1 || isForgotten)) excused.lost.add(text);
  }
  // What the SMSC had refused goes again, as in doubt; what followed it went already.
  const open = [after, world.im.store].flatMap((store) => held(store, who, 'mt', messages, 'unfinished'));
  const ended = endedBadly(before, world.site(who).notes, who);
  const stillEnded = endedBadly(after, noNotes, who);
  const reopened = open.filter(({ id }) => ended.has(id) && !stillEnded.has(id));
  for (const { way, phone, text, partCount } of written) {
    if (way !== 'mt') continue;
    const isReopened = reopened.some(({ message: { to, content } }) => {
      if (content.type !== 'text' || digitsOf(to) !== digitsOf(phone)) return false;
      return partCount === 1 ? content.text === text : text.includes(content.text);
    });
    if (isReopened) excused.late.add(text);
  }
  // Reports that it had answered, and the other end does not hold.
  const stillThere = new Set(
    [...reportedNumbers(after, who, messages), ...reportedNumbers(world.im.store, who, messages)].map(({ id }) => id),
  );
  for (const { id, number } of reportedNumbers(before, who, messages)) {
    if (stillThere.has(id)) continue;
    for (const { way, phone, text } of written) {
      if (way === 'mt' && digitsOf(phone) === digitsOf(number)) excused.untold.add(text);
    }
  }
  return asLists(excused);
}

const noNotes: SlotNotes = new Map();

/** In one of the rings' copies, or waiting for a slot. */
function holds(
  store: StoreReader,
  { smscId, way, text }: Writing,
  messages: MessageBytes,
  which: 'unfinished' | 'settled-too' = 'unfinished',
): boolean {
  return held(store, smscId, way, messages, which).some(
    ({ message: { content } }) => content.type === 'text' && content.text === text,
  );
}

function reportsUnderWay(store: StoreReader, smscId: string, messages: MessageBytes): KnownReport[] {
  return held(store, smscId, 'mo', messages, 'unfinished').flatMap(({ message: { content } }) =>
    content.type === 'status-report'
      ? [{ smscId, number: content.report.destination, stamp: content.report.stamp.digits }]
      : [],
  );
}

function reportedNumbers(store: StoreReader, smscId: string, messages: MessageBytes) {
  return held(store, smscId, 'mo', messages, 'unfinished').flatMap(({ id, message }) =>
    message.content.type === 'status-report' ? [{ id, number: message.from }] : [],
  );
}

function held(
  store: StoreReader,
  smscId: string,
  way: 'mt' | 'mo',
  messages: MessageBytes,
  which: 'unfinished' | 'settled-too',
): { readonly id: string; readonly message: ShortMessage }[] {
  const { copies, outbox } = recoverLane(store, smscId, way);
  const asked = copies.filter(({ status }) => which === 'settled-too' || isUnfinished(status));
  return [...asked, ...outbox].flatMap(({ messageId, bytes }) => {
    const message = messages.decode(bytes);
    return message === undefined ? [] : [{ id: messageId, message }];
  });
}

function viewOf(store: StoreReader, { way, user, phone, text }: Writing): TextView | undefined {
  const direction = way === 'mt' ? 'out' : 'in';
  const views = historyOf(store).history(user, phone, { limit: 10_000 });
  return views.find((view) => view.direction === direction && view.text === text);
}

function isMarked(view: TextView): boolean {
  return view.marks.includes('possible-duplicate');
}

function digitsOf(number: string): string {
  return number.replace('+', '');
}

function nothingExcused(): Record<keyof Excused, Set<string>> {
  return { lost: new Set(), doubled: new Set(), untold: new Set(), late: new Set() };
}

function asLists({ lost, doubled, untold, late }: Readonly<Record<keyof Excused, ReadonlySet<string>>>): Excused {
  return { lost: [...lost], doubled: [...doubled], untold: [...untold], late: [...late] };
}
