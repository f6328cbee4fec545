/**
 * Brings two stopped state directories into step without any network: both roles are carried here, joined by an
 * in-memory link, until their rings agree. The same machines do it that do it on a live link; nobody logs in to the SMSC,
 * nothing is handed over, and what handsets sent stays in the mirror until the IM server itself starts.
 */
import { assertNever } from '../core/base/invariant.ts';
import type { LogEvent } from '../core/base/log-event.ts';
import { defaultExchangeSettings } from '../core/im/exchange-io.ts';
import type { Entry } from '../core/link/entries.ts';
import { encodeFrames } from '../core/link/frame.ts';
import { largestRing } from '../core/ring/sequence.ts';
import type { LaneName } from '../core/ring/status.ts';
import { BufferRole } from '../core/roles/buffer/buffer.ts';
import type { BufferInput, BufferOutput } from '../core/roles/buffer/buffer-io.ts';
import { ImServerRole } from '../core/roles/im-server/im-server.ts';
import type { ImServerInput, ImServerOutput } from '../core/roles/im-server/im-server-io.ts';
import { recoverLane } from '../core/store/lane-records.ts';
import type { LetGo } from '../core/sync/let-go.ts';
import { systemClock } from './clock.ts';
import { ControlAsks } from './control-asks.ts';
import { hmacSha256, randomBytes, sha256 } from './hashing.ts';
import { openRoleStore } from './role-store.ts';
import { MachineRunner, type Performed } from './runner.ts';
import { SlotNotesFile } from './slot-notes.ts';
import { valueCodec } from './values.ts';

export interface OfflineSyncOptions {
  readonly smscId: string;
  readonly bufferDir: string;
  readonly imServerDir: string;
  readonly timeoutMs: number;
  /** Conflicts that somebody decided, for the end that loses; before the two are joined. */
  readonly letGo?: readonly { readonly side: 'buffer' | 'im-server'; readonly lane: LaneName; readonly letGo: LetGo }[];
  readonly log: (event: LogEvent) => void;
}

/** The link between the two has one connection, the first of both. */
const connection = 1;

/**
 * Resolves when both lanes are compared and quiet, or the time is over; what was reached is in the stores.
 *
 * @throws OperatorError STORE_BUSY (exit status 9) where a role runs, SYNC_CHANGED where something else is held than was to
 *   be let go of, and as `openRoleStore`
 */
