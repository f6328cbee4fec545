/**
 * Whether a text may end otherwise than on its handset: what the SMSC's own records and the clocks of the IM server say
 * of it. Every bad end needs a record of its own. SPEC: DESIGN section 7; reference sections 8.2 and 9.
 */
import { hourMs, type Instant } from '../../core/base/time.ts';
import type { StepReason } from '../../core/im/text.ts';
import type { Happening } from '../happening.ts';
import { clockToleranceMs } from './checker.ts';

/** A text of a person, and where it goes. */
export interface SentText {
  readonly text: string;
  readonly phone: string;
  /** By the clock of the IM server that took it. */
  readonly validUntil: Instant;
}

/** After its validity the absence of a report is shown; even later, reports find nobody. As in `core/im/exchange.ts`. */
const overdueMs = hourMs;
const closedMs = 25 * hourMs;

type Record = 'refused' | 'undelivered' | 'withheld';

export class Endings {
  /** The latest time that any clock of the IM server shows, dead or alive. */
  readonly #latestTime: () => Instant;
  /** By record and number: how many there are, and which texts were explained with them. */
  readonly #records = new Map<string, number>();
  readonly #explained = new Map<string, Set<string>>();

  constructor(latestTime: () => Instant) {
    this.#latestTime = latestTime;
  }

  take(happening: Happening): void {
    if (happening.type === 'report-withheld') this.#add('withheld', happening.to);
    if (happening.type !== 'smsc') return;
    const { event } = happening;
    if (event.type === 'submitted' && event.errorCode !== 0) this.#add('refused', event.to);
    if (event.type === 'undelivered') this.#add('undelivered', event.to);
  }

  /** Why a text cannot have ended so; undefined if it can. */
  objection(sent: SentText, reason: StepReason | undefined): string | undefined {
    const code = reason?.code ?? 'no reason';
    if (code.startsWith('900:')) return this.#isExplained('refused', sent) ? undefined : 'the SMSC refused none such';
    if (code.startsWith('061:')) return this.#isExplained('undelivered', sent) ? undefined : 'the SMSC gave none up';
    if (code === 'expired') return this.#isPast(sent, 0) ? undefined : 'it is still valid';
    if (code === 'no-report') return this.#isPast(sent, overdueMs) ? undefined : 'its report may still come';
    return `${code} is no end`;
  }

  /** Whether nobody can wait for its report any more. */
  isReportGone(sent: SentText): boolean {
    return this.#isPast(sent, closedMs) || this.#isExplained('withheld', sent);
  }

  #isPast({ validUntil }: SentText, byMs: number): boolean {
    return this.#latestTime() + clockToleranceMs >= validUntil + byMs;
  }

  #add(record: Record, number: string): void {
    const name = `${record} ${digitsOf(number)}`;
    this.#records.set(name, (this.#records.get(name) ?? 0) + 1);
  }

  #isExplained(record: Record, { text, phone }: SentText): boolean {
    const name = `${record} ${digitsOf(phone)}`;
    const texts = this.#explained.get(name) ?? new Set();
    this.#explained.set(name, texts.add(text));
    return texts.size <= (this.#records.get(name) ?? 0);
  }
}

function digitsOf(number: string): string {
  return number.replace('+', '');
}
