// Starts roles as processes of their own, as an operator would, and asks them over their control sockets. Knows nothing
// of what is measured.
import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

const readyTimeoutMs = 60_000;
const endTimeoutMs = 20_000;

/** Everything that was started and has not ended, so that nothing outlives the benchmark. */
const running = new Set();

/**
 * Runs a role of ringbridge until {@link RoleProcess.end}.
 *
 * @param {string} program path of bin/run.js
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env in addition to this process's own, of which RINGBRIDGE_… are left out
 */
export async function startRole(program, args, env = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RINGBRIDGE_'));
  const child = spawn(process.execPath, [...profilerFlags(args), program, ...args], {
    env: { ...Object.fromEntries(inherited), RINGBRIDGE_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const role = new RoleProcess(child, args.slice(0, 2).join(' '));
  running.add(role);
  await role.ready();
  return role;
}

/** Runs a command that ends by itself. @returns what it wrote to stdout */
export async function runCommand(program, args, env = {}) {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, stdio: 'pipe' });
  const command = new RoleProcess(child, args.slice(0, 3).join(' '));
  const status = await command.closed;
  if (status !== 0) throw new Error(`${command.name} ended with ${status}: ${command.stderr}`);
  return command.stdout;
}

/** For the end of the benchmark, however it comes. */
export async function endAll() {
  await Promise.all([...running].map((role) => role.end()));
}

class RoleProcess {
  stdout = '';
  stderr = '';
  /** The ready line, parsed. */
  document = undefined;

  constructor(child, name) {
    this.child = child;
    this.name = name;
    child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      // The last lines say why; a role that logs without end shall not fill the memory.
      this.stderr = (this.stderr + chunk).slice(-65_536);
    });
    this.closed = new Promise((resolve) => child.once('close', resolve));
  }

  ready() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#trouble('is not ready after 60 s')), readyTimeoutMs);
      const look = () => {
        const end = this.stdout.indexOf('\n');
        if (end === -1 || this.document !== undefined) return;
        clearTimeout(timer);
        this.document = JSON.parse(this.stdout.slice(0, end));
        resolve(this.document);
      };
      this.child.stdout.on('data', look);
      this.closed.then((status) => {
        clearTimeout(timer);
        reject(this.#trouble(`ended with ${status} before it was ready`));
      });
    });
  }

  /** Processor time used so far, in seconds; undefined where the system does not tell. */
  cpuSeconds() {
    return processSeconds(this.child.pid);
  }

  async end() {
    running.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), endTimeoutMs);
    await this.closed;
    clearTimeout(timer);
  }

  #trouble(what) {
    return new Error(`${this.name} ${what}: ${this.stderr.trim() || 'it said nothing'}`);
  }
}

/** Processor time that a process has used so far, in seconds; undefined where the system does not tell. */
export function processSeconds(pid) {
  try {
    // Behind the name in brackets, which may hold spaces: field 14 and 15 are user and system time in ticks of 10 ms.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/** RINGBRIDGE_BENCH_PROFILE=DIR writes a profile of each role there, for `node --cpu-prof` readers. */
function profilerFlags(args) {
  const dir = process.env['RINGBRIDGE_BENCH_PROFILE'];
  if (dir === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=${args[0]}-${process.hrtime.bigint()}.cpuprofile`];
}

/** `GET` a route of a role's control socket. */
export function askControl(stateDir, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: controlSocket(stateDir), path, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path} of ${stateDir} answered ${response.statusCode}: ${text}`));
      });
    });
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error(`${path} of ${stateDir} did not answer`)));
    asked.end();
  });
}

/** In the state directory, or where the link there leads. */
function controlSocket(stateDir) {
  const path = join(stateDir, 'control.sock');
  try {
    return readlinkSync(path);
  } catch {
    return path;
  }
}
