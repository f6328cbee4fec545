/**
 * The people's side of the bridge as one machine: takes texts from clients and short messages from rings, finds out who
 * is meant, keeps what each user sees of it, and tells every client of that user. It knows neither sockets nor rings:
 * what goes to an SMSC leaves as `enqueue`, what came from one ends with `arrival`. SPEC: DESIGN section 7.
 */
import type { Fault } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import { logEvent, maskAddress } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import type { RandomBytes } from '../base/random.ts';
import { hourMs, type Instant, instant, later, minuteMs } from '../base/time.ts';
import { uuidV7 } from '../base/uuid.ts';
import { messageId, type ShortMessage, type StatusReport } from '../message/message.ts';
import { splitText, type TextPart } from '../message/split.ts';
import { messageToValue } from '../message/values.ts';
import { canReceive, digitsOf, parseAddress } from './address.ts';
import { arrivalCount } from './arrival-memory.ts';
import type {
  ArrivalResult,
  ClientRef,
  ExchangeInput,
  ExchangeOutput,
  ExchangeSettings,
  ImEvent,
  SendRequest,
  UserChange,
} from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { Joining, type WholeText } from './joining.ts';
import {
  hasLeft,
  isClosed,
  isOpenEnded,
  type OpenText,
  stateOfOutcome,
  stateOfReport,
  stepOf,
  withMark,
  withPart,
} from './open-text.ts';
import { noRouteReason } from './reasons.ts';
import {
  arrivalValue,
  conversationValue,
  earlyReportValue,
  type Handset,
  handsetValue,
  keys,
  numberValue,
  openTextValue,
  pointerValue,
  userValue,
  viewValue,
  waitingPartValue,
} from './records.ts';
import { addresseeOf, routeTo } from './routing.ts';
import { SendBudget } from './send-budget.ts';
import { type TextMark, type TextView, textId } from './text.ts';
import { Turn } from './turn.ts';
import { changeUsers } from './users.ts';

/** Characters (UTF-16 units) in one text of a client. */
export const textLengthLimit = 10_000;
/** Characters in a client's own id of a text. */
export const cidLengthLimit = 64;
/** Handsets whose last writer is remembered; the one used longest ago is forgotten. */
export const handsetCount = 100_000;
/** Texts found by their client's id without a look into the store; bridges the time until they are committed. */
const recentCidCount = 16_384;
/** How often open texts are looked through for what is overdue. */
const sweepMs = minuteMs;
/** After its validity: a report may still be on its way for so long before its absence is shown. */
const reportGraceMs = hourMs;
/** After its validity: a report that comes even later than this finds nobody. */
const closeAfterMs = 25 * hourMs;
/** A handset is told at most so often that nobody is meant. */
const apologyPauseMs = hourMs;

const apology =
  'Nobody here is meant by your message. Begin it with @name, or answer a message that you got from here.';

export interface ExchangeOptions {
  readonly settings: ExchangeSettings;
  /** From `recoverExchange`; the exchange owns it from now on. */
  readonly memory: ExchangeMemory;
  readonly randomBytes: RandomBytes;
}

export class Exchange implements Machine<ExchangeInput, ExchangeOutput> {
  readonly #settings: ExchangeSettings;
  readonly #memory: ExchangeMemory;
  readonly #randomBytes: RandomBytes;
  readonly #joining: Joining;
  readonly #clients = new Map<ClientRef, string>();
  readonly #clientsOf = new Map<string, Set<ClientRef>>();
  readonly #recentCids = new Map<string, TextView>();
  readonly #budget: SendBudget;
  #reference: number;
  #sweepAt: Instant | undefined;
  /** Texts that turned out to be complete, or too late to become so, when their parts were read back. */
  #recovered: readonly WholeText[];

  constructor(options: ExchangeOptions) {
    this.#settings = options.settings;
    this.#memory = options.memory;
    this.#randomBytes = options.randomBytes;
    this.#budget = new SendBudget(options.settings.sendRate);
    // Long texts to one handset within a restart shall not share a reference by accident.
    this.#reference = options.randomBytes(1)[0] ?? 0;
    this.#joining = new Joining();
    this.#recovered = options.memory.waitingParts.flatMap((part) => this.#joining.add(part).whole);
  }

