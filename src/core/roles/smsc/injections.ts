/** Texts that handsets sent: how many of their parts are answered, and what their injector is told in the end. */
import type { Instant } from '../../base/time.ts';
import { cimdErrorMeaning } from '../../codec/error-codes.ts';
import type { Journal } from './journal.ts';
import type { InjectOutcome, InjectRef } from './smsc-io.ts';

interface Injection {
  readonly since: Instant;
  readonly parts: number;
  left: number;
  /** The first 900 of a part that was refused. */
  refusedWith: number | undefined;
}

export class Injections {
  readonly #journal: Journal;
  readonly #open = new Map<InjectRef, Injection>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  begin(ref: InjectRef, parts: number, now: Instant): void {
    this.#open.set(ref, { since: now, parts, left: parts, refusedWith: undefined });
  }

  /** @param refusedWith the application's 900; undefined where it took the part */
  partAnswered(ref: InjectRef, refusedWith: number | undefined, now: Instant): void {
    const injection = this.#open.get(ref);
    if (injection === undefined) return;
    injection.left -= 1;
    injection.refusedWith ??= refusedWith;
    if (injection.left > 0) return;
    const { parts, since, refusedWith: errorCode } = injection;
    this.#end(
      ref,
      errorCode === undefined
        ? { type: 'answered', parts, ms: now - since }
        : { type: 'refused', errorCode, reason: cimdErrorMeaning(errorCode) },
    );
  }

  /** The SMSC itself would not take the text. */
  refuse(ref: InjectRef, reason: string): void {
    this.#end(ref, { type: 'refused', errorCode: undefined, reason });
  }

  #end(ref: InjectRef, outcome: InjectOutcome): void {
    this.#open.delete(ref);
    this.#journal.push({ type: 'injected', ref, outcome });
  }
}
