// Run by bench-history in a process of its own: opens the store of a stopped IM server and asks it what people ask, with
// the code that the gateways call. Prints milliseconds of processor time each, as JSON.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commonWord, peerOf, popularUser, rareWord, user } from './fill-history.mjs';

const [dist, stateDir, texts] = process.argv.slice(2);
const count = Number(texts);
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { openStoreForReading } = await load('shell/lmdb-store.js');
const { historyOf } = await load('core/im/history.js');

const store = await openStoreForReading(stateDir);
const history = historyOf(store);
const rounds = 400;
const limit = 20;
/** What `GET /api/conversations` shows where nothing is said. */
const conversations = 50;
/** Of some text in the newer half, so that every page is full; the same share of the way for each question and size. */
const indexOf = (round) => Math.floor(count * (0.5 + (((round * 7_919 + 13) % rounds) / rounds) * 0.49));
/** Every other text has two places: one more when its report came. */
const placeOf = (round) => Math.floor(indexOf(round) * 1.5);

const questions = {
  talks: () => history.conversations(user, { limit: conversations }).length,
  strangers: (round) =>
    history.conversations(popularUser, { limit: conversations, before: indexOf(round) / 10 }).length,
  page: (round) => history.history(user, peerOf(indexOf(round)), { limit, before: placeOf(round) }).length,
  rare: (round) => history.search(user, { words: [rareWord(indexOf(round))], limit }).texts.length,
  common: (round) => history.search(user, { words: [commonWord], before: placeOf(round), limit }).texts.length,
  two: (round) => history.search(user, { words: ['w1', 'w2'], before: placeOf(round), limit }).texts.length,
};

const result = {};
for (const [name, ask] of Object.entries(questions)) {
  for (let round = 0; round < rounds; round += 1) ask(round);
  const before = process.cpuUsage();
  let found = 0;
  for (let round = 0; round < rounds; round += 1) found += ask(round);
  const { user: own, system } = process.cpuUsage(before);
  if (found === 0) throw new Error(`${name}: nothing was found`);
  result[name] = { ms: (own + system) / 1_000 / rounds, found: found / rounds };
}
process.stdout.write(`${JSON.stringify(result)}\n`);
await store.close();
