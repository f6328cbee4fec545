/**
 * The IM server with its disk and its people: every user has one client that keeps what it typed until the server says
 * that it is stored, and says it again after a restart, as the web page does.
 */
import { type Instant, instant } from '../core/base/time.ts';
import { clientRef, defaultExchangeSettings, type SendResult, type UserChange } from '../core/im/exchange-io.ts';
import { historyOf } from '../core/im/history.ts';
import type { Entry } from '../core/link/entries.ts';
import { encodeFrames } from '../core/link/frame.ts';
import type { ControlResult } from '../core/roles/control-result.ts';
import { ImServerRole } from '../core/roles/im-server/im-server.ts';
import type { ImServerInput, ImServerOutput, ImServerSettings } from '../core/roles/im-server/im-server-io.ts';
import { openIdentity } from '../core/store/identity.ts';
import { CarriedRole, type Performed } from './carried-role.ts';
import { Disk } from './disk.ts';
import { imServerName } from './happening.ts';
import { HostClock } from './host-clock.ts';
import type { MemoryStore } from './memory-store.ts';
import { type Noticed, secretOf } from './site.ts';
import { Wire, type WireEnd } from './wire.ts';
import type { WorldTools } from './world-tools.ts';

interface Typed {
  readonly user: string;
  readonly cid: string;
  readonly to: string;
  readonly text: string;
}

/** Whose link it is, and how many times as long it takes just now. */
export interface Dialer {
  readonly smscId: string;
  readonly slowness: () => number;
}

interface LinkAtHome {
  readonly smscId: string;
  readonly wire: Wire;
  batch: Entry[];
}

export class ImHouse {
  disk = new Disk();
  /** How far its clock is off when it starts next, and how fast it goes. */
  clock = { aheadMs: 0, rate: 1 };
  readonly settings: ImServerSettings;
  readonly controlAnswers = new Map<number, ControlResult>();
  /** By the client's own id of a text. */
  readonly answers = new Map<string, SendResult>();
  role: ImServerRole | undefined;
  carried: CarriedRole<ImServerInput, ImServerOutput> | undefined;
  isDrained = false;
  readonly #tools: WorldTools;
  readonly #delayMs: () => number;
  /** Accounts as the operator made them, by name. */
  readonly #users = new Map<string, UserChange>();
  readonly #unanswered = new Map<string, Typed>();
  readonly #links = new Map<number, LinkAtHome>();
  #lastConnection = 0;
  /** The newest connection that was proved, by SMSC. */
  readonly #newestUp = new Map<string, number>();
  /** The SMSC ids of the buffers with which this process has compared. */
  readonly #compared = new Set<string>();
  /** Of every life so far; a dead one's clock still counts for those who read it last. */
  #clocks: readonly HostClock[] = [];
  /** The least that its clock was ahead of the world when a life began or ended; below 0 where it was behind. */
  #leastAheadMs = 0;
  /** Accounts that were answered; the operator makes the others again at the next start. */
  readonly #onDisk = new Set<string>();

  constructor(
    settings: Partial<ImServerSettings>,
    smscIds: readonly string[],
    tools: WorldTools,
    delayMs: () => number,
  ) {
    this.#tools = tools;
    this.#delayMs = delayMs;
    const [first = ''] = smscIds;
    this.settings = {
      node: 'im',
      ringSize: 255,
      buffers: smscIds.map((smscId) => ({ smscId, secret: secretOf(smscId) })),
      ...settings,
      exchange: {
        ...defaultExchangeSettings,
        routes: [{ prefix: '', smscId: first }],
        serviceNumbers: ['2882'],
        ...settings.exchange,
      },
    };
  }

  /** Its operator says at the next start that the disk is a backup. */
  isRestored = false;

  get store(): MemoryStore {
    return this.disk.store;
  }

  get history() {
    return historyOf(this.store);
  }

