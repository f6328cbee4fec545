/**
 * The IM server as one machine: for each SMSC the mt ring it owns and the mirror of the mo ring, the link connections,
 * and the exchange with its people. It joins its smaller machines and decides nothing that they can.
 * SPEC: DESIGN sections 1 to 4 and 7.
 */
import { assertNever, invariant } from '../../base/invariant.ts';
import { logEvent } from '../../base/log-event.ts';
import { earliest, type Machine } from '../../base/machine.ts';
import type { Result } from '../../base/result.ts';
import { type Instant, instant, later } from '../../base/time.ts';
import type { Exchange } from '../../im/exchange.ts';
import type { ArrivalResult, ExchangeInput, ExchangeOutput } from '../../im/exchange-io.ts';
import type { RouteAnswer, RouteQuestion } from '../../im/explain.ts';
import { type AcceptorInput, type AcceptorSettings, LinkAcceptor } from '../../link/acceptor.ts';
import type { LaneEntry, SessionEntry } from '../../link/entries.ts';
import type { Introduction } from '../../link/login.ts';
import type { LinkOutput } from '../../link/session-io.ts';
import { messageId } from '../../message/message.ts';
import type { Outcome } from '../../ring/outcome.ts';
import { isRingSize, type Seq, type SlotIndex } from '../../ring/sequence.ts';
import type { LaneName } from '../../ring/status.ts';
import type { BufferStores, LinkView, RingView, StoreView } from '../../store/ring-view.ts';
import type { ConsumerOutput, ProducerOutput } from '../../sync/lane-io.ts';
import type { LetGo } from '../../sync/let-go.ts';
import type { ControlResult, HandInResult } from '../control-result.ts';
import { comparedAnew, refusedAsChanged, regularCheckMs } from '../lane-habits.ts';
import type { MessageBytes } from '../message-bytes.ts';
import { inOneCommit } from '../one-commit.ts';
import type { RingSight } from '../ring-news.ts';
import type { RingsWanted } from '../ring-views.ts';
import type { ConnectionRef, ImServerInput, ImServerOutput, ImServerSettings } from './im-server-io.ts';
import { assembleImServer, type ImServerTools } from './im-server-parts.ts';
import type { SlotSight, SmscGlance } from './ring-glance.ts';
import type { SmscHealth, SmscLanes } from './smsc-lanes.ts';

/** How often what waits in the outboxes is looked at for its validity. */
const outboxCheckMs = 30_000;

type Phase = 'starting' | 'running' | 'drained';

/** How an IM server is doing, as `GET /status` tells it. */
export interface ImServerHealth {
  readonly store: StoreView;
  readonly smscs: readonly SmscHealth[];
  /** Texts of people of which something more may be learned. */
  readonly openTexts: number;
}

type HandIn = Extract<ImServerInput, { readonly type: 'hand-in' }>;
type Arrived = Extract<ExchangeInput, { readonly type: 'arrived' }>;

export class ImServerRole implements Machine<ImServerInput, ImServerOutput> {
  readonly #tools: ImServerTools;
  readonly #messages: MessageBytes;
  readonly #acceptorSettings: Omit<AcceptorSettings, 'admit'>;
  readonly #smscs: ReadonlyMap<string, SmscLanes>;
  readonly #connections = new Map<ConnectionRef, LinkAcceptor>();
  readonly #exchange: Exchange;
  readonly #arrivals: ImServerSettings['arrivals'];
  #phase: Phase = 'starting';
  #checkAt: Instant = instant(0);
  #outboxAt: Instant = instant(0);
  #outputs: ImServerOutput[] = [];
  /** Takes what becomes of the message that the exchange is storing just now. */
  #endArriving: ((result: ArrivalResult) => void) | undefined;

  constructor(settings: ImServerSettings, tools: ImServerTools) {
    const { messages, smscs, acceptorSettings, exchange } = assembleImServer(settings, tools);
    this.#tools = tools;
    this.#arrivals = settings.arrivals;
    this.#messages = messages;
    this.#smscs = smscs;
    this.#acceptorSettings = acceptorSettings;
    this.#exchange = exchange;
  }

