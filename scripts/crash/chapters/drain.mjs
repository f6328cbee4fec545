// SIGTERM under load: a role that is told to end finishes what it began, so that nothing is left in doubt, ends 0, and the
// next start goes on where it was.
import { readRings } from '../../../dist/shell/ring-reader.js';

/** The buffer, the IM server, both at once. */
const turns = [['buffer'], ['im-server'], ['buffer', 'im-server']];
const rounds = 6;
const betweenMs = 2_000;
/** Begun and not finished, or of unknown fate: at the end that hands over. The other end only repeats what it was told last. */
const openStatuses = ['in-flight', 'in-doubt'];

export const drain = {
  name: 'drain',
  skipped: () => undefined,
  async act({ world, random, isShort, did, complain, wait, tell }) {
    for (let round = 0; round < (isShort ? 1 : rounds); round += 1) {
      for (const names of turns) {
        await wait(betweenMs * random());
        tell(`draining ${names.join(' and ')}`);
        await Promise.all(names.map((name) => drainOne(world, name, complain)));
        for (const name of names) await world.startAgain(name);
        did(`SIGTERM of ${names.join(' and ')}`);
      }
    }
  },
  /** Of a drain nobody is left in doubt, whichever end it was. */
  judge: (rows) =>
    rows.flatMap(({ lane, inDoubt, doubledMarked }) =>
      inDoubt + doubledMarked === 0
        ? []
        : [`${lane}: ${inDoubt} in doubt and ${doubledMarked} marked, and nothing but drains`],
    ),
};

async function drainOne(world, name, complain) {
  const { status, signal } = await world.role(name).end();
  if (status !== 0) complain(`${name} ended ${status ?? signal} after SIGTERM, not 0`);
  const { rings } = await readRings(world.stateDirOf(name));
  for (const { lane, end, slots } of rings) {
    if (end !== 'consumer') continue;
    const open = slots.filter((slot) => openStatuses.includes(slot.status));
    if (open.length > 0) complain(`${name} drained with ${open.length} of ${lane} ${open[0].status}`);
  }
}
