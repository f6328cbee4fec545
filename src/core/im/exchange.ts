/**
 * The people's side of the bridge as one machine: takes texts from clients and short messages from rings, finds out who
 * is meant, keeps what each user sees of it, and tells every client of that user. It knows neither sockets nor rings:
 * what goes to an SMSC leaves as `enqueue`, what came from one ends with `arrival`. SPEC: DESIGN section 7.
 *
 * It only passes inputs on to its rooms: `sending`, `arriving`, `fates`, `people`.
 */
import { assertNever } from '../base/invariant.ts';
import { logEvent } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import type { RandomBytes } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import type { MessageId } from '../message/message.ts';
import { Arriving } from './arriving.ts';
import { Clients } from './clients.ts';
import { ConversationBook } from './conversation-book.ts';
import { Departure } from './departure.ts';
import type { ExchangeInput, ExchangeOutput, ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { explainRoute, type RouteAnswer, type RouteQuestion } from './explain.ts';
import { Fates } from './fates.ts';
import type { RecordReader } from './history.ts';
import { People } from './people.ts';
import { isKeyText, isNoteKey, keys, noteValue, numberValue, presentValue } from './records.ts';
import { Sending } from './sending.ts';
import { ServiceDesk } from './service-desk.ts';
import { Turn } from './turn.ts';
import { UserTexts } from './user-texts.ts';
import { Ways } from './ways.ts';

export interface ExchangeOptions {
  readonly settings: ExchangeSettings;
  /** From `recoverExchange`; the exchange owns it from now on. */
  readonly memory: ExchangeMemory;
  /** What is on disk. Only how conversations stand is read from it. */
  readonly store: RecordReader;
  readonly randomBytes: RandomBytes;
}

export class Exchange implements Machine<ExchangeInput, ExchangeOutput> {
  readonly #clients = new Clients();
  readonly #sending: Sending;
  readonly #arriving: Arriving;
  readonly #fates: Fates;
  readonly #people: People;
  readonly #conversations: ConversationBook;
  readonly #ways: Ways;
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;

  constructor({ settings, memory, store, randomBytes }: ExchangeOptions) {
    this.#settings = settings;
    this.#memory = memory;
    const clients = this.#clients;
    const departure = new Departure(settings, memory, randomBytes);
    const conversations = new ConversationBook(store);
    this.#conversations = conversations;
    const texts = new UserTexts({ memory, clients, conversations, randomBytes });
    const ways = new Ways(settings, memory);
    this.#ways = ways;
    const desk = new ServiceDesk(settings, memory, departure);
    this.#fates = new Fates({ settings, memory, texts, departure, ways });
    this.#sending = new Sending({ settings, memory, clients, texts, departure, ways });
    this.#arriving = new Arriving({ settings, memory, texts, desk, fates: this.#fates });
    this.#people = new People(memory, clients);
  }

  handle(input: ExchangeInput, now: Instant): readonly ExchangeOutput[] {
    const turn = new Turn();
    this.#take(input, turn, now);
    this.#fates.plan(now);
    return turn.outputs();
  }

  deadline(): Instant | undefined {
    return earliest(this.#fates.deadline(), this.#arriving.deadline());
  }

  /** Texts of which something more may be learned: not stored for good with their last step. */
  get openTextCount(): number {
    return this.#memory.openTexts.size;
  }

  /** Where a text would go now, by which rule; nothing is changed. */
  explain(question: RouteQuestion, now: Instant): Result<RouteAnswer> {
    return explainRoute(question, this.#settings, this.#memory, now);
  }

  /** As `ImWorld.smscsFor` in gateway.ts. */
  smscsFor(number: string, user: string): readonly string[] {
    const way = this.#ways.to(this.#memory.handsets.of(number)?.number ?? number, user);
    return way.rule === 'none' ? [] : way.smscIds;
  }

  /** Whether a message of that SMSC was stored or refused lately, so that it would only be answered. */
  hasArrived(smscId: string, id: MessageId): boolean {
    return this.#memory.arrivals.resultOf(smscId, id) !== undefined;
  }

  #take(input: ExchangeInput, turn: Turn, now: Instant): void {
    switch (input.type) {
      case 'send':
        return this.#sending.send(input.request, input.storedAs, turn, now);
      case 'written':
        return this.#sending.written(input.user, input.cid);
      case 'arrived':
        return this.#arriving.arrived(input, turn, now);
      case 'moved':
        return this.#fates.moved(input, turn, now);
      case 'outcome':
        return this.#fates.ended(input, turn, now);
      case 'withdrawn':
        return this.#fates.withdrawn(input, turn, now);
      case 'attached':
        return this.#clients.attach(input.client, input.user, input.tokenId, turn);
      case 'detached':
        return this.#clients.detach(input.client);
      case 'read':
        // No conversation is with such a peer, and no store would take the record.
        if (!isKeyText(input.peer)) return;
        turn.put(keys.read(input.user, input.peer), numberValue(input.order));
        return this.#clients.tell(input.user, { type: 'read', peer: input.peer, order: input.order }, turn);
      case 'note':
        return this.#note(input, turn);
      case 'alias':
        if (!isNoteKey(input.address)) return refuseNote(input.gateway, input.address, turn);
        return this.#memory.aliases.change(input, turn);
      case 'forget':
        return this.#forget(input, turn);
      case 'list':
        return this.#list(input, turn);
      case 'link':
        if (input.state === 'down') this.#fates.linkDown(input.smscId);
        return this.#memory.links.changed(input.smscId, input.state, now);
      case 'session':
        return this.#memory.links.sessionChanged(input.smscId, input.state, input.since);
      case 'user':
        return this.#people.change(input.ref, input.change, turn, now);
      case 'tick':
        this.#arriving.tick(turn, now);
        return this.#fates.tick(turn, now);
      default:
        return assertNever(input);
    }
  }

  /** Nothing of what is under way, and no conversation that has a newer text which is not on disk yet. */
  #forget({ user, position, texts }: Extract<ExchangeInput, { type: 'forget' }>, turn: Turn): void {
    const isSettled = this.#memory.positions.get(user) === position;
    for (const { id, lastOf, keys } of texts) {
      if (this.#memory.openTexts.has(id) || (lastOf !== undefined && !isSettled)) continue;
      for (const key of keys) turn.delete(key);
      if (lastOf !== undefined) this.#conversations.forget(user, lastOf);
    }
  }

  #list({ user, conversations, rest }: Extract<ExchangeInput, { type: 'list' }>, turn: Turn): void {
    for (const conversation of conversations) this.#conversations.list(user, conversation, turn);
    if (rest === 'none') turn.put(keys.listed(user), presentValue);
  }

  #note({ gateway, key, value }: Extract<ExchangeInput, { type: 'note' }>, turn: Turn): void {
    if (!isNoteKey(key)) return refuseNote(gateway, key, turn);
    if (value === undefined) turn.delete(keys.note(gateway, key));
    else turn.put(keys.note(gateway, key), noteValue(value));
  }
}

/** Gateways make keys of what strangers say; no store would take this one, and the commit with it would be lost. */
function refuseNote(gateway: string, key: string, turn: Turn): void {
  turn.log(logEvent('warn', 'im.note-refused', { gateway, length: key.length }));
}
