/**
 * A whole SMSC to test against, as one machine. Here is only the way from room to room: sessions bring requests, which
 * are judged (accounts, submits, requests) and answered; messages go to the handsets, their fates become reports, and
 * those go out with what handsets send (delivering). It keeps nothing on disk: a simulator that is restarted begins
 * anew. Turns and numbers are the session's (core/handshake). Source: docs/reference/cimd2.md; DESIGN section 5.
 */
import { assertNever } from '../../base/invariant.ts';
import { earliest, type Machine } from '../../base/machine.ts';
import type { Random } from '../../base/random.ts';
import { type Instant, later } from '../../base/time.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import type { ServerInput, ServerToken } from '../../handshake/server-io.ts';
import { Accounts } from './accounts.ts';
import { Agenda } from './agenda.ts';
import { Delivering } from './delivering.ts';
import { Fates } from './fates.ts';
import { type Fate, numberOf } from './handset-message.ts';
import { Handsets } from './handsets.ts';
import { Journal } from './journal.ts';
import { mendRequest } from './leniency.ts';
import { type Refusal, refusal, refusalParameters } from './refusal.ts';
import { answerRequest } from './requests.ts';
import { type Connection, type Login, type SessionNews, Sessions } from './sessions.ts';
import { limits, type Rules, type SmscSettings } from './settings.ts';
import type { ConnectionId, HandsetView, SmscCounts, SmscInput, SmscOutput, WholeHandset } from './smsc-io.ts';
import { Stamps } from './stamps.ts';
import { type JudgedSubmit, Submits } from './submits.ts';

/** How long a drain waits for answers to what was sent. */
const drainMs = 2_000;

type Task =
  | {
      readonly type: 'answer';
      readonly connection: ConnectionId;
      readonly token: ServerToken;
      readonly parameters: readonly Parameter[];
    }
  | { readonly type: 'cut' }
  | { readonly type: 'end-drain' };

export class SmscRole implements Machine<SmscInput, SmscOutput> {
  readonly #settings: SmscSettings;
  readonly #rules: Rules;
  readonly #random: Random;
  readonly #journal = new Journal();
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #submits: Submits;
  readonly #handsets: Handsets;
  readonly #fates: Fates;
  readonly #delivering: Delivering;
  readonly #agenda = new Agenda<Task>();
  #state: 'open' | 'draining' | 'drained' = 'open';
  #waitingAnswers = 0;

  /** @param now when the process starts: the first cut is counted from it */
  constructor(settings: SmscSettings, random: Random, now: Instant) {
    this.#settings = settings;
    this.#rules = settings.rules ?? 'strict';
    this.#random = random;
    const { unknownNumbers, handsets: configured, attemptDelaysMs, zoneOffset } = settings;
    this.#accounts = new Accounts(settings.accounts);
    this.#sessions = new Sessions(settings.session, this.#journal);
    this.#submits = new Submits(settings, this.#journal);
    this.#handsets = new Handsets({ unknownNumbers, configured, attemptDelaysMs });
    this.#fates = new Fates(this.#journal, zoneOffset);
    this.#delivering = new Delivering(
      {
        ...{ accounts: this.#accounts, sessions: this.#sessions, fates: this.#fates, journal: this.#journal },
        stamps: new Stamps(zoneOffset),
      },
      Math.floor(random() * 256),
    );
    this.#planCut(now);
  }

