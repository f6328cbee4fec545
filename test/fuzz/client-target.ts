/**
 * The client end of a session under an SMSC that says anything at all: it never throws, writes nothing that an
 * application may not write, tells of each request at most once what became of it, and goes on with a good SMSC.
 */
import type { Random } from '../../src/core/base/random.ts';
import { type Instant, instant } from '../../src/core/base/time.ts';
import { decodePacket } from '../../src/core/codec/decode.ts';
import { encodePacket } from '../../src/core/codec/encode.ts';
import { Framer } from '../../src/core/codec/framer.ts';
import type { Packet, Parameter } from '../../src/core/codec/packet.ts';
import { packetNumber } from '../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../src/core/handshake/client.ts';
import type { ClientInput, ClientOutput, IncomingToken } from '../../src/core/handshake/client-io.ts';
import { clientSettings } from '../core/handshake/settings.ts';
import { below, mutant, mutate, pick, pieces } from './mutate.ts';
import { Heard, violation } from './wire-rules.ts';

const outputLimit = 2_000;

/** @returns what was violated; undefined where nothing was */
export function fuzzClient(random: Random): string | undefined {
  return new ClientTrial(random).run();
}

class ClientTrial {
  readonly #random: Random;
  readonly #client: CimdClient;
  #framer = newFramer();
  #heard = new Heard();
  readonly #requests = new Set<number>();
  readonly #incoming = new Set<IncomingToken>();
  #now: Instant = instant(0);
  #line: 'closed' | 'asked' | 'open' = 'closed';
  /** Written by the client in this connection and not answered by us. */
  #unanswered: Packet[] = [];
  #refs = 0;
  #deliverNumber = 0;
  /** Delivers and reports that came out, ever. */
  #taken = 0;
  #problem: string | undefined;

  constructor(random: Random) {
    this.#random = random;
    const window = pick(random, [1, 1, 2, 8, 128]);
    this.#client = new CimdClient(clientSettings({ window, repeats: below(random, 3) }), random);
  }

