/**
 * A TCP relay that behaves like a bad link: delay, jitter, little bandwidth, cuts. Bytes arrive exactly and in order or not at all. When
 * a cut comes is decided by `core/roles/impair.ts`; here are the sockets and timers. It works on a byte stream, so it
 * cannot lose single packets, and the handshake of a TCP connection to it is not delayed.
 */
import { createServer, type Server, Socket } from 'node:net';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';
import { seededRandom } from '../core/base/random.ts';
import { type Instant, instant, later } from '../core/base/time.ts';
import { Bottleneck } from '../core/roles/bottleneck.ts';
import { Fifo } from '../core/roles/fifo.ts';
import { CutSchedule, type CutSettings, DelayLine } from '../core/roles/impair.ts';
import type { HostAndPort } from './address.ts';
import { listen } from './tcp.ts';

/**
 * What a cut does. `reset`: connections are reset, new ones too while it lasts. `stall`: nothing passes while it lasts,
 * and goes on afterwards. `half`: one direction of each connection dies for good without a word; new ones stall.
 */
export type CutMode = 'reset' | 'stall' | 'half';

export const cutModes: readonly CutMode[] = ['reset', 'stall', 'half'];

export interface ImpairSettings {
  readonly listen: HostAndPort;
  readonly to: HostAndPort;
  /** Per direction: 100 ms makes a round trip of 200 ms. */
  readonly delayMs: number;
  /** A chunk's delay is off by at most this, either way. */
  readonly jitterMs: number;
  /** Per direction, shared by all connections; undefined is no limit. */
  readonly bandwidth:
    | {
        readonly bitsPerSecond: number;
        /** Bytes that wait in one direction of one connection before its source has to wait. */
        readonly queueBytes: number;
      }
    | undefined;
  /** Undefined never cuts. */
  readonly cuts: (CutSettings & { readonly mode: CutMode }) | undefined;
  readonly seed: number;
}

const rememberedCuts = 1_000;

export interface ImpairCounts {
  readonly connections: number;
  readonly cuts: number;
  /** Cuts that met bytes on the way. */
  readonly cutsFelt: number;
  /** Sum over all cuts. */
  readonly bytesInTransitAtCut: number;
  /** Cuts that found no connection which they could have cut. */
  readonly cutsUnconnected: number;
  /** What each of the latest cuts met, oldest first; at most 1,000. */
  readonly bytesMetByCuts: readonly number[];
  readonly bytesRelayed: number;
  /** What a connection would meet now. */
  readonly state: 'linked' | 'cut';
  /** Until the next cut begins, or this one ends; absent where there are no cuts. */
  readonly changesInMs?: number;
}

export interface Impairment {
  /** The real one, where port 0 was asked for. */
  readonly port: number;
  counts(): ImpairCounts;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Bytes one direction of one connection may hold before its source has to wait. */
const bufferLimitBytes = 8 * 1024 * 1024;
/** What passes a narrow place at once, as a network would carry it; larger reads are cut into such. */
const pieceBytes = 1_500;
/** A connection of which one end is gone, in a direction that says nothing, is given up after this. */
const halfDeadMs = 60_000;
const connectionLimit = 1_000;

/**
 * Listens and relays until closed.
 *
 * @throws OperatorError `ADDRESS_IN_USE`, `CONFIG_BAD_ADDRESS`
 */
export async function startImpairment(settings: ImpairSettings, log: (event: LogEvent) => void): Promise<Impairment> {
  const relay = new Relay(settings, log);
  await relay.listen();
  return relay;
}

class Relay implements Impairment {
  readonly #settings: ImpairSettings;
  readonly #log: (event: LogEvent) => void;
  readonly #server: Server;
  readonly #random;
  readonly #schedule: CutSchedule | undefined;
  /** One for each direction, `up` towards `to`. */
  readonly #narrow: { readonly up: Bottleneck; readonly down: Bottleneck } | undefined;
  readonly #pairs = new Set<Pair>();
  #cutTimer: NodeJS.Timeout | undefined;
  #cuts = 0;
  #cutsFelt = 0;
  #cutsUnconnected = 0;
  readonly #bytesMetByCuts: number[] = [];
  #bytesInTransitAtCut = 0;
  #bytesRelayed = 0;

