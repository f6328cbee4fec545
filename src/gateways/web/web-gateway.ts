/**
 * The gateway for web pages and terminals: an HTTP app with the page, and a WebSocket under `/im`. It does not listen
 * itself: who owns the server passes on what belongs to `served`, and gives what the exchange puts out to `deliver`,
 * `answer` and `broadcast`. Protocol: docs/im-protocol.md.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type WebSocket, WebSocketServer } from 'ws';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { NationalLanguages } from '../../core/codec/national-language.ts';
import { type ClientRef, clientRef, type LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld, StandaloneGateway } from '../../core/im/gateway.ts';
import { parseUserPresence, type UserPresence } from '../../core/im/presence-book.ts';
import { isBlockedBy } from '../../core/im/users.ts';
import { nationalAlphabets } from '../../core/message/national-alphabets.ts';
import { httpApp, sessionCookie } from './http-app.ts';
import type { Logins } from './logins.ts';
import { isSameOrigin } from './origin.ts';
import { Presence } from './presence.ts';
import { messageSizeLimit, presenceRule, subprotocol } from './protocol.ts';
import { RingFeed, type RingSource } from './ring-feed.ts';
import { WebClient } from './web-client.ts';

/** Path of the WebSocket. */
export const imPath = '/im';
/** Connections in all, and of one user. */
const connectionLimit = 2_000;
const clientsPerUser = 16;
/** A connection that answers no ping between two of these is gone. */
const pingMs = 30_000;

export interface WebGatewayOptions {
  readonly world: ImWorld;
  /** The same for all gateways, so that limits on logging in hold for all together. */
  readonly logins: Logins;
  readonly transport: 'https' | 'http';
  readonly reports: 'final' | 'none';
  /** National tables that texts may leave in; `off` if left out. */
  readonly national?: NationalLanguages;
  readonly rings: RingSource;
  readonly log: (event: LogEvent) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

export interface WebGateway extends StandaloneGateway {
  /** Everything that is no other gateway's. */
  readonly served: {
    readonly prefix: '/';
    readonly requestListener: RequestListener;
    /** @returns whether the path was ours; otherwise nothing was done to the socket */
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean;
  };
}

export function webGateway(options: WebGatewayOptions): WebGateway {
  const { world, logins, log } = options;
  const clock = options.clock ?? Date.now;
  const clients = new Map<ClientRef, WebClient>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageSizeLimit,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  const ringFeed = new RingFeed(options.rings, clock);
  const presence = new Presence({
    presenceOf: (user) => world.presenceOf(user),
    isOpenTo: (shown, user) => {
      const person = world.history.user(shown);
      return person !== undefined && !isBlockedBy(person, user);
    },
    smscsFor: (number, user) => world.smscsFor(number, user),
  });
  const alphabets = nationalAlphabets(options.national ?? 'off');
  let links: LinksEvent | undefined;
  let lastNumber = 0;

  const app = httpApp({ logins, transport: options.transport });

  const admit = (user: string): boolean => {
    let count = 0;
    for (const client of clients.values()) if (client.user === user) count += 1;
    return count < clientsPerUser;
  };

  const open = (socket: WebSocket, request: IncomingMessage, firstPresence: UserPresence): void => {
    lastNumber += 1;
    const ref = clientRef(`web:${lastNumber}`);
    const address = request.socket.remoteAddress ?? 'unknown';
    const client = new WebClient({
      ...{ socket, ref, address, world, logins, clock, admit, ringFeed, presence, firstPresence },
      reports: options.reports,
      alphabets,
      links: () => links,
    });
    clients.set(ref, client);
    let isAlive = true;
    const pings = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, pingMs);
    socket.on('pong', () => {
      isAlive = true;
    });
    socket.on('message', (data, isBinary) => {
      isAlive = true;
      client.received(isBinary ? '' : String(data));
    });
    socket.on('error', (error) => log(logEvent('debug', 'web.socket-error', { client: ref, error: error.message })));
    socket.on('close', (code) => {
      clearInterval(pings);
      log(logEvent('debug', 'web.closed', { client: ref, user: client.user, code }));
      client.closed();
      clients.delete(ref);
    });
    const user = logins.byToken(cookieOf(request));
    if (user !== undefined) client.welcome(user);
  };

  return {
    type: 'web',
    abilities: {
      receipts: 'delivered',
      presence: 'shown',
      offlineStore: 'here',
      longestText: undefined,
      groups: 'no',
      stableIds: 'yes',
    },
    served: {
      prefix: '/',
      requestListener: getRequestListener((request, env) =>
        app.fetch(request, { incoming: env.incoming as IncomingMessage }),
      ),
      handleUpgrade: (request, socket, head) => {
        if (pathOf(request) !== imPath) return false;
        const { origin, host } = request.headers;
        const firstPresence = parseUserPresence(askedOf(request).get('presence') ?? 'here');
        if (!isSameOrigin({ origin, host })) {
          log(logEvent('warn', 'web.foreign-origin', { address: request.socket.remoteAddress }));
          refuse(socket, '403 Forbidden', 'This page belongs to another site.\n');
        } else if (firstPresence === undefined) {
          refuse(socket, '400 Bad Request', `In the address, ${presenceRule}.\n`);
        } else if (clients.size >= connectionLimit) {
          refuse(socket, '503 Service Unavailable', 'Too many clients.\n');
        } else {
          sockets.handleUpgrade(request, socket, Buffer.from(head), (opened) => open(opened, request, firstPresence));
        }
        return true;
      },
    },
    deliver: (client, event) => clients.get(client)?.deliver(event) ?? 'refused',
    answer: (client, cid, result) => clients.get(client)?.answer(cid, result),
    broadcast: (event) => {
      links = event;
      for (const client of clients.values()) client.tell(event);
      presence.linksChanged(event);
    },
    presenceChanged: (user) => presence.changed(user),
    state: () => {
      const names = new Set([...clients.values()].flatMap(({ user }) => (user === undefined ? [] : [user])));
      return { problem: undefined, counts: { clients: clients.size, users: names.size } };
    },
    start: () => undefined,
    close: () => {
      for (const client of clients.values()) client.goAway();
    },
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

function askedOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?')[1]);
}

function cookieOf(request: IncomingMessage): string {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === sessionCookie && value !== undefined) return value;
  }
  return '';
}

function refuse(socket: Duplex, status: string, text: string): void {
  const headers = `content-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${text}`);
}
