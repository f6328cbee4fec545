// The bridge of one measurement: SMSC, buffer beside it, delayed link, IM server, each a process of its own. Its outbox
// is filled through the front door once, by `fillOutbox`, and every measurement begins with a copy of that state.
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { handIn } from './front-door.mjs';
import { askControl, runCommand, startRole } from './processes.mjs';

export const smscUser = 'app';
export const smscPassword = 'ringbridge';

const imUser = 'bench';
const imPassword = 'bench-password-1';
const pollMs = 100;

/** Secrets, and the state that measurements begin with. */
export class Workshop {
  constructor(dir) {
    this.dir = dir;
    this.secretFile = join(dir, 'link.secret');
    this.passwordFile = join(dir, 'smsc.password');
    this.userPasswordFile = join(dir, 'user.password');
    this.filledDir = join(dir, 'filled');
    writeFileSync(this.secretFile, randomBytes(32).toString('hex'), { mode: 0o600 });
    writeFileSync(this.passwordFile, smscPassword, { mode: 0o600 });
    writeFileSync(this.userPasswordFile, imPassword, { mode: 0o600 });
  }

  newDir(name) {
    return mkdtempSync(join(this.dir, `${name}-`));
  }

  /** An SMSC of its own, on a free port. */
  async startSmsc(program) {
    const stateDir = this.newDir('smsc');
    const args = ['--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir, '--password-file', this.passwordFile];
    const role = await startRole(program, ['smsc', 'start', ...args]);
    return { role, stateDir, address: role.document.listen, port: portOf(role.document.listen) };
  }

  /** A link of that round trip to a port of this machine. */
  async startRelay(program, rttMs, port) {
    const args = ['--listen', 'tcp://127.0.0.1:0', '--to', `tcp://127.0.0.1:${port}`, '--delay', `${rttMs / 2}ms`];
    const role = await startRole(program, ['link', 'impair', ...args]);
    return { role, port: portOf(role.document.listen) };
  }

  async startImServer(program, { stateDir, durability, reports }) {
    const args = ['--listen', '127.0.0.1:0', '--state-dir', stateDir, '--buffer', `bench=${this.secretFile}`];
    const settings = ['--durability', durability, '--reports', reports, '--send-rate', '100000/s'];
    const role = await startRole(program, ['im-server', 'start', ...args, ...settings]);
    return { role, stateDir, url: role.document.listen, port: portOf(role.document.listen) };
  }

  async startBuffer(program, { stateDir, durability, reports, smsc, port }) {
    const where = ['--smsc', smsc.address, '--im-server', `ws://127.0.0.1:${port}/link`, '--state-dir', stateDir];
    const who = ['--user', smscUser, '--password-file', this.passwordFile, '--smsc-id', 'bench'];
    const how = ['--secret-file', this.secretFile, '--durability', durability, '--reports', reports];
    return { role: await startRole(program, ['buffer', 'start', ...where, ...who, ...how]), stateDir };
  }
}

/** Hands `count` texts in, while no buffer is connected, so that all of them wait in the outbox. */
export async function fillOutbox(workshop, program, { count, reports }) {
  const stateDir = workshop.filledDir;
  mkdirSync(stateDir, { recursive: true });
  const password = ['--password-file', workshop.userPasswordFile];
  await runCommand(program, ['im-server', 'users', 'add', imUser, '--state-dir', stateDir, ...password]);
  // A clean stop flushes it all, so this state is as good as one of `disk`.
  const server = await workshop.startImServer(program, { stateDir, durability: 'process', reports });
  await handIn({ url: server.url, user: imUser, password: imPassword }, count);
  await server.role.end();
}

/**
 * Lets the bridge run and counts what the SMSC accepts once it runs steadily.
 *
 * @param {{ running?(dirs: readonly string[]): void, measuring?(mark: 'begin' | 'end'): void, over?(): unknown }} [beside]
 *   told when the first message has passed, at both ends of the measurement, and before the roles end
 * @returns messages per second, and what each process used per message
 */
export async function measureBridge(
  workshop,
  program,
  { rttMs, durability, reports, warmUpMs, measureMs, beside = {} },
) {
  const imDir = workshop.newDir('im');
  for (const name of ['store.lmdb', 'store.lmdb-lock']) {
    if (existsSync(join(workshop.filledDir, name))) cpSync(join(workshop.filledDir, name), join(imDir, name));
  }
  const bufferDir = workshop.newDir('buffer');
  const [smsc, imServer] = await Promise.all([
    workshop.startSmsc(program),
    workshop.startImServer(program, { stateDir: imDir, durability, reports }),
  ]);
  const relay = await workshop.startRelay(program, rttMs, imServer.port);
  const buffer = await workshop.startBuffer(program, {
    ...{ stateDir: bufferDir, durability, reports, smsc },
    port: relay.port,
  });
  const roles = { smsc: smsc.role, buffer: buffer.role, link: relay.role, imServer: imServer.role };
  try {
    const accepted = async () => (await askControl(smsc.stateDir, '/counts')).submitsAccepted;
    await until(async () => (await accepted()) > 0, 60_000, 'nothing was submitted');
    beside.running?.([bufferDir, imDir]);
    await passed(warmUpMs);
    beside.measuring?.('begin');
    const begin = { at: performance.now(), count: await accepted(), cpu: cpuOf(roles), machine: machineTimes() };
    await passed(measureMs);
    const end = { at: performance.now(), count: await accepted(), cpu: cpuOf(roles), machine: machineTimes() };
    beside.measuring?.('end');
    const { smscs } = await askControl(imDir, '/status');
    const waiting = smscs[0]?.outbox ?? 0;
    if (waiting === 0) throw new Error('the outbox ran dry during the measurement: fill in more with --fill');
    const messages = end.count - begin.count;
    return {
      perSecond: (messages / (end.at - begin.at)) * 1_000,
      messages,
      cpuMicros: spent(begin.cpu, end.cpu, messages),
      othersPercent: othersPercent(begin, end),
    };
  } finally {
    await beside.over?.();
    // The buffer first: it logs out while the SMSC still listens.
    await buffer.role.end();
    await Promise.all([smsc.role.end(), relay.role.end(), imServer.role.end()]);
    for (const dir of [imDir, bufferDir, smsc.stateDir]) rmSync(dir, { recursive: true, force: true });
  }
}

export function passed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function cpuOf(roles) {
  return Object.fromEntries(Object.entries(roles).map(([name, role]) => [name, role.cpuSeconds()]));
}

/** Milliseconds of all processors since the system started. */
function machineTimes() {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** How much of the processors went to what is not measured: other programs, and the kernel where it tells nobody's. */
function othersPercent(begin, end) {
  const all = end.machine.all - begin.machine.all;
  const idle = end.machine.idle - begin.machine.idle;
  const ours = Object.keys(end.cpu).reduce((sum, name) => sum + (end.cpu[name] - begin.cpu[name]) * 1_000, 0);
  return Math.max(0, Math.round(((all - idle - ours) / all) * 100));
}

/** Microseconds of processor time per message. */
function spent(before, after, messages) {
  const names = Object.keys(before).filter((name) => before[name] !== undefined && messages > 0);
  return Object.fromEntries(names.map((name) => [name, Math.round(((after[name] - before[name]) / messages) * 1e6)]));
}

async function until(isSo, timeoutMs, otherwise) {
  const endAt = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > endAt) throw new Error(`${otherwise} within ${timeoutMs / 1_000} s`);
    await passed(pollMs);
  }
}

function portOf(address) {
  return Number(/:(\d+)$/.exec(address)?.[1]);
}
