/**
 * What each user sees: puts a text into a user's history, at the next place, and tells the user's clients. Every record
 * that `history.ts` reads is written here.
 */
import type { RandomBytes } from '../base/random.ts';
import type { Instant } from '../base/time.ts';
import { uuidV7 } from '../base/uuid.ts';
import type { Clients } from './clients.ts';
import type { ConversationBook } from './conversation-book.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { keys, numberValue, pointerValue, presentValue, viewValue } from './records.ts';
import { type TextView, textId } from './text.ts';
import type { Turn } from './turn.ts';
import { wordsOf } from './words.ts';

/** What is said of a text before it has a place. */
export type TextDraft = Pick<TextView, 'direction' | 'peer' | 'text' | 'at' | 'cid' | 'parts' | 'marks'>;

export interface UserTextsParts {
  readonly memory: ExchangeMemory;
  readonly clients: Clients;
  readonly conversations: ConversationBook;
  readonly randomBytes: RandomBytes;
}

export class UserTexts {
  readonly #memory: ExchangeMemory;
  readonly #clients: Clients;
  readonly #conversations: ConversationBook;
  readonly #randomBytes: RandomBytes;

  constructor({ memory, clients, conversations, randomBytes }: UserTextsParts) {
    this.#memory = memory;
    this.#clients = clients;
    this.#conversations = conversations;
    this.#randomBytes = randomBytes;
  }

  /** A text that is new to this user, at the next place of the user's history. Nothing is written yet. */
  draft(user: string, text: TextDraft, now: Instant): TextView {
    const position = this.#memory.nextPosition(user);
    const id = textId(uuidV7(now, this.#randomBytes));
    return { ...text, id, order: position, position, step: 'stored', reason: undefined };
  }

  /** Into the store of its user, without telling anybody. */
  put(user: string, view: TextView, turn: Turn): void {
    turn.put(keys.position(user), numberValue(view.position));
    turn.put(keys.text(user, view.id), viewValue(view));
    turn.put(keys.order(user, view.peer, view.order), pointerValue(view.id));
    turn.put(keys.place(user, view.order), pointerValue(view.id));
    for (const word of wordsKept(view)) turn.put(keys.word(user, word, view.order), presentValue);
    this.#conversations.add(user, view, turn);
    turn.put(keys.change(user, view.position), pointerValue(view.id));
  }

  /** Into the store of its addressee, and to all clients of it. */
  receive(user: string, view: TextView, turn: Turn): void {
    this.put(user, view, turn);
    this.#clients.tell(user, { type: 'message', text: view }, turn);
  }

  /** Gives a changed text the next position, and tells its step. @returns the text as it now is */
  change(user: string, changed: TextView, turn: Turn): TextView {
    const position = this.#memory.nextPosition(user);
    const view: TextView = { ...changed, position };
    turn.put(keys.position(user), numberValue(position));
    turn.delete(keys.change(user, changed.position));
    turn.put(keys.change(user, position), pointerValue(view.id));
    turn.put(keys.text(user, view.id), viewValue(view));
    const { id, peer, step, reason, marks } = view;
    this.#clients.tell(user, { type: 'step', id, peer, step, reason, marks, position }, turn);
    return view;
  }
}

/** The words that a text is found by. Of user data in hex nobody remembers one. */
export function wordsKept({ marks, text }: Pick<TextView, 'marks' | 'text'>): readonly string[] {
  return marks.includes('binary') ? [] : wordsOf(text);
}
