/** A user whose clients were all away for an hour, and who comes back with a client of another kind. */
import { afterEach, describe, expect, it } from 'vitest';
import { clientRef } from '../../../src/core/im/exchange-io.ts';
import { xmppGateway } from '../../../src/gateways/xmpp/xmpp-gateway.ts';
import { makeToken } from '../http/api-client.ts';
import { ImClientInTest } from '../web/im-client.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { XmppServerInTest } from '../xmpp/xmpp-server.ts';
import { type ChatClient, HttpUser, type Kind, kinds, TerminalUser, WebUser, XmppUser } from './clients.ts';
import { password } from './house.ts';
import { Ledger, Screen } from './ledger.ts';

const hourMs = 3_600_000;
const phone = '+358401234567';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What came while nobody was there, in its order. */
const missed = ['Are you there?', 'Call me', 'Lunch?', 'Good night'];
const sent = 'Before I go';

describe('an hour after all clients of a user went away', () => {
  it.each(kinds)('everything is there once, with its time and its step, for who comes back with %s', async (kind) => {
    const server = new ImServerInTest();
    server.agoMs = hourMs;
    for (const name of ['alice', 'bob']) await server.addUser(name, password, name === 'alice' ? '0001' : '0002');
    await server.start();
    cleanups.push(() => server.stop());
    const xmpp = await gatewayWithoutItsServer(server);
    const wentAt = Date.now() - hourMs;
    await leave(server);
    haveMissed(server);
    const cameBackAt = Date.now() - hourMs;
    server.agoMs = 0;

    const ledger = new Ledger();
    const isOwnShown = kind !== 'XMPP';
    for (const text of missed) ledger.expect(text, [`alice ${kind} in`]);
    ledger.expect(sent, isOwnShown ? [`alice ${kind} out delivered`] : []);
    if (!isOwnShown) ledger.saw(sent, 'not told by XMPP');
    ledger.expect('Welcome back', [`alice ${kind} in`]);
    const client = await comeBack(kind, server, xmpp, ledger);
    await ledger.atMost(1);
    server.arrive(phone, '28820001', 'Welcome back');
    await ledger.atMost(0);

    expect(ledger.faults).toEqual([]);
    const shown = client.screen.texts.filter(({ text }) => text !== 'Welcome back');
    expect(shown.map(({ text }) => text)).toEqual(isOwnShown ? expect.arrayContaining([sent, ...missed]) : missed);
    expect(shown).toHaveLength(missed.length + (isOwnShown ? 1 : 0));
    expect(shown.filter(({ direction }) => direction === 'in').map(({ text }) => text)).toEqual(missed);
    for (const { text, at = 0 } of shown) {
      expect(at, text).toBeGreaterThanOrEqual(wentAt);
      expect(at, text).toBeLessThanOrEqual(cameBackAt);
    }
  });
});

/** The gateway knows alice's account from now on, and her server is away. */
async function gatewayWithoutItsServer(server: ImServerInTest): Promise<XmppServerInTest> {
  const xmpp = new XmppServerInTest('secret');
  await xmpp.start();
  await xmpp.stop();
  cleanups.push(() => xmpp.stop());
  server.addGateway((world) => {
    const settings = {
      ...{ domain: 'sms.localhost', server: { host: '127.0.0.1', port: xmpp.port }, secret: 'secret' },
      ...{ usersOf: undefined, named: new Map([['alice@localhost', 'alice']]) },
    };
    const gateway = xmppGateway({ world, sessionKey: new Uint8Array(32), settings, log: () => undefined });
    cleanups.push(() => gateway.close());
    return gateway;
  });
  return xmpp;
}

/** The last that alice does, from a client of the web. */
async function leave(server: ImServerInTest): Promise<void> {
  const client = await ImClientInTest.loggedIn(server.url, 'alice', password);
  await client.say({ type: 'send', cid: 'c1', to: phone, text: sent });
  await client.hear('stored');
  client.close();
  await client.end();
}

function haveMissed(server: ImServerInTest): void {
  server.confirm(0, '261122140000');
  server.arrive(phone, '28820001', 'Are you there?');
  server.report(0, '261122140000', 4);
  server.arrive(phone, '28820001', 'Call me');
  const request = { client: clientRef('web:0'), user: 'bob', cid: 'b1', to: 'alice', text: 'Lunch?' };
  server.input({ type: 'send', request, storedAs: undefined });
  server.arrive(phone, '28820001', 'Good night');
}

async function comeBack(
  kind: Kind,
  server: ImServerInTest,
  xmpp: XmppServerInTest,
  ledger: Ledger,
): Promise<ChatClient> {
  const screen = new Screen(`alice ${kind}`, ledger, () => undefined);
  const fault = (words: string) => ledger.faults.push(words);
  const options = { url: server.url, user: 'alice', screen, position: 0, fault };
  const make = (): ChatClient => {
    if (kind === 'web') return new WebUser(options);
    if (kind === 'terminal') return new TerminalUser(options);
    if (kind === 'HTTP') return new HttpUser(options, makeToken(server, 'alice', ['send', 'read']));
    return new XmppUser(options, xmpp);
  };
  const client = make();
  if (kind === 'XMPP') await xmpp.start();
  cleanups.push(() => client.close());
  return client;
}
