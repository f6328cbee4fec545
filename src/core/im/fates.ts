/**
 * What becomes of texts that departed: outcomes out of the mt rings, status reports, and time. Each change is written
 * down, and told if it shows. Which step the parts add up to is in `open-text.ts`, which part a report is about in
 * `report-book.ts`.
 */
import { logEvent, maskAddress } from '../base/log-event.ts';
import { hourMs, type Instant, later, minuteMs } from '../base/time.ts';
import type { StatusReport } from '../message/message.ts';
import type { Departure } from './departure.ts';
import type { ExchangeInput, ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { isTurnedAway, nextSmsc } from './fallback.ts';
import {
  hasLeft,
  isClosed,
  isOpenEnded,
  type OpenText,
  stateOfOutcome,
  stateOfReport,
  stepOf,
  withMark,
  withPart,
} from './open-text.ts';
import { earlyReportValue, keys, openTextValue } from './records.ts';
import type { Turn } from './turn.ts';
import type { UserTexts } from './user-texts.ts';
import { originatorOf } from './users.ts';
import type { Ways } from './ways.ts';

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
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #texts: UserTexts;
  readonly #departure: Departure;
  readonly #ways: Ways;
  #sweepAt: Instant | undefined;

  constructor({ settings, memory, texts, departure, ways }: FatesRooms) {
    this.#settings = settings;
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

  moved(input: Extract<ExchangeInput, { type: 'moved' }>, turn: Turn): void {
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    let next = input.status === 'in-doubt' ? withPart(text, place.partIndex, { type: 'in-doubt' }) : text;
    if (input.possibleDuplicate) {
      next = withMark(withPart(next, place.partIndex, { type: 'in-doubt' }), 'possible-duplicate');
    }
    if (next !== text) this.#keep(text, next, turn);
  }

  ended(input: Extract<ExchangeInput, { type: 'outcome' }>, turn: Turn, now: Instant): void {
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    const state = stateOfOutcome(input.outcome, input.possibleDuplicate);
    let next = withPart(text, place.partIndex, state);
    if (next === text) return;
    if (input.possibleDuplicate) next = withMark(next, 'possible-duplicate');
    if (state.type === 'accepted' && isOpenEnded(next, state)) {
      const destination = next.parts[place.partIndex]?.destination ?? '';
      const early = this.#memory.reports.takeEarly(input.smscId, destination, state.stamp);
      if (early === undefined) {
        this.#memory.reports.expect(input.smscId, destination, state.stamp, place.textId, place.partIndex);
      } else {
        turn.delete(keys.earlyReport(early.number));
        next = withPart(next, place.partIndex, stateOfReport(next, state, early.status, early.error));
      }
    }
    if (!this.#fallBack(next, turn, now)) this.#keep(text, next, turn);
  }

  /** A text that was turned away as a whole goes on to the next SMSC of its route. @returns whether it did */
  #fallBack(text: OpenText, turn: Turn, now: Instant): boolean {
    if (!isTurnedAway(text) || now >= text.validUntil) return false;
    const smscId = this.#nextSmsc(text);
    if (smscId === undefined) return false;
    const why = stepOf(text).reason?.code;
    turn.log(logEvent('warn', 'im.fallback', { text: text.view.id, from: text.smscId, to: smscId, why }));
    this.#departure.leaveAgain(text, smscId, originatorOf(this.#memory.users.get(text.user)), turn, now);
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
      const keepUntil = later(now, this.#settings.validityMs + reportGraceMs);
      const { kept, dropped } = this.#memory.reports.keep(smscId, report, keepUntil);
      turn.put(keys.earlyReport(kept.number), earlyReportValue(kept));
      if (dropped !== undefined) turn.delete(keys.earlyReport(dropped.number));
      turn.log(logEvent('info', 'im.report-unmatched', { smsc: smscId, to: maskAddress(report.destination) }));
      return;
    }
    const state = stateOfReport(text, part.state, report.status, report.error);
    const told = withPart(text, match.partIndex, state);
    if (state.type !== 'accepted') {
      this.#memory.reports.forget(smscId, part.destination, part.state.stamp, match.textId, match.partIndex);
    }
    this.#keep(text, match.isAmbiguous ? withMark(told, 'ambiguous') : told, turn);
  }

  tick(turn: Turn, now: Instant): void {
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    this.#sweepAt = undefined;
    for (const text of [...this.#memory.openTexts.values()]) this.#sweep(text, turn, now);
    for (const report of this.#memory.reports.expire(now)) {
      turn.delete(keys.earlyReport(report.number));
      turn.log(logEvent('info', 'im.report-dropped', { smsc: report.smscId, to: maskAddress(report.destination) }));
    }
  }

  #sweep(text: OpenText, turn: Turn, now: Instant): void {
    if (!hasLeft(text)) return;
    if (now >= later(text.validUntil, closeAfterMs)) {
      this.#memory.close(text);
      turn.delete(keys.openText(text.view.id));
    } else if (!text.isOverdue && now >= later(text.validUntil, reportGraceMs)) {
      this.#keep(text, { ...text, isOverdue: true }, turn);
    }
  }

  /** Writes down a changed text, and tells its user if it shows. */
  #keep(before: OpenText, after: OpenText, turn: Turn): void {
    const { view } = after;
    const reached = stepOf(after);
    // What may still go on through another SMSC has not failed; later parts of it decide.
    const isWaiting = reached.step === 'failed' && !isClosed(after) && this.#nextSmsc(after) !== undefined;
    const { step, reason } = isWaiting ? view : reached;
    const isShown = step !== view.step || reason?.code !== view.reason?.code || after.view.marks !== before.view.marks;
    let next = after;
    if (isShown) {
      const changed = { ...view, step, reason };
      next = { ...after, view: after.user === '' ? changed : this.#texts.change(after.user, changed, turn) };
    }
    if (isClosed(next)) {
      this.#memory.close(before);
      turn.delete(keys.openText(view.id));
    } else {
      this.#memory.keepOpen(next);
      turn.put(keys.openText(view.id), openTextValue(next));
    }
  }
}
