/**
 * Where the control socket of a state directory is. A socket's path takes 107 bytes at most, so that of a directory with
 * a long path is in the runtime directory, and `control.sock` in the state directory is a symbolic link to it: so two
 * processes find the same one even where their environments name different runtime directories.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OperatorError } from '../core/base/errors.ts';

/** Longest path the system takes for a socket, in bytes; longer ones are cut silently, so nobody may use them. */
const socketPathLimitBytes = 107;

/** A new socket has a name of its own before it takes the real one: a dot and six digits. */
export const ownNameBytes = 7;

export interface ControlPath {
  readonly socketPath: string;
  /** Where the link to it belongs, if it is not in the state directory. */
  readonly linkPath: string | undefined;
}

/** @param stateDir its real path, see `realpath` */
export async function findControlPath(stateDir: string): Promise<ControlPath> {
  const path = join(stateDir, 'control.sock');
  if (isShortEnough(path)) return { socketPath: path, linkPath: undefined };
  const linked = await readlink(path).catch(() => undefined);
  if (linked !== undefined && (await isDirectory(dirname(linked)))) return { socketPath: linked, linkPath: path };
  const hash = createHash('sha256').update(stateDir).digest('hex').slice(0, 24);
  const socketPath = join(await runtimeDir(), `ringbridge-${hash}.sock`);
  if (!isShortEnough(socketPath)) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `No socket can be made for ${stateDir}: its path and ${socketPath} are both too long.`,
      hint: 'Give a state directory with a shorter path, or set XDG_RUNTIME_DIR to one.',
    });
  }
  return { socketPath, linkPath: path };
}

function isShortEnough(path: string): boolean {
  return Buffer.byteLength(path) + ownNameBytes <= socketPathLimitBytes;
}

/** A directory that only this user can write: XDG_RUNTIME_DIR, or one of our own among the temporary files. */
async function runtimeDir(): Promise<string> {
  const given = process.env['XDG_RUNTIME_DIR'];
  if (given?.startsWith('/') && (await isDirectory(given))) return given;
  const user = process.getuid?.() ?? 0;
  const path = join(tmpdir(), `ringbridge-${user}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== user || (found.mode & 0o077) !== 0) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `${path} should be a directory that only this user can enter, and is not.`,
      hint: 'Remove it, or set XDG_RUNTIME_DIR.',
    });
  }
  return path;
}

async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() ?? false;
}
