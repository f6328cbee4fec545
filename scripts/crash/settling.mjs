// Waits until nothing of a chapter is on its way any more: at the terminals, in outbox and rings, at the SMSC.
import { setTimeout as delay } from 'node:timers/promises';
import { backlog } from '../../dist/cli/demo/settling.js';
import { callControl } from '../../dist/shell/control-client.js';
import { readRings } from '../../dist/shell/ring-reader.js';

const lookMs = 200;
/** Rings are empty and nothing changes any more, 200 ms each: what is missing will not come. */
const quietLooks = 60;
const shownRemarks = 3;

/**
 * @param {{ withinMs: number, steps: 'await' | 'ignore' }} options `ignore` where a disk with the users' texts is gone
 * @returns {Promise<{ isSettled: boolean, ms: number, remarks: readonly string[] }>} `ms` since the last text
 */
export async function untilSettled(world, people, load, { withinMs, steps }) {
  const startedAt = performance.now();
  let quiet = 0;
  let before = '';
  for (;;) {
    const remarks = await leftovers(world, people, load, steps).catch((error) => [`not to be asked: ${error.message}`]);
    const ms = Math.round(performance.now() - startedAt);
    if (remarks.length === 0) return { isSettled: true, ms, remarks };
    const now = JSON.stringify(remarks);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    const isQuiet = quiet > quietLooks && remarks.every((remark) => remark.endsWith('without a final step'));
    if (ms > withinMs || isQuiet) return { isSettled: false, ms, remarks };
    await delay(lookMs);
  }
}

async function leftovers(world, people, load, steps) {
  const { outbox } = await backlog(world);
  const counts = await callControl(world.dirs.smsc, 'GET /counts');
  const { injections } = await callControl(world.dirs.smsc, 'POST /injections', { refs: load.refs });
  const rest = [
    [people.unstored.length, 'not stored yet'],
    [outbox, 'in the outbox'],
    [injections.filter(({ result }) => result === 'waiting').length, 'not answered to the SMSC'],
    [injections.filter(({ result }) => result === 'refused').length, 'refused to the SMSC'],
    [counts.messagesWaiting, 'waiting for a handset'],
    [counts.reportsWaiting, 'reports waiting'],
    [steps === 'await' ? people.openStepCount : 0, 'without a final step'],
  ];
  const words = rest.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [...words, ...(await ringRemarks(world, steps === 'await' ? 'alike' : 'over'))];
}

/**
 * What is unfinished in the rings, or told differently by the two ends.
 *
 * @param wish `over`: an end that came back with an empty disk never hears of a slot that was settled, and need not
 */
async function ringRemarks({ dirs }, wish) {
  const [buffer, imServer] = await Promise.all([readRings(dirs.buffer), readRings(dirs.imServer)]);
  return ['mt', 'mo'].flatMap((lane) => {
    const [here, there] = [buffer, imServer].map(({ rings }) => rings.find((ring) => ring.lane === lane));
    if (here?.epoch === undefined || here.epoch !== there?.epoch) return [`${lane}: no common epoch`];
    const remarks = here.slots.flatMap((slot, index) => {
      const other = there.slots[index];
      const [ours, theirs] = [wordsOf(slot), wordsOf(other)];
      const isWell = isOver(slot) && isOver(other) && (wish === 'over' || ours === theirs);
      return isWell ? [] : [`${lane} slot ${slot.slot}: buffer ${ours}, im-server ${theirs}`];
    });
    return remarks.slice(0, shownRemarks);
  });
}

function isOver(slot) {
  return slot?.seq === undefined || slot.status === 'settled';
}

function wordsOf(slot) {
  return slot?.seq === undefined ? 'free' : `#${slot.seq} ${slot.status} after ${slot.attempts}`;
}
