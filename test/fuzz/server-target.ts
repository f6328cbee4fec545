/**
 * The server end of a session, its role answering at random, under mutants and packets in turn: it never throws, writes
 * nothing that an SMSC may not write, answers nothing twice, holds no more than its limits, and still serves a good client.
 */
import type { Random } from '../../src/core/base/random.ts';
import { instant, later } from '../../src/core/base/time.ts';
import { encodePacket } from '../../src/core/codec/encode.ts';
import { Framer } from '../../src/core/codec/framer.ts';
import type { Parameter } from '../../src/core/codec/packet.ts';
import { packetNumber } from '../../src/core/codec/packet-number.ts';
import { CimdServerSession } from '../../src/core/handshake/server.ts';
import type { ServerInput, ServerOutput, ServerToken } from '../../src/core/handshake/server-io.ts';
import { serverSettings } from '../core/handshake/settings.ts';
import { below, mutant, mutate, pick, pieces } from './mutate.ts';
import { Heard, violation } from './wire-rules.ts';

/** Outputs of one input: a few for each packet that may be in it. */
const outputLimit = 2_000;

/** @returns what was violated; undefined where nothing was */
export function fuzzServer(random: Random): string | undefined {
  return new ServerTrial(random).run();
}

class ServerTrial {
  readonly #random: Random;
  readonly #session: CimdServerSession;
  readonly #framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 0 });
  readonly #heard = new Heard();
  readonly #asked = new Set<ServerToken>();
  readonly #outstanding = new Set<number>();
  #now = instant(0);
  #next = 1;
  #expected: number | undefined;
  #refs = 0;
  #state: 'unbound' | 'bound' | 'closed' = 'unbound';
  #wrote: number[] = [];
  #problem: string | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#session = new CimdServerSession(serverSettings({ numbers: pick(random, ['strict', 'lenient']) }));
  }

  run(): string | undefined {
    this.#give({ type: 'opened' });
    if (this.#random() < 0.8) this.#send(this.#login());
    const steps = 1 + below(this.#random, 40);
    for (let step = 0; step < steps && this.#isGoingOn(); step += 1) this.#step();
    return this.#problem ?? this.#serveAGoodClient();
  }

  #step(): void {
    const chance = this.#random();
    if (chance < 0.4) this.#send(mutant(this.#random));
    else if (chance < 0.6) this.#send(mutate(this.#inTurn(), this.#random));
    else if (chance < 0.75) this.#send(this.#inTurn());
    else if (chance < 0.85) this.#respond();
    else if (chance < 0.93) this.#deliver();
    else this.#wait();
  }

  /** Anything but a closed connection answers an alive, at the latest under the number that its NACK names. */
  #serveAGoodClient(): string | undefined {
    while (this.#asked.size > 0 && this.#isGoingOn()) this.#respond();
    for (let attempt = 0; attempt < 3 && this.#isGoingOn(); attempt += 1) {
      this.#wrote = [];
      const number = this.#expected ?? this.#next;
      this.#send(
        encodePacket({ operation: 40, packetNumber: packetNumber(number), parameters: [] }, { checksum: 'send' }),
      );
      if (this.#wrote.includes(90) || this.#wrote.includes(98)) return this.#problem;
    }
    if (!this.#isGoingOn()) return this.#problem;
    return 'leaves a good alive without an answer';
  }

  #isGoingOn(): boolean {
    return this.#problem === undefined && this.#state !== 'closed';
  }

  #login(): Uint8Array {
    const window = { code: 19, value: String(1 + below(this.#random, 128)) };
    const parameters = [...parametersOf(1), ...(this.#random() < 0.5 ? [window] : [])];
    return encodePacket({ operation: 1, packetNumber: packetNumber(1), parameters }, { checksum: 'send' });
  }

  /** A good packet under the number that is due. */
  #inTurn(): Uint8Array {
    const operation = pick(this.#random, [1, 2, 3, 4, 5, 6, 8, 9, 40, 70, 73, 99]);
    const number = operation >= 70 ? 2 * below(this.#random, 128) : (this.#expected ?? this.#next);
    const packet = { operation, packetNumber: packetNumber(number), parameters: parametersOf(operation) };
    return encodePacket(packet, { checksum: 'send' });
  }

  #send(bytes: Uint8Array): void {
    for (const event of this.#framer.push(bytes)) if (event.type === 'packet') this.#heard.note(event.bytes);
    for (const piece of pieces(bytes, this.#random)) {
      if (!this.#isGoingOn()) return;
      this.#give({ type: 'received', bytes: piece });
    }
  }

  #respond(): void {
    const [token] = this.#asked;
    if (token === undefined) return;
    this.#asked.delete(token);
    const refusal: readonly Parameter[] = [{ code: 900, value: '9' }];
    this.#give({ type: 'respond', token, parameters: this.#random() < 0.3 ? refusal : [] });
  }

  #deliver(): void {
    if (this.#session.capacity() <= 0) return;
    this.#refs += 1;
    this.#outstanding.add(this.#refs);
    const operation = pick(this.#random, [20, 23] as const);
    this.#give({ type: 'request', ref: this.#refs, operation, parameters: [{ code: 21, value: '123' }] });
  }

  #wait(): void {
    const deadline = this.#session.deadline();
    if (deadline === undefined) return;
    this.#now = later(deadline, 0);
    this.#give({ type: 'tick' });
  }

  #give(input: ServerInput): void {
    const outputs = this.#session.handle(input, this.#now);
    if (outputs.length > outputLimit) this.#problem ??= `${outputs.length} outputs at once`;
    for (const output of outputs) this.#take(output);
  }

  #take(output: ServerOutput): void {
    switch (output.type) {
      case 'write':
        if (output.packet !== undefined)
          this.#written(output.bytes, output.packet.operation, output.packet.packetNumber);
        return;
      case 'session':
        this.#state = output.state;
        return;
      case 'request':
        this.#asked.add(output.token);
        return;
      case 'response':
      case 'unknown':
        if (!this.#outstanding.delete(output.ref)) this.#problem ??= `tells twice of one deliver: ${output.type}`;
        return;
      case 'close':
      case 'seen':
      case 'log':
        return;
    }
  }

  #written(bytes: Uint8Array, operation: number, number: number): void {
    this.#problem ??= violation(bytes, 'smsc', this.#heard);
    this.#wrote.push(operation);
    if (operation === 99) this.#expected = number;
    else if (operation !== 20 && operation !== 23) {
      this.#next = (number + 2) % 256;
      this.#expected = undefined;
    }
  }
}

function parametersOf(operation: number): readonly Parameter[] {
  switch (operation) {
    case 1:
      return [
        { code: 10, value: 'app' },
        { code: 11, value: 'secret' },
      ];
    case 3:
      return [
        { code: 21, value: '+358501234567' },
        { code: 33, value: 'Hello' },
      ];
    default:
      return [];
  }
}
