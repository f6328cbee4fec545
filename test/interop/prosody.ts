/**
 * Prosody as a peer: the XMPP server that the IM server is a component of. Everything listens on loopback and is
 * temporary, but for what it keeps on disk: it can be killed and started again on the same ports.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, findProgram, freePorts } from './peer.ts';

export const prosodyProgram = 'prosody';

export interface ProsodyOptions {
  readonly component: string;
  readonly secret: string;
  /** Accounts at `localhost`, and their passwords. */
  readonly accounts: Readonly<Record<string, string>>;
}

export class Prosody {
  readonly clientPort: number;
  readonly componentPort: number;
  readonly #dir: string;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(dir: string, [clientPort = 0, componentPort = 0]: readonly number[]) {
    this.#dir = dir;
    this.clientPort = clientPort;
    this.componentPort = componentPort;
  }

  static async start(options: ProsodyOptions): Promise<Prosody> {
    const dir = await mkdtemp(join(tmpdir(), 'ringbridge-prosody-'));
    const prosody = new Prosody(dir, await freePorts(2));
    const accounts = join(dir, 'data', 'localhost', 'accounts');
    await mkdir(accounts, { recursive: true });
    for (const [name, password] of Object.entries(options.accounts)) {
      await writeFile(join(accounts, `${name}.dat`), `return { ["password"] = "${password}"; };\n`);
    }
    await writeFile(join(dir, 'prosody.cfg.lua'), prosody.#configuration(options));
    await prosody.run();
    return prosody;
  }

  get log(): string {
    return this.#log;
  }

  /** Starts it, also once more. Resolves when it takes connections. */
  async run(): Promise<void> {
    const program = findProgram(prosodyProgram) ?? prosodyProgram;
    const child = spawn(program, ['--config', join(this.#dir, 'prosody.cfg.lua')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-1_000_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const describe = () => `Prosody listens: ${this.#log.split('\n').slice(-8).join('\n')}`;
    for (const port of [this.clientPort, this.componentPort]) await eventually(() => accepts(port), describe);
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

  #configuration({ component, secret }: ProsodyOptions): string {
    return `
daemonize = false
pidfile = "${join(this.#dir, 'prosody.pid')}"
data_path = "${join(this.#dir, 'data')}"
modules_enabled = { "roster", "saslauth", "disco", "ping", "offline", "mam", "carbons" }
modules_disabled = { "s2s", "tls", "posix" }
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${this.clientPort} }
component_interface = "127.0.0.1"
component_ports = { ${this.componentPort} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
network_settings = { nagle = false }
log = { info = "*console" }

VirtualHost "localhost"

Component "${component}"
  component_secret = "${secret}"
`;
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
