/**
 * Hands the messages that only a retired buffer's store holds to the running IM server, some at a time, and notes in the
 * store what became of each before the next ones go: so it may be cut anywhere and run again.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { numbersText } from '../../core/ring/numbers.ts';
import type { HandInResult } from '../../core/roles/control-result.ts';
import { callControl } from '../../shell/control-client.ts';
import { type HeldBack, openRetiredStore, readHeldBack } from '../../shell/retired-store.ts';
import { handedInAtOnce } from '../../shell/sync-asks.ts';
import { exitStatus } from '../exit-status.ts';
import type { AllRings, RingsOfDir } from '../ring/ring-source.ts';

export interface RetiredDir {
  readonly smscId: string;
  readonly stateDir: string;
  readonly storeId: string;
  /** The store itself knows. */
  readonly isRetired: boolean;
  readonly imServer: RingsOfDir;
}

export type HandInCounts = Readonly<Record<HandInResult, number>>;

/** The first of the directories that is a buffer's whose store was replaced; undefined where none is, or the IM server is not among them. */
export function findRetired(read: AllRings): RetiredDir | undefined {
  const imServer = read.dirs.find(({ role }) => role === 'im-server');
  if (imServer === undefined) return undefined;
  for (const { role, stateDir, store, rings } of read.dirs) {
    const smscId = rings[0]?.smscId;
    if (role !== 'buffer' || store === undefined || smscId === undefined) continue;
    const known = imServer.bufferStores?.find((stores) => stores.smscId === smscId);
    const { id: storeId, isRetired } = store;
    if (isRetired || known?.retired.includes(storeId)) return { smscId, stateDir, storeId, isRetired, imServer };
  }
  return undefined;
}

export async function heldBackOf({ stateDir, smscId }: RetiredDir): Promise<readonly HeldBack[]> {
  return readHeldBack(stateDir, smscId);
}

/** `retired  old: 3 messages from handsets have ended nowhere: 12, 14–15` */
export function heldBackLine({ stateDir }: RetiredDir, held: readonly HeldBack[]): string {
  if (held.length === 0) return `retired  ${stateDir}: holds no message from a handset that has not ended`;
  const numbers = numbersText(numbersOf(held));
  const waiting = held.length - numbersOf(held).length;
  const outside = waiting === 0 ? '' : `${numbers === '' ? '' : ', and '}${waiting} without a number`;
  const what = held.length === 1 ? '1 message from a handset has' : `${held.length} messages from handsets have`;
  return `retired  ${stateDir}: ${what} ended nowhere: ${numbers}${outside}`;
}

export function numbersOf(held: readonly HeldBack[]): readonly number[] {
  return held.flatMap((each) => (each.type === 'slot' ? [Number(each.copy.seq)] : []));
}

/**
 * @throws OperatorError CONTROL_UNREACHABLE (5) where the IM server is stopped; STORE_NOT_RETIRED (3), STORE_BUSY (9) where
 *   the retired buffer still runs; OUTCOME_UNKNOWN (6): run it again, what was stored is known then
 */
export async function handIn(retired: RetiredDir): Promise<HandInCounts> {
  const { smscId, stateDir, storeId, isRetired, imServer } = retired;
  if (imServer.state === 'stopped') {
    throw new OperatorError({
      code: 'CONTROL_UNREACHABLE',
      message: `The IM server (${imServer.stateDir}) is stopped, and only it knows whom these messages are for. Nothing was changed.`,
      hint: 'Start the IM server and run this again.',
      exitStatus: exitStatus.unreachable,
      retryable: true,
    });
  }
  const counts = { stored: 0, known: 0, refused: 0, unreadable: 0 };
  const store = await openRetiredStore(stateDir, smscId);
  try {
    for (let at = 0; at < store.held.length; at += handedInAtOnce) {
      const batch = store.held.slice(at, at + handedInAtOnce);
      const messages = batch.map(({ bytes }) => Buffer.from(bytes).toString('base64'));
      const answer = await callControl(imServer.stateDir, 'POST /hand-in', { smscId, storeId, isRetired, messages });
      const results = resultsIn(answer, batch.length);
      for (const result of results) counts[result] += 1;
      await store.settle(batch.flatMap((held, i) => pairOf(held, results[i])));
    }
  } finally {
    await store.close();
  }
  return counts;
}

/** `handed in: 2 stored, 1 known already, 0 refused` */
export function countsLine({ stored, known, refused, unreadable }: HandInCounts): string {
  const unread = unreadable === 0 ? '' : `, ${unreadable} that this version cannot read stay where they are`;
  return `handed in: ${stored} stored, ${known} known already, ${refused} refused${unread}`;
}

const handInResults: readonly HandInResult[] = ['stored', 'known', 'refused', 'unreadable'];

function resultsIn(answer: unknown, count: number): readonly HandInResult[] {
  const { results } = Object(answer) as { results?: unknown };
  const known = Array.isArray(results)
    ? results.flatMap((result: unknown) => handInResults.find((each) => each === result) ?? [])
    : [];
  if (known.length === count) return known;
  throw new OperatorError({
    code: 'CONTROL_BAD_REQUEST',
    message: 'The IM server answered for other messages than were handed in; nothing was noted.',
    hint: 'Use the ringbridge of the same version as the IM server, and run this again.',
  });
}

function pairOf(held: HeldBack, result: HandInResult | undefined): [HeldBack, HandInResult][] {
  return result === undefined ? [] : [[held, result]];
}
