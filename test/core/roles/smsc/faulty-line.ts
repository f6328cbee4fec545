/**
 * One SMSC with a scenario under virtual time, and raw connections to it: what each side put on the wire, as texts.
 * Damage stays visible: a packet that cannot be read is shown as such.
 */
import { toLatin1 } from '../../../../src/core/base/bytes.ts';
import { seededRandom } from '../../../../src/core/base/random.ts';
import { type Instant, instant, later } from '../../../../src/core/base/time.ts';
import { decodePacket } from '../../../../src/core/codec/decode.ts';
import { encodePacket } from '../../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { FaultySmsc } from '../../../../src/core/roles/smsc/faulty-smsc.ts';
import type { Fault, FaultAction } from '../../../../src/core/roles/smsc/scenario.ts';
import { defaultSessionSettings, type SmscSettings } from '../../../../src/core/roles/smsc/settings.ts';
import type { SmscEvent, SmscInput } from '../../../../src/core/roles/smsc/smsc-io.ts';
import { account } from './harness.ts';

const settings: SmscSettings = {
  accounts: [account, { ...account, user: 'other', number: '3993' }],
  handsets: [],
  unknownNumbers: 'on',
  zoneOffset: 0,
  turnMs: 0,
  ratePerSecond: undefined,
  deliveryDelayMs: 0,
  cutEveryMs: undefined,
  session: { ...defaultSessionSettings, greeting: undefined },
};

/** A fault that says nothing but what it does: always, and on all packets. */
export function fault(action: FaultAction, more: Partial<Fault> = {}): Fault {
  return {
    action,
    operations: undefined,
    account: undefined,
    number: undefined,
    measure: { type: 'always' },
    fromMs: 0,
    untilMs: undefined,
    times: undefined,
    ...more,
  };
}

export const begin = instant(Date.UTC(2026, 10, 22, 12));

export class FaultyLine {
  readonly smsc: FaultySmsc;
  readonly events: SmscEvent[] = [];
  /** What came to each connection since it was last looked at. */
  readonly #came = new Map<number, string[]>();
  #now: Instant = begin;
  #connections = 0;

  constructor(faults: readonly Fault[], greeting?: string, seed = 1) {
    const scenario = { name: 'test', description: '', faults };
    const session = { ...settings.session, greeting };
    const random = seededRandom(seed);
    const options = { settings: { ...settings, session }, scenario, random, faultRandom: seededRandom(seed + 1) };
    this.smsc = new FaultySmsc(options, begin);
  }

  /** @returns the connection */
  connect(): number {
    this.#connections += 1;
    this.#came.set(this.#connections, []);
    this.input({ type: 'opened', connection: this.#connections, remote: '127.0.0.1:1' });
    return this.#connections;
  }

  /** Connected, logged in and past the hold after the login. */
  bound(user = 'app', more: readonly [number, string][] = []): number {
    const connection = this.connect();
    this.send(connection, 1, 1, [[10, user], [11, 'secret'], ...more]);
    this.pass(300);
    this.came(connection);
    return connection;
  }

  send(connection: number, operation: number, number: number, parameters: readonly [number, string][] = []): void {
    const list = parameters.map(([code, value]) => ({ code, value }));
    const packet = { operation, packetNumber: packetNumber(number), parameters: list };
    this.input({ type: 'received', connection, bytes: encodePacket(packet, { checksum: 'send' }) });
  }

  submit(connection: number, number: number, to = '+639171234567'): void {
    this.send(connection, 3, number, [
      [21, to],
      [33, `text ${number}`],
    ]);
  }

  inject(text: string, from = '+639171234567'): void {
    this.input({ type: 'inject', ref: this.#connections + 100, from, to: '2882', text });
  }

  /** What came since the last time: `53:003`, `bad 53:003`, `noise 2`, `piece`, `reset`, `end`. */
  came(connection: number): readonly string[] {
    const came = this.#came.get(connection) ?? [];
    this.#came.set(connection, []);
    return came;
  }

  pass(ms: number): void {
    const end = later(this.#now, ms);
    for (let at = this.smsc.deadline(); at !== undefined && at <= end; at = this.smsc.deadline()) {
      this.#now = instant(Math.max(at, this.#now));
      this.input({ type: 'tick' });
    }
    this.#now = end;
  }

  input(input: SmscInput): void {
    for (const output of this.smsc.handle(input, this.#now)) {
      if (output.type === 'event') this.events.push(output.event);
      if (output.type === 'write') this.#came.get(output.connection)?.push(show(output.bytes));
      if (output.type !== 'close') continue;
      this.#came.get(output.connection)?.push(output.how);
      this.input({ type: 'closed', connection: output.connection, reason: output.reason });
    }
  }
}

function show(bytes: Uint8Array): string {
  const begin = bytes.indexOf(0x02);
  if (begin === -1) return `noise ${bytes.length}`;
  if (begin > 0) return `noise ${begin}, ${show(bytes.subarray(begin))}`;
  if (bytes.at(-1) !== 0x03) return 'piece';
  const name = toLatin1(bytes.subarray(1, 7));
  const decoded = decodePacket(bytes);
  if (!decoded.ok) return `bad ${name}`;
  const refusal = decoded.packet.parameters.find(({ code }) => code === 900);
  return refusal === undefined ? name : `${name} 900:${refusal.value}`;
}
