/** All programs that listen for events: who may, how many, and the heartbeat they share. */
import { type ClientRef, clientRef, type ImEvent, type LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import { type Answer, badRequest, problem } from './answer.ts';
import { EventStream, heartbeatMs } from './event-stream.ts';
import type { Asked, Route } from './route.ts';

/** Streams of one user, and in all. */
export const streamsPerUser = 8;
const streamLimit = 1_000;

export class EventStreams {
  readonly #world: ImWorld;
  readonly #clock: () => number;
  readonly #streams = new Map<ClientRef, EventStream>();
  #links: LinksEvent | undefined;
  #beats: NodeJS.Timeout | undefined;
  #lastNumber = 0;

  /** @param clock milliseconds since 1970 */
  constructor(world: ImWorld, clock: () => number) {
    this.#world = world;
    this.#clock = clock;
  }

  routes(): readonly Route[] {
    return [
      {
        ...{ method: 'GET', path: '/api/events', scope: 'read', parameters: ['position'] },
        handle: (asked) => this.#open(asked),
      },
    ];
  }

  get count(): number {
    return this.#streams.size;
  }

  get links(): LinksEvent | undefined {
    return this.#links;
  }

  deliver(client: ClientRef, event: ImEvent): 'accepted' | 'queued' | 'refused' {
    return this.#streams.get(client)?.deliver(event) ?? 'refused';
  }

  broadcast(event: LinksEvent): void {
    this.#links = event;
    for (const stream of this.#streams.values()) stream.links(event);
  }

  beat(): void {
    for (const stream of this.#streams.values()) stream.beat();
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.end('going-away');
  }

  #open({ login, request, query, response }: Asked): Answer | 'streaming' {
    const given = request.headers['last-event-id'] ?? query.get('position') ?? undefined;
    if (given !== undefined && !/^[0-9]{1,15}$/.test(String(given))) {
      return badRequest('The header last-event-id, or the parameter position, is the id of the last event that came.');
    }
    const user = login.user.name;
    const own = [...this.#streams.values()].filter((stream) => stream.login.user.name === user).length;
    if (own >= streamsPerUser || this.#streams.size >= streamLimit) {
      const message = `Too many event streams; one user may have ${streamsPerUser}.`;
      const hint = 'Close one that is not read any more.';
      return problem({ status: 429, code: 'IM_LIMIT_REACHED', message, hint, retryAfterSeconds: 10 });
    }
    this.#lastNumber += 1;
    const client = clientRef(`http:events-${this.#lastNumber}`);
    const position = given === undefined ? undefined : Number(given);
    const stream = new EventStream({
      ...{ client, login, response, position },
      ...{ history: this.#world.history, clock: this.#clock },
    });
    this.#streams.set(client, stream);
    this.#beats ??= setInterval(() => this.beat(), heartbeatMs);
    response.on('close', () => this.#left(client));
    if (this.#links !== undefined) stream.links(this.#links);
    this.#world.input({ type: 'attached', client, user, tokenId: login.tokenId });
    return 'streaming';
  }

  #left(client: ClientRef): void {
    this.#streams.delete(client);
    this.#world.input({ type: 'detached', client });
    if (this.#streams.size > 0) return;
    clearInterval(this.#beats);
    this.#beats = undefined;
  }
}
