/**
 * A whole SMSC to test against, as one machine: connections and their sessions, accounts, submits on their way to
 * handsets, messages from handsets, status reports. It keeps nothing on disk: a simulator that is restarted begins
 * anew. Turns and numbers are the session's (core/handshake). Source: docs/reference/cimd2.md; DESIGN section 5.
 */
import { assertNever } from '../../base/invariant.ts';
import { logEvent, maskAddress } from '../../base/log-event.ts';
import { earliest, type Machine } from '../../base/machine.ts';
import type { Random } from '../../base/random.ts';
import type { Result } from '../../base/result.ts';
import { type Instant, instant, later } from '../../base/time.ts';
import { cimdErrorMeaning, deliverOutcome, parseErrorCode } from '../../codec/error-codes.ts';
import { type Packet, type Parameter, parameterOf } from '../../codec/packet.ts';
import { formatSmscTime } from '../../codec/smsc-time.ts';
import { isReportWanted } from '../../codec/status-codes.ts';
import { validateParameters } from '../../codec/validate.ts';
import { CimdServerSession } from '../../handshake/server.ts';
import type { ServerInput, ServerOutput, ServerToken } from '../../handshake/server-io.ts';
import { Accounts, type LiveAccount } from './accounts.ts';
import { Agenda } from './agenda.ts';
import type { Outgoing } from './backlog.ts';
import { type DeliverMaker, deliverMakers, reportParameters } from './deliver.ts';
import { type Fate, type HandsetMessage, Handsets, numberOf, status } from './handsets.ts';
import { Inboxes } from './inbox.ts';
import { holdAfterLoginMs, limits, retryMs, type SmscSettings } from './settings.ts';
import type {
  ConnectionId,
  HandsetView,
  InboxItem,
  InjectOutcome,
  InjectRef,
  SmscCounts,
  SmscEvent,
  SmscInput,
  SmscOutput,
} from './smsc-io.ts';
import { Stamps } from './stamps.ts';
import { readSubmit, type Submit } from './submit.ts';
import { Tally } from './tally.ts';

/** How long a drain waits for answers to what was sent. */
const drainMs = 2_000;

interface Connection {
  readonly id: ConnectionId;
  readonly remote: string;
  readonly session: CimdServerSession;
  /** Who is logged in, or who is about to be. */
  login: Login | undefined;
}

interface Login {
  readonly account: LiveAccount;
  readonly subaddress: string | undefined;
  state: 'asked' | 'bound';
  /** Nothing is sent to it before. */
  sendFrom: Instant;
  /** Querying accounts: delivers asked for by 05 and not sent yet. */
  fetches: number;
}

interface Injection {
  readonly since: Instant;
  readonly parts: number;
  left: number;
  /** The first 900 of a part that was refused. */
  refusedWith: number | undefined;
}

type Task =
  | {
      readonly type: 'answer';
      readonly connection: ConnectionId;
      readonly token: ServerToken;
      readonly parameters: readonly Parameter[];
    }
  | { readonly type: 'put-back'; readonly account: LiveAccount; readonly id: number }
  /** Only a reason to look again at who may be sent to. */
  | { readonly type: 'look' }
  | { readonly type: 'cut' }
  | { readonly type: 'end-drain' };

export class SmscRole implements Machine<SmscInput, SmscOutput> {
  readonly #settings: SmscSettings;
  readonly #random: Random;
  readonly #accounts: Accounts;
  readonly #handsets: Handsets;
  readonly #inboxes = new Inboxes();
  readonly #submitStamps: Stamps;
  readonly #deliverStamps: Stamps;
  readonly #agenda = new Agenda<Task>();
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #injections = new Map<InjectRef, Injection>();
  readonly #tally = new Tally();
  #state: 'open' | 'draining' | 'drained' = 'open';
  #lastId = 0;
  #reference: number;
  /** Rate limit: when the next submit may be answered. */
  #nextAnswerAt: number;
  #waitingAnswers = 0;
  #outputs: SmscOutput[] = [];

