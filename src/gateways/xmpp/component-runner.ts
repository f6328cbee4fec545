/**
 * Carries the component's session: one TCP connection at a time, the clock and the timer. What it does with stanzas and
 * proofs is told to its owner. No rules of its own.
 */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { assertNever } from '../../core/base/invariant.ts';
import type { LogEvent } from '../../core/base/log-event.ts';
import { type Instant, instant } from '../../core/base/time.ts';
import type { ComponentInput, ComponentNews, ComponentOutput, ComponentSettings } from './component-io.ts';
import { type ComponentProblem, ComponentSession } from './component-session.ts';

/** Unsent bytes at which a server counts as gone: it takes nothing any more. */
const unsentLimit = 8 * 1024 * 1024;
const connectTimeoutMs = 10_000;
const longestTimerMs = 3_600_000;

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ComponentRunnerOptions {
  readonly server: ServerAddress;
  readonly settings: ComponentSettings;
  /** Everything but what concerns the connection. */
  readonly tell: (output: ComponentNews) => void;
  readonly log: (event: LogEvent) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export class ComponentRunner {
  readonly #options: ComponentRunnerOptions;
  readonly #session: ComponentSession;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastTime = 0;

  constructor(options: ComponentRunnerOptions) {
    this.#options = options;
    // The latin-1 of XEP-0114 and UTF-8 are the same for what a secret should hold; servers hash UTF-8.
    const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
    this.#session = new ComponentSession(options.settings, Math.random, sha1);
  }

  get isOnline(): boolean {
    return this.#session.isOnline;
  }

  get problem(): ComponentProblem | undefined {
    return this.#session.problem;
  }

  input(input: ComponentInput): void {
    for (const output of this.#session.handle(input, this.#now())) this.#perform(output);
    this.#arm();
  }

  #perform(output: ComponentOutput): void {
    switch (output.type) {
      case 'connect':
        return this.#connect();
      case 'disconnect':
        return this.#disconnect();
      case 'write':
        return this.#write(output.text);
      case 'log':
        return this.#options.log(output);
      case 'online':
      case 'offline':
      case 'stanza':
      case 'taken':
      case 'proven':
        return this.#options.tell(output);
      default:
        assertNever(output);
    }
  }

  #connect(): void {
    const socket = connect({ ...this.#options.server, noDelay: true });
    // Characters of several bytes come in pieces; the decoder of the socket puts them together.
    socket.setEncoding('utf8');
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('no connection in time')));
    this.#socket = socket;
    let reason = 'the server closed the connection';
    const isOurs = (): boolean => this.#socket === socket;
    socket.on('connect', () => {
      socket.setTimeout(0);
      if (isOurs()) this.input({ type: 'connected' });
    });
    socket.on('data', (text: string) => {
      if (isOurs()) this.input({ type: 'received', text });
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      if (!isOurs()) return;
      this.#socket = undefined;
      this.input({ type: 'disconnected', reason });
    });
  }

  #write(text: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.write(text);
    if (socket.writableLength > unsentLimit) socket.destroy(new Error('the server does not read'));
  }

  #disconnect(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.end();
    socket?.setTimeout(1_000, () => socket.destroy());
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = this.#session.deadline();
    if (deadline === undefined) return;
    const waitMs = Math.min(longestTimerMs, Math.max(0, deadline - this.#now()));
    this.#timer = setTimeout(() => this.input({ type: 'tick' }), waitMs);
  }

  #now(): Instant {
    this.#lastTime = Math.max(this.#lastTime, this.#options.clock());
    return instant(this.#lastTime);
  }
}
