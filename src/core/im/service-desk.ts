/**
 * What the bridge itself answers to handsets: to HELP, BLOCK, STOP and START, and that nobody is meant. Few answers per
 * handset: two machines must not talk to each other for ever. SPEC: DESIGN section 7.
 */
import { logEvent, maskAddress } from '../base/log-event.ts';
import { hourMs, type Instant, later } from '../base/time.ts';
import { canReceive } from './address.ts';
import type { Departure } from './departure.ts';
import type { ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { handsetKey } from './handset-book.ts';
import type { ServiceRequest } from './service-words.ts';
import type { Turn } from './turn.ts';

/** A handset is told at most so often that nobody is meant. */
const apologyPauseMs = hourMs;
/** Answers to words per handset and hour; what was asked for is done all the same. */
const answersPerHour = 10;
/** Handsets whose answers are counted; the one asked longest ago is forgotten. */
const countedHandsets = 10_000;

/** A message to the bridge: where it came from, and the user that it would have reached. */
export interface ServiceCall {
  readonly smscId: string;
  readonly from: string;
  /** Whom `BLOCK` alone means: the one who was called, or who last wrote. */
  readonly partner: string | undefined;
}

export class ServiceDesk {
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #departure: Departure;
  readonly #answers = new Map<string, { readonly since: Instant; count: number }>();

  constructor(settings: ExchangeSettings, memory: ExchangeMemory, departure: Departure) {
    this.#settings = settings;
    this.#memory = memory;
    this.#departure = departure;
  }

  /** Does what was asked for, and says so. */
  serve(request: ServiceRequest, call: ServiceCall, turn: Turn, now: Instant): void {
    turn.log(
      logEvent('info', 'im.service-word', { word: request.type, smsc: call.smscId, from: maskAddress(call.from) }),
    );
    const text = this.#carryOut(request, call, turn);
    if (canReceive(call.from) && this.#hasRoom(turn) && this.#mayAnswer(call.from, now)) {
      this.#departure.answer(call.smscId, call.from, text, turn, now);
    }
  }

  /** Says that nobody is meant, unless the settings or the handset want no answer, or it was told lately. */
  apologise(smscId: string, to: string, turn: Turn, now: Instant): void {
    turn.log(logEvent('warn', 'im.no-addressee', { smsc: smscId, from: maskAddress(to) }));
    if (!canReceive(to) || this.#settings.unknownAnswer === '' || this.#memory.refusals.isStopped(to)) return;
    const handset = this.#memory.handsets.of(to);
    if (handset?.apologisedAt !== undefined && now < later(handset.apologisedAt, apologyPauseMs)) return;
    if (!this.#hasRoom(turn)) return;
    this.#memory.handsets.remember(
      { number: handset?.number ?? to, lastWriter: handset?.lastWriter, apologisedAt: now },
      turn,
    );
    this.#departure.answer(smscId, to, this.#settings.unknownAnswer, turn, now);
  }

  /** @returns what the handset is told */
  #carryOut(request: ServiceRequest, { from, partner }: ServiceCall, turn: Turn): string {
    const { refusals, users } = this.#memory;
    const { words } = this.#settings;
    const [block, stop, start] = [words.block[0], words.stop[0], words.start[0]];
    switch (request.type) {
      case 'help':
        return [
          'Begin a message with @name to write to somebody here, or answer one that you got.',
          stop === undefined ? '' : ` ${stop}: no more messages.`,
          block === undefined ? '' : ` ${block} name: none from name.`,
          start === undefined ? '' : ` ${start}: messages again.`,
        ].join('');
      case 'stop':
        return refusals.refuse(from, undefined, turn)
          ? `You get no more messages from here.${start === undefined ? '' : ` ${start} brings them back.`}`
          : this.#noRoom(turn);
      case 'block': {
        const user = request.user ?? partner;
        if (user === undefined || !users.has(user)) return `Write ${block} and the name of somebody here.`;
        return refusals.refuse(from, user, turn)
          ? `You get no more messages from ${user}.${start === undefined ? '' : ` ${start} ${user} brings them back.`}`
          : this.#noRoom(turn);
      }
      case 'start':
        refusals.accept(from, request.user, turn);
        return `You get messages from ${request.user ?? 'here'} again.`;
    }
  }

  /** An answer is a text on its way like any other: strangers must not fill the outbox beyond what people may. */
  #hasRoom(turn: Turn): boolean {
    const openTexts = this.#memory.openTexts.size;
    if (openTexts < this.#settings.openTextCount) return true;
    turn.log(logEvent('warn', 'im.outbox-full', { openTexts }));
    return false;
  }

  #noRoom(turn: Turn): string {
    turn.log(logEvent('error', 'im.refusals-full', { code: 'IM_LIMIT_REACHED' }));
    return 'This could not be noted. Please ask the operator.';
  }

  #mayAnswer(number: string, now: Instant): boolean {
    const key = handsetKey(number);
    const known = this.#answers.get(key);
    const current = known === undefined || now >= later(known.since, hourMs) ? { since: now, count: 0 } : known;
    this.#answers.delete(key);
    this.#answers.set(key, current);
    if (this.#answers.size > countedHandsets) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
    current.count += 1;
    return current.count <= answersPerHour;
  }
}
