// A program that uses the HTTP API: requests with a token or a password, each answer checked against the description,
// and a listener for events.
import { randomBytes } from 'node:crypto';
import type { Scope } from '../../../src/core/im/users.ts';
import { hashToken } from '../../../src/gateways/web/access-token.ts';
import type { ImServerInTest } from '../web/im-server.ts';
import { faultsOfAnswer } from './openapi.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON of the answer, looked into freely by tests. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects there
  readonly body: any;
}

/** A token of a user, as `im-server users token add` makes it. */
export function makeToken(server: ImServerInTest, name: string, scopes: readonly Scope[]): string {
  const token = `rb_${randomBytes(32).toString('base64url')}`;
  const change = { type: 'token-add', name, hash: hashToken(token), scopes, label: '', expiresAt: undefined } as const;
  server.input({ type: 'user', ref: token, change });
  return token;
}

export class ApiClient {
  readonly #url: string;
  readonly #authorization: string;
  /** Operations that were called, as in openapi.yaml. */
  readonly called = new Set<string>();
  /** What answers did not keep to. */
  readonly faults: string[] = [];

  constructor(url: string, token: string) {
    this.#url = url;
    this.#authorization = `Bearer ${token}`;
  }

  /** @param operation as in openapi.yaml: `GET /api/messages/{id}` */
  async call(
    operation: string,
    options: {
      readonly names?: Readonly<Record<string, string>>;
      readonly query?: string;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<ApiAnswer> {
    const [method = '', pattern = ''] = operation.split(' ');
    const path = pattern.replace(/\{(.+?)\}/g, (_, name) => encodeURIComponent(options.names?.[name] ?? ''));
    const hasBody = options.body !== undefined;
    const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const response = await fetch(`${this.#url}${path}${options.query === undefined ? '' : `?${options.query}`}`, {
      method,
      headers: {
        authorization: this.#authorization,
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...options.headers,
      },
      ...(hasBody ? { body } : {}),
    });
    this.called.add(operation);
    const faults = await faultsOfAnswer(operation, response.clone());
    this.faults.push(...faults.map((fault) => `${operation} ${response.status}: ${fault}`));
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  send(to: string, text: string, key?: string): Promise<ApiAnswer> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return this.call('POST /api/messages', { body: { to, text }, headers });
  }

  /** @param lastEventId where an earlier listener ended */
  async listen(lastEventId?: string): Promise<EventListenerInTest> {
    const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const headers = { authorization: this.#authorization, ...resume };
    const abort = new AbortController();
    const open = () => fetch(`${this.#url}/api/events`, { headers, signal: abort.signal });
    // The first may go out on a connection that the server has just closed.
    const response = await open().catch(open);
    this.called.add('GET /api/events');
    return new EventListenerInTest(response, abort);
  }
}

export interface HeardEvent {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly data: any;
}

export class EventListenerInTest {
  readonly response: Response;
  readonly heard: HeardEvent[] = [];
  readonly #abort: AbortController;
  #isOver = false;
  #waiting: (() => void)[] = [];

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#read();
  }

  /** Resolves with the first event of this kind that fits, heard already or to come. */
  async hear(event: string, fits: (heard: HeardEvent) => boolean = () => true): Promise<HeardEvent> {
    for (;;) {
      const found = this.heard.find((heard) => heard.event === event && fits(heard));
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`the stream ended before ${event}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async end(): Promise<void> {
    while (!this.#isOver) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of this.response.body ?? []) {
        rest += Buffer.from(chunk).toString();
        const blocks = rest.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
        this.#wake();
      }
    } catch {
      // Cut by either side; what was heard counts.
    }
    this.#isOver = true;
    this.#wake();
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0] ?? '', line.replace(/^\w+: /, '')]));
    const data = fields.get('data');
    if (data === undefined) return;
    this.heard.push({ event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(data) });
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
