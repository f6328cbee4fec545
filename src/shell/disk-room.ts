/**
 * Says before a commit whether the disk will take it. LMDB must not find that out by itself: lmdb 3.5.6 writes the text
 * about a failed write into 100 bytes of memory that it does not fit (mdb.c, `last_error`), which kills the process at
 * that moment or a later one. Not a promise: others write to the same disk between the look and the commit.
 */
import { access, constants, statfs } from 'node:fs/promises';

/** Always left over: LMDB's own pages, and what others may write until the next look. */
const reserveBytes = 256 * 1_024;

/** How long a look holds good. Long enough to cost nothing, short enough for a disk that somebody fills. */
const lookMs = 200;

export interface CommitSize {
  readonly recordCount: number;
  readonly valueBytes: number;
}

/** Values are doubled for the pages around them; each record may touch leaf and branch of its own. */
export function roomFor({ recordCount, valueBytes }: CommitSize): number {
  return 2 * valueBytes + 8_192 * recordCount;
}

/**
 * Bytes free for this user on the disk of a file or folder that exists.
 *
 * @throws the system's error where it may not be written, above all EROFS after a disk turned read-only
 */
export async function freeBytesAt(path: string): Promise<number> {
  await access(path, constants.W_OK);
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

export class DiskRoom {
  private readonly freeBytes: () => Promise<number>;
  private readonly clockMs: () => number;
  private leftBytes = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | undefined;

  /** @param clockMs of a clock that never goes back */
  constructor(freeBytes: () => Promise<number>, clockMs: () => number) {
    this.freeBytes = freeBytes;
    this.clockMs = clockMs;
  }

  /**
   * Counts a commit of that size as written if it fits.
   *
   * @throws what `freeBytes` throws
   */
  async take(size: CommitSize): Promise<'fits' | 'full'> {
    const needed = roomFor(size);
    if (this.leftBytes < needed || this.clockMs() - this.lookedAt >= lookMs) {
      // One look for all that wait, so that they go on in the order in which they came.
      this.looking ??= this.look().finally(() => {
        this.looking = undefined;
      });
      await this.looking;
    }
    if (this.leftBytes < needed) return 'full';
    this.leftBytes -= needed;
    return 'fits';
  }

  /** After a commit that failed all the same the next one begins with a look. */
  distrust(): void {
    this.leftBytes = 0;
  }

  private async look(): Promise<void> {
    this.leftBytes = (await this.freeBytes()) - reserveBytes;
    this.lookedAt = this.clockMs();
  }
}
