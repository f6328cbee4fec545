/**
 * What handsets received, for tests to count and people to read: parts joined, equal ones marked, the oldest forgotten.
 * It judges nothing: whether an equal text was sent twice on purpose, only the test knows.
 */
import type { Instant } from '../../base/time.ts';
import { Fifo } from '../fifo.ts';
import type { HandsetMessage } from './handset-message.ts';
import { limits } from './settings.ts';
import type { InboxItem } from './smsc-io.ts';

interface OpenText {
  readonly parts: Map<number, { readonly text: string; readonly stamp: string }>;
  readonly count: number;
}

interface Box {
  readonly items: Fifo<InboxItem>;
  readonly openTexts: Map<string, OpenText>;
  /** Equal short messages so far, by sender, header and content. */
  readonly seen: Map<string, number>;
  forgotten: number;
}

export interface Arrival {
  /** The text that this part completed; undefined while parts are missing. */
  readonly item: InboxItem | undefined;
  /** How many short messages equal to this one were there before. */
  readonly repeats: number;
}

export class Inboxes {
  readonly #boxes = new Map<string, Box>();
  /** Whose text came when, oldest first: who forgets next. */
  readonly #order = new Fifo<string>();
  readonly #limit: number;

  /** @param limit texts remembered over all handsets */
  constructor(limit: number = limits.remembered) {
    this.#limit = limit;
  }

  add(number: string, message: HandsetMessage, now: Instant): Arrival {
    const box = this.#boxOf(number);
    const key = `${message.from} ${message.content.fingerprint}`;
    const repeats = box.seen.get(key) ?? 0;
    box.seen.set(key, repeats + 1);
    if (box.seen.size > this.#limit) box.seen.clear();
    const joined = join(box, message);
    if (joined === undefined) return { item: undefined, repeats };
    const item: InboxItem = { from: message.from, ...shownAs(message), at: now, repeats, ...joined };
    box.items.push(item);
    this.#order.push(number);
    if (this.#order.size > this.#limit) this.#forgetOldest();
    return { item, repeats };
  }

  list(number: string): readonly InboxItem[] {
    return [...(this.#boxes.get(number)?.items ?? [])];
  }

  /** Texts that came, with those forgotten. */
  count(number: string): number {
    const box = this.#boxes.get(number);
    return box === undefined ? 0 : box.items.size + box.forgotten;
  }

  #boxOf(number: string): Box {
    let box = this.#boxes.get(number);
    if (box === undefined) {
      box = { items: new Fifo(), openTexts: new Map(), seen: new Map(), forgotten: 0 };
      this.#boxes.set(number, box);
    }
    return box;
  }

  #forgetOldest(): void {
    const box = this.#boxes.get(this.#order.shift() ?? '');
    if (box?.items.shift() !== undefined) box.forgotten += 1;
  }
}

/** Of a long text it is the last part to arrive that says so; all parts are submitted alike. */
function shownAs({ content, replyPath }: HandsetMessage) {
  const { kind, alphabet, dataCoding, messageClass, ports } = content;
  return {
    ...{ kind, alphabet, dataCoding, replyPath },
    ...(messageClass === undefined ? {} : { messageClass }),
    ...(ports === undefined ? {} : { ports }),
  };
}

/** SPEC: reference section 7.8. Parts belong together by sender, reference and count, and may come in any order. */
function join(
  box: Box,
  { from, stamp, content, concatenation }: HandsetMessage,
): Pick<InboxItem, 'text' | 'stamps' | 'parts'> | undefined {
  if (concatenation === undefined || concatenation.count === 1)
    return { text: content.text, stamps: [stamp], parts: 1 };
  const { reference, count, index } = concatenation;
  const key = `${from} ${reference} ${count}`;
  const open = box.openTexts.get(key) ?? { parts: new Map(), count };
  open.parts.set(index, { text: content.text, stamp });
  // Set anew, so that the text that waited longest without news is the first to be given up.
  box.openTexts.delete(key);
  if (open.parts.size < count) {
    box.openTexts.set(key, open);
    const [oldest] = box.openTexts.keys();
    if (box.openTexts.size > limits.openTexts && oldest !== undefined) box.openTexts.delete(oldest);
    return undefined;
  }
  const parts = [...open.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  return { text: parts.map((part) => part.text).join(''), stamps: parts.map((part) => part.stamp), parts: count };
}