  handle(input: SmscInput, now: Instant): readonly SmscOutput[] {
    this.#take(input, now);
    this.#work(now);
    if (this.#state === 'open') this.#delivering.pump(now);
    this.#settleDrain(now);
    return this.#journal.take();
  }

  deadline(): Instant | undefined {
    return earliest(
      this.#agenda.nextAt,
      this.#handsets.deadline(),
      this.#fates.inboxes.deadline(),
      this.#delivering.deadline(),
      this.#sessions.deadline(),
    );
  }

  counts(): SmscCounts {
    let deliversWaiting = 0;
    let waiting = 0;
    for (const { backlog } of this.#accounts.list()) {
      deliversWaiting += backlog.deliverCount;
      waiting += backlog.size;
    }
    return {
      ...this.#journal.tally,
      deliversWaiting,
      reportsWaiting: waiting - deliversWaiting,
      messagesWaiting: this.#handsets.openCount,
      sessions: this.#sessions.boundCount,
    };
  }

  handsets(): readonly HandsetView[] {
    const { inboxes } = this.#fates;
    return this.#handsets.list().map((handset) => ({ ...handset, received: inboxes.count(handset.number) }));
  }

  /** @param number with or without `+`; undefined where there is no such handset */
  handset(number: string): WholeHandset | undefined {
    const view = this.handsets().find((handset) => handset.number === numberOf(number));
    if (view === undefined) return undefined;
    const inbox = this.#fates.inboxes.list(view.number);
    return { ...view, inbox, queue: this.#handsets.queue(view.number) };
  }

  #take(input: SmscInput, now: Instant): void {
    switch (input.type) {
      case 'opened':
        this.#opened(input.connection, input.remote, now);
        return;
      case 'received':
        this.#toSession(input.connection, { type: 'received', bytes: input.bytes }, now);
        return;
      case 'closed':
        this.#toSession(input.connection, { type: 'closed', reason: input.reason }, now);
        return;
      case 'inject':
        this.#delivering.inject(input, this.#state === 'open', now);
        return;
      case 'set-handset':
        this.#handsets.setState(input.number, input.state, now);
        this.#journal.event({ type: 'handset', at: now, number: numberOf(input.number), state: input.state.type });
        return;
      case 'cut':
        this.#cut(now);
        return;
      case 'shut-down':
        this.#beginDrain(now);
        return;
      case 'tick':
        for (const { id, session } of [...this.#sessions.all()]) {
          const at = session.deadline();
          if (at !== undefined && at <= now) this.#toSession(id, { type: 'tick' }, now);
        }
        return;
      default:
        assertNever(input);
    }
  }

  /** All that is due, in its order: answers come before the reports that follow from them. */
  #work(now: Instant): void {
    for (let task = this.#agenda.takeDue(now); task !== undefined; task = this.#agenda.takeDue(now)) {
      switch (task.type) {
        case 'answer':
          this.#waitingAnswers -= 1;
          this.#respond(task.connection, task.token, task.parameters, now);
          break;
        case 'cut':
          this.#cut(now);
          this.#planCut(now);
          break;
        case 'end-drain':
          this.#endDrain(now);
          break;
        default:
          assertNever(task);
      }
    }
    this.#befall(this.#handsets.work(now), now);
    this.#fates.expire(now);
    this.#delivering.work(now);
  }

  #befall(fates: readonly Fate[], now: Instant): void {
    for (const fate of fates) {
      const report = this.#fates.befall(fate, now);
      if (report !== undefined) this.#delivering.report(report, now);
    }
  }

  // Sessions and what they ask for

  #opened(id: ConnectionId, remote: string, now: Instant): void {
    if (this.#state !== 'open') this.#sessions.refuse(id, 'shutting down');
    else if (this.#sessions.open(id, remote) !== undefined) this.#toSession(id, { type: 'opened' }, now);
  }

  #toSession(id: ConnectionId, input: ServerInput, now: Instant): void {
    const connection = this.#sessions.get(id);
    if (connection === undefined) return;
    for (const output of this.#sessions.outputsOf(connection, input, now)) {
      const news = this.#sessions.note(connection, output, now);
      if (news !== undefined) this.#hear(connection, news, now);
    }
  }

