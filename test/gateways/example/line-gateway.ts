/**
 * The smallest gateway that is worth the name, as an example: people type lines over TCP, as on IRC. docs/gateways.md walks
 * through it. It is tested like the others and ships with none of them: its passwords would cross the network as they are.
 *
 *   PASS alice secret              who I am
 *   SINCE 17                       what is new behind that position, then `END 18`
 *   TO +358401234567 m1 hello      a text; m1 names it, and the same name is the same text
 *   ← FROM 18 +358401234567 hi     a text for me, at its position
 *   ← STEP 19 m1 delivered         how far my text got
 *   ← REFUSED m1 IM_BAD_ADDRESS why
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type ClientRef, clientRef, type ImEvent, type SendResult } from '../../../src/core/im/exchange-io.ts';
import type { ClientAbilities, ImWorld, StandaloneGateway } from '../../../src/core/im/gateway.ts';
import type { TextView } from '../../../src/core/im/text.ts';
import type { Logins } from '../../../src/gateways/web/logins.ts';

const type = 'line';
const clientLimit = 100;
/** Bytes of a line; more than the longest text in any encoding. */
const lineLimit = 64 * 1024;
/** Unsent bytes at which a client is too slow: it is cut, comes back, and asks for what is new. */
const unsentLimit = 256 * 1024;

interface Client {
  readonly ref: ClientRef;
  readonly socket: Socket;
  user: string | undefined;
}

export interface LineGateway extends StandaloneGateway {
  readonly listening: Promise<number>;
}

/** @param port of the loopback address; 0 for any */
export function lineGateway(world: ImWorld, logins: Logins, port: number): LineGateway {
  const clients = new Map<ClientRef, Client>();
  let lastNumber = 0;

  const say = ({ socket }: Client, line: string): void => {
    socket.write(`${line.replaceAll(/[\r\n]+/g, ' ')}\n`);
    if (socket.writableLength > unsentLimit) socket.destroy();
  };

  const sayText = (client: Client, text: TextView): void => {
    if (text.direction === 'in') say(client, `FROM ${text.position} ${text.peer} ${text.text}`);
    else say(client, `STEP ${text.position} ${text.cid} ${text.step}`);
  };

  const logIn = async (client: Client, name: string, password: string): Promise<void> => {
    const login = await logins.byPassword(name, password, client.socket.remoteAddress ?? '');
    if (!login.ok) say(client, `REFUSED PASS ${login.fault.code} ${login.fault.message}`);
    else if (clients.has(client.ref) && client.user === undefined) {
      client.user = login.value.name;
      // The event `attached` says when everything before it is on disk: only then the client may ask.
      world.input({ type: 'attached', client: client.ref, user: client.user });
      world.tellPresence(client.ref, client.user, 'here');
    }
  };

  const obey = (client: Client, line: string): void => {
    const [word = '', first = '', second = '', ...rest] = line.split(' ');
    const { user, ref } = client;
    if (word === 'PASS') void logIn(client, first, [second, ...rest].join(' '));
    else if (user === undefined) say(client, 'REFUSED - IM_BAD_PASSWORD Log in first: PASS NAME PASSWORD');
    else if (word === 'TO') {
      const storedAs = world.history.textOfCid(user, second);
      const request = { client: ref, user, cid: second, to: first, text: rest.join(' ') };
      world.input({ type: 'send', request, storedAs });
    } else if (word === 'SINCE') {
      const texts = world.history.changesSince(user, Number(first) || 0, { limit: 500 });
      for (const text of texts) sayText(client, text);
      say(client, `END ${texts.at(-1)?.position ?? first}`);
    } else say(client, 'REFUSED - IM_BAD_REQUEST PASS, SINCE and TO are all there is');
  };

  const server = createServer((socket) => {
    lastNumber += 1;
    const client: Client = { ref: clientRef(`${type}:${lastNumber}`), socket, user: undefined };
    clients.set(client.ref, client);
    createInterface(socket).on('line', (line) => obey(client, line));
    let pending = 0;
    socket.on('data', (chunk: Buffer) => {
      pending = chunk.includes(0x0a) ? 0 : pending + chunk.length;
      if (pending > lineLimit) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clients.delete(client.ref);
      if (client.user === undefined) return;
      world.input({ type: 'detached', client: client.ref });
      world.tellPresence(client.ref, client.user, 'lost');
    });
  });
  server.maxConnections = clientLimit;
  const listening = new Promise<number>((resolve) => {
    server.on('listening', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

  const abilities: ClientAbilities = {
    receipts: 'delivered',
    presence: 'none',
    offlineStore: 'here',
    longestText: undefined,
    groups: 'no',
    stableIds: 'yes',
  };
  return {
    type,
    abilities,
    listening,
    start: () => void server.listen(port, '127.0.0.1'),
    close: () => {
      server.close();
      for (const { socket } of clients.values()) socket.destroy();
    },
    deliver: (ref: ClientRef, event: ImEvent) => {
      const client = clients.get(ref);
      if (client === undefined) return 'refused';
      if (event.type === 'attached') say(client, `WELCOME ${world.history.position(event.user)}`);
      else if (event.type === 'message') sayText(client, event.text);
      else if (event.type === 'step') {
        const text = client.user === undefined ? undefined : world.history.text(client.user, event.id);
        if (text !== undefined) sayText(client, text);
      } else if (event.type === 'signed-out') client.socket.end('BYE\n');
      return client.socket.writableLength > 0 ? 'queued' : 'accepted';
    },
    answer: (ref: ClientRef, cid: string, result: SendResult) => {
      const client = clients.get(ref);
      if (client === undefined) return;
      if (result.type === 'stored') sayText(client, result.text);
      else say(client, `REFUSED ${cid} ${result.fault.code} ${result.fault.message}`);
    },
    // A line per change of a link would tell these people nothing.
    broadcast: () => undefined,
  };
}
