// A full disk under each end while it runs, and at a start. The source has to wait, and everything goes on by itself when
// there is room again.
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { canMount, mountSmallDisk } from '../mounts.mjs';

const diskMiB = 16;
const fullMs = 10_000;
const shortestMs = 4_000;

export const disk = {
  name: 'disk',
  skipped: () => (canMount() ? undefined : 'no mount namespace here for a small disk (unshare -m, unshare -rm)'),
  async prepare({ dirs }) {
    for (const path of [dirs.buffer, dirs.imServer]) {
      mkdirSync(path, { recursive: true });
      await mountSmallDisk(path, diskMiB);
    }
  },
  async act(stage) {
    for (const name of ['buffer', 'im-server']) {
      await fullWhileRunning(stage, name);
      if (!stage.isShort || name === 'buffer') await fullAtStart(stage, name);
    }
  },
};

async function fullWhileRunning({ world, budgetMs, did, complain, wait, tell }, name) {
  const role = world.role(name);
  tell(`the disk of ${name} is full`);
  const ballast = fill(world.stateDirOf(name));
  await wait(Math.max(shortestMs, Math.min(fullMs, budgetMs / 30)));
  if (!role.log.includes('STORE_FULL')) complain(`${name} did not say that its disk is full`);
  rmSync(ballast);
  did(`full disk under the running ${name}`);
  await wait(2_000);
  if (!role.isRunning) {
    complain(`${name} ended because its disk was full: ${role.log.trim().slice(-300)}`);
    await world.startAgain(name);
  }
}

async function fullAtStart({ world, did, complain }, name) {
  await world.kill(name);
  const ballast = fill(world.stateDirOf(name));
  const { status, log } = await world.startToFail(name);
  if (status !== 2 || !log.includes('STORE_FULL')) complain(`${name} on a full disk ended ${status}: ${log.trim()}`);
  rmSync(ballast);
  await world.startAgain(name);
  did(`full disk at the start of ${name}`);
}

/** Takes all the room there is. @returns the file that has it */
export function fill(dir) {
  const path = join(dir, 'ballast');
  const file = openSync(path, 'w');
  for (const size of [1_048_576, 65_536, 4_096]) {
    const bytes = new Uint8Array(size);
    try {
      while (writeSync(file, bytes) === size);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return path;
}
