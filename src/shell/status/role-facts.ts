/**
 * What every role that keeps a store can say of its process: version, how long it runs, its disk and its recorder. The rest
 * of a status document is the machine's own (`core/roles`).
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { freeBytesAt } from '../disk-room.ts';
import { type Durability, storePath } from '../lmdb-store.ts';
import type { RecordSettings } from '../recording/recorder.ts';
import { recordingDir, recordingFiles } from '../recording/recording-file.ts';
import { ownVersion } from '../version.ts';
import type { CommitsView, CommitWatch } from './commit-watch.ts';

export interface RoleFacts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  /** Milliseconds since 1970, when the process began to serve. */
  readonly since: number;
  /** Milliseconds since 1970, when this was told. */
  readonly at: number;
  readonly stateDir: string;
  readonly disk: DiskFacts;
  /** Absent where nothing is recorded. */
  readonly recorder?: RecorderFacts;
}

export interface DiskFacts {
  readonly durability: Durability;
  /** What this user may still write there; absent where it may not write at all. */
  readonly freeBytes?: number;
  /** Why it may not. */
  readonly problem?: string;
  readonly storeBytes: number;
  readonly commits: CommitsView;
  /** How long it refuses to take anything; 0 while it does not. */
  readonly refusingMs: number;
  /** What waits for it to be told or done. */
  readonly waitingOutputs: number;
}

export interface RecorderFacts {
  readonly sizeBytes: number;
  readonly limitBytes: number;
  readonly keepMs: number;
  /** Entries that were not kept since the role began, because the disk did not keep up or failed. */
  readonly dropped: number;
}

export interface FactsSource {
  readonly stateDir: string;
  readonly durability: Durability;
  readonly since: number;
  readonly commits: CommitWatch;
  readonly runner: () => { readonly diskRefusingMs: number; readonly waitingCount: number };
  readonly record: RecordSettings | undefined;
  readonly dropped: () => number;
}

export async function roleFacts(source: FactsSource): Promise<RoleFacts> {
  const { stateDir, since, record } = source;
  return {
    ...{ version: ownVersion(), node: hostname(), pid: process.pid, since, at: Date.now(), stateDir },
    disk: await diskFacts(source),
    ...(record === undefined ? {} : { recorder: { ...record, ...recordedFacts(stateDir), dropped: source.dropped() } }),
  };
}

async function diskFacts({ stateDir, durability, commits, runner }: FactsSource): Promise<DiskFacts> {
  const { diskRefusingMs, waitingCount } = runner();
  return {
    ...{ durability, ...(await roomAt(stateDir)), storeBytes: await sizeOf(storePath(stateDir)) },
    ...{ commits: commits.view(), refusingMs: Math.round(diskRefusingMs), waitingOutputs: waitingCount },
  };
}

/** Of a role that runs or not. */
export async function roomAt(stateDir: string): Promise<Pick<DiskFacts, 'freeBytes' | 'problem'>> {
  try {
    return { freeBytes: await freeBytesAt(stateDir) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** 0 for a file that is not there. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** What lies in the state directory, whoever wrote it. */
export function recordedFacts(stateDir: string): Pick<RecorderFacts, 'sizeBytes'> {
  let sizeBytes = 0;
  for (const path of recordingFiles(recordingDir(stateDir))) {
    // One may be deleted between the look at the folder and at it.
    sizeBytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return { sizeBytes };
}
