/**
 * One file with the rings and recordings of several state directories, for somebody who looks for a bug elsewhere: a
 * gzipped tar, so that anybody can see what is in it. Masked unless it is to be revealed: numbers and texts in the rings,
 * and all of a recording that was made with them. Each directory in it can be read like the one it was made of. A report of
 * `doctor` may go with it.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { OperatorError } from '../../core/base/errors.ts';
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import { copiedRingsFile } from '../../shell/copied-rings.ts';
import { hmacSha256, randomBytes } from '../../shell/hashing.ts';
import { MaskedRecording } from '../../shell/recording/masked-recording.ts';
import { findRecording, readRecordedFile } from '../../shell/recording/recording-reader.ts';
import { readTar, type TarFile, writeTar } from '../../shell/tar.ts';
import { ownVersion } from '../../shell/version.ts';
import { type Privacy, showNumber, showText } from '../mask.ts';
import { type RingsOfDir, readAllRings } from './ring-source.ts';

/** What a bundle says of itself; first in it. */
export interface BundleNote {
  readonly schema: 'ring.bundle/1';
  readonly version: string;
  readonly madeAt: string;
  readonly privacy: 'masked' | 'full';
  readonly dirs: readonly {
    readonly name: string;
    readonly role: string;
    readonly state: string;
    readonly recordedFiles: number;
  }[];
}

export const bundleNoteFile = 'bundle.json';
const reportFile = 'report.json';

/** One file of a recording is an eighth of its limit; all are more than any disk room that roles are given for recordings. */
const bundleLimits = { fileBytes: 512 * 1024 * 1024, allBytes: 8 * 1024 * 1024 * 1024 };

export interface BundleOptions {
  readonly privacy: Privacy;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A document to go with it, as it is: whoever made it has masked it. */
  readonly report?: object;
}

/**
 * Readable by its owner alone.
 *
 * @throws OperatorError of `readRings`; CONFIG_UNREADABLE where the file exists or cannot be written
 */
export async function exportBundle(
  path: string,
  stateDirs: readonly string[],
  options: BundleOptions,
): Promise<BundleNote> {
  const { dirs } = await readAllRings(stateDirs);
  const named = dirs.map((dir) => ({ dir, name: nameOf(dir), files: recordingOf(dir.stateDir) }));
  const note: BundleNote = {
    schema: 'ring.bundle/1',
    version: ownVersion(),
    madeAt: new Date(options.now).toISOString(),
    privacy: options.privacy === 'reveal' ? 'full' : 'masked',
    dirs: named.map(({ dir, name, files }) => ({
      name,
      role: dir.role,
      state: dir.state,
      recordedFiles: files.length,
    })),
  };
  await writeBundle(path, filesOf(note, named, options), options.now);
  return note;
}

/** `bundle.tar.gz   masked   buffer-hel1 (2 recorded files), im-server (0 recorded files)` */
export function bundleLine(path: string, { privacy, dirs }: BundleNote): string {
  const parts = dirs.map(({ name, recordedFiles }) => `${name} (${recordedFiles} recorded files)`);
  return [path, privacy, ...(parts.length === 0 ? [] : [parts.join(', ')])].join('   ');
}

function* filesOf(
  note: BundleNote,
  named: readonly { readonly dir: RingsOfDir; readonly name: string; readonly files: readonly string[] }[],
  { privacy, report }: BundleOptions,
): Generator<TarFile> {
  yield { name: bundleNoteFile, bytes: jsonBytes(note) };
  if (report !== undefined) yield { name: reportFile, bytes: jsonBytes(report) };
  const mask = new RingMask();
  for (const { dir, name, files } of named) {
    const { stateDir: _, state: __, rings, ...rest } = dir;
    const shown = privacy === 'reveal' ? rings : rings.map((ring) => mask.ring(ring));
    yield { name: `${name}/${copiedRingsFile}`, bytes: jsonBytes({ schema: 'rings/1', ...rest, rings: shown }) };
    const masked = new MaskedRecording();
    for (const file of files) {
      const bytes = readRecordedFile(file);
      yield { name: `${name}/recording/${basename(file)}`, bytes: privacy === 'reveal' ? bytes : masked.file(bytes) };
    }
  }
}

/** `buffer-hel1`, `im-server`. */
function nameOf({ role, rings }: RingsOfDir): string {
  const [smscId = ''] = rings.map((ring) => ring.smscId);
  const suffix = role === 'buffer' && /^[\w.-]{1,40}$/.test(smscId) ? `-${smscId}` : '';
  return `${role}${suffix}`;
}

function recordingOf(stateDir: string): readonly string[] {
  try {
    return findRecording(stateDir);
  } catch (error) {
    // Most roles are not recorded; their rings are in the bundle all the same.
    if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return [];
    throw error;
  }
}

