/**
 * Puts texts on their way to a handset: splits them, makes one short message per part, and keeps the text open until
 * its fate is known. Which SMSC it is has been found before.
 */
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
    const validUntil = later(now, this.#settings.validityMs);
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
      parts: messages.map(({ id, to }) => ({ messageId: id, destination: to, state: { type: 'waiting' } })),
    };
    this.#memory.keepOpen(open);
    turn.put(keys.openText(text.view.id), openTextValue(open));
    for (const message of messages) turn.enqueue({ smscId: text.smscId, message });
  }

  /** An answer of the bridge itself to a handset; nobody follows its steps. @param text fits one short message */
  answer(smscId: string, to: string, text: string, turn: Turn, now: Instant): void {
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
      parts: 1,
      marks: [],
    };
    const parts: readonly TextPart[] = [{ text, coding: 'gsm7', part: undefined }];
    this.leave({ user: '', view, smscId, from: '', header: new Uint8Array(0), parts }, turn, now);
  }

  /** 0–255: eight bits are read by every handset. */
  #nextReference(): number {
    this.#reference = (this.#reference + 1) % 256;
    return this.#reference;
  }
}