  handle(input: ImServerInput, now: Instant): readonly ImServerOutput[] {
    this.#outputs = [];
    this.#take(input, now);
    this.#countEntries(now);
    return inOneCommit(this.#outputs, this.#tools.identity);
  }

  deadline(): Instant | undefined {
    if (this.#phase !== 'running') return undefined;
    // Asked after every input, so it makes no lists.
    let first = earliest(this.#exchange.deadline(), this.#checkAt, this.#outboxAt);
    for (const acceptor of this.#connections.values()) first = earliest(first, acceptor.deadline());
    for (const { mo } of this.#smscs.values()) first = earliest(first, mo.deadline());
    return first;
  }

  rings(wanted: RingsWanted = { moves: 'without' }): RingView[] {
    return [...this.#smscs.values()].flatMap((smsc) => smsc.rings(this.#messages, wanted));
  }

  /** For whoever watches; costs nothing until it is read. */
  ringSights(): RingSight[] {
    return [...this.#smscs.values()].flatMap((smsc) => smsc.ringSights());
  }

  /** Every ring as a letter for each slot; cheap enough to be asked several times a second. */
  glance(): SmscGlance[] {
    return [...this.#smscs.values()].map((smsc) => smsc.glance());
  }

  /** Undefined where there is no such slot. Not masked here: whoever shows it masks. */
  slotSight(smscId: string, lane: LaneName, slot: number): SlotSight | undefined {
    return this.#smscs.get(smscId)?.slotSight(lane, slot, this.#messages);
  }

  links(): LinkView[] {
    return [...this.#smscs.values()].map((smsc) => smsc.link());
  }

  /** This role's own. */
  store(): StoreView {
    return { id: this.#tools.identity.storeId, isRetired: false };
  }

  bufferStores(): BufferStores[] {
    return [...this.#smscs.values()].map((smsc) => smsc.stores());
  }

  /** Where a text would go now, by which rule; nothing is changed. */
  explainRoute(question: RouteQuestion, now: Instant): Result<RouteAnswer> {
    return this.#exchange.explain(question, now);
  }

  /** The SMSCs that a text may leave through, in order; nothing is changed. */
  smscsFor(number: string, user: string): readonly string[] {
    return this.#exchange.smscsFor(number, user);
  }

  /** All of it, for whoever asks how this IM server is doing. */
  health(now: Instant): ImServerHealth {
    return {
      store: this.store(),
      smscs: [...this.#smscs.values()].map((smsc) => smsc.health(this.#messages, now)),
      openTexts: this.#exchange.openTextCount,
    };
  }

  status() {
    return {
      smscs: [...this.#smscs.values()].map((smsc) => ({
        smscId: smsc.smscId,
        link: smsc.link(),
        outbox: smsc.mt.outboxCount,
        mt: { contact: smsc.mt.contact, used: smsc.mt.ring.inUse, size: smsc.mt.ring.size },
        mo: { contact: smsc.mo.contact, used: smsc.mo.ring.inUse, size: smsc.mo.ring.size },
      })),
    };
  }

  // --- inputs -----------------------------------------------------------------------------------------------------

  #take(input: ImServerInput, now: Instant): void {
    switch (input.type) {
      case 'start':
        return this.#start(now);
      case 'link-opened': {
        const { connection } = input;
        const admit = (peer: Introduction) => this.#smscs.get(peer.smscId)?.admit(peer, connection);
        this.#connections.set(connection, new LinkAcceptor({ ...this.#acceptorSettings, admit }));
        return this.#accept(connection, { type: 'opened', binding: input.binding }, now);
      }
      case 'link-received':
        return this.#accept(input.connection, { type: 'frame-in', bytes: input.bytes }, now);
      case 'link-closed':
        this.#accept(input.connection, { type: 'closed', reason: input.reason }, now);
        this.#connections.delete(input.connection);
        return;
      case 'im':
        return this.#tellExchange(input.input, now);
      case 'resolve':
        return this.#answer(input.ref, this.#resolve(input.smscId, input.slot, input.as));
      case 'compare':
        return this.#answer(input.ref, this.#compareNow(input.smscId));
      case 'prefer':
        return this.#answer(input.ref, this.#prefer(input.smscId, input.lane, input.letGo, now));
      case 'hand-in':
        return this.#answer(input.ref, this.#handIn(input, now));
      case 'drain':
        return this.#drain(now);
      case 'tick':
        return this.#tick(now);
      default:
        return assertNever(input);
    }
  }

  #start(now: Instant): void {
    this.#phase = 'running';
    this.#checkAt = later(now, regularCheckMs);
    this.#outboxAt = later(now, outboxCheckMs);
    for (const smsc of this.#smscs.values()) {
      smsc.linkSince = now;
      this.#tellExchange({ type: 'link', smscId: smsc.smscId, state: 'down' }, now);
      this.#emit(smsc, smsc.mo.recover(now), now);
      this.#store(smsc, now);
    }
  }

  #tick(now: Instant): void {
    for (const connection of [...this.#connections.keys()]) this.#accept(connection, { type: 'tick' }, now);
    this.#tellExchange({ type: 'tick' }, now);
    const isCheck = now >= this.#checkAt;
    if (isCheck) this.#checkAt = later(now, regularCheckMs);
    const isOutbox = now >= this.#outboxAt;
    if (isOutbox) this.#outboxAt = later(now, outboxCheckMs);
    for (const smsc of this.#smscs.values()) {
      this.#emit(smsc, smsc.mo.tick(now), now);
      if (isOutbox) this.#emit(smsc, smsc.mt.tick(now), now);
      if (isCheck) this.#emit(smsc, [...smsc.mt.askForDigest('regular'), ...smsc.mo.askForDigest('regular')], now);
    }
  }

  #countEntries(now: Instant): void {
    for (const output of this.#outputs) {
      if (output.type !== 'link-entry') continue;
      this.#smscOf(this.#connections.get(output.connection)?.peer)?.story.entryOut(now);
    }
  }

  #drain(now: Instant): void {
    for (const connection of [...this.#connections.keys()]) {
      const reason = 'the IM server is being stopped';
      this.#accept(connection, { type: 'replace', code: 'LINK_UNREACHABLE', reason }, now);
    }
    this.#phase = 'drained';
    this.#outputs.push({ type: 'drained' });
  }

  #resolve(smscId: string, slot: number, as: 'sent' | 'not-sent'): ControlResult {
    const smsc = this.#smscs.get(smscId);
    if (smsc === undefined) return unknownSmsc(smscId);
    const { ring } = smsc.mt;
    // The range is checked here, at the border.
    const copy = isRingSize(slot) && slot <= ring.size ? ring.at(slot as unknown as SlotIndex) : undefined;
    if (copy?.status !== 'in-doubt') {
      const message = `Slot ${slot} is ${copy?.status ?? 'free'}, not in-doubt, as far as this end knows.`;
      return { type: 'refused', code: 'RING_SLOT_NOT_IN_DOUBT', message };
    }
    if (smsc.mt.contact !== 'in-step') return this.#linkIsDown(smsc);
    this.#sendAll(smsc, smsc.mt.resolve(copy.seq, as, 'operator'));
    return { type: 'done' };
  }

  #compareNow(smscId: string): ControlResult {
    const smsc = this.#smscs.get(smscId);
    if (smsc === undefined) return unknownSmsc(smscId);
    if (smsc.connection === undefined) return this.#linkIsDown(smsc);
    this.#sendAll(smsc, [...smsc.mt.askForDigest('request'), ...smsc.mo.askForDigest('request')]);
    return { type: 'done' };
  }

  /** The operator says that the buffer is right. A new connection begins with a comparison. */
  #prefer(smscId: string, lane: LaneName, letGo: LetGo, now: Instant): ControlResult {
    const smsc = this.#smscs.get(smscId);
    if (smsc === undefined) return unknownSmsc(smscId);
    const release = lane === 'mt' ? smsc.mt.letGo(letGo, now) : smsc.mo.letGo(letGo, now);
    if (release.type === 'changed') return refusedAsChanged(release.why);
    this.#emit(smsc, release.outputs, now);
    const { connection } = smsc;
    if (connection !== undefined) {
      this.#accept(connection, { type: 'replace', code: 'LINK_UNREACHABLE', reason: comparedAnew }, now);
    }
    return { type: 'done' };
  }

  /** SPEC: DESIGN section 3: what only a retired store holds. Storing is idempotent by message id. */
  #handIn({ smscId, storeId, isRetired, messages }: HandIn, now: Instant): ControlResult {
    const smsc = this.#smscs.get(smscId);
    if (smsc === undefined) return unknownSmsc(smscId);
    const standing = smsc.standingOf(storeId);
    if (standing === 'in-force' || (standing === 'unknown' && !isRetired)) {
      const which = standing === 'in-force' ? 'is the one in force' : 'was never replaced by another';
      const message = `That store of ${smscId} is not retired: it ${which}. Nothing was handed in.`;
      return { type: 'refused', code: 'STORE_NOT_RETIRED', message };
    }
    const results = messages.map((bytes) => this.#handInOne(smsc, bytes, now));
    const counts = Object.fromEntries(countEach(results));
    this.#outputs.push(logEvent('warn', 'sync.handed-in', { smsc: smscId, store: storeId, ...counts }));
    return { type: 'handed-in', results };
  }

  #handInOne({ smscId }: SmscLanes, bytes: Uint8Array, now: Instant): HandInResult {
    const message = this.#messages.decode(bytes);
    if (message === undefined) return 'unreadable';
    if (this.#exchange.hasArrived(smscId, message.id)) return 'known';
    let result: HandInResult = 'stored';
    const end = (arrival: ArrivalResult): void => {
      if (arrival !== 'stored') result = 'refused';
    };
    this.#arrive({ type: 'arrived', smscId, message, isRepeated: true }, end, now);
    return result;
  }

  #linkIsDown(smsc: SmscLanes): ControlResult {
    const reason =
      smsc.problem === undefined ? 'no buffer has connected' : `${smsc.problem.code}, ${smsc.problem.reason}`;
    return { type: 'refused', code: 'LINK_UNREACHABLE', message: `The link of ${smsc.smscId} is down: ${reason}.` };
  }

  #answer(ref: number, result: ControlResult): void {
    this.#outputs.push({ type: 'control-answer', ref, result });
  }

  // --- link -------------------------------------------------------------------------------------------------------

  #accept(connection: ConnectionRef, input: AcceptorInput, now: Instant): void {
    const acceptor = this.#connections.get(connection);
    if (acceptor === undefined) return;
    const smsc = this.#smscOf(acceptor.peer);
    for (const output of acceptor.handle(input, now)) {
      if (output.type === 'down' && acceptor.claimed !== undefined) {
        this.#noteEnd(connection, acceptor.claimed, output, now);
      }
      this.#fromLink(connection, smsc, output, now);
    }
  }

  /** One that was up, or one that did not come up; who claims to be a buffer need not be one. */
  #noteEnd(
    connection: ConnectionRef,
    smscId: string,
    { code, reason }: Extract<LinkOutput, { readonly type: 'down' }>,
    now: Instant,
  ): void {
    const smsc = this.#smscs.get(smscId);
    if (smsc?.connection === connection) smsc.story.lost(code, reason, now);
    else smsc?.story.failed(code, reason, now);
  }

  #fromLink(connection: ConnectionRef, smscBefore: SmscLanes | undefined, output: LinkOutput, now: Instant): void {
    // `up` names the SMSC; what follows it in the same list belongs to that one.
    const smsc = smscBefore ?? this.#smscOf(this.#connections.get(connection)?.peer);
    switch (output.type) {
      case 'frame':
        this.#outputs.push({ type: 'link-frame', connection, bytes: output.bytes });
        return;
      case 'entry-out':
        this.#outputs.push({ type: 'link-entry', connection, entry: output.entry });
        return;
      case 'close':
        this.#outputs.push({ type: 'link-disconnect', connection, reason: output.reason });
        return;
      case 'up':
        return this.#linkUp(connection, output.peer, now);
      case 'down':
        if (smsc !== undefined && smsc.connection === connection) this.#linkDown(smsc, output, now);
        return;
      case 'entry-in':
        // Nothing is read from a connection that a newer one replaced.
        if (smsc === undefined || smsc.connection !== connection) return;
        smsc.story.entryIn(now);
        return this.#entry(smsc, output.entry, now);
      case 'peer-position':
        if (smsc === undefined || smsc.connection !== connection) return;
        smsc.story.entryIn(now);
        this.#noteBeat(smsc, connection);
        return this.#emit(smsc, smsc.mo.noteProducer(output.position), now);
      case 'peer-session':
        if (smsc === undefined || smsc.connection !== connection) return;
        smsc.story.entryIn(now);
        return this.#takeSession(smsc, output.session, now);
      case 'open':
        return;
      case 'log':
        this.#outputs.push(output);
        return;
      default:
        assertNever(output);
    }
  }

