/** Tars that are ours come back whole; those of strangers are refused before they cost anything. */
import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { packTar, type TarHeader } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { readTar, type TarFile, writeTar } from '../../src/shell/tar.ts';

const limits = { fileBytes: 10_000, allBytes: 20_000 };
const files: readonly TarFile[] = [
  { name: 'bundle.json', bytes: Uint8Array.of(1, 2, 3) },
  { name: 'buffer-hel1/recording/empty.rec', bytes: new Uint8Array() },
  { name: `buffer-hel1/recording/${'long'.repeat(30)}.rec`, bytes: new Uint8Array(10_000).fill(7) },
];

async function read(tar: Uint8Array, chunkBytes = tar.length, most = limits): Promise<TarFile[]> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < tar.length; at += chunkBytes) chunks.push(tar.subarray(at, at + chunkBytes));
  const read: TarFile[] = [];
  for await (const file of readTar(Readable.from(chunks), most)) read.push(file);
  return read;
}

const written = () => buffer(writeTar(files, 0));

function strange(header: Partial<TarHeader>, bytes = new Uint8Array()): Promise<Uint8Array> {
  return packTar([{ header: { name: 'bundle.json', size: bytes.length, ...header }, body: bytes }]);
}

describe('a tar', () => {
  it.each([1, 511, 4_096, 100_000])('comes back as it was written, in pieces of %i bytes', async (chunkBytes) => {
    const tar = await written();
    expect(await read(tar, chunkBytes)).toEqual(
      files.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) })),
    );
  });

  it('is one for everybody: of 1970, for its owner alone', async () => {
    const { stdout } = spawnSync('tar', ['-tv', '--utc'], { input: await written(), encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^-rw------- 0\/0 +3 1970-01-01 00:00 bundle\.json$/);
    expect(lines).toHaveLength(3);
  });

  it('has its directories passed over', async () => {
    expect(await read(await strange({ name: 'buffer-hel1/', type: 'directory' }))).toEqual([]);
  });

  it('fails with what its files fail with', async () => {
    function* broken(): Generator<TarFile> {
      yield { name: 'bundle.json', bytes: new Uint8Array() };
      throw new Error('the disk is gone');
    }
    await expect(buffer(writeTar(broken(), 0))).rejects.toThrow('the disk is gone');
  });
});

describe('a tar of a stranger', () => {
  it.each(['symlink', 'link', 'fifo', 'character-device'] as const)('is refused for a %s', async (type) => {
    await expect(read(await strange({ type, linkname: '/etc/passwd' }))).rejects.toThrow(
      `it has a ${type} "bundle.json"`,
    );
  });

  it('is refused for one file that is too large, and for too many, before they are read', async () => {
    const tar = await written();
    await expect(read(tar, 512, { ...limits, fileBytes: 9_999 })).rejects.toThrow('is too large');
    await expect(read(tar, 512, { ...limits, allBytes: 10_002 })).rejects.toThrow('is too large');
    // Its first block says so: there is no more of it.
    const said = (await strange({}, new Uint8Array(10_001))).subarray(0, 512);
    await expect(read(said)).rejects.toThrow('is too large');
  });

  it('is refused where it ends in the middle, wherever that is', async () => {
    const tar = await written();
    for (const length of [1, 512, 514, 1_024, 1_600, tar.length - 1_024, tar.length - 512]) {
      await expect(read(tar.subarray(0, length))).rejects.toThrow();
    }
  });

  it('is refused where a header is damaged', async () => {
    const tar = Uint8Array.from(await written());
    tar[3] = 0x58;
    await expect(read(tar)).rejects.toThrow('checksum');
  });

  it('that is something else is refused', async () => {
    await expect(read(new TextEncoder().encode('no tar at all'.repeat(100)))).rejects.toThrow();
  });
});
