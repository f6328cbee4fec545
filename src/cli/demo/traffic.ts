/**
 * What the demo sends: several conversations each way, at a pace. Every text carries its conversation and running number,
 * so that loss, doubles and disorder show in anybody's records. Sending only; judging is in `tally.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { handsets, type World } from './world.ts';

export interface Conversation {
  /** `alice +639171234567`: the same for both directions. */
  readonly name: string;
  readonly user: string;
  readonly handset: string;
  /** What the handset writes to. */
  readonly userNumber: string;
}

export interface PlannedText {
  readonly conversation: Conversation;
  readonly text: string;
}

/** Beside plain words: what the alphabets of CIMD2 and GSM have to escape, and what only UCS-2 can carry. */
const flavours = ['', ' Grüße, 10 €', ' {[~\\|^]}', ' a@b_c §¿', ' 你好, Привет', ' 🙂'] as const;

export function conversationsOf({ users, serviceNumber }: World): readonly Conversation[] {
  return users.flatMap(({ name, suffix }) =>
    handsets.map((handset) => ({
      name: `${name} ${handset}`,
      user: name,
      handset,
      userNumber: `${serviceNumber}${suffix}`,
    })),
  );
}

/** `count` texts, the conversations in turn. @param direction also keeps the two directions' texts apart */
export function planTexts(
  direction: 'mt' | 'mo',
  conversations: readonly Conversation[],
  count: number,
): readonly PlannedText[] {
  const texts: PlannedText[] = [];
  for (let n = 0; n < count; n += 1) {
    const index = n % conversations.length;
    const conversation = conversations[index];
    if (conversation === undefined) break;
    const round = Math.floor(n / conversations.length) + 1;
    const flavour = flavours[(n + round) % flavours.length] ?? '';
    texts.push({ conversation, text: `${direction} c${index + 1} n${round}${flavour}` });
  }
  return texts;
}

/** Lets traffic pass up to a number of texts, and holds it there until more are let through. */
export class Gate {
  #limit: number;
  readonly #waiting: (() => void)[] = [];

  /** @param limit texts per direction that may pass at first */
  constructor(limit: number) {
    this.#limit = limit;
  }

  raise(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** @param n running number of the text, from 1 */
  async pass(n: number): Promise<void> {
    while (n > this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

export interface Pacing {
  readonly perSecond: number;
  readonly gate: Gate;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** One text after the other; what the gate held up is not made up for in a burst. */
export async function sendPaced(
  texts: readonly PlannedText[],
  { perSecond, gate, signal }: Pacing,
  send: (text: PlannedText, n: number) => Promise<void>,
): Promise<void> {
  const gapMs = 1_000 / perSecond;
  let dueAt = performance.now();
  for (const [index, text] of texts.entries()) {
    await gate.pass(index + 1);
    const now = performance.now();
    // A late timer is made up for, a closed gate is not.
    dueAt = Math.max(dueAt + gapMs, now - 10 * gapMs);
    if (dueAt > now) await delay(dueAt - now, undefined, { signal });
    await send(text, index + 1);
  }
}
