/** Unix sockets as paths: whether anybody listens behind one, and clearing away what a killed process left. */
import { lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';

/** Whether a process accepts connections at this path; no path and a path that is no socket give false. */
export function isSocketAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog (EAGAIN) has somebody behind it; only these say that nobody listens.
    socket.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT' && code !== 'ENOTSOCK' && code !== 'ENOTDIR');
    });
  });
}

/** Removes a socket behind which nobody listens; leaves everything else as it is. */
export async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() && !(await isSocketAlive(path))) await rm(path, { force: true });
}
