/**
 * Stays logged in at an SMSC and hands out what it sends: each deliver and report is printed first, and answered when the
 * print is out of our hands. Until then the SMSC keeps it. What is printed is `listen-documents.ts`.
 * SPEC: docs/reference/cimd2.md sections 2.6, 2.9 and 2.10.
 */
import { later } from '../../core/base/time.ts';
import type { Packet, Parameter } from '../../core/codec/packet.ts';
import { type Joined, Joiner } from '../../core/message/join.ts';
import { systemClock } from '../../shell/clock.ts';
import { deferred } from './deferred.ts';
import { readIncoming } from './incoming-reading.ts';
import type { Reading } from './listen-documents.ts';
import type { PacketLine } from './packet-text.ts';
import { refusalWords } from './refusal-words.ts';
import { type Incoming, openSmscSession, type SmscLogin, type SmscSession } from './smsc-session.ts';

const deliver = 20;

export interface ListenOptions {
  readonly login: SmscLogin;
  readonly reconnect: 'once' | 'forever';
  /** A number is the 900 of the answers to delivers; reports have no negative answer (section 2.10). */
  readonly answer: 'yes' | 'nothing' | number;
  /** Ends after so many; undefined goes on. */
  readonly count: number | undefined;
  /** How often to ask for what waits, for a querying account; undefined waits for the SMSC to begin. */
  readonly pollMs: number | undefined;
  readonly join: 'parts' | 'texts';
  /** Aborted when it is to end. */
  readonly stop: AbortSignal;
  readonly on: ListenEvents;
}

export interface ListenEvents {
  readonly loggedIn: () => void;
  /** Prints it; resolves when that is written, rejects where nobody takes it. Nothing is answered before. */
  readonly delivery: (packet: Packet, reading: Reading) => Promise<void>;
  readonly report: (packet: Packet, reading: Reading) => Promise<void>;
  readonly text: (joined: Joined) => Promise<void>;
  readonly notice: (text: string) => void;
  readonly packet: (line: PacketLine) => void;
}

export interface ListenOutcome {
  readonly deliveries: number;
  readonly reports: number;
  /** `lost`: the session ended, and there was to be no other one. `unread`: nobody takes the output any more. */
  readonly end: 'wanted' | 'lost' | 'unread';
  readonly reason: string;
}

/** @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4) for the first login */
export async function listen(options: ListenOptions): Promise<ListenOutcome> {
  const listener = new Listener(options);
  return listener.run();
}

class Listener {
  readonly #options: ListenOptions;
  readonly #now = systemClock();
  readonly #joiner = new Joiner();
  readonly #over = deferred<Pick<ListenOutcome, 'end' | 'reason'>>();
  /** Printed one behind the other, in order of arrival; no more wait than the window, because the SMSC waits too. */
  #printing: Promise<void> = Promise.resolve();
  #taken = 0;
  #deliveries = 0;
  #reports = 0;
  /** What came with the answer to the login is here before the session is. */
  readonly #opened = deferred<SmscSession>();
  #lastPollRefusal: number | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  async run(): Promise<ListenOutcome> {
    const { login, reconnect, pollMs, stop, on } = this.#options;
    const session = await openSmscSession({
      ...login,
      reconnect,
      pollMs,
      on: {
        packet: on.packet,
        incoming: (incoming) => this.#take(incoming),
        lost: (reason) => {
          if (reconnect === 'forever') on.notice(`The session was lost: ${reason} Logging in again.`);
        },
        loggedInAgain: () => on.notice('Logged in again.'),
        windowRefused: on.notice,
        pollRefused: (errorCode) => this.#tellPollRefusal(errorCode),
      },
    });
    this.#opened.resolve(session);
    on.loggedIn();
    stop.addEventListener('abort', () => this.#end('wanted', 'stopped'), { once: true });
    if (stop.aborted) this.#end('wanted', 'stopped');
    void session.ended().then(({ reason }) => this.#end('lost', reason));
    const end = await this.#over.promise;
    session.stopPolling();
    // What is being printed is answered before the logout; what comes now is left to the SMSC.
    await this.#printing;
    await session.close();
    await this.#tellGaps();
    return { deliveries: this.#deliveries, reports: this.#reports, ...end };
  }

  #take(incoming: Incoming): void {
    const { count } = this.#options;
    if (this.#over.isSettled || (count !== undefined && this.#taken >= count)) return;
    this.#taken += 1;
    this.#printing = this.#printing.then(async () => {
      // Nothing behind a print that failed is taken: it would be answered without having been seen.
      if (this.#over.isSettled && (await this.#over.promise).end === 'unread') return;
      try {
        await this.#printAndAnswer(incoming);
      } catch (error) {
        this.#end('unread', error instanceof Error ? error.message : String(error));
      }
    });
  }

  async #printAndAnswer({ token, packet }: Incoming): Promise<void> {
    const { on, answer, count, join } = this.#options;
    const isDeliver = packet.operation === deliver;
    const reading = readIncoming(packet, this.#now());
    await (isDeliver ? on.delivery(packet, reading) : on.report(packet, reading));
    if (isDeliver) this.#deliveries += 1;
    else this.#reports += 1;
    const session = await this.#opened.promise;
    const isLast = count !== undefined && this.#deliveries + this.#reports >= count;
    // With the answer the next message would be asked for.
    if (isLast) session.stopPolling();
    if (answer !== 'nothing') session.answer(token, this.#answerTo(isDeliver));
    if (isDeliver && join === 'texts' && reading.type === 'read' && reading.message.part !== undefined) {
      await this.#tellTexts(this.#joiner.add(reading.message, this.#now()).joined);
    }
    if (isLast) this.#end('wanted', 'count reached');
  }

  #answerTo(isDeliver: boolean): readonly Parameter[] {
    const { answer } = this.#options;
    return isDeliver && typeof answer === 'number' ? [{ code: 900, value: String(answer) }] : [];
  }

  /** Once, as long as it stays the same. */
  #tellPollRefusal(errorCode: number): void {
    if (errorCode === this.#lastPollRefusal) return;
    this.#lastPollRefusal = errorCode;
    this.#options.on.notice(`The SMSC refused the delivery request: ${refusalWords(errorCode)}.`);
  }

  async #tellTexts(texts: readonly Joined[]): Promise<void> {
    for (const text of texts) await this.#options.on.text(text);
  }

  /** Texts that did not become whole while we listened: with their gaps. */
  async #tellGaps(): Promise<void> {
    const [last] = this.#joiner
      .waiting()
      .map(({ arrivedAt }) => arrivedAt)
      .slice(-1);
    if (last === undefined) return;
    await this.#tellTexts(this.#joiner.expire(later(last, Number.MAX_SAFE_INTEGER / 2))).catch(() => undefined);
  }

  #end(end: ListenOutcome['end'], reason: string): void {
    if (!this.#over.isSettled) this.#over.resolve({ end, reason });
  }
}
