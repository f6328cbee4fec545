/**
 * Files that an operator names and that are read whole: settings, secrets, certificates, scenarios, batches. Each has a
 * limit, and whoever named a wrong one is told which and why. What is in it is judged elsewhere.
 */
import { readFile, stat } from 'node:fs/promises';
import { OperatorError } from '../core/base/errors.ts';

export interface GivenFile {
  readonly path: string;
  /** Begins the sentence about it: `The config file bridge.toml`. */
  readonly name: string;
  readonly limitBytes: number;
  /** Left out, it is about path and rights. */
  readonly hint?: string;
}

/** @throws OperatorError CONFIG_UNREADABLE */
export async function readGivenFile({ path, name, limitBytes, hint }: GivenFile): Promise<Uint8Array> {
  const bytes = await readWithin(path, limitBytes).catch((cause: unknown) => {
    // Without `code` it is not the file system that refused; then the text says what it was.
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${name} cannot be read (${reason}).`,
      hint: hint ?? 'Check the path and the rights of the user that runs ringbridge.',
      cause,
    });
  });
  if (bytes !== undefined) return bytes;
  throw new OperatorError({
    code: 'CONFIG_UNREADABLE',
    message: `${name} is larger than ${limitBytes} bytes.`,
    hint: 'Check the path; it is probably another file.',
  });
}

/** Undefined where it is larger. What is no ordinary file (a pipe) has no size before it is read. */
async function readWithin(path: string, limitBytes: number): Promise<Uint8Array | undefined> {
  const { size } = await stat(path);
  if (size > limitBytes) return undefined;
  const bytes = await readFile(path);
  return bytes.length > limitBytes ? undefined : bytes;
}