  handle(input: ExchangeInput, now: Instant): readonly ExchangeOutput[] {
    const turn = new Turn();
    this.#take(input, turn, now);
    if (this.#sweepAt === undefined && this.#hasWork()) this.#sweepAt = later(now, sweepMs);
    return turn.outputs();
  }

  deadline(): Instant | undefined {
    if (this.#recovered.length > 0) return instant(0);
    return earliest(this.#sweepAt, this.#joining.deadline());
  }

  #take(input: ExchangeInput, turn: Turn, now: Instant): void {
    switch (input.type) {
      case 'send':
        this.#send(input.request, input.storedAs, turn, now);
        break;
      case 'arrived':
        this.#arrived(input, turn, now);
        break;
      case 'moved':
        this.#moved(input, turn);
        break;
      case 'outcome':
        this.#outcome(input, turn);
        break;
      case 'attached':
        this.#attach(input.client, input.user, turn);
        break;
      case 'detached':
        this.#detach(input.client);
        break;
      case 'read':
        turn.put(keys.read(input.user, input.peer), numberValue(input.order));
        this.#tellUser(input.user, { type: 'read', peer: input.peer, order: input.order }, turn);
        break;
      case 'user':
        this.#changeUser(input.ref, input.change, turn, now);
        break;
      case 'tick':
        this.#tick(turn, now);
        break;
      default:
        assertNever(input);
    }
  }

  // — Texts from clients —

  #send(request: SendRequest, storedAs: TextView | undefined, turn: Turn, now: Instant): void {
    const { client, cid } = request;
    const known = this.#knownText(request, storedAs);
    if (known !== undefined) {
      turn.tell({ type: 'answer', client, cid, result: { type: 'stored', text: known } });
      return;
    }
    const refusal = this.#faultIn(request) ?? this.#accept(request, turn, now);
    if (refusal === undefined) return;
    turn.log(logEvent('info', 'im.send-refused', { user: request.user, code: refusal.code }));
    const retryable = refusal.code === 'IM_OUTBOX_FULL' || refusal.code === 'IM_TOO_FAST';
    turn.tell({ type: 'answer', client, cid, result: { type: 'refused', fault: refusal, retryable } });
  }

  #knownText(request: SendRequest, storedAs: TextView | undefined): TextView | undefined {
    const known = this.#recentCids.get(cidKey(request.user, request.cid)) ?? storedAs;
    return known && (this.#memory.openTexts.get(known.id)?.view ?? known);
  }

  /** What is wrong with the request itself. */
  #faultIn(request: SendRequest): Fault | undefined {
    const { user, cid, text } = request;
    if (!this.#memory.users.has(user)) return fault('IM_UNKNOWN_USER', 'There is no such user any more.');
    if (cid.length === 0 || cid.length > cidLengthLimit) {
      return fault('IM_BAD_REQUEST', `A cid has 1 to ${cidLengthLimit} characters.`);
    }
    if (text.length === 0) return fault('IM_BAD_REQUEST', 'The text is empty.');
    if (text.length > textLengthLimit) {
      const message = `The text has ${text.length} characters; at most ${textLengthLimit} can be sent.`;
      return fault('IM_TEXT_TOO_LONG', message);
    }
    return undefined;
  }

  /** Takes a sound request on, or says why not now or not so. */
  #accept(request: SendRequest, turn: Turn, now: Instant): Fault | undefined {
    const address = parseAddress(request.to);
    if (!address.ok) return address.fault;
    if (this.#memory.openTexts.size >= this.#settings.openTextCount) {
      turn.log(logEvent('warn', 'im.outbox-full', { openTexts: this.#memory.openTexts.size }));
      return fault('IM_OUTBOX_FULL', 'Too many texts are still on their way; try again later.');
    }
    if (!this.#budget.take(request.user, now)) {
      return fault('IM_TOO_FAST', 'More texts at once than one user may send; try again in a moment.');
    }
    if (address.value.type === 'user') return this.#sendToUser(request, address.value.name, turn, now);
    return this.#sendToNumber(request, address.value.number, turn, now);
  }

  /** From one store to the same store: it ends where it begins. */
  #sendToUser(request: SendRequest, to: string, turn: Turn, now: Instant): Fault | undefined {
    if (!this.#memory.users.has(to)) return fault('IM_UNKNOWN_USER', `There is no user named ${to} here.`);
    if (to === request.user) return fault('IM_BAD_ADDRESS', 'This is your own name.');
    const text = { text: request.text, at: now, parts: 1, marks: [] } as const;
    const sent = this.#newView(request.user, { ...text, direction: 'out', peer: to, cid: request.cid }, now);
    const received = this.#newView(to, { ...text, direction: 'in', peer: request.user, cid: '' }, now);
    this.#putNewText(request.user, sent, turn);
    this.#answerStored(request, sent, turn);
    // One text, one id, whoever looks at it.
    this.#receive(to, { ...received, id: sent.id }, turn);
    return undefined;
  }

  #sendToNumber(request: SendRequest, typed: string, turn: Turn, now: Instant): Fault | undefined {
    const { user } = request;
    const known = this.#memory.handsets.get(handsetKey(typed));
    const peer = known?.number ?? typed;
    const draft = { direction: 'out', peer, text: request.text, at: now, cid: request.cid, marks: [] } as const;
    const smscId = routeTo(peer, this.#settings.routes);
    if (smscId === undefined) {
      const view = this.#newView(user, { ...draft, parts: 0 }, now);
      const failed: TextView = { ...view, step: 'failed', reason: noRouteReason };
      turn.log(logEvent('warn', 'im.no-route', { text: view.id, to: maskAddress(peer) }));
      this.#putNewText(user, failed, turn);
      this.#answerStored(request, failed, turn);
      return undefined;
    }
    const split = splitText(request.text, {
      reference: this.#nextReference(),
      national: this.#settings.national,
    });
    if (!split.ok) return split.fault;
    const { parts, header, replacedSurrogates } = split.value;
    const view = this.#newView(user, { ...draft, parts: parts.length }, now);
    if (replacedSurrogates > 0) turn.log(logEvent('warn', 'im.text-repaired', { text: view.id, replacedSurrogates }));
    this.#rememberHandset({ number: peer, lastWriter: user, apologisedAt: known?.apologisedAt }, turn);
    this.#putNewText(user, view, turn);
    this.#leave({ user, view, smscId, from: this.#memory.users.get(user)?.suffix ?? '', header, parts }, turn, now);
    this.#answerStored(request, view, turn);
    return undefined;
  }

  /** Puts the parts of a text on their way, first to last. */
  #leave(
    text: {
      readonly user: string;
      readonly view: TextView;
      readonly smscId: string;
      readonly from: string;
      /** Of every part. */
      readonly header: Uint8Array;
      readonly parts: readonly TextPart[];
    },
    turn: Turn,
    now: Instant,
  ): void {
    const validUntil = later(now, this.#settings.validityMs);
    const messages = text.parts.map(
      (part): ShortMessage => ({
        id: messageId(uuidV7(now, this.#randomBytes)),
        from: text.from,
        to: text.view.peer,
        content: { type: 'text', text: part.text, coding: part.coding, flash: false },
        header: text.header,
        part: part.part,
        validUntil,
        report: text.user === '' ? 'none' : this.#settings.reports,
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
      reports: text.user === '' ? 'none' : this.#settings.reports,
      isOverdue: false,
      parts: messages.map(({ id, to }) => ({ messageId: id, destination: to, state: { type: 'waiting' } })),
    };
    this.#memory.keepOpen(open);
    turn.put(keys.openText(text.view.id), openTextValue(open));
    for (const message of messages) turn.enqueue({ smscId: text.smscId, message });
  }

  #answerStored(request: SendRequest, view: TextView, turn: Turn): void {
    const { client, cid, user } = request;
    turn.put(keys.cid(user, cid), pointerValue(view.id));
    this.#recentCids.set(cidKey(user, cid), view);
    if (this.#recentCids.size > recentCidCount) {
      for (const oldest of this.#recentCids.keys()) {
        this.#recentCids.delete(oldest);
        break;
      }
    }
    turn.tell({ type: 'answer', client, cid, result: { type: 'stored', text: view } });
    this.#tellUser(user, { type: 'message', text: view }, turn, client);
  }

  // — Short messages from handsets —

  #arrived(input: Extract<ExchangeInput, { type: 'arrived' }>, turn: Turn, now: Instant): void {
    const { smscId, message } = input;
    const before = this.#memory.arrivals.resultOf(smscId, message.id);
    const result = before ?? this.#store(input, turn, now);
    if (before === undefined) {
      const arrival = this.#memory.arrivals.remember(smscId, message.id, result);
      turn.put(keys.arrival(smscId, arrival.number % arrivalCount), arrivalValue(arrival));
    }
    turn.tell({ type: 'arrival', smscId, messageId: message.id, result });
  }

  #store(input: Extract<ExchangeInput, { type: 'arrived' }>, turn: Turn, now: Instant): ArrivalResult {
    const { smscId, message } = input;
    const marks: readonly TextMark[] = input.isRepeated ? ['repeated'] : [];
    if (message.content.type === 'status-report') {
      this.#reported(smscId, message.content.report, turn, now);
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
    const handset = this.#memory.handsets.get(handsetKey(whole.from));
    const found = addresseeOf(whole.to, whole.text, {
      users: this.#memory.users,
      serviceNumbers: this.#settings.serviceNumbers,
      defaultUser: this.#settings.defaultUser,
      lastWriter: handset?.lastWriter,
    });
    if (found === undefined) {
      this.#apologise(whole.smscId, whole.from, turn, now);
      return 'no-addressee';
    }
    const view = this.#newView(
      found.user,
      {
        direction: 'in',
        peer: handset?.number ?? whole.from,
        text: found.text,
        at: whole.at,
        cid: '',
        parts: whole.parts,
        marks: [...whole.marks, ...marks],
      },
      now,
    );
    this.#receive(found.user, view, turn);
    return 'stored';
  }

  /** Into the store of its addressee, and to all clients of it. */
  #receive(user: string, view: TextView, turn: Turn): void {
    this.#putNewText(user, view, turn);
    this.#tellUser(user, { type: 'message', text: view }, turn);
  }

  /** Says so to the handset, seldom: two machines must not talk to each other for ever. */
  #apologise(smscId: string, to: string, turn: Turn, now: Instant): void {
    turn.log(logEvent('warn', 'im.no-addressee', { smsc: smscId, from: maskAddress(to) }));
    if (!canReceive(to)) return;
    const handset = this.#memory.handsets.get(handsetKey(to));
    if (handset?.apologisedAt !== undefined && now < later(handset.apologisedAt, apologyPauseMs)) return;
    this.#rememberHandset({ number: handset?.number ?? to, lastWriter: handset?.lastWriter, apologisedAt: now }, turn);
    const view: TextView = {
      id: textId(uuidV7(now, this.#randomBytes)),
      direction: 'out',
      peer: to,
      text: apology,
      at: now,
      order: 0,
      position: 0,
      step: 'stored',
      reason: undefined,
      cid: '',
      parts: 1,
      marks: [],
    };
    const parts: readonly TextPart[] = [{ text: apology, coding: 'gsm7', part: undefined }];
    this.#leave({ user: '', view, smscId, from: '', header: new Uint8Array(0), parts }, turn, now);
  }

  // — What became of texts —

  #moved(input: Extract<ExchangeInput, { type: 'moved' }>, turn: Turn): void {
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    let next = input.status === 'in-doubt' ? withPart(text, place.partIndex, { type: 'in-doubt' }) : text;
    if (input.possibleDuplicate) {
      next = withMark(withPart(next, place.partIndex, { type: 'in-doubt' }), 'possible-duplicate');
    }
    if (next !== text) this.#keep(text, next, turn);
  }

  #outcome(input: Extract<ExchangeInput, { type: 'outcome' }>, turn: Turn): void {
    const place = this.#memory.parts.get(input.messageId);
    const text = place && this.#memory.openTexts.get(place.textId);
    if (place === undefined || text === undefined) return;
    const state = stateOfOutcome(input.outcome, input.possibleDuplicate);
    let next = withPart(text, place.partIndex, state);
    if (next === text) return;
    if (input.possibleDuplicate) next = withMark(next, 'possible-duplicate');
    if (state.type === 'accepted' && isOpenEnded(next, state)) {
      const destination = next.parts[place.partIndex]?.destination ?? '';
      const early = this.#memory.reports.takeEarly(input.smscId, destination, state.stamp);
      if (early === undefined) {
        this.#memory.reports.expect(input.smscId, destination, state.stamp, place.textId, place.partIndex);
      } else {
        turn.delete(keys.earlyReport(early.number));
        next = withPart(next, place.partIndex, stateOfReport(next, state, early.status, early.error));
      }
    }
    this.#keep(text, next, turn);
  }

  #reported(smscId: string, report: StatusReport, turn: Turn, now: Instant): void {
    const match = this.#memory.reports.match(smscId, report);
    const text = match && this.#memory.openTexts.get(match.textId);
    const part = match && text?.parts[match.partIndex];
    if (match === undefined || text === undefined || part?.state.type !== 'accepted') {
      const keepUntil = later(now, this.#settings.validityMs + reportGraceMs);
      const { kept, dropped } = this.#memory.reports.keep(smscId, report, keepUntil);
      turn.put(keys.earlyReport(kept.number), earlyReportValue(kept));
      if (dropped !== undefined) turn.delete(keys.earlyReport(dropped.number));
      turn.log(logEvent('info', 'im.report-unmatched', { smsc: smscId, to: maskAddress(report.destination) }));
      return;
    }
    const state = stateOfReport(text, part.state, report.status, report.error);
    const told = withPart(text, match.partIndex, state);
    if (state.type !== 'accepted') {
      this.#memory.reports.forget(smscId, part.destination, part.state.stamp, match.textId, match.partIndex);
    }
    this.#keep(text, match.isAmbiguous ? withMark(told, 'ambiguous') : told, turn);
  }

  /** Writes down a changed text, and tells its user if it shows. */
  #keep(before: OpenText, after: OpenText, turn: Turn): void {
    const { step, reason } = stepOf(after);
    const { view } = after;
    const isShown = step !== view.step || reason?.code !== view.reason?.code || after.view.marks !== before.view.marks;
    let next = after;
    if (isShown && after.user === '') next = { ...after, view: { ...view, step, reason } };
    else if (isShown) {
      const position = this.#memory.nextPosition(after.user);
      next = { ...after, view: { ...view, step, reason, position } };
      turn.put(keys.position(after.user), numberValue(position));
      turn.delete(keys.change(after.user, view.position));
      turn.put(keys.change(after.user, position), pointerValue(view.id));
      turn.put(keys.text(after.user, view.id), viewValue(next.view));
      const { id, peer, marks } = next.view;
      this.#tellUser(after.user, { type: 'step', id, peer, step, reason, marks, position }, turn);
    }
    if (isClosed(next)) {
      this.#memory.close(before);
      turn.delete(keys.openText(view.id));
    } else {
      this.#memory.keepOpen(next);
      turn.put(keys.openText(view.id), openTextValue(next));
    }
  }

  // — Clients and users —

  #attach(client: ClientRef, user: string, turn: Turn): void {
    this.#detach(client);
    this.#clients.set(client, user);
    const clients = this.#clientsOf.get(user) ?? new Set();
    this.#clientsOf.set(user, clients.add(client));
    turn.tell({ type: 'deliver', client, event: { type: 'attached', user } });
  }

