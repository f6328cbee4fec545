/** Asks a role how it is, or its store where it does not run. Changes nothing. */
import { OperatorError } from '../../core/base/errors.ts';
import { callControl } from '../../shell/control-client.ts';
import { storePath } from '../../shell/lmdb-store.ts';
import { type RingsRead, readRings } from '../../shell/ring-reader.ts';
import { type DiskFacts, recordedFacts, roomAt, sizeOf } from '../../shell/status/role-facts.ts';
import type { BufferStatus, ImServerStatus } from '../../shell/status/role-status.ts';
import { readStoppedStore, type StoppedStore } from '../../shell/status/stopped-store.ts';

export interface RunningRole<Status = BufferStatus | ImServerStatus> {
  readonly state: 'running';
  readonly stateDir: string;
  readonly status: Status;
}

export interface StoppedRole {
  readonly state: 'stopped';
  readonly stateDir: string;
  readonly role: RingsRead['role'];
  readonly rings: RingsRead['rings'];
  readonly store: StoppedStore;
  readonly disk: Pick<DiskFacts, 'freeBytes' | 'problem' | 'storeBytes'> & { readonly recordingBytes: number };
}

export type AskedRole = RunningRole | StoppedRole;

/** Much longer than any role takes that is there at all. */
const timeoutMs = 5_000;

/**
 * @throws OperatorError STORE_MISSING, STORE_WRONG_ROLE and the like where there is no store to read; CONTROL_BAD_REQUEST
 *   of a role of another version
 */
export async function askRole(stateDir: string): Promise<AskedRole> {
  const status = await askRunning(stateDir);
  return status === undefined ? readStopped(stateDir) : { state: 'running', stateDir, status };
}

export function isBuffer(status: BufferStatus | ImServerStatus): status is BufferStatus {
  return status.role === 'buffer';
}

/** The role that a state directory is of. */
export function roleOf(asked: AskedRole): 'buffer' | 'im-server' {
  return asked.state === 'running' ? asked.status.role : asked.role;
}

async function askRunning(stateDir: string): Promise<BufferStatus | ImServerStatus | undefined> {
  let answer: unknown;
  try {
    answer = await callControl(stateDir, 'GET /status', undefined, { timeoutMs });
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'CONTROL_UNREACHABLE') return undefined;
    throw error;
  }
  if (isStatus(answer)) return answer;
  throw new OperatorError({
    code: 'CONTROL_BAD_REQUEST',
    message: `The role at ${stateDir} does not say how it is in words that this version knows.`,
    hint: 'Give the state directory of a buffer or of an IM server, and use the ringbridge of the same version.',
  });
}

/** The role is of this machine; one of an earlier version said less under the same name. */
function isStatus(answer: unknown): answer is BufferStatus | ImServerStatus {
  const { schema, disk } = Object(answer) as { readonly schema?: unknown; readonly disk?: unknown };
  return (schema === 'buffer.status/1' || schema === 'im-server.status/1') && typeof disk === 'object';
}

async function readStopped(stateDir: string): Promise<StoppedRole> {
  const { role, rings } = await readRings(stateDir);
  const store = await readStoppedStore(stateDir, [...new Set(rings.map(({ smscId }) => smscId))]);
  const storeBytes = await sizeOf(storePath(stateDir));
  const disk = { ...(await roomAt(stateDir)), storeBytes, recordingBytes: recordedFacts(stateDir).sizeBytes };
  return { state: 'stopped', stateDir, role, rings, store, disk };
}

/** The SMSCs that it has to do with. */
export function smscIdsOf(asked: AskedRole): readonly string[] {
  if (asked.state === 'stopped') return [...new Set(asked.rings.map(({ smscId }) => smscId))];
  return isBuffer(asked.status) ? [asked.status.smscId] : asked.status.smscs.map(({ smscId }) => smscId);
}
