/** Starts a role, or another command that goes on, as a process and waits for its first line; ends it by a signal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkDocuments } from '../check-documents.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

export interface RunningRole {
  /** The ready line. */
  readonly ready: { readonly schema: string; readonly role: string; readonly listen: string; readonly pid: number };
  readonly child: ChildProcess;
  /** All of stdout so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** @returns the exit status */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * @param args of ringbridge, `--listen` with port 0 among them
 * @param stdin `open`: as long as the process lives
 */
export async function startRole(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin: 'ended' | 'open' = 'ended',
): Promise<RunningRole> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RINGBRIDGE_'));
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: 'pipe',
  });
  if (stdin === 'ended') child.stdin.end();
  let stdout = '';
  let stderr = '';
  const closed = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
      const end = stdout.indexOf('\n');
      if (end !== -1) resolve(stdout.slice(0, end));
    });
    void closed.then((status) => reject(new Error(`ended with ${status} before it was ready: ${stderr}`)));
  });
  return {
    ready: JSON.parse(line),
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const status = await closed;
      checkDocuments(stdout);
      return status;
    },
  };
}
