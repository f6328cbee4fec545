/**
 * From the SMSC to applications: messages of handsets (20) and status reports (23), who gets which, and what an answer
 * means. What waits is in each account's backlog. Source: docs/reference/cimd2.md sections 2.1, 2.9, 2.10, 5.3, 6.3.
 */
import { maskAddress } from '../../base/log-event.ts';
import { earliest } from '../../base/machine.ts';
import type { Result } from '../../base/result.ts';
import { type Instant, later } from '../../base/time.ts';
import { deliverOutcome, parseErrorCode } from '../../codec/error-codes.ts';
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { findStatusCode } from '../../codec/status-codes.ts';
import type { DeliverySource } from '../../handshake/server-io.ts';
import type { Accounts, LiveAccount } from './accounts.ts';
import { Agenda } from './agenda.ts';
import type { Outgoing } from './backlog.ts';
import { type DeliverMaker, deliverMakers, reportParameters } from './deliver.ts';
import type { Fates, WantedReport } from './fates.ts';
import { Injections } from './injections.ts';
import type { Journal } from './journal.ts';
import type { Connection, Login, Sessions } from './sessions.ts';
import { limits, putOffMs } from './settings.ts';
import type { SmscInput } from './smsc-io.ts';
import type { Stamps } from './stamps.ts';

type Task =
  | { readonly type: 'put-back'; readonly account: LiveAccount; readonly id: number }
  | { readonly type: 'report'; readonly report: WantedReport };

export interface DeliveringRooms {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly fates: Fates;
  readonly journal: Journal;
  readonly stamps: Stamps;
}

export class Delivering {
  readonly #rooms: DeliveringRooms;
  readonly #injections: Injections;
  readonly #agenda = new Agenda<Task>();
  #reference: number;
  #lastId = 0;

  /** @param reference 0–255: that of the first long text is the next */
  constructor(rooms: DeliveringRooms, reference: number) {
    this.#rooms = rooms;
    this.#injections = new Injections(rooms.journal);
    this.#reference = reference;
  }

  /** Of what was made last for any account; 0 before the first. */
  get lastId(): number {
    return this.#lastId;
  }

