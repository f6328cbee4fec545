// The XMPP gateway between an IM server and an XMPP server, both as small as they get, with the users alice and bob.
import { afterEach } from 'vitest';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import type { ExchangeSettings } from '../../../src/core/im/exchange-io.ts';
import type { StandaloneGateway } from '../../../src/core/im/gateway.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { namespaces } from '../../../src/gateways/xmpp/incoming-message.ts';
import { childOf, type Element, element, stanza, textOf } from '../../../src/gateways/xmpp/xml.ts';
import { type XmppSettings, xmppGateway } from '../../../src/gateways/xmpp/xmpp-gateway.ts';
import { ImServerInTest } from '../web/im-server.ts';
import { XmppServerInTest } from './xmpp-server.ts';

export const phone = '+358401234567';
export const phoneAt = `${phone}@sms.localhost`;
export const component = 'jabber:component:accept';

export const password = 'battery staple';
/** Made once: it costs a tenth of a second. */
export const bobsHash = hashPassword(password);

export interface Bridge {
  readonly im: ImServerInTest;
  readonly xmpp: XmppServerInTest;
  readonly gateway: StandaloneGateway;
  readonly log: readonly LogEvent[];
  readonly world: { clock: number };
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface BridgeOptions {
  readonly settings?: Partial<XmppSettings>;
  readonly exchange?: Partial<ExchangeSettings>;
  readonly im?: ImServerInTest;
  readonly xmpp?: XmppServerInTest;
}

/** A bridge with the users alice and bob; alice has an XMPP account of the same name. */
export async function bridge({
  settings = {},
  exchange,
  im: before,
  xmpp: server,
}: BridgeOptions = {}): Promise<Bridge> {
  const im = before ?? new ImServerInTest(exchange);
  if (before === undefined) {
    const passwordHash = await bobsHash;
    for (const [name, suffix] of [
      ['alice', '0001'],
      ['bob', '0002'],
    ] as const) {
      im.input({ type: 'user', ref: name, change: { type: 'add', name, suffix, passwordHash, role: 'ordinary' } });
    }
  }
  const xmpp = server ?? new XmppServerInTest('secret');
  if (server === undefined) {
    await xmpp.start();
    cleanups.push(() => xmpp.stop());
  }
  const log: LogEvent[] = [];
  const world = { clock: 0 };
  let made: StandaloneGateway | undefined;
  const all = {
    ...{ domain: 'sms.localhost', server: { host: '127.0.0.1', port: xmpp.port }, secret: 'secret' },
    ...{ usersOf: undefined, named: new Map([['alice@localhost', 'alice']]), ...settings },
  };
  im.addGateway((imWorld) => {
    made = xmppGateway({
      ...{ world: imWorld, sessionKey: new Uint8Array(32), settings: all },
      clock: () => Date.now() + world.clock,
      log: (event) => log.push(event),
    });
    return made;
  });
  if (made === undefined) throw new Error('addGateway makes it at once');
  const gateway = made;
  cleanups.push(() => gateway.close());
  return { im, xmpp, gateway, log, world };
}

export async function online(options: BridgeOptions = {}): Promise<Bridge> {
  const made = await bridge(options);
  await made.xmpp.connected(1);
  return made;
}

export function chat(to: string, id: string, body: string, ...extra: readonly Element[]): Element {
  const attrs = { type: 'chat', from: 'alice@localhost/phone', to, id };
  return stanza('message', attrs, stanza('body', {}, body), ...extra);
}

export const receiptWanted = element('request', namespaces.receipts);
export const originId = (id: string): Element => element('origin-id', namespaces.stableIds, { id });
export const bodyOf = (message: Element): string => textOf(childOf(message, 'body', component));
export const isMessage = (heard: Element): boolean => heard.name === 'message';

/** Waits until the bridge has taken all that was sent to it, by asking something behind it. */
export async function settle({ xmpp }: Bridge): Promise<void> {
  const id = `settle-${Math.random()}`;
  const attrs = { type: 'get', from: 'alice@localhost/phone', to: 'sms.localhost', id };
  xmpp.send(stanza('iq', attrs, element('ping', 'urn:xmpp:ping')));
  await xmpp.hear((heard) => heard.attrs['id'] === id);
}

/** Makes an account that of a user (all have the same password); without a user it is nobody's any more. */
export async function register({ xmpp }: Bridge, from: string, user?: string): Promise<void> {
  const inside = (name: string, text?: string): Element => element(name, 'jabber:iq:register', {}, text);
  const fields = user === undefined ? [inside('remove')] : [inside('username', user), inside('password', password)];
  const query = element('query', 'jabber:iq:register', {}, ...fields);
  xmpp.send(stanza('iq', { type: 'set', from, to: 'sms.localhost', id: 'register' }, query));
  await xmpp.hear(({ attrs }) => attrs['id'] === 'register' && attrs['type'] === 'result');
}
