/**
 * The few of the tar format that a bundle needs: plain files with short names, so that anybody can look into one with
 * `tar`. SPEC: POSIX.1-1988, ustar.
 */

const blockBytes = 512;

export interface TarFile {
  /** At most 99 characters, parts between slashes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One file with its header, filled up to whole blocks. @param at milliseconds since 1970 */
export function tarEntry({ name, bytes }: TarFile, at: number): Uint8Array {
  const entry = Buffer.alloc(blockBytes + Math.ceil(bytes.length / blockBytes) * blockBytes);
  entry.write(name, 0, 100, 'latin1');
  entry.write('0000600\0', 100, 'latin1');
  entry.write('0000000\0', 108, 'latin1');
  entry.write('0000000\0', 116, 'latin1');
  entry.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  entry.write(
    `${Math.floor(at / 1_000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
    'latin1',
  );
  entry.write('        0', 148, 'latin1');
  entry.write('ustar\u000000', 257, 'latin1');
  const sum = sumOf(entry.subarray(0, blockBytes));
  entry.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  entry.set(bytes, blockBytes);
  return entry;
}

/** What stands behind the last file. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * blockBytes);
}

/**
 * Files one after the other; other things than files are passed over.
 *
 * @param limitBytes of one file
 * @returns whether it was read to its end
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<TarFile, 'whole' | 'damaged'> {
  let held: Uint8Array = new Uint8Array(0);
  let wanted: { readonly name: string; readonly type: string; readonly size: number } | undefined;
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (wanted === undefined) {
        if (held.length < blockBytes) break;
        const header = held.subarray(0, blockBytes);
        held = held.subarray(blockBytes);
        if (header.every((byte) => byte === 0)) return 'whole';
        wanted = headerOf(header);
        if (wanted === undefined || wanted.size > limitBytes) return 'damaged';
      }
      const filled = Math.ceil(wanted.size / blockBytes) * blockBytes;
      if (held.length < filled) break;
      const { name, type, size } = wanted;
      if (type === '0' || type === '\0') yield { name, bytes: held.slice(0, size) };
      held = held.subarray(filled);
      wanted = undefined;
    }
  }
  return 'damaged';
}

function headerOf(header: Uint8Array) {
  const text = (from: number, length: number) =>
    Buffer.from(header.subarray(from, from + length))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  const size = Number.parseInt(text(124, 12).trim() || '0', 8);
  const sum = Number.parseInt(text(148, 8).trim(), 8);
  if (sum !== sumOf(header) || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { name: text(0, 100), type: String.fromCharCode(header[156] ?? 0), size };
}

/** Of all bytes, its own field taken for spaces. */
function sumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
