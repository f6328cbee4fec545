/**
 * One SMSC with its handsets, the buffer beside it, the line between the two, and the buffer's disk. The buffer may
 * die and start again; the SMSC and the disk stay.
 */
import { fromLatin1 } from '../core/base/bytes.ts';
import { type Random, seededRandom } from '../core/base/random.ts';
import type { Entry } from '../core/link/entries.ts';
import { encodeFrames } from '../core/link/frame.ts';
import { BufferRole } from '../core/roles/buffer/buffer.ts';
import type { BufferInput, BufferOutput, BufferSettings } from '../core/roles/buffer/buffer-io.ts';
import type { ControlResult } from '../core/roles/control-result.ts';
import { FaultySmsc } from '../core/roles/smsc/faulty-smsc.ts';
import type { Scenario } from '../core/roles/smsc/scenario.ts';
import { defaultSessionSettings, type SmscSettings } from '../core/roles/smsc/settings.ts';
import { SmscRole } from '../core/roles/smsc/smsc.ts';
import type { SmscEvent, SmscInput } from '../core/roles/smsc/smsc-io.ts';
import { openIdentity } from '../core/store/identity.ts';
import type { SlotNote } from '../core/store/slot-note.ts';
import { CarriedRole, type Performed } from './carried-role.ts';
import { MemoryStore } from './memory-store.ts';
import { honestLine, LineWay, type Meddler } from './smsc-line.ts';
import { type Side, Wire, type WireEnd } from './wire.ts';
import type { WorldTools } from './world-tools.ts';

export interface SiteOptions {
  readonly smscId: string;
  readonly smsc?: Partial<SmscSettings>;
  readonly buffer?: Partial<BufferSettings>;
  /** Faults on the line; then nobody else has his hands on it, since what is there may be no packet. */
  readonly scenario?: Scenario;
}

/** How a process or a connection ends for those at the other end. */
export type Noticed = 'noticed' | 'unnoticed';

const smscSettings: SmscSettings = {
  accounts: [
    {
      user: 'app',
      password: 'secret',
      number: '2882',
      type: 'receiving',
      reports: 'allowed',
      maxSessions: 1,
      maxWindow: 1,
    },
  ],
  handsets: [],
  unknownNumbers: 'on',
  zoneOffset: 480,
  turnMs: 2,
  ratePerSecond: undefined,
  deliveryDelayMs: 20,
  cutEveryMs: undefined,
  // A session that fell silent ends, or the account's only place would stay taken by a connection that nobody cut.
  session: { ...defaultSessionSettings, greeting: undefined, idleMs: 65_000 },
};

export function secretOf(smscId: string): Uint8Array {
  return fromLatin1(smscId.padEnd(32, '.'));
}

/** One way to or from the SMSC within a house. */
const lineDelayMs = 1;

export class Site {
  readonly smscId: string;
  readonly smsc: SmscRole | FaultySmsc;
  readonly smscEvents: SmscEvent[] = [];
  readonly settings: BufferSettings;
  /** Hands on the line; the default passes everything. */
  readonly line: Meddler = honestLine();
  readonly controlAnswers = new Map<number, ControlResult>();
  /** Whether the SMSC's port, and the way to the IM server, can be reached. */
  isSmscReachable = true;
  isLinkOpen = true;
  store = new MemoryStore();
  /** Survives the process, as the disk does; lost with the power. */
  notes = new Map<number, SlotNote>();
  isPowerLost = false;
  role: BufferRole | undefined;
  carried: CarriedRole<BufferInput, BufferOutput> | undefined;
  isDrained = false;
  readonly #tools: WorldTools;
  readonly #dialLink: (near: WireEnd) => Wire;
  readonly #random: Random;
  #link: Wire | undefined;
  #smscWire: Wire | undefined;
  readonly #smscWires = new Map<number, Wire>();
  #lastWire = 0;
  #linkNumber = 0;
  #batch: Entry[] = [];

