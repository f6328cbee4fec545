/**
 * One handset of a running simulator, over its control socket: what comes to it, what it sends and what becomes of that,
 * its state. Events in, calls out; how it looks is the owner's business.
 */
import { OperatorError } from '../../core/base/errors.ts';
import type { HandsetState } from '../../core/roles/smsc/settings.ts';
import type { QueuedMessage } from '../../core/roles/smsc/smsc-io.ts';
import { callControl, openControlStream } from '../../shell/control-client.ts';

/** A text that came. Times are ISO 8601. */
export interface HandsetText {
  readonly from: string;
  readonly text: string;
  readonly stamps: readonly string[];
  readonly at: string;
  readonly repeats: number;
  /** 0 is flash. */
  readonly messageClass?: number;
  readonly kind?: 'text' | 'binary';
}

export interface HandsetStatus {
  readonly number: string;
  readonly state: HandsetState['type'];
  readonly received: number;
  readonly waiting: number;
  readonly inbox: readonly HandsetText[];
  /** Oldest first; times are milliseconds since 1970. */
  readonly queue: readonly QueuedMessage[];
}

/** What became of a text that the handset sent. */
export type SentOutcome =
  | { readonly result: 'answered'; readonly parts: number; readonly ms: number }
  /** `errorCode`: the application's 900; absent where the SMSC itself would not take the text. */
  | { readonly result: 'refused'; readonly errorCode?: number; readonly reason: string }
  | { readonly result: 'waiting' };

export interface HandsetEvents {
  readonly received: (text: HandsetText) => void;
  /** Somebody switched it: this handset's owner or another. */
  readonly state: (state: HandsetState['type']) => void;
  /** An attempt to reach it failed, or was the last; `error` is 062. */
  readonly missed: (missed: { readonly type: 'put-off' | 'undelivered'; readonly error: number }) => void;
  /** The simulator ended. */
  readonly gone: (error: OperatorError) => void;
}

type Injected = SentOutcome & { readonly ref: number; readonly schema?: string };

/** How long one question for outcomes may stay open. */
const outcomeWaitMs = 10_000;

export class HandsetClient {
  readonly #stateDir: string;
  readonly #number: string;
  readonly #events: AsyncGenerator<unknown, void, void>;
  /** Ends the events: without it the process would live until the next one. */
  readonly #stop: AbortController;
  #isClosed = false;

  private constructor(
    stateDir: string,
    number: string,
    events: AsyncGenerator<unknown, void, void>,
    stop: AbortController,
  ) {
    this.#stop = stop;
    this.#stateDir = stateDir;
    this.#number = number;
    this.#events = events;
  }

  /**
   * Makes the handset if the simulator has none of that number, and listens.
   *
   * @throws OperatorError `CONTROL_UNREACHABLE`, exit status 5
   */
  static async open(stateDir: string, number: string): Promise<HandsetClient> {
    await makeIfMissing(stateDir, number);
    const stop = new AbortController();
    const events = await openControlStream(stateDir, 'GET /events', { signal: stop.signal });
    return new HandsetClient(stateDir, number, events, stop);
  }

  /** Tells of all that happens from now on, until {@link close} or the simulator's end. */
  listen(on: HandsetEvents): void {
    this.#read(on).then(
      () => this.#gone(on, undefined),
      (error: unknown) => this.#gone(on, error),
    );
  }

  async status(): Promise<HandsetStatus> {
    // Our own process on the other end of a socket that only this user can open.
    const status = (await this.#call(`GET /handset?number=${digitsOf(this.#number)}`)) as Partial<HandsetStatus>;
    const { number = this.#number, state = 'on', received = 0, waiting = 0, inbox = [], queue = [] } = status;
    return { number, state, received, waiting, inbox, queue };
  }

  async setState(state: HandsetState): Promise<void> {
    const ms = state.type === 'slow' ? { ms: state.ms } : {};
    await this.#call('POST /handset', { number: this.#number, state: state.type, ...ms });
  }

  /** @returns the ref of the text, and its outcome where that is known at once */
  async send(to: string, text: string): Promise<SentOutcome & { readonly ref: number }> {
    // As above.
    const answer = (await this.#call('POST /inject', { from: this.#number, to, text })) as Injected;
    // Whoever passes an outcome on says himself what it is.
    const { schema: _, ...outcome } = answer;
    return outcome;
  }

  /** @returns what became of it, `waiting` if nothing did within `timeoutMs` */
  async outcome(ref: number, timeoutMs: number): Promise<SentOutcome> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const waitMs = Math.min(outcomeWaitMs, Math.max(0, Math.round(end - performance.now())));
      const answer = Object(await this.#call('POST /injections', { refs: [ref], timeoutMs: waitMs }));
      // As above.
      const [outcome = { result: 'waiting' }] = answer.injections as readonly SentOutcome[];
      if (outcome.result !== 'waiting' || this.#isClosed || performance.now() >= end) return outcome;
    }
  }

  /** Sessions of applications that are logged in now. */
  async sessionCount(): Promise<number> {
    return Number(Object(await this.#call('GET /counts')).sessions);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop.abort();
  }

  async #read(on: HandsetEvents): Promise<void> {
    for await (const value of this.#events) {
      if (this.#isClosed) return;
      const event = Object(value);
      if (event.type === 'received' && this.#isOwn(event.to)) on.received(event);
      if (event.type === 'handset' && this.#isOwn(event.number)) on.state(event.state);
      if ((event.type === 'put-off' || event.type === 'undelivered') && this.#isOwn(event.to)) on.missed(event);
    }
  }

  #gone(on: HandsetEvents, cause: unknown): void {
    if (this.#isClosed) return;
    on.gone(
      new OperatorError({
        code: 'CONTROL_UNREACHABLE',
        message: 'The simulator has ended, and the handset with it.',
        hint: 'Start it again with `ringbridge smsc start`.',
        exitStatus: 5,
        retryable: true,
        cause,
      }),
    );
  }

  #isOwn(number: unknown): boolean {
    return typeof number === 'string' && digitsOf(number) === digitsOf(this.#number);
  }

  #call(call: `GET /${string}` | `POST /${string}`, body?: object): Promise<unknown> {
    return callControl(this.#stateDir, call, body);
  }
}

/** A handset is one whether it is written with or without `+` and hyphens. */
function digitsOf(address: string): string {
  return address.replaceAll(/[+-]/g, '');
}

async function makeIfMissing(stateDir: string, number: string): Promise<void> {
  try {
    await callControl(stateDir, `GET /handset?number=${digitsOf(number)}`);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'CONTROL_BAD_REQUEST') throw error;
    await callControl(stateDir, 'POST /handset', { number, state: 'on' });
  }
}
