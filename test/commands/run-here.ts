/**
 * Runs a command within the process of the test, as built: for tests that are about what it says, where a process of its
 * own would add nothing but its start; one that is fed on stdin gets one. What is about processes, signals or a terminal
 * wants `run-command.ts`.
 */
import { fileURLToPath } from 'node:url';
import { run, settings } from '@oclif/core';
import { checkDocuments } from './check-documents.ts';
import { type CommandResult, type RunOptions, runCommand } from './run-command.ts';

// oclif would look for the sources of the commands itself where it finds a test around it.
settings.enableAutoTranspile = false;

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Streams and environment belong to all, so one command follows the other. */
let last: Promise<unknown> = Promise.resolve();

export function runHere(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  if (options.stdin !== undefined) return runCommand(args, options);
  const result = last.then(() => runAlone(args, options.env ?? {}));
  last = result.catch(() => undefined);
  return result;
}

async function runAlone(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' };
  const restore = [
    capture(process.stdout, (text) => {
      written.stdout += text;
    }),
    capture(process.stderr, (text) => {
      written.stderr += text;
    }),
    exchangeEnvironment(env),
  ];
  try {
    const status = await run([...args], { root }).then(() => 0, statusOf);
    checkDocuments(written.stdout);
    return { ...written, status };
  } finally {
    for (const undo of restore) undo();
  }
}

function capture(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const { write } = stream;
  const taking = (data: string | Uint8Array) => {
    take(typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));
    return true;
  };
  // Callbacks and encodings are not used by what a command prints.
  stream.write = taking as typeof write;
  return () => {
    stream.write = write;
  };
}

/** Without any RINGBRIDGE_ variable of the one who runs the tests. */
function exchangeEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('RINGBRIDGE_') || name === 'FORCE_COLOR') delete process.env[name];
  }
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

/** @throws what is no way to end a command */
function statusOf(error: unknown): number {
  if (error instanceof Error && 'oclif' in error) {
    const { oclif } = error;
    if (typeof oclif === 'object' && oclif !== null && 'exit' in oclif && typeof oclif.exit === 'number') {
      return oclif.exit;
    }
  }
  throw error;
}
