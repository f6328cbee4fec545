// A store as an IM server leaves it after many texts: every record that the exchange writes for a text and keeps, of one
// user who writes with 200 numbers. Words are as frequent as in languages (Zipf), and each text has one of its own. Beside
// every tenth text, somebody who never wrote before writes to another user, so that there are many conversations as well.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const user = 'alice';
/** To whom each number writes once. */
export const popularUser = 'bonnie';
const textsPerStranger = 10;
const peerCount = 200;
const vocabulary = 5_000;
const wordsPerText = 8;
/** Texts in one commit. */
const batch = 2_000;
const beginAt = Date.UTC(2026, 0, 1);
const betweenMs = 10_000;

export const peerOf = (index) => `+35840${String(1_000_000 + (index % peerCount))}`;
const strangerOf = (index) => `+35850${String(10_000_000 + index)}`;
/** The word that only this text has. */
export const rareWord = (index) => `nr${index}x`;
/** In every text about. */
export const commonWord = 'w0';

/** @param dist the build to use @param tell called with how many texts are written */
export async function fillHistory({ dist, stateDir, count, tell = () => undefined }) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const { openRoleStore } = await load('shell/role-store.js');
  const { UserTexts } = await load('core/im/user-texts.js');
  const { ExchangeMemory } = await load('core/im/exchange-memory.js');
  const { Clients } = await load('core/im/clients.js');
  const { ConversationBook } = await load('core/im/conversation-book.js');
  const { Turn } = await load('core/im/turn.js');
  const { keys, pointerValue } = await load('core/im/records.js');
  const { randomBytes } = await load('shell/hashing.js');
  const home = await openRoleStore({
    stateDir,
    durability: 'process',
    role: 'im-server',
    smscId: '',
    log: () => undefined,
  });
  const conversations = new ConversationBook(home.store);
  const memory = new ExchangeMemory();
  const texts = new UserTexts({ memory, clients: new Clients(), conversations, randomBytes });
  const random = seeded(count);
  let records = [];
  for (let index = 0; index < count; index += 1) {
    const now = beginAt + index * betweenMs;
    const turn = new Turn();
    const direction = index % 2 === 0 ? 'out' : 'in';
    const cid = direction === 'out' ? `cid-${index}` : '';
    const draft = { direction, peer: peerOf(index), text: textOf(index, random), at: now, cid, parts: 1, marks: [] };
    const view = texts.draft(user, draft, now);
    texts.put(user, view, turn);
    if (cid !== '') turn.put(keys.cid(user, cid), pointerValue(view.id));
    // As when its report has come: the last of two further positions.
    if (cid !== '') texts.change(user, { ...view, step: 'delivered' }, turn, now);
    if (index % textsPerStranger === 0) {
      const stranger = { ...draft, direction: 'in', peer: strangerOf(index), text: 'hello', cid: '' };
      texts.put(popularUser, texts.draft(popularUser, stranger, now), turn);
    }
    for (const output of turn.outputs()) if (output.type === 'persist') records.push(...output.records);
    if ((index + 1) % batch === 0 || index === count - 1) {
      await home.store.commit(lastOfEach(records));
      records = [];
      tell(index + 1);
    }
  }
  await home.close();
}

/** As the runner does: of several records with one key the last. */
function lastOfEach(records) {
  return [...new Map(records.map((record) => [record.key.join('\u0000'), record])).values()];
}

function textOf(index, random) {
  const words = Array.from({ length: wordsPerText }, () => `w${Math.floor(vocabulary ** random()) - 1}`);
  return `${words.join(' ')} ${commonWord} ${rareWord(index)}`;
}

function seeded(seed) {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
