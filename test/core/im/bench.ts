// An exchange on a test bench: a store in memory behind it, a hand-set clock, and words for what a test asks of it.
import type { Machine } from '../../../src/core/base/machine.ts';
import { seededRandom } from '../../../src/core/base/random.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import { Exchange } from '../../../src/core/im/exchange.ts';
import {
  clientRef,
  defaultExchangeSettings,
  type ExchangeInput,
  type ExchangeOutput,
  type ExchangeSettings,
  type ImEvent,
  type UserChange,
} from '../../../src/core/im/exchange-io.ts';
import { recoverExchange } from '../../../src/core/im/exchange-memory.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { livePrefix } from '../../../src/core/im/records.ts';
import type { TextView } from '../../../src/core/im/text.ts';
import { type MessageId, messageId, type Part, type ShortMessage } from '../../../src/core/message/message.ts';
import { MemoryStore } from './memory-store.ts';

export const phone = '+358401234567';

export class Bench {
  readonly store = new MemoryStore();
  readonly settings: ExchangeSettings;
  readonly enqueued: { readonly smscId: string; readonly message: ShortMessage }[] = [];
  readonly outputs: ExchangeOutput[] = [];
  /** While it is `behind`, the exchange hears of nothing that it was written. */
  disk: 'prompt' | 'behind' = 'prompt';
  exchange: Exchange;
  now: Instant = instant(Date.UTC(2026, 10, 22, 12, 0, 0));
  readonly #random = seededRandom(7);
  #ids = 0;

  constructor(settings: Partial<ExchangeSettings> = {}) {
    const routes = [{ prefix: '+358', smscId: 'hel1' }];
    this.settings = { ...defaultExchangeSettings, routes, serviceNumbers: ['2882'], ...settings };
    this.exchange = this.#recover();
  }

  /** Starts the exchange again from what is in the store. */
  restart(): void {
    this.exchange = this.#recover();
  }

  give(input: ExchangeInput): readonly ExchangeOutput[] {
    const outputs = this.exchange.handle(input, this.now);
    for (const output of outputs) {
      if (output.type === 'persist') this.store.write(output.records);
      if (output.type === 'enqueue') this.enqueued.push(output);
      if (output.type === 'answer' && output.result.type === 'stored' && this.disk === 'prompt') {
        this.exchange.handle({ type: 'written', user: output.user, cid: output.cid }, this.now);
      }
    }
    this.outputs.push(...outputs);
    return outputs;
  }

  addUser(name: string, options: Partial<Extract<UserChange, { type: 'add' }>> = {}): readonly ExchangeOutput[] {
    const change = {
      type: 'add',
      name,
      suffix: undefined,
      passwordHash: 'hash',
      role: 'ordinary',
      ...options,
    } as const;
    return this.give({ type: 'user', ref: name, change });
  }

  attach(user: string, client = `web:${user}`): void {
    this.give({ type: 'attached', client: clientRef(client), user });
  }

  send(user: string, to: string, text: string, cid = this.#nextCid()): readonly ExchangeOutput[] {
    const request = { client: clientRef(`web:${user}`), user, cid, to, text };
    return this.give({ type: 'send', request, storedAs: this.history.textOfCid(user, cid) });
  }

  arrive(
    from: string,
    to: string,
    text: string,
    options: {
      readonly id?: MessageId;
      readonly part?: Part;
      readonly smscId?: string;
      readonly isRepeated?: boolean;
      readonly smscTime?: ShortMessage['smscTime'];
    } = {},
  ): readonly ExchangeOutput[] {
    const message: ShortMessage = {
      ...this.#shortMessage(options.id),
      smscTime: options.smscTime,
      from,
      to,
      content: { type: 'text', text, coding: 'gsm7', flash: false },
      part: options.part,
    };
    return this.give({
      type: 'arrived',
      smscId: options.smscId ?? 'hel1',
      message,
      isRepeated: options.isRepeated ?? false,
    });
  }

