// The buffer is away, texts pile up in the outbox of the IM server behind a full ring, and then its disk is full as well:
// who sends on is told nothing is stored, what was stored stays, and it goes on by itself when there is room and a buffer.
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { callControl } from '../../../dist/shell/control-client.js';
import { canMount, mountSmallDisk } from '../mounts.mjs';
import { fill } from './disk.mjs';

const diskMiB = 16;
/** Texts behind the full ring. */
const wanted = 60;
const wantedWithinMs = 120_000;
const shortWaitMs = 4_000;
const fullMs = 10_000;
const shortFullMs = 3_000;

export const outbox = {
  name: 'outbox',
  skipped: () => (canMount() ? undefined : 'no mount namespace here for a small disk (unshare -m, unshare -rm)'),
  async prepare({ dirs }) {
    mkdirSync(dirs.imServer, { recursive: true });
    await mountSmallDisk(dirs.imServer, diskMiB);
  },
  async act(stage) {
    const { world, people, isShort, did, complain, wait, tell } = stage;
    await world.kill('buffer');
    tell('the buffer is away');
    if (isShort) await wait(shortWaitMs);
    else await untilPiledUp(stage);
    const role = world.role('im-server');
    const ballast = fill(world.dirs.imServer);
    await wait(isShort ? shortFullMs : fullMs);
    if (!role.log.includes('STORE_FULL')) complain('the IM server did not say that its disk is full');
    const refused = people.unstored.length;
    if (refused === 0) complain('texts were called stored that a full disk cannot have taken');
    did(
      `full disk behind ${await outboxOf(world)} texts in the outbox, with ${refused} more that nobody called stored`,
    );
    rmSync(ballast);
    await world.startAgain('buffer');
  },
};

async function untilPiledUp({ world, complain }) {
  const giveUpAt = performance.now() + wantedWithinMs;
  while (performance.now() < giveUpAt) {
    if ((await outboxOf(world)) >= wanted) return;
    await delay(500);
  }
  complain(`no ${wanted} texts in the outbox within ${wantedWithinMs / 1_000} s`);
}

async function outboxOf(world) {
  const { smscs } = await callControl(world.dirs.imServer, 'GET /status');
  return smscs[0].outbox;
}
