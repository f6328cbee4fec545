/**
 * Kannel as a peer: its bearerbox speaks CIMD2 with our SMSC, its smsbox takes messages over HTTP and gives what comes
 * in, messages and delivery reports, to a small HTTP server of ours. Everything listens on loopback and is temporary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, findProgram, freePorts } from './peer.ts';

export const kannelPrograms = ['bearerbox', 'smsbox'] as const;

export interface KannelOptions {
  readonly smscPort: number;
  readonly user: string;
  readonly password: string;
  /** The account's service number; the sender where a message names none. */
  readonly number: string;
  /** More lines of the `smsc` group. */
  readonly smsc?: readonly string[];
}

/** A message that came in. */
export interface KannelMessage {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** 0 default alphabet, 1 8-bit, 2 UCS-2. */
  readonly coding: number;
  /** Upper-case hex. */
  readonly header: string;
  /** Upper-case hex of the body. */
  readonly octets: string;
}

/** 1 delivered, 2 not delivered, 8 accepted by the SMSC, 16 refused by it. */
export interface KannelReport {
  readonly id: string;
  readonly type: number;
}

export interface KannelSubmit {
  readonly to: string;
  readonly from?: string;
  /** Percent-encoded bytes or a text. */
  readonly text: string;
  readonly coding?: 0 | 1 | 2;
  /** Hex of the user data header. */
  readonly header?: string;
  /** Names the reports of this message; all kinds are asked for. Without it `056:0` is sent. */
  readonly reportId?: string;
  readonly flash?: boolean;
}

export class Kannel {
  readonly messages: KannelMessage[] = [];
  readonly reports: KannelReport[] = [];
  readonly #dir: string;
  readonly #sink: Server;
  readonly #sinkPort: number;
  readonly #ports: { readonly admin: number; readonly smsbox: number; readonly send: number };
  readonly #children: ChildProcess[] = [];
  #log = '';

