/**
 * Both ends joined by two streams of bytes that delay, split, damage and cut, with an owner at each end that behaves
 * as roles do. Everything follows from the seed. Whatever breaks a promise of the session is noted in `broken`.
 */

import { earliest } from '../../../src/core/base/machine.ts';
import { type Random, seededRandom } from '../../../src/core/base/random.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import { type Packet, parameterOf } from '../../../src/core/codec/packet.ts';
import { CimdClient } from '../../../src/core/handshake/client.ts';
import type { ClientInput, ClientOutput } from '../../../src/core/handshake/client-io.ts';
import { CimdServerSession } from '../../../src/core/handshake/server.ts';
import type { ServerInput, ServerOutput } from '../../../src/core/handshake/server-io.ts';
import { clientSettings, serverSettings } from './settings.ts';

export interface Weather {
  readonly seed: number;
  readonly window: number;
  readonly submits: number;
  readonly delivers: number;
  /** Chance of one damaged or lost byte per packet. */
  readonly damage: number;
  /** Mean time between cuts; 0 for none. */
  readonly cutEveryMs: number;
  /** Chance that the SMSC answers a request too late or never, and the owner never a deliver. */
  readonly silence: number;
  readonly onTimeout: 'ask' | 'repeat' | 'close';
}

interface Fate {
  readonly responses: string[];
  unknown: number;
  /** Numbers under which it was written. */
  readonly numbers: Set<number>;
  writes: number;
  /** Service centre time stamps of its executions. */
  readonly executions: string[];
}

interface Scheduled {
  readonly at: Instant;
  readonly order: number;
  readonly run: () => void;
}

/** Faults end here; what is open must settle in bounded time after it. */
const calmAt = 600_000;
const endAt = 3_600_000;

export class Pipe {
  readonly broken: string[] = [];
  readonly fates: Fate[] = [];
  /** Per deliver: what became of it at the SMSC. */
  readonly delivered: { responses: number; seen: number }[] = [];
  /** Numbers of all requests of the client, in order, per connection. */
  readonly numbers: number[][] = [];
  connections = 0;
  cuts = 0;
  damaged = 0;

  readonly #weather: Weather;
  readonly #random: Random;
  readonly #client: CimdClient;
  #server: CimdServerSession | undefined;
  #now = instant(0);
  #order = 0;
  #queue: Scheduled[] = [];
  #arrival = { toClient: instant(0), toServer: instant(0) };
  #nextSubmit = 0;
  #stamp = 0;
  /** Delivers that the SMSC holds and has not sent in this session, or of unknown fate. */
  #toDeliver: number[];
  readonly #tokens = new Map<number, number>();
  #answered = new Set<number>();
  #incomingNow = new Set<number>();

