/**
 * The simulated SMSC with real sockets: carries `core/roles/smsc` and serves its control routes. What the flags of
 * `smsc start` mean is the command's business; nothing is kept on disk but the control socket, and a recording if one is
 * wanted.
 */
import { OperatorError } from '../core/base/errors.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { type NationalLanguages, nationalChoices } from '../core/codec/national-language.ts';
import type { HandsetText } from '../core/roles/smsc/deliver.ts';
import { FaultySmsc } from '../core/roles/smsc/faulty-smsc.ts';
import type { HandsetState } from '../core/roles/smsc/settings.ts';
import type { SmscRole } from '../core/roles/smsc/smsc.ts';
import type {
  InjectOutcome,
  InjectRef,
  SmscCounts,
  SmscEvent,
  SmscInput,
  SmscOutput,
} from '../core/roles/smsc/smsc-io.ts';
import { formatAddress, type TransportAddress } from './address.ts';
import { systemClock } from './clock.ts';
import { type ControlHandler, type ControlRoute, serveControl } from './control.ts';
import { createEventFeed } from './event-feed.ts';
import type { RecordSettings } from './recording/recorder.ts';
import { recordSmsc } from './recording/smsc-recorder.ts';
import { MachineRunner, type Performed } from './runner.ts';
import { makeSmsc, type SmscStart } from './smsc-machine.ts';
import { lockStateDir } from './state-dir.ts';
import { listenTransport } from './tcp.ts';
import type { ListenTls, Transport, TransportHandlers } from './transport.ts';

export interface SmscProcessOptions extends SmscStart {
  readonly listen: TransportAddress;
  /** For `tls://`. */
  readonly tls?: ListenTls;
  readonly stateDir: string;
  /** What the recorder may keep in the state directory; left out, nothing is recorded. */
  readonly record?: RecordSettings | undefined;
  readonly log: (event: LogEvent) => void;
  readonly onEvent: (event: SmscEvent) => void;
  /** A bug; the process is in no state to go on. */
  readonly onBug: (error: unknown) => void;
}

export interface SmscProcess {
  /** With the port it got. */
  readonly address: string;
  counts(): SmscCounts;
  /** Answers what is being answered, closes every connection, lets go of the state directory. */
  drain(): Promise<void>;
}

/** Injections remembered for those who ask what became of them. */
const rememberedInjections = 100_000;
/** What an application may leave unread: several times a full window of the longest delivers. */
const bufferLimitBytes = 1_024 * 1_024;
/** Longest that one request may wait for outcomes. */
const longestWaitMs = 3_600_000;

/**
 * Listens until drained.
 *
 * @throws OperatorError `STORE_BUSY` (exit status 9), `ADDRESS_IN_USE`, `CONFIG_BAD_ADDRESS`
 */
