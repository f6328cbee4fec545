/**
 * Texts that wait in the outbox of an SMSC that cannot be reached for long are called back and leave through the fallback of
 * their route. Only the producer of the lane knows which of them were never placed: it is asked (`withdraw`), and its
 * answer (`withdrawn`) comes in the same commit, so a text is in one outbox or the other, never in both or none.
 */
import { invariant } from '../base/invariant.ts';
import { logEvent } from '../base/log-event.ts';
import { type Instant, later, secondMs } from '../base/time.ts';
import type { Departure } from './departure.ts';
import type { ExchangeInput, ExchangeOutput, ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { detourOf } from './fallback.ts';
import type { OpenText } from './open-text.ts';
import type { Turn } from './turn.ts';
import { originatorOf } from './users.ts';
import type { Ways } from './ways.ts';

/** Short messages that are called back in one commit: more than a ring holds, which stay in any case. */
const atOnce = 2_048;
/** When the next are, where there were more. */
const soonMs = secondMs;

export interface DetoursRooms {
  readonly settings: ExchangeSettings;
  readonly memory: ExchangeMemory;
  readonly departure: Departure;
  readonly ways: Ways;
}

export class Detours {
  readonly #rooms: DetoursRooms;

  constructor(rooms: DetoursRooms) {
    this.#rooms = rooms;
  }

  /** Asks for what waits and need not. @returns when to ask for more; undefined for the usual time */
  ask(turn: Turn, now: Instant): Instant | undefined {
    const asked = new Map<string, Extract<ExchangeOutput, { type: 'withdraw' }>['texts'][number][]>();
    let count = 0;
    for (const text of this.#rooms.memory.openTexts.values()) {
      if (count >= atOnce) break;
      if (this.#detourOf(text, now) === undefined) continue;
      const texts = asked.get(text.smscId) ?? [];
      asked.set(text.smscId, texts);
      texts.push({ textId: text.view.id, messageIds: text.parts.map(({ messageId }) => messageId) });
      count += text.parts.length;
    }
    for (const [smscId, texts] of asked) turn.tell({ type: 'withdraw', smscId, texts });
    return count >= atOnce ? later(now, soonMs) : undefined;
  }

  withdrawn({ textIds }: Extract<ExchangeInput, { type: 'withdrawn' }>, turn: Turn, now: Instant): void {
    const { memory, departure } = this.#rooms;
    for (const textId of textIds) {
      const text = memory.openTexts.get(textId);
      const to = text && this.#detourOf(text, now);
      invariant(text !== undefined && to !== undefined, 'a text that was called back at once has no way any more');
      const why = memory.links.closedFor(text.smscId, 0, now);
      turn.log(logEvent('warn', 'im.fallback', { text: textId, from: text.smscId, to, why }));
      departure.leaveAgain(text, to, text.tried, originatorOf(memory.users.get(text.user)), turn, now);
    }
  }

  #detourOf(text: OpenText, now: Instant): string | undefined {
    if (text.user === '') return undefined;
    const { memory, settings, ways } = this.#rooms;
    if (memory.links.closedFor(text.smscId, settings.fallbackAfterMs, now) === undefined) return undefined;
    return detourOf(text, ways.to(text.view.peer, text.user), memory.links, now);
  }
}