  #detach(client: ClientRef): void {
    const user = this.#clients.get(client);
    if (user === undefined) return;
    this.#clients.delete(client);
    const clients = this.#clientsOf.get(user);
    clients?.delete(client);
    if (clients?.size === 0) this.#clientsOf.delete(user);
  }

  #tellUser(user: string, event: ImEvent, turn: Turn, except?: ClientRef): void {
    for (const client of this.#clientsOf.get(user) ?? []) {
      if (client !== except) turn.tell({ type: 'deliver', client, event });
    }
  }

  #changeUser(ref: string, change: UserChange, turn: Turn, now: Instant): void {
    const changed = changeUsers(this.#memory.users, change, now);
    if (!changed.ok) {
      turn.tell({ type: 'user-answer', ref, fault: changed.fault });
      return;
    }
    for (const [name, user] of changed.value) {
      if (user === undefined) {
        this.#memory.users.delete(name);
        turn.delete(keys.user(name));
      } else {
        this.#memory.users.set(name, user);
        turn.put(keys.user(name), userValue(user));
      }
    }
    turn.log(logEvent('info', 'im.user-changed', { change: change.type, user: change.name }));
    turn.tell({ type: 'user-answer', ref, fault: undefined });
    if (change.type !== 'add') this.#tellUser(change.name, { type: 'signed-out', user: change.name }, turn);
  }

  // — Time —

  #hasWork(): boolean {
    return this.#memory.openTexts.size > 0 || this.#memory.reports.earlyCount > 0;
  }

  #tick(turn: Turn, now: Instant): void {
    const recovered = this.#recovered;
    this.#recovered = [];
    for (const text of [...recovered, ...this.#joining.expire(now)]) this.#route(text, [], turn, now);
    if (this.#sweepAt === undefined || now < this.#sweepAt) return;
    this.#sweepAt = undefined;
    for (const text of [...this.#memory.openTexts.values()]) this.#sweep(text, turn, now);
    for (const report of this.#memory.reports.expire(now)) {
      turn.delete(keys.earlyReport(report.number));
      turn.log(logEvent('info', 'im.report-dropped', { smsc: report.smscId, to: maskAddress(report.destination) }));
    }
  }

  #sweep(text: OpenText, turn: Turn, now: Instant): void {
    if (!hasLeft(text)) return;
    if (now >= later(text.validUntil, closeAfterMs)) {
      this.#memory.close(text);
      turn.delete(keys.openText(text.view.id));
    } else if (!text.isOverdue && now >= later(text.validUntil, reportGraceMs)) {
      this.#keep(text, { ...text, isOverdue: true }, turn);
    }
  }

  // — What all of them need —

  /** A text that is new to this user, at the next place of the user's history. */
  #newView(
    user: string,
    text: Pick<TextView, 'direction' | 'peer' | 'text' | 'at' | 'cid' | 'parts' | 'marks'>,
    now: Instant,
  ): TextView {
    const position = this.#memory.nextPosition(user);
    const id = textId(uuidV7(now, this.#randomBytes));
    return { ...text, id, order: position, position, step: 'stored', reason: undefined };
  }

  #putNewText(user: string, view: TextView, turn: Turn): void {
    turn.put(keys.position(user), numberValue(view.position));
    turn.put(keys.text(user, view.id), viewValue(view));
    turn.put(keys.order(user, view.peer, view.order), pointerValue(view.id));
    turn.put(keys.conversation(user, view.peer), conversationValue(view.order, view.id));
    turn.put(keys.change(user, view.position), pointerValue(view.id));
  }

  #rememberHandset(handset: Handset, turn: Turn): void {
    const key = handsetKey(handset.number);
    const { handsets } = this.#memory;
    handsets.delete(key);
    handsets.set(key, handset);
    turn.put(keys.handset(key), handsetValue(handset));
    if (handsets.size <= handsetCount) return;
    for (const oldest of handsets.keys()) {
      handsets.delete(oldest);
      turn.delete(keys.handset(oldest));
      return;
    }
  }

  /** 0–255: eight bits are read by every handset. */
  #nextReference(): number {
    this.#reference = (this.#reference + 1) % 256;
    return this.#reference;
  }
}

function fault(code: Fault['code'], message: string): Fault {
  return { code, message };
}

function cidKey(user: string, cid: string): string {
  return `${user} ${cid}`;
}

/** Digits of a number, so that its spellings are one handset; other senders (`Info`) as they are. */
function handsetKey(number: string): string {
  return /^\+?[0-9]+$/.test(number) ? digitsOf(number) : number;
}