export async function startSmsc(options: SmscProcessOptions): Promise<SmscProcess> {
  const { log, onBug } = options;
  const lock = await lockStateDir(options.stateDir, 'smsc');
  const clock = systemClock();
  const recording =
    options.record === undefined
      ? undefined
      : recordSmsc(options, options.record, { stateDir: lock.stateDir, clock, log });
  const role = recording?.role ?? makeSmsc(options, clock());
  const feed = createEventFeed<object>();
  const injections = new Injections();
  const transports = new Map<number, Transport>();
  let markDrained: () => void = () => undefined;
  const drained = new Promise<void>((resolve) => {
    markDrained = resolve;
  });

  const perform = (output: Performed<SmscOutput>): void => {
    switch (output.type) {
      case 'write':
        transports.get(output.connection)?.write(output.bytes);
        return;
      case 'close':
        if (output.how === 'reset') transports.get(output.connection)?.reset();
        else transports.get(output.connection)?.close();
        return;
      case 'reading':
        if (output.flow === 'pause') transports.get(output.connection)?.pauseReading();
        else transports.get(output.connection)?.resumeReading();
        return;
      case 'event':
        options.onEvent(output.event);
        if (feed.listenerCount > 0) feed.publish(eventDocument(output.event));
        return;
      case 'injected':
        injections.settle(output.ref, output.outcome);
        return;
      case 'drained':
        markDrained();
        return;
    }
  };
  const runner = new MachineRunner<SmscInput, SmscOutput>({
    machine: role,
    clock,
    store: undefined,
    perform,
    log,
    ...(recording === undefined ? {} : { witness: recording.recorder }),
    onBug,
  });

  let lastConnection = 0;
  const accept = (transport: Transport): TransportHandlers => {
    lastConnection += 1;
    const connection = lastConnection;
    transports.set(connection, transport);
    return {
      opened: () => runner.input({ type: 'opened', connection, remote: transport.remote }),
      received: (bytes) => runner.input({ type: 'received', connection, bytes }),
      closed: (reason) => {
        transports.delete(connection);
        runner.input({ type: 'closed', connection, reason });
      },
    };
  };
  const tls = options.tls === undefined ? {} : { tls: options.tls };
  const lineChanged = (state: 'lost' | 'back', reason: string): void => {
    const fields = { address: formatAddress(options.listen), reason };
    log(logEvent(state === 'lost' ? 'warn' : 'info', `smsc.line-${state}`, fields));
  };
  const listener = await listenTransport(options.listen, accept, { ...tls, bufferLimitBytes, lineChanged }).catch(
    async (error: unknown) => {
      runner.stop();
      await lock.release();
      throw error;
    },
  );
  const address = formatAddress(listener.address);

  const inject = (text: HandsetText): InjectRef => {
    const ref = injections.begin();
    runner.input({ type: 'inject', ref, ...text });
    return ref;
  };
  const routes: Record<ControlRoute, ControlHandler> = {
    'GET /status': async () => ({ schema: 'smsc.status/1', role: 'smsc', listen: address, pid: process.pid }),
    'GET /counts': async () => ({
      schema: 'smsc.counts/1',
      ...role.counts(),
      ...(role instanceof FaultySmsc ? { faults: role.faultCounts() } : {}),
    }),
    'GET /handsets': async () => ({ schema: 'smsc.handsets/1', handsets: role.handsets() }),
    'GET /handset': async (_body, query) => handsetDocument(role, query.get('number') ?? ''),
    'GET /events': async () => feed.listen(),
    'POST /handset': async (body) => {
      const input = { number: textOf(body, 'number'), state: stateOf(body) };
      runner.input({ type: 'set-handset', ...input });
      return { schema: 'smsc.handset/1', ...role.handset(input.number), inbox: undefined };
    },
    'POST /cut': async () => {
      runner.input({ type: 'cut' });
      return { schema: 'smsc.cut/1', cuts: role.counts().cuts };
    },
    'POST /inject': async (body) => {
      const addresses = { from: textOf(body, 'from'), to: textOf(body, 'to') };
      const ref = inject({ ...addresses, text: textOf(body, 'text'), national: nationalOf(body) });
      const [injection] = await injections.wait([ref], waitOf(body));
      return { schema: 'smsc.injection/1', ...injection };
    },
    'POST /injections': async (body) => ({
      schema: 'smsc.injections/1',
      injections: await injections.wait(refsOf(body), waitOf(body)),
    }),
  };
  serveControl(lock, routes, { onBug });

  return {
    address,
    counts: () => role.counts(),
    drain: async () => {
      runner.input({ type: 'shut-down' });
      await drained;
      await listener.close();
      feed.close();
      runner.stop();
      await recording?.recorder.close();
      await lock.release();
    },
  };
}

/** What became of a text that a handset sent, as the control routes tell it. */
export type InjectionView = { readonly ref: InjectRef } & (
  | { readonly result: 'answered'; readonly parts: number; readonly ms: number }
  /** `errorCode`: the application's 900; absent where the SMSC itself would not take the text. */
  | { readonly result: 'refused'; readonly errorCode?: number; readonly reason: string }
  | { readonly result: 'waiting' }
);

/** Outcomes by ref, and those who wait for them. */
class Injections {
  readonly #outcomes = new Map<InjectRef, InjectOutcome | undefined>();
  readonly #waiters = new Set<() => void>();
  #last = 0;

