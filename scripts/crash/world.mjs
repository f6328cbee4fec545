// One chapter's world: SMSC simulator, relay, IM server and buffer as processes on free ports of this machine, everything
// on disk below one directory. Starts, kills and ends them; what is done to them and how it is judged is elsewhere.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { changeUsers } from '../../dist/cli/im/user-changes.js';
import { hashPassword } from '../../dist/gateways/web/password.js';
import { callControl } from '../../dist/shell/control-client.js';
import { unmountAll } from './mounts.mjs';
import { RoleProcess, startRole } from './role-process.mjs';

const smscId = 'crash';
const serviceNumber = '2882';
/** Not this machine's zone, so that times have to be converted. */
const smscZone = new Date().getTimezoneOffset() === -480 ? '-03:30' : '+08:00';
const upWithinMs = 60_000;
const lookMs = 50;
const linkDelayMs = 40;
const turnMs = 10;

/** All worlds that have not ended, for the end of the script, however it comes. */
const worlds = new Set();

export async function endAllWorlds() {
  await Promise.all([...worlds].map((world) => world.end()));
}

export class World {
  #roles = new Map();
  #env = new Map();
  #args = new Map();

  /** @param {{ dir: string, seed: number, answerAfter?: 'mirrored' }} options `dir` exists and is empty */
  constructor({ dir, seed }) {
    this.dir = dir;
    this.seed = seed;
    this.serviceNumber = serviceNumber;
    this.dirs = {
      smsc: join(dir, 'smsc'),
      link: join(dir, 'link'),
      imServer: join(dir, 'im-server'),
      buffer: join(dir, 'buffer'),
      logs: join(dir, 'logs'),
    };
    this.users = [];
  }

  /** @param relay more arguments of `link impair`. Resolves when the buffer is logged in and the link is up. */
  async start({ relay = [] } = {}) {
    worlds.add(this);
    for (const path of Object.values(this.dirs)) await mkdir(path, { recursive: true, mode: 0o700 });
    const linkFile = join(this.dir, 'link.secret');
    const passwordFile = join(this.dir, 'smsc.password');
    await writeFile(linkFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    await writeFile(passwordFile, `${randomBytes(8).toString('hex')}\n`, { mode: 0o600 });
    const imServerArgs = (listen) => [
      ...['im-server', 'start', '--listen', listen, '--state-dir', this.dirs.imServer],
      ...['--buffer', `${smscId}=${linkFile}`, '--service-number', serviceNumber],
    ];
    const [smsc, imServer] = await Promise.all([
      this.#run('smsc', [
        ...['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', this.dirs.smsc],
        ...['--number', serviceNumber, '--password-file', passwordFile, '--zone', smscZone],
        ...['--turn', `${turnMs}ms`, '--seed', String(this.seed)],
      ]),
      this.#run('im-server', imServerArgs('127.0.0.1:0')),
    ]);
    this.imUrl = new URL(imServer.listen);
    this.#args.set('im-server', imServerArgs(this.imUrl.host));
    this.accounts = await Promise.all(['alice', 'bob'].map(makeAccount));
    this.users = this.accounts.map(({ name, suffix, password }) => ({ name, suffix, password }));
    await this.addUsers();
    const link = await this.#run('link', this.#relayArgs('tcp://127.0.0.1:0', relay));
    this.#linkAddress = link.listen;
    await this.#run('buffer', [
      ...['buffer', 'start', '--smsc', smsc.listen, '--user', 'app', '--password-file', passwordFile],
      ...['--smsc-id', smscId, '--im-server', `ws://${new URL(link.listen).host}/link`],
      ...['--secret-file', linkFile, '--state-dir', this.dirs.buffer],
    ]);
    await this.untilUp();
  }

  #linkAddress = '';

  role(name) {
    return this.#roles.get(name);
  }

  stateDirOf(name) {
    return name === 'im-server' ? this.dirs.imServer : this.dirs[name];
  }

  /** For every later start of that role. */
  setEnvironment(name, env) {
    this.#env.set(name, env);
  }

  kill(name) {
    return this.role(name).kill();
  }

  /** Resolves when it is ready. @throws Error where it is not taken up */
  startAgain(name) {
    return this.#run(name, this.#args.get(name));
  }

  async restart(name) {
    await this.kill(name);
    await this.startAgain(name);
  }

  /** Starts it without waiting, for a kill in the middle of its start. */
  launch(name) {
    const role = new RoleProcess(this.#options(name, this.#args.get(name)));
    this.#roles.set(name, role);
    return role;
  }

  /** Starts a role that should refuse. @returns exit status and log, `status` undefined where it did not refuse */
  async startToFail(name) {
    const role = this.launch(name);
    const how = await role.ready();
    return { status: how?.status ?? undefined, signal: how?.signal ?? undefined, log: role.log };
  }

  /** The relay anew on its port, as another kind of bad link. */
  async relayAnew(more) {
    await this.kill('link');
    await this.#run('link', this.#relayArgs(this.#linkAddress, more));
  }

  /** The operator's users of an empty store; the passwords stay. */
  async addUsers() {
    for (const { name, suffix, passwordHash } of this.accounts) {
      await changeUsers(this.dirs.imServer, { type: 'add', name, suffix, passwordHash, role: 'ordinary' });
    }
  }

  /** Session ready and link up, or after a minute without that, so that the chapter shows it. */
  async untilUp() {
    const giveUpAt = performance.now() + upWithinMs;
    while (performance.now() < giveUpAt) {
      const status = await callControl(this.dirs.buffer, 'GET /status').catch(() => undefined);
      if (status?.session.state === 'ready' && status.link.state === 'up') return true;
      await delay(lookMs);
    }
    return false;
  }

  async end() {
    worlds.delete(this);
    for (const name of ['buffer', 'link', 'im-server', 'smsc']) await this.role(name)?.end();
    await unmountAll(this.dir);
  }

  /** After the end, where nobody wants to look at it. */
  async remove() {
    await rm(this.dir, { recursive: true, force: true });
  }

  async #run(name, args) {
    this.#args.set(name, args);
    const role = await startRole(this.#options(name, args));
    this.#roles.set(name, role);
    return role;
  }

  #options(name, args) {
    return { name, args, logFile: join(this.dirs.logs, `${name}.log`), env: this.#env.get(name) ?? {} };
  }

  #relayArgs(listen, more) {
    return [
      ...['link', 'impair', '--listen', listen, '--to', `tcp://${this.imUrl.host}`, '--state-dir', this.dirs.link],
      ...['--delay', `${linkDelayMs}ms`, '--jitter', '10ms', '--seed', String(this.seed), ...more],
    ];
  }
}

async function makeAccount(name, index) {
  const password = randomBytes(6).toString('base64url');
  return { name, suffix: `000${index + 1}`, password, passwordHash: await hashPassword(password) };
}
