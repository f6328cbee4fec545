/** Which state directories a command looks into: those given, or those of this user's roles in their usual place. */
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import { defaultStateDir, usualPlace } from '../default-state-dir.ts';

/**
 * @param simulator `with`: also that of a simulated SMSC in its usual place, where nothing is given; it has no rings
 * @throws OperatorError CONFIG_MISSING where none is given and none is found
 */
export async function findStateDirs(
  given: readonly string[] | undefined,
  simulator: 'with' | 'without' = 'without',
): Promise<readonly string[]> {
  if (given !== undefined && given.length > 0) return unpacked(given);
  const inEnvironment = (process.env['RINGBRIDGE_STATE_DIR'] ?? '').split(delimiter).filter((path) => path !== '');
  if (inEnvironment.length > 0) return inEnvironment;
  const usual = usualPlace();
  const found = await withStore(usual);
  if (found.length > 0) return [...found, ...(simulator === 'with' ? await usualSimulator() : [])];
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

/** It has no store to be known by: its control socket, or a recording, says that one ran there. */
async function usualSimulator(): Promise<readonly string[]> {
  const path = defaultStateDir('smsc');
  const names = await readdir(path).catch((): string[] => []);
  return names.some((name) => name === 'control.sock' || name === 'recording') ? [path] : [];
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
