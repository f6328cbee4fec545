/** What may be the matter with any role that keeps a store: its disk, its recorder, its own bugs. */
import type { BufferStatus, ImServerStatus } from '../../shell/status/role-status.ts';
import { formatDuration } from '../duration.ts';
import type { Finding } from './findings.ts';
import { bytesText } from './words.ts';

/** Below this a role that works for a day or so may fill the disk; below the second nobody should wait. */
const littleRoomBytes = 256 * 1024 ** 2;
const noRoomBytes = 8 * 1024 ** 2;

export function processFindings(status: BufferStatus | ImServerStatus): readonly Finding[] {
  return [...diskFindings(status), ...bugFindings(status), ...recorderFindings(status), ...renewalFindings(status)];
}

function diskFindings({ disk, stateDir }: BufferStatus | ImServerStatus): readonly Finding[] {
  const { refusingMs, commits, freeBytes, problem } = disk;
  if (refusingMs > 0) {
    const why = commits.failing === undefined ? '' : `: ${commits.failing}`;
    const what = `the disk has taken nothing for ${formatDuration(refusingMs)}${why}`;
    const todo = `make room on the disk of ${stateDir}, or make it writable; the role then goes on by itself, and loses nothing`;
    return [{ weight: 'trouble', code: 'STORE_FULL', what, todo }];
  }
  if (problem !== undefined) {
    const what = `the state directory cannot be written: ${problem}`;
    const todo = `make the disk of ${stateDir} writable for the user of this role`;
    return [{ weight: 'trouble', code: 'STORE_READ_ONLY', what, todo }];
  }
  if (freeBytes === undefined || freeBytes >= littleRoomBytes) return [];
  const weight = freeBytes < noRoomBytes ? 'trouble' : 'notice';
  const what = `only ${bytesText(freeBytes)} are free on the disk`;
  return [{ weight, code: 'STORE_FULL', what, todo: `make room on the disk of ${stateDir}` }];
}

function bugFindings({ violations }: BufferStatus | ImServerStatus): readonly Finding[] {
  const { count, last } = violations;
  if (count === 0) return [];
  const times = count === 1 ? 'a bug of ringbridge was met' : `bugs of ringbridge were met ${count} times`;
  const what = `${times} and mended${last === undefined ? '' : `: ${last}`}`;
  const todo = 'report it with the event bug.violated of the log; nothing told to anybody is lost';
  return [{ weight: 'notice', code: 'BUG', what, todo }];
}

function recorderFindings({ recorder }: BufferStatus | ImServerStatus): readonly Finding[] {
  if (recorder === undefined || recorder.dropped === 0) return [];
  const what = `${recorder.dropped} entries are missing in the recording: the disk was too slow for them`;
  return [{ weight: 'notice', what, todo: 'nothing for the messages; record less, or on a faster disk' }];
}

function renewalFindings({ renewed }: BufferStatus | ImServerStatus): readonly Finding[] {
  if (renewed === undefined) return [];
  const why =
    renewed === 'restored' ? 'it was started with --restored' : 'the power was lost under --durability process';
  const what = `the store is another one since this start: ${why}; what it had not ended was put in doubt`;
  return [
    {
      weight: 'notice',
      code: 'STORE_WENT_BACK',
      what,
      todo: 'look at what is in doubt: `ring inspect --status in-doubt`',
    },
  ];
}