  constructor(settings: ImpairSettings, log: (event: LogEvent) => void) {
    this.#settings = settings;
    this.#log = log;
    this.#random = seededRandom(settings.seed);
    const { bandwidth } = settings;
    this.#narrow = bandwidth && {
      up: new Bottleneck(bandwidth.bitsPerSecond),
      down: new Bottleneck(bandwidth.bitsPerSecond),
    };
    // Cuts have chance of their own: how much is relayed does not move them.
    this.#schedule = settings.cuts && new CutSchedule(settings.cuts, seededRandom(settings.seed));
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  counts(): ImpairCounts {
    const changesAt = this.#schedule?.deadline();
    return {
      state: this.#schedule?.isCut === true ? 'cut' : 'linked',
      ...(changesAt === undefined ? {} : { changesInMs: Math.max(0, Math.round(changesAt - monotonicNow())) }),
      connections: this.#pairs.size,
      cuts: this.#cuts,
      cutsFelt: this.#cutsFelt,
      cutsUnconnected: this.#cutsUnconnected,
      bytesMetByCuts: [...this.#bytesMetByCuts],
      bytesInTransitAtCut: this.#bytesInTransitAtCut,
      bytesRelayed: this.#bytesRelayed,
    };
  }

  async listen(): Promise<void> {
    await listen(this.#server, { type: 'tcp', ...this.#settings.listen });
    this.#server.on('error', (error) => this.#log(logEvent('error', 'link.listen-failed', { reason: error.message })));
    this.#schedule?.handle({ type: 'start' }, monotonicNow());
    this.#setCutTimer();
  }

  close(): Promise<void> {
    clearTimeout(this.#cutTimer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const pair of [...this.#pairs]) pair.reset();
    return closed;
  }

  #accept(client: Socket): void {
    // Refusing by closing the listener would give the port away to anybody who asks for one meanwhile.
    if (this.#isCutWith('reset') || this.#pairs.size >= connectionLimit) {
      client.on('error', ignoreAfterReset);
      client.resetAndDestroy();
      return;
    }
    const upstream = new Socket({ allowHalfOpen: true });
    const pair = new Pair(client, upstream, {
      wayOf: (which) => ({
        delay: new DelayLine(this.#settings.delayMs, this.#settings.jitterMs, this.#random),
        narrow: this.#narrow?.[which],
        queueBytes: this.#settings.bandwidth?.queueBytes ?? bufferLimitBytes,
      }),
      onRelayed: (sizeBytes) => {
        this.#bytesRelayed += sizeBytes;
      },
      onGone: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
    if (this.#isCutWith('stall') || this.#isCutWith('half')) pair.stall();
    upstream.setNoDelay(true);
    const sayUnreachable = (error: Error) => this.#log(logEvent('warn', 'link.unreachable', { reason: error.message }));
    upstream.once('error', sayUnreachable);
    upstream.once('connect', () => upstream.off('error', sayUnreachable));
    upstream.connect(this.#settings.to.port, this.#settings.to.host);
  }

  #isCutWith(mode: CutMode): boolean {
    return this.#schedule?.isCut === true && this.#settings.cuts?.mode === mode;
  }

  #setCutTimer(): void {
    const at = this.#schedule?.deadline();
    if (at !== undefined) this.#cutTimer = setTimeout(() => this.#tick(), Math.max(0, at - monotonicNow()));
  }

  #tick(): void {
    for (const output of this.#schedule?.handle({ type: 'tick' }, monotonicNow()) ?? []) {
      if (output.type === 'cut-begins') this.#beginCut(output.number);
      else this.#endCut(output.number);
    }
    this.#setCutTimer();
  }

  #beginCut(number: number): void {
    const { mode, forMs } = this.#settings.cuts ?? { mode: 'reset', forMs: 0 };
    const pairs = [...this.#pairs];
    const bytes = pairs.reduce((sum, pair) => sum + pair.bytesInTransit, 0);
    this.#cuts += 1;
    if (bytes > 0) this.#cutsFelt += 1;
    if (pairs.length === 0) this.#cutsUnconnected += 1;
    this.#bytesInTransitAtCut += bytes;
    this.#bytesMetByCuts.push(bytes);
    if (this.#bytesMetByCuts.length > rememberedCuts) this.#bytesMetByCuts.shift();
    this.#log(logEvent('info', 'link.cut', { number, mode, forMs, connections: pairs.length, bytesInTransit: bytes }));
    for (const pair of pairs) {
      if (mode === 'reset') pair.reset();
      else if (mode === 'stall') pair.stall();
      else pair.loseOneDirection(this.#random() < 0.5 ? 'up' : 'down');
    }
  }

  #endCut(number: number): void {
    // What waited passes the narrow place from now on.
    this.#narrow?.up.clear();
    this.#narrow?.down.clear();
    for (const pair of this.#pairs) pair.goOn();
    this.#log(logEvent('info', 'link.mended', { number, connections: this.#pairs.size }));
  }
}

/** What bytes of one direction have to pass. */
interface Way {
  readonly delay: DelayLine;
  readonly narrow: Bottleneck | undefined;
  readonly queueBytes: number;
}

interface PairHooks {
  readonly wayOf: (which: 'up' | 'down') => Way;
  readonly onRelayed: (sizeBytes: number) => void;
  readonly onGone: () => void;
}

/** One relayed connection: two sockets, two directions. */
class Pair {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #hooks: PairHooks;
  #giveUpTimer: NodeJS.Timeout | undefined;

  constructor(client: Socket, upstream: Socket, hooks: PairHooks) {
    this.#client = client;
    this.#upstream = upstream;
    this.#hooks = hooks;
    this.#up = new Direction(client, upstream, hooks.wayOf('up'), hooks.onRelayed);
    this.#down = new Direction(upstream, client, hooks.wayOf('down'), hooks.onRelayed);
    for (const [socket, outgoing] of [
      [client, this.#up],
      [upstream, this.#down],
    ] as const) {
      socket.on('error', () => {
        // A dead end's reset reaches the other side behind what was sent before it, if that direction lives.
        outgoing.fail();
      });
      socket.on('close', () => this.#oneClosed());
    }
  }

  get bytesInTransit(): number {
    return this.#up.queuedBytes + this.#down.queuedBytes;
  }

  reset(): void {
    for (const direction of [this.#up, this.#down]) direction.stop();
    for (const socket of [this.#client, this.#upstream]) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  stall(): void {
    this.#up.hold();
    this.#down.hold();
  }

  goOn(): void {
    this.#up.goOn();
    this.#down.goOn();
  }

  /** Of a connection that is half dead already the other half stays alive. */
  loseOneDirection(which: 'up' | 'down'): void {
    if (this.#up.isLost || this.#down.isLost) return;
    if (which === 'up') this.#up.lose();
    else this.#down.lose();
  }

  #oneClosed(): void {
    if (this.#client.destroyed && this.#upstream.destroyed) {
      clearTimeout(this.#giveUpTimer);
      this.#up.stop();
      this.#down.stop();
      this.#hooks.onGone();
    } else {
      // The other end learns of it in time by what is on the way; a lost direction never tells it.
      this.#giveUpTimer ??= setTimeout(() => this.reset(), halfDeadMs);
    }
  }
}

type Chunk =
  | { readonly type: 'bytes'; readonly releaseAt: number; readonly bytes: Uint8Array }
  | { readonly type: 'end' | 'fail'; readonly releaseAt: number };

/** Carries what one socket says to the other, late. */
class Direction {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #way: Way;
  readonly #onRelayed: (sizeBytes: number) => void;
  #queue = new Fifo<Chunk>();
  #state: 'passing' | 'held' | 'lost' | 'stopped' = 'passing';
  #timer: NodeJS.Timeout | undefined;
  #queuedBytes = 0;
  #isTargetFull = false;

  constructor(source: Socket, target: Socket, way: Way, onRelayed: (sizeBytes: number) => void) {
    this.#source = source;
    this.#target = target;
    this.#way = way;
    this.#onRelayed = onRelayed;
    source.on('data', (bytes: Uint8Array) => this.#take(bytes));
    source.on('end', () => this.#add({ type: 'end', releaseAt: this.#releaseAt(0) }));
    target.on('drain', () => {
      this.#isTargetFull = false;
      this.#release();
    });
  }

  get queuedBytes(): number {
    return this.#state === 'lost' ? 0 : this.#queuedBytes;
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  hold(): void {
    if (this.#state === 'passing') this.#state = 'held';
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  goOn(): void {
    if (this.#state !== 'held') return;
    this.#state = 'passing';
    if (this.#way.narrow !== undefined) this.#passAnew();
    this.#release();
  }

  /** What waited out a cut did not use the time to get through. */
  #passAnew(): void {
    const waiting = [...this.#queue];
    this.#queue = new Fifo();
    const now = monotonicNow();
    for (const chunk of waiting) {
      const throughAt = this.#way.narrow?.pass(chunk.type === 'bytes' ? chunk.bytes.length : 0, now) ?? now;
      this.#queue.push({ ...chunk, releaseAt: Math.max(chunk.releaseAt, throughAt) });
    }
  }

  /** From now on what is said here is heard by nobody. The source may go on talking. */
  lose(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'lost';
    this.#forget();
    this.#source.resume();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#forget();
  }

  /** The source broke: so does the target, behind what is on the way. */
  fail(): void {
    this.#add({ type: 'fail', releaseAt: this.#releaseAt(0) });
  }

  #take(bytes: Uint8Array): void {
    if (this.#state === 'lost' || this.#state === 'stopped') return;
    const pieceSize = this.#way.narrow === undefined ? bytes.length : pieceBytes;
    for (let from = 0; from < bytes.length; from += pieceSize) {
      const piece = bytes.subarray(from, from + pieceSize);
      this.#queuedBytes += piece.length;
      this.#add({ type: 'bytes', releaseAt: this.#releaseAt(piece.length), bytes: piece });
    }
    if (this.#queuedBytes >= this.#way.queueBytes) this.#source.pause();
  }

  /** First all that came before has to be through, then the way takes its time. */
  #releaseAt(sizeBytes: number): Instant {
    const now = monotonicNow();
    return this.#way.delay.releaseAt(this.#way.narrow?.pass(sizeBytes, now) ?? now);
  }

  #add(chunk: Chunk): void {
    if (this.#state === 'lost' || this.#state === 'stopped') return;
    this.#queue.push(chunk);
    if (this.#timer === undefined) this.#release();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state !== 'passing' || this.#isTargetFull) return;
    const dueBefore = monotonicNow() + 0.5;
    for (let chunk = this.#queue.at(0); chunk !== undefined; chunk = this.#queue.at(0)) {
      if (chunk.releaseAt > dueBefore || this.#isTargetFull) break;
      this.#queue.shift();
      this.#pass(chunk);
    }
    if (this.#source.isPaused() && this.#queuedBytes < this.#way.queueBytes / 2) this.#source.resume();
    const head = this.#queue.at(0);
    if (head !== undefined && !this.#isTargetFull) {
      this.#timer = setTimeout(() => this.#release(), Math.max(1, head.releaseAt - monotonicNow()));
    }
  }

  #pass(chunk: Chunk): void {
    switch (chunk.type) {
      case 'bytes':
        this.#queuedBytes -= chunk.bytes.length;
        if (this.#target.destroyed || this.#target.writableEnded) return;
        this.#onRelayed(chunk.bytes.length);
        // `write` also takes bytes before the connection stands.
        this.#isTargetFull = !this.#target.write(chunk.bytes);
        return;
      case 'end':
        this.#target.end();
        return;
      case 'fail':
        if (this.#target.connecting) this.#target.destroy();
        else this.#target.resetAndDestroy();
    }
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = new Fifo();
    this.#queuedBytes = 0;
  }
}

/** Milliseconds that never go back; their zero means nothing. */
function monotonicNow() {
  return later(instant(0), performance.now());
}

function ignoreAfterReset(): void {
  // The socket was reset by us in this very moment: whatever it still says changes nothing.
}
