/** `demo --headless`: a world in a temporary directory, a rehearsal in it, and nothing left behind where all went well. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperatorError } from '../../core/base/errors.ts';
import { type DemoResult, type RehearsalOptions, rehearse } from './rehearsal.ts';
import { startWorld, type WorldOptions } from './world.ts';

export interface HeadlessOptions {
  readonly world: Omit<WorldOptions, 'stateDir' | 'onRoleEnded'>;
  readonly rehearsal: RehearsalOptions;
}

export interface HeadlessOutcome {
  readonly result: DemoResult;
  /** Kept where something was wrong: logs and stores. */
  readonly stateDir: string | undefined;
}

/** @throws OperatorError DEMO_ROLE_ENDED; what the signal was aborted with */
export async function runHeadless({ world: worldOptions, rehearsal }: HeadlessOptions): Promise<HeadlessOutcome> {
  const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-demo-'));
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
  }
  if (!result.ok) return { result, stateDir };
  await rm(stateDir, { recursive: true, force: true });
  return { result, stateDir: undefined };
}
