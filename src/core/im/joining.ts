/**
 * Whole texts out of the short messages of several SMSCs: one joiner each, and what people read in the end. The rules of
 * joining are in `core/message/join.ts`; here they become texts with marks.
 */
import { toHex } from '../base/bytes.ts';
import { assertNever } from '../base/invariant.ts';
import { earliest } from '../base/machine.ts';
import { type Instant, instant } from '../base/time.ts';
import { messageClassOf } from '../message/handling.ts';
import { type Joined, Joiner } from '../message/join.ts';
import type { MessageId, ShortMessage } from '../message/message.ts';
import type { TextMark } from './text.ts';

/** A text out of the mo ring, whole as far as it ever will be. */
export interface WholeText {
  readonly smscId: string;
  readonly from: string;
  readonly to: string;
  /** Hex where it is marked `binary`. */
  readonly text: string;
  /** When its SMSC received the first part that came, as far as that is known. */
  readonly at: Instant;
  readonly parts: number;
  readonly marks: readonly TextMark[];
  /** The short messages it is made of. */
  readonly messageIds: readonly MessageId[];
}

/** A part of a long text, as it came. */
export interface WaitingPart {
  readonly smscId: string;
  readonly arrivedAt: Instant;
  readonly message: ShortMessage;
}

export class Joining {
  readonly #joiners = new Map<string, Joiner>();

  /** @returns whether the message has to be kept, and the texts that are now whole or had to make room */
  add({ smscId, arrivedAt, message }: WaitingPart): {
    readonly isWaiting: boolean;
    readonly whole: readonly WholeText[];
  } {
    const joiner = this.#joiners.get(smscId) ?? new Joiner();
    this.#joiners.set(smscId, joiner);
    const { result, joined } = joiner.add(message, arrivedAt);
    return { isWaiting: result === 'waiting', whole: joined.flatMap((one) => wholeText(smscId, one)) };
  }

  /** Texts whose missing parts were waited for long enough. */
  expire(now: Instant): readonly WholeText[] {
    return [...this.#joiners].flatMap(([smscId, joiner]) =>
      joiner.expire(now).flatMap((joined) => wholeText(smscId, joined)),
    );
  }

  deadline(): Instant | undefined {
    return earliest(...Array.from(this.#joiners.values(), (joiner) => joiner.deadline()));
  }
}

/** A list, since a joined text without any message is none. */
function wholeText(smscId: string, joined: Joined): readonly WholeText[] {
  const first = joined.messages[0];
  if (first === undefined) return [];
  const marks: readonly TextMark[] = [
    ...(joined.missing.length > 0 ? (['gap'] as const) : []),
    ...(messageClassOf(joined.content) === 0 ? (['flash'] as const) : []),
  ];
  const common = {
    smscId,
    from: first.from,
    to: first.to,
    // An SMSC whose clock is ahead would show texts from the future.
    at: instant(Math.min(first.smscTime?.at ?? first.createdAt, first.createdAt)),
    parts: joined.messages.length + joined.missing.length,
    messageIds: joined.messages.map((message) => message.id),
  };
  switch (joined.content.type) {
    case 'text':
      return [{ ...common, text: joined.content.text, marks }];
    case 'binary':
      return [{ ...common, text: toHex(joined.content.bytes), marks: ['binary', ...marks] }];
    case 'status-report':
      return [];
    default:
      return assertNever(joined.content);
  }
}
