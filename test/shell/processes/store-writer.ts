/** The other process of lmdb-store.test.ts: works on a store as it is asked, until it is killed. */
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { open as openLmdb } from 'lmdb';
import { OperatorError } from '../../../src/core/base/errors.ts';
import type { Store } from '../../../src/core/store/record.ts';
import { openStore, openStoreForReading, storePath } from '../../../src/shell/lmdb-store.ts';

const [stateDir = '', mode = '', durability = 'disk'] = process.argv.slice(2);
const questions = createInterface(process.stdin)[Symbol.asyncIterator]();
const tell = (line: unknown): boolean => process.stdout.write(`${line}\n`);
const openHere = (): Promise<Store> =>
  openStore({ stateDir, durability: durability === 'process' ? 'process' : 'disk' });

const modes: Readonly<Record<string, () => Promise<void>>> = {
  /** Tells the highest number that is committed, for ever, with several commits under way at once. */
  write: async () => {
    const store = await openHere();
    tell('ready');
    await questions.next();
    const [lastKey] = [...store.entries(['n'], { reverse: true, limit: 1 })].map(([key]) => key);
    let next = Number(lastKey?.[1] ?? 0) + 1;
    const write = async (): Promise<void> => {
      for (;;) {
        const number = next;
        next += 1;
        await store.commit([
          { key: ['n', number], value: [1, number] },
          { key: ['twin', number], value: [1, number] },
        ]);
        tell(number);
      }
    };
    await Promise.all([write(), write(), write()]);
  },
  watch: async () => {
    const store = await openStoreForReading(stateDir);
    tell('ready');
    for (;;) {
      const { done } = await questions.next();
      if (done) return;
      tell(JSON.stringify(store.get(['count'])));
    }
  },
  grow: async () => {
    const store = await openHere();
    tell('ready');
    await questions.next();
    for (let index = 0; index < 400; index += 1) {
      await store.commit([{ key: ['big', index], value: [new Uint8Array(20_000)] }]);
    }
    tell('grown');
    await questions.next();
  },
  /** Fills a disk, then makes room. Tells the codes of refusal, whether the rest was kept, and what came after. */
  fill: async () => {
    const ballast = join(stateDir, 'ballast');
    await writeFile(ballast, new Uint8Array(512 * 1_024));
    const store = await openHere();
    tell('ready');
    await questions.next();
    const put = (index: number): Promise<string> =>
      store.commit([{ key: ['big', index], value: [new Uint8Array(50_000)] }]).then(() => 'committed', codeOf);
    let kept = 0;
    while ((await put(kept)) === 'committed') kept += 1;
    // So often that a process which does not survive every one of them ends here.
    const codes = new Set<string>();
    for (let again = 0; again < 200; again += 1) codes.add(await put(kept));
    const isKept = [...store.entries(['big'])].length === kept;
    await rm(ballast);
    tell(JSON.stringify([[...codes], isKept, await put(kept)]));
    await questions.next();
  },
  /** Opens a store where nothing fits any more. Tells the code of refusal. */
  cramped: async () => {
    await writeFile(join(stateDir, 'ballast'), new Uint8Array(1_536 * 1_024));
    await appendFile(join(stateDir, 'ballast'), new Uint8Array(1_024 * 1_024)).catch(() => undefined);
    tell('ready');
    await questions.next();
    tell(await openHere().then(() => 'opened', codeOf));
    await questions.next();
  },
  damage: async () => {
    const store = openLmdb({ path: storePath(stateDir), noSubdir: true, encoding: 'binary' });
    await store.put(['bad'], Buffer.from([0xc1]));
    await store.put(['good'], Buffer.from([0x91, 0x01]));
    tell('ready');
    await questions.next();
    tell('damaged');
    await questions.next();
  },
};

function codeOf(error: unknown): string {
  return error instanceof OperatorError ? error.code : String(error);
}

await modes[mode]?.();
