/**
 * A role that the demo runs as a process of its own, from the same binary. It ends when its pipe from the demo closes, so
 * even a killed demo leaves none behind. Which roles there are and what they are told is decided elsewhere.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../core/base/errors.ts';

export interface ChildRoleOptions {
  /** For people: `buffer`, `im-server`. */
  readonly name: string;
  /** Of `ringbridge`. */
  readonly args: readonly string[];
  /** Takes its stderr; grows over restarts. */
  readonly logFile: string;
  /** It ended and nobody had asked for that. */
  readonly onEnded: (error: OperatorError) => void;
}

export interface ChildRole {
  readonly pid: number;
  /** Where it listens; empty for a role that only dials. */
  readonly listen: string;
  /** As `kill -9` would. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Lets it drain; after a while without that, kills it. */
  end(): Promise<void>;
}

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
/** A busy machine takes its time to load a program. */
const readyWithinMs = 60_000;
const drainWithinMs = 10_000;
const shownLogCharacters = 600;

/** Resolves when the role says that it is ready. @throws OperatorError DEMO_ROLE_ENDED */
export async function startChildRole(options: ChildRoleOptions): Promise<ChildRole> {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [bin, ...options.args], {
    // A group of its own: Ctrl-C on the terminal is for the demo, which then ends its roles in order.
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: { ...inheritedEnvironment(), RINGBRIDGE_PARENT_PIPE: '1' },
  });
  closeSync(log);
  // Writing to it is never done; that it breaks when the role is killed is no news.
  child.stdin?.on('error', () => undefined);
  let isWanted = true;
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(status === null ? `signal ${signal}` : `exit status ${status}`));
  });
  const { listen } = await ready(child, gone, options).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  void gone.then((how) => {
    if (isWanted) options.onEnded(ended(options, how));
  });
  return {
    pid: child.pid ?? 0,
    listen: listen ?? '',
    kill: async () => {
      isWanted = false;
      child.kill('SIGKILL');
      await gone;
    },
    end: async () => {
      isWanted = false;
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), drainWithinMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

interface ReadyLine {
  readonly schema: 'role.ready/1';
  readonly listen: string | null;
}

async function ready(child: ChildProcess, gone: Promise<string>, options: ChildRoleOptions): Promise<ReadyLine> {
  const { stdout } = child;
  if (stdout === null) throw ended(options, 'no pipe for its output');
  const line = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).once('line', resolve);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no sign of readiness within ${readyWithinMs / 1000} s`), readyWithinMs);
  });
  const first = await Promise.race([line, gone.then(failure), late.then(failure)]);
  clearTimeout(timer);
  if (typeof first !== 'string') throw ended(options, first.how);
  // The role is of this very version.
  return JSON.parse(first) as ReadyLine;
}

function failure(how: string): { readonly how: string } {
  return { how };
}

function ended({ name, logFile }: ChildRoleOptions, how: string): OperatorError {
  return new OperatorError({
    code: 'DEMO_ROLE_ENDED',
    message: `The role ${name} did not stay: ${how}. ${lastWords(logFile)}`.trim(),
    hint: `Its log tells why: ${logFile}`,
    exitStatus: 1,
  });
}

function lastWords(logFile: string): string {
  const text = readFileSync(logFile, 'utf8').trimEnd();
  return text === '' ? '' : `It last said: ${text.slice(-shownLogCharacters).split('\n').slice(-3).join(' ')}`;
}

/** Nothing that was meant for a role of the caller's own, or for the demo as a service. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('RINGBRIDGE_') && !name.startsWith('npm_') && name !== 'NOTIFY_SOCKET',
  );
  return Object.fromEntries(kept);
}
