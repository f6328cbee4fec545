/**
 * The buffer with real sockets, disk and clock: carries `core/roles/buffer` and serves its control routes. What the
 * flags of `buffer start` mean is the command's business.
 */
import { assertNever } from '../core/base/invariant.ts';
import type { LogEvent } from '../core/base/log-event.ts';
import { BufferRole } from '../core/roles/buffer/buffer.ts';
import type { BufferInput, BufferOutput, BufferSettings, ConnectionRef } from '../core/roles/buffer/buffer-io.ts';
import { formatAddress, type TransportAddress, type WebSocketAddress } from './address.ts';
import { systemClock } from './clock.ts';
import { serveControl } from './control.ts';
import { ControlAsks } from './control-asks.ts';
import { waitForDrain } from './drain.ts';
import { hmacSha256, randomBytes, sha256 } from './hashing.ts';
import { LinkBatch } from './link-batch.ts';
import type { Durability } from './lmdb-store.ts';
import { Mending, refusedForBug } from './mending.ts';
import { Recorder, type RecordSettings } from './recording/recorder.ts';
import { ringRoutes } from './ring-routes.ts';
import { openRoleStore } from './role-store.ts';
import { gatherMs, MachineRunner, type Mend, type Performed } from './runner.ts';
import { SlotNotesFile } from './slot-notes.ts';
import { CommitWatch } from './status/commit-watch.ts';
import { roleFacts } from './status/role-facts.ts';
import type { BufferStatus } from './status/role-status.ts';
import { connectTransport } from './tcp.ts';
import type { TlsMaterial, Transport } from './transport.ts';
import { valueCodec } from './values.ts';
import { dialLink } from './web-socket.ts';

export interface BufferProcessOptions {
  readonly settings: Omit<BufferSettings, 'machineZone'>;
  readonly smsc: TransportAddress;
  /** Towards the SMSC. */
  readonly smscTls?: TlsMaterial;
  readonly imServer: WebSocketAddress;
  /** Towards the IM server. */
  readonly tls: TlsMaterial;
  readonly stateDir: string;
  readonly durability: Durability;
  /** The state directory was put back from a backup. */
  readonly restored?: boolean;
  /** What the recorder may keep in the state directory; left out, nothing is recorded. */
  readonly record?: RecordSettings | undefined;
  readonly log: (event: LogEvent) => void;
  /** A bug; the process is in no state to go on. */
  readonly onBug: (error: unknown) => void;
}

export interface BufferProcess {
  /** As `GET /status` tells it. */
  status(): Promise<BufferStatus>;
  /** Takes nothing new, finishes the running exchange, logs out, closes the link and the store. */
  drain(): Promise<void>;
}

/**
 * Runs until drained.
 *
 * @throws OperatorError as `openRoleStore`
 */
