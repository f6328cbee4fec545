/**
 * The demo's world: SMSC, bad link, IM server and buffer, each as its own process on free ports, in one state directory.
 * It starts, kills, restarts and ends them; what happens in it is for others to make and to judge.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorError } from '../../core/base/errors.ts';
import { hashPassword } from '../../gateways/web/password.ts';
import { callControl } from '../../shell/control-client.ts';
import { type ChildRole, startChildRole } from '../../shell/demo/child-role.ts';
import type { CutMode } from '../../shell/impair.ts';
import { changeUsers } from '../im/user-changes.ts';

export interface WorldOptions {
  /** Exists; everything of the world is below it. */
  readonly stateDir: string;
  readonly seed: number;
  /** Of the link, each way. */
  readonly delayMs: number;
  readonly cuts: { readonly everyMs: number; readonly forMs: number; readonly mode: CutMode } | undefined;
  readonly inDoubt: 'resend' | 'hold';
  readonly durability: 'disk' | 'process';
  readonly window: number;
  /** From a submit to its answer. */
  readonly turnMs: number;
  /** A role ended and nobody had killed it. */
  readonly onRoleEnded: (error: OperatorError) => void;
}

export type Killable = 'buffer' | 'im-server';

export interface DemoUser {
  readonly name: string;
  /** Digits behind the service number. */
  readonly suffix: string;
  readonly password: string;
}

export interface World {
  readonly dirs: WorldDirs;
  /** Of the page and its clients. */
  readonly imUrl: URL;
  readonly users: readonly DemoUser[];
  /** With a user's suffix behind it, what handsets write to. */
  readonly serviceNumber: string;
  readonly pids: () => readonly number[];
  /** `kill -9`, and started again. Resolves when it is ready. */
  restart(role: Killable): Promise<void>;
  /** All of them drain, the ends of the traffic first. */
  end(): Promise<void>;
}

export interface WorldDirs {
  readonly smsc: string;
  readonly link: string;
  readonly imServer: string;
  readonly buffer: string;
  /** One file per role. */
  readonly logs: string;
}

const smscId = 'demo';
const serviceNumber = '2882';
/** On whatever machine: not this one's zone, so that times have to be converted. */
const smscZone = new Date().getTimezoneOffset() === -480 ? '-03:30' : '+08:00';
/** The first two are handsets of the SMSC by name; the others come to be when somebody writes to them. */
export const handsets = ['+639171234567', '+639181234567', '+639191112233', '+358401234567', '+447700900123'] as const;

const upWithinMs = 60_000;
const lookMs = 50;
/** A port may be taken for a moment by somebody's outgoing connection while its owner is away. */
const portRetries = 20;
const portRetryMs = 250;

/** Resolves when the buffer is logged in at the SMSC and both rings are in step. @throws OperatorError DEMO_ROLE_ENDED */
export async function startWorld(options: WorldOptions): Promise<World> {
  const roles = new Map<string, ChildRole>();
  const end = async (): Promise<void> => {
    for (const name of ['buffer', 'link', 'im-server', 'smsc']) await roles.get(name)?.end();
  };
  try {
    return await build(options, roles, end);
  } catch (error) {
    await end();
    throw error;
  }
}

async function build(options: WorldOptions, roles: Map<string, ChildRole>, end: () => Promise<void>): Promise<World> {
  const dirs = await makeDirs(options.stateDir);
  const secrets = await makeSecrets(options.stateDir);
  const start = async (name: string, args: readonly string[]): Promise<ChildRole> => {
    const role = await startChildRole({
      name,
      args,
      logFile: join(dirs.logs, `${name}.log`),
      onEnded: options.onRoleEnded,
    });
    roles.set(name, role);
    return role;
  };
  const imServerArgs = (listen: string) => [
    ...['im-server', 'start', '--listen', listen, '--state-dir', dirs.imServer],
    ...['--buffer', `${smscId}=${secrets.linkFile}`, '--service-number', serviceNumber],
    ...['--durability', options.durability, ...recorded],
  ];
  const [smsc, imServer] = await all([
    start('smsc', smscArgs(options, dirs, secrets.smscPasswordFile)),
    start('im-server', imServerArgs('127.0.0.1:0')),
  ]);
  const imUrl = new URL(imServer.listen);
  const [link, users] = await all([start('link', linkArgs(options, dirs, imUrl)), addUsers(dirs.imServer)]);
  const bufferArgs = [
    ...['buffer', 'start', '--smsc', smsc.listen, '--user', 'app', '--password-file', secrets.smscPasswordFile],
    ...['--smsc-id', smscId, '--im-server', `ws://${new URL(link.listen).host}/link`],
    ...['--secret-file', secrets.linkFile, '--state-dir', dirs.buffer, '--durability', options.durability],
    ...['--in-doubt', options.inDoubt, '--window', String(options.window), ...recorded],
  ];
  await start('buffer', bufferArgs);
  await untilUp(dirs.buffer);
  const args = { buffer: bufferArgs, 'im-server': imServerArgs(imUrl.host) } as const;
  return {
    dirs,
    imUrl,
    users,
    serviceNumber,
    pids: () => [...roles.values()].map(({ pid }) => pid),
    restart: async (name) => {
      await roles.get(name)?.kill();
      await withRetries(() => start(name, args[name]));
    },
    end,
  };
}

