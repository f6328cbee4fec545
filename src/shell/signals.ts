/**
 * When a role ends: on SIGTERM, SIGINT, a command, the end of its terminal, or that of the `demo` that started it. The first one drains, a
 * second signal leaves at once. What draining means is the role's. CLI.md, "Signals".
 */

export type ShutdownCause = 'SIGTERM' | 'SIGINT' | 'terminal-gone' | 'parent-gone' | 'asked';

export interface ShutdownOptions {
  /** Takes no new work, finishes the running exchange, persists, logs out, closes. Called once. */
  readonly onDrain: (cause: ShutdownCause) => Promise<void>;
  /** Leaves at once: 130 after SIGINT, 143 after SIGTERM. Default: `process.exit`. */
  readonly onSecondSignal?: (exitStatus: 130 | 143) => void;
  /** SIGHUP without a terminal. Without it the signal is ignored. */
  readonly onReload?: () => void;
  /** Aborted by a command that drains the role. */
  readonly stop?: AbortSignal;
}

/** npm may pass on a Ctrl-C that the terminal has already delivered, some milliseconds later. */
const secondSignalAfterMs = 500;

/** Set by `demo`: its children end when their stdin, a pipe from it, closes; even a killed demo leaves none behind. */
const parentPipeVariable = 'RINGBRIDGE_PARENT_PIPE';

/** Resolves when the role has drained, with what made it; rejects where draining failed. */
export async function waitForShutdown(options: ShutdownOptions): Promise<ShutdownCause> {
  const leave = options.onSecondSignal ?? ((exitStatus) => process.exit(exitStatus));
  const removals: (() => void)[] = [];
  const cause = new Promise<ShutdownCause>((resolve) => {
    let firstSignalAt: number | undefined;
    const signalled = (signal: 'SIGTERM' | 'SIGINT', exitStatus: 130 | 143): void => {
      const now = performance.now();
      if (firstSignalAt !== undefined && now - firstSignalAt >= secondSignalAfterMs) leave(exitStatus);
      firstSignalAt ??= now;
      resolve(signal);
    };
    const handle = (signal: NodeJS.Signals, handler: () => void): void => {
      process.on(signal, handler);
      removals.push(() => process.off(signal, handler));
    };
    handle('SIGTERM', () => signalled('SIGTERM', 143));
    handle('SIGINT', () => signalled('SIGINT', 130));
    // On a terminal SIGHUP says that it was closed, and nobody is left to end the role.
    handle('SIGHUP', () => (process.stdout.isTTY ? resolve('terminal-gone') : options.onReload?.()));
    const asked = (): void => resolve('asked');
    if (options.stop?.aborted) asked();
    options.stop?.addEventListener('abort', asked, { once: true });
    removals.push(() => options.stop?.removeEventListener('abort', asked));
    if (process.env[parentPipeVariable] === '1') {
      process.stdin.once('close', () => resolve('parent-gone'));
      process.stdin.on('error', () => resolve('parent-gone'));
      process.stdin.resume();
      removals.push(() => process.stdin.destroy());
    }
  });
  try {
    const given = await cause;
    await options.onDrain(given);
    return given;
  } finally {
    for (const remove of removals) remove();
  }
}
