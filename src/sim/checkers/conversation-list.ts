/**
 * The list of conversations that the IM server keeps is what somebody would write down who reads every text: each
 * conversation that has one, newest first, with as many unread as came in behind the place up to which was read. SPEC:
 * decision 0019. Looks at the disk, so it holds at any moment.
 */
import { type Conversation, historyOf } from '../../core/im/history.ts';
import { keys, numberFrom, viewFrom } from '../../core/im/records.ts';
import type { TextView } from '../../core/im/text.ts';
import type { StoreReader } from '../../core/store/record.ts';
import { users } from '../plan.ts';
import type { World } from '../world.ts';

/** So few that most lists are read in several pages. */
const pageLength = 3;

/** More unread texts are not counted. */
const mostUnread = 99;

/** More than there are numbers to write to, for a page that leads nowhere. */
const mostListed = 100;

type Listed = Pick<Conversation, 'peer' | 'unread'> & { readonly last: TextView };

/** @returns what is wrong with a list; undefined is well */
export function wrongInLists(world: World): string | undefined {
  const { store } = world.im;
  for (const user of users) {
    const [kept, counted] = [keptList(store, user), countedList(store, user)];
    for (let place = 0; place < Math.max(kept.length, counted.length); place += 1) {
      const [is, should] = [said(kept[place]), said(counted[place])];
      if (is !== should) return `place ${place + 1} in the list of ${user} has ${is}; the texts say ${should}`;
    }
  }
  return undefined;
}

function keptList(store: StoreReader, user: string): readonly Listed[] {
  const history = historyOf(store);
  const list: Listed[] = [];
  while (list.length < mostListed) {
    const page = history.conversations(user, { limit: pageLength, before: list.at(-1)?.last.order });
    list.push(...page);
    if (page.length < pageLength) break;
  }
  return list;
}

/** From the texts alone. */
function countedList(store: StoreReader, user: string): readonly Listed[] {
  const talks = new Map<string, TextView[]>();
  for (const [, value] of store.entries(['im', 'text', user])) {
    const view = viewFrom(value);
    const views = talks.get(view.peer);
    if (views === undefined) talks.set(view.peer, [view]);
    else views.push(view);
  }
  const list = Array.from(talks, ([peer, views]): Listed => {
    const read = store.get(keys.read(user, peer));
    const readUpTo = read === undefined ? 0 : numberFrom(read);
    const unread = views.filter(({ direction, order }) => direction === 'in' && order > readUpTo).length;
    const last = views.reduce((latest, view) => (view.order > latest.order ? view : latest));
    return { peer, last, unread: Math.min(mostUnread, unread) };
  });
  return list.sort((a, b) => b.last.order - a.last.order);
}

function said(listed: Listed | undefined): string {
  return listed === undefined
    ? 'nothing'
    : `${listed.peer}, last "${listed.last.text.slice(0, 24)}", ${listed.unread} unread`;
}
