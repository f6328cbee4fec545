/**
 * When a querying application asks its SMSC for messages (05): at once after the login, again as soon as the message
 * that came was answered, and after a pause when nothing was waiting. Never twice at a time, since parallel requests can
 * bring the same message twice. The packets are the session's.
 * Source: docs/reference/cimd2.md sections 2.1, 2.6 and 5.3.
 */
import { type Instant, later } from '../base/time.ts';

type State =
  | { readonly type: 'off' }
  | { readonly type: 'due'; readonly at: Instant }
  /** 05 is outstanding. */
  | { readonly type: 'asked' }
  /** The answer was positive: a message comes, or came and is being stored. */
  | { readonly type: 'fetching'; readonly until: Instant };

export class Polling {
  readonly #everyMs: number;
  #state: State = { type: 'off' };

  /** @param everyMs pause after nothing was waiting; 0 never polls */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** The session is ready. */
  start(now: Instant): void {
    if (this.#everyMs > 0) this.#state = { type: 'due', at: now };
  }

  /** No more messages are wanted. */
  stop(): void {
    this.#state = { type: 'off' };
  }

  isDue(now: Instant): boolean {
    const at = this.deadline();
    return at !== undefined && at <= now;
  }

  deadline(): Instant | undefined {
    if (this.#state.type === 'due') return this.#state.at;
    return this.#state.type === 'fetching' ? this.#state.until : undefined;
  }

  /** 05 goes out now. */
  asked(): void {
    this.#state = { type: 'asked' };
  }

  /** @param refusedWith the 900 of the answer; undefined where it was positive */
  answered(refusedWith: number | undefined, now: Instant): void {
    if (this.#state.type !== 'asked') return;
    const at = later(now, this.#everyMs);
    this.#state = refusedWith === undefined ? { type: 'fetching', until: at } : { type: 'due', at };
  }

  /** A message was stored and answered, so the next one may come. */
  deliverAnswered(now: Instant): void {
    if (this.#state.type === 'fetching') this.#state = { type: 'due', at: now };
  }
}

/** SPEC: section 2.6: nothing was waiting. The SMSC's answer for it is not specified; these are taken for it. */
export function isNothingWaiting(errorCode: number): boolean {
  return errorCode === 7 || errorCode === 9 || errorCode === 500;
}
