// The whole bridge in one process with real sockets and disks: two SMSCs with a handset each, two buffers, one IM server
// with all its gateways, and on every line but the short ones a place to cut it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import { defaultExchangeSettings } from '../../../src/core/im/exchange-io.ts';
import type { ImHistory } from '../../../src/core/im/history.ts';
import { defaultSessionSettings } from '../../../src/core/roles/smsc/settings.ts';
import type { SmscEvent } from '../../../src/core/roles/smsc/smsc-io.ts';
import { httpGateway } from '../../../src/gateways/http/http-gateway.ts';
import { hashToken } from '../../../src/gateways/web/access-token.ts';
import { Logins } from '../../../src/gateways/web/logins.ts';
import { hashPassword } from '../../../src/gateways/web/password.ts';
import { webGateway } from '../../../src/gateways/web/web-gateway.ts';
import { xmppGateway } from '../../../src/gateways/xmpp/xmpp-gateway.ts';
import { parseListenAddress, parseTransportAddress, parseWebSocketAddress } from '../../../src/shell/address.ts';
import { startBuffer } from '../../../src/shell/buffer-process.ts';
import { callControl } from '../../../src/shell/control-client.ts';
import {
  type ChangeUsers,
  type RequestPatience,
  requestPatience,
  startImServer,
} from '../../../src/shell/im-server-process.ts';
import type { PortLimits } from '../../../src/shell/port-limit.ts';
import { startSmsc } from '../../../src/shell/smsc-process.ts';
import { XmppServerInTest } from '../xmpp/xmpp-server.ts';
import { CutLine } from './cut-line.ts';

export const password = 'correct horse';

export interface Person {
  readonly name: string;
  readonly suffix: string;
}

export interface Site {
  readonly smscId: string;
  readonly prefix: string;
  readonly handset: string;
}

export interface HouseOptions {
  readonly people: readonly Person[];
  readonly sites: readonly Site[];
  readonly onSmscEvent: (site: Site, event: SmscEvent) => void;
  /** Of the IM server's port; left out, as an operator has them. */
  readonly limits?: Partial<PortLimits>;
  /** With those who send slowly; left out, as an operator has it. */
  readonly patience?: RequestPatience;
  /** Is told every event of the log at once. */
  readonly onLog?: (event: LogEvent) => void;
}

