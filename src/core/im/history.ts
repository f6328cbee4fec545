/**
 * Reads what people wrote and were told, straight from the store: pages of a conversation, the list of conversations,
 * what changed since a position. Only what is on disk is seen, so nothing is shown that a crash could take back.
 */
import type { Instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import type { Alias } from './alias-book.ts';
import { type ListQuestion, listConversations } from './conversation-list.ts';
import { sightOf } from './find-texts.ts';
import {
  aliasFrom,
  type ImKey,
  keys,
  noteFrom,
  numberFrom,
  pointerFrom,
  tokenFrom,
  userFrom,
  viewFrom,
} from './records.ts';
import { type SearchPage, type SearchQuestion, searchTexts } from './search.ts';
import { type StepReached, stepsReached } from './steps-reached.ts';
import type { TextId, TextView } from './text.ts';
import { bearerOf, type TokenBearer, type UserToken } from './tokens.ts';
import type { User } from './users.ts';

/** The reading half of a store, in the shape of `StoreReader` in core/store/record.ts. */
export interface RecordReader {
  get(key: ImKey): PlainValue | undefined;
  entries(
    prefix: ImKey,
    options?: { readonly limit?: number; readonly reverse?: boolean; readonly after?: ImKey },
  ): Iterable<readonly [ImKey, PlainValue]>;
}

export interface Conversation {
  readonly peer: string;
  readonly last: TextView;
  /** Incoming texts that the user has not read; counted up to 99. */
  readonly unread: number;
  /** Read up to this place (see `TextView.order`). */
  readonly readUpTo: number;
}

/** What gateways may read. Users are checked by the gateway: a name given here is believed. */
export interface ImHistory {
  /** Newest first; with `before` those whose last text has a lower order. */
  conversations(user: string, question: ListQuestion): readonly Conversation[];
  /** One page, oldest first: the last `limit` texts, or those before the place `before`. */
  history(
    user: string,
    peer: string,
    options: { readonly before?: number; readonly limit: number },
  ): readonly TextView[];
  /** By words, conversation, direction and time; newest first. */
  search(user: string, question: SearchQuestion): SearchPage;
  text(user: string, id: TextId): TextView | undefined;
  /** When that text reached its steps; undefined where there is no such text. */
  steps(user: string, id: TextId): readonly StepReached[] | undefined;
  textOfCid(user: string, cid: string): TextView | undefined;
  /** Every text that is new or has another step since `position`, each once, in order of position. */
  changesSince(user: string, position: number, options: { readonly limit: number }): readonly TextView[];
  /** The position of the user's last change; 0 where there is none. */
  position(user: string): number;
  user(name: string): User | undefined;
  /** In order of name. */
  users(): readonly User[];
  /** Who bears the token with this hash (`hashToken` of `gateways/web/access-token.ts`); undefined once it is over. */
  userOfToken(hash: string, now: Instant): TokenBearer | undefined;
  /** What a gateway noted, in order of key; those whose key begins with `prefix`. */
  notes(gateway: string, prefix: string): Iterable<readonly [string, PlainValue]>;
  note(gateway: string, key: string): PlainValue | undefined;
  /** Addresses of another network that belong to users, in order of address. */
  aliases(gateway: string): readonly Alias[];
  /** All tokens of a user, also those whose time is over. */
  tokens(user: string): readonly UserToken[];
}

export function historyOf(store: RecordReader): ImHistory {
  const text = (user: string, id: TextId): TextView | undefined => {
    const value = store.get(keys.text(user, id));
    return value === undefined ? undefined : viewFrom(value);
  };
  return {
    text,
    conversations: (user, question) => listConversations(store, user, question),
    history: (user, peer, { before, limit }) => {
      const after = before === undefined ? {} : { after: keys.order(user, peer, before) };
      const page: TextView[] = [];
      for (const [, value] of store.entries(['im', 'order', user, peer], { reverse: true, limit, ...after })) {
        const view = text(user, pointerFrom(value));
        if (view !== undefined) page.push(view);
      }
      return page.reverse();
    },
    steps: (user, id) => {
      const found = sightOf(store, user, id);
      return found && stepsReached(found);
    },
    search: (user, question) => searchTexts(store, user, question),
    textOfCid: (user, cid) => {
      const value = store.get(keys.cid(user, cid));
      return value === undefined ? undefined : text(user, pointerFrom(value));
    },
    changesSince: (user, position, { limit }) => {
      const changed: TextView[] = [];
      for (const [, value] of store.entries(['im', 'change', user], { after: keys.change(user, position), limit })) {
        const view = text(user, pointerFrom(value));
        if (view !== undefined) changed.push(view);
      }
      return changed;
    },
    position: (user) => numberAt(store, keys.position(user)),
    user: (name) => {
      const value = store.get(keys.user(name));
      return value === undefined ? undefined : userFrom(value);
    },
    users: () => Array.from(store.entries(['im', 'live', 'user']), ([, value]) => userFrom(value)),
    userOfToken: (hash, now) => {
      const value = store.get(keys.token(hash));
      const token = value === undefined ? undefined : tokenFrom(hash, value);
      const user = token && store.get(keys.user(token.user));
      return token === undefined || user === undefined ? undefined : bearerOf(token, userFrom(user), now);
    },
    notes: function* (gateway, prefix) {
      for (const [key, value] of store.entries(['im', 'note', gateway])) {
        const name = String(key[3]);
        if (name.startsWith(prefix)) yield [name, noteFrom(value)] as const;
      }
    },
    note: (gateway, key) => {
      const value = store.get(keys.note(gateway, key));
      return value === undefined ? undefined : noteFrom(value);
    },
    aliases: (gateway) =>
      Array.from(store.entries(['im', 'live', 'alias']), ([, value]) => aliasFrom(value)).filter(
        (alias) => alias.gateway === gateway,
      ),
    tokens: (user) =>
      Array.from(store.entries(['im', 'live', 'token']), ([key, value]) => tokenFrom(String(key[3]), value)).filter(
        (token) => token.user === user,
      ),
  };
}

function numberAt(store: RecordReader, key: ImKey): number {
  const value = store.get(key);
  return value === undefined ? 0 : numberFrom(value);
}
