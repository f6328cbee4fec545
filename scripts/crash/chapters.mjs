// The chapters in their order, a few at a time, each in a world of its own.
import { runChapter } from './chapter.mjs';
import { clock } from './chapters/clock.mjs';
import { corrupt } from './chapters/corrupt.mjs';
import { deleted } from './chapters/deleted.mjs';
import { disk } from './chapters/disk.mjs';
import { drain } from './chapters/drain.mjs';
import { kill } from './chapters/kill.mjs';
import { link } from './chapters/link.mjs';
import { outbox } from './chapters/outbox.mjs';
import { readonly } from './chapters/readonly.mjs';
import { stop } from './chapters/stop.mjs';

const chapters = [kill, link, stop, disk, readonly, deleted, corrupt, clock, drain, outbox];
/** A chapter settles within seconds; a machine that is busy with others may take its time, and nothing is lost by it. */
const settleWithinMs = 600_000;
/** Longest time between two lines on how far a chapter is. */
const tellEveryMs = 5_000;

/** @returns {Promise<readonly object[]>} in the order of the chapters */
export async function runAll({ only, jobs, minutes, tell, ...settings }) {
  const chosen = chapters.filter(({ name }) => only.includes(name));
  const results = new Map();
  const waiting = [...chosen];
  const work = async () => {
    for (let chapter = waiting.shift(); chapter !== undefined; chapter = waiting.shift()) {
      const { name } = chapter;
      const options = {
        ...settings,
        settleWithinMs,
        budgetMs: minutes * 60_000,
        tell: seldom((text) => tell(name, text)),
      };
      const result = await runChapter(chapter, options);
      tell(name, result.outcome);
      results.set(name, result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return chosen.map(({ name }) => results.get(name));
}

function seldom(tell) {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (performance.now() - toldAt < tellEveryMs) return;
    toldAt = performance.now();
    tell(text);
  };
}
