/**
 * One file for a bug report: what `doctor` found, versions, config files without secrets, how each role is, the rings, and with
 * --reveal the recordings. Gzipped JSON, so that `zcat FILE | jq` reads it anywhere. Numbers and texts are masked unless they
 * are to be revealed; a recording cannot be masked afterwards, so it is left out then.
 */
import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { OperatorError } from '../../core/base/errors.ts';
import { statuses } from '../../core/ring/status.ts';
import { recordingDir, recordingFiles } from '../../shell/recording/recording-file.ts';
import { ownVersion } from '../../shell/version.ts';
import { plainPainter } from '../colour.ts';
import { loadConfigFile } from '../config-file.ts';
import { type Privacy, showNumber } from '../mask.ts';
import { ringsDocument } from '../ring/ring-document.ts';
import { pairRings } from '../ring/ring-pairs.ts';
import { readAllRings } from '../ring/ring-source.ts';
import type { AskedRole } from '../status/ask-status.ts';
import { roleReport } from '../status/role-report.ts';
import { doctorDocument, type Examination } from './examine.ts';

export interface BundleOptions {
  readonly examination: Examination;
  readonly configs: readonly string[];
  readonly privacy: Privacy;
}

export interface BundleContent {
  readonly schema: 'doctor.bundle/1';
  readonly [part: string]: unknown;
}

/** More than this is nothing to send to anybody; the latest files are taken. */
const recordingLimitBytes = 64 * 1024 * 1024;

/** @throws OperatorError CONFIG_BAD_VALUE where two directories hold the same end of the same ring */
export async function bundleContent({ examination, configs, privacy }: BundleOptions): Promise<BundleContent> {
  const { asked } = examination;
  const { node, v8, modules } = process.versions;
  return {
    schema: 'doctor.bundle/1',
    at: new Date().toISOString(),
    privacy: privacy === 'reveal' ? 'full' : 'masked',
    versions: { ringbridge: ownVersion(), node, v8, modules, platform: process.platform, arch: process.arch },
    doctor: doctorDocument(examination),
    configs: await Promise.all(configs.map((path) => configOf(path, privacy))),
    roles: asked.map((role) => roleReport(role, plainPainter, 120).document),
    rings: await ringsOf(asked, privacy),
    recordings:
      privacy === 'reveal'
        ? await recordingsOf(asked)
        : 'left out: they may hold numbers and texts; --reveal takes them along',
  };
}

/**
 * Readable by its owner alone.
 *
 * @returns bytes of the file
 * @throws OperatorError CONFIG_UNREADABLE where it is there already or cannot be written
 */
export async function writeBundle(path: string, content: BundleContent): Promise<number> {
  const bytes = await promisify(gzip)(JSON.stringify(content));
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(bytes).finally(() => file.close());
    return bytes.length;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `The bundle cannot be written to ${path} (${reason}).`,
      hint: 'Name a file with --bundle that does not exist yet, in a directory that this user can write.',
      cause,
    });
  }
}

/** Secrets are in files of their own, which are named here and not read; comments stay behind. */
async function configOf(path: string, privacy: Privacy): Promise<object> {
  try {
    const { values } = await loadConfigFile(path);
    return { path, values: masked(values, privacy) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { path, problem: error.message };
  }
}

/** Whatever looks like a number of somebody, wherever it stands. */
const numberLike = /\+?\d{7,}/g;

function masked(value: unknown, privacy: Privacy): unknown {
  if (typeof value === 'string') return value.replace(numberLike, (number) => showNumber(number, privacy));
  if (Array.isArray(value)) return value.map((each: unknown) => masked(each, privacy));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [key, masked(each, privacy)]),
  );
}

async function ringsOf(asked: readonly AskedRole[], privacy: Privacy): Promise<object> {
  const read = await readAllRings(asked.map(({ stateDir }) => stateDir));
  const all = pairRings(read.rings, read.links, { smscId: undefined, side: 'both', lane: undefined });
  return ringsDocument(all, { statuses: statuses.filter((status) => status !== 'free') }, privacy);
}

async function recordingsOf(asked: readonly AskedRole[]): Promise<readonly object[]> {
  const recordings: object[] = [];
  for (const { stateDir } of asked) {
    const files: object[] = [];
    let room = recordingLimitBytes;
    for (const path of [...recordingFiles(recordingDir(stateDir))].reverse()) {
      room -= (await stat(path)).size;
      if (room < 0) break;
      files.unshift({ name: basename(path), base64: (await readFile(path)).toString('base64') });
    }
    recordings.push({ stateDir, files });
  }
  return recordings;
}
