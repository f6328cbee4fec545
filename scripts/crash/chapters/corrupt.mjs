// A store file that is damaged: the start is refused with a clear error, nothing is changed, and the remedy in its hint
// works: move the directory away, start with an empty one, and the other end's mirror rebuilds the rings.
import { mkdir, open, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { excuseLossOf, startEmpty } from './lost-disk.mjs';

const recoverMs = 4_000;
const refusals = [2, 9];

const damages = [
  { words: 'a file that begins with other bytes', damage: (path) => overwrite(path, 0, 4_096) },
  {
    words: 'a file whose end is missing',
    damage: async (path) => truncate(path, Math.floor((await stat(path)).size / 3)),
  },
  {
    words: 'a file with damaged pages in its middle',
    damage: async (path) => {
      const { size } = await stat(path);
      await overwrite(path, Math.floor(size / 3), Math.floor(size / 3));
    },
  },
];

export const corrupt = {
  name: 'corrupt',
  skipped: () => undefined,
  async act(stage) {
    const { world, people, isShort, did, complain, wait, tell } = stage;
    for (const [index, name] of ['buffer', 'im-server'].entries()) {
      for (const { words, damage } of isShort ? damages.slice(index, index + 1) : damages) {
        tell(`${name}: ${words}`);
        const path = world.stateDirOf(name);
        await people.catchUp();
        await world.kill(name);
        await excuseLossOf(name, stage);
        await damage(join(path, 'store.lmdb'));
        const { status, signal, log } = await world.startToFail(name);
        if (!refusals.includes(status) || !log.includes('STORE_FAILED')) {
          complain(`${name} with ${words} ended ${status ?? signal ?? 'not at all'}: ${log.trim().slice(-300)}`);
        }
        await world.kill(name);
        await rename(path, `${path}.damaged.${performance.now()}`);
        await mkdir(path, { mode: 0o700 });
        await startEmpty(name, stage);
        did(`${name} with ${words}`);
        await wait(recoverMs);
      }
    }
  },
};

async function overwrite(path, from, size) {
  const file = await open(path, 'r+');
  await file.write(new Uint8Array(size).fill(0xa5), 0, size, from);
  await file.close();
}
