/**
 * Keeps the list of conversations: which text is the last of each, so that it stands at that place of the list and at no
 * other, and how many came in. Decision 0019. What was not lately written in is read from the store when it is needed;
 * bounded, the one used longest ago is forgotten. Read by `conversation-list.ts`.
 */
import type { RecordReader } from './history.ts';
import {
  conversationFrom,
  conversationValue,
  keys,
  numberValue,
  peerValue,
  presentValue,
  type Standing,
} from './records.ts';
import type { TextView } from './text.ts';
import type { Turn } from './turn.ts';

/** Conversations that are remembered, once what was said in them is on disk. */
export const conversationCount = 10_000;

/** A conversation as it was found on disk, of before its texts were numbered. */
export interface UnnumberedConversation {
  readonly peer: string;
  /** Place of its last text. */
  readonly order: number;
  /** Places of the last texts that came in, and the number of each. */
  readonly incoming: readonly { readonly order: number; readonly number: number }[];
  /** The number of the last of them, or what numbers begin behind. */
  readonly lastNumber: number;
}

export class ConversationBook {
  readonly #store: RecordReader;
  readonly #limit: number;
  /** By user and peer, the one used last at the end. `gone`: its texts were deleted, on disk perhaps not yet. */
  readonly #standings = new Map<string, { readonly key: Names; readonly standing: Standing | 'gone' }>();

  /** @param limit conversations remembered; more as long as the disk is behind */
  constructor(store: RecordReader, limit = conversationCount) {
    this.#store = store;
    this.#limit = limit;
  }

  /** This text is the last of its conversation now. */
  add(user: string, { peer, order, id, direction }: TextView, turn: Turn): void {
    const before = this.#standing({ user, peer });
    if (before !== undefined) turn.delete(keys.latest(user, before.order));
    turn.put(keys.latest(user, order), peerValue(peer));
    // Of the first text of a user: there is none that could be missing in the list.
    if (order === 1) turn.put(keys.listed(user), presentValue);
    const incoming = numberBehind(before, direction);
    if (direction === 'in' && incoming !== undefined) {
      turn.put(keys.incoming(user, peer, order), numberValue(incoming));
    }
    const standing = { order, id, incoming };
    turn.put(keys.conversation(user, peer), conversationValue(standing));
    this.#keep({ user, peer }, standing);
  }

  /** Puts one of before there was a list into it, unless something was said in it since it was found. */
  list(user: string, { peer, order, incoming, lastNumber }: UnnumberedConversation, turn: Turn): void {
    const standing = this.#standing({ user, peer });
    if (standing === undefined || standing.order !== order || standing.incoming !== undefined) return;
    const numbered = { ...standing, incoming: lastNumber };
    turn.put(keys.conversation(user, peer), conversationValue(numbered));
    turn.put(keys.latest(user, order), peerValue(peer));
    for (const one of incoming) turn.put(keys.incoming(user, peer, one.order), numberValue(one.number));
    this.#keep({ user, peer }, numbered);
  }

  /** All of its texts were deleted. */
  forget(user: string, peer: string): void {
    this.#keep({ user, peer }, 'gone');
  }

  #standing(key: Names): Standing | undefined {
    const known = this.#standings.get(wordOf(key));
    if (known !== undefined) return known.standing === 'gone' ? undefined : known.standing;
    return this.#onDisk(key);
  }

  #keep(key: Names, standing: Standing | 'gone'): void {
    this.#standings.delete(wordOf(key));
    this.#standings.set(wordOf(key), { key, standing });
    if (this.#standings.size > this.#limit) this.#forgetOldest();
  }

  /** As many as are too many and on disk by now. */
  #forgetOldest(): void {
    for (const [word, { key, standing }] of this.#standings) {
      const kept = this.#onDisk(key);
      const isKept = standing === 'gone' ? kept === undefined : kept !== undefined && areSame(kept, standing);
      if (!isKept) return;
      this.#standings.delete(word);
      if (this.#standings.size <= this.#limit) return;
    }
  }

  #onDisk({ user, peer }: Names): Standing | undefined {
    const value = this.#store.get(keys.conversation(user, peer));
    return value === undefined ? undefined : conversationFrom(value);
  }
}

interface Names {
  readonly user: string;
  readonly peer: string;
}

/** Names of users have no blanks. */
function wordOf({ user, peer }: Names): string {
  return `${user} ${peer}`;
}

function areSame(one: Standing, other: Standing): boolean {
  return one.order === other.order && one.incoming === other.incoming;
}

/** Undefined where those before are not numbered yet: counting from here on would leave them out. */
function numberBehind(before: Standing | undefined, direction: TextView['direction']): number | undefined {
  const last = before === undefined ? 0 : before.incoming;
  return last === undefined ? undefined : last + (direction === 'in' ? 1 : 0);
}