  start(changes: Partial<ImServerSettings> = {}): void {
    if (this.carried?.isAlive) throw new Error('the IM server already runs');
    const { agenda, now, randomBytes, commitMs, means } = this.#tools;
    const { identity, records } = openIdentity(
      this.store,
      { role: 'im-server', smscId: '', restored: this.isRestored },
      randomBytes,
    );
    this.isRestored = false;
    this.disk.commit(records);
    const base = { ...means, randomBytes, identity, store: this.store };
    const clock = new HostClock(now(), this.clock);
    this.#leastAheadMs = this.leastAheadMs();
    this.#clocks = [...this.#clocks.filter((earlier) => !earlier.isOvertakenBy(clock, now())), clock];
    this.#leastAheadMs = this.leastAheadMs();
    this.#compared.clear();
    const role = new ImServerRole({ ...this.settings, ...changes }, base);
    const carried: CarriedRole<ImServerInput, ImServerOutput> = new CarriedRole({
      machine: {
        handle: (input, now) => this.#watchHeartbeats(input, this.#watchOlder(input, role.handle(input, now))),
        deadline: () => role.deadline(),
      },
      tick: { type: 'tick' },
      agenda,
      now,
      clock,
      disk: this.disk,
      commitMs,
      perform: (output) => this.#perform(output),
      afterTurn: () => this.#flushAll(),
      log: (event) => this.#tools.log('im-server', event),
      committed: (committed) => this.#tools.tell({ type: 'committed', who: imServerName, records: committed }),
    });
    this.role = role;
    this.carried = carried;
    this.isDrained = false;
    this.#tools.tell({ type: 'started', who: imServerName });
    this.#tools.tell({ type: 'committed', who: imServerName, records });
    carried.input({ type: 'start' });
    for (const [user, change] of this.#users) {
      if (!this.#onDisk.has(user)) carried.input({ type: 'im', input: { type: 'user', ref: user, change } });
      carried.input({ type: 'im', input: { type: 'attached', client: refOf(user), user } });
    }
    for (const typed of this.#unanswered.values()) this.#handIn(typed);
  }

  /** The latest time that any of its clocks shows by now. */
  latestTime(): Instant {
    const now = this.#tools.now();
    return instant(Math.max(...this.#clocks.map((clock) => clock.hostTime(now))));
  }

  /** The least that its clock was ahead of the world in any life so far; below 0 where it was behind. */
  leastAheadMs(): number {
    const now = this.#tools.now();
    const present = this.#clocks.at(-1)?.hostTime(now) ?? now;
    return Math.min(this.#leastAheadMs, present - now);
  }

  /** `link`: whether the buffers' systems are told. */
  crash(midCommit: 'written' | 'lost' = 'lost', link: Noticed = 'noticed'): void {
    if (this.carried?.isAlive) this.#tools.tell({ type: 'died', who: imServerName });
    this.carried?.crash(midCommit);
    for (const { wire } of this.#links.values()) wire.cut(link === 'noticed' ? ['near'] : []);
    this.#links.clear();
  }

  /** A dead IM server finds nothing when it starts again. */
  loseDisk(): void {
    // First: whoever counts what is lost looks at the disk once more.
    this.#tools.tell({ type: 'disk-lost', who: imServerName });
    this.disk.replace();
    this.#onDisk.clear();
  }

  /** A dead IM server finds an earlier state of its disk when it starts again; the operator makes the accounts again. */
  setDiskBack(commits: number): void {
    const before = this.store.copy();
    this.#tools.tell({ type: 'disk-set-back', who: imServerName, records: this.disk.setBack(commits), before });
    this.#onDisk.clear();
  }

  input(input: ImServerInput): void {
    this.carried?.input(input);
  }

  // --- people -----------------------------------------------------------------------------------------------------

  addUser(name: string, suffix: string | undefined, role: 'default' | 'ordinary' = 'ordinary'): void {
    const change: UserChange = { type: 'add', name, suffix, passwordHash: 'hash', role };
    this.#users.set(name, change);
    this.input({ type: 'im', input: { type: 'user', ref: name, change } });
    this.input({ type: 'im', input: { type: 'attached', client: refOf(name), user: name } });
  }

  /** Types a text; the client keeps it until it is answered. */
  send(user: string, to: string, text: string, cid: string): void {
    const typed = { user, cid, to, text };
    this.#unanswered.set(cid, typed);
    this.#tools.tell({ type: 'typed', ...typed });
    this.#handIn(typed);
  }

  isUnanswered(cid: string): boolean {
    return this.#unanswered.has(cid);
  }

  get unansweredCount(): number {
    return this.#unanswered.size;
  }

  #handIn(typed: Typed): void {
    const request = { client: refOf(typed.user), ...typed };
    const storedAs = this.history.textOfCid(typed.user, typed.cid);
    this.input({ type: 'im', input: { type: 'send', request, storedAs } });
  }

  // --- links ------------------------------------------------------------------------------------------------------

  /** A buffer dials. Without a running server the connection is refused. */
  accept(near: WireEnd, from: Dialer = { smscId: '', slowness: () => 1 }): Wire {
    const { smscId, slowness } = from;
    const { agenda, now } = this.#tools;
    this.#lastConnection += 1;
    const connection = this.#lastConnection;
    const { carried } = this;
    const wire = new Wire(
      { agenda, now, delayMs: () => this.#delayMs() * slowness() },
      {
        near,
        far: {
          opened: () => {
            carried?.input({ type: 'link-opened', connection, binding: new Uint8Array(0) });
          },
          received: (bytes) => carried?.input({ type: 'link-received', connection, bytes }),
          closed: (reason) => {
            this.#links.delete(connection);
            carried?.input({ type: 'link-closed', connection, reason });
          },
        },
      },
    );
    if (!carried?.isAlive || this.isDrained) {
      agenda.add(now(), () => wire.cut(['near'], 'connection refused'));
    } else {
      this.#links.set(connection, { smscId, wire, batch: [] });
    }
    return wire;
  }

  #perform(output: Performed<ImServerOutput>): void {
    switch (output.type) {
      case 'link-frame':
        this.#links.get(output.connection)?.wire.send('far', output.bytes);
        return;
      case 'link-entry': {
        const link = this.#links.get(output.connection);
        if (link === undefined) return;
        link.batch.push(output.entry);
        this.#tools.tell({ type: 'told', who: imServerName, smscId: link.smscId, entry: output.entry });
        return;
      }
      case 'link-disconnect':
        this.#flushAll();
        this.#links.get(output.connection)?.wire.close('far', output.reason);
        return;
      case 'answer':
        this.#unanswered.delete(output.cid);
        this.answers.set(output.cid, output.result);
        this.#tools.tell({ type: 'answered', cid: output.cid, result: output.result });
        if (output.result.type === 'stored') {
          this.input({ type: 'im', input: { type: 'written', user: output.user, cid: output.cid } });
        }
        return;
      case 'control-answer':
        this.controlAnswers.set(output.ref, output.result);
        return;
      case 'drained':
        this.isDrained = true;
        return;
      case 'deliver':
        this.#tools.tell({ type: 'shown', client: output.client, event: output.event });
        return;
      case 'user-answer':
        this.#onDisk.add(output.ref);
        return;
      case 'links':
        return;
      default:
        output satisfies never;
    }
  }

  /**
   * Nothing more is read from a connection that a newer one of that buffer replaced. SPEC: DESIGN section 3. Entries may
   * be repeated without harm, so that what is read nevertheless seldom shows elsewhere.
   */
  #watchOlder(input: ImServerInput, outputs: readonly ImServerOutput[]): readonly ImServerOutput[] {
    if (input.type !== 'link-received') return outputs;
    const { connection } = input;
    const smscId = this.#links.get(connection)?.smscId ?? '';
    const newest = this.#newestUp.get(smscId) ?? 0;
    const isUp = outputs.some((output) => output.type === 'log' && output.event === 'link.up');
    if (isUp) this.#newestUp.set(smscId, Math.max(newest, connection));
    const isRead = outputs.some(({ type }) => type === 'persist' || type === 'link-entry');
    if (connection < newest && isRead) throw new Error(`the IM server reads from an older connection of ${smscId}`);
    return outputs;
  }

  /**
   * Before a process has compared with a buffer its heartbeats tell no place of its store: it would replace the one that
   * shows that the store went back. SPEC: DESIGN section 3, `heartbeat`. Comparisons are quick, so it seldom shows elsewhere.
   */
  #watchHeartbeats(input: ImServerInput, outputs: readonly ImServerOutput[]): readonly ImServerOutput[] {
    for (const output of outputs) {
      if (output.type !== 'link-entry' || output.entry.type !== 'heartbeat') continue;
      const smscId = this.#links.get(output.connection)?.smscId ?? '';
      if (output.entry.position.run !== '' && !this.#compared.has(smscId) && !this.#isInStep(smscId)) {
        throw new Error(`the IM server tells ${smscId} where its store is before it has compared`);
      }
    }
    const smscId = input.type === 'link-received' ? this.#links.get(input.connection)?.smscId : undefined;
    if (smscId !== undefined && !this.#compared.has(smscId) && this.#isInStep(smscId)) this.#compared.add(smscId);
    return outputs;
  }

  #isInStep(smscId: string): boolean {
    return this.role?.status().smscs.find((smsc) => smsc.smscId === smscId)?.mt.contact === 'in-step';
  }

  #flushAll(): void {
    for (const link of this.#links.values()) {
      if (link.batch.length === 0) continue;
      const frames = encodeFrames(link.batch, this.#tools.means.codec);
      link.batch = [];
      for (const frame of frames) link.wire.send('far', frame);
    }
  }
}

function refOf(user: string) {
  return clientRef(`world:${user}`);
}
