// Memory of a role as the system and as V8 see it, and how it goes on: a straight line through what was measured.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const answerWithinMs = 20_000;
const lookMs = 50;
const mebibyte = 1_048_576;

const module = new URL('./report-heap.mjs', import.meta.url);

/** What makes a role of that world answer {@link measure}. */
export function measuredEnvironment(world, name) {
  const { ask, answer } = filesOf(world, name);
  return { NODE_OPTIONS: `--import ${module.href}`, MEMORY_ASK_FILE: ask, MEMORY_ANSWER_FILE: answer };
}

/**
 * @returns {Promise<object>} in MiB: `heap` after garbage was collected; `anonymous` without pages of files, which the
 *   system takes back when it wants; `resident` with them
 */
export async function measure(world, name) {
  const { ask, answer } = filesOf(world, name);
  writeFileSync(ask, String(performance.now()));
  const { mtimeMs } = statSync(ask);
  const giveUpAt = performance.now() + answerWithinMs;
  for (;;) {
    const told = readAnswer(answer);
    if (told?.askedMs === mtimeMs) {
      const { resident, anonymous } = residentOf(world.role(name).pid);
      return { heap: (told.heapUsed + told.external) / mebibyte, resident, anonymous };
    }
    if (performance.now() > giveUpAt) throw new Error(`${name} does not say how large its heap is`);
    await delay(lookMs);
  }
}

/** Least squares. @param points [minute, MiB] @returns MiB an hour */
export function slopeOf(points) {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const across = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const along = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return along === 0 ? 0 : (60 * across) / along;
}

function filesOf(world, name) {
  return { ask: join(world.dir, `${name}.ask`), answer: join(world.dir, `${name}.memory`) };
}

function readAnswer(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Linux tells the two apart; elsewhere neither is known. */
function residentOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, { encoding: 'utf8', flag: 'r' });
  const kibibytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { resident: kibibytes('VmRSS') / 1_024, anonymous: kibibytes('RssAnon') / 1_024 };
}