  /** @param now when the process starts: the first cut is counted from it */
  constructor(settings: SmscSettings, random: Random, now: Instant) {
    this.#settings = settings;
    this.#random = random;
    this.#accounts = new Accounts(settings.accounts);
    this.#handsets = new Handsets(settings.unknownNumbers, settings.handsets);
    this.#submitStamps = new Stamps(settings.zoneOffset);
    this.#deliverStamps = new Stamps(settings.zoneOffset);
    this.#reference = Math.floor(random() * 256);
    this.#nextAnswerAt = now;
    this.#planCut(now);
  }

  handle(input: SmscInput, now: Instant): readonly SmscOutput[] {
    this.#outputs = [];
    this.#take(input, now);
    this.#work(now);
    this.#pump(now);
    this.#settleDrain(now);
    return this.#outputs;
  }

  deadline(): Instant | undefined {
    const sessions = [...this.#connections.values()].map(({ session }) => session.deadline());
    return earliest(this.#agenda.nextAt, this.#handsets.deadline(), ...sessions);
  }

  counts(): SmscCounts {
    let deliversWaiting = 0;
    let waiting = 0;
    for (const { backlog } of this.#accounts.list()) {
      deliversWaiting += backlog.deliverCount;
      waiting += backlog.size;
    }
    return {
      ...this.#tally,
      deliversWaiting,
      reportsWaiting: waiting - deliversWaiting,
      messagesWaiting: this.#handsets.openCount,
      sessions: [...this.#connections.values()].filter(({ login }) => login?.state === 'bound').length,
    };
  }

  handsets(): readonly HandsetView[] {
    return this.#handsets.list().map((handset) => ({ ...handset, received: this.#inboxes.count(handset.number) }));
  }

  /** @param number with or without `+`; undefined where there is no such handset */
  handset(number: string): (HandsetView & { readonly inbox: readonly InboxItem[] }) | undefined {
    const view = this.handsets().find((handset) => handset.number === numberOf(number));
    return view && { ...view, inbox: this.#inboxes.list(view.number) };
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
        this.#inject(input, now);
        return;
      case 'set-handset':
        this.#handsets.setState(input.number, input.state, now);
        this.#event({ type: 'handset', at: now, number: numberOf(input.number), state: input.state.type });
        return;
      case 'cut':
        this.#cut(now);
        return;
      case 'shut-down':
        this.#beginDrain(now);
        return;
      case 'tick':
        for (const { id, session } of [...this.#connections.values()]) {
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
        case 'put-back':
          task.account.backlog.putBack(task.id);
          break;
        case 'cut':
          this.#cut(now);
          this.#planCut(now);
          break;
        case 'end-drain':
          this.#endDrain(now);
          break;
        case 'look':
          break;
        default:
          assertNever(task);
      }
    }
    for (const fate of this.#handsets.work(now)) this.#befall(fate, now);
  }

  // Connections and sessions

  #opened(id: ConnectionId, remote: string, now: Instant): void {
    if (this.#state !== 'open' || this.#connections.size >= limits.connections) {
      const reason = this.#state === 'open' ? `already ${limits.connections} connections` : 'shutting down';
      this.#outputs.push({ type: 'close', connection: id, how: 'end', reason });
      return;
    }
    const session = new CimdServerSession(this.#settings.session);
    this.#connections.set(id, { id, remote, session, login: undefined });
    this.#toSession(id, { type: 'opened' }, now);
  }

  #toSession(id: ConnectionId, input: ServerInput, now: Instant): void {
    const connection = this.#connections.get(id);
    // The session may have ended here before the shell heard of it.
    if (connection === undefined) return;
    for (const output of connection.session.handle(input, now)) this.#fromSession(connection, output, now);
  }

  #fromSession(connection: Connection, output: ServerOutput, now: Instant): void {
    switch (output.type) {
      case 'write':
        this.#outputs.push({ type: 'write', connection: connection.id, bytes: output.bytes });
        return;
      case 'close':
        this.#outputs.push({ type: 'close', connection: connection.id, how: 'end', reason: output.reason });
        return;
      case 'session':
        if (output.state === 'bound') this.#bound(connection, now);
        else this.#unbound(connection, output.state, output.reason ?? 'logged out', now);
        return;
      case 'request':
        this.#request(connection, output.token, output.packet, now);
        return;
      case 'response':
        this.#answered(connection, output.ref, output.packet, now);
        return;
      case 'unknown':
        connection.login?.account.backlog.putBack(output.ref);
        return;
      case 'seen':
        return;
      case 'log':
        this.#outputs.push({ ...output, fields: { ...output.fields, connection: connection.id } });
        return;
      default:
        assertNever(output);
    }
  }

  #bound(connection: Connection, now: Instant): void {
    const { login } = connection;
    if (login === undefined) return;
    login.state = 'bound';
    login.sendFrom = later(now, holdAfterLoginMs);
    this.#agenda.add(login.sendFrom, { type: 'look' });
    this.#tally.logins += 1;
    const { user } = login.account.settings;
    this.#event({ type: 'session', at: now, state: 'bound', user, reason: connection.remote });
  }

  #unbound(connection: Connection, state: 'unbound' | 'closed', reason: string, now: Instant): void {
    const { login } = connection;
    connection.login = undefined;
    if (state === 'closed') this.#connections.delete(connection.id);
    if (login?.state !== 'bound') return;
    this.#event({ type: 'session', at: now, state: 'closed', user: login.account.settings.user, reason });
  }

  #request(connection: Connection, token: ServerToken, packet: Packet, now: Instant): void {
    const user = connection.login?.account.settings.user ?? parameterOf(packet, 10);
    const interference = this.#settings.interfere?.({ operation: packet.operation, user, now });
    if (interference !== undefined) {
      this.#interfered(connection, token, packet, interference, now);
      return;
    }
    if (packet.operation === 1) {
      this.#logIn(connection, token, packet, now);
      return;
    }
    const login = connection.login;
    if (login === undefined) return;
    if (packet.operation === 3) this.#submit(connection, login, token, packet, now);
    else this.#respond(connection.id, token, this.#answerTo(login, packet, now), now);
  }

