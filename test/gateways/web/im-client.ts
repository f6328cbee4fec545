// A terminal client as bare as possible: says what a test says, and waits for what a test waits for.
import { WebSocket } from 'ws';

export interface Heard {
  readonly type: string;
  // Tests look at single fields of what they expect.
  readonly [field: string]: unknown;
}

export class ImClientInTest {
  readonly heard: Heard[] = [];
  readonly #socket: WebSocket;
  readonly #waiting: (() => void)[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;

  /** @param query of the address, with its question mark */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}, query = '') {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/im${query}`, 'ringbridge.im.1', { headers });
    this.#socket.on('message', (data) => {
      // The server speaks JSON objects with a type.
      this.heard.push(JSON.parse(String(data)) as Heard);
      this.#wake();
    });
    this.#socket.on('close', (code, reason) => {
      this.closed ??= { code, reason: String(reason) };
      this.#wake();
    });
    this.#socket.on('error', (error) => {
      this.closed ??= { code: 0, reason: error.message };
      this.#wake();
    });
  }

  static async loggedIn(url: string, user: string, password: string, query = ''): Promise<ImClientInTest> {
    const client = new ImClientInTest(url, {}, query);
    await client.say({ type: 'login', user, password });
    await client.hear('welcome');
    return client;
  }

  async say(message: object): Promise<void> {
    await this.sayRaw(JSON.stringify(message));
  }

  async sayRaw(data: string | Uint8Array): Promise<void> {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      await new Promise((resolve) => this.#socket.once('open', resolve));
    }
    this.#socket.send(data);
  }

  /** Takes the next message of this type, whether it came already or is still to come. */
  async hear(type: string, fits: (message: Heard) => boolean = () => true): Promise<Heard> {
    for (;;) {
      const index = this.heard.findIndex((message) => message.type === type && fits(message));
      const [found] = index < 0 ? [] : this.heard.splice(index, 1);
      if (found !== undefined) return found;
      if (this.closed !== undefined) throw new Error(`closed with ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Says a ping and waits for its answer: everything the server said before has then been heard. */
  async settle(): Promise<void> {
    await this.say({ type: 'ping' });
    await this.hear('pong');
  }

  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    while (this.closed === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.closed;
  }

  close(): void {
    this.#socket.close();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
