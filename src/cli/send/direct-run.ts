/**
 * One call of `cimd2 send` to an SMSC, from the composed messages to the exit status: log in, send, wait, log out, tell.
 * Flags and arguments are the command's; what is told in which words is `send-output.ts`.
 */
import { setMaxListeners } from 'node:events';
import { OperatorError } from '../../core/base/errors.ts';
import { encodePacket } from '../../core/codec/encode.ts';
import type { Packet } from '../../core/codec/packet.ts';
import { systemClock } from '../../shell/clock.ts';
import { waitForShutdown } from '../../shell/signals.ts';
import { formatPacketLine, type PacketLine, spellPacket } from '../cimd2/packet-text.ts';
import { openSmscSession, type SmscLogin, type SmscSession } from '../cimd2/smsc-session.ts';
import type { Painter } from '../colour.ts';
import { exitStatus } from '../exit-status.ts';
import { badLine } from './batch.ts';
import { type ComposeContext, type ComposeOptions, composeMessage, type WireCoding } from './compose.ts';
import { type DirectOptions, type Outgoing, sendDirect } from './direct.ts';
import { countStatuses, exitStatusOf, type MessageOutcome, type RepeatOutcome, statusOf } from './outcome.ts';
import { Progress } from './progress.ts';
import { ReportWatch } from './report-watch.ts';
import { errorOf } from './send-errors.ts';
import * as output from './send-output.ts';
import { askZone } from './zone.ts';

/** A message before it is composed, and how its results name it. */
export interface Job {
  /** The running number, or the line of a batch; from 1. */
  readonly place: number;
  /** What a batch calls it. */
  readonly id: string | undefined;
  readonly message: ComposeOptions;
}

/** Where the command prints; notices go to stderr, nothing of them under `--json`. */
export interface SendScreen {
  readonly paint: Painter;
  readonly isJson: boolean;
  readonly line: (text: string) => void;
  readonly notice: (text: string) => void;
  /** One document on one line, under `--json` only. */
  readonly document: (document: object) => void;
  readonly spin: <T>(text: string, work: () => Promise<T>) => Promise<T>;
}

export interface DirectRun {
  readonly login: SmscLogin;
  /** At least one. */
  readonly jobs: Jobs;
  readonly pace: number | undefined;
  readonly repeat: number;
  readonly wait: 'accepted' | 'delivered';
  readonly reportTimeoutMs: number;
  readonly others: 'leave' | 'take';
  readonly packets: 'show' | 'hide';
  readonly screen: SendScreen;
}

/** `single`: one text, `count` times. `batch`: the lines of a file. */
export interface Jobs {
  readonly type: 'single' | 'batch';
  readonly count: number;
  readonly all: () => Iterable<Job>;
}

/**
 * Whether all of it can be sent, as far as that can be told without the SMSC.
 *
 * @param file of a batch, to name in what is wrong with it
 * @throws OperatorError as `composeMessage`
 */
export function checkJobs(jobs: Jobs, file: string | undefined): void {
  const now = systemClock()();
  for (const { place, message } of jobs.all()) {
    // Of one text many times the last has the most digits in it.
    if (jobs.type === 'single' && place !== 1 && place !== jobs.count) continue;
    try {
      composeMessage(message, { now, zoneOffsetMinutes: 0 });
    } catch (error) {
      if (file === undefined || !(error instanceof OperatorError)) throw error;
      throw badLine(file, place, error.message.replace(/\.? Nothing was sent\.$/, ''));
    }
  }
}

/** @returns the exit status @throws OperatorError for a single message that came to nothing */
export async function runDirect(run: DirectRun): Promise<number> {
  const { jobs, screen, login } = run;
  const now = systemClock();
  const [first] = jobs.all();
  if (first === undefined) return exitStatus.done;
  const firstComposed = composeMessage(first.message, { now: now(), zoneOffsetMinutes: 0 });
  if (jobs.type === 'single') for (const notice of firstComposed.notices) screen.notice(notice);
  const telling = new Telling(run, firstComposed.coding);

  const others: string[] = [];
  const watch = new ReportWatch({
    others: run.others,
    onOther: (packet) => {
      const spelled = spellPacket(encodePacket(packet, { checksum: 'send' }));
      if (run.others === 'take') others.push(spelled);
      telling.notice(otherNotice(packet, run.others === 'take' ? spelled : undefined));
    },
    answer: (token) => session.answer(token, []),
  });
  const session: SmscSession = await screen.spin('connecting to the SMSC', () =>
    openSmscSession({
      ...login,
      reconnect: 'once',
      on: {
        packet: (packet) => telling.packet(packet),
        incoming: (incoming) => watch.take(incoming),
        withdrawn: (token) => watch.withdrawn(token),
        windowRefused: (text) => telling.notice(text),
      },
    }),
  );
  const { outcomes, wasStopped } = await whileNotStopped(async (stop) => {
    const zoneOffsetMinutes = isZoneNeeded(jobs) ? await askZone(session, now) : 0;
    const context = () => ({ now: now(), zoneOffsetMinutes });
    return sendDirect(session, {
      ...directOptions(run, telling, watch),
      messages: compose(jobs, context, telling),
      stop,
    });
  }).finally(() => session.close());
  if (wasStopped) telling.notice('Interrupted: nothing more was sent, and what was on the way is told above.');
  return telling.end(outcomes, others);
}