  run(): string | undefined {
    this.#give({ type: 'log-in' });
    const steps = 1 + below(this.#random, 60);
    for (let step = 0; step < steps && this.#problem === undefined; step += 1) this.#step();
    return this.#problem ?? this.#serveAGoodSmsc();
  }

  #step(): void {
    if (this.#line === 'asked') {
      this.#open();
      return;
    }
    const chance = this.#random();
    if (chance < 0.3) this.#send(mutant(this.#random));
    else if (chance < 0.4) this.#send(mutate(this.#answer() ?? mutant(this.#random), this.#random));
    else if (chance < 0.65) this.#send(this.#answer() ?? this.#deliver());
    else if (chance < 0.75) this.#send(this.#deliver());
    else if (chance < 0.9) this.#request();
    else if (chance < 0.95) this.#answerIncoming();
    else if (chance < 0.97) this.#close();
    else this.#wait();
  }

  /** However it stands now: with an SMSC that keeps to the rules it logs in and takes a deliver. */
  #serveAGoodSmsc(): string | undefined {
    for (let step = 0; step < 400 && this.#problem === undefined; step += 1) {
      if (this.#line === 'asked') this.#open();
      else if (this.#line === 'closed') this.#wait();
      else if (this.#client.state === 'ready') break;
      else {
        const answer = this.#answer('good');
        if (answer === undefined) this.#wait();
        else this.#send(answer);
      }
    }
    if (this.#problem !== undefined) return this.#problem;
    if (this.#client.state !== 'ready') return `does not come back, but stays ${this.#client.state}`;
    const before = this.#taken;
    // Two numbers, because one of them may be a repetition of what it had before.
    this.#send(this.#deliver());
    this.#send(this.#deliver());
    return this.#problem ?? (this.#taken > before ? undefined : 'does not take a good deliver');
  }

  #open(): void {
    this.#line = 'open';
    this.#framer = newFramer();
    this.#heard = new Heard();
    this.#unanswered = [];
    this.#deliverNumber = 0;
    this.#give({ type: 'opened' });
  }

  #close(): void {
    if (this.#line !== 'open') return;
    this.#line = 'closed';
    this.#give({ type: 'closed', reason: 'the line broke' });
  }

  #send(bytes: Uint8Array): void {
    if (this.#line !== 'open') return;
    for (const event of this.#framer.push(bytes)) if (event.type === 'packet') this.#heard.note(event.bytes);
    for (const piece of pieces(bytes, this.#random)) {
      // What comes behind the end of a connection never reaches the machine.
      if (this.#line === 'open') this.#give({ type: 'received', bytes: piece });
    }
  }

  /** To the oldest packet that waits for one; refusals too, unless it is to be good. */
  #answer(how: 'any' | 'good' = 'any'): Uint8Array | undefined {
    const asked = how === 'good' ? this.#unanswered.shift() : this.#takeUnanswered();
    if (asked === undefined) return undefined;
    const { operation } = asked;
    const refused: readonly Parameter[] = [
      { code: 900, value: pick(this.#random, ['1', '10', '100', '310', '0', 'x']) },
    ];
    const parameters = how === 'any' && this.#random() < 0.3 ? refused : positive(asked);
    return encodePacket(
      { operation: operation + 50, packetNumber: asked.packetNumber, parameters },
      { checksum: 'send' },
    );
  }

  #takeUnanswered(): Packet | undefined {
    return this.#unanswered.splice(below(this.#random, this.#unanswered.length || 1), 1)[0];
  }

  #deliver(): Uint8Array {
    const packet = {
      operation: pick(this.#random, [20, 23]),
      packetNumber: packetNumber(this.#deliverNumber),
      parameters: [
        { code: 21, value: '2882' },
        { code: 23, value: '+358501234567' },
        { code: 60, value: '260131235959' },
        { code: 33, value: 'Hello' },
      ],
    };
    this.#deliverNumber = (this.#deliverNumber + 2) % 256;
    return encodePacket(packet, { checksum: 'send' });
  }

  #request(): void {
    if (this.#client.capacity() <= 0) return;
    this.#refs += 1;
    this.#requests.add(this.#refs);
    const operation = pick(this.#random, [3, 3, 3, 4, 5, 6, 8, 9]);
    const onTimeout = pick(this.#random, ['ask', 'repeat', 'close'] as const);
    this.#give({ type: 'request', ref: this.#refs, operation, parameters: [{ code: 21, value: '1' }], onTimeout });
  }

  #answerIncoming(): void {
    const [token] = this.#incoming;
    if (token === undefined) return;
    this.#incoming.delete(token);
    this.#give({ type: 'answer', token, parameters: [] });
  }

  #wait(): void {
    const deadline = this.#client.deadline();
    if (deadline === undefined) return;
    this.#now = deadline;
    this.#give({ type: 'tick' });
  }

  #give(input: ClientInput): void {
    const outputs = this.#client.handle(input, this.#now);
    if (outputs.length > outputLimit) this.#problem ??= `${outputs.length} outputs at once`;
    for (const output of outputs) this.#take(output);
  }

  #take(output: ClientOutput): void {
    switch (output.type) {
      case 'connect':
        this.#line = 'asked';
        return;
      case 'disconnect':
        this.#line = 'closed';
        return;
      case 'write':
        this.#problem ??= violation(output.bytes, 'application', this.#heard);
        this.#noteWritten(output.bytes);
        return;
      case 'response':
      case 'unknown':
        if (!this.#requests.delete(output.ref)) this.#problem ??= `tells twice of one request: ${output.type}`;
        return;
      case 'repeat-wanted':
        if (this.#random() < 0.7) this.#give({ type: 'repeat', ref: output.ref });
        return;
      case 'incoming':
        this.#taken += 1;
        this.#incoming.add(output.token);
        return;
      case 'withdrawn':
        this.#incoming.delete(output.token);
        return;
      case 'session':
      case 'seen':
      case 'answer-seen':
      case 'log':
        return;
    }
  }

  #noteWritten(bytes: Uint8Array): void {
    const decoded = decodePacket(bytes);
    if (decoded.ok && decoded.packet.operation < 50) this.#unanswered.push(decoded.packet);
  }
}

function newFramer(): Framer {
  return new Framer({ limitBytes: 16_384, betweenLimitBytes: 0 });
}

function positive(asked: Packet): readonly Parameter[] {
  switch (asked.operation) {
    case 3:
      return [
        { code: 21, value: '1' },
        { code: 60, value: '260131235959' },
      ];
    case 9:
      return [{ code: 501, value: '260131235959' }];
    default:
      return [];
  }
}
