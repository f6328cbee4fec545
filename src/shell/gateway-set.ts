/**
 * The gateways of one IM server behind one HTTP server: what the exchange puts out goes to the gateway that named the
 * client, a request to the one whose path it begins with. It knows no gateway by name.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientRef, ImEvent, LinksEvent, SendResult } from '../core/im/exchange-io.ts';
import type { GatewayState, StandaloneGateway } from '../core/im/gateway.ts';

/** What a gateway answers on the HTTP server of the IM server. */
export interface ServedPaths {
  /** Paths that begin with this; of several gateways that fit the longest is asked. */
  readonly prefix: string;
  readonly requestListener: RequestListener;
  /** @returns whether the path was ours; otherwise nothing was done to the socket */
  handleUpgrade?(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean;
}

/** A gateway as a process runs it. Its client references begin with its type and a colon. */
export interface RunningGateway extends StandaloneGateway {
  /** Undefined for one that has only connections of its own. */
  readonly served?: ServedPaths | undefined;
}

export class GatewaySet {
  readonly #gateways: ReadonlyMap<string, RunningGateway>;
  readonly #served: readonly ServedPaths[];

  constructor(gateways: readonly RunningGateway[]) {
    this.#gateways = new Map(gateways.map((gateway) => [gateway.type, gateway]));
    this.#served = gateways
      .flatMap(({ served }) => (served === undefined ? [] : [served]))
      .sort((a, b) => b.prefix.length - a.prefix.length);
  }

  deliver(client: ClientRef, event: ImEvent): 'accepted' | 'queued' | 'refused' {
    return this.#of(client)?.deliver(client, event) ?? 'refused';
  }

  answer(client: ClientRef, cid: string, result: SendResult): void {
    this.#of(client)?.answer(client, cid, result);
  }

  broadcast(event: LinksEvent): void {
    for (const gateway of this.#gateways.values()) gateway.broadcast(event);
  }

  presenceChanged(user: string): void {
    for (const gateway of this.#gateways.values()) gateway.presenceChanged?.(user);
  }

  /** Of those that tell, by type. */
  states(): Readonly<Record<string, GatewayState>> {
    const told = [...this.#gateways.values()].map((gateway) => [gateway.type, gateway.state?.()] as const);
    return Object.fromEntries(told.flatMap(([type, state]) => (state === undefined ? [] : [[type, state]])));
  }

  start(): void {
    for (const gateway of this.#gateways.values()) gateway.start();
  }

  close(): void {
    for (const gateway of this.#gateways.values()) gateway.close();
  }

  readonly requestListener: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    const served = this.#served.find(({ prefix }) => path.startsWith(prefix));
    if (served !== undefined) served.requestListener(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found\n');
  };

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean {
    return this.#served.some((served) => served.handleUpgrade?.(request, socket, head) === true);
  }

  #of(client: ClientRef): RunningGateway | undefined {
    return this.#gateways.get(client.slice(0, Math.max(0, client.indexOf(':'))));
  }
}
