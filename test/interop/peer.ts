/**
 * Software that we did not write, as the tests need it: is it on this machine, on which ports may it listen, when is it
 * ready. A test of a peer that is missing is skipped, and its name says why.
 */
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Debian installs servers where a user's PATH does not look. */
const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The full path of a program; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return places.map((place) => join(place, name)).find(isExecutable);
}

/** For the name of what is skipped: ` (skipped: not installed: tshark)`, or nothing. Says it on the terminal, too. */
export function whySkipped(...programs: readonly string[]): string {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return '';
  const why = `skipped: not installed: ${missing.join(', ')}`;
  // A reporter shows no names in a file of which all is skipped.
  process.stdout.write(`interop tests ${why}\n`);
  return ` (${why})`;
}

/** Ports of the loopback address that nobody listens on at this moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Asks again and again until the answer is not undefined. @throws what `describe` says after `withinMs` */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  describe: () => string,
  withinMs = 20_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`still not after ${withinMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