export async function startBuffer(options: BufferProcessOptions): Promise<BufferProcess> {
  const { log, onBug } = options;
  const settings: BufferSettings = { ...options.settings, machineZone: -new Date().getTimezoneOffset() };
  const { smscId } = settings;
  const home = await openRoleStore({ ...options, role: 'buffer', smscId });
  const { store, identity } = home;
  const commits = new CommitWatch(store);
  const clock = systemClock();
  const asked = { randomBytes, random: Math.random, hmac: hmacSha256, store };
  const recorder =
    options.record === undefined
      ? undefined
      : new Recorder({
          ...options.record,
          role: 'buffer',
          smscIds: [smscId],
          stateDir: home.lock.stateDir,
          settings: { ...settings, password: '', secret: new Uint8Array(settings.secret.length) },
          identity,
          tools: asked,
          links: () => [role.link()],
          sights: () => role.ringSights(),
          clock,
          log,
        });
  const tools = { codec: valueCodec, sha256, identity, ...(recorder?.tools ?? asked) };
  let notes = new SlotNotesFile(home.lock.stateDir, log);
  const makeRole = (): BufferRole => {
    const make = () => new BufferRole(settings, { ...tools, notes: notes.known });
    return recorder === undefined ? make() : recorder.life(make, notes.known);
  };
  let role = makeRole();
  const mending = new Mending(log);
  let isDraining = false;
  const asks = new ControlAsks();
  let smsc: { readonly connection: ConnectionRef; readonly transport: Transport } | undefined;
  let link: { readonly connection: ConnectionRef; readonly batch: LinkBatch } | undefined;
  let markDrained: () => void = () => undefined;
  const drained = new Promise<void>((resolve) => {
    markDrained = resolve;
  });

  /** Each machine counts its connections from the first, so what is left of an earlier machine's is not listened to. */
  const inputOfLife = (): ((input: BufferInput) => void) => {
    const ownLife = role;
    return (input) => {
      if (ownLife === role && !isMending) runner.input(input);
    };
  };
  let isMending = false;

  const connectSmsc = (connection: ConnectionRef): void => {
    const input = inputOfLife();
    const transport = connectTransport(
      options.smsc,
      {
        opened: () => input({ type: 'smsc-opened', connection }),
        received: (bytes) => input({ type: 'smsc-received', connection, bytes }),
        closed: (reason) => {
          if (smsc?.transport === transport) smsc = undefined;
          input({ type: 'smsc-closed', connection, reason });
        },
      },
      options.smscTls === undefined ? {} : { tls: options.smscTls },
    );
    smsc = { connection, transport };
  };
  const smscOf = (connection: ConnectionRef): Transport | undefined =>
    smsc?.connection === connection ? smsc.transport : undefined;

  const connectLink = (connection: ConnectionRef): void => {
    const input = inputOfLife();
    const transport = dialLink(
      options.imServer,
      {
        opened: () => input({ type: 'link-opened', connection, binding: transport.tlsExporter ?? new Uint8Array(0) }),
        received: (bytes) => input({ type: 'link-received', connection, bytes }),
        closed: (_code, reason) => {
          if (link?.batch === batch) link = undefined;
          input({ type: 'link-closed', connection, reason });
        },
      },
      { tls: options.tls },
    );
    const batch = new LinkBatch(transport);
    link = { connection, batch };
  };
  const linkOf = (connection: ConnectionRef): LinkBatch | undefined =>
    link?.connection === connection ? link.batch : undefined;

  const perform = (output: Performed<BufferOutput>): void => {
    switch (output.type) {
      case 'smsc-connect':
        return connectSmsc(output.connection);
      case 'smsc-write':
        // A note is in its file before the message that it tells of leaves.
        notes.flush();
        return smscOf(output.connection)?.write(output.bytes);
      case 'smsc-disconnect':
        return smscOf(output.connection)?.close();
      case 'note':
        return notes.add(output.slot, output.note);
      case 'claims-awaited':
        return;
      case 'claims-kept':
        return runner.input({ type: 'claims-kept' });
      case 'link-connect':
        return connectLink(output.connection);
      case 'link-frame':
        return linkOf(output.connection)?.sendAtOnce(output.bytes);
      case 'link-entry':
        return linkOf(output.connection)?.add(output.entry);
      case 'link-disconnect':
        return linkOf(output.connection)?.close(output.reason);
      case 'control-answer':
        return asks.answer(output.ref, output.result);
      case 'drained':
        return markDrained();
      default:
        return assertNever(output);
    }
  };
  /** Both connections belong to the machine that failed. The store is where the new one begins; it is not opened again. */
  const mend = (error: unknown, input: BufferInput): Mend<BufferInput, BufferOutput> | undefined => {
    if (mending.take(error, input) === 'stop') return undefined;
    isMending = true;
    if ('ref' in input) asks.answer(input.ref, refusedForBug);
    smsc?.transport.destroy();
    link?.batch.close('a bug in the buffer, which begins anew');
    [smsc, link] = [undefined, undefined];
    return {
      makeMachine: () => {
        notes.close();
        notes = new SlotNotesFile(home.lock.stateDir, log);
        role = makeRole();
        isMending = false;
        return role;
      },
      // Of connections only what the earlier machine's said is still there.
      isKept: (waiting) => !('connection' in waiting),
      firstInputs: () => [{ type: 'start' }, ...(isDraining ? [{ type: 'drain' } as const] : [])],
    };
  };
  const runner = new MachineRunner<BufferInput, BufferOutput>({
    machine: role,
    clock,
    store: commits,
    perform,
    log,
    isPatient: (output) => output.type === 'link-entry' || (output.type === 'claims-kept' && output.need === 'ahead'),
    patienceMs: () => gatherMs + role.spareMs(clock()),
    afterTurn: () => {
      notes.flush();
      link?.batch.flush();
    },
    mend,
    ...(recorder === undefined ? {} : { witness: recorder }),
    onBug,
  });

  const status = async (): Promise<BufferStatus> => ({
    schema: 'buffer.status/1',
    role: 'buffer',
    ...(await roleFacts({
      stateDir: home.lock.stateDir,
      durability: options.durability,
      since: Date.parse(home.lock.holder.since),
      ...{ commits, runner: () => runner, record: options.record, dropped: () => recorder?.dropped ?? 0 },
    })),
    ...(home.renewed === undefined ? {} : { renewed: home.renewed }),
    smscAddress: formatAddress(options.smsc),
    imServerUrl: options.imServer.url,
    violations: mending.violations(),
    ...role.health(clock()),
  });

  serveControl(
    home.lock,
    {
      'GET /status': status,
      'GET /rings': async (_body, query) => ({
        schema: 'rings/1',
        role: 'buffer',
        rings: role.rings({ moves: query.get('moves') === 'yes' ? 'with' : 'without' }),
        links: [role.link()],
        store: role.store(),
        inDoubt: options.settings.inDoubt,
      }),
      ...ringRoutes({
        asks,
        news: { role: 'buffer', ringSights: () => role.ringSights(), links: () => [role.link()], now: clock },
        smscIdOf: () => smscId,
        give: (_smscId, ask) => runner.input(ask),
      }),
    },
    { onBug },
  );
  runner.input({ type: 'start' });

  return {
    status,
    drain: async () => {
      isDraining = true;
      runner.input({ type: 'drain' });
      await waitForDrain(drained, runner, log);
      runner.stop();
      notes.close();
      await recorder?.close();
      await home.close();
    },
  };
}