  begin(): InjectRef {
    this.#last += 1;
    this.#outcomes.set(this.#last, undefined);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > rememberedInjections && oldest !== undefined) this.#outcomes.delete(oldest);
    return this.#last;
  }

  settle(ref: InjectRef, outcome: InjectOutcome): void {
    if (this.#outcomes.has(ref)) this.#outcomes.set(ref, outcome);
    for (const look of [...this.#waiters]) look();
  }

  /** Resolves when all of them have an outcome, or after `timeoutMs`. */
  wait(refs: readonly InjectRef[], timeoutMs: number): Promise<readonly InjectionView[]> {
    return new Promise((resolve) => {
      let next = 0;
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve(refs.map((ref) => this.#view(ref)));
      };
      const look = (): void => {
        // Each ref is looked at until it is settled, and not again after that.
        while (next < refs.length && this.#outcomes.get(refs[next] ?? 0) !== undefined) next += 1;
        if (next === refs.length) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.#waiters.add(look);
      look();
    });
  }

  #view(ref: InjectRef): InjectionView {
    const outcome = this.#outcomes.get(ref);
    if (outcome === undefined) return { ref, result: 'waiting' };
    if (outcome.type === 'answered') return { ref, result: 'answered', parts: outcome.parts, ms: outcome.ms };
    const { errorCode, reason } = outcome;
    return { ref, result: 'refused', reason, ...(errorCode === undefined ? {} : { errorCode }) };
  }
}

function eventDocument({ at, ...event }: SmscEvent): object {
  return { schema: 'smsc.event/1', ...event, at: new Date(at).toISOString() };
}

function handsetDocument(role: SmscRole | FaultySmsc, number: string): object {
  // A + in a query may arrive as a space; a handset is the same without it.
  const handset = role.handset(number.trim());
  if (handset === undefined) {
    throw badRequest('There is no handset of that number.', 'GET /handsets lists those that are there.');
  }
  const inbox = handset.inbox.map((item) => ({ ...item, at: new Date(item.at).toISOString() }));
  return { schema: 'smsc.handset/1', ...handset, inbox };
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

function textOf(body: unknown, name: string): string {
  const value = fieldOf(body, name);
  if (typeof value === 'string') return value;
  throw badRequest(`"${name}" is missing or no text.`, 'Send a JSON object with it.');
}

/** `off` if absent. */
function nationalOf(body: unknown): NationalLanguages {
  const value = fieldOf(body, 'national') ?? 'off';
  const choice = nationalChoices.find((word) => word === value);
  if (choice !== undefined) return choice;
  throw badRequest(`"national" is none of ${nationalChoices.join(', ')}.`, 'Leave it out for the default alphabet.');
}

/** `timeoutMs`, 0 if absent. */
function waitOf(body: unknown): number {
  const value = fieldOf(body, 'timeoutMs') ?? 0;
  if (typeof value === 'number' && value >= 0 && value <= longestWaitMs) return value;
  throw badRequest('"timeoutMs" is no number of milliseconds.', `Send 0 to ${longestWaitMs}.`);
}

function refsOf(body: unknown): readonly InjectRef[] {
  const refs: unknown = fieldOf(body, 'refs');
  if (Array.isArray(refs) && refs.every((ref): ref is number => typeof ref === 'number')) return refs;
  throw badRequest('"refs" is no list of numbers.', 'Send those that POST /inject gave.');
}

function stateOf(body: unknown): HandsetState {
  const state = textOf(body, 'state');
  if (state === 'on' || state === 'off' || state === 'full' || state === 'unknown') return { type: state };
  const ms = fieldOf(body, 'ms');
  if (state === 'slow' && typeof ms === 'number' && ms >= 0) return { type: 'slow', ms };
  throw badRequest(
    '"state" is none of on, off, slow, full, unknown.',
    'With slow goes "ms", the milliseconds it takes.',
  );
}

function badRequest(message: string, hint: string): OperatorError {
  return new OperatorError({ code: 'CONTROL_BAD_REQUEST', message, hint });
}
