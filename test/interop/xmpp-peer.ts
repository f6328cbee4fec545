/**
 * An XMPP server as a peer: the one that the IM server is a component of. It is a process on loopback and temporary, but
 * for what it keeps on disk: it can be killed and started again on the same ports. Which server is in `prosody.ts` and
 * `ejabberd.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePorts } from './peer.ts';

export interface XmppPeerOptions {
  readonly component: string;
  readonly secret: string;
  /** Accounts at `localhost`, and their passwords. */
  readonly accounts: Readonly<Record<string, string>>;
}

/** Where a server keeps everything, and listens. */
export interface Ground {
  readonly dir: string;
  readonly clientPort: number;
  readonly componentPort: number;
}

/** How it is started, once everything it reads is written. */
export interface XmppProgram {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A line that says that it is ready; left out, it is when it takes connections. */
  readonly ready?: RegExp;
}

/** Mostly it takes a second; a machine with much else to do takes what it takes. */
const startMs = 60_000;

export class XmppPeer {
  readonly clientPort: number;
  readonly componentPort: number;
  readonly #dir: string;
  readonly #program: XmppProgram;
  #child: ChildProcess | undefined;

  private constructor({ dir, clientPort, componentPort }: Ground, program: XmppProgram) {
    this.#dir = dir;
    this.#program = program;
    this.clientPort = clientPort;
    this.componentPort = componentPort;
  }

  static async start(name: string, prepare: (ground: Ground) => Promise<XmppProgram>): Promise<XmppPeer> {
    const dir = await mkdtemp(join(tmpdir(), `ringbridge-${name}-`));
    const [clientPort = 0, componentPort = 0] = await freePorts(2);
    const ground = { dir, clientPort, componentPort };
    const peer = new XmppPeer(ground, await prepare(ground));
    await peer.run();
    return peer;
  }

  /** Starts it, also once more. Resolves when it takes connections. */
  async run(): Promise<void> {
    const { name, command, args, env = {}, ready } = this.#program;
    const child = spawn(command, args, {
      cwd: this.#dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    let log = '';
    const keep = (chunk: Buffer): void => {
      log = (log + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const describe = () => `${name} listens: ${log.split('\n').slice(-8).join('\n')}`;
    if (ready !== undefined) await eventually(() => (ready.test(log) ? true : undefined), describe, startMs);
    for (const port of [this.clientPort, this.componentPort]) await eventually(() => accepts(port), describe, startMs);
  }

  /** Without a warning, as a machine that loses its power. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}
