/**
 * One process per state directory. Whoever listens on the directory's control socket holds it; the kernel lets go of it
 * even after kill -9. The same socket serves the role's routes (`control.ts`); `GET /who` is answered here, so that a
 * second process can say who is there. It knows nothing of what the directory holds.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, type Server as NetServer } from 'node:net';
import { setTimeout as waitMs } from 'node:timers/promises';
import { OperatorError } from '../core/base/errors.ts';
import { callSocket } from './control-client.ts';
import { findControlPath, ownNameBytes } from './control-path.ts';
import { describeSocketError } from './socket-errors.ts';
import { isSocketAlive } from './unix-socket.ts';

/** Told to a second process that wants the same directory. */
export interface Holder {
  /** `buffer`, `im-server`, `smsc`, or the command that holds it for a moment. */
  readonly role: string;
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
}

export interface StateDirLock {
  /** Absolute, without symbolic links. */
  readonly stateDir: string;
  readonly socketPath: string;
  readonly holder: Holder;
  /** Who answers requests other than `GET /who`; until somebody does they get 503. */
  serve(listener: RequestListener): void;
  /** Lets go of the directory: the last thing a role does, after its store is closed. Cuts requests under way. */
  release(): Promise<void>;
}

/** Clearing takes well under a millisecond. */
const guardRetryMs = 5;

/**
 * Makes the directory where it is missing (mode 0700) and takes it.
 *
 * @throws OperatorError `STORE_BUSY` (exit status 9) where another process holds it, `STORE_READ_ONLY`, `STORE_FULL`
 *   or `STORE_FAILED` where it cannot be made or its socket cannot
 */
export async function lockStateDir(path: string, role: string): Promise<StateDirLock> {
  const stateDir = await makeStateDir(path);
  const { socketPath, linkPath } = await findControlPath(stateDir);
  const holder: Holder = { role, pid: process.pid, since: new Date().toISOString() };
  let listener: RequestListener = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/who') listener(request, response);
    else
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ schema: 'role.who/1', ...holder }));
  });
  let own: Identity;
  try {
    own = await takeSocket(server, socketPath, stateDir);
    if (linkPath !== undefined) await makeLink(socketPath, linkPath);
  } catch (error) {
    server.close();
    throw error instanceof OperatorError ? error : stateDirFailed(stateDir, error);
  }
  return {
    stateDir,
    socketPath,
    holder,
    serve: (other) => {
      listener = other;
    },
    release: async () => {
      const letGo = await takeGuard(socketPath);
      // Somebody may have deleted the directory under this role, and started another in a new one.
      if (await isStill(socketPath, own)) await rm(socketPath, { force: true });
      await letGo();
      if (linkPath !== undefined) await rm(linkPath, { force: true });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function makeStateDir(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  } catch (error) {
    throw stateDirFailed(path, error);
  }
}

/**
 * Listens under a name of its own, then gives that socket the real name too, which the system refuses if there is one:
 * so a socket under the real name is alive from its first moment, and one that is not alive was left by a dead process.
 */
async function takeSocket(server: Server, socketPath: string, stateDir: string): Promise<Identity> {
  const ownPath = besides(socketPath);
  await listenAt(server, ownPath);
  const { dev, ino } = await lstat(ownPath);
  while (!(await hasLinked(ownPath, socketPath))) await clearDeadSocket(socketPath, stateDir);
  await rm(ownPath, { force: true });
  return { dev, ino };
}

/** Which file it is, whatever its name. */
interface Identity {
  readonly dev: number;
  readonly ino: number;
}

async function isStill(path: string, { dev, ino }: Identity): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.dev === dev && found.ino === ino;
}

async function hasLinked(ownPath: string, socketPath: string): Promise<boolean> {
  try {
    await link(ownPath, socketPath);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * INVARIANT: the real name is only ever removed under the guard. So what is there and dead under the guard stays the same
 * until it is removed; nobody can take a name that is there. A name that is not there may be taken at any moment, and is
 * left alone.
 */
async function clearDeadSocket(socketPath: string, stateDir: string): Promise<void> {
  const letGo = await takeGuard(socketPath);
  try {
    const found = await lstat(socketPath).catch(() => undefined);
    if (found === undefined) return;
    if (!found.isSocket()) throw stateDirFailed(stateDir, new Error(`${socketPath} is no socket`));
    if (await isSocketAlive(socketPath)) throw await busy(socketPath, stateDir);
    await rm(socketPath, { force: true });
  } finally {
    await letGo();
  }
}

/**
 * Waits for a name in the kernel that one process at a time can have, and that is free again when that process ends.
 * Only Linux has such names (abstract sockets); elsewhere two processes that start at once after a kill -9 could both get in.
 */
async function takeGuard(socketPath: string): Promise<() => Promise<void>> {
  if (process.platform !== 'linux') return async () => undefined;
  const name = `\0ringbridge-guard-${createHash('sha256').update(socketPath).digest('hex').slice(0, 32)}`;
  for (;;) {
    const guard = createNetServer();
    try {
      await listenAt(guard, name);
      return () => new Promise((resolve) => guard.close(() => resolve()));
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
      await waitMs(guardRetryMs);
    }
  }
}

function listenAt(server: NetServer, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A name beside it that nobody else takes. */
function besides(socketPath: string): string {
  return `${socketPath}.${randomBytes((ownNameBytes - 1) / 2).toString('hex')}`;
}

async function makeLink(socketPath: string, linkPath: string): Promise<void> {
  if ((await readlink(linkPath).catch(() => undefined)) === socketPath) return;
  await rm(linkPath, { force: true });
  await symlink(socketPath, linkPath);
}

async function busy(socketPath: string, stateDir: string): Promise<OperatorError> {
  const holder = await askHolder(socketPath);
  const who =
    holder === undefined
      ? 'another process, which does not say who it is'
      : `${holder.role} (process ${holder.pid}, since ${holder.since})`;
  return new OperatorError({
    code: 'STORE_BUSY',
    message: `The state directory ${stateDir} is held by ${who}. Nothing was changed.`,
    hint: 'Stop that process, or give another directory with --state-dir.',
    exitStatus: 9,
    retryable: true,
  });
}

async function askHolder(socketPath: string): Promise<Holder | undefined> {
  try {
    const answer = Object(await callSocket(socketPath, 'GET /who', undefined, { timeoutMs: 2_000 }));
    return { role: String(answer.role), pid: Number(answer.pid), since: String(answer.since) };
  } catch (error) {
    // It holds the directory whether it answers or not.
    if (error instanceof OperatorError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function stateDirFailed(path: string, cause: unknown): OperatorError {
  const code = codeOf(cause);
  const isReadOnly = code === 'EROFS' || code === 'EACCES' || code === 'EPERM';
  return new OperatorError({
    code: isReadOnly ? 'STORE_READ_ONLY' : code === 'ENOSPC' ? 'STORE_FULL' : 'STORE_FAILED',
    message: `The state directory ${path} cannot be used: ${cause instanceof Error ? describeSocketError(cause) : cause}. Nothing was started.`,
    hint: 'Give a directory with --state-dir that this user can write, on a local disk with room.',
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
