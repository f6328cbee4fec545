/**
 * What handsets received, for tests to count and people to read: parts joined, equal ones marked, the oldest forgotten.
 * It judges nothing: whether an equal text was sent twice on purpose, only the test knows. The rules of joining are those
 * of `core/message/join.ts`: what stays incomplete for a day, or has to make room, is shown with its gap.
 */
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Instant } from '../../base/time.ts';
import { type Joined, Joiner, type JoinerOptions } from '../../message/join.ts';
import { type Content, type MessageId, messageId, type Part, type ShortMessage } from '../../message/message.ts';
import { Fifo } from '../fifo.ts';
import type { HandsetMessage } from './handset-message.ts';
import { limits } from './settings.ts';
import type { InboxItem } from './smsc-io.ts';

interface Box {
  readonly items: Fifo<InboxItem>;
  /** Equal short messages so far, by sender, header and content. */
  readonly seen: Map<string, number>;
  forgotten: number;
}

/** A text that a handset now shows. */
export interface Received {
  readonly item: InboxItem;
  /** 021 of its first part, as submitted. */
  readonly destination: string;
}

export interface Arrival {
  /** The text that is whole by this part, and those that had to be shown with a gap; none while parts are missing. */
  readonly received: readonly Received[];
  /** How many short messages equal to this one were there before. */
  readonly repeats: number;
}

/** A part that waits for others. */
interface ArrivedPart {
  readonly message: HandsetMessage;
  readonly repeats: number;
}

export interface InboxOptions {
  /** Texts remembered over all handsets. */
  readonly limit?: number;
  readonly joining?: Partial<JoinerOptions>;
}

export class Inboxes {
  readonly #boxes = new Map<string, Box>();
  /** Whose text came when, oldest first: who forgets next. */
  readonly #order = new Fifo<string>();
  readonly #limit: number;
  /** One for all handsets: the receiver is part of its key. */
  readonly #joiner: Joiner;
  /** The parts that the joiner holds. */
  readonly #waiting = new Map<MessageId, ArrivedPart>();

  constructor({ limit = limits.remembered, joining = {} }: InboxOptions = {}) {
    this.#limit = limit;
    this.#joiner = new Joiner({ openLimit: limits.openTexts, ...joining });
  }

  add(number: string, message: HandsetMessage, now: Instant): Arrival {
    const box = this.#boxOf(number);
    const key = `${message.from} ${message.content.fingerprint}`;
    const repeats = box.seen.get(key) ?? 0;
    box.seen.set(key, repeats + 1);
    if (box.seen.size > this.#limit) box.seen.clear();
    const part = partOf(message);
    if (part !== undefined) return { received: this.#addPart({ message, repeats }, part, now), repeats };
    return { received: [this.#receive(message, itemOfOne(message, now, repeats))], repeats };
  }

  /** What waited too long for its other parts, with its gaps. */
  expire(now: Instant): readonly Received[] {
    return this.#show(this.#joiner.expire(now), now);
  }

  /** When `expire` has something to show; undefined while nothing waits. */
  deadline(): Instant | undefined {
    return this.#joiner.deadline();
  }

  list(number: string): readonly InboxItem[] {
    return [...(this.#boxes.get(number)?.items ?? [])];
  }

  /** Texts that came, with those forgotten. */
  count(number: string): number {
    const box = this.#boxes.get(number);
    return box === undefined ? 0 : box.items.size + box.forgotten;
  }

  #addPart(arrived: ArrivedPart, part: Part, now: Instant): readonly Received[] {
    const short = shortMessageOf(arrived.message, part, now);
    const { result, joined } = this.#joiner.add(short, now);
    // What comes again while its text waits is counted as a repetition, and shown once.
    if (result !== 'repeated') this.#waiting.set(short.id, arrived);
    return this.#show(joined, now);
  }

  #show(joined: readonly Joined[], now: Instant): readonly Received[] {
    return joined.flatMap(({ content, messages, missing }) => {
      const parts = messages.flatMap(({ id }) => this.#waiting.get(id) ?? []);
      for (const { id } of messages) this.#waiting.delete(id);
      const [first] = parts;
      if (first === undefined) return [];
      const item: InboxItem = {
        ...shownAs(first.message),
        ...textOf(content),
        stamps: parts.map(({ message }) => message.stamp),
        parts: parts.length + missing.length,
        at: now,
        // The whole was there as often as the part that came least often.
        repeats: Math.min(...parts.map(({ repeats }) => repeats)),
      };
      return [this.#receive(first.message, item)];
    });
  }

  #receive({ number, destination }: HandsetMessage, item: InboxItem): Received {
    this.#boxOf(number).items.push(item);
    this.#order.push(number);
    if (this.#order.size > this.#limit) this.#forgetOldest();
    return { item, destination };
  }

  #boxOf(number: string): Box {
    let box = this.#boxes.get(number);
    if (box === undefined) {
      box = { items: new Fifo(), seen: new Map(), forgotten: 0 };
      this.#boxes.set(number, box);
    }
    return box;
  }

  #forgetOldest(): void {
    const box = this.#boxes.get(this.#order.shift() ?? '');
    if (box?.items.shift() !== undefined) box.forgotten += 1;
  }
}

/** Part 1 of 1 is a message of its own. */
function partOf({ concatenation }: HandsetMessage): Part | undefined {
  return concatenation === undefined || concatenation.count === 1 ? undefined : concatenation;
}

/** A text that came whole. Field by field and not spread: this is on the way of every message. */
function itemOfOne(message: HandsetMessage, at: Instant, repeats: number): InboxItem {
  const { from, content, replyPath, stamp } = message;
  const { kind, alphabet, dataCoding, messageClass, ports, text } = content;
  if (messageClass === undefined && ports === undefined) {
    return { from, kind, alphabet, dataCoding, replyPath, text, stamps: [stamp], parts: 1, at, repeats };
  }
  return { ...shownAs(message), text, stamps: [stamp], parts: 1, at, repeats };
}

/** Of a long text its first part says so; all parts are submitted alike. */
function shownAs({ from, content, replyPath }: HandsetMessage) {
  const { kind, alphabet, dataCoding, messageClass, ports } = content;
  return {
    ...{ from, kind, alphabet, dataCoding, replyPath },
    ...(messageClass === undefined ? {} : { messageClass }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function textOf(content: Content): Pick<InboxItem, 'kind' | 'text'> {
  if (content.type === 'text') return { kind: 'text', text: content.text };
  return { kind: 'binary', text: content.type === 'binary' ? toHex(content.bytes) : '' };
}

/** What the joiner needs to know of it. Its text may end in half a character: the joiner makes the whole well-formed. */
function shortMessageOf(message: HandsetMessage, part: Part, now: Instant): ShortMessage {
  const { id, from, number, content, stamp, validUntil } = message;
  const { kind, text, alphabet, dataCoding } = content;
  return {
    // Counts up in the life of this SMSC, so it is as good as any other.
    id: messageId(`00000000-0000-7000-8000-${String(id).padStart(12, '0')}`),
    ...{ from, to: number, part, validUntil },
    content:
      kind === 'binary'
        ? { type: 'binary', bytes: fromHex(text) ?? new Uint8Array(), dataCoding }
        : { type: 'text', text, coding: alphabet === 'ucs2' ? 'ucs2' : 'gsm7', flash: false },
    header: new Uint8Array(),
    report: 'none',
    createdAt: now,
    smscTime: { digits: stamp, at: message.acceptedAt },
    textId: '',
  };
}
