/** Which start of the system this is: it tells a process that was killed from a machine that lost its power. */
import { readFileSync } from 'node:fs';

const bootIdPath = '/proc/sys/kernel/random/boot_id';

/** Another after each start of the system; undefined where the system has none. */
export function readBootId(): string | undefined {
  try {
    return readFileSync(bootIdPath, 'utf8').trim();
  } catch {
    return undefined;
  }
}