  constructor(weather: Weather) {
    this.#weather = weather;
    this.#random = seededRandom(weather.seed);
    this.#client = new CimdClient(
      clientSettings({
        window: weather.window,
        answerTimeoutMs: 5_000,
        aliveMs: 3_000,
        reconnectMs: { first: 500, cap: 5_000, afterRefusedLogin: 1_000 },
      }),
      this.#random,
    );
    for (let i = 0; i < weather.submits; i += 1) {
      this.fates.push({ responses: [], unknown: 0, numbers: new Set(), writes: 0, executions: [] });
    }
    for (let i = 0; i < weather.delivers; i += 1) this.delivered.push({ responses: 0, seen: 0 });
    this.#toDeliver = this.delivered.map((_, at) => at);
  }

  run(): this {
    this.#toClient({ type: 'log-in' });
    if (this.#weather.cutEveryMs > 0) this.#scheduleCut();
    while (this.#now < endAt && !this.#isSettled()) this.#step();
    return this;
  }

  #isSettled(): boolean {
    const isEnded = (fate: Fate): boolean => fate.responses.length + fate.unknown > 0;
    return this.fates.every(isEnded) && this.delivered.every(({ responses }) => responses > 0);
  }

  #step(): void {
    const next = earliest(this.#queue[0]?.at, this.#client.deadline(), this.#server?.deadline());
    this.#now = instant(Math.max(this.#now, next ?? endAt));
    const due = this.#queue[0];
    if (due !== undefined && due.at <= this.#now) {
      this.#queue.shift();
      due.run();
    } else if (isDue(this.#client.deadline(), this.#now)) this.#toClient({ type: 'tick' });
    else if (isDue(this.#server?.deadline(), this.#now)) this.#toServer({ type: 'tick' });
    this.#work();
  }

  /** Both owners send what they may. */
  #work(): void {
    while (this.#nextSubmit < this.fates.length && this.#client.capacity() > 0) {
      const ref = this.#nextSubmit;
      this.#nextSubmit += 1;
      const parameters = [
        { code: 21, value: String(1000 + ref) },
        { code: 33, value: `message ${ref}` },
      ];
      this.#toClient({ type: 'request', ref, operation: 3, parameters, onTimeout: this.#weather.onTimeout });
    }
    while (this.#toDeliver.length > 0 && (this.#server?.capacity() ?? 0) > 0) {
      const ref = this.#toDeliver.shift() ?? 0;
      const parameters = [
        { code: 21, value: '16001' },
        { code: 33, value: String(ref) },
      ];
      this.#toServer({ type: 'request', ref, operation: 20, parameters });
    }
  }

  // The client's owner

  #toClient(input: ClientInput): void {
    for (const output of this.#client.handle(input, this.#now)) this.#fromClient(output);
  }

  #fromClient(output: ClientOutput): void {
    switch (output.type) {
      case 'connect':
        this.#connect();
        return;
      case 'disconnect':
        this.#cut('client');
        return;
      case 'write':
        this.#noteWrite(output.packet);
        this.#carry(output.bytes, 'toServer');
        return;
      case 'response':
        this.#noteResponse(output.ref, output.packet);
        return;
      case 'unknown':
        this.#fate(output.ref).unknown += 1;
        return;
      case 'repeat-wanted':
        this.#after(200, () => this.#toClient({ type: 'repeat', ref: output.ref }));
        return;
      case 'incoming':
        this.#incoming(output.token, output.packet);
        return;
      case 'answer-seen': {
        const ref = this.#tokens.get(output.token);
        if (ref === undefined || !this.#answered.has(output.token)) {
          this.#break('proof of what we never answered');
          return;
        }
        if (this.#deliver(ref).responses === 0)
          this.#break(`deliver ${ref} counts as answered, the SMSC had no answer`);
        return;
      }
      case 'session':
        if (output.state === 'logging-in') this.#incomingNow = new Set();
        return;
      case 'withdrawn':
      case 'seen':
      case 'log':
        return;
    }
  }

  #noteWrite(packet: Packet): void {
    if (packet.operation < 50) this.numbers.at(-1)?.push(packet.packetNumber);
    if (packet.operation !== 3) return;
    const fate = this.#fate(Number(parameterOf(packet, 21)) - 1000);
    fate.numbers.add(packet.packetNumber);
    fate.writes += 1;
    if (fate.responses.length + fate.unknown > 0) this.#break('a submit was sent after its end');
  }

  #noteResponse(ref: number, packet: Packet): void {
    const stamp = parameterOf(packet, 60) ?? '';
    const fate = this.#fate(ref);
    fate.responses.push(stamp);
    if (!fate.executions.includes(stamp)) this.#break(`submit ${ref} got the answer to another one`);
  }

  #incoming(token: number, packet: Packet): void {
    const ref = Number(parameterOf(packet, 33));
    this.#tokens.set(token, ref);
    this.#deliver(ref).seen += 1;
    if (this.#incomingNow.has(ref)) this.#break(`deliver ${ref} came out twice in one session`);
    this.#incomingNow.add(ref);
    if (this.#isSilent()) return;
    this.#after(300, () => {
      this.#answered.add(token);
      this.#toClient({ type: 'answer', token, parameters: [] });
    });
  }

  // The SMSC role

  #toServer(input: ServerInput): void {
    const server = this.#server;
    if (server === undefined) return;
    for (const output of server.handle(input, this.#now)) this.#fromServer(server, output);
  }

  #fromServer(server: CimdServerSession, output: ServerOutput): void {
    switch (output.type) {
      case 'write':
        this.#carry(output.bytes, 'toClient');
        return;
      case 'close':
        this.#cut('server');
        return;
      case 'request':
        this.#serve(server, output.token, output.packet);
        return;
      case 'response':
        this.#deliver(output.ref).responses += 1;
        if (![...this.#answered].some((token) => this.#tokens.get(token) === output.ref)) {
          this.#break(`deliver ${output.ref} was answered by nobody`);
        }
        return;
      case 'unknown':
        this.#toDeliver.unshift(output.ref);
        return;
      case 'session':
      case 'seen':
      case 'log':
        return;
    }
  }

  #serve(server: CimdServerSession, token: number, packet: Packet): void {
    const respond = (parameters: readonly { code: number; value: string }[]): void => {
      if (this.#server === server) this.#toServer({ type: 'respond', token, parameters });
    };
    if (packet.operation === 1) {
      this.#after(50, () => respond([]));
      return;
    }
    const address = parameterOf(packet, 21) ?? '';
    this.#stamp += 1;
    const stamp = String(this.#stamp).padStart(12, '0');
    this.#fate(Number(address) - 1000).executions.push(stamp);
    if (this.#isSilent()) return;
    const answer = [
      { code: 21, value: address },
      { code: 60, value: stamp },
    ];
    // Now and then later than the client's patience.
    this.#after(this.#isSilent() ? 9_000 : 100, () => respond(answer));
  }

  // The line

  #connect(): void {
    this.#after(100, () => {
      if (this.#client.state !== 'connecting') return;
      this.connections += 1;
      this.numbers.push([]);
      this.#server = new CimdServerSession(serverSettings({ answerTimeoutMs: 4_000 }));
      this.#arrival = { toClient: this.#now, toServer: this.#now };
      this.#toServer({ type: 'opened' });
      this.#toClient({ type: 'opened' });
    });
  }

  /** What is on the way is lost; who did not close hears of it. */
  #cut(by: 'client' | 'server' | 'weather'): void {
    const server = this.#server;
    if (server === undefined) return;
    if (by !== 'server')
      for (const output of server.handle({ type: 'closed', reason: 'cut' }, this.#now))
        this.#fromServer(server, output);
    this.#server = undefined;
    if (by !== 'client') this.#toClient({ type: 'closed', reason: 'cut' });
  }

  #scheduleCut(): void {
    this.#after(2 * this.#weather.cutEveryMs, () => {
      if (this.#now > calmAt) return;
      this.cuts += 1;
      this.#cut('weather');
      this.#scheduleCut();
    });
  }

  #carry(bytes: Uint8Array, way: 'toClient' | 'toServer'): void {
    const server = this.#server;
    let rest = this.#isDamaged() ? this.#damage(bytes) : bytes;
    while (rest.length > 0) {
      const size = this.#random() < 0.5 ? rest.length : 1 + Math.floor(this.#random() * rest.length);
      const piece = rest.slice(0, size);
      rest = rest.slice(size);
      // In order, but each piece as late as it likes.
      const arrival = instant(Math.max(this.#arrival[way], this.#now + Math.floor(this.#random() * 40)));
      this.#arrival = { ...this.#arrival, [way]: arrival };
      this.#at(arrival, () => {
        if (this.#server !== server) return;
        if (way === 'toServer') this.#toServer({ type: 'received', bytes: piece });
        else this.#toClient({ type: 'received', bytes: piece });
      });
    }
  }

  /** One byte, lost or wrong, so that the sum must show it; and no byte that would end a packet without a checksum. */
  #damage(bytes: Uint8Array): Uint8Array {
    this.damaged += 1;
    const at = Math.floor(this.#random() * bytes.length);
    if (this.#random() < 0.5) return bytes.filter((_, index) => index !== at);
    return bytes.map((byte, index) => (index === at && byte >= 0x20 ? byte ^ 1 : byte));
  }

  #isDamaged(): boolean {
    return this.#now < calmAt && this.#random() < this.#weather.damage;
  }

  #isSilent(): boolean {
    return this.#now < calmAt && this.#random() < this.#weather.silence;
  }

  #fate(ref: number): Fate {
    const fate = this.fates[ref];
    if (fate === undefined) throw new Error(`no submit ${ref}`);
    return fate;
  }

  #deliver(ref: number): { responses: number; seen: number } {
    const deliver = this.delivered[ref];
    if (deliver === undefined) throw new Error(`no deliver ${ref}`);
    return deliver;
  }

  #break(what: string): void {
    this.broken.push(`${what} (at ${this.#now} ms)`);
  }

  #after(atMostMs: number, run: () => void): void {
    this.#at(later(this.#now, Math.floor(this.#random() * atMostMs)), run);
  }

  #at(at: Instant, run: () => void): void {
    this.#order += 1;
    this.#queue.push({ at, order: this.#order, run });
    this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
  }
}

function isDue(deadline: Instant | undefined, now: Instant): boolean {
  return deadline !== undefined && deadline <= now;
}
