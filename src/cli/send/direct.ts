/**
 * Sends messages straight to an SMSC: as many at once as the window allows, the parts of each in turn; and waits for the
 * reports if that is wanted. What a message is made of is `compose.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { equalBytes } from '../../core/base/bytes.ts';
import { encodePacket } from '../../core/codec/encode.ts';
import { cimdErrorMeaning, retryClass } from '../../core/codec/error-codes.ts';
import { type Packet, type Parameter, parameterOf } from '../../core/codec/packet.ts';
import { formatPacketNumber } from '../../core/codec/packet-number.ts';
import { findStatusCode, findStatusError } from '../../core/codec/status-codes.ts';
import { readSubmitAnswer } from '../../core/message/submit-answer.ts';
import { systemClock } from '../../shell/clock.ts';
import { spellPacket } from '../cimd2/packet-text.ts';
import type { RequestResult, SmscSession } from '../cimd2/smsc-session.ts';
import { answerFor } from './destination-answers.ts';
import type { MessageOutcome, PartOutcome, RepeatOutcome, ReportOutcome } from './outcome.ts';
import type { ReportWatch } from './report-watch.ts';

const submit = 3;
const submitResponse = 53;
const nack = 99;
const generalError = 98;

/** SPEC: section 9: the SMS centre did not respond; the message may have been processed all the same. */
const mayHaveBeenProcessed = 5;

/** One message, to one or several destinations. */
export interface Outgoing {
  /** How results name it: the running number, or the line of a batch; from 1. */
  readonly place: number;
  readonly destinations: readonly string[];
  /** For each part the parameters behind its destinations. */
  readonly submits: readonly (readonly Parameter[])[];
}

export interface DirectOptions {
  /** Taken from one by one, when there is room to send. */
  readonly messages: Iterable<Outgoing>;
  /** Messages that may be on the way at once. */
  readonly window: number;
  /** Messages per second; undefined sends as fast as answers come. */
  readonly pace: number | undefined;
  /** How often each answered submit is sent again under its number. */
  readonly repeat: number;
  readonly wait: 'accepted' | 'delivered';
  readonly watch: ReportWatch;
  readonly answerTimeoutMs: number;
  readonly reportTimeoutMs: number;
  /** Aborted when no more are to be sent; what is on the way is finished. */
  readonly stop: AbortSignal;
  /** One outcome per destination. */
  readonly onMessage: (message: Outgoing, outcomes: readonly MessageOutcome[]) => void;
  readonly onRepeat: (message: Outgoing, outcome: RepeatOutcome) => void;
  readonly onReport: (message: Outgoing, to: string, report: ReportOutcome) => void;
}

/** A {@link MessageOutcome} while answers and reports still come. */
interface Growing {
  readonly to: string;
  readonly parts: PartOutcome[];
  readonly reports: ReportOutcome[];
}

/** @returns an outcome for each message and destination, in the order of the messages */
export async function sendDirect(session: SmscSession, options: DirectOptions): Promise<readonly MessageOutcome[]> {
  const sent: (readonly MessageOutcome[])[] = [];
  const everyReport: Promise<void>[] = [];
  const startedAt = performance.now();
  const messages = options.messages[Symbol.iterator]();
  let nextIndex = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const next = messages.next();
      if (next.done === true) return;
      const index = nextIndex;
      nextIndex += 1;
      if (options.pace !== undefined) await until(startedAt + (index * 1_000) / options.pace, options.stop);
      const { outcomes, repeats } = await sendMessage(session, next.value, options);
      sent[index] = outcomes;
      options.onMessage(next.value, outcomes);
      for (const repeat of repeats) options.onRepeat(next.value, repeat);
      if (options.wait === 'delivered') everyReport.push(...awaitedReports(next.value, outcomes, options));
    }
  };
  await Promise.all(Array.from({ length: options.window }, work));
  if (options.wait === 'delivered') {
    options.watch.noMoreSubmits();
    await awaitReports(session, everyReport, options);
  }
  return sent.flat();
}

