/** Starts a script of this folder as a process of its own, to be asked in lines and killed without warning. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly pid: number;
  /** The next line of its stdout; rejects when it has ended without one. */
  next(): Promise<string>;
  /** Writes a line and waits for the next one. */
  ask(question: string): Promise<string>;
  write(text: string): void;
  closeInput(): void;
  signal(name: NodeJS.Signals): void;
  /** Waits until it has ended by itself. */
  ended(): Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null; readonly stderr: string }>;
  /** kill -9, and waits for its end. @returns all lines that nobody took */
  kill(): Promise<readonly string[]>;
}

export interface ChildOptions {
  /** A disk of its own, so large, over this folder. Only where {@link canMountDisks}. */
  readonly disk?: { readonly folder: string; readonly sizeKib: number };
  readonly env?: NodeJS.ProcessEnv;
}

export function startChild(script: string, args: readonly string[], options: ChildOptions = {}): Child {
  const loader = new URL('./typescript.mjs', import.meta.url).href;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const onDisk = options.disk === undefined ? [] : mountFirst(options.disk);
  const [command = '', ...rest] = [...onDisk, process.execPath, '--import', loader, path, ...args];
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const closed = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdin.on('error', () => undefined);
  const lines: string[] = [];
  const waiting: { readonly take: (line: string) => void; readonly refuse: (error: Error) => void }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const first = waiting.shift();
    if (first === undefined) lines.push(line);
    else first.take(line);
  });
  child.on('close', (status, signal) => {
    for (const { refuse } of waiting.splice(0)) {
      refuse(new Error(`${script} ended (${status ?? signal}) without another line; it said: ${errors}`));
    }
  });
  const next = (): Promise<string> => {
    const line = lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((take, refuse) => {
      waiting.push({ take, refuse });
    });
  };
  return {
    pid: child.pid ?? 0,
    next,
    ask: (question) => {
      child.stdin.write(`${question}\n`);
      return next();
    },
    write: (text) => child.stdin.write(text),
    closeInput: () => child.stdin.end(),
    signal: (name) => child.kill(name),
    ended: async () => {
      const [status, signal] = await closed;
      return { status, signal, stderr: errors };
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
      return lines.splice(0);
    },
  };
}

/** Whether this user may mount a small disk for a child process alone. */
export function canMountDisks(): boolean {
  const [command = '', ...args] = [...mountFirst({ folder: '/tmp', sizeKib: 64 }), 'true'];
  return spawnSync(command, args).status === 0;
}

function mountFirst({ folder, sizeKib }: { readonly folder: string; readonly sizeKib: number }): readonly string[] {
  const script = `mount -t tmpfs -o size=${sizeKib}k tmpfs "$0" && exec "$@"`;
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, folder];
}
