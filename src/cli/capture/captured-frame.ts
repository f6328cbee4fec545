/** What readers of captures give: frames in the order of the file, and where the file is broken. */

export interface CapturedFrame {
  readonly type: 'frame';
  /** Milliseconds since 1970, with fractions; undefined where the file gives no time. */
  readonly at: number | undefined;
  /** Of the list of link types (tcpdump.org/linktypes.html). */
  readonly linkType: number;
  /** A view of the chunk or of a buffer: to be used before the next push. */
  readonly bytes: Uint8Array;
}

/** From here on nothing can be read: the rest is skipped. */
export interface CaptureBroken {
  readonly type: 'broken';
  readonly message: string;
}

export type CaptureEvent = CapturedFrame | CaptureBroken;

/** Takes the chunks of a file; gives the frames that they complete. */
export interface CaptureReader {
  push(chunk: Uint8Array): readonly CaptureEvent[];
  end(): readonly CaptureEvent[];
}

/** Longest record that is believed: snap lengths go to 256 KiB, and what is longer is damage. */
export const recordLimitBytes = 1_048_576;

/** What could not be read yet and what came now, in one piece. */
export function joinChunks(rest: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (rest.length === 0) return chunk;
  const joined = new Uint8Array(rest.length + chunk.length);
  joined.set(rest);
  joined.set(chunk, rest.length);
  return joined;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
