/**
 * Texts from clients: each is known, refused or stored, and answered. To a user it ends in that user's store; to a
 * number it departs. SPEC: DESIGN section 7.
 */
import type { Fault } from '../base/errors.ts';
import { logEvent, maskAddress } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import { isForeign, nameAtDomain, parseAddress } from './address.ts';
import type { Clients } from './clients.ts';
import type { Departure } from './departure.ts';
import type { ExchangeSettings, SendRequest } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { chooseSmsc } from './fallback.ts';
import { blockedReason, noRouteReason, stoppedReason } from './reasons.ts';
import { isKeyText, keys, pointerValue } from './records.ts';
import { SendBudget } from './send-budget.ts';
import type { TextView } from './text.ts';
import type { Turn } from './turn.ts';
import type { UserTexts } from './user-texts.ts';
import { isBlockedBy, originatorOf } from './users.ts';
import type { Ways } from './ways.ts';

/** Characters (UTF-16 units) in one text of a client. */
export const textLengthLimit = 10_000;
/** Characters in a client's own id of a text. */
export const cidLengthLimit = 64;
/**
 * Texts on their way to disk. As many come in 80 s at 200 a second: a disk that is behind by more takes no new ones, since
 * a text that is handed in again before it is in the store must be known from memory.
 */
export const unwrittenLimit = 16_384;

export interface SendingRooms {
  readonly settings: ExchangeSettings;
  readonly memory: ExchangeMemory;
  readonly clients: Clients;
  readonly texts: UserTexts;
  readonly departure: Departure;
  readonly ways: Ways;
}

export class Sending {
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #clients: Clients;
  readonly #texts: UserTexts;
  readonly #departure: Departure;
  readonly #ways: Ways;
  /** By user and cid: not yet in the store, as far as this end was told. */
  readonly #unwritten = new Map<string, TextView>();
  readonly #budget: SendBudget;

  constructor({ settings, memory, clients, texts, departure, ways }: SendingRooms) {
    this.#settings = settings;
    this.#memory = memory;
    this.#clients = clients;
    this.#texts = texts;
    this.#departure = departure;
    this.#ways = ways;
    this.#budget = new SendBudget(settings.sendRate);
  }

  /** @param storedAs the text already in the store under (user, cid) */
  send(request: SendRequest, storedAs: TextView | undefined, turn: Turn, now: Instant): void {
    const { client, user, cid } = request;
    const known = this.#knownText(request, storedAs);
    if (known !== undefined) {
      turn.tell({ type: 'answer', client, user, cid, result: { type: 'stored', text: known } });
      return;
    }
    const refusal = this.#faultIn(request) ?? this.#accept(request, turn, now);
    if (refusal === undefined) return;
    turn.log(logEvent('info', 'im.send-refused', { user, code: refusal.code }));
    const retryable = refusal.code === 'IM_OUTBOX_FULL' || refusal.code === 'IM_TOO_FAST';
    turn.tell({ type: 'answer', client, user, cid, result: { type: 'refused', fault: refusal, retryable } });
  }

  /** That text is found in the store from now on. */
  written(user: string, cid: string): void {
    this.#unwritten.delete(cidKey(user, cid));
  }

  #knownText(request: SendRequest, storedAs: TextView | undefined): TextView | undefined {
    const known = this.#unwritten.get(cidKey(request.user, request.cid)) ?? storedAs;
    return known && (this.#memory.openTexts.get(known.id)?.view ?? known);
  }

  /** What is wrong with the request itself. */
  #faultIn(request: SendRequest): Fault | undefined {
    const { user, cid, text } = request;
    if (!this.#memory.users.has(user)) return fault('IM_UNKNOWN_USER', 'There is no such user any more.');
    if (cid.length === 0 || cid.length > cidLengthLimit) {
      return fault('IM_BAD_REQUEST', `A cid has 1 to ${cidLengthLimit} characters.`);
    }
    if (!isKeyText(cid)) return fault('IM_BAD_REQUEST', 'A cid has no control characters.');
    if (text.length === 0) return fault('IM_BAD_REQUEST', 'The text is empty.');
    if (text.length > textLengthLimit) {
      const message = `The text has ${text.length} characters; at most ${textLengthLimit} can be sent.`;
      return fault('IM_TEXT_TOO_LONG', message);
    }
    return undefined;
  }