/** So that there is something to look back on: `ring history`, `sync replay`, and the page. */
const recorded = ['--record', '64MiB'];

function smscArgs({ seed, turnMs }: WorldOptions, dirs: WorldDirs, passwordFile: string): readonly string[] {
  const [first, second] = handsets;
  return [
    ...['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', dirs.smsc, '--number', serviceNumber],
    ...['--password-file', passwordFile, '--zone', smscZone, '--turn', `${turnMs}ms`, '--seed', String(seed)],
    ...['--handset', first, '--handset', second, ...recorded],
  ];
}

function linkArgs({ seed, delayMs, cuts }: WorldOptions, dirs: WorldDirs, imUrl: URL): readonly string[] {
  return [
    ...['link', 'impair', '--listen', 'tcp://127.0.0.1:0', '--to', `tcp://${imUrl.host}`, '--state-dir', dirs.link],
    ...['--delay', `${delayMs}ms`, '--jitter', `${Math.round(delayMs / 5)}ms`, '--seed', String(seed)],
    ...(cuts === undefined
      ? []
      : ['--cut-every', `${cuts.everyMs}ms`, '--cut-for', `${cuts.forMs}ms`, '--cut-mode', cuts.mode]),
  ];
}

async function makeDirs(stateDir: string): Promise<WorldDirs> {
  const dirs = {
    // Where commands look by themselves under XDG_STATE_HOME.
    smsc: join(stateDir, 'ringbridge', 'smsc'),
    link: join(stateDir, 'ringbridge', 'link'),
    imServer: join(stateDir, 'ringbridge', 'im-server'),
    buffer: join(stateDir, 'ringbridge', 'buffer'),
    logs: join(stateDir, 'logs'),
  };
  for (const dir of Object.values(dirs)) await mkdir(dir, { recursive: true, mode: 0o700 });
  return dirs;
}

async function makeSecrets(stateDir: string) {
  const linkFile = join(stateDir, 'link.secret');
  const smscPasswordFile = join(stateDir, 'smsc.password');
  await writeFile(linkFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  await writeFile(smscPasswordFile, `${randomBytes(8).toString('hex')}\n`, { mode: 0o600 });
  return { linkFile, smscPasswordFile };
}

async function addUsers(stateDir: string): Promise<readonly DemoUser[]> {
  const names = [
    // The one who runs the bridge: the page shows her the rings.
    { name: 'alice', suffix: '0001', scopes: ['send', 'read', 'admin'] },
    { name: 'bob', suffix: '0002', scopes: ['send', 'read'] },
  ] as const;
  const users: DemoUser[] = [];
  for (const { name, suffix, scopes } of names) {
    const password = randomBytes(6).toString('base64url');
    const passwordHash = await hashPassword(password);
    await changeUsers(stateDir, { type: 'add', name, suffix, passwordHash, role: 'ordinary', scopes });
    users.push({ name, suffix, password });
  }
  return users;
}

/** As `GET /status` of a buffer tells. */
interface BufferStatus {
  readonly session: { readonly state: string };
  readonly link: { readonly state: string };
}

async function untilUp(bufferDir: string): Promise<void> {
  const giveUpAt = performance.now() + upWithinMs;
  for (;;) {
    // The role is of this very version.
    const status = (await callControl(bufferDir, 'GET /status')) as BufferStatus;
    if (status.session.state === 'ready' && status.link.state === 'up') return;
    // Cuts may keep it from being up at any moment we look: then the traffic begins as it is.
    if (performance.now() > giveUpAt) return;
    await delay(lookMs);
  }
}

/** Both, or the first error after both have ended. */
async function all<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<readonly [A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function withRetries(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      // The code is in what the role wrote before it ended.
      if (attempt === portRetries || !String(error).includes('ADDRESS_IN_USE')) throw error;
      await delay(portRetryMs);
    }
  }
}