export async function syncStopped(options: OfflineSyncOptions): Promise<void> {
  const { smscId, log } = options;
  const common = { durability: 'disk' as const, log };
  const bufferHome = await openRoleStore({ ...common, stateDir: options.bufferDir, role: 'buffer', smscId });
  const imHome = await openRoleStore({ ...common, stateDir: options.imServerDir, role: 'im-server', smscId: '' }).catch(
    async (error: unknown) => {
      await bufferHome.close();
      throw error;
    },
  );
  const secret = randomBytes(32);
  const tools = { codec: valueCodec, sha256, hmac: hmacSha256, randomBytes, random: Math.random };
  // Another size would begin a new epoch.
  const moSize = recoverLane(bufferHome.store, smscId, 'mo').state?.size ?? largestRing;
  const mtSize = recoverLane(imHome.store, smscId, 'mt').state?.size ?? largestRing;
  const notes = new SlotNotesFile(bufferHome.lock.stateDir, log).known;
  const bufferSettings = { ...neverLogsIn, ringSize: moSize, smscId, secret };
  const buffer = new BufferRole(bufferSettings, { ...tools, ...bufferHome, notes });
  const imServer = new ImServerRole(
    {
      node: 'sync replay',
      ringSize: mtSize,
      buffers: [{ smscId, secret }],
      exchange: defaultExchangeSettings,
      arrivals: 'hold',
    },
    { ...tools, ...imHome },
  );
  const clock = systemClock();
  let fail: (error: unknown) => void = () => undefined;
  const bug = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const asks = new ControlAsks();
  const toImServer = new MemoryLine((bytes) => imRunner.input({ type: 'link-received', connection, bytes }));
  const toBuffer = new MemoryLine((bytes) => bufferRunner.input({ type: 'link-received', connection, bytes }));

  const performBuffer = (output: Performed<BufferOutput>): void => {
    switch (output.type) {
      case 'link-connect':
        setImmediate(() => {
          imRunner.input({ type: 'link-opened', connection, binding: new Uint8Array(0) });
          bufferRunner.input({ type: 'link-opened', connection, binding: new Uint8Array(0) });
        });
        return;
      case 'link-frame':
        return toImServer.send(output.bytes);
      case 'link-entry':
        return toImServer.add(output.entry);
      // Nobody is there: the SMSC is left alone, nothing is claimed for it, and this link has no end before ours.
      case 'note':
      case 'claims-kept':
      case 'claims-awaited':
      case 'smsc-connect':
      case 'smsc-write':
      case 'smsc-disconnect':
      case 'link-disconnect':
      case 'drained':
        return;
      case 'control-answer':
        return asks.answer(output.ref, output.result);
      default:
        return assertNever(output);
    }
  };
  const performImServer = (output: Performed<ImServerOutput>): void => {
    if (output.type === 'link-frame') toBuffer.send(output.bytes);
    else if (output.type === 'link-entry') toBuffer.add(output.entry);
    else if (output.type === 'control-answer') asks.answer(output.ref, output.result);
  };
  const bufferRunner = new MachineRunner<BufferInput, BufferOutput>({
    machine: buffer,
    clock,
    store: bufferHome.store,
    perform: performBuffer,
    log,
    afterTurn: () => toImServer.flush(),
    onBug: (error) => fail(error),
  });
  const imRunner = new MachineRunner<ImServerInput, ImServerOutput>({
    machine: imServer,
    clock,
    store: imHome.store,
    perform: performImServer,
    log,
    afterTurn: () => toBuffer.flush(),
    onBug: (error) => fail(error),
  });
  const isQuiet = (): boolean =>
    buffer.link().state === 'up' && imServer.links().every((link) => link.state === 'up') && !isMoving();
  const isMoving = (): boolean =>
    toImServer.isBusy || toBuffer.isBusy || bufferRunner.waitingCount > 0 || imRunner.waitingCount > 0;

  try {
    imRunner.input({ type: 'start' });
    bufferRunner.input({ type: 'start' });
    // In the same turn: the link is made when what a start writes is on disk.
    const decided = (options.letGo ?? []).map(({ side, lane, letGo }) =>
      asks.ask((ref) => {
        if (side === 'im-server') imRunner.input({ type: 'prefer', ref, smscId, lane, letGo });
        else bufferRunner.input({ type: 'prefer', ref, lane, letGo });
      }),
    );
    await Promise.race([bug, Promise.all(decided)]);
    await Promise.race([bug, until(isQuiet, options.timeoutMs)]);
  } finally {
    bufferRunner.stop();
    imRunner.stop();
    await bufferHome.close();
    await imHome.close();
  }
}

const neverLogsIn = {
  node: 'sync replay',
  inDoubt: 'hold',
  alphabet: 'nokia',
  smscZone: 0,
  machineZone: 0,
  reports: 'final',
  user: '',
  password: '',
  subaddress: undefined,
  window: 1,
  pace: { type: 'sporadic' },
  checksum: 'send',
  greetingWaitMs: 0,
  aliveMs: 30_000,
  answerTimeoutMs: 60_000,
} as const;

/** One direction of a link within this process: frames arrive in order, each in a turn of its own. */
class MemoryLine {
  readonly #receive: (bytes: Uint8Array) => void;
  #entries: Entry[] = [];
  #underway = 0;

  constructor(receive: (bytes: Uint8Array) => void) {
    this.#receive = receive;
  }

  get isBusy(): boolean {
    return this.#underway > 0 || this.#entries.length > 0;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  send(bytes: Uint8Array): void {
    this.#underway += 1;
    setImmediate(() => {
      this.#underway -= 1;
      this.#receive(bytes);
    });
  }

  flush(): void {
    const entries = this.#entries;
    this.#entries = [];
    for (const frame of encodeFrames(entries, valueCodec)) this.send(frame);
  }
}

const quietMs = 50;

/** Resolves when it held on several looks in a row, or when the time is over. */
async function until(isReached: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let held = 0;
  while (held < 4 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    held = isReached() ? held + 1 : 0;
  }
}
