/**
 * One program that listens for events (server-sent events). Nothing is kept for it: what it has not read is in the
 * history, and is read from there as fast as the program takes it. One that takes nothing is cut, and resumes.
 */
import type { ServerResponse } from 'node:http';
import type { ClientRef, ImEvent, LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { Login } from '../web/logins.ts';
import { commonHeaders, messageDocument } from './answer.ts';
import { linkDocument } from './conversation-routes.ts';

/** So that proxies keep the connection, and both ends notice one that is dead. */
export const heartbeatMs = 15_000;
/** A program that takes nothing for so long is cut. */
export const stalledMs = 45_000;
/** Texts read from the history at once. */
const batchSize = 100;

export interface EventStreamOptions {
  readonly client: ClientRef;
  readonly login: Login;
  readonly response: ServerResponse;
  readonly history: ImHistory;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The history position of the last event that the program has; undefined: from now on. */
  readonly position: number | undefined;
}

export class EventStream {
  readonly login: Login;
  readonly #options: EventStreamOptions;
  /** Undefined until everything that its user was told before is on disk. */
  #position: number | undefined;
  #stalledAt: number | undefined;
  #isPlanned = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.login = options.login;
    options.response.writeHead(200, {
      ...commonHeaders,
      'content-type': 'text/event-stream',
      // Proxies that gather what they pass on would keep events back.
      'x-accel-buffering': 'no',
    });
    options.response.write(`retry: 2000\n: ringbridge events of ${options.login.user.name}\n\n`);
    options.response.on('drain', () => {
      this.#stalledAt = undefined;
      this.#plan();
    });
  }

  deliver(event: ImEvent): 'accepted' | 'queued' | 'refused' {
    if (event.type === 'attached') this.#attached();
    else if (event.type === 'signed-out') this.end('signed-out');
    else if (event.type === 'read') this.#tell('read', { schema: 'read/1', peer: event.peer, order: event.order });
    else this.#plan();
    return this.#stalledAt === undefined ? 'accepted' : 'queued';
  }

  links({ links }: LinksEvent): void {
    this.#tell('links', { schema: 'links/1', links: links.map(linkDocument) });
  }

  /** Shows that both ends are alive; ends a stream that is not, or may not go on. */
  beat(): void {
    const now = this.#options.clock();
    const { expiresAt } = this.login;
    if (expiresAt !== undefined && now >= expiresAt) this.end('signed-out');
    else if (this.#stalledAt === undefined) this.#write(': still here\n\n');
    else if (now - this.#stalledAt >= stalledMs) this.#options.response.destroy();
  }

  /** @param why told as a last event where coming back is of no use */
  end(why: 'signed-out' | 'going-away'): void {
    if (why === 'signed-out') this.#tell('signed-out', { schema: 'signed-out/1' });
    this.#options.response.end();
  }

  #attached(): void {
    const { history, login, position } = this.#options;
    const last = history.position(login.user.name);
    // A position that is not reached yet is of another store, before this one began: everything here is new.
    this.#position = position === undefined ? last : position > last ? 0 : position;
    this.#plan();
  }

  /** In a later turn, which sees all that is on disk now. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { history, login, response } = this.#options;
    if (this.#position === undefined || this.#stalledAt !== undefined || response.writableEnded) return;
    const texts = history.changesSince(login.user.name, this.#position, { limit: batchSize });
    for (const text of texts) {
      this.#position = text.position;
      this.#write(`event: message\nid: ${text.position}\ndata: ${JSON.stringify(messageDocument(text))}\n\n`);
      if (this.#stalledAt !== undefined) return;
    }
    if (texts.length === batchSize) this.#plan();
  }

  /** What has no place in the history, and is not told to one that is behind. */
  #tell(event: string, document: object): void {
    if (this.#stalledAt === undefined) this.#write(`event: ${event}\ndata: ${JSON.stringify(document)}\n\n`);
  }

  #write(text: string): void {
    const { response, clock } = this.#options;
    if (!response.writableEnded && !response.write(text)) this.#stalledAt ??= clock();
  }
}
