import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DiskRoom, freeBytesAt, roomFor } from '../../src/shell/disk-room.ts';

const mebibyte = 1_024 * 1_024;
const commit = { recordCount: 2, valueBytes: 100_000 };
let disk: { freeBytes: number; lookCount: number };
let nowMs: number;

function openRoom(): DiskRoom {
  const freeBytes = async (): Promise<number> => {
    disk.lookCount += 1;
    return disk.freeBytes;
  };
  return new DiskRoom(freeBytes, () => nowMs);
}

beforeEach(() => {
  nowMs = 0;
  disk = { freeBytes: 100 * mebibyte, lookCount: 0 };
});

describe('take()', () => {
  it('looks at the disk once for all commits of a moment', async () => {
    const room = openRoom();
    const verdicts = await Promise.all([room.take(commit), room.take(commit), room.take(commit)]);
    expect([verdicts, disk.lookCount]).toEqual([['fits', 'fits', 'fits'], 1]);
  });

  it('looks again after a fifth of a second, so that a disk which somebody else fills is seen', async () => {
    const room = openRoom();
    await room.take(commit);
    disk.freeBytes = 0;
    nowMs = 199;
    expect(await room.take(commit)).toBe('fits');
    nowMs = 200;
    expect(await room.take(commit)).toBe('full');
  });

  it('looks again as soon as what it saw is used up', async () => {
    disk.freeBytes = 256 * 1_024 + 2 * 216_384;
    const room = openRoom();
    expect(roomFor(commit)).toBe(216_384);
    expect(await room.take(commit)).toBe('fits');
    expect(await room.take(commit)).toBe('fits');
    disk.freeBytes = 0;
    expect(await room.take(commit)).toBe('full');
  });

  it('goes on at once when there is room again', async () => {
    disk.freeBytes = 0;
    const room = openRoom();
    expect(await room.take(commit)).toBe('full');
    disk.freeBytes = mebibyte;
    expect(await room.take(commit)).toBe('fits');
  });

  it('looks before the next commit when one failed that should have fitted', async () => {
    const room = openRoom();
    await room.take(commit);
    room.distrust();
    disk.freeBytes = 0;
    expect(await room.take(commit)).toBe('full');
  });
});

describe('freeBytesAt()', () => {
  it('finds some on the disk where tests run', async () => {
    expect(await freeBytesAt(tmpdir())).toBeGreaterThan(mebibyte);
  });

  it.skipIf(process.getuid?.() === 0)('passes on why nothing may be written there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringbridge-room-'));
    await chmod(folder, 0o500);
    await expect(freeBytesAt(folder)).rejects.toMatchObject({ code: 'EACCES' });
    await rm(folder, { recursive: true });
  });
});