  #interfered(connection: Connection, token: ServerToken, packet: Packet, errorCode: number, now: Instant): void {
    const { operation } = packet;
    if (operation === 1) this.#tally.loginsRefused += 1;
    this.#log('info', 'smsc.interfered', { connection: connection.id, operation, errorCode });
    if (operation === 3) {
      const echoed = packet.parameters.filter(({ code }) => code === 21).map(({ value }) => value);
      this.#refuseSubmit(connection, token, { errorCode, reason: 'interference', echoed }, now, now);
    } else this.#respond(connection.id, token, refusal(errorCode), now);
  }

  #logIn(connection: Connection, token: ServerToken, packet: Packet, now: Instant): void {
    const verdict = this.#accounts.judgeLogin(packet, (account) => this.#sessionsOf(account));
    if (verdict.type === 'refused') {
      this.#tally.loginsRefused += 1;
      this.#log('warn', 'smsc.login-refused', { connection: connection.id, errorCode: verdict.errorCode });
      this.#respond(connection.id, token, refusal(verdict.errorCode), now);
      return;
    }
    const { account, subaddress } = verdict;
    connection.login = { account, subaddress, state: 'asked', sendFrom: now, fetches: 0 };
    this.#respond(connection.id, token, [], now);
  }

  #sessionsOf(account: LiveAccount): number {
    let count = 0;
    for (const { login } of this.#connections.values()) if (login?.account === account) count += 1;
    return count;
  }

  #respond(id: ConnectionId, token: ServerToken, parameters: readonly Parameter[], now: Instant): void {
    this.#toSession(id, { type: 'respond', token, parameters }, now);
  }

  /** Everything but login and submit, answered at once. */
  #answerTo(login: Login, packet: Packet, now: Instant): readonly Parameter[] {
    const problem = validateParameters(packet, 'request')[0];
    if (problem !== undefined) return refusal(problem.errorCode);
    switch (packet.operation) {
      case 5:
        return this.#fetch(login, parameterOf(packet, 68) ?? '');
      case 8:
        login.account.password = parameterOf(packet, 11) ?? login.account.password;
        this.#log('info', 'smsc.password-changed', { user: login.account.settings.user });
        return [];
      case 9:
        if (parameterOf(packet, 500) !== '501') return refusal(900);
        return [{ code: 501, value: formatSmscTime(now, this.#settings.zoneOffset) }];
      default:
        // Enquiry (04) and cancelling (06) are known operations that this simulator does not carry out.
        return refusal(6);
    }
  }

  /** Delivery request. SPEC: section 2.6; nothing waiting is 7. */
  #fetch(login: Login, mode: string): readonly Parameter[] {
    const { settings, backlog } = login.account;
    const waiting = backlog.deliverCount;
    if (settings.type === 'send-only') return refusal(1);
    if (mode === '0') return [{ code: 66, value: String(Math.min(waiting, 999)) }];
    if (mode === '2' && settings.type !== 'receiving') return refusal(501);
    if (waiting === 0) return refusal(7);
    login.fetches = Math.min(login.fetches + (mode === '2' ? waiting : 1), waiting);
    return [];
  }

  // Submits

  #submit(connection: Connection, login: Login, token: ServerToken, packet: Packet, now: Instant): void {
    const { account } = login;
    if (this.#state !== 'open' || this.#waitingAnswers >= limits.waitingSubmits) {
      this.#refuseSubmit(connection, token, { errorCode: 10, reason: 'no room', echoed: [] }, now, now);
      return;
    }
    const answerAt = this.#answerAt(now);
    const reading = readSubmit(packet, account.settings, this.#settings.zoneOffset, now);
    if (!reading.ok) {
      this.#refuseSubmit(connection, token, reading, answerAt, now);
      return;
    }
    const { submit } = reading;
    const results: Parameter[] = [];
    const messages: HandsetMessage[] = [];
    for (const destination of submit.destinations) {
      results.push({ code: 21, value: destination });
      const message = this.#accept(connection.id, login, submit, destination, now);
      if (message === undefined) {
        results.push({ code: 900, value: '10' });
      } else {
        results.push({ code: 60, value: message.stamp });
        messages.push(message);
      }
    }
    this.#respondAt(connection.id, token, results, answerAt, now);
    // Not before the answer: COMPAT: a report must come after the answer it refers to. SPEC: section 11.1.
    const triedFrom = later(answerAt, this.#settings.deliveryDelayMs);
    const firstAt = instant(Math.max(submit.firstDeliveryAt, triedFrom));
    for (const message of messages) this.#handsets.add(message, firstAt);
  }

  /** The turn-around, or as much more as the rate asks for. */
  #answerAt(now: Instant): Instant {
    const { turnMs, ratePerSecond } = this.#settings;
    const turned = later(now, turnMs);
    if (ratePerSecond === undefined) return turned;
    const at = Math.max(turned, this.#nextAnswerAt);
    this.#nextAnswerAt = at + 1_000 / ratePerSecond;
    return later(turned, at - turned);
  }

  #accept(
    connection: ConnectionId,
    login: Login,
    submit: Submit,
    destination: string,
    now: Instant,
  ): HandsetMessage | undefined {
    const base = { type: 'submitted', at: now, from: submit.from, to: destination, part: partOf(submit) } as const;
    if (!this.#handsets.hasRoom()) {
      this.#tally.submitsRefused += 1;
      this.#event({ ...base, stamp: '', errorCode: 10 });
      return undefined;
    }
    const stamp = this.#submitStamps.next(destination, now);
    this.#tally.submitsAccepted += 1;
    this.#event({ ...base, stamp, errorCode: 0 });
    const { from, content, concatenation, attempts, validUntil, reportBits } = submit;
    const owner = { user: login.account.settings.user, subaddress: login.subaddress, submitter: connection };
    const rest = { from, content, concatenation, attempts, validUntil, reportBits };
    return { id: this.#newId(), destination, stamp, ...rest, ...owner };
  }

  #refuseSubmit(
    connection: Connection,
    token: ServerToken,
    refused: { readonly errorCode: number; readonly reason: string; readonly echoed: readonly string[] },
    answerAt: Instant,
    now: Instant,
  ): void {
    const { errorCode, reason, echoed } = refused;
    this.#tally.submitsRefused += Math.max(1, echoed.length);
    const user = connection.login?.account.settings.user ?? '';
    this.#log('info', 'smsc.submit-refused', { connection: connection.id, user, errorCode, reason });
    this.#event({
      type: 'submitted',
      at: now,
      from: user,
      to: echoed.join(','),
      stamp: '',
      errorCode,
      part: '',
    });
    const echo = echoed.map((value) => ({ code: 21, value }));
    this.#respondAt(connection.id, token, [...echo, ...refusal(errorCode)], answerAt, now);
  }

  #respondAt(
    connection: ConnectionId,
    token: ServerToken,
    parameters: readonly Parameter[],
    answerAt: Instant,
    now: Instant,
  ): void {
    if (answerAt <= now) {
      this.#respond(connection, token, parameters, now);
    } else {
      this.#waitingAnswers += 1;
      this.#agenda.add(answerAt, { type: 'answer', connection, token, parameters });
    }
  }

  // Handsets and reports

  #befall(fate: Fate, now: Instant): void {
    const { message } = fate;
    switch (fate.type) {
      case 'delivered':
        this.#arrive(message, now);
        this.#report(message, status.delivered, 0, now);
        return;
      case 'not-yet':
        // SPEC: section 8.1: bit 1 asks for each temporary error, bit 64 for the first.
        if ((message.reportBits & 1) !== 0 || fate.isFirst) this.#report(message, status.inProcess, fate.error, now);
        return;
      case 'failed': {
        const { status: code, error } = fate;
        this.#tally.handsetFailed += 1;
        const { destination: to, stamp } = message;
        this.#event({ type: 'undelivered', at: now, to, stamp, status: code, error });
        this.#report(message, code, error, now);
        return;
      }
      default:
        assertNever(fate);
    }
  }

  #arrive(message: HandsetMessage, now: Instant): void {
    const { item, repeats } = this.#inboxes.add(numberOf(message.destination), message, now);
    this.#tally.handsetReceived += 1;
    if (repeats > 0) this.#tally.handsetRepeated += 1;
    if (item === undefined) return;
    const { from, text, stamps } = item;
    this.#event({ type: 'received', at: now, from, to: message.destination, text, stamps, repeats });
  }

  #report(message: HandsetMessage, code: number, error: number, now: Instant): void {
    const account = this.#accounts.get(message.user);
    if (account?.settings.type !== 'receiving' || !isReportWanted(code, message.reportBits)) return;
    if (account.backlog.size >= limits.waitingPerAccount) {
      this.#log('error', 'smsc.report-dropped', { user: message.user, waiting: account.backlog.size, status: code });
      return;
    }
    // A stamp moved on to be unique may lie ahead of the clock; nothing is tried before it came.
    const clockTime = formatSmscTime(now, this.#settings.zoneOffset);
    const isStampAhead = message.stamp > clockTime;
    const triedAt = isStampAhead ? message.stamp : clockTime;
    account.backlog.add({
      type: 'report',
      id: this.#newId(),
      parameters: reportParameters(message, { status: code, error, triedAt }),
      conversation: `report ${message.destination}`,
      to: message.destination,
      stamp: message.stamp,
      status: code,
      subaddress: message.subaddress,
      submitter: message.submitter,
    });
  }

  // From handsets to applications

  #inject(input: Extract<SmscInput, { readonly type: 'inject' }>, now: Instant): void {
    const { ref, from, to } = input;
    const account = this.#accounts.ownerOf(to);
    this.#reference = (this.#reference + 1) % 256;
    const makers = deliverMakers(input, this.#reference);
    const refusedFor = this.#whyNotInjected(input, account, makers);
    if (account === undefined || !makers.ok || refusedFor !== undefined) {
      this.#injected(ref, { type: 'refused', errorCode: undefined, reason: refusedFor ?? '' });
      return;
    }
    const parts = makers.value.length;
    this.#injections.set(ref, { since: now, parts, left: parts, refusedWith: undefined });
    const conversation = `deliver ${from}>${to}`;
    for (const make of makers.value) {
      const stamp = this.#deliverStamps.next(conversation, now);
      const id = this.#newId();
      const parameters = make(stamp);
      account.backlog.add({ type: 'deliver', id, parameters, conversation, from, to, stamp, injection: ref });
    }
  }

  #whyNotInjected(
    { from, to }: { readonly from: string; readonly to: string },
    account: LiveAccount | undefined,
    makers: Result<readonly DeliverMaker[]>,
  ): string | undefined {
    if (!isNumber(from) || !isNumber(to)) return 'A number is 1 to 20 digits, with at most one leading +.';
    if (account === undefined) return `No account has the number ${maskAddress(to)}.`;
    if (account.settings.type === 'send-only') return 'The account of that number only sends.';
    if (!makers.ok) return makers.fault.message;
    if (this.#state !== 'open') return 'The SMSC is shutting down.';
    const size = account.backlog.size + makers.value.length;
    return size > limits.waitingPerAccount ? 'Too many messages wait already.' : undefined;
  }

  /** Sends to every session what may be sent to it. */
  #pump(now: Instant): void {
    if (this.#state !== 'open') return;
    for (const connection of this.#connections.values()) {
      const { session, login } = connection;
      if (login?.state !== 'bound' || login.sendFrom > now || !login.account.backlog.hasWaiting) continue;
      while (session.capacity() > 0) {
        const item = login.account.backlog.takeFor(connection.id, (candidate) =>
          this.#mayHave(connection, login, candidate),
        );
        if (item === undefined) break;
        this.#send(connection, login, item, now);
      }
    }
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
    for (const other of this.#connections.values()) {
      const isBound = other.login?.account === login.account && other.login.state === 'bound';
      if (isBound && isSubmitter(other)) return false;
    }
    return true;
  }

  #send(connection: Connection, login: Login, item: Outgoing, now: Instant): void {
    const { id: ref, parameters, to, stamp } = item;
    const operation = item.type === 'deliver' ? 20 : 23;
    this.#toSession(connection.id, { type: 'request', ref, operation, parameters }, now);
    if (item.type === 'report') {
      this.#tally.reportsSent += 1;
      this.#event({ type: 'report-offered', at: now, to, stamp, status: item.status });
      return;
    }
    login.fetches = Math.max(0, login.fetches - 1);
    const attempt = login.account.backlog.countAttempt(ref);
    this.#tally.deliversOffered += 1;
    if (attempt > 1) this.#tally.deliversRepeated += 1;
    this.#event({ type: 'deliver-offered', at: now, from: item.from, to, stamp, attempt });
  }

  #answered(connection: Connection, ref: number, packet: Packet, now: Instant): void {
    const backlog = connection.login?.account.backlog;
    if (connection.login === undefined || backlog === undefined) return;
    const value = parameterOf(packet, 900);
    const errorCode = value === undefined ? 0 : (parseErrorCode(value) ?? 2);
    // SPEC: section 2.9. A report's answer has no parameters, so nothing in it keeps the report here.
    if (packet.operation === 70 && deliverOutcome(errorCode) === 'keep') {
      backlog.putOff(ref);
      this.#agenda.add(later(now, retryMs), { type: 'put-back', account: connection.login.account, id: ref });
      this.#log('info', 'smsc.deliver-put-off', { connection: connection.id, errorCode, retryInMs: retryMs });
      return;
    }
    const item = backlog.remove(ref);
    if (item === undefined) return;
    const { to, stamp } = item;
    if (item.type === 'report') {
      this.#tally.reportsAnswered += 1;
      this.#event({ type: 'report-answered', at: now, to, stamp, status: item.status });
      return;
    }
    const isRefused = deliverOutcome(errorCode) === 'failed';
    if (isRefused) this.#tally.deliversRefused += 1;
    else this.#tally.deliversAnswered += 1;
    this.#event({ type: 'deliver-answered', at: now, from: item.from, to, stamp, errorCode });
    this.#partAnswered(item.injection, isRefused ? errorCode : undefined, now);
  }

  #partAnswered(ref: InjectRef, refusedWith: number | undefined, now: Instant): void {
    const injection = this.#injections.get(ref);
    if (injection === undefined) return;
    injection.left -= 1;
    injection.refusedWith ??= refusedWith;
    if (injection.left > 0) return;
    const { parts, since, refusedWith: errorCode } = injection;
    this.#injected(
      ref,
      errorCode === undefined
        ? { type: 'answered', parts, ms: now - since }
        : { type: 'refused', errorCode, reason: cimdErrorMeaning(errorCode) },
    );
  }

  #injected(ref: InjectRef, outcome: InjectOutcome): void {
    this.#injections.delete(ref);
    this.#outputs.push({ type: 'injected', ref, outcome });
  }

  // Cuts and the end

  #planCut(now: Instant): void {
    const everyMs = this.#settings.cutEveryMs;
    if (everyMs !== undefined) this.#agenda.add(later(now, everyMs * (0.5 + this.#random())), { type: 'cut' });
  }

  #cut(now: Instant): void {
    const connections = [...this.#connections.keys()];
    this.#tally.cuts += 1;
    this.#log('info', 'smsc.cut', { connections: connections.length });
    this.#event({ type: 'cut', at: now, connections: connections.length });
    for (const connection of connections) {
      this.#outputs.push({ type: 'close', connection, how: 'reset', reason: 'cut' });
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
    for (const { backlog } of this.#accounts.list()) if (backlog.sentCount > 0 && this.#connections.size > 0) return;
    this.#endDrain(now);
  }

  #endDrain(now: Instant): void {
    if (this.#state === 'drained') return;
    this.#state = 'drained';
    for (const id of [...this.#connections.keys()]) {
      this.#toSession(id, { type: 'shut-down', reason: 'the SMSC shuts down' }, now);
    }
    this.#outputs.push({ type: 'drained' });
  }

  #newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #event(event: SmscEvent): void {
    this.#outputs.push({ type: 'event', event });
  }

  #log(...args: Parameters<typeof logEvent>): void {
    this.#outputs.push(logEvent(...args));
  }
}

/** SPEC: section 3.2: 901 is at most 64 printable characters, which the table keeps to. */
function refusal(errorCode: number): readonly Parameter[] {
  return [
    { code: 900, value: String(errorCode) },
    { code: 901, value: cimdErrorMeaning(errorCode) },
  ];
}

function partOf({ concatenation }: Submit): string {
  return concatenation === undefined ? '' : `${concatenation.index}/${concatenation.count}`;
}

function isNumber(text: string): boolean {
  return /^\+?[0-9]{1,20}$/.test(text) && text.length <= 20;
}