  constructor(options: SiteOptions, tools: WorldTools, dialLink: (near: WireEnd) => Wire) {
    const { smscId } = options;
    this.smscId = smscId;
    this.#tools = tools;
    this.#dialLink = dialLink;
    this.#random = seededRandom(Math.floor(tools.random() * 2 ** 32));
    const { scenario } = options;
    const settings = { ...smscSettings, ...options.smsc };
    if (scenario === undefined) {
      this.smsc = new SmscRole(settings, this.#random, tools.now());
    } else {
      const faultRandom = seededRandom(Math.floor(tools.random() * 2 ** 32));
      this.smsc = new FaultySmsc({ settings, scenario, random: this.#random, faultRandom }, tools.now());
    }
    this.settings = {
      smscId,
      node: `buffer of ${smscId}`,
      secret: secretOf(smscId),
      ringSize: 255,
      inDoubt: 'resend',
      alphabet: 'nokia',
      smscZone: 'ask',
      machineZone: 0,
      reports: 'final',
      user: 'app',
      password: 'secret',
      subaddress: undefined,
      window: 1,
      pace: { type: 'sporadic' },
      checksum: 'send',
      greetingWaitMs: 0,
      aliveMs: 30_000,
      answerTimeoutMs: 60_000,
      ...options.buffer,
    };
  }

  // --- the buffer -------------------------------------------------------------------------------------------------

  start(changes: Partial<BufferSettings> = {}): void {
    if (this.carried?.isAlive) throw new Error(`the buffer of ${this.smscId} already runs`);
    const { agenda, now, randomBytes, means } = this.#tools;
    const { identity, records } = openIdentity(this.store, { role: 'buffer', smscId: this.smscId }, randomBytes);
    this.store.write(records);
    const random = this.#random;
    const base = { ...means, randomBytes, random, identity, store: this.store };
    const notes = this.isPowerLost ? undefined : new Map(this.notes);
    this.isPowerLost = false;
    const role = new BufferRole({ ...this.settings, ...changes }, { ...base, notes });
    const carried: CarriedRole<BufferInput, BufferOutput> = new CarriedRole({
      machine: role,
      tick: { type: 'tick' },
      agenda,
      now,
      store: this.store,
      commitMs: this.#tools.commitMs,
      perform: (output) => this.#perform(carried, output),
      afterTurn: () => this.#flush(),
      log: (event) => this.#tools.log(`buffer ${this.smscId}`, event),
    });
    this.role = role;
    this.carried = carried;
    this.isDrained = false;
    carried.input({ type: 'start' });
  }

  /** Dies; memory and connections are gone. `link`: whether the IM server's system is told. */
  crash(midCommit: 'written' | 'lost' = 'lost', link: Noticed = 'noticed'): void {
    this.carried?.crash(midCommit);
    this.#link?.cut(link === 'noticed' ? ['far'] : []);
    this.#smscWire?.cut(['far']);
    this.#link = undefined;
    this.#smscWire = undefined;
    this.#batch = [];
  }

  input(input: BufferInput): void {
    this.carried?.input(input);
  }

  /** Breaks the link; what is on its way is lost. */
  cutLink(toldTo: readonly Side[] = ['near', 'far']): void {
    this.#link?.cut(toldTo);
  }

  /** Breaks the connection to the SMSC. */
  cutSmsc(toldTo: readonly Side[] = ['near', 'far']): void {
    this.#smscWire?.cut(toldTo);
  }

  #perform(carried: CarriedRole<BufferInput, BufferOutput>, output: Performed<BufferOutput>): void {
    switch (output.type) {
      case 'smsc-connect':
        this.#connectSmsc(carried, output.connection);
        return;
      case 'smsc-write':
        this.#smscWire?.send('near', output.bytes);
        return;
      case 'smsc-disconnect':
        this.#smscWire?.close('near', output.reason);
        return;
      case 'note':
        this.notes.set(output.slot, output.note);
        return;
      case 'claims-kept':
        carried.input({ type: 'claims-kept' });
        return;
      case 'link-connect':
        this.#connectLink(carried, output.connection);
        return;
      case 'link-frame':
        if (output.connection === this.#linkNumber) this.#link?.send('near', output.bytes);
        return;
      case 'link-entry':
        if (output.connection === this.#linkNumber) this.#batch.push(output.entry);
        return;
      case 'link-disconnect':
        if (output.connection !== this.#linkNumber) return;
        this.#flush();
        this.#link?.close('near', output.reason);
        return;
      case 'control-answer':
        this.controlAnswers.set(output.ref, output.result);
        return;
      case 'drained':
        this.isDrained = true;
        return;
      default:
        output satisfies never;
    }
  }

  #connectLink(carried: CarriedRole<BufferInput, BufferOutput>, connection: number): void {
    this.#linkNumber = connection;
    if (!this.isLinkOpen) {
      this.#tools.agenda.add(this.#tools.now(), () =>
        carried.input({ type: 'link-closed', connection, reason: 'unreachable' }),
      );
      return;
    }
    this.#batch = [];
    this.#link = this.#dialLink({
      opened: () => carried.input({ type: 'link-opened', connection, binding: new Uint8Array(0) }),
      received: (bytes) => carried.input({ type: 'link-received', connection, bytes }),
      closed: (reason) => carried.input({ type: 'link-closed', connection, reason }),
    });
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const frames = encodeFrames(this.#batch, this.#tools.means.codec);
    this.#batch = [];
    for (const frame of frames) this.#link?.send('near', frame);
  }

  // --- the SMSC ---------------------------------------------------------------------------------------------------

  #connectSmsc(carried: CarriedRole<BufferInput, BufferOutput>, connection: number): void {
    const { agenda, now } = this.#tools;
    if (!this.isSmscReachable) {
      agenda.add(now(), () => carried.input({ type: 'smsc-closed', connection, reason: 'connection refused' }));
      return;
    }
    this.#lastWire += 1;
    const id = this.#lastWire;
    const [there, back] = [new LineWay(), new LineWay()];
    const wire = new Wire(
      { agenda, now, delayMs: () => lineDelayMs },
      {
        near: {
          opened: () => carried.input({ type: 'smsc-opened', connection }),
          received: (bytes) => {
            if (this.smsc instanceof FaultySmsc) {
              carried.input({ type: 'smsc-received', connection, bytes });
              return;
            }
            const { on } = back.take(bytes, (packet) => this.line.fromSmsc(packet));
            for (const packet of on) carried.input({ type: 'smsc-received', connection, bytes: packet });
          },
          closed: (reason) => carried.input({ type: 'smsc-closed', connection, reason }),
        },
        far: {
          opened: () => this.smscInput({ type: 'opened', connection: id, remote: `buffer:${id}` }),
          received: (bytes) => {
            const handled = there.take(bytes, (packet) => this.line.toSmsc(packet));
            for (const packet of handled.back) wire.send('far', packet);
            for (const packet of handled.on) this.smscInput({ type: 'received', connection: id, bytes: packet });
          },
          closed: (reason) => this.smscInput({ type: 'closed', connection: id, reason }),
        },
      },
    );
    this.#smscWire = wire;
    this.#smscWires.set(id, wire);
  }

  smscInput(input: SmscInput): void {
    for (const output of this.smsc.handle(input, this.#tools.now())) {
      switch (output.type) {
        case 'write':
          this.#smscWires.get(output.connection)?.send('far', output.bytes);
          break;
        case 'close': {
          const wire = this.#smscWires.get(output.connection);
          if (output.how === 'reset') wire?.cut(['near', 'far'], output.reason);
          else wire?.close('far', output.reason);
          break;
        }
        case 'event':
          this.smscEvents.push(output.event);
          break;
        // What was paused is buffered by the wire, as by a kernel.
        case 'reading':
        case 'injected':
        case 'drained':
        case 'log':
          break;
        default:
          output satisfies never;
      }
    }
  }
}
