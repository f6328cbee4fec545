/**
 * The IM server with real sockets, disk and clock: carries `core/roles/im-server`, shares one HTTP server between the
 * link and the gateways, and serves its control routes. Which gateways there are is given by whoever starts it.
 */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { assertNever } from '../core/base/invariant.ts';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { ConversationLister } from '../core/im/conversation-lister.ts';
import type { ClientRef, KeepSettings, UserChange } from '../core/im/exchange-io.ts';
import type { GatewayInput, ImWorld } from '../core/im/gateway.ts';
import { historyOf } from '../core/im/history.ts';
import { Retention } from '../core/im/retention.ts';
import { ImServerRole } from '../core/roles/im-server/im-server.ts';
import type {
  BufferAccount,
  ImInput,
  ImServerInput,
  ImServerOutput,
  ImServerSettings,
} from '../core/roles/im-server/im-server-io.ts';
import type { PastGlance, PastQuestion } from '../core/roles/im-server/past-glance.ts';
import { formatAddress, type TransportAddress } from './address.ts';
import { systemClock } from './clock.ts';
import { type ControlHandler, type ControlRoute, serveControl } from './control.ts';
import { ControlAsks, textField } from './control-asks.ts';
import { waitForDrain } from './drain.ts';
import { GatewaySet, type RunningGateway } from './gateway-set.ts';
import { hmacSha256, randomBytes, sha256 } from './hashing.ts';
import { HistoryTidy } from './history-tidy.ts';
import { LinkBatch } from './link-batch.ts';
import { LivePresence } from './live-presence.ts';
import type { Durability } from './lmdb-store.ts';
import { Mending, refusedForBug } from './mending.ts';
import { answerMessages } from './message-reader.ts';
import { PortLimit, type PortLimits, refusal } from './port-limit.ts';
import { Recorder, type RecordSettings } from './recording/recorder.ts';
import { RingPast } from './recording/ring-past.ts';
import { ringRoutes } from './ring-routes.ts';
import { openRoleStore } from './role-store.ts';
import { parseRouteQuestion, refusedQuestion } from './route-question.ts';
import { MachineRunner, type Mend, type Performed } from './runner.ts';
import { CommitWatch } from './status/commit-watch.ts';
import { roleFacts } from './status/role-facts.ts';
import type { ImServerStatus } from './status/role-status.ts';
import { handInFields } from './sync-asks.ts';
import { addressOf, listen } from './tcp.ts';
import type { TlsMaterial } from './transport.ts';
import { valueCodec } from './values.ts';
import { acceptLinks, isLinkRequest } from './web-socket.ts';

export interface GatewayTools {
  readonly world: ImWorld;
  /** 32 bytes, the same after a restart. */
  readonly sessionKey: Uint8Array;
  /** The rings as the role holds them at the moment, and as they were. */
  readonly rings: Pick<ImServerRole, 'glance' | 'slotSight'> & {
    past(question: PastQuestion): Promise<PastGlance | undefined>;
  };
}

/** Carries out a change of users; resolves to why it was refused, if it was. */
export type ChangeUsers = (
  change: UserChange,
) => Promise<{ readonly code: string; readonly message: string } | undefined>;

export interface ImServerProcessOptions {
  readonly settings: ImServerSettings;
  readonly listen: TransportAddress;
  /** Certificate and key of this server; undefined listens without TLS. */
  readonly tls: TlsMaterial | undefined;
  readonly stateDir: string;
  readonly durability: Durability;
  /** Of connections to the port. */
  readonly limits?: Partial<PortLimits>;
  /** With those who send slowly. */
  readonly patience?: RequestPatience;
  /** How long texts stay; left out, for ever. */
  readonly keep?: KeepSettings | undefined;
  /** The state directory was put back from a backup. */
  readonly restored?: boolean;
  /** What the recorder may keep in the state directory; left out, nothing is recorded. */
  readonly record?: RecordSettings | undefined;
  readonly makeGateways: (tools: GatewayTools) => readonly RunningGateway[];
  /** Further control routes, about users. */
  readonly userRoutes: (change: ChangeUsers, world: ImWorld) => Readonly<Record<ControlRoute, ControlHandler>>;
  readonly log: (event: LogEvent) => void;
  readonly onBug: (error: unknown) => void;
}

export interface ImServerProcess {
  /** With the port it got. */
  readonly address: TransportAddress;
  /** As `GET /status` tells it. */
  status(): Promise<ImServerStatus>;
  drain(): Promise<void>;
}

