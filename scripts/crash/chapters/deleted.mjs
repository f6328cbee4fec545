// Somebody deletes a state directory, while its role runs and while it is stopped. A running role promises nothing from
// then on; its operator starts it again on an empty directory, and the other end's mirror gives back the rings.
import { rm } from 'node:fs/promises';
import { excuseLossOf, startEmpty } from './lost-disk.mjs';

const unnoticedMs = 4_000;
const recoverMs = 4_000;

export const deleted = {
  name: 'deleted',
  skipped: () => undefined,
  async act(stage) {
    for (const name of ['buffer', 'im-server']) {
      if (!stage.isShort || name === 'buffer') await whileStopped(stage, name);
      if (!stage.isShort || name === 'im-server') await whileRunning(stage, name);
    }
  },
};

async function whileStopped(stage, name) {
  const { world, people, did, wait, tell } = stage;
  tell(`${name} is stopped and its directory deleted`);
  await people.catchUp();
  await world.kill(name);
  await excuseLossOf(name, stage);
  await rm(world.stateDirOf(name), { recursive: true });
  await startEmpty(name, stage);
  did(`deleted directory of the stopped ${name}`);
  await wait(recoverMs);
}

async function whileRunning(stage, name) {
  const { world, people, did, complain, wait, tell } = stage;
  tell(`the directory of the running ${name} is deleted`);
  const role = world.role(name);
  await people.catchUp();
  await rm(world.stateDirOf(name), { recursive: true });
  await wait(unnoticedMs);
  if (!role.log.includes('STORE_FAILED')) complain(`${name} did not notice that its directory is gone`);
  await world.kill(name);
  await excuseLossOf(name, stage);
  await startEmpty(name, stage);
  did(`deleted directory of the running ${name}`);
  await wait(recoverMs);
}
