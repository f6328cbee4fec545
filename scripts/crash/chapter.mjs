// Runs one chapter: a world, load both ways, what the chapter does to it, the end of the load, settling, and the verdict.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../dist/core/base/random.js';
import { Load } from './load.mjs';
import { People } from './people.mjs';
import { untilSettled } from './settling.mjs';
import { judge, noExcuses } from './verdict.mjs';
import { World } from './world.mjs';

/**
 * @typedef {object} Chapter
 * @property {string} name as in `--only`
 * @property {() => string | undefined} skipped why it cannot be run here
 * @property {(rows: readonly object[]) => readonly string[]} [judge] what else the table's rows must not show
 * @property {(stage: object) => Promise<void>} act what is done to the world while the load runs; throws where the world
 *   does not do as documented
 */

/** @returns {Promise<object>} what the table shows of it */
export async function runChapter(chapter, { baseDir, seed, perSecond, settleWithinMs, budgetMs, kills, tell }) {
  const head = { chapter: chapter.name };
  const reason = chapter.skipped();
  if (reason !== undefined) return { ...head, outcome: 'skipped', reason, rows: [], complaints: [], faults: [] };
  const dir = join(baseDir, chapter.name);
  await mkdir(dir, { mode: 0o700 });
  const world = new World({ dir, seed });
  const people = new People(world);
  const faults = [];
  const complaints = [];
  const excuses = noExcuses();
  try {
    tell('starting');
    await chapter.prepare?.(world);
    await world.start();
    await people.open();
    const load = new Load(world, people, perSecond);
    load.start();
    const stage = {
      ...{ world, people, load, excuses, budgetMs, kills, tell },
      random: seededRandom(seed),
      /** Each fault once at one of the ends, instead of at both. */
      isShort: budgetMs < shortMs,
      /** One thing done, for the table: the same words are counted. */
      did: (what) => faults.push(what),
      complain: (text) => complaints.push(text),
      wait: (ms) => delay(ms),
    };
    await delay(warmUpMs);
    await chapter.act(stage);
    await load.stop();
    tell(`settling ${load.count} texts each way`);
    const settling = await untilSettled(world, people, load, { withinMs: settleWithinMs, steps: excuses.steps });
    if (!settling.isSettled) complaints.push(...settling.remarks);
    const verdict = await judge(world, people, load, excuses);
    complaints.push(...verdict.complaints, ...(chapter.judge?.(verdict.rows) ?? []));
    const isSound = verdict.rows.every(
      ({ lost, doubled, ordered, strangers }) => lost === 0 && doubled === 0 && ordered && strangers === 0,
    );
    const outcome = isSound && settling.isSettled && complaints.length === 0 ? 'passed' : 'failed';
    return { ...head, outcome, rows: verdict.rows, settledMs: settling.ms, faults: counted(faults), complaints };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ...head, outcome: 'failed', rows: [], faults: counted(faults), complaints: [...complaints, text] };
  } finally {
    people.close();
    await world.end();
  }
}

const shortMs = 60_000;
/** Something is on its way before the first fault. */
const warmUpMs = 1_000;

function counted(faults) {
  const counts = new Map();
  for (const fault of faults) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return [...counts].map(([what, count]) => ({ what, count }));
}