/** What is said while it runs, and at the end. */
class Telling {
  readonly #run: DirectRun;
  readonly #firstCoding: WireCoding;
  readonly #progress: Progress | undefined;
  readonly #packets: PacketLine[] = [];
  readonly #repeats: RepeatOutcome[] = [];
  /** Of a batch, by place: what its lines are called until their result, or with it their report, is told. */
  readonly #begun = new Map<
    number,
    { readonly job: Job; readonly coding: WireCoding; readonly notices: readonly string[] }
  >();
  #messageDocuments: object[] = [];

  constructor(run: DirectRun, firstCoding: WireCoding) {
    this.#run = run;
    this.#firstCoding = firstCoding;
    const isBar = run.jobs.type === 'batch' && process.stderr.isTTY === true && !run.screen.isJson;
    this.#progress = isBar ? new Progress(process.stderr, run.jobs.count) : undefined;
  }

  begun(job: Job, coding: WireCoding, notices: readonly string[]): void {
    if (this.#run.jobs.type === 'batch') this.#begun.set(job.place, { job, coding, notices });
  }

  packet(line: PacketLine): void {
    if (this.#run.packets === 'hide') return;
    if (this.#run.screen.isJson) this.#packets.push(line);
    else this.#line(this.#run.screen.paint.dim(formatPacketLine(line)));
  }

  notice(text: string): void {
    this.#progress?.clear();
    this.#run.screen.notice(text);
  }

  message({ place, destinations }: Outgoing, outcomes: readonly MessageOutcome[]): void {
    const { screen, wait, jobs } = this.#run;
    const begun = this.#begun.get(place);
    const context = this.#context(place, destinations);
    const isWell = outcomes.every(({ parts }) => parts.every((part) => part.type === 'accepted'));
    this.#progress?.count(isWell ? 'well' : 'troubled');
    if (jobs.type === 'batch') {
      this.#begun.delete(place);
      if (wait === 'delivered' && begun !== undefined) this.#begun.set(place, begun);
      for (const outcome of outcomes) {
        screen.document({
          schema: 'cimd2.send.line/1',
          line: place,
          ...(begun?.job.id === undefined ? {} : { id: begun.job.id }),
          coding: context.coding,
          // Its reports come later, as documents of their own.
          ...output.messageDocument(outcome, { ...context, destinations: 'several', wait: 'accepted' }),
          ...(begun === undefined || begun.notices.length === 0 ? {} : { notices: begun.notices }),
        });
      }
      // The bar counts those that went well.
      if (this.#progress !== undefined && isWell) return;
    }
    // A single message that came to nothing is told as an error at the end.
    if (this.#isOnlyOne(destinations) && !outcomes.some(hasAccepted)) return;
    for (const outcome of outcomes) {
      for (const line of output.partLines(outcome, context, screen.paint)) this.#line(line);
    }
  }

  repeat({ place, destinations }: Outgoing, outcome: RepeatOutcome): void {
    this.#repeats.push(outcome);
    this.#line(output.repeatLine(outcome, this.#context(place, destinations), this.#run.screen.paint));
  }

  report({ place, destinations }: Outgoing, to: string, report: MessageOutcome['reports'][number]): void {
    const context = this.#context(place, destinations);
    if (this.#run.jobs.type === 'batch') {
      const id = this.#begun.get(place)?.job.id;
      const whose = { line: place, ...(id === undefined ? {} : { id }), to };
      this.#run.screen.document({ schema: 'cimd2.send.report/1', ...whose, ...output.reportDocument(report) });
    }
    if (this.#progress !== undefined && report.status === 4) return;
    this.#line(output.reportLine(to, report, context, this.#run.screen.paint));
  }

  /** @returns the exit status @throws OperatorError for the only message, if it came to nothing */
  end(outcomes: readonly MessageOutcome[], others: readonly string[]): number {
    this.#progress?.clear();
    const { jobs, wait, screen, packets } = this.#run;
    const [only] = outcomes;
    const isOnlyOne = jobs.type === 'single' && outcomes.length === 1;
    const error = isOnlyOne && only !== undefined ? errorOf(only, wait) : undefined;
    if (error !== undefined) throw error;
    const statuses = outcomes.map((outcome) => statusOf(outcome, wait));
    const counts = countStatuses(statuses);
    if (counts['unreported'] !== undefined) screen.notice(unreportedNotice(counts['unreported'], outcomes.length));
    if (jobs.type === 'single') {
      const destinations = [...new Set(outcomes.map(({ to }) => to))];
      const context = this.#context(1, destinations);
      this.#messageDocuments = outcomes.map((outcome) => output.messageDocument(outcome, context));
    }
    screen.document({
      schema: 'cimd2.send/1',
      ...(jobs.type === 'single'
        ? { to: toOf(outcomes), coding: this.#firstCoding, count: jobs.count, counts, messages: this.#messageDocuments }
        : { count: jobs.count, counts }),
      ...(this.#repeats.length > 0 ? { repeats: this.#repeats.map(output.repeatDocument) } : {}),
      ...(packets === 'show' ? { packets: this.#packets } : {}),
      ...(this.#run.others === 'take' ? { others } : {}),
    });
    if (outcomes.length > 1 || jobs.type === 'batch') {
      const words = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
      screen.line(words.join(', '));
    }
    const status = exitStatusOf(statuses);
    const isRepeatWrong = this.#repeats.some(({ type }) => type !== 'same');
    return status === exitStatus.done && isRepeatWrong ? exitStatus.checkFailed : status;
  }

  #context(place: number, destinations: readonly string[]): output.SendContext {
    const { jobs, wait } = this.#run;
    const label = jobs.type === 'batch' ? `line ${place}` : jobs.count === 1 ? '' : `#${place}`;
    return {
      label,
      wait,
      coding: this.#begun.get(place)?.coding ?? this.#firstCoding,
      destinations: destinations.length === 1 && jobs.type === 'single' ? 'one' : 'several',
    };
  }

  #isOnlyOne(destinations: readonly string[]): boolean {
    return this.#run.jobs.type === 'single' && this.#run.jobs.count === 1 && destinations.length === 1;
  }

  #line(text: string): void {
    this.#progress?.clear();
    this.#run.screen.line(text);
  }
}

function directOptions(run: DirectRun, telling: Telling, watch: ReportWatch): Omit<DirectOptions, 'messages' | 'stop'> {
  return {
    window: run.login.window,
    pace: run.pace,
    repeat: run.repeat,
    wait: run.wait,
    watch,
    answerTimeoutMs: run.login.answerTimeoutMs,
    reportTimeoutMs: run.reportTimeoutMs,
    onMessage: (message, outcomes) => telling.message(message, outcomes),
    onRepeat: (message, outcome) => telling.repeat(message, outcome),
    onReport: (message, to, report) => telling.report(message, to, report),
  };
}

function* compose(jobs: Jobs, context: () => ComposeContext, telling: Telling): Generator<Outgoing> {
  for (const job of jobs.all()) {
    const { coding, submits, notices } = composeMessage(job.message, context());
    telling.begun(job, coding, notices);
    yield { place: job.place, destinations: job.message.to, submits };
  }
}

function isZoneNeeded(jobs: Jobs): boolean {
  for (const { message } of jobs.all()) {
    if (message.validity?.type === 'absolute' || message.firstDelivery?.type === 'absolute') return true;
    // Of a single text all are alike.
    if (jobs.type === 'single') return false;
  }
  return false;
}

/** A first signal aborts `stop`; a second one leaves at once, as the system does by itself. */
async function whileNotStopped(
  work: (stop: AbortSignal) => Promise<readonly MessageOutcome[]>,
): Promise<{ readonly outcomes: readonly MessageOutcome[]; readonly wasStopped: boolean }> {
  const stop = new AbortController();
  // Every message that waits for its time listens.
  setMaxListeners(0, stop.signal);
  const isOver = new AbortController();
  const shutdown = waitForShutdown({
    onDrain: async (cause) => {
      if (cause !== 'asked') stop.abort();
    },
    stop: isOver.signal,
  });
  try {
    return { outcomes: await work(stop.signal), wasStopped: stop.signal.aborted };
  } finally {
    isOver.abort();
    await shutdown;
  }
}

function hasAccepted({ parts }: MessageOutcome): boolean {
  return parts.some((part) => part.type === 'accepted');
}

function toOf(outcomes: readonly MessageOutcome[]): string | readonly string[] {
  const destinations = [...new Set(outcomes.map(({ to }) => to))];
  const [only] = destinations;
  return destinations.length === 1 && only !== undefined ? only : destinations;
}

/** @param taken the packet that was answered; undefined if it was left */
function otherNotice(packet: Packet, taken: string | undefined): string {
  const what = packet.operation === 23 ? 'a status report for another message' : 'a message from a handset';
  return taken === undefined
    ? `The SMSC has ${what} in front; it was left unanswered, so ours may wait behind it (--take-others takes it).`
    : `The SMSC had ${what}; it was taken: ${taken}`;
}

function unreportedNotice(unreported: number, count: number): string {
  const which = count === 1 ? 'No report' : `No report for ${unreported} of ${count}`;
  return `${which} came in time. The SMSC has accepted it: do not send it again because of this.`;
}
