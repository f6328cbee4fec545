/**
 * Plain files in and out of a tar, one after the other, so that anybody can look into a bundle with `tar`. The format is the
 * library's (modern-tar); what a tar of strangers may make this process do is decided here: no link, nothing that is larger
 * than it may be, nothing damaged.
 */
import { Readable } from 'node:stream';
import { createTarDecoder, createTarPacker, type ParsedTarEntry } from 'modern-tar';

export interface TarFile {
  /** Parts between slashes; of a tar that was read whatever stands in it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface TarLimits {
  /** Of one file. */
  readonly fileBytes: number;
  /** Of all together. */
  readonly allBytes: number;
}

/** Files with their headers, readable by their owner alone. Fails with what `files` throws. @param at milliseconds since 1970 */
export function writeTar(files: Iterable<TarFile>, at: number): Readable {
  const { readable, controller } = createTarPacker();
  const pack = async () => {
    for (const { name, bytes } of files) {
      const header = { name, size: bytes.length, mode: 0o600, mtime: new Date(at) };
      const writer = controller.add(header).getWriter();
      if (bytes.length > 0) await writer.write(bytes);
      await writer.close();
    }
    controller.finalize();
  };
  pack().catch((error: unknown) => controller.error(error));
  return Readable.fromWeb(readable);
}

/**
 * Reads one file after the other, never more than one ahead. Directories are passed over.
 *
 * @throws Error for a tar that ends in the middle or is damaged, and for what may not be in it; the message goes on after *is no bundle:*
 */
export async function* readTar(source: Readable, limits: TarLimits): AsyncGenerator<TarFile> {
  const entries = Readable.toWeb(source).pipeThrough(createTarDecoder({ strict: true }));
  let total = 0;
  for await (const { header, body } of entries) {
    total += header.size;
    const { type = 'file' } = header;
    const name = JSON.stringify(header.name);
    if (type === 'directory') await body.cancel();
    else if (type !== 'file') throw new Error(`it has a ${type} ${name} in it`);
    else if (header.size > limits.fileBytes || total > limits.allBytes)
      throw new Error(`its file ${name} is too large`);
    else yield { name: header.name, bytes: await bytesOf({ header, body }) };
  }
}

async function bytesOf({ header, body }: ParsedTarEntry): Promise<Uint8Array> {
  const bytes = new Uint8Array(header.size);
  let filled = 0;
  for await (const chunk of body) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}
