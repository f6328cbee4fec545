/**
 * One SMSC with its handsets, the buffer beside it, the line between the two, and the buffer's disk. The buffer may
 * die and start again; the SMSC and the disk stay.
 */
import { fromLatin1, toLatin1 } from '../core/base/bytes.ts';
import { type Random, seededRandom } from '../core/base/random.ts';
import { type Instant, instant, later } from '../core/base/time.ts';
import { decodePacket } from '../core/codec/decode.ts';
import { encodePacket } from '../core/codec/encode.ts';
import type { NumberRules } from '../core/handshake/application-turn.ts';
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
import type { SlotNote, SlotNotes } from '../core/store/slot-note.ts';
import { CarriedRole, type Performed } from './carried-role.ts';
import { Disk } from './disk.ts';
import { HostClock } from './host-clock.ts';
import type { Dialer } from './im-house.ts';
import type { MemoryStore } from './memory-store.ts';
import { RaggedStream } from './ragged-stream.ts';
import { honestLine, LineWay, type Meddler } from './smsc-line.ts';
import { type Side, Wire, type WireEnd } from './wire.ts';
import type { WorldTools } from './world-tools.ts';

export interface SiteOptions {
  readonly smscId: string;
  readonly smsc?: Partial<SmscSettings>;
  /** What the SMSC takes a repeated packet for; as in the settings of its sessions if left out. */
  readonly smscNumbers?: NumberRules;
  readonly buffer?: Partial<BufferSettings>;
  /** Faults on the line; then nobody else has his hands on it, since what is there may be no packet. */
  readonly scenario?: Scenario;
  /** How the bytes of the short side come: packet by packet (if left out), or joined and cut anywhere. */
  readonly stream?: 'whole' | 'ragged';
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

const submitAnswer = 53;
const statusReport = 23;
/** Longer than it takes until the SMSC reports. */
const earlyReportMs = 700;
/** Longer than the buffers of the simulation wait for an answer, and shorter than they wait for the second. */
const lateAnswerMs = 13_000;

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
  /** Whether reports come as usual, before the answer to their submit, or are lost within the SMSC. */
  reports: 'usual' | 'early' | 'never' = 'usual';
  /** Whether the SMSC answers submits as usual, later than the buffer waits, or not at all. */
  answers: 'usual' | 'late' | 'never' = 'usual';
  /** One way of the link takes so many times as long. */
  linkSlowness = 1;
  disk = new Disk();
  /** How far its clock is off when it starts next, and how fast it goes. */
  clock = { aheadMs: 0, rate: 1 };
  /** Survives the process, as the disk does; lost with the power. */
  readonly #notes = new Map<number, SlotNote>();
  /** The notes are of another boot, until the first of this one takes their place. */
  isPowerLost = false;
  /** Its operator says at the next start that the disk is a backup. */
  isRestored = false;
  role: BufferRole | undefined;
  carried: CarriedRole<BufferInput, BufferOutput> | undefined;
  isDrained = false;
  readonly #tools: WorldTools;
  readonly #dialLink: (near: WireEnd, from: Dialer) => Wire;
  readonly #random: Random;
  #link: Wire | undefined;
  #smscWire: Wire | undefined;
  readonly #smscWires = new Map<number, Wire>();
  #lastWire = 0;
  #linkNumber = 0;
  readonly #raggedRandom: Random | undefined;
  /** Towards the SMSC, in the connection in force. */
  #stream: RaggedStream | undefined;
  readonly #streamsBack = new Map<number, RaggedStream>();
  #batch: Entry[] = [];
  /** Answers to submits leave at this time or later, by connection. */
  readonly #answersHeldUntil = new Map<number, Instant>();