/**
 * Listens until drained.
 *
 * @throws OperatorError as `openRoleStore`, ADDRESS_IN_USE, CONFIG_BAD_ADDRESS, CONFIG_UNREADABLE for bad TLS files
 */
export async function startImServer(options: ImServerProcessOptions): Promise<ImServerProcess> {
  const { settings, log, onBug } = options;
  const home = await openRoleStore({ ...options, role: 'im-server', smscId: '' });
  const { store, identity } = home;
  const commits = new CommitWatch(store);
  const now = systemClock();
  const asked = { randomBytes, random: Math.random, hmac: hmacSha256, store };
  const recorder =
    options.record === undefined
      ? undefined
      : new Recorder({
          ...options.record,
          role: 'im-server',
          smscIds: settings.buffers.map(({ smscId }) => smscId),
          stateDir: home.lock.stateDir,
          settings: { ...settings, buffers: settings.buffers.map(withoutSecret) },
          identity,
          tools: asked,
          links: () => role.links(),
          sights: () => role.ringSights(),
          clock: now,
          log,
        });
  const tools = { codec: valueCodec, sha256, identity, ...(recorder?.tools ?? asked) };
  const makeRole = (): ImServerRole => {
    const make = () => new ImServerRole(settings, tools);
    return recorder === undefined ? make() : recorder.life(make);
  };
  let role = makeRole();
  const mending = new Mending(log);
  let isDraining = false;
  /** As the machine was told: a new one is told again. */
  const attached = new Map<ClientRef, Extract<GatewayInput, { type: 'attached' }>>();
  const asks = new ControlAsks();
  const links = new Map<number, LinkBatch>();
  const userAsks = new Map<string, (fault: { code: string; message: string } | undefined) => void>();
  let lastConnection = 0;
  let lastUserAsk = 0;
  let markDrained: () => void = () => undefined;
  const drained = new Promise<void>((resolve) => {
    markDrained = resolve;
  });

  const perform = (output: Performed<ImServerOutput>): void => {
    switch (output.type) {
      case 'link-frame':
        return links.get(output.connection)?.sendAtOnce(output.bytes);
      case 'link-entry':
        return links.get(output.connection)?.add(output.entry);
      case 'link-disconnect':
        return links.get(output.connection)?.close(output.reason);
      case 'deliver':
        gateways.deliver(output.client, output.event);
        return;
      case 'answer':
        gateways.answer(output.client, output.cid, output.result);
        if (output.result.type === 'stored') {
          runner.input({ type: 'im', input: { type: 'written', user: output.user, cid: output.cid } });
        }
        return;
      case 'user-answer':
        userAsks.get(output.ref)?.(output.fault);
        userAsks.delete(output.ref);
        return;
      case 'links':
        return gateways.broadcast({ type: 'links', links: output.links });
      case 'control-answer':
        return asks.answer(output.ref, output.result);
      case 'drained':
        return markDrained();
      default:
        return assertNever(output);
    }
  };
  /** Links belong to the machine that failed; people stay, and who asked for what met the bug is refused. */
  const mend = (error: unknown, input: ImServerInput): Mend<ImServerInput, ImServerOutput> | undefined => {
    if (mending.take(error, input) === 'stop') return undefined;
    refuse(input);
    for (const link of links.values()) link.close('a bug in the IM server, which begins anew');
    links.clear();
    return {
      makeMachine: () => {
        role = makeRole();
        return role;
      },
      // Connections are numbered for the life of the process, and the new machine knows none of the earlier ones.
      isKept: (input) => !answerWritten(input),
      firstInputs: () => [
        ...[...attached.values()].map((input) => ({ type: 'im', input }) as const),
        { type: 'start' },
        ...(isDraining ? [{ type: 'drain' } as const] : []),
      ],
    };
  };
  /**
   * A text that waited for the new machine and is in the store by now: it was handed in before, to the machine that failed,
   * and the new one would take it for another.
   */
  const answerWritten = (input: ImServerInput): boolean => {
    if (input.type !== 'im' || input.input.type !== 'send') return false;
    const { client, user, cid } = input.input.request;
    const text = world.history.textOfCid(user, cid);
    if (text !== undefined) gateways.answer(client, cid, { type: 'stored', text });
    return text !== undefined;
  };
  const refuse = (input: ImServerInput): void => {
    if ('ref' in input) asks.answer(input.ref, refusedForBug);
    if (input.type !== 'im') return;
    const { code, message } = refusedForBug;
    if (input.input.type === 'send') {
      const { client, cid } = input.input.request;
      gateways.answer(client, cid, { type: 'refused', fault: { code, message }, retryable: false });
    } else if (input.input.type === 'user') {
      userAsks.get(input.input.ref)?.({ code, message });
      userAsks.delete(input.input.ref);
    }
  };
  const runner = new MachineRunner<ImServerInput, ImServerOutput>({
    machine: role,
    clock: now,
    store: commits,
    perform,
    log,
    // News of a text that went on its way; its sender's own answer does not wait.
    isPatient: (output) => output.type === 'link-entry' || output.type === 'deliver',
    patienceMs: () => patienceMs,
    afterTurn: () => {
      for (const link of links.values()) link.flush();
    },
    mend,
    ...(recorder === undefined ? {} : { witness: recorder }),
    onBug,
  });
  const presence = new LivePresence(now, (user) => gateways.presenceChanged(user));
  const world: ImWorld = {
    input: (input) => {
      if (input.type === 'attached') attached.set(input.client, input);
      else if (input.type === 'detached') attached.delete(input.client);
      runner.input({ type: 'im', input });
    },
    takesReadMarks: () => runner.waitingCount < readMarksWithin,
    history: historyOf(store),
    smscsFor: (number, user) => role.smscsFor(number, user),
    presenceOf: (user) => presence.of(user),
    tellPresence: (client, user, told) => presence.tell(client, user, told),
  };
  const ringPast = new RingPast(home.lock.stateDir);
  const rings: GatewayTools['rings'] = {
    glance: () => role.glance(),
    slotSight: (smscId, lane, slot) => role.slotSight(smscId, lane, slot),
    past: (question) => ringPast.look(question),
  };
  const gateways = new GatewaySet(options.makeGateways({ world, sessionKey: await sessionKeyOf(home), rings }));

  const server = makeServer(options);
  try {
    await listen(server, options.listen);
  } catch (error) {
    runner.stop();
    await recorder?.close();
    await home.close();
    throw error;
  }
  const address = addressOf(server, options.listen);
  const sockets = new Set<Socket>();
  const port = new PortLimit(options.tls === undefined ? 'http' : 'https', options.limits ?? {}, log);
  server.on('connection', (socket: Socket) => {
    port.take(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    if (port.isRefused(request)) port.answer(response);
    else gateways.requestListener(request, response);
  });
  // In front of the links, which ask for their path at the same event.
  server.on('upgrade', (request, socket, head) => {
    if (isLinkRequest(request)) port.takeLink(request);
    else if (port.isRefused(request)) socket.end(refusal);
    else if (!gateways.handleUpgrade(request, socket, head)) socket.end(notFound);
  });
  const listener = acceptLinks(
    server,
    (transport) => {
      lastConnection += 1;
      const connection = lastConnection;
      links.set(connection, new LinkBatch(transport));
      return {
        opened: () =>
          runner.input({ type: 'link-opened', connection, binding: transport.tlsExporter ?? new Uint8Array(0) }),
        received: (bytes) => runner.input({ type: 'link-received', connection, bytes }),
        closed: (_code, reason) => {
          links.delete(connection);
          runner.input({ type: 'link-closed', connection, reason });
        },
      };
    },
    {},
    (remote, verdict) => log(logEvent('warn', 'link.limited', { code: 'LINK_TOO_MANY_CONNECTIONS', remote, verdict })),
  );

  const changeUsers: ChangeUsers = (change) =>
    new Promise((resolve) => {
      lastUserAsk += 1;
      const ref = `control:${lastUserAsk}`;
      userAsks.set(ref, resolve);
      runner.input({ type: 'im', input: { type: 'user', ref, change } });
    });
  const status = async (): Promise<ImServerStatus> => ({
    schema: 'im-server.status/1',
    role: 'im-server',
    ...(await roleFacts({
      stateDir: home.lock.stateDir,
      durability: options.durability,
      since: Date.parse(home.lock.holder.since),
      ...{ commits, runner: () => runner, record: options.record, dropped: () => recorder?.dropped ?? 0 },
    })),
    ...(home.renewed === undefined ? {} : { renewed: home.renewed }),
    listen: formatAddress(address),
    users: world.history.users().length,
    connections: sockets.size,
    gateways: gateways.states(),
    violations: mending.violations(),
    ...role.health(now()),
  });

  serveControl(
    home.lock,
    {
      'GET /status': status,
      'GET /rings': async (_body, query) => ({
        schema: 'rings/1',
        role: 'im-server',
        rings: role.rings({ moves: query.get('moves') === 'yes' ? 'with' : 'without' }),
        links: role.links(),
        store: role.store(),
        bufferStores: role.bufferStores(),
      }),
      ...ringRoutes({
        asks,
        news: { role: 'im-server', ringSights: () => role.ringSights(), links: () => role.links(), now },
        smscIdOf,
        give: (smscId, ask) => runner.input({ ...ask, smscId }),
      }),
      'GET /messages': async (_body, query) => answerMessages(store, query),
      'POST /hand-in': async (body) => {
        const smscId = smscIdOf(body);
        const given = handInFields(body);
        const answer = await asks.ask((ref) => runner.input({ type: 'hand-in', ref, smscId, ...given }));
        return { schema: 'sync.handed-in/1', smscId, results: answer.type === 'handed-in' ? answer.results : [] };
      },
      'POST /route': async (body) => {
        const answer = role.explainRoute(parseRouteQuestion(body), now());
        if (!answer.ok) throw refusedQuestion(answer.fault);
        return { schema: 'im.route/1', ...answer.value };
      },
      ...options.userRoutes(changeUsers, world),
    },
    { onBug },
  );
  runner.input({ type: 'start' });
  home.checkHistory(onBug);
  const tidying = {
    clock: now,
    give: (input: ImInput) => runner.input({ type: 'im', input }),
    waitingCount: () => runner.waitingCount,
    log,
  };
  const forgetting = new HistoryTidy({
    ...tidying,
    machine: new Retention(options.keep ?? { forMs: undefined, count: undefined }, store),
    tell: ({ user, texts }) => logEvent('info', 'im.forgotten', { user, texts: texts.length }),
    failed: 'im.forgetting-failed',
  });
  const listing = new HistoryTidy({
    ...tidying,
    machine: new ConversationLister(store),
    tell: ({ user, rest }) => (rest === 'none' ? logEvent('info', 'im.listed', { user }) : undefined),
    failed: 'im.listing-failed',
  });
  gateways.broadcast({ type: 'links', links: role.links() });
  gateways.start();

  return {
    address,
    status,
    drain: async () => {
      // First: who is told to leave comes back at once, and would be let in again.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      gateways.close();
      presence.stop();
      ringPast.close();
      forgetting.stop();
      listing.stop();
      isDraining = true;
      runner.input({ type: 'drain' });
      await waitForDrain(drained, runner, log);
      listener.close();
      server.closeAllConnections();
      // WebSockets are no connections of the HTTP server any more; those that do not leave are cut.
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, leaveWithinMs);
      await closed;
      clearTimeout(cut);
      runner.stop();
      await recorder?.close();
      await home.close();
    },
  };
}

