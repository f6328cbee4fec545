/**
 * The simulated SMSC under virtual time, with applications that speak raw packets: no client machine in between, so that
 * what is tested is what stands on the wire.
 */
import { expect } from 'vitest';
import { seededRandom } from '../../../../src/core/base/random.ts';
import { type Instant, instant, later } from '../../../../src/core/base/time.ts';
import { decodePacket } from '../../../../src/core/codec/decode.ts';
import { encodePacket } from '../../../../src/core/codec/encode.ts';
import { Framer } from '../../../../src/core/codec/framer.ts';
import type { Packet } from '../../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { type Account, defaultSessionSettings, type SmscSettings } from '../../../../src/core/roles/smsc/settings.ts';
import { SmscRole } from '../../../../src/core/roles/smsc/smsc.ts';
import type { SmscEvent, SmscInput, SmscOutput } from '../../../../src/core/roles/smsc/smsc-io.ts';
import { plainAccount, plainSmsc } from '../../../plain-settings.ts';

export const account: Account = plainAccount;

const settings: SmscSettings = {
  ...plainSmsc,
  // Applications here are silent for as long as a test likes.
  session: { ...defaultSessionSettings, greeting: undefined, idleMs: 0 },
};

/** 2026-01-31 23:59:59 in the zone of the settings. */
export const start = instant(Date.UTC(2026, 0, 31, 15, 59, 59));

export class World {
  readonly smsc: SmscRole;
  readonly outputs: SmscOutput[] = [];
  readonly #applications: Application[] = [];
  #now: Instant = start;

  constructor(changes: Partial<SmscSettings> = {}) {
    this.smsc = new SmscRole({ ...settings, ...changes }, seededRandom(1), start);
  }

  get now(): Instant {
    return this.#now;
  }

  get events(): readonly SmscEvent[] {
    return this.outputs.flatMap((output) => (output.type === 'event' ? [output.event] : []));
  }

  eventsOf<T extends SmscEvent['type']>(type: T): readonly Extract<SmscEvent, { readonly type: T }>[] {
    return this.events.filter((event): event is Extract<SmscEvent, { readonly type: T }> => event.type === type);
  }

  input(input: SmscInput): readonly SmscOutput[] {
    const outputs = this.smsc.handle(input, this.#now);
    this.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.type === 'write') this.#applications[output.connection]?.received(output.bytes);
      if (output.type === 'close') this.#applications[output.connection]?.closed(output.how);
    }
    return outputs;
  }

  /** Lets time pass, with a tick at every deadline on the way. */
  pass(ms: number): void {
    const end = later(this.#now, ms);
    for (let at = this.smsc.deadline(); at !== undefined && at <= end; at = this.smsc.deadline()) {
      this.#now = instant(Math.max(at, this.#now));
      this.input({ type: 'tick' });
    }
    this.#now = end;
  }

  connect(remote = '127.0.0.1:1'): Application {
    const application = new Application(this, this.#applications.length);
    this.#applications.push(application);
    this.input({ type: 'opened', connection: this.#applications.length - 1, remote });
    return application;
  }

  /** Connected, logged in, and past the hold after the login. */
  bound(...login: readonly [number, string][]): Application {
    const application = this.connect();
    application.send(1, [[10, 'app'], [11, 'secret'], ...login]);
    expect(application.take()).toEqual(['51:001']);
    this.pass(300);
    return application;
  }
}

/** An application that does nothing by itself. */
export class Application {
  state: 'open' | 'end' | 'reset' = 'open';
  readonly #world: World;
  readonly #connection: number;
  readonly #framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 4_096 });
  #inbox: Packet[] = [];
  #nextNumber = 1;

  constructor(world: World, connection: number) {
    this.#world = world;
    this.#connection = connection;
  }

  /** Sends a request under the next number. */
  send(operation: number, parameters: readonly [number, string][]): void {
    this.write(operation, this.#nextNumber, parameters);
    this.#nextNumber = (this.#nextNumber + 2) % 256;
  }

  write(operation: number, number: number, parameters: readonly [number, string][] = []): void {
    const packet = {
      operation,
      packetNumber: packetNumber(number),
      parameters: parameters.map(([code, value]) => ({ code, value })),
    };
    this.writeBytes(encodePacket(packet, { checksum: 'send' }));
  }

  writeBytes(bytes: Uint8Array): readonly SmscOutput[] {
    return this.#world.input({ type: 'received', connection: this.#connection, bytes });
  }

  /** What came since the last time, one text per packet. */
  take(): readonly string[] {
    return this.takePackets().map(show);
  }

  /** Only the first of them; the others stay. */
  takeOne(): string | undefined {
    const packet = this.#inbox.shift();
    return packet && show(packet);
  }

  takePackets(): readonly Packet[] {
    const packets = this.#inbox;
    this.#inbox = [];
    return packets;
  }

  /** Answers every deliver and report that comes, until nothing comes any more; returns them. */
  answerAll(): readonly string[] {
    const seen: string[] = [];
    for (let packets = this.takePackets(); packets.length > 0; packets = this.takePackets()) {
      for (const packet of packets) {
        seen.push(show(packet));
        if (packet.operation < 50) this.write(packet.operation + 50, packet.packetNumber);
      }
    }
    return seen;
  }

  /** The connection breaks. */
  lose(): void {
    this.#world.input({ type: 'closed', connection: this.#connection, reason: 'lost' });
  }

  received(bytes: Uint8Array): void {
    for (const event of this.#framer.push(bytes)) {
      if (event.type !== 'packet') continue;
      const decoded = decodePacket(event.bytes);
      if (!decoded.ok) throw new Error(decoded.fault.message);
      this.#inbox.push(decoded.packet);
    }
  }

  closed(how: 'end' | 'reset'): void {
    this.state = how;
  }
}

/** `53:003 021:+63917 060:260131235959`, without 901. */
function show({ operation, packetNumber: number, parameters }: Packet): string {
  const head = `${String(operation).padStart(2, '0')}:${String(number).padStart(3, '0')}`;
  const shown = parameters.filter(({ code }) => code !== 901);
  return [head, ...shown.map(({ code, value }) => `${String(code).padStart(3, '0')}:${value}`)].join(' ');
}