  report(destination: string, stamp: string, status: number, error = 0, smscId = 'hel1'): readonly ExchangeOutput[] {
    const report = {
      destination,
      stamp: { digits: stamp, at: this.now },
      status,
      error,
      dischargedAt: { digits: stamp, at: this.now },
    };
    const message = {
      ...this.#shortMessage(),
      from: destination,
      to: '',
      content: { type: 'status-report', report } as const,
    };
    return this.give({ type: 'arrived', smscId, message, isRepeated: false });
  }

  confirm(id: MessageId, stamp: string, possibleDuplicate = false, smscId = 'hel1'): readonly ExchangeOutput[] {
    const outcome = { status: 'confirmed', stamp, errorCode: 0, by: 'answer' } as const;
    return this.give({ type: 'outcome', smscId, messageId: id, outcome, possibleDuplicate });
  }

  refuse(id: MessageId, errorCode: number, possibleDuplicate = false): readonly ExchangeOutput[] {
    const outcome = { status: 'refused', stamp: '', errorCode, by: 'answer' } as const;
    return this.give({ type: 'outcome', smscId: 'hel1', messageId: id, outcome, possibleDuplicate });
  }

  /** Lets time pass, with a tick at every deadline on the way. */
  pass(durationMs: number): void {
    const until = later(this.now, durationMs);
    for (let due = this.exchange.deadline(); due !== undefined && due <= until; due = this.exchange.deadline()) {
      this.now = instant(Math.max(due, this.now));
      this.give({ type: 'tick' });
    }
    this.now = until;
  }

  /**
   * Lets a machine that looks through the store look, and gives the exchange what it finds, until it wants to wait longer
   * than `patienceMs`, or is done. @returns what it found
   */
  tidy<Found extends ExchangeInput>(machine: Machine<{ readonly type: 'tick' }, Found>, patienceMs: number): Found[] {
    const found: Found[] = [];
    for (let at = machine.deadline(); at !== undefined && at - this.now <= patienceMs; at = machine.deadline()) {
      this.now = later(this.now, Math.max(0, at - this.now));
      for (const input of machine.handle({ type: 'tick' }, this.now)) {
        this.give(input);
        found.push(input);
      }
    }
    return found;
  }

  get history() {
    return historyOf(this.store);
  }

  /** What the user sees of the conversation, oldest first. */
  talk(user: string, peer: string): readonly TextView[] {
    return this.history.history(user, peer, { limit: 1_000 });
  }

  lastText(user: string, peer: string): TextView {
    const text = this.talk(user, peer).at(-1);
    if (text === undefined) throw new Error(`${user} has no text with ${peer}`);
    return text;
  }

  /** The nth short message that was enqueued. */
  part(index: number): ShortMessage {
    const found = this.enqueued[index];
    if (found === undefined) throw new Error(`only ${this.enqueued.length} were enqueued`);
    return found.message;
  }

  #nextCid(): string {
    this.#ids += 1;
    return `c${this.#ids}`;
  }

  #shortMessage(id: MessageId | undefined = undefined): ShortMessage {
    this.#ids += 1;
    return {
      id: id ?? messageId(`00000000-0000-7000-8000-${String(this.#ids).padStart(12, '0')}`),
      from: '',
      to: '',
      content: { type: 'text', text: '', coding: 'gsm7', flash: false },
      header: new Uint8Array(0),
      part: undefined,
      validUntil: later(this.now, 1_000),
      report: 'none',
      createdAt: this.now,
      smscTime: undefined,
      textId: '',
    };
  }

  #recover(): Exchange {
    const memory = recoverExchange(this.store.entries(livePrefix));
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256));
    return new Exchange({ settings: this.settings, memory, store: this.store, randomBytes });
  }
}

/** What the clients were told, in order. */
export function told(outputs: readonly ExchangeOutput[]): readonly ImEvent[] {
  return outputs.flatMap((output) => (output.type === 'deliver' ? [output.event] : []));
}

export function arrivals(outputs: readonly ExchangeOutput[]): readonly string[] {
  return outputs.flatMap((output) => (output.type === 'arrival' ? [output.result] : []));
}
