/**
 * What a disk knows that shows nowhere yet: ends of single parts, reports that came before the stamp of their submit was
 * known, delivers that would be recognised. Whoever compares a disk with its earlier self asks for what is forgotten.
 */
import { earlyReportFrom, keys, openTextFrom } from '../../core/im/records.ts';
import type { TextId } from '../../core/im/text.ts';
import { recoverLane } from '../../core/store/lane-records.ts';
import type { StoreReader } from '../../core/store/record.ts';
import type { SlotNotes } from '../../core/store/slot-note.ts';
import { suffixes, type Writing } from '../plan.ts';

/** SPEC: reference section 8.4: what a report is known by. */
export interface KnownReport {
  readonly smscId: string;
  readonly number: string;
  /** 060 */
  readonly stamp: string;
}

/** What a deliver is, as `redelivery.ts` puts it. */
export type DeliverIdentity = string;

const deliverOperation = 20;
const earlyReportPrefix = keys.earlyReport(0).slice(0, -1);

/** How far each part of a text came, to be compared; empty where nothing more can be learned of it. */
export function partStates(store: StoreReader, id: TextId): string {
  const value = store.get(keys.openText(id));
  return value === undefined ? '' : JSON.stringify(openTextFrom(value).parts.map(({ state }) => state));
}

/** Those that the IM server keeps until it knows which text they are about. */
export function earlyReports(store: StoreReader): KnownReport[] {
  return Array.from(store.entries(earlyReportPrefix), ([, value]) => {
    const { smscId, destination, stamp } = earlyReportFrom(0, value);
    return { smscId, number: destination, stamp };
  });
}

export function isSameReport(one: KnownReport, other: KnownReport): boolean {
  return one.stamp === other.stamp && one.smscId === other.smscId && digitsOf(one.number) === digitsOf(other.number);
}

export function isForNumber({ smscId, number }: KnownReport, writing: Writing): boolean {
  return smscId === writing.smscId && digitsOf(number) === digitsOf(writing.phone);
}

/** Delivers that a buffer would recognise. */
export function candidates(store: StoreReader): DeliverIdentity[] {
  return Array.from(store.entries(['candidate']), ([, value]) => (Array.isArray(value) ? String(value[1]) : ''));
}

/** The ids of messages for handsets that a buffer knows as refused or expired, by its records or by its notes. */
export function endedBadly(store: StoreReader, notes: SlotNotes, smscId: string): ReadonlySet<string> {
  const kept = [...recoverLane(store, smscId, 'mt').copies, ...notes.values()];
  const ended = kept.filter(({ outcome }) => outcome !== undefined && outcome.status !== 'confirmed');
  return new Set(ended.map(({ messageId }) => messageId));
}

/** Whether a deliver is from that handset to that user, and carries that text or a piece of it. */
export function isPartOf(deliver: DeliverIdentity, { user, phone, text, partCount }: Writing): boolean {
  const [operation, to = '', from = '', , , , content = ''] = deliver.split('\n');
  if (Number(operation) !== deliverOperation || digitsOf(from) !== digitsOf(phone)) return false;
  if (!to.endsWith(suffixes[user])) return false;
  return partCount === 1 ? content === text : text.includes(content);
}

function digitsOf(number: string): string {
  return number.replace('+', '');
}
