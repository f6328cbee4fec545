// What a role's disk alone knew at the moment it is lost, written down before the role comes back with an empty one: that
// much is excused, and everything else has to be rebuilt from the mirror. SPEC: DESIGN section 4, "one disk lost".
import { readRings } from '../../../dist/shell/ring-reader.js';

/** The role is killed, its disk still there or not; the other end runs. */
export async function excuseLossOf(name, { world, load, people, excuses }) {
  excuses.disks += 1;
  excuses.steps = 'ignore';
  const answered = await load.answeredTexts();
  if (name === 'buffer') {
    const mirrored = await unsettledTexts(world.dirs.imServer, 'mo');
    // Answered to the SMSC from the buffer's disk, and the IM server has neither seen it nor got it before.
    for (const text of answered) if (!mirrored.has(text)) excuses.lost.mo.add(text);
    // The SMSC has no answer to the one it waits for, and the disk that would have recognised it is gone.
    for (const { text } of load.offered.mo) if (!answered.has(text)) excuses.doubled.mo.add(text);
    return;
  }
  people.beginLife();
  const unstored = new Set(people.unstored.map(({ text }) => text));
  const mirrored = await unsettledTexts(world.dirs.buffer, 'mt');
  for (const { text } of load.offered.mt) {
    // Who was not told that a text is stored hands it in again, and it may have been stored on the disk that is gone.
    if (unstored.has(text)) excuses.doubled.mt.add(text);
    else if (!mirrored.has(text)) excuses.lost.mt.add(text);
  }
  const held = await unsettledTexts(world.dirs.buffer, 'mo');
  // Stored for its user and settled; gone before the user was shown it.
  for (const text of answered) if (!held.has(text)) excuses.lost.mo.add(text);
}

/**
 * Starts it on an empty directory, as its operator would. The users come first: an IM server that knows nobody refuses what
 * handsets write to them.
 */
export async function startEmpty(name, { world, complain }) {
  if (name === 'im-server') await world.addUsers();
  await world.startAgain(name);
  if (!(await world.untilUp())) complain(`${name} did not come up again with an empty directory within a minute`);
}

async function unsettledTexts(stateDir, lane) {
  const { rings } = await readRings(stateDir);
  const slots = rings.filter((ring) => ring.lane === lane).flatMap((ring) => ring.slots);
  return new Set(slots.flatMap(({ status, message }) => (status === 'settled' ? [] : (message?.content ?? []))));
}
