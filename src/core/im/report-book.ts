/**
 * Finds the part that a status report speaks of. The key is destination and service-centre time stamp, one second fine;
 * a report may come before the answer that tells the stamp, so early ones are kept. SPEC: reference section 8.4.
 */
import { hourMs, type Instant, later } from '../base/time.ts';
import type { StatusReport } from '../message/message.ts';
import { digitsOf } from './address.ts';
import type { TextId } from './text.ts';

/** More unmatched reports than this are not kept; the oldest goes. */
export const earlyReportCount = 4_096;
/** SPEC: DESIGN section 11: kept as long as a message to that address is unsettled, and for so long after that. */
export const earlyKeepMs = hourMs;

interface Expected {
  readonly textId: TextId;
  readonly partIndex: number;
  readonly destination: string;
}

export interface EarlyReport {
  /** Counts up; names its record. */
  readonly number: number;
  readonly smscId: string;
  readonly destination: string;
  readonly stamp: string;
  readonly status: number;
  readonly error: number | undefined;
  readonly keepUntil: Instant;
}

export interface Match {
  readonly textId: TextId;
  readonly partIndex: number;
  /** Others waited under the same key; the first one got it. */
  readonly isAmbiguous: boolean;
}

/**
 * The same for every spelling of the destination. SPEC: reference section 8.4 advises the last 7–9 digits; the exact
 * spelling only decides among several.
 */
function keyOf(smscId: string, destination: string, stamp: string): string {
  return `${destinationKey(smscId, destination)} ${stamp}`;
}

export function destinationKey(smscId: string, destination: string): string {
  return `${smscId} ${digitsOf(destination).slice(-9)}`;
}

export class ReportBook {
  readonly #expected = new Map<string, readonly Expected[]>();
  readonly #early = new Map<number, EarlyReport>();
  readonly #earlyByKey = new Map<string, readonly number[]>();
  #lastNumber = 0;

  /** From now on a report with this stamp is meant for this part. */
  expect(smscId: string, destination: string, stamp: string, textId: TextId, partIndex: number): void {
    const key = keyOf(smscId, destination, stamp);
    this.#expected.set(key, [...(this.#expected.get(key) ?? []), { textId, partIndex, destination }]);
  }

  forget(smscId: string, destination: string, stamp: string, textId: TextId, partIndex: number): void {
    const key = keyOf(smscId, destination, stamp);
    const rest = (this.#expected.get(key) ?? []).filter((one) => one.textId !== textId || one.partIndex !== partIndex);
    if (rest.length === 0) this.#expected.delete(key);
    else this.#expected.set(key, rest);
  }

  /** First come, first served; an exact spelling of the destination goes first. Forgets nothing. */
  match(smscId: string, report: StatusReport): Match | undefined {
    const candidates = this.#expected.get(keyOf(smscId, report.destination, report.stamp.digits)) ?? [];
    const exact = candidates.filter((one) => one.destination === report.destination);
    const chosen = exact.length > 0 ? exact : candidates;
    const first = chosen[0];
    return first && { textId: first.textId, partIndex: first.partIndex, isAmbiguous: chosen.length > 1 };
  }

  /** @returns the kept report with its number, and the one that had to go for it */
  keep(
    smscId: string,
    report: StatusReport,
    keepUntil: Instant,
  ): { readonly kept: EarlyReport; readonly dropped: EarlyReport | undefined } {
    const kept: EarlyReport = {
      number: this.#lastNumber + 1,
      smscId,
      destination: report.destination,
      stamp: report.stamp.digits,
      status: report.status,
      error: report.error,
      keepUntil,
    };
    const oldest = this.#early.size >= earlyReportCount ? this.#early.values().next().value : undefined;
    if (oldest !== undefined) this.#drop(oldest);
    this.restore(kept);
    return { kept, dropped: oldest };
  }

  /** Puts back what was kept before a restart, in order of number. */
  restore(report: EarlyReport): void {
    this.#lastNumber = Math.max(this.#lastNumber, report.number);
    this.#early.set(report.number, report);
    const key = keyOf(report.smscId, report.destination, report.stamp);
    this.#earlyByKey.set(key, [...(this.#earlyByKey.get(key) ?? []), report.number]);
  }

  /** Takes the oldest report that came before this stamp was known. */
  takeEarly(smscId: string, destination: string, stamp: string): EarlyReport | undefined {
    const number = this.#earlyByKey.get(keyOf(smscId, destination, stamp))?.[0];
    const report = number === undefined ? undefined : this.#early.get(number);
    if (report !== undefined) this.#drop(report);
    return report;
  }

  /**
   * Takes all that nobody asked for in time. Those that may still be asked for are kept for longer.
   *
   * @param isAwaited whether a message to this key's destination is unsettled: its stamp may be the one of the report
   */
  expire(
    now: Instant,
    isAwaited: (destinationKey: string) => boolean,
  ): { readonly dropped: readonly EarlyReport[]; readonly prolonged: readonly EarlyReport[] } {
    const dropped: EarlyReport[] = [];
    const prolonged: EarlyReport[] = [];
    for (const report of [...this.#early.values()]) {
      if (report.keepUntil > later(now, earlyKeepMs / 2)) continue;
      if (isAwaited(destinationKey(report.smscId, report.destination))) {
        const longer = { ...report, keepUntil: later(now, earlyKeepMs * 1.5) };
        this.#early.set(report.number, longer);
        prolonged.push(longer);
      } else if (report.keepUntil <= now) {
        this.#drop(report);
        dropped.push(report);
      }
    }
    return { dropped, prolonged };
  }

  /** The stamp of the reports kept for this destination, if they all have the same. */
  onlyStampFor(smscId: string, destination: string): string | undefined {
    const key = destinationKey(smscId, destination);
    const stamps = new Set<string>();
    for (const report of this.#early.values()) {
      if (destinationKey(report.smscId, report.destination) === key) stamps.add(report.stamp);
    }
    const [stamp] = stamps;
    return stamps.size === 1 ? stamp : undefined;
  }

  get earlyCount(): number {
    return this.#early.size;
  }

  #drop(report: EarlyReport): void {
    this.#early.delete(report.number);
    const key = keyOf(report.smscId, report.destination, report.stamp);
    const rest = (this.#earlyByKey.get(key) ?? []).filter((number) => number !== report.number);
    if (rest.length === 0) this.#earlyByKey.delete(key);
    else this.#earlyByKey.set(key, rest);
  }
}