  /** The next thing to do by time alone, or the end of the hold after a login. */
  deadline(): Instant | undefined {
    let holdEnd: Instant | undefined;
    for (const { login } of this.#rooms.sessions.all()) {
      if (login?.state === 'bound' && login.isHeld) holdEnd = earliest(holdEnd, login.sendFrom);
    }
    return earliest(this.#agenda.nextAt, holdEnd);
  }

  /** Nothing is sent that has no answer yet. */
  get isQuiet(): boolean {
    for (const { backlog } of this.#rooms.accounts.list()) if (backlog.sentCount > 0) return false;
    return true;
  }

  work(now: Instant): void {
    for (let task = this.#agenda.takeDue(now); task !== undefined; task = this.#agenda.takeDue(now)) {
      if (task.type === 'put-back') task.account.backlog.putBack(task.id);
      else this.report(task.report, now);
    }
  }

  /** A report that was asked for; it waits for the answer to its submit. COMPAT: Kannel. SPEC: section 11.1. */
  report(report: WantedReport, now: Instant): void {
    const { message, status } = report;
    if (message.answeredAt > now) {
      this.#agenda.add(message.answeredAt, { type: 'report', report });
      return;
    }
    const account = this.#rooms.accounts.get(message.user);
    if (account?.settings.type !== 'receiving') return;
    const { backlog } = account;
    if (backlog.size >= limits.waitingPerAccount) {
      const fields = { user: message.user, waiting: backlog.size, status };
      this.#rooms.journal.log('error', 'smsc.report-dropped', fields);
      return;
    }
    backlog.add({
      type: 'report',
      id: this.#newId(),
      parameters: reportParameters(message, report),
      conversation: `report ${message.destination}`,
      to: message.destination,
      stamp: message.stamp,
      status,
      subaddress: message.subaddress,
      submitter: message.submitter,
    });
  }

  /** A handset sends a text. @param isOpen whether anything new is taken */
  inject(input: Extract<SmscInput, { readonly type: 'inject' }>, isOpen: boolean, now: Instant): void {
    const { ref, from, to } = input;
    const { accounts, fates, stamps } = this.#rooms;
    const account = accounts.get(fates.replyPaths.userFor(input) ?? '') ?? accounts.ownerOf(to);
    this.#reference = (this.#reference + 1) % 256;
    const makers = deliverMakers(input, this.#reference);
    const refusedFor = isOpen ? whyNotInjected(input, account, makers) : 'The SMSC is shutting down.';
    if (account === undefined || !makers.ok || refusedFor !== undefined) {
      this.#injections.refuse(ref, refusedFor ?? '');
      return;
    }
    this.#injections.begin(ref, makers.value.length, now);
    const conversation = `deliver ${from}>${to}`;
    for (const make of makers.value) {
      const stamp = stamps.next(conversation, now);
      const id = this.#newId();
      const parameters = make(stamp);
      account.backlog.add({ type: 'deliver', id, parameters, conversation, from, to, stamp, injection: ref });
    }
  }

  /** Sends to every session what may be sent to it. */
  pump(now: Instant): void {
    for (const connection of this.#rooms.sessions.all()) {
      const { session, login } = connection;
      if (login?.state !== 'bound' || login.sendFrom > now) continue;
      login.isHeld = false;
      if (!login.account.backlog.hasWaiting) continue;
      while (session.capacity() > 0) {
        const item = login.account.backlog.takeFor(connection.id, (candidate) => {
          if (!this.#mayHave(connection, login, candidate)) return 'skip';
          return session.capacity(sourceOf(candidate, login)) > 0 ? 'take' : 'stop';
        });
        if (item === undefined) break;
        this.#send(connection, login, item, now);
      }
    }
  }

  answered(login: Login, ref: number, packet: Packet, now: Instant): void {
    const { account } = login;
    const { journal, fates } = this.#rooms;
    const value = parameterOf(packet, 900);
    const errorCode = value === undefined ? 0 : (parseErrorCode(value) ?? 2);
    // SPEC: section 2.9. A report's answer has no parameters, so nothing in it keeps the report here.
    if (packet.operation === 70 && deliverOutcome(errorCode) === 'keep') {
      account.backlog.putOff(ref);
      this.#agenda.add(later(now, putOffMs), { type: 'put-back', account, id: ref });
      journal.log('info', 'smsc.deliver-put-off', { user: account.settings.user, errorCode, retryInMs: putOffMs });
      return;
    }
    const item = account.backlog.remove(ref);
    if (item === undefined) return;
    const { to, stamp } = item;
    if (item.type === 'report') {
      journal.tally.reportsAnswered += 1;
      journal.event({ type: 'report-answered', at: now, to, stamp, status: item.status });
      const isFinal = findStatusCode(item.status)?.isFinal === true;
      if (isFinal) fates.tracker.forget({ user: account.settings.user, destination: to, stamp });
      return;
    }
    const isRefused = deliverOutcome(errorCode) === 'failed';
    if (isRefused) journal.tally.deliversRefused += 1;
    else journal.tally.deliversAnswered += 1;
    journal.event({ type: 'deliver-answered', at: now, from: item.from, to, stamp, errorCode });
    this.#injections.partAnswered(item.injection, isRefused ? errorCode : undefined, now);
  }

  /** SPEC: sections 2.1 and 2.2: who gets what. A report returns to who submitted, as long as that is logged in. */
  #mayHave(connection: Connection, login: Login, item: Outgoing): boolean {
    const { type } = login.account.settings;
    if (type === 'send-only') return false;
    if (item.type === 'deliver') return type === 'receiving' || login.fetches > 0;
    if (type !== 'receiving') return false;
    const isSubmitter = (candidate: Connection): boolean =>
      item.subaddress === undefined ? candidate.id === item.submitter : candidate.login?.subaddress === item.subaddress;
    if (isSubmitter(connection)) return true;
    for (const other of this.#rooms.sessions.all()) {
      const isBound = other.login?.account === login.account && other.login.state === 'bound';
      if (isBound && isSubmitter(other)) return false;
    }
    return true;
  }

  #send(connection: Connection, login: Login, item: Outgoing, now: Instant): void {
    const { id: ref, parameters, to, stamp } = item;
    const { journal, sessions } = this.#rooms;
    const operation = item.type === 'deliver' ? 20 : 23;
    sessions.send(connection, { ref, operation, parameters, source: sourceOf(item, login) }, now);
    if (item.type === 'report') {
      journal.tally.reportsSent += 1;
      journal.event({ type: 'report-offered', at: now, to, stamp, status: item.status });
      return;
    }
    login.fetches = Math.max(0, login.fetches - 1);
    const attempt = login.account.backlog.countAttempt(ref);
    journal.tally.deliversOffered += 1;
    if (attempt > 1) journal.tally.deliversRepeated += 1;
    journal.event({ type: 'deliver-offered', at: now, from: item.from, to, stamp, attempt });
  }

  #newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

/** SPEC: section 5.3: what waited before the login is fetched by the message poller, one at a time. */
function sourceOf(item: Outgoing, login: Login): DeliverySource {
  return item.id <= login.storedUpTo ? 'stored' : 'arrived';
}

function whyNotInjected(
  { from, to }: { readonly from: string; readonly to: string },
  account: LiveAccount | undefined,
  makers: Result<readonly DeliverMaker[]>,
): string | undefined {
  if (!isNumber(from) || !isNumber(to)) return 'A number is 1 to 20 digits, with at most one leading +.';
  if (account === undefined) return `No account has the number ${maskAddress(to)}.`;
  if (account.settings.type === 'send-only') return 'The account of that number only sends.';
  if (!makers.ok) return makers.fault.message;
  const size = account.backlog.size + makers.value.length;
  return size > limits.waitingPerAccount ? 'Too many messages wait already.' : undefined;
}

function isNumber(text: string): boolean {
  return /^\+?[0-9]{1,20}$/.test(text) && text.length <= 20;
}
