/** Where a demo keeps its stores and logs: a directory that nothing else is in. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';

export interface DemoStateDir {
  readonly path: string;
  /** `keep`: somebody named it, and wants to look at it afterwards. */
  readonly afterwards: 'keep' | 'remove';
  /** Removes it, unless it is to be kept. */
  tidy(): Promise<void>;
}

/**
 * @param given undefined takes a temporary one
 * @throws OperatorError CONFIG_BAD_VALUE where there is something in it: a demo begins anew
 */
export async function makeStateDir(given: string | undefined): Promise<DemoStateDir> {
  if (given === undefined) {
    const path = await mkdtemp(join(tmpdir(), 'ringbridge-'));
    return { path, afterwards: 'remove', tidy: () => rm(path, { recursive: true, force: true }) };
  }
  const path = resolve(given);
  await mkdir(path, { recursive: true, mode: 0o700 });
  if ((await readdir(path)).length > 0) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `${path} is not empty. Nothing was started.`,
      hint: 'Name a new directory with --state-dir, or leave it out for a temporary one.',
    });
  }
  return { path, afterwards: 'keep', tidy: async () => undefined };
}
