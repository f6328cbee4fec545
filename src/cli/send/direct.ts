/** Sends a text straight to an SMSC, once or many times, in turn; and waits for the reports if that is wanted. */
import { setTimeout as pause } from 'node:timers/promises';
import { cimdErrorMeaning, retryClass } from '../../core/codec/error-codes.ts';
import { type Packet, type Parameter, parameterOf } from '../../core/codec/packet.ts';
import { findStatusCode, findStatusError } from '../../core/codec/status-codes.ts';
import { readSubmitAnswer } from '../../core/message/packets.ts';
import { systemClock } from '../../shell/clock.ts';
import type { RequestResult, SmscSession } from '../cimd2/smsc-session.ts';
import type { MessageOutcome, PartOutcome, ReportOutcome } from './outcome.ts';
import type { ReportWatch } from './report-watch.ts';

const submit = 3;

/** SPEC: section 9: the SMS centre did not respond; the message may have been processed all the same. */
const mayHaveBeenProcessed = 5;

export interface DirectOptions {
  readonly to: string;
  /** Submits of the n-th message (from 1), one per part. */
  readonly submitsOf: (n: number) => readonly (readonly Parameter[])[];
  readonly count: number;
  /** Messages per second; undefined sends as fast as answers come. */
  readonly pace: number | undefined;
  readonly wait: 'accepted' | 'delivered';
  readonly watch: ReportWatch;
  readonly reportTimeoutMs: number;
  readonly onMessage: (n: number, parts: readonly PartOutcome[]) => void;
  readonly onReport: (n: number, report: ReportOutcome) => void;
}

export async function sendDirect(session: SmscSession, options: DirectOptions): Promise<readonly MessageOutcome[]> {
  const messages: { parts: readonly PartOutcome[]; reports: ReportOutcome[] }[] = [];
  const everyReport: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 1; n <= options.count; n += 1) {
    if (options.pace !== undefined) await until(startedAt + ((n - 1) * 1_000) / options.pace);
    const reports: ReportOutcome[] = [];
    const parts = await sendParts(session, options.to, options.submitsOf(n));
    messages.push({ parts, reports });
    options.onMessage(n, parts);
    if (options.wait === 'accepted') continue;
    for (const part of parts) {
      if (part.type !== 'accepted' || part.stamp === undefined) continue;
      everyReport.push(
        nextReport(options.watch, options.to, part.stamp).then((report) => {
          reports.push(report);
          options.onReport(n, report);
        }),
      );
    }
  }
  if (options.wait === 'delivered') {
    options.watch.noMoreSubmits();
    await awaitReports(session, everyReport, options.reportTimeoutMs);
  }
  return messages;
}

/** In order; after one that was not accepted the rest is left out, because a handset shows no text with a gap. */
async function sendParts(
  session: SmscSession,
  to: string,
  submits: readonly (readonly Parameter[])[],
): Promise<readonly PartOutcome[]> {
  const parts: PartOutcome[] = [];
  for (const parameters of submits) {
    const isBroken = !session.isOpen || parts.some((part) => part.type !== 'accepted');
    parts.push(isBroken ? { type: 'not-sent' } : partOutcome(await session.request(submit, parameters), to));
  }
  return parts;
}

function partOutcome(result: RequestResult, to: string): PartOutcome {
  if (result.type === 'not-sent') return { type: 'not-sent' };
  if (result.type === 'unknown') return result;
  // The stamp is used only as half of a key, so its zone does not matter here.
  const answer = readSubmitAnswer(result.packet, to, { zoneOffsetMinutes: 0, now: systemClock()() });
  switch (answer.type) {
    case 'accepted':
      return { type: 'accepted', stamp: answer.stamp?.digits, tookMs: result.tookMs };
    case 'refused': {
      const { errorCode } = answer;
      const meaning = answer.text ?? cimdErrorMeaning(errorCode);
      if (errorCode === mayHaveBeenProcessed) return { type: 'unknown', reason: `error 5, ${meaning}` };
      return { type: 'refused', errorCode, meaning, retryable: retryClass(errorCode) === 'later' };
    }
    case 'fault':
      return { type: 'unknown', reason: answer.fault.message };
  }
}

function nextReport(watch: ReportWatch, destination: string, stamp: string): Promise<ReportOutcome> {
  const since = performance.now();
  return new Promise((resolve) => {
    const take = (report: Packet): void => {
      const outcome = reportOutcome(report, performance.now() - since);
      // SPEC: section 8.2: a status that is not final is followed by another report under the same key.
      if (findStatusCode(outcome.status)?.isFinal === false) watch.expect({ destination, stamp, take });
      else resolve(outcome);
    };
    watch.expect({ destination, stamp, take });
  });
}

function reportOutcome(report: Packet, afterMs: number): ReportOutcome {
  const status = Number(parameterOf(report, 61));
  const errorText = parameterOf(report, 62);
  const error = errorText === undefined || errorText === '' ? undefined : Number(errorText);
  const meaning = findStatusCode(status)?.name ?? 'unknown status';
  const cause = error === undefined || error === 0 ? undefined : findStatusError(error)?.meaning;
  return { status, error, meaning: cause === undefined ? meaning : `${meaning}: ${cause}`, afterMs };
}

/** Until all are here, the time is over, or the session is. */
async function awaitReports(session: SmscSession, reports: readonly Promise<void>[], timeoutMs: number): Promise<void> {
  const patience = new AbortController();
  const timeOver = pause(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([Promise.all(reports), session.ended(), timeOver]);
  patience.abort();
}

async function until(at: number): Promise<void> {
  const waitMs = at - performance.now();
  if (waitMs > 0) await pause(waitMs);
}
