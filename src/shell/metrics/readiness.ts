/**
 * Whether a role can do now what it is for, for whoever sends traffic there (`/readyz`). A buffer that is not ready is to be
 * looked after, not restarted: nothing here says that the process is broken.
 */
import type { BufferStatus, ImServerStatus } from '../status/role-status.ts';

/** @returns why it is not ready; undefined where it is */
export function bufferUnready({ phase, link, session, disk, isUnsure }: BufferStatus): string | undefined {
  if (phase !== 'running') return `the buffer is ${phase}`;
  if (disk.refusingMs > 0) return 'the disk takes nothing';
  if (link.state !== 'up') return `the link is ${link.state}`;
  if (isUnsure) return 'the store was set back and not compared yet';
  return session.state === 'ready' ? undefined : `the session with the SMSC is ${session.state}`;
}

/** People can write while links are down: what they write waits on its disk. So a link does not matter here. */
export function imServerUnready({ disk }: ImServerStatus): string | undefined {
  return disk.refusingMs > 0 ? 'the disk takes nothing' : undefined;
}