  #hear(connection: Connection, news: SessionNews, now: Instant): void {
    const { login } = connection;
    switch (news.type) {
      case 'request':
        this.#request(connection, news.token, news.packet, now);
        return;
      case 'response':
        if (login !== undefined) this.#delivering.answered(login, news.ref, news.packet, now);
        return;
      case 'unknown':
        login?.account.backlog.putBack(news.ref);
        return;
      default:
        assertNever(news);
    }
  }

  #request(connection: Connection, token: ServerToken, packet: Packet, now: Instant): void {
    const { login } = connection;
    const user = login?.account.settings.user ?? parameterOf(packet, 10);
    const interference = this.#settings.interfere?.({ operation: packet.operation, user, now });
    if (interference !== undefined) {
      this.#interfered(connection, token, packet, { user: user ?? '', errorCode: interference }, now);
    } else if (packet.operation === 1) {
      this.#logIn(connection, token, this.#mended(packet, user ?? '', now), now);
    } else if (login !== undefined) {
      this.#carryOut(connection, login, token, this.#mended(packet, user ?? '', now), now);
    }
  }

  #interfered(
    connection: Connection,
    token: ServerToken,
    packet: Packet,
    { user, errorCode }: { readonly user: string; readonly errorCode: number },
    now: Instant,
  ): void {
    const { operation } = packet;
    const why = refusal(errorCode, 'A scenario refuses it.', '9');
    this.#journal.log('info', 'smsc.interfered', { connection: connection.id, operation, errorCode });
    if (operation === 3) this.#answer(connection, token, this.#submits.refuse(packet, user, why, now, now), now);
    else this.#refuse(connection, token, { operation, user }, why, now);
  }

  /** A strict SMSC takes requests as they are. */
  #mended(packet: Packet, user: string, now: Instant): Packet {
    if (this.#rules === 'strict') return packet;
    const { packet: mended, what } = mendRequest(packet);
    if (what.length > 0) {
      const { operation } = packet;
      this.#journal.tally.requestsMended += 1;
      this.#journal.log('info', 'smsc.mended', { operation, user, what: what.join('; ') });
      this.#journal.event({ type: 'mended', at: now, operation, user, what });
    }
    return mended;
  }

  #logIn(connection: Connection, token: ServerToken, packet: Packet, now: Instant): void {
    const verdict = this.#accounts.judgeLogin(packet, (account) => this.#sessions.subaddressesOf(account), this.#rules);
    if (verdict.type === 'refused') {
      this.#refuse(connection, token, { operation: 1, user: parameterOf(packet, 10) ?? '' }, verdict.refusal, now);
      return;
    }
    const { account, subaddress } = verdict;
    const { lastId: storedUpTo } = this.#delivering;
    connection.login = { account, subaddress, state: 'asked', sendFrom: now, isHeld: true, storedUpTo, fetches: 0 };
    // SPEC: section 5.3: only a receiving account has its window in this direction as well.
    const deliverWindow = account.settings.type === 'receiving' ? {} : { deliverWindow: 1 };
    this.#toSession(connection.id, { type: 'respond', token, parameters: [], ...deliverWindow }, now);
  }

  #carryOut(connection: Connection, login: Login, token: ServerToken, packet: Packet, now: Instant): void {
    if (packet.operation === 3) {
      this.#submit(connection, login, token, packet, now);
      return;
    }
    const { user } = login.account.settings;
    const answer = answerRequest(
      packet,
      login,
      {
        ...{ handsets: this.#handsets, tracker: this.#fates.tracker, journal: this.#journal },
        ...{ rules: this.#rules, zoneOffset: this.#settings.zoneOffset },
      },
      now,
    );
    if (answer.type === 'negative') {
      this.#refuse(connection, token, { operation: packet.operation, user }, answer.refusal, now);
      return;
    }
    this.#respond(connection.id, token, answer.parameters, now);
    this.#befall(answer.fates, now);
  }

  #submit(connection: Connection, login: Login, token: ServerToken, packet: Packet, now: Instant): void {
    if (this.#state !== 'open' || this.#waitingAnswers >= limits.waitingSubmits) {
      const why = refusal(10, 'Too many submits wait for their answer, or the SMSC shuts down.', '11.3');
      const { user } = login.account.settings;
      this.#answer(connection, token, this.#submits.refuse(packet, user, why, now, now), now);
      return;
    }
    const hasRoom = (user: string, maxWaiting: number | undefined) => this.#handsets.hasRoom(user, maxWaiting);
    const judged = this.#submits.judge(packet, { connection, login }, hasRoom, now);
    this.#answer(connection, token, judged, now);
    for (const message of judged.messages) {
      this.#fates.tracker.begin(message);
      this.#befall(this.#handsets.add(message, judged.firstAttemptAt), now);
    }
  }

  #answer(connection: Connection, token: ServerToken, { parameters, answerAt }: JudgedSubmit, now: Instant): void {
    if (answerAt <= now) {
      this.#respond(connection.id, token, parameters, now);
      return;
    }
    this.#waitingAnswers += 1;
    this.#agenda.add(answerAt, { type: 'answer', connection: connection.id, token, parameters });
  }

  /** Anything but a submit. */
  #refuse(
    connection: Connection,
    token: ServerToken,
    { operation, user }: { readonly operation: number; readonly user: string },
    { errorCode, reason, section }: Refusal,
    now: Instant,
  ): void {
    const { tally } = this.#journal;
    if (operation === 1) tally.loginsRefused += 1;
    else tally.requestsRefused += 1;
    const fields = { connection: connection.id, operation, errorCode, reason, section };
    if (operation === 1) this.#journal.log('warn', 'smsc.login-refused', fields);
    else this.#journal.log('info', 'smsc.request-refused', fields);
    this.#journal.event({
      ...{ type: 'refused', at: now, operation, user, errorCode },
      reason: `${reason} (section ${section})`,
    });
    this.#respond(connection.id, token, refusalParameters(errorCode), now);
  }

  #respond(id: ConnectionId, token: ServerToken, parameters: readonly Parameter[], now: Instant): void {
    this.#toSession(id, { type: 'respond', token, parameters }, now);
  }

  // Cuts and the end

  #planCut(now: Instant): void {
    const everyMs = this.#settings.cutEveryMs;
    if (everyMs !== undefined) this.#agenda.add(later(now, everyMs * (0.5 + this.#random())), { type: 'cut' });
  }

  #cut(now: Instant): void {
    const connections = [...this.#sessions.all()].map(({ id }) => id);
    this.#journal.tally.cuts += 1;
    this.#journal.log('info', 'smsc.cut', { connections: connections.length });
    this.#journal.event({ type: 'cut', at: now, connections: connections.length });
    for (const connection of connections) {
      this.#journal.push({ type: 'close', connection, how: 'reset', reason: 'cut' });
      this.#toSession(connection, { type: 'closed', reason: 'cut' }, now);
    }
  }

  #beginDrain(now: Instant): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#agenda.add(later(now, drainMs), { type: 'end-drain' });
  }

  #settleDrain(now: Instant): void {
    if (this.#state !== 'draining' || this.#waitingAnswers > 0) return;
    if (this.#delivering.isQuiet || this.#sessions.count === 0) this.#endDrain(now);
  }

  #endDrain(now: Instant): void {
    if (this.#state === 'drained') return;
    this.#state = 'drained';
    for (const { id } of [...this.#sessions.all()]) {
      this.#toSession(id, { type: 'shut-down', reason: 'the SMSC shuts down' }, now);
    }
    this.#journal.push({ type: 'drained' });
  }
}