export interface House {
  /** Where pages, terminals and programs connect: through a line that is cut. */
  readonly url: string;
  /** The IM server's own, behind that line. */
  readonly port: number;
  readonly xmpp: XmppServerInTest;
  readonly history: ImHistory;
  /** By line: `clients`, `xmpp`, and each SMSC's id. */
  readonly lines: ReadonlyMap<string, CutLine>;
  readonly log: readonly LogEvent[];
  /** A token of each person, for programs. */
  token(name: string): string;
  /** A handset writes; the text is at the SMSC when it resolves. */
  inject(site: Site, to: string, text: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openHouse({
  people,
  sites,
  onSmscEvent,
  limits = {},
  patience = requestPatience,
  onLog,
}: HouseOptions): Promise<House> {
  const closers: (() => Promise<unknown>)[] = [];
  const log: LogEvent[] = [];
  const note = (event: LogEvent): void => {
    log.push(event);
    onLog?.(event);
  };
  const onBug = (error: unknown): void => {
    note({ type: 'log', level: 'error', event: 'bug', fields: { reason: String(error) } });
  };
  const dirs = await mkdtemp(join(tmpdir(), 'ringbridge-together-'));
  closers.push(() => rm(dirs, { recursive: true, force: true }));
  const lines = new Map<string, CutLine>();
  const lineTo = async (name: string, port: number): Promise<number> => {
    const line = await CutLine.to(port);
    lines.set(name, line);
    closers.push(() => line.close());
    return line.port;
  };

  const smscs = new Map<string, { readonly address: string; readonly stateDir: string }>();
  for (const site of sites) {
    const stateDir = join(dirs, `smsc-${site.smscId}`);
    const smsc = await startSmsc({
      settings: {
        accounts: [
          {
            ...{ user: 'app', password: 'secret', number: '2882', type: 'receiving', reports: 'allowed' },
            ...{ maxSessions: 10, maxWindow: 1 },
          },
        ],
        handsets: [{ number: site.handset, state: { type: 'on' } }],
        ...{ unknownNumbers: 'fail', zoneOffset: 480, turnMs: 0, ratePerSecond: undefined, deliveryDelayMs: 0 },
        ...{ cutEveryMs: undefined, session: defaultSessionSettings },
      },
      listen: parseListenAddress('tcp://127.0.0.1:0'),
      ...{ stateDir, seed: 1, log: note, onBug },
      onEvent: (event) => onSmscEvent(site, event),
    });
    closers.push(() => smsc.drain());
    smscs.set(site.smscId, { address: smsc.address, stateDir });
  }

  const xmpp = new XmppServerInTest('secret');
  await xmpp.start();
  closers.push(() => xmpp.stop());
  const xmppPort = await lineTo('xmpp', xmpp.port);
  const linkSecret = fromLatin1('k'.repeat(32));
  let changeUsers: ChangeUsers | undefined;
  let history: ImHistory | undefined;
  const server = await startImServer({
    settings: {
      ...{ node: 'im in test', ringSize: 255 },
      buffers: sites.map(({ smscId }) => ({ smscId, secret: linkSecret })),
      exchange: {
        ...defaultExchangeSettings,
        routes: sites.map(({ prefix, smscId }) => ({ prefix, smscId })),
        serviceNumbers: ['2882'],
        sendRate: { perSecond: 10_000, burst: 10_000 },
      },
    },
    ...{ listen: { type: 'tcp', host: '127.0.0.1', port: 0 }, tls: undefined },
    ...{ stateDir: join(dirs, 'im'), durability: 'process', limits, patience, log: note, onBug },
    makeGateways: ({ world, sessionKey, rings }) => {
      history = world.history;
      const logins = new Logins({ users: world.history, sessionKey, clock: Date.now });
      const common = { world, logins, log: note };
      const settings = {
        ...{ domain: 'sms.localhost', server: { host: '127.0.0.1', port: xmppPort }, secret: 'secret' },
        ...{ usersOf: undefined, named: new Map(people.map(({ name }) => [`${name}@localhost`, name])) },
      };
      return [
        webGateway({ ...common, transport: 'http', reports: 'final', rings }),
        httpGateway({ ...common, webhookTargets: 'guarded' }),
        xmppGateway({ world, sessionKey, settings, log: common.log }),
      ];
    },
    userRoutes: (change) => {
      changeUsers = change;
      return {};
    },
  });
  closers.push(() => server.drain());
  if (changeUsers === undefined || history === undefined) throw new Error('startImServer asks for both at once');
  const passwordHash = await hashPassword(password);
  const token = (name: string): string => `rb_${name.padEnd(43, 'x')}`;
  for (const { name, suffix } of people) {
    await changeUsers({ type: 'add', name, suffix, passwordHash, role: 'ordinary' });
    const scopes = ['send', 'read'] as const;
    const hash = hashToken(token(name));
    await changeUsers({ type: 'token-add', name, hash, scopes, label: '', expiresAt: undefined });
  }

  const { address } = server;
  const port = address.type === 'tcp' ? address.port : 0;
  const url = `http://127.0.0.1:${await lineTo('clients', port)}`;
  for (const { smscId } of sites) {
    const linkPort = await lineTo(smscId, port);
    const buffer = await startBuffer({
      settings: {
        ...{ smscId, node: `buffer of ${smscId}`, secret: linkSecret, ringSize: 255, inDoubt: 'resend' },
        ...{ alphabet: 'nokia', smscZone: 'ask', reports: 'final', user: 'app', password: 'secret' },
        ...{ subaddress: undefined, window: 1, pace: { type: 'sporadic' }, checksum: 'send', greetingWaitMs: 0 },
        ...{ aliveMs: 30_000, answerTimeoutMs: 60_000 },
      },
      smsc: parseTransportAddress(smscs.get(smscId)?.address ?? ''),
      imServer: parseWebSocketAddress(`ws://127.0.0.1:${linkPort}/link`),
      ...{ tls: {}, stateDir: join(dirs, `buffer-${smscId}`), durability: 'process' },
      ...{ log: note, onBug },
    });
    closers.push(() => buffer.drain());
  }
  const found = history;
  return {
    ...{ url, port, xmpp, history: found, lines, log, token },
    inject: async ({ smscId, handset }, to, text) => {
      const { stateDir = '' } = smscs.get(smscId) ?? {};
      await callControl(stateDir, 'POST /inject', { from: handset, to, text });
    },
    stop: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
