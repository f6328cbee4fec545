/**
 * A simulated SMSC on which a scenario's faults come: it sees every packet before the role does and every write before
 * the shell does, and changes what the scenario says. Without a fault everything passes as it is and in its order. The
 * role knows nothing of it, but for the hook by which a request is refused. Source: docs/reference/cimd2.md section 4.
 */
import { concatBytes } from '../../base/bytes.ts';
import { assertNever } from '../../base/invariant.ts';
import { logEvent } from '../../base/log-event.ts';
import { earliest, type Machine } from '../../base/machine.ts';
import type { Random } from '../../base/random.ts';
import { type Instant, later } from '../../base/time.ts';
import { decodePacket } from '../../codec/decode.ts';
import { defaultBetweenLimitBytes, defaultReceiveLimitBytes, Framer, type FramerEvent } from '../../codec/framer.ts';
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { formatPacketNumber } from '../../codec/packet-number.ts';
import type { FaultKind, GreetingVariant, Scenario } from './scenario.ts';
import {
  asUnknownOperation,
  nackOf,
  noiseBytes,
  unknownRequest,
  withWrongChecksum,
  withWrongNumber,
} from './scenario-damage.ts';
import { type Passing, ScenarioRules } from './scenario-rules.ts';
import type { Interfere, SmscSettings } from './settings.ts';
import { SmscRole } from './smsc.ts';
import type { ConnectionId, HandsetView, SmscCounts, SmscInput, SmscOutput } from './smsc-io.ts';

/** How often each kind of the scenario was met; 0 where it was not. */
export type FaultCounts = Readonly<Partial<Record<FaultKind, number>>>;

type Sent = Extract<SmscOutput, { readonly type: 'write' | 'close' }>;

interface Connection {
  readonly framer: Framer;
  /** 010 of its last login, granted or not. */
  user: string | undefined;
  /** `ending`: the role is done with it; only what waits in its line still leaves. */
  state: 'open' | 'ending';
  /** What waits behind a slow answer, in its order; times never fall. */
  line: { readonly at: Instant; readonly output: Sent }[];
  /** How its greeting comes; undefined: as usual. */
  readonly greeting: GreetingVariant | undefined;
  /** A late greeting, until it goes out with the first packet. */
  heldGreeting: Uint8Array | undefined;
}

/** Outputs that wait behind slow answers, per connection; an application that provokes more is cut off. */
const lineLimit = 1_000;

export interface FaultySmscOptions {
  readonly settings: SmscSettings;
  readonly scenario: Scenario;
  /** Of the role. */
  readonly random: Random;
  /** Of the faults: another one, so that the same seed brings the same faults whatever the role does with its own. */
  readonly faultRandom: Random;
}

export class FaultySmsc implements Machine<SmscInput, SmscOutput> {
  readonly #role: SmscRole;
  readonly #rules: ScenarioRules;
  readonly #random: Random;
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #counts: Map<FaultKind, number>;
  /** The request that the role is looking at. */
  #current: { readonly passing: Passing; readonly packet: Packet } | undefined;
  /** New connections are reset before this. */
  #downUntil: Instant | undefined;
  /** What the role said and nobody looked at yet. */
  #said: SmscOutput[] = [];
  #outputs: SmscOutput[] = [];

  /** @param now when the process starts: `from`, `until` and `every-time` are counted from it */
  constructor({ settings, scenario, random, faultRandom }: FaultySmscOptions, now: Instant) {
    const interfere: Interfere = (request) => this.#interfere(request.now) ?? settings.interfere?.(request);
    this.#role = new SmscRole({ ...settings, interfere }, random, now);
    this.#rules = new ScenarioRules(scenario, faultRandom, now);
    this.#random = faultRandom;
    this.#counts = new Map(scenario.faults.map(({ action }) => [action.kind, 0]));
  }

  handle(input: SmscInput, now: Instant): readonly SmscOutput[] {
    this.#outputs = [];
    // What was held goes out before anything that comes now.
    this.#release(now);
    this.#take(input, now);
    this.#comeByTime(now);
    return this.#outputs;
  }

