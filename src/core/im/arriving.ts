/**
 * Short messages out of the mo rings: recognised if they come again, joined, and brought to whom they are meant for.
 * Status reports go on to `fates.ts`. SPEC: DESIGN section 7.
 */
import { logEvent, maskAddress } from '../base/log-event.ts';
import { type Instant, instant } from '../base/time.ts';
import { messageToValue } from '../message/values.ts';
import { peerOfSender } from './address.ts';
import { arrivalCount } from './arrival-memory.ts';
import type { ArrivalResult, ExchangeInput, ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import type { Fates } from './fates.ts';
import { Joining, type WholeText } from './joining.ts';
import { arrivalValue, keys, trailValue, waitingPartValue } from './records.ts';
import { addresseeOf } from './routing.ts';
import type { ServiceDesk } from './service-desk.ts';
import { readServiceWord } from './service-words.ts';
import type { TextMark } from './text.ts';
import type { Turn } from './turn.ts';
import type { UserTexts } from './user-texts.ts';
import { isBlockedBy } from './users.ts';

type Arrived = Extract<ExchangeInput, { type: 'arrived' }>;

export interface ArrivingRooms {
  readonly settings: ExchangeSettings;
  readonly memory: ExchangeMemory;
  readonly texts: UserTexts;
  readonly desk: ServiceDesk;
  readonly fates: Fates;
}

export class Arriving {
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #texts: UserTexts;
  readonly #desk: ServiceDesk;
  readonly #fates: Fates;
  readonly #joining = new Joining();
  /** Texts that turned out to be complete, or too late to become so, when their parts were read back. */
  #recovered: readonly WholeText[];

  constructor({ settings, memory, texts, desk, fates }: ArrivingRooms) {
    this.#settings = settings;
    this.#memory = memory;
    this.#texts = texts;
    this.#desk = desk;
    this.#fates = fates;
    this.#recovered = memory.waitingParts.flatMap((part) => this.#joining.add(part).whole);
  }

  /** When texts have to be looked at again; 0 for at once. */
  deadline(): Instant | undefined {
    return this.#recovered.length > 0 ? instant(0) : this.#joining.deadline();
  }

  arrived(input: Arrived, turn: Turn, now: Instant): void {
    const { smscId, message } = input;
    const before = this.#memory.arrivals.resultOf(smscId, message.id);
    const result = before ?? this.#store(input, turn, now);
    if (before === undefined) {
      const arrival = this.#memory.arrivals.remember(smscId, message.id, result);
      turn.put(keys.arrival(smscId, arrival.number % arrivalCount), arrivalValue(arrival));
    }
    turn.tell({ type: 'arrival', smscId, messageId: message.id, result });
  }

  /** Brings on their way what waited for parts long enough. */
  tick(turn: Turn, now: Instant): void {
    const recovered = this.#recovered;
    this.#recovered = [];
    for (const text of [...recovered, ...this.#joining.expire(now)]) this.#route(text, [], turn, now);
  }

  #store(input: Arrived, turn: Turn, now: Instant): ArrivalResult {
    const { smscId, message } = input;
    const marks: readonly TextMark[] = input.isRepeated ? ['repeated'] : [];
    if (message.content.type === 'status-report') {
      this.#fates.reported(smscId, message.content.report, turn, now);
      return 'stored';
    }
    const { isWaiting, whole } = this.#joining.add({ smscId, arrivedAt: now, message });
    if (isWaiting) turn.put(keys.waitingPart(smscId, message.id), waitingPartValue(now, messageToValue(message)));
    let result: ArrivalResult = 'stored';
    for (const text of whole) {
      const routed = this.#route(text, marks, turn, now);
      if (text.messageIds.includes(message.id)) result = routed;
    }
    return result;
  }

  #route(whole: WholeText, marks: readonly TextMark[], turn: Turn, now: Instant): ArrivalResult {
    if (whole.parts > 1) for (const id of whole.messageIds) turn.delete(keys.waitingPart(whole.smscId, id));
    const handset = this.#memory.handsets.of(whole.from);
    const found = addresseeOf(whole.to, whole.text, {
      ...this.#settings,
      users: this.#memory.users,
      lastWriter: handset?.lastWriter,
    });
    const word = whole.marks.includes('binary') ? undefined : readServiceWord(whole.text, this.#settings.words);
    if (word !== undefined) {
      const { smscId, from } = whole;
      const isPartner = found?.rule === 'own-number' || found?.rule === 'suffix' || found?.rule === 'last-writer';
      this.#desk.serve(word, { smscId, from, partner: isPartner ? found.user : undefined }, turn, now);
      return 'stored';
    }
    if (found === undefined) {
      this.#desk.apologise(whole.smscId, whole.from, turn, now);
      return 'no-addressee';
    }
    const user = this.#memory.users.get(found.user);
    if (user !== undefined && isBlockedBy(user, whole.from)) {
      turn.log(logEvent('info', 'im.blocked', { smsc: whole.smscId, from: maskAddress(whole.from), user: user.name }));
      return 'blocked';
    }
    const view = this.#texts.draft(
      found.user,
      {
        direction: 'in',
        peer: handset?.number ?? peerOfSender(whole.from),
        text: found.text,
        at: whole.at,
        cid: '',
        parts: whole.parts,
        marks: [...whole.marks, ...marks],
      },
      now,
    );
    const { smscId, messageIds } = whole;
    turn.put(keys.trail(found.user, view.id), trailValue({ direction: 'in', smscId, arrivedAt: now, messageIds }));
    this.#texts.receive(found.user, view, turn);
    return 'stored';
  }
}
