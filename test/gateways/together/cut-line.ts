// A line between two ends, a few milliseconds long, that a test cuts when it likes, as soon as something is on it: that is
// lost, and for a moment nobody gets through.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const delayMs = 3;
const cutMs = 50;

export class CutLine {
  readonly port: number;
  /** Each met bytes on the way. */
  cuts = 0;
  readonly #server: Server;
  readonly #toPort: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #state: 'passing' | 'to-be-cut' | 'cut' = 'passing';

  private constructor(server: Server, toPort: number) {
    this.#server = server;
    this.#toPort = toPort;
    // A TCP server is bound to an address and port, never a path.
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => this.#join(socket));
  }

  static async to(port: number): Promise<CutLine> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CutLine(server, port);
  }

  /** When the next bytes are on the way. */
  cut(): void {
    if (this.#state === 'passing') this.#state = 'to-be-cut';
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#reset();
    await closed;
  }

  #join(near: Socket): void {
    near.on('error', () => undefined);
    if (this.#state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#toPort, noDelay: true });
    far.on('error', () => undefined);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#carry(near, far);
    this.#carry(far, near);
    for (const socket of pair) socket.on('close', () => this.#pairs.delete(pair));
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (bytes: Uint8Array) => {
      setTimeout(() => to.write(bytes), delayMs);
      if (this.#state === 'to-be-cut') this.#cutNow();
    });
    from.on('close', () => setTimeout(() => to.destroy(), delayMs));
  }

  #cutNow(): void {
    this.cuts += 1;
    this.#state = 'cut';
    this.#reset();
    setTimeout(() => {
      this.#state = 'passing';
    }, cutMs);
  }

  #reset(): void {
    for (const pair of [...this.#pairs]) {
      for (const socket of pair) socket.destroy();
    }
  }
}
