// A role as a process of its own, which may be killed, stopped and started badly on purpose. Like the demo's child roles it
// ends when its pipe from here closes, so that nothing outlives the script. Knows nothing of what is tested.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
/** A busy machine takes its time to load a program. */
const readyWithinMs = 90_000;
const drainWithinMs = 60_000;
/** A port may be taken for a moment by somebody's outgoing connection while its owner is away. */
const portRetries = 20;
const portRetryMs = 250;

export class RoleProcess {
  #child;
  #gone;
  /** Where it listens; empty for a role that only dials. */
  listen = '';

  /** @param {{ name: string, args: readonly string[], logFile: string, env?: Record<string, string> }} options */
  constructor({ name, args, logFile, env = {} }) {
    this.name = name;
    this.logFile = logFile;
    const log = openSync(logFile, 'a', 0o600);
    this.logFrom = logSize(logFile);
    this.#child = spawn(process.execPath, [bin, ...args], {
      // A group of its own: Ctrl-C on the terminal is for the script, which then ends its roles.
      detached: true,
      stdio: ['pipe', 'pipe', log],
      env: { ...inheritedEnvironment(), RINGBRIDGE_PARENT_PIPE: '1', ...env },
    });
    closeSync(log);
    // Nothing is written to it; that it breaks when the role is killed is no news.
    this.#child.stdin.on('error', () => undefined);
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ status: 1, signal: error.message }));
      this.#child.once('exit', (status, signal) => resolve({ status, signal }));
    });
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote to its log since it was started. */
  get log() {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(this.logFrom) : '';
  }

  /** Resolves when it says that it is ready. @returns undefined, or how it ended before that */
  async ready() {
    const line = new Promise((resolve) => createInterface({ input: this.#child.stdout }).once('line', resolve));
    const abort = new AbortController();
    const late = delay(readyWithinMs, 'late', { signal: abort.signal }).catch(() => 'in time');
    const first = await Promise.race([line, this.#gone, late]);
    abort.abort();
    if (first === 'late') {
      await this.kill();
      return { status: null, signal: `no sign of readiness within ${readyWithinMs / 1000} s` };
    }
    if (typeof first !== 'string') return first;
    this.listen = JSON.parse(first).listen ?? '';
    return undefined;
  }

  signal(name) {
    if (this.isRunning) this.#child.kill(name);
  }

  /** As `kill -9` would. Resolves when the process is gone. */
  async kill() {
    this.signal('SIGKILL');
    return this.#gone;
  }

  /** Lets it drain; after a while without that, kills it. @returns how it ended */
  async end() {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), drainWithinMs);
    const how = await this.#gone;
    clearTimeout(timer);
    return how;
  }
}

/** @throws Error where it ends before it is ready, with the last of its log */
export async function startRole(options) {
  for (let attempt = 1; ; attempt += 1) {
    const role = new RoleProcess(options);
    const how = await role.ready();
    if (how === undefined) return role;
    // The code is in what the role wrote before it ended.
    if (attempt === portRetries || !role.log.includes('ADDRESS_IN_USE')) {
      throw new Error(`${role.name} did not start: ${how.status ?? how.signal}. ${role.log.trim().slice(-600)}`);
    }
    await delay(portRetryMs);
  }
}

function logSize(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').length : 0;
}

/** Nothing that was meant for a role of the caller's own. */
function inheritedEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RINGBRIDGE_') && !name.startsWith('npm_') && name !== 'NOTIFY_SOCKET',
  );
  return Object.fromEntries(kept);
}
