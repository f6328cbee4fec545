import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { ConversationLister } from '../../src/core/im/conversation-lister.ts';
import { Exchange } from '../../src/core/im/exchange.ts';
import { defaultExchangeSettings, type ExchangeInput } from '../../src/core/im/exchange-io.ts';
import { recoverExchange } from '../../src/core/im/exchange-memory.ts';
import { keys, livePrefix } from '../../src/core/im/records.ts';
import type { Store, StoreRecord } from '../../src/core/store/record.ts';
import { systemClock } from '../../src/shell/clock.ts';
import { randomBytes } from '../../src/shell/hashing.ts';
import { HistoryTidy } from '../../src/shell/history-tidy.ts';
import { openStore } from '../../src/shell/lmdb-store.ts';
import { Bench } from '../core/im/bench.ts';
import { allPages } from '../core/im/conversation-pages.ts';

let stateDir = '';
let store: Store;
let waitingCount = 0;
const log: LogEvent[] = [];
let tidy: HistoryTidy<ExchangeInput> | undefined;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-tidy-'));
  store = await openStore({ stateDir, durability: 'process' });
  waitingCount = 0;
  log.splice(0);
});

afterEach(async () => {
  tidy?.stop();
  await store.close();
  await rm(stateDir, { recursive: true, force: true });
});

describe('history on a disk', () => {
  it('lists conversations in the order of their last texts, page by page', async () => {
    await store.commit(recordsOf(manyTexts(), 'as it is'));
    const shown = allPages(store, 'alice', 7);
    expect(shown.map(({ peer }) => peer)).toEqual(Array.from({ length: 40 }, (_, index) => numberOf(39 - index)));
    expect(shown.map(({ unread }) => unread)).toEqual(Array(40).fill(8));
  });

  it('of before gets the list while the role runs, and shows the same all the time', async () => {
    await store.commit(recordsOf(manyTexts(), 'as before'));
    const shown = allPages(store, 'alice', 50);
    expect(shown).toHaveLength(40);
    begin();
    await expect.poll(() => log.map(({ event, fields }) => [event, fields['user']])).toEqual([['im.listed', 'alice']]);
    await expect.poll(() => store.get(keys.listed('alice'))).toBeDefined();
    expect(allPages(store, 'alice', 7)).toEqual(shown);
  });

  it('is left as it is, with a word in the log, where a record of it cannot be read', async () => {
    await store.commit(recordsOf(manyTexts(), 'as before'));
    await store.commit([{ key: keys.conversation('alice', numberOf(7)), value: [1, 'not a number'] }]);
    begin();
    await expect.poll(() => log.map(({ event }) => event)).toEqual(['im.listing-failed']);
    expect(store.get(keys.listed('alice'))).toBeUndefined();
  });
});

/** The role's part: an exchange whose records are committed one after the other. */
function begin(): void {
  const memory = recoverExchange(store.entries(livePrefix));
  const exchange = new Exchange({ settings: defaultExchangeSettings, memory, store, randomBytes });
  const clock = systemClock();
  tidy = new HistoryTidy<ExchangeInput>({
    machine: new ConversationLister(store),
    clock,
    give: (input) => {
      for (const output of exchange.handle(input, clock())) {
        if (output.type !== 'persist') continue;
        waitingCount += 1;
        void store.commit(output.records).then(() => {
          waitingCount -= 1;
        });
      }
    },
    tell: (input) =>
      input.type === 'list' && input.rest === 'none'
        ? { type: 'log', level: 'info', event: 'im.listed', fields: { user: input.user } }
        : undefined,
    failed: 'im.listing-failed',
    waitingCount: () => waitingCount,
    log: (event) => log.push(event),
  });
}

/** More than 255 of them, so that their places differ in more than one byte of a key. */
function manyTexts(): Bench {
  const bench = new Bench();
  bench.addUser('alice', { suffix: '0001' });
  for (let index = 0; index < 320; index += 1) bench.arrive(numberOf(index % 40), '28820001', 'in');
  return bench;
}

function recordsOf(bench: Bench, form: 'as it is' | 'as before'): StoreRecord[] {
  const records = Array.from(bench.store.entries([]), ([key, value]): StoreRecord => ({ key, value }));
  if (form === 'as it is') return records;
  return records
    .filter(({ key }) => !['latest', 'listed', 'in'].includes(String(key[1])))
    .map(({ key, value }) => ({
      key,
      value: key[1] === 'conversation' && Array.isArray(value) ? value.slice(0, 3) : value,
    }));
}

function numberOf(index: number): string {
  return `+3584011100${String(index).padStart(2, '0')}`;
}