/** @throws OperatorError CONTROL_BAD_REQUEST */
function smscIdOf(body: unknown): string {
  return textField(body, 'smscId');
}

/** As the recording keeps it. */
function withoutSecret({ smscId, secret }: BufferAccount): BufferAccount {
  return { smscId, secret: new Uint8Array(secret.length) };
}

/** What a slot waits here for others until it is used again comes on top of each round trip. */
const patienceMs = 1;

/** Outputs that wait for the disk, beyond which marks of what was read are refused: far more than at any load it keeps up with. */
const readMarksWithin = 10_000;

/** For the closing handshake of a WebSocket, after everything else has ended. */
const leaveWithinMs = 1_000;

function makeServer({ tls, patience = requestPatience }: ImServerProcessOptions): Server {
  return tls === undefined
    ? createServer(patience)
    : createTlsServer({ ...patience, ...tls, handshakeTimeout: 10_000 });
}

/** For a connection that wants to become something else at a path that nobody serves. */
const notFound = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** With those who send slowly, or nothing: in milliseconds, what is too late is answered with 408. */
export interface RequestPatience {
  /** Until the head of a request is there, from the beginning of the connection or the end of the request before. */
  readonly headersTimeout: number;
  /** Until all of it is there. */
  readonly requestTimeout: number;
  /** How often somebody looks. */
  readonly connectionsCheckingInterval: number;
}

export const requestPatience: RequestPatience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
};

const sessionKeyKey = ['secret', 'session'] as const;

/** Made at the first start, kept in the store, so that people stay logged in over a restart. */
async function sessionKeyOf({ store }: Awaited<ReturnType<typeof openRoleStore>>): Promise<Uint8Array> {
  const kept = store.get(sessionKeyKey);
  if (Array.isArray(kept) && kept[1] instanceof Uint8Array) return kept[1];
  const key = randomBytes(32);
  await store.commit([{ key: sessionKeyKey, value: [1, key] }]);
  return key;
}
