/**
 * What becomes of texts that departed: outcomes out of the mt rings, status reports, and time. Each change is written
 * down, and told if it shows. Which step the parts add up to is in `open-text.ts`, which part a report is about in
 * `report-book.ts`.
 */
import { logEvent, maskAddress } from '../base/log-event.ts';
import { hourMs, type Instant, later, minuteMs } from '../base/time.ts';
import type { MessageId, StatusReport } from '../message/message.ts';
import type { Departure } from './departure.ts';
import { Detours } from './detours.ts';
import { DoubtEvidence } from './doubt-evidence.ts';
import type { ExchangeInput, ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { isTurnedAway, nextSmsc } from './fallback.ts';
import {
  hasLeft,
  isClosed,
  isOpenEnded,
  type OpenText,
  type PartState,
  stateOfOutcome,
  stateOfReport,
  stepOf,
  withMark,
  withPart,
  withReached,
} from './open-text.ts';
import { earlyReportValue, keys, openTextValue, trailValue } from './records.ts';
import { destinationKey, earlyKeepMs } from './report-book.ts';
import { trailOf } from './trail.ts';
import type { Turn } from './turn.ts';
import type { UserTexts } from './user-texts.ts';
import { originatorOf } from './users.ts';
import type { Ways } from './ways.ts';

type Accepted = Extract<PartState, { type: 'accepted' }>;
type Ended = Extract<ExchangeInput, { type: 'outcome' }>;

/** How often open texts are looked through for what is overdue. */
const sweepMs = minuteMs;
/** After its validity: a report may still be on its way for so long before its absence is shown. */
const reportGraceMs = hourMs;
/** After its validity: a report that comes even later than this finds nobody. */
const closeAfterMs = 25 * hourMs;

export interface FatesRooms {
  readonly settings: ExchangeSettings;
  readonly memory: ExchangeMemory;
  readonly texts: UserTexts;
  readonly departure: Departure;
  readonly ways: Ways;
}

export class Fates {
  readonly #memory: ExchangeMemory;
  readonly #texts: UserTexts;
  readonly #departure: Departure;
  readonly #ways: Ways;
  readonly #detours: Detours;
  readonly #evidence = new DoubtEvidence();
  #sweepAt: Instant | undefined;

  constructor({ settings, memory, texts, departure, ways }: FatesRooms) {
    this.#detours = new Detours({ settings, memory, departure, ways });
    this.#memory = memory;
    this.#texts = texts;
    this.#departure = departure;
    this.#ways = ways;
  }

  deadline(): Instant | undefined {
    return this.#sweepAt;
  }

  /** To be asked after every input: whether there is something to look through, and then from when on. */
  plan(now: Instant): void {
    const hasWork = this.#memory.openTexts.size > 0 || this.#memory.reports.earlyCount > 0;
    if (this.#sweepAt === undefined && hasWork) this.#sweepAt = later(now, sweepMs);
  }

  withdrawn(input: Extract<ExchangeInput, { type: 'withdrawn' }>, turn: Turn, now: Instant): void {
    this.#detours.withdrawn(input, turn, now);
  }

  linkDown(smscId: string): void {
    this.#evidence.linkDown(smscId);
  }

  moved(input: Extract<ExchangeInput, { type: 'moved' }>, turn: Turn, now: Instant): void {
    const { smscId, messageId, status } = input;
    if (status === 'in-flight' && !input.possibleDuplicate) this.#evidence.submitted(smscId, messageId, now);
    else if (status === 'in-doubt' && !input.possibleDuplicate) this.#evidence.doubted(smscId, messageId, now);
    else this.#evidence.ended(smscId, messageId);
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    let next = input.status === 'in-doubt' ? withPart(text, place.partIndex, { type: 'in-doubt' }) : text;
    if (input.possibleDuplicate) {
      next = withMark(withPart(next, place.partIndex, { type: 'in-doubt' }), 'possible-duplicate');
    }
    if (next !== text) this.#keep(text, next, turn, now);
  }

  ended(input: Extract<ExchangeInput, { type: 'outcome' }>, turn: Turn, now: Instant): void {
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    this.#evidence.ended(input.smscId, input.messageId);
    if (input.outcome.by === 'answer') this.#evidence.answered(input.smscId, input.outcome.stamp, now);
    const state = this.#stateOf(input, text.parts[place.partIndex]?.destination ?? '');
    let next = withPart(text, place.partIndex, state);
    if (next === text) return;
    if (input.possibleDuplicate) next = withMark(next, 'possible-duplicate');
    if (input.outcome.by === 'report') next = withMark(next, 'by-report');
    if (state.type === 'accepted' && isOpenEnded(next, state)) {
      const destination = next.parts[place.partIndex]?.destination ?? '';
      next = this.#applyEarly(next, place.partIndex, state, turn);
      // A temporary status ends nothing: the final one is still to come.
      if (next.parts[place.partIndex]?.state.type === 'accepted') {
        this.#memory.reports.expect(input.smscId, destination, state.stamp, place.textId, place.partIndex);
      }
    }
    if (!this.#fallBack(next, turn, now)) this.#keep(text, next, turn, now);
  }

  /** The reports that came before this stamp was known, in their order, up to a final one. */
  #applyEarly(text: OpenText, partIndex: number, accepted: Accepted, turn: Turn): OpenText {
    let [next, state] = [text, accepted];
    for (;;) {
      const destination = text.parts[partIndex]?.destination ?? '';
      const early = this.#memory.reports.takeEarly(text.smscId, destination, accepted.stamp);
      if (early === undefined) return next;
      turn.delete(keys.earlyReport(early.number));
      const told = stateOfReport(next, state, early.status, early.error);
      next = withPart(next, partIndex, told);
      if (told.type !== 'accepted') return next;
      state = told;
    }
  }

  /** What was resolved by a report has no answer: the stamp of that report is its stamp. */
  #stateOf({ smscId, outcome, possibleDuplicate }: Ended, destination: string): PartState {
    const state = stateOfOutcome(outcome, possibleDuplicate);
    if (state.type !== 'accepted' || outcome.by !== 'report') return state;
    return { ...state, stamp: this.#memory.reports.onlyStampFor(smscId, destination) ?? state.stamp };
  }

  /**
   * Looks for the one message in doubt that a report without a match proves to have been sent. SPEC: DESIGN section 11;
   * stricter where this end cannot know what the buffer knows: nothing else to that number may be unsettled.
   */
  #judge(smscId: string, report: StatusReport, turn: Turn, now: Instant): void {
    const unsettled = [...(this.#memory.unsettled.get(destinationKey(smscId, report.destination)) ?? [])];
    const doubtful = unsettled.filter((messageId) => this.#isInDoubt(messageId));
    const [first] = doubtful;
    if (first === undefined) return;
    const to = maskAddress(report.destination);
    if (unsettled.length === 1 && this.#evidence.proves(smscId, first, report, now)) {
      turn.log(logEvent('info', 'im.resolved-by-report', { smsc: smscId, to, status: report.status }));
      turn.tell({ type: 'resolve', smscId, messageId: first });
    } else {
      const hint = { smsc: smscId, to, status: report.status, inDoubt: doubtful.length };
      turn.log(logEvent('warn', 'im.report-hint', hint));
    }
  }

  #isInDoubt(messageId: MessageId): boolean {
    const place = this.#memory.parts.get(messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    return place !== undefined && text?.parts[place.partIndex]?.state.type === 'in-doubt';
  }

  /** A text that was turned away as a whole goes on to the next SMSC of its route. @returns whether it did */
  #fallBack(text: OpenText, turn: Turn, now: Instant): boolean {
    if (!isTurnedAway(text) || now >= text.validUntil) return false;
    const smscId = this.#nextSmsc(text);
    if (smscId === undefined) return false;
    const why = stepOf(text).reason?.code;
    turn.log(logEvent('warn', 'im.fallback', { text: text.view.id, from: text.smscId, to: smscId, why }));
    const tried = [...text.tried, text.smscId];
    this.#departure.leaveAgain(text, smscId, tried, originatorOf(this.#memory.users.get(text.user)), turn, now);
    return true;
  }

  #nextSmsc(text: OpenText): string | undefined {
    return text.user === '' ? undefined : nextSmsc(text, this.#ways.to(text.view.peer, text.user));
  }

  reported(smscId: string, report: StatusReport, turn: Turn, now: Instant): void {
    const match = this.#memory.reports.match(smscId, report);
    const text = match && this.#memory.openTexts.get(match.textId);
    const part = match && text?.parts[match.partIndex];
    if (match === undefined || text === undefined || part?.state.type !== 'accepted') {
      const { kept, dropped } = this.#memory.reports.keep(smscId, report, later(now, earlyKeepMs));
      turn.put(keys.earlyReport(kept.number), earlyReportValue(kept));
      if (dropped !== undefined) turn.delete(keys.earlyReport(dropped.number));
      turn.log(logEvent('info', 'im.report-unmatched', { smsc: smscId, to: maskAddress(report.destination) }));
      this.#judge(smscId, report, turn, now);
      return;
    }
    const state = stateOfReport(text, part.state, report.status, report.error);
    const told = withPart(text, match.partIndex, state);
    if (state.type !== 'accepted') {
      this.#memory.reports.forget(smscId, part.destination, part.state.stamp, match.textId, match.partIndex);
    }
    this.#keep(text, match.isAmbiguous ? withMark(told, 'ambiguous') : told, turn, now);
  }

  tick(turn: Turn, now: Instant): void {
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    this.#sweepAt = undefined;
    for (const text of [...this.#memory.openTexts.values()]) this.#sweep(text, turn, now);
    this.#sweepAt = this.#detours.ask(turn, now);
    if (this.#memory.reports.earlyCount === 0) return;
    const { dropped, prolonged } = this.#memory.reports.expire(now, (key) => this.#memory.unsettled.has(key));
    for (const report of prolonged) turn.put(keys.earlyReport(report.number), earlyReportValue(report));
    for (const report of dropped) {
      turn.delete(keys.earlyReport(report.number));
      turn.log(logEvent('info', 'im.report-dropped', { smsc: report.smscId, to: maskAddress(report.destination) }));
    }
  }

  #sweep(text: OpenText, turn: Turn, now: Instant): void {
    if (!hasLeft(text)) return;
    if (now >= later(text.validUntil, closeAfterMs)) {
      this.#memory.close(text);
      this.#leaveTrail(text, turn);
    } else if (!text.isOverdue && now >= later(text.validUntil, reportGraceMs)) {
      this.#keep(text, { ...text, isOverdue: true }, turn, now);
    }
  }

  /** Writes down a changed text, and tells its user if it shows. */
  #keep(before: OpenText, ended: OpenText, turn: Turn, now: Instant): void {
    const reached = stepOf(ended);
    const after = reached.step === 'accepted' && isClosed(ended) ? withMark(ended, 'no-report') : ended;
    const { view } = after;
    // What may still go on through another SMSC has not failed; later parts of it decide.
    const isWaiting = reached.step === 'failed' && !isClosed(after) && this.#nextSmsc(after) !== undefined;
    const { step, reason } = isWaiting ? view : reached;
    const isShown = step !== view.step || reason?.code !== view.reason?.code || after.view.marks !== before.view.marks;
    let next = step === view.step ? after : withReached(after, { step, at: now });
    if (isShown) {
      const changed = { ...view, step, reason };
      next = { ...next, view: after.user === '' ? changed : this.#texts.change(after.user, changed, turn) };
    }
    if (isClosed(next)) {
      this.#memory.close(before);
      this.#leaveTrail(next, turn);
    } else {
      this.#memory.keepOpen(next);
      turn.put(keys.openText(view.id), openTextValue(next));
    }
  }

  /** Nothing more is learned of it: what is known goes from what is live to what is history. */
  #leaveTrail(text: OpenText, turn: Turn): void {
    turn.delete(keys.openText(text.view.id));
    if (text.user !== '') turn.put(keys.trail(text.user, text.view.id), trailValue(trailOf(text)));
  }
}
