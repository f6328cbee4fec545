/**
 * Frames: one MessagePack array per WebSocket message, `[version, entry, entry, …]`, at most 16 KiB. Entries are encoded
 * one by one, so that a batch is cut where the limit is, and joined under an array header made here.
 */
import { concatBytes } from '../base/bytes.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { PlainValue, ValueCodec } from '../base/values.ts';
import type { Entry } from './entries.ts';
import { entryFromValue, entryToValue } from './wire.ts';

/** Version of frames and entries, and of the login, which says what else an end speaks and stays as it is for ever. */
export const linkVersion = 1;

/** Lowest and highest version that this end speaks. */
export const linkVersions: readonly [number, number] = [linkVersion, linkVersion];

export const frameLimitBytes = 16 * 1_024;

const headerBytes = 4;

/** Packs entries, in order, into as few frames as the limit allows. */
export function encodeFrames(entries: readonly Entry[], codec: ValueCodec): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let batch: Uint8Array[] = [];
  let sizeBytes = headerBytes;
  for (const entry of entries) {
    const bytes = codec.encode(entryToValue(entry));
    if (batch.length > 0 && sizeBytes + bytes.length > frameLimitBytes) {
      frames.push(frameOf(batch));
      batch = [];
      sizeBytes = headerBytes;
    }
    batch.push(bytes);
    sizeBytes += bytes.length;
  }
  if (batch.length > 0) frames.push(frameOf(batch));
  return frames;
}

/** MessagePack array 16: DC, two bytes of length, then the version and the entries. */
function frameOf(entries: readonly Uint8Array[]): Uint8Array {
  const length = entries.length + 1;
  return concatBytes(Uint8Array.of(0xdc, length >> 8, length & 0xff, linkVersion), ...entries);
}

export function decodeFrame(bytes: Uint8Array, codec: ValueCodec): Result<readonly Entry[]> {
  if (bytes.length > frameLimitBytes) {
    return fail('LINK_FRAME_TOO_LARGE', `a frame of ${bytes.length} bytes; ${frameLimitBytes} are allowed`);
  }
  const value = codec.decode(bytes);
  if (!Array.isArray(value)) return fail('LINK_BAD_FRAME', 'a frame is no array');
  const [version, ...values]: readonly PlainValue[] = value;
  if (version !== linkVersion) return fail('LINK_VERSION', `a frame of version ${String(version)}`);
  const entries: Entry[] = [];
  for (const item of values) {
    const entry = entryFromValue(item);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok(entries);
}
