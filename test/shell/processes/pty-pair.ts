/** Two pseudo-terminals joined by socat, as two serial ports joined by a cable. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Why tests over a serial line cannot run here; undefined if they can. */
export const noSerialLine: string | undefined = ['socat', 'stty']
  .filter((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  })
  .map((program) => `${program} is not installed`)[0];

export interface PtyPair {
  readonly near: string;
  readonly far: string;
  /** Nothing passes from now on, and nobody is told. */
  hold(): void;
  goOn(): void;
  /** The cable is pulled: both devices vanish. */
  unplug(): Promise<void>;
}

export async function joinPtys(folder: string): Promise<PtyPair> {
  const [near, far] = [join(folder, 'near'), join(folder, 'far')];
  const ends = [near, far].map((link) => `PTY,link=${link},raw,echo=0`);
  const socat: ChildProcess = spawn('socat', ends, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => socat.once('exit', () => resolve()));
  // It tells nobody when the devices are there.
  while (!existsSync(near) || !existsSync(far)) {
    if (socat.exitCode !== null) throw new Error(`socat ended with ${socat.exitCode}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    near,
    far,
    hold: () => socat.kill('SIGSTOP'),
    goOn: () => socat.kill('SIGCONT'),
    unplug: () => {
      socat.kill('SIGKILL');
      return ended;
    },
  };
}
