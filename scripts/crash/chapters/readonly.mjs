// A state directory that cannot be written any more: under a running role, and at its start. Done with a mount over it that
// is read-only, because rights do not bind the superuser.
import { canMount, coverReadOnly, uncover } from '../mounts.mjs';

const coveredMs = 8_000;
const shortestMs = 3_000;

export const readonly = {
  name: 'readonly',
  skipped: () => (canMount() ? undefined : 'no mount namespace here (unshare -m, unshare -rm)'),
  async act(stage) {
    for (const name of ['buffer', 'im-server']) {
      await whileRunning(stage, name);
      if (!stage.isShort || name === 'im-server') await atStart(stage, name);
    }
  },
};

async function whileRunning({ world, budgetMs, did, complain, wait, tell }, name) {
  const role = world.role(name);
  const path = world.stateDirOf(name);
  tell(`the directory of ${name} is read-only`);
  await coverReadOnly(path);
  await wait(Math.max(shortestMs, Math.min(coveredMs, budgetMs / 40)));
  if (!role.log.includes('STORE_READ_ONLY')) complain(`${name} did not say that its directory is read-only`);
  await uncover(path);
  did(`read-only under the running ${name}`);
  await wait(2_000);
  if (!role.isRunning) {
    complain(`${name} ended because it could not write: ${role.log.trim().slice(-300)}`);
    await world.startAgain(name);
  }
}

async function atStart({ world, did, complain }, name) {
  const path = world.stateDirOf(name);
  await world.kill(name);
  await coverReadOnly(path);
  const { status, log } = await world.startToFail(name);
  await uncover(path);
  if (status !== 2 || !log.includes('STORE_READ_ONLY'))
    complain(`${name} that may not write ended ${status}: ${log.trim()}`);
  await world.startAgain(name);
  did(`read-only at the start of ${name}`);
}
