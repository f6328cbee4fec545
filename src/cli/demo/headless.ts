/** `demo --headless`: a world in a temporary directory, a rehearsal in it, and nothing left behind where all went well. */
import { join } from 'node:path';
import type { OperatorError } from '../../core/base/errors.ts';
import { type DemoResult, type RehearsalOptions, rehearse } from './rehearsal.ts';
import { makeStateDir } from './state-dir.ts';
import { startWorld, type WorldOptions } from './world.ts';

export interface HeadlessOptions {
  readonly world: Omit<WorldOptions, 'stateDir' | 'onRoleEnded'>;
  readonly rehearsal: RehearsalOptions;
  /** Kept in any case; undefined takes a temporary one. */
  readonly stateDir: string | undefined;
}

export interface HeadlessOutcome {
  readonly result: DemoResult;
  /** Logs and stores, where they are kept: on wish, or because something was wrong. */
  readonly stateDir: string | undefined;
}

/** @throws OperatorError DEMO_ROLE_ENDED; what the signal was aborted with */
export async function runHeadless(options: HeadlessOptions): Promise<HeadlessOutcome> {
  const { world: worldOptions, rehearsal } = options;
  const { path: stateDir, afterwards, tidy } = await makeStateDir(options.stateDir);
  rehearsal.tell(`starting the roles; their logs are in ${join(stateDir, 'logs')}`);
  let roleEnded: (error: OperatorError) => void = () => undefined;
  const trouble = new Promise<never>((_resolve, reject) => {
    roleEnded = reject;
    rehearsal.signal.addEventListener('abort', () => reject(rehearsal.signal.reason), { once: true });
  });
  // Whoever waits for the world to start does not look at it yet.
  trouble.catch(() => undefined);
  const world = await startWorld({ ...worldOptions, stateDir, onRoleEnded: roleEnded });
  let result: DemoResult;
  try {
    result = await Promise.race([rehearse(world, rehearsal), trouble]);
  } finally {
    await world.end();
    if (rehearsal.signal.aborted) await tidy();
  }
  if (!result.ok || afterwards === 'keep') return { result, stateDir };
  await tidy();
  return { result, stateDir: undefined };
}
