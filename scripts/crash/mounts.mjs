// Small disks and read-only places, in a mount namespace of our own where the system gives one: nobody else sees them, and
// they are gone with the process. Whoever needs one asks `canMount` first.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const marker = 'RINGBRIDGE_CRASH_NAMESPACE';

/** The flags of `unshare` that give a namespace to mount in; undefined where there are none. */
export function namespaceFlags() {
  for (const flags of [['-m'], ['-rm']]) {
    const script = 'd=$(mktemp -d) && mount -t tmpfs -o size=1m none "$d" && umount "$d" && rmdir "$d"';
    if (spawnSync('unshare', [...flags, 'sh', '-c', script], { stdio: 'ignore' }).status === 0) return flags;
  }
  return undefined;
}

export function canMount() {
  return process.env[marker] === '1';
}

export const namespaceEnvironment = { [marker]: '1' };

export async function mountSmallDisk(path, sizeMiB) {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=0700`, 'none', path]);
}

/** Over what is there: open files go on, whatever is opened or asked by its path meets a disk that cannot be written. */
export async function coverReadOnly(path) {
  await run('mount', ['--bind', path, path]);
  await run('mount', ['-o', 'remount,bind,ro', path]);
}

export async function uncover(path) {
  await run('umount', ['-l', path]);
}

/** Everything mounted below that directory. */
export async function unmountAll(dir) {
  if (!canMount()) return;
  const { stdout } = await run('cat', ['/proc/self/mounts']);
  const paths = stdout
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${dir}/`));
  for (const path of paths.reverse()) await uncover(path);
}