  /** Takes a sound request on, or says why not now or not so. */
  #accept(request: SendRequest, turn: Turn, now: Instant): Fault | undefined {
    const { userDomains } = this.#settings;
    const user = this.#memory.aliases.userOf(request.to) ?? nameAtDomain(request.to, userDomains);
    const address = parseAddress(user ?? request.to);
    if (!address.ok) return isForeign(request.to) ? fault('IM_BAD_ADDRESS', strangerWords) : address.fault;
    if (this.#memory.openTexts.size >= this.#settings.openTextCount) {
      turn.log(logEvent('warn', 'im.outbox-full', { openTexts: this.#memory.openTexts.size }));
      return fault('IM_OUTBOX_FULL', 'Too many texts are still on their way; try again later.');
    }
    if (this.#unwritten.size >= unwrittenLimit) {
      turn.log(logEvent('warn', 'im.outbox-full', { unwritten: this.#unwritten.size }));
      return fault('IM_OUTBOX_FULL', 'The disk of the server does not keep up; try again later.');
    }
    if (!this.#budget.take(request.user, now)) {
      return fault('IM_TOO_FAST', 'More texts at once than one user may send; try again in a moment.');
    }
    if (address.value.type === 'user') return this.#sendToUser(request, address.value.name, turn, now);
    return this.#sendToNumber(request, address.value.number, turn, now);
  }

  /** From one store to the same store: it ends where it begins. */
  #sendToUser(request: SendRequest, to: string, turn: Turn, now: Instant): Fault | undefined {
    const receiver = this.#memory.users.get(to);
    if (receiver === undefined) return fault('IM_UNKNOWN_USER', `There is no user named ${to} here.`);
    if (to === request.user) return fault('IM_BAD_ADDRESS', 'This is your own name.');
    const text = { text: request.text, at: now, parts: 1, marks: [] } as const;
    const sent = this.#texts.draft(request.user, { ...text, direction: 'out', peer: to, cid: request.cid }, now);
    if (isBlockedBy(receiver, request.user)) {
      this.#store(request, { ...sent, step: 'failed', reason: blockedReason }, turn);
      return undefined;
    }
    const received = this.#texts.draft(to, { ...text, direction: 'in', peer: request.user, cid: '' }, now);
    this.#store(request, sent, turn);
    // One text, one id, whoever looks at it.
    this.#texts.receive(to, { ...received, id: sent.id }, turn);
    return undefined;
  }

  #sendToNumber(request: SendRequest, typed: string, turn: Turn, now: Instant): Fault | undefined {
    const { user } = request;
    const known = this.#memory.handsets.of(typed);
    const peer = known?.number ?? typed;
    const draft = { direction: 'out', peer, text: request.text, at: now, cid: request.cid, marks: [] } as const;
    const way = this.#ways.to(peer, user);
    const isRefused = this.#memory.refusals.isRefused(peer, user);
    if (way.rule === 'none' || isRefused) {
      const view = this.#texts.draft(user, { ...draft, parts: 0 }, now);
      const event = isRefused ? logEvent('info', 'im.handset-stopped', {}) : logEvent('warn', 'im.no-route', {});
      turn.log({ ...event, fields: { ...event.fields, text: view.id, to: maskAddress(peer) } });
      this.#store(request, { ...view, step: 'failed', reason: isRefused ? stoppedReason : noRouteReason }, turn);
      return undefined;
    }
    const smscId = chooseSmsc(way, this.#memory.links, this.#settings.fallbackAfterMs, now);
    const split = this.#departure.split(request.text);
    if (!split.ok) return split.fault;
    const { parts, header, replacedSurrogates } = split.value;
    const view = this.#texts.draft(user, { ...draft, parts: parts.length }, now);
    if (replacedSurrogates > 0) turn.log(logEvent('warn', 'im.text-repaired', { text: view.id, replacedSurrogates }));
    this.#memory.handsets.remember({ number: peer, lastWriter: user, apologisedAt: known?.apologisedAt }, turn);
    this.#texts.put(user, view, turn);
    if (smscId !== way.smscIds[0]) {
      const ways = { from: way.smscIds[0], to: smscId, why: this.#memory.links.closedFor(way.smscIds[0], 0, now) };
      turn.log(logEvent('warn', 'im.fallback', { text: view.id, ...ways }));
    }
    const from = originatorOf(this.#memory.users.get(user));
    this.#departure.leave({ user, view, smscId, from, header, parts }, turn, now);
    this.#answerStored(request, view, turn);
    return undefined;
  }

  /** Into the store of its sender, who is told so: what does not go on ends there. */
  #store(request: SendRequest, view: TextView, turn: Turn): void {
    this.#texts.put(request.user, view, turn);
    this.#answerStored(request, view, turn);
  }

  #answerStored(request: SendRequest, view: TextView, turn: Turn): void {
    const { client, cid, user } = request;
    turn.put(keys.cid(user, cid), pointerValue(view.id));
    this.#unwritten.set(cidKey(user, cid), view);
    turn.tell({ type: 'answer', client, user, cid, result: { type: 'stored', text: view } });
    this.#clients.tell(user, { type: 'message', text: view }, turn, client);
  }
}

/** Decision 14: who has no user here is not written to. */
const strangerWords =
  'Nobody here has this address: people with an account elsewhere are written to once they have registered it here.';

function fault(code: Fault['code'], message: string): Fault {
  return { code, message };
}

function cidKey(user: string, cid: string): string {
  return `${user} ${cid}`;
}