  constructor(options: SiteOptions, tools: WorldTools, dialLink: (near: WireEnd, from: Dialer) => Wire) {
    const { smscId } = options;
    this.smscId = smscId;
    this.#tools = tools;
    this.#dialLink = dialLink;
    const { stream = 'whole' } = options;
    this.#random = seededRandom(Math.floor(tools.random() * 2 ** 32));
    this.#raggedRandom = stream === 'ragged' ? seededRandom(Math.floor(tools.random() * 2 ** 32)) : undefined;
    const { scenario } = options;
    const given = { ...smscSettings, ...options.smsc };
    const { smscNumbers: numbers = given.session.numbers } = options;
    const settings = { ...given, session: { ...given.session, numbers } };
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

  get store(): MemoryStore {
    return this.disk.store;
  }

  /** What a process that died now would find noted. */
  get notes(): SlotNotes {
    return this.isPowerLost ? new Map() : this.#notes;
  }

  set store(store: MemoryStore) {
    this.disk.store = store;
  }

  // --- the buffer -------------------------------------------------------------------------------------------------

  start(changes: Partial<BufferSettings> = {}): void {
    if (this.carried?.isAlive) throw new Error(`the buffer of ${this.smscId} already runs`);
    const { agenda, now, randomBytes, means } = this.#tools;
    const { identity, records } = openIdentity(
      this.store,
      { role: 'buffer', smscId: this.smscId, restored: this.isRestored },
      randomBytes,
    );
    this.isRestored = false;
    this.disk.commit(records);
    const random = this.#random;
    const { log, tell } = this.#tools;
    const clock = new HostClock(now(), this.clock);
    const base = { ...means, randomBytes, random, identity, store: this.store };
    const notes = this.isPowerLost ? undefined : new Map(this.#notes);
    const role = new BufferRole({ ...this.settings, ...changes }, { ...base, notes });
    const carried: CarriedRole<BufferInput, BufferOutput> = new CarriedRole({
      machine: role,
      tick: { type: 'tick' },
      agenda,
      now,
      clock,
      disk: this.disk,
      commitMs: this.#tools.commitMs,
      perform: (output) => this.#perform(carried, output),
      afterTurn: () => this.#flush(),
      log: (event) => log(`buffer ${this.smscId}`, event),
      committed: (committed) => tell({ type: 'committed', who: this.smscId, records: committed }),
    });
    this.role = role;
    this.carried = carried;
    this.isDrained = false;
    tell({ type: 'started', who: this.smscId });
    tell({ type: 'committed', who: this.smscId, records });
    carried.input({ type: 'start' });
  }

  /** Dies; memory and connections are gone. `link`: whether the IM server's system is told. */
  crash(midCommit: 'written' | 'lost' = 'lost', link: Noticed = 'noticed'): void {
    if (this.carried?.isAlive) this.#tools.tell({ type: 'died', who: this.smscId });
    this.carried?.crash(midCommit);
    this.#link?.cut(link === 'noticed' ? ['far'] : []);
    this.#smscWire?.cut(['far']);
    this.#link = undefined;
    this.#smscWire = undefined;
    this.#stream = undefined;
    this.#batch = [];
  }

  /** A dead buffer finds nothing when it starts again. */
  loseDisk(): void {
    // First: whoever counts what is lost looks at the disk once more.
    this.#tools.tell({ type: 'disk-lost', who: this.smscId });
    this.disk.replace();
    this.#notes.clear();
  }

  /** A dead buffer finds an earlier state of its disk when it starts again; its notes are of no use with that. */
  setDiskBack(commits: number): void {
    const before = this.store.copy();
    this.#tools.tell({ type: 'disk-set-back', who: this.smscId, records: this.disk.setBack(commits), before });
    this.#notes.clear();
    this.isPowerLost = true;
  }

  input(input: BufferInput): void {
    this.carried?.input(input);
  }

  /** Breaks the link; what is on its way is lost. */
  cutLink(toldTo: readonly Side[] = ['near', 'far']): void {
    this.#link?.cut(toldTo);
  }

  /** The link breaks for the buffer; what it said before comes to the IM server so much later. */
  strandLink(lateMs: number): void {
    this.#link?.strand(lateMs);
  }

  /** One way of the link dies, and nobody is told. */
  deafenLink(side: Side): void {
    this.#link?.deafen(side);
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
        if (this.#stream === undefined) this.#smscWire?.send('near', output.bytes);
        else this.#stream.write(output.bytes);
        return;
      case 'smsc-disconnect':
        this.#stream?.flush();
        this.#smscWire?.close('near', output.reason);
        return;
      case 'note':
        // As the file of notes, which is begun anew only now: the same start may come again before.
        if (this.isPowerLost) this.#notes.clear();
        this.isPowerLost = false;
        this.#notes.set(output.slot, output.note);
        this.#tools.tell({ type: 'noted', who: this.smscId, slot: output.slot, note: output.note });
        return;
      case 'claims-awaited':
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
        if (output.connection !== this.#linkNumber) return;
        this.#batch.push(output.entry);
        this.#tools.tell({ type: 'told', who: this.smscId, smscId: this.smscId, entry: output.entry });
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
    this.#link = this.#dialLink(
      {
        opened: () => carried.input({ type: 'link-opened', connection, binding: new Uint8Array(0) }),
        received: (bytes) => carried.input({ type: 'link-received', connection, bytes }),
        closed: (reason) => carried.input({ type: 'link-closed', connection, reason }),
      },
      { smscId: this.smscId, slowness: () => this.linkSlowness },
    );
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
            if (this.smsc instanceof FaultySmsc || this.#raggedRandom !== undefined) {
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
            if (this.#raggedRandom !== undefined) {
              this.smscInput({ type: 'received', connection: id, bytes });
              return;
            }
            const handled = there.take(bytes, (packet) => this.line.toSmsc(packet));
            for (const packet of handled.back) wire.send('far', packet);
            for (const packet of handled.on) this.smscInput({ type: 'received', connection: id, bytes: packet });
          },
          closed: (reason) => {
            this.#forgetSmscWire(id);
            this.smscInput({ type: 'closed', connection: id, reason });
          },
        },
      },
    );
    this.#smscWire = wire;
    this.#smscWires.set(id, wire);
    const random = this.#raggedRandom;
    if (random === undefined) return;
    this.#stream = new RaggedStream(this.#tools, random, (bytes) => wire.send('near', bytes));
    this.#streamsBack.set(id, new RaggedStream(this.#tools, random, (bytes) => wire.send('far', bytes)));
  }

