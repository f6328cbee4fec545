// A system clock that jumps, while the roles run and between two starts. Done with a module in front of each role that
// moves what JavaScript can see of the wall clock; nothing else in a role looks at it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const hourMs = 3_600_000;
/** What follows a jump. */
const afterMs = 2_500;
const jumps = [
  { name: 'buffer', byMs: 72 * hourMs, words: 'buffer three days ahead' },
  { name: 'im-server', byMs: -hourMs, words: 'IM server an hour back' },
  { name: 'buffer', byMs: -5 * hourMs, words: 'buffer five hours back' },
  { name: 'im-server', byMs: 2 * hourMs, words: 'IM server two hours ahead' },
  { name: 'buffer', byMs: 0, words: 'buffer right again' },
  { name: 'im-server', byMs: 0, words: 'IM server right again' },
];
const shortCount = 2;

export const clock = {
  name: 'clock',
  skipped: () => undefined,
  async prepare(world) {
    for (const name of ['buffer', 'im-server']) {
      const file = offsetFile(world, name);
      await writeFile(file, '0');
      const module = new URL('../moved-clock.mjs', import.meta.url);
      world.setEnvironment(name, { NODE_OPTIONS: `--import ${module.href}`, CRASH_CLOCK_FILE: file });
    }
  },
  async act({ world, isShort, did, wait, tell }) {
    for (const { name, byMs, words } of isShort ? jumps.slice(0, shortCount) : jumps) {
      tell(words);
      await writeFile(offsetFile(world, name), String(byMs));
      await wait(afterMs);
      did(`${words} while it runs`);
      await world.restart(name);
      await wait(afterMs);
      did(`${words} at its start`);
    }
  },
};

function offsetFile(world, name) {
  return join(world.dir, `${name}.clock`);
}