/** In order; after a part that was not accepted the rest is left out, because a handset shows no text with a gap. */
async function sendMessage(
  session: SmscSession,
  message: Outgoing,
  options: DirectOptions,
): Promise<{ readonly outcomes: readonly Growing[]; readonly repeats: readonly RepeatOutcome[] }> {
  const repeats: RepeatOutcome[] = [];
  const outcomes = message.destinations.map((to): Growing => ({ to, parts: [], reports: [] }));
  // A message that has begun is finished; one that has not is left.
  const isLeft = options.stop.aborted;
  for (const parameters of message.submits) {
    const whole = outcomes.filter(({ parts }) => !isLeft && parts.every((part) => part.type === 'accepted'));
    for (const broken of outcomes) if (!whole.includes(broken)) broken.parts.push({ type: 'not-sent' });
    if (whole.length === 0) continue;
    const destinations = whole.map(({ to }) => ({ code: 21, value: to }));
    const result = await session.request(submit, [...destinations, ...parameters]);
    for (const { to, parts } of whole) {
      parts.push(partOutcome(result, to));
    }
    for (let n = 0; n < options.repeat && result.type === 'answered'; n += 1) {
      repeats.push(await repeatSubmit(session, result, options.answerTimeoutMs));
    }
  }
  return { outcomes, repeats };
}

/** One for each accepted part; resolved when its report was told. A report that is here already waits in the watch. */
function awaitedReports(
  message: Outgoing,
  outcomes: readonly Growing[],
  { watch, onReport }: DirectOptions,
): readonly Promise<void>[] {
  return outcomes.flatMap(({ to, parts, reports }) =>
    parts.flatMap((part) => {
      if (part.type !== 'accepted' || part.stamp === undefined) return [];
      return [
        nextReport(watch, to, part.stamp).then((report) => {
          reports.push(report);
          onReport(message, to, report);
        }),
      ];
    }),
  );
}

function partOutcome(result: RequestResult, to: string): PartOutcome {
  if (result.type === 'not-sent') return { type: 'not-sent' };
  if (result.type === 'unknown') return result;
  // The stamp is used only as half of a key, so its zone does not matter here.
  const answer = readSubmitAnswer(answerFor(result.packet, to), to, { zoneOffsetMinutes: 0, now: systemClock()() });
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

/** SPEC: section 4.2, which holds without a window only. */
async function repeatSubmit(
  session: SmscSession,
  first: Extract<RequestResult, { type: 'answered' }>,
  timeoutMs: number,
): Promise<RepeatOutcome> {
  const since = performance.now();
  const number = first.packet.packetNumber;
  const again = session.nextPacket(
    ({ operation, packetNumber }) =>
      operation === nack || ((operation === submitResponse || operation === generalError) && packetNumber === number),
    timeoutMs,
  );
  session.raw(first.sent);
  const answer = await again;
  if (answer === undefined) return { type: 'silence', detail: 'no answer' };
  if (answer.operation === nack) {
    return { type: 'nack', detail: `NACK, expects packet ${formatPacketNumber(answer.packetNumber)}` };
  }
  const wire = encodePacket(answer, { checksum: 'omit' });
  const isSame = equalBytes(wire, encodePacket(first.packet, { checksum: 'omit' }));
  return isSame
    ? { type: 'same', tookMs: performance.now() - since }
    : { type: 'other', detail: `another answer, ${spellPacket(wire)}` };
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

/** Until all are here, the time is over, the session is, or nobody wants to wait any longer. */
async function awaitReports(
  session: SmscSession,
  reports: readonly Promise<void>[],
  { reportTimeoutMs, stop }: DirectOptions,
): Promise<void> {
  const patience = new AbortController();
  const signal = AbortSignal.any([patience.signal, stop]);
  const timeOver = pause(reportTimeoutMs, undefined, { signal }).catch(() => undefined);
  await Promise.race([Promise.all(reports), session.ended(), timeOver]);
  patience.abort();
}

async function until(at: number, stop: AbortSignal): Promise<void> {
  const waitMs = at - performance.now();
  // Stopped, there is nothing to wait for: the rest is told as not sent.
  if (waitMs > 0) await pause(waitMs, undefined, { signal: stop }).catch(() => undefined);
}