async function writeBundle(path: string, files: Iterable<TarFile>, now: number): Promise<void> {
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  try {
    await once(target, 'open');
  } catch (cause) {
    throw notWritten(path, cause);
  }
  await pipeline(writeTar(files, now), createGzip(), target).catch(async (cause: unknown) => {
    // Half a bundle is of no use, and would be in the way of a whole one.
    await rm(path, { force: true });
    throw cause instanceof OperatorError ? cause : notWritten(path, cause);
  });
}

/**
 * Unpacks a bundle into a new directory.
 *
 * @throws OperatorError INPUT_UNREADABLE for what is no whole bundle; CONFIG_UNREADABLE where the directory holds something
 */
export async function importBundle(path: string, dir: string): Promise<BundleNote> {
  await makeEmpty(dir);
  const source = createReadStream(path);
  const unzip = createGunzip();
  source.once('error', (error) => unzip.destroy(error));
  let note: BundleNote | undefined;
  try {
    for await (const { name, bytes } of readTar(source.pipe(unzip), bundleLimits)) {
      if (!isBundleName(name)) throw new Error(`it has a file ${JSON.stringify(name)} in it`);
      if (name === bundleNoteFile) note = noteOf(bytes);
      const target = join(dir, name);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, bytes, { flag: 'wx', mode: 0o600 });
    }
    if (note === undefined) throw new Error('it does not say what it is');
    return note;
  } catch (cause) {
    source.destroy();
    await rm(dir, { recursive: true, force: true });
    throw new OperatorError({
      code: 'INPUT_UNREADABLE',
      message: `${path} is no bundle that can be imported: ${cause instanceof Error ? cause.message : cause}. Nothing was kept.`,
      hint: 'Give a file that `ringbridge ring export` made, copied whole.',
      cause,
    });
  }
}

/** State directories in a bundle that was imported; undefined for a directory that is none. */
export async function bundledDirs(dir: string): Promise<readonly string[] | undefined> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  if (!entries.some(({ name }) => name === bundleNoteFile)) return undefined;
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name))
    .sort();
}

/** Only what a bundle has, so that no name leads out of the directory. */
function isBundleName(name: string): boolean {
  if (name === bundleNoteFile || name === reportFile) return true;
  const [dir = '', ...rest] = name.split('/');
  const file = rest.join('/');
  return (
    /^(buffer|im-server)(-[\w.-]{1,40})?$/.test(dir) &&
    (file === copiedRingsFile || /^recording\/[\w-]+\.rec$/.test(file))
  );
}

function noteOf(bytes: Uint8Array): BundleNote {
  const note = parseNote(new TextDecoder().decode(bytes));
  if (typeof note !== 'object' || note === null || !('schema' in note) || note.schema !== 'ring.bundle/1') {
    throw new Error('it is of another version');
  }
  // Of our own making, and only printed.
  return note as BundleNote;
}

function parseNote(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The cause quotes what stands there, which may be anything.
    throw new Error('what it says of itself cannot be read', { cause });
  }
}

async function makeEmpty(dir: string): Promise<void> {
  try {
    await mkdir(dirname(dir), { recursive: true });
    await mkdir(dir, { mode: 0o700 });
  } catch (cause) {
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${dir} cannot be made (${cause instanceof Error && 'code' in cause ? cause.code : cause}). Nothing was imported.`,
      hint: 'Give a directory that does not exist yet.',
      cause,
    });
  }
}

/** Hides who wrote what, and keeps what can be compared: equal contents have equal hashes within one bundle. */
class RingMask {
  readonly #key = randomBytes(32);

  ring(ring: RingView): RingView {
    return { ...ring, slots: ring.slots.map((slot) => this.#slot(slot)) };
  }

  #slot({ message, contentHash, ...slot }: SlotView): SlotView {
    const hash = contentHash === undefined || contentHash === '' ? contentHash : this.#hash(contentHash);
    const masked = message === undefined ? {} : { message: maskMessage(message) };
    return { ...slot, ...(hash === undefined ? {} : { contentHash: hash }), ...masked };
  }

  #hash(contentHash: string): string {
    return Buffer.from(hmacSha256(this.#key, new TextEncoder().encode(contentHash)))
      .toString('hex', 0, 8)
      .toUpperCase();
  }
}

/** Only what is known to be harmless: a header may hold anything, and a report names a number. */
function maskMessage(message: NonNullable<SlotView['message']>): NonNullable<SlotView['message']> {
  const { kind, from, to, content, part, createdAt, validUntil } = message;
  return {
    kind,
    from: showNumber(from, 'mask'),
    to: showNumber(to, 'mask'),
    content: showText(content, 'mask'),
    ...(part === undefined ? {} : { part }),
    createdAt,
    validUntil,
  };
}

function jsonBytes(document: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`);
}

function notWritten(path: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'CONFIG_UNREADABLE',
    message: `The bundle cannot be written to ${path} (${cause instanceof Error && 'code' in cause ? cause.code : cause}).`,
    hint: 'Name a file that does not exist yet, in a directory that this user can write.',
    cause,
  });
}