  #noteBeat(smsc: SmscLanes, connection: ConnectionRef): void {
    const pulse = this.#connections.get(connection)?.pulse;
    if (pulse === undefined) return;
    smsc.rttMs = pulse.rttMs;
    smsc.story.beat(pulse);
  }

  #smscOf(peer: Introduction | undefined): SmscLanes | undefined {
    return peer === undefined ? undefined : this.#smscs.get(peer.smscId);
  }

  /** SPEC: DESIGN section 3: a newer connection, once proved, closes the older. */
  #linkUp(connection: ConnectionRef, peer: Introduction, now: Instant): void {
    const smsc = this.#smscs.get(peer.smscId);
    invariant(smsc !== undefined, 'a proved buffer has an account');
    const older = smsc.connection;
    if (older !== undefined) {
      const reason = 'a newer connection took its place';
      this.#accept(older, { type: 'replace', code: 'LINK_ANOTHER_BUFFER', reason }, now);
    }
    smsc.take(connection);
    smsc.story.up(now);
    smsc.linkSince = now;
    smsc.problem = undefined;
    const records = smsc.takeStore(peer.storeId);
    if (records.length > 0) this.#outputs.push({ type: 'persist', records });
    this.#tellExchange({ type: 'link', smscId: peer.smscId, state: 'up' }, now);
    this.#emit(smsc, [...smsc.mt.linkUp(peer.storeId), ...smsc.mo.linkUp()], now);
    this.#outputs.push({ type: 'links', links: this.links() });
  }

  #linkDown(smsc: SmscLanes, why: { readonly code: string; readonly reason: string }, now: Instant): void {
    smsc.leave();
    smsc.linkSince = now;
    smsc.problem = { code: why.code, reason: why.reason };
    this.#tellExchange({ type: 'link', smscId: smsc.smscId, state: 'down' }, now);
    smsc.mt.linkDown();
    smsc.mo.linkDown();
    this.#outputs.push({ type: 'links', links: this.links() });
  }

  #takeSession(smsc: SmscLanes, session: SessionEntry, now: Instant): void {
    const { state, since } = smsc.takeSession(session, now);
    this.#tellExchange({ type: 'session', smscId: smsc.smscId, state, since: instant(since) }, now);
    this.#outputs.push({ type: 'links', links: this.links() });
  }

  // --- rings ------------------------------------------------------------------------------------------------------

  #entry(smsc: SmscLanes, entry: LaneEntry, now: Instant): void {
    const before = smsc.link().state;
    this.#emit(smsc, entry.lane === 'mt' ? smsc.mt.handle(entry, now) : smsc.mo.handle(entry, now), now);
    if (entry.lane === 'mo') this.#store(smsc, now);
    if (smsc.link().state !== before) this.#outputs.push({ type: 'links', links: this.links() });
  }

  /** Handing over in the mo lane: the exchange stores, in the same commit in which the slot ends. */
  #store(smsc: SmscLanes, now: Instant): void {
    if (this.#arrivals === 'hold') return;
    for (let claim = smsc.mo.claim(now); claim !== undefined; claim = smsc.mo.claim(now)) {
      // `in-flight` lasts only within this commit: nobody is told of it.
      this.#emit(
        smsc,
        claim.outputs.filter((output) => output.type !== 'send-entry'),
        now,
      );
      const { seq, bytes, possibleDuplicate, attempts } = claim.copy;
      const message = this.#messages.decode(bytes);
      if (message === undefined) {
        this.#outputs.push(logEvent('error', 'arrival.unreadable', { smsc: smsc.smscId, seq }));
        this.#endArrival(smsc, seq, 'refused', now);
        continue;
      }
      const isRepeated = possibleDuplicate || attempts > 1;
      const end = (result: ArrivalResult): void =>
        this.#endArrival(smsc, seq, result === 'stored' ? 'confirmed' : 'refused', now);
      this.#arrive({ type: 'arrived', smscId: smsc.smscId, message, isRepeated }, end, now);
    }
  }

  /** @param end called while the exchange stores it, once */
  #arrive(arrived: Arrived, end: (result: ArrivalResult) => void, now: Instant): void {
    this.#endArriving = end;
    this.#tellExchange(arrived, now);
    this.#endArriving = undefined;
  }

  #endArrival(smsc: SmscLanes, seq: Seq, status: 'confirmed' | 'refused', now: Instant): void {
    const outcome: Outcome = { status, stamp: '', errorCode: 0, by: 'answer' };
    this.#emit(smsc, smsc.mo.end(seq, outcome, now), now);
  }

  /** What either lane says, as outputs of the role or news for the exchange. */
  #emit(smsc: SmscLanes, outputs: readonly (ProducerOutput | ConsumerOutput)[], now: Instant): void {
    const { smscId } = smsc;
    for (const output of outputs) {
      switch (output.type) {
        case 'persist':
        case 'log':
          this.#outputs.push(output);
          break;
        case 'send-entry':
          this.#sendAll(smsc, [output]);
          break;
        // Nothing is claimed ahead where handing over is a matter of one commit.
        case 'note':
          break;
        case 'ended': {
          const { outcome, possibleDuplicate } = output;
          const id = messageId(output.messageId);
          this.#tellExchange({ type: 'outcome', smscId, messageId: id, outcome, possibleDuplicate }, now);
          break;
        }
        case 'progress': {
          const { status, possibleDuplicate } = output;
          if (status === 'confirmed' || status === 'refused' || status === 'expired') break;
          // That a message moves on without doubt is news to nobody, but for when it was with the SMSC.
          if (status !== 'in-doubt' && status !== 'in-flight' && !possibleDuplicate) break;
          const id = messageId(output.messageId);
          this.#tellExchange({ type: 'moved', smscId, messageId: id, status, possibleDuplicate }, now);
          break;
        }
        default:
          assertNever(output);
      }
    }
  }

  #sendAll(smsc: SmscLanes, outputs: readonly (ProducerOutput | ConsumerOutput)[]): void {
    for (const output of outputs) {
      if (output.type !== 'send-entry' || smsc.connection === undefined) continue;
      this.#outputs.push({ type: 'link-entry', connection: smsc.connection, entry: output.entry });
    }
  }

  // --- people -----------------------------------------------------------------------------------------------------

  #tellExchange(input: ExchangeInput, now: Instant): void {
    for (const output of this.#exchange.handle(input, now)) this.#fromExchange(output, now);
  }

  #fromExchange(output: ExchangeOutput, now: Instant): void {
    switch (output.type) {
      case 'persist':
      case 'deliver':
      case 'answer':
      case 'user-answer':
      case 'log':
        this.#outputs.push(output);
        return;
      case 'enqueue': {
        const smsc = this.#smscs.get(output.smscId);
        invariant(smsc !== undefined, `a route leads to SMSC id ${output.smscId}, which has no buffer account`);
        const { message } = output;
        return this.#emit(smsc, smsc.mt.enqueue(message.id, this.#messages.encode(message), now), now);
      }
      case 'withdraw': {
        const { smscId } = output;
        const smsc = this.#smscs.get(smscId);
        if (smsc === undefined) return;
        const { outputs, withdrawn } = smsc.mt.withdraw(output.texts);
        this.#emit(smsc, outputs, now);
        const textIds = withdrawn.map(({ textId }) => textId);
        if (textIds.length > 0) this.#tellExchange({ type: 'withdrawn', smscId, textIds }, now);
        return;
      }
      case 'resolve': {
        const smsc = this.#smscs.get(output.smscId);
        for (const copy of smsc?.mt.ring.copies() ?? []) {
          if (copy.messageId !== output.messageId || copy.status !== 'in-doubt') continue;
          if (smsc !== undefined) this.#sendAll(smsc, smsc.mt.resolve(copy.seq, 'sent', 'report'));
        }
        return;
      }
      case 'arrival': {
        const end = this.#endArriving;
        invariant(end !== undefined, 'the exchange ends an arrival that nobody handed in');
        return end(output.result);
      }
      default:
        assertNever(output);
    }
  }
}

function unknownSmsc(smscId: string): ControlResult {
  return { type: 'refused', code: 'LINK_UNKNOWN_SMSC', message: `No SMSC id ${smscId} here.` };
}

function countEach<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
