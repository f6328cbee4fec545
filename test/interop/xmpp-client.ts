/** A client of slixmpp (`xmpp-client.py`) in the hands of a test: says what it is told, and lets it wait for what is heard. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Debian installs modules for its own interpreter. */
const interpreters = ['/usr/bin/python3', 'python3'];

/** An interpreter that has slixmpp. */
export function findSlixmpp(): string | undefined {
  return interpreters.find((python) => spawnSync(python, ['-c', 'import slixmpp'], { stdio: 'ignore' }).status === 0);
}

export interface HeardMessage {
  readonly type: 'message';
  readonly from: string;
  readonly id: string | null;
  readonly kind: string | null;
  readonly body: string | null;
  /** The id in a receipt. */
  readonly received: string | null;
  /** The origin-id. */
  readonly stable: string | null;
  readonly delay: string | null;
  readonly error: { readonly conditions: readonly string[]; readonly text: string | null } | null;
}

export type Heard =
  | HeardMessage
  | { readonly type: 'presence'; readonly from: string; readonly kind: string | null; readonly status: string | null }
  | { readonly type: 'iq'; readonly id: string; readonly kind: string; readonly xml: string }
  | { readonly type: 'archive'; readonly count: number }
  | { readonly type: 'online' | 'offline' | 'failed-auth' };

export interface XmppClientOptions {
  readonly jid: string;
  readonly password: string;
  readonly port: number;
}

export class XmppClient {
  /** All that was heard, in order. */
  readonly heard: Heard[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  #waiting: (() => void)[] = [];
  #errors = '';

  constructor(python: string, { jid, password, port }: XmppClientOptions) {
    const script = new URL('xmpp-client.py', import.meta.url).pathname;
    this.#child = spawn(python, [script, jid, password, '127.0.0.1', String(port)]);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-20_000);
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      // The script prints exactly these.
      this.heard.push(JSON.parse(line) as Heard);
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  get messages(): readonly HeardMessage[] {
    return this.heard.filter((heard) => heard.type === 'message');
  }

  /** A chat message with a stable id and a wish for a receipt, as ordinary clients send. */
  send(to: string, id: string, body: string): void {
    const extra = [`<origin-id xmlns="urn:xmpp:sid:0" id="${id}"/>`, '<request xmlns="urn:xmpp:receipts"/>'];
    this.say({ type: 'send', to, id, body, extra });
  }

  say(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  /** Waits until what was heard so far is enough. */
  async until<T>(find: (heard: readonly Heard[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.heard);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null) throw new Error(`the client ended: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  message(fits: (message: HeardMessage) => boolean): Promise<HeardMessage> {
    return this.until(() => this.messages.find(fits));
  }

  /** Waits until it has been online so many times. */
  async online(times: number): Promise<void> {
    await this.until((heard) => (heard.filter(({ type }) => type === 'online').length >= times ? true : undefined));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