  /** The SMSC says nothing more on it. */
  #forgetSmscWire(id: number): void {
    this.#smscWires.delete(id);
    this.#streamsBack.delete(id);
    this.#answersHeldUntil.delete(id);
  }

  smscInput(input: SmscInput): void {
    for (const output of this.smsc.handle(input, this.#tools.now())) {
      switch (output.type) {
        case 'write':
          this.#leaveSmsc(output.connection, output.bytes);
          break;
        case 'close': {
          const wire = this.#smscWires.get(output.connection);
          if (output.how === 'reset') wire?.cut(['near', 'far'], output.reason);
          else {
            this.#streamsBack.get(output.connection)?.flush();
            wire?.close('far', output.reason);
          }
          this.#forgetSmscWire(output.connection);
          break;
        }
        case 'event':
          // What is on the handsets is asked for in every world.
          if (this.#tools.records === 'kept' || output.event.type === 'received') this.smscEvents.push(output.event);
          this.#tools.tell({ type: 'smsc', smscId: this.smscId, event: output.event });
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

  /** What an SMSC of another make would do with answers and reports. */
  #leaveSmsc(connection: number, bytes: Uint8Array): void {
    const { agenda, now } = this.#tools;
    const operation = operationOf(bytes);
    if (operation === statusReport && this.reports === 'never' && this.#raggedRandom === undefined) {
      if (this.#withhold(connection, bytes)) return;
    }
    if (operation === submitAnswer && this.answers === 'never') return;
    const heldUntil = this.#answersHeldUntil.get(connection) ?? instant(0);
    const lateMs = this.answers === 'late' ? lateAnswerMs : this.reports === 'early' ? earlyReportMs : 0;
    if (operation !== submitAnswer || (lateMs === 0 && heldUntil <= now())) {
      this.#writeBack(connection, bytes);
      return;
    }
    // In their order, also behind the last one that was held.
    const at = instant(Math.max(heldUntil, later(now(), lateMs)));
    this.#answersHeldUntil.set(connection, at);
    agenda.add(at, () => this.#writeBack(connection, bytes));
  }

  /** Answers a report in place of the buffer. @returns false for one that is no packet */
  #withhold(connection: number, bytes: Uint8Array): boolean {
    const { agenda, now, tell } = this.#tools;
    const decoded = decodePacket(bytes);
    if (!decoded.ok) return false;
    const { packetNumber, parameters } = decoded.packet;
    const to = parameters.find(({ code }) => code === 21)?.value ?? '';
    tell({ type: 'report-withheld', smscId: this.smscId, to });
    const answer = encodePacket({ operation: statusReport + 50, packetNumber, parameters: [] }, { checksum: 'send' });
    agenda.add(now(), () => this.smscInput({ type: 'received', connection, bytes: answer }));
    return true;
  }

  #writeBack(connection: number, bytes: Uint8Array): void {
    const stream = this.#streamsBack.get(connection);
    if (stream === undefined) this.#smscWires.get(connection)?.send('far', bytes);
    else stream.write(bytes);
  }
}

/** Of a packet; undefined for bytes that begin with something else. */
function operationOf(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== 0x02 || bytes.length < 3) return undefined;
  return Number(toLatin1(bytes.subarray(1, 3)));
}
