/**
 * Waits until a role has drained, but not for a disk that has been refusing: nothing was promised that waits for it, and
 * a role that is told to end must end.
 */
import { type LogEvent, logEvent } from '../core/base/log-event.ts';

/** How long the disk may have refused before a drain goes on without it. */
export const refusingDiskMs = 10_000;
const lookMs = 250;

export interface Drainable {
  idle(): Promise<void>;
  /** Since when commits fail, in milliseconds; 0 while they do not. */
  readonly diskRefusingMs: number;
}

/** Resolves when the machine said that it drained and all of it is on disk, or the disk has refused for too long. */
export async function waitForDrain(
  drained: Promise<void>,
  runner: Drainable,
  log: (event: LogEvent) => void,
  limitMs = refusingDiskMs,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      if (runner.diskRefusingMs < limitMs) return;
      log(logEvent('error', 'role.drained-without-disk', { code: 'STORE_FAILED', refusingMs: runner.diskRefusingMs }));
      resolve();
    }, lookMs);
  });
  await Promise.race([drained.then(() => runner.idle()), stuck]);
  clearInterval(timer);
}
