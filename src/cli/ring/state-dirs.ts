/** Which state directories a command looks into: those given, or those of this user's roles in their usual place. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';

/** @throws OperatorError CONFIG_MISSING where none is given and none is found */
export async function findStateDirs(given: readonly string[] | undefined): Promise<readonly string[]> {
  if (given !== undefined && given.length > 0) return unpacked(given);
  const inEnvironment = (process.env['RINGBRIDGE_STATE_DIR'] ?? '').split(delimiter).filter((path) => path !== '');
  if (inEnvironment.length > 0) return inEnvironment;
  const usual = usualPlace();
  const found = await withStore(usual);
  if (found.length > 0) return found;
  throw new OperatorError({
    code: 'CONFIG_MISSING',
    message: `No state directory is given, and none is in ${usual}.`,
    hint: 'Give --state-dir DIR (twice for both ends), or RINGBRIDGE_STATE_DIR.',
  });
}

/** A bundle that was imported stands for the state directories in it. */
async function unpacked(given: readonly string[]): Promise<readonly string[]> {
  const { bundledDirs } = await import('./bundle.ts');
  const all = await Promise.all(given.map(async (dir) => (await bundledDirs(dir)) ?? [dir]));
  return all.flat();
}

function usualPlace(): string {
  const given = process.env['XDG_STATE_HOME'] ?? '';
  return join(given.startsWith('/') ? given : join(homedir(), '.local', 'state'), 'ringbridge');
}

async function withStore(folder: string): Promise<readonly string[]> {
  // A folder that is not there holds no state directories.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    const names = await readdir(path).catch((): string[] => []);
    if (names.includes('store.lmdb')) found.push(path);
  }
  return found.sort();
}
