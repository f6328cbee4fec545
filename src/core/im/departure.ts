/**
 * Puts texts on their way to a handset: splits them, makes one short message per part, and keeps the text open until
 * its fate is known. Which SMSC it is has been found before.
 */
import { invariant } from '../base/invariant.ts';
import type { RandomBytes } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import { type Instant, later } from '../base/time.ts';
import { uuidV7 } from '../base/uuid.ts';
import { messageId, type ShortMessage } from '../message/message.ts';
import { type SplitText, splitText, type TextPart } from '../message/split.ts';

import type { ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import type { OpenText } from './open-text.ts';
import { keys, openTextValue } from './records.ts';
import { type TextView, textId } from './text.ts';
import type { Turn } from './turn.ts';

/** A text that is ready to leave. */
export interface Leaving {
  /** Empty for answers of the bridge itself. */
  readonly user: string;
  readonly view: TextView;
  readonly smscId: string;
  /** 023 of every part; empty leaves it out. */
  readonly from: string;
  /** Of every part. */
  readonly header: Uint8Array;
  readonly parts: readonly TextPart[];
}

/** What a text keeps when it goes on through another SMSC. */
type Life = Pick<OpenText, 'validUntil' | 'tried' | 'reached'>;

export class Departure {
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #randomBytes: RandomBytes;
  #reference: number;

  constructor(settings: ExchangeSettings, memory: ExchangeMemory, randomBytes: RandomBytes) {
    this.#settings = settings;
    this.#memory = memory;
    this.#randomBytes = randomBytes;
    // Long texts to one handset within a restart shall not share a reference by accident.
    this.#reference = randomBytes(1)[0] ?? 0;
  }

  /** The parts of a text, or why it cannot be sent. */
  split(text: string): Result<SplitText> {
    return splitText(text, { reference: this.#nextReference(), national: this.#settings.national });
  }

  /** Puts the parts of a text on their way, first to last. */
  leave(text: Leaving, turn: Turn, now: Instant): void {
    this.#leave(
      text,
      { validUntil: later(now, this.#settings.validityMs), tried: [], reached: [{ step: 'stored', at: now }] },
      turn,
      now,
    );
  }

  /**
   * The same text through another SMSC, with what is left of its time. Its parts are new short messages.
   *
   * @param tried SMSCs that it never goes back to
   */
  leaveAgain(text: OpenText, smscId: string, tried: readonly string[], from: string, turn: Turn, now: Instant): void {
    const split = this.split(text.view.text);
    invariant(split.ok, 'a text that was split once cannot be split again');
    this.#memory.close(text);
    const { header, parts } = split.value;
    const { user, view, validUntil, reached } = text;
    this.#leave({ user, view, smscId, from, header, parts }, { validUntil, tried, reached }, turn, now);
  }

  #leave(text: Leaving, life: Life, turn: Turn, now: Instant): void {
    const { validUntil, tried, reached } = life;
    const reports = text.user === '' ? 'none' : this.#settings.reports;
    const messages = text.parts.map(
      (part): ShortMessage => ({
        id: messageId(uuidV7(now, this.#randomBytes)),
        from: text.from,
        to: text.view.peer,
        content: { type: 'text', text: part.text, coding: part.coding, flash: false },
        header: text.header,
        part: part.part,
        validUntil,
        report: reports,
        createdAt: now,
        smscTime: undefined,
        textId: text.view.id,
      }),
    );
    const open: OpenText = {
      user: text.user,
      view: text.view,
      smscId: text.smscId,
      validUntil,
      reports,
      isOverdue: false,
      tried,
      parts: messages.map(({ id, to }) => ({ messageId: id, destination: to, state: { type: 'waiting' }, stamp: '' })),
      reached,
    };
    this.#memory.keepOpen(open);
    turn.put(keys.openText(text.view.id), openTextValue(open));
    for (const message of messages) turn.enqueue({ smscId: text.smscId, message });
  }

  /** An answer of the bridge itself to a handset; nobody follows its steps. */
  answer(smscId: string, to: string, text: string, turn: Turn, now: Instant): void {
    const split = this.split(text);
    invariant(split.ok, 'an answer of the bridge is too long');
    const { header, parts } = split.value;
    const view: TextView = {
      id: textId(uuidV7(now, this.#randomBytes)),
      direction: 'out',
      peer: to,
      text,
      at: now,
      order: 0,
      position: 0,
      step: 'stored',
      reason: undefined,
      cid: '',
      parts: parts.length,
      marks: [],
    };
    this.leave({ user: '', view, smscId, from: '', header, parts }, turn, now);
  }

  /** 0–255: eight bits are read by every handset. */
  #nextReference(): number {
    this.#reference = (this.#reference + 1) % 256;
    return this.#reference;
  }
}