  deadline(): Instant | undefined {
    const held = [...this.#connections.values()].map(({ line }) => line[0]?.at);
    return earliest(this.#role.deadline(), this.#rules.deadline(), ...held);
  }

  counts(): SmscCounts {
    return this.#role.counts();
  }

  faultCounts(): FaultCounts {
    return Object.fromEntries(this.#counts);
  }

  handsets(): readonly HandsetView[] {
    return this.#role.handsets();
  }

  /** @param number with or without `+`; undefined where there is no such handset */
  handset(number: string): ReturnType<SmscRole['handset']> {
    return this.#role.handset(number);
  }

  #take(input: SmscInput, now: Instant): void {
    switch (input.type) {
      case 'opened':
        this.#opened(input, now);
        return;
      case 'received': {
        const events = this.#connections.get(input.connection)?.framer.push(input.bytes) ?? [];
        for (const event of events) this.#framed(input.connection, event, now);
        return;
      }
      case 'closed':
        // For the role one that a fault ended is closed already, and it does not mind to hear it again.
        if (this.#connections.delete(input.connection)) this.#toRole(input, now);
        return;
      case 'inject':
      case 'set-handset':
      case 'cut':
      case 'shut-down':
      case 'tick':
        this.#toRole(input, now);
        return;
      default:
        assertNever(input);
    }
  }

  #opened(input: Extract<SmscInput, { readonly type: 'opened' }>, now: Instant): void {
    const { connection } = input;
    if (this.#downUntil !== undefined && now < this.#downUntil) {
      this.#outputs.push({ type: 'close', connection, how: 'reset', reason: 'the SMSC restarts' });
      return;
    }
    const action = this.#rules.meet('opened', { operation: undefined, numbers: [], user: undefined }, now);
    if (action !== undefined) this.#met(action.kind, '', now);
    this.#connections.set(connection, {
      framer: new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: defaultBetweenLimitBytes }),
      user: undefined,
      state: 'open',
      line: [],
      greeting: action?.kind === 'greeting' ? action.greeting : undefined,
      heldGreeting: undefined,
    });
    this.#toRole(input, now);
  }

  // What comes in

  #framed(id: ConnectionId, event: FramerEvent, now: Instant): void {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'open') return;
    switch (event.type) {
      case 'packet':
        this.#packetIn(id, connection, event.bytes, now);
        return;
      case 'between':
        this.#toRole({ type: 'received', connection: id, bytes: event.bytes }, now);
        return;
      case 'fault': {
        const { code, message } = event.fault;
        this.#outputs.push(logEvent('warn', 'session.fault', { connection: id, code, message }));
        return;
      }
      default:
        assertNever(event);
    }
  }

  #packetIn(id: ConnectionId, connection: Connection, bytes: Uint8Array, now: Instant): void {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) {
      this.#toRole({ type: 'received', connection: id, bytes }, now);
      return;
    }
    const { packet } = decoded;
    if (packet.operation === 1) connection.user = parameterOf(packet, 10);
    const passing = passingOf(packet, connection);
    const action = this.#rules.meet('in', passing, now);
    if (action !== undefined) this.#met(action.kind, nameOf(packet), now);
    switch (action?.kind) {
      case 'nack':
        this.#send(connection, { type: 'write', connection: id, bytes: nackOf(packet.packetNumber) }, now);
        return;
      case 'lost':
        return;
      case 'cut':
        this.#cut(id, 'reset', now);
        return;
      case 'restart':
        this.#restart(action.forMs, now);
        return;
      case 'general-error':
        this.#toRole({ type: 'received', connection: id, bytes: asUnknownOperation(packet) }, now);
        return;
      default:
        this.#current = { passing, packet };
        this.#toRole({ type: 'received', connection: id, bytes }, now);
        this.#current = undefined;
    }
  }

  /** The 900 with which the request that the role looks at is refused. */
  #interfere(now: Instant): number | undefined {
    if (this.#current === undefined) return undefined;
    const { passing, packet } = this.#current;
    const action = this.#rules.meet('taken', passing, now);
    if (action?.kind !== 'refuse') return undefined;
    this.#met(action.kind, nameOf(packet), now);
    return action.errorCode;
  }

  // What goes out

  /** Gives the role an input, and lets what it says meet its faults: also what it says to a cut that one of them is. */
  #toRole(input: SmscInput, now: Instant): void {
    const isInWork = this.#said.length > 0;
    this.#said.push(...this.#role.handle(input, now));
    if (isInWork) return;
    for (let output = this.#said[0]; output !== undefined; output = this.#said[0]) {
      this.#fromRole(output, now);
      this.#said.shift();
    }
  }

  #fromRole(output: SmscOutput, now: Instant): void {
    switch (output.type) {
      case 'write': {
        const connection = this.#connections.get(output.connection);
        if (connection === undefined) return;
        if (output.bytes[0] === 0x02) this.#packetOut(connection, output, now);
        else this.#greet(connection, output, now);
        return;
      }
      case 'close': {
        const connection = this.#connections.get(output.connection);
        if (connection === undefined) return;
        this.#close(connection, output, now);
        return;
      }
      case 'reading':
      case 'event':
      case 'injected':
      case 'drained':
      case 'log':
        this.#outputs.push(output);
        return;
      default:
        assertNever(output);
    }
  }

  #packetOut(connection: Connection, output: Extract<Sent, { readonly type: 'write' }>, now: Instant): void {
    const { bytes } = output;
    const decoded = decodePacket(bytes);
    const action = decoded.ok ? this.#rules.meet('out', passingOf(decoded.packet, connection), now) : undefined;
    const write = (written: Uint8Array): void => this.#write(connection, output.connection, written, now);
    if (!decoded.ok || action === undefined) {
      write(bytes);
      return;
    }
    this.#met(action.kind, nameOf(decoded.packet), now);
    switch (action.kind) {
      case 'slow-answer':
        this.#hold(connection, { ...output, bytes: this.#greeted(connection, bytes) }, later(now, action.delayMs));
        return;
      case 'no-answer':
      case 'swallow-deliver':
        return;
      case 'answer-lost':
        this.#cut(output.connection, 'reset', now);
        return;
      case 'duplicate-answer':
      case 'duplicate-deliver':
        write(bytes);
        write(bytes);
        return;
      case 'wrong-checksum':
        write(withWrongChecksum(bytes));
        return;
      case 'wrong-number':
        write(withWrongNumber(decoded.packet));
        return;
      case 'cut-in-packet':
        write(bytes.slice(0, Math.floor(bytes.length / 2)));
        this.#cut(output.connection, 'end', now);
        return;
      case 'garbage':
        write(concatBytes(noiseBytes(action.noise, this.#random), bytes));
        return;
      case 'unknown-operation':
        write(unknownRequest());
        write(bytes);
        return;
      default:
        write(bytes);
    }
  }

  #greet(connection: Connection, output: Extract<Sent, { readonly type: 'write' }>, now: Instant): void {
    switch (connection.greeting) {
      case undefined:
        this.#send(connection, output, now);
        return;
      case 'none':
        return;
      case 'late':
        connection.heldGreeting = output.bytes;
        return;
      case 'pieces':
        for (const byte of output.bytes) this.#send(connection, { ...output, bytes: Uint8Array.of(byte) }, now);
        return;
      default:
        assertNever(connection.greeting);
    }
  }

  #write(connection: Connection, id: ConnectionId, bytes: Uint8Array, now: Instant): void {
    this.#send(connection, { type: 'write', connection: id, bytes: this.#greeted(connection, bytes) }, now);
  }

  /** With a late greeting in front. */
  #greeted(connection: Connection, bytes: Uint8Array): Uint8Array {
    const greeting = connection.heldGreeting;
    connection.heldGreeting = undefined;
    return greeting === undefined ? bytes : concatBytes(greeting, bytes);
  }

  /** Behind all that waits there. */
  #send(connection: Connection, output: Sent, now: Instant): void {
    const last = connection.line.at(-1);
    if (last === undefined) this.#outputs.push(output);
    else this.#hold(connection, output, last.at > now ? last.at : now);
  }

  #hold(connection: Connection, output: Sent, at: Instant): void {
    const last = connection.line.at(-1)?.at;
    connection.line.push({ at: last !== undefined && last > at ? last : at, output });
    if (connection.line.length <= lineLimit) return;
    // Its session ends when the shell tells that it is closed.
    connection.line = [];
    this.#outputs.push({ type: 'close', connection: output.connection, how: 'reset', reason: 'too much waits there' });
  }

  #release(now: Instant): void {
    for (const [id, connection] of this.#connections) {
      const due = connection.line.findIndex(({ at }) => at > now);
      const released = connection.line.splice(0, due === -1 ? connection.line.length : due);
      for (const { output } of released) {
        this.#outputs.push(output);
        if (output.type === 'close') this.#connections.delete(id);
      }
    }
  }

  // Ends of connections

  /** `end`: what was written still leaves. The role is told that it broke. */
  #cut(id: ConnectionId, how: 'end' | 'reset', now: Instant): void {
    const connection = this.#connections.get(id);
    if (connection?.state !== 'open') return;
    const reason = 'cut by the scenario';
    this.#close(connection, { type: 'close', connection: id, how, reason }, now);
    this.#toRole({ type: 'closed', connection: id, reason }, now);
  }

  /** A farewell waits behind what waits there; a reset does not. */
  #close(connection: Connection, output: Extract<Sent, { readonly type: 'close' }>, now: Instant): void {
    if (output.how === 'reset') connection.line = [];
    connection.state = 'ending';
    this.#send(connection, output, now);
    if (connection.line.length === 0) this.#connections.delete(output.connection);
  }

  /** What waits in the SMSC stays there; all that is on a connection is lost. */
  #restart(forMs: number, now: Instant): void {
    this.#downUntil = later(now, forMs);
    this.#toRole({ type: 'cut' }, now);
  }

  #comeByTime(now: Instant): void {
    for (let action = this.#rules.takeDue(now); action !== undefined; action = this.#rules.takeDue(now)) {
      this.#met(action.kind, '', now);
      if (action.kind === 'restart') this.#restart(action.forMs, now);
      else this.#toRole({ type: 'cut' }, now);
    }
  }

  #met(kind: FaultKind, packet: string, now: Instant): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#outputs.push({ type: 'event', event: { type: 'fault', at: now, kind, packet } });
    this.#outputs.push(logEvent('info', 'smsc.fault', { kind, packet }));
  }
}

function passingOf(packet: Packet, { user }: Connection): Passing {
  const numbers = packet.parameters.filter(({ code }) => code === 21 || code === 23).map(({ value }) => value);
  return { operation: packet.operation, numbers, user };
}

/** `03:005`, as everywhere. */
function nameOf({ operation, packetNumber }: Packet): string {
  return `${String(operation).padStart(2, '0')}:${formatPacketNumber(packetNumber)}`;
}
