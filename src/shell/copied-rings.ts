/**
 * The rings of a state directory that was copied in a bundle: a document beside the recording, in the place of a store.
 * It is what `readRings` gave where the bundle was made.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../core/base/errors.ts';
import type { RingsRead } from './ring-reader.ts';

export const copiedRingsFile = 'rings.json';

/** Undefined where there is none. @throws OperatorError INPUT_UNREADABLE */
export async function readCopiedRings(stateDir: string): Promise<RingsRead | undefined> {
  const path = join(stateDir, copiedRingsFile);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw isRefused(error) ? forbidden(stateDir, error) : unreadable(path, error);
  }
  try {
    const document: unknown = JSON.parse(text);
    // A bundle is of our own making; a document of another version has another schema.
    const read = document as { readonly schema?: string } & Omit<RingsRead, 'state'>;
    if (read.schema === 'rings/1' && Array.isArray(read.rings)) return { ...read, state: 'copied' };
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, new Error('it is no document of this version'));
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

/** Of any state directory: whether there is a copy in it is only the first question. */
function forbidden(stateDir: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'INPUT_UNREADABLE',
    message: `${stateDir} cannot be looked into: this user may not.`,
    hint: 'Run this as the user of the role; a state directory is for its owner alone.',
    cause,
  });
}

function unreadable(path: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'INPUT_UNREADABLE',
    message: `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
    hint: 'Import the bundle again with `ringbridge ring import`.',
    cause,
  });
}