  private constructor(dir: string, ports: readonly number[]) {
    const [admin = 0, smsbox = 0, send = 0, sink = 0] = ports;
    this.#dir = dir;
    this.#ports = { admin, smsbox, send };
    this.#sinkPort = sink;
    this.#sink = createServer((request, response) => {
      this.#take(new URL(request.url ?? '/', 'http://127.0.0.1'));
      response.end();
    });
  }

  /** Resolves when Kannel is logged in. Others may take a port that was free, before Kannel does: then it begins anew. */
  static async start(options: KannelOptions, triesLeft = 3): Promise<Kannel> {
    const kannel = new Kannel(await mkdtemp(join(tmpdir(), 'ringbridge-kannel-')), await freePorts(4));
    try {
      await kannel.#start(options);
      return kannel;
    } catch (error) {
      await kannel.stop();
      if (triesLeft <= 1) throw error;
      return Kannel.start(options, triesLeft - 1);
    }
  }

  /** Hands a message in as an application would. @returns what Kannel says: `0: Accepted for delivery`, or `3: Queued` while it is not logged in */
  async send(submit: KannelSubmit): Promise<string> {
    const query = new URLSearchParams({ username: 't', password: 't', to: submit.to, charset: 'UTF-8' });
    if (submit.from !== undefined) query.set('from', submit.from);
    query.set('coding', String(submit.coding ?? 0));
    if (submit.flash === true) query.set('mclass', '0');
    if (submit.reportId !== undefined) {
      query.set('dlr-mask', '31');
      query.set('dlr-url', `http://127.0.0.1:${this.#sinkPort}/report?type=%d&id=${submit.reportId}`);
    }
    const bytes = submit.coding === 1 ? percent(Buffer.from(submit.text, 'hex')) : encodeURIComponent(submit.text);
    const header = submit.header === undefined ? '' : `&udh=${percent(Buffer.from(submit.header, 'hex'))}`;
    const url = `http://127.0.0.1:${this.#ports.send}/cgi-bin/sendsms?${query}&text=${bytes}${header}`;
    return (await fetch(url)).text();
  }

  /** `online`, `connecting`, `re-connecting`, … */
  async state(): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports.admin}/status.xml?password=x`);
    return /<smsc>[\s\S]*?<status>([a-z-]+)/.exec(await answer.text())?.[1] ?? 'unknown';
  }

  /** What it logged, its warnings and errors only. */
  complaints(): readonly string[] {
    return this.#log.split('\n').filter((line) => / (WARNING|ERROR|PANIC):/.test(line));
  }

  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await ended;
      }
    }
    this.#sink.closeAllConnections();
    await new Promise((resolve) => this.#sink.close(resolve));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #start(options: KannelOptions): Promise<void> {
    const config = join(this.#dir, 'kannel.conf');
    await writeFile(config, this.#configuration(options), { mode: 0o600 });
    await new Promise<void>((resolve) => this.#sink.listen(this.#sinkPort, '127.0.0.1', resolve));
    this.#run('bearerbox', config);
    await this.#until('bearerbox answers', () => this.state());
    this.#run('smsbox', config);
    await this.#until('smsbox listens', async () => (await this.send({ to: '', text: '' })) || undefined);
    await this.#until('logged in', async () => ((await this.state()) === 'online' ? true : undefined));
  }

  #run(program: (typeof kannelPrograms)[number], config: string): void {
    const child = spawn(findProgram(program) ?? program, [config], {
      cwd: this.#dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString('latin1')).slice(-4_000_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#children.push(child);
  }

  async #until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    const describe = () => `${what}: ${this.#log.split('\n').slice(-8).join('\n')}`;
    const hasEnded = () => this.#children.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
    const answer = await eventually(async () => (hasEnded() ? 'ended' : ask().catch(() => undefined)), describe);
    if (hasEnded()) throw new Error(`ended before ${describe()}`);
    // Nothing has ended, so this is what was asked for.
    return answer as T;
  }

  #take(url: URL): void {
    const value = (name: string): string => url.searchParams.get(name) ?? '';
    if (url.pathname === '/report') {
      this.reports.push({ id: value('id'), type: Number(value('type')) });
      return;
    }
    this.messages.push({
      from: value('from'),
      to: value('to'),
      text: value('text'),
      coding: Number(value('coding')),
      header: octetsOf(url, 'header'),
      octets: octetsOf(url, 'octets'),
    });
  }

  #configuration({ smscPort, user, password, number, smsc = [] }: KannelOptions): string {
    const { admin, smsbox, send } = this.#ports;
    const message = `http://127.0.0.1:${this.#sinkPort}/message?from=%p&to=%P&text=%a&coding=%c&header=%u&octets=%b`;
    return `
group = core
admin-port = ${admin}
admin-interface = 127.0.0.1
smsbox-port = ${smsbox}
smsbox-interface = 127.0.0.1
admin-password = x
status-password = x
box-allow-ip = 127.0.0.1
box-deny-ip = "*.*.*.*"
log-level = 0
dlr-storage = internal
sms-resend-freq = 1

group = smsc
smsc = cimd2
host = 127.0.0.1
port = ${smscPort}
smsc-username = ${user}
smsc-password = ${password}
my-number = ${number}
keepalive = 2
reconnect-delay = 1
${smsc.join('\n')}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${send}
sendsms-interface = 127.0.0.1
global-sender = ${number}
log-level = 0

group = sendsms-user
username = t
password = t
max-messages = 20
concatenation = true

group = sms-service
keyword = default
get-url = "${message}"
max-messages = 0
concatenation = true
`;
  }
}

function percent(octets: Uint8Array): string {
  return [...octets].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
}

/** The raw bytes of a query's value, which need not be UTF-8. */
function octetsOf(url: URL, name: string): string {
  const raw = new RegExp(`[?&]${name}=([^&]*)`).exec(url.search)?.[1] ?? '';
  const bytes = raw
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('hex').toUpperCase();
}
