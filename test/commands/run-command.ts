/** Runs the command as a process, as a user or a script would, and gives back what it said. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkDocuments } from './check-documents.ts';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface RunOptions {
  /** Without any RINGBRIDGE_ variable of the one who runs the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given on stdin, which is then a pipe; otherwise stdin is nothing. */
  readonly stdin?: string;
}

export function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const inherited = Object.entries(process.env).filter(
    ([name, value]) =>
      !name.startsWith('RINGBRIDGE_') &&
      name !== 'FORCE_COLOR' &&
      // The tests' own tap at the wire stays; what the one who runs the tests has set does not.
      (name !== 'NODE_OPTIONS' || value?.includes('wire-tap') === true),
  );
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.stdin);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      try {
        checkDocuments(stdout);
        resolve({ stdout, stderr, status });
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The one line of JSON that stdout must be. */
export function documentOf(result: CommandResult): unknown {
  const lines = result.stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not one line: ${JSON.stringify(result)}`);
  return JSON.parse(lines[0] ?? '');
}
