/**
 * The buffer server as one machine: client of one SMSC, owner of the mo ring, mirror of the mt ring, dialer of the link.
 * It joins its smaller machines and decides nothing that they can. SPEC: DESIGN sections 1 to 5.
 */
import { assertNever } from '../../base/invariant.ts';
import { type LogEvent, logEvent } from '../../base/log-event.ts';
import { earliest, type Machine } from '../../base/machine.ts';
import { type Instant, instant, later } from '../../base/time.ts';
import { isResponse, type Packet } from '../../codec/packet.ts';
import type { CimdClient } from '../../handshake/client.ts';
import type { ClientInput, ClientOutput } from '../../handshake/client-io.ts';
import type { DialerInput, LinkDialer } from '../../link/dialer.ts';
import { type LaneEntry, sessionCapability } from '../../link/entries.ts';
import type { LinkOutput } from '../../link/session-io.ts';
import { isRingSize, type SlotIndex } from '../../ring/sequence.ts';
import type { LaneName } from '../../ring/status.ts';
import { retiredKey } from '../../store/identity.ts';
import type { LinkView, RingView, StoreView } from '../../store/ring-view.ts';
import { recoverClaims } from '../../sync/claims.ts';
import type { Evidence, LaneConsumer } from '../../sync/consumer.ts';
import type { LetGo } from '../../sync/let-go.ts';
import type { LaneProducer } from '../../sync/producer.ts';
import type { ControlResult } from '../control-result.ts';
import { comparedAnew, refusedAsChanged, regularCheckMs } from '../lane-habits.ts';
import { inOneCommit } from '../one-commit.ts';
import type { RingSight } from '../ring-news.ts';
import type { RingsWanted } from '../ring-views.ts';
import type { BufferHealth, BufferPhase } from './buffer-health.ts';
import type { BufferInput, BufferOutput, BufferSettings, ConnectionRef } from './buffer-io.ts';
import { assembleBuffer, type BufferParts, type BufferTools } from './buffer-parts.ts';
import {
  type BufferSight,
  type BufferStatus,
  bufferHealth,
  bufferLink,
  bufferRingSights,
  bufferRings,
  bufferStatus,
  bufferStore,
} from './buffer-views.ts';
import type { Delivering, DeliveringOutput } from './delivering.ts';
import { type Enquiring, enquiryRef } from './enquiring.ts';
import type { ImServerClock } from './im-server-clock.ts';
import type { SessionNews } from './session-news.ts';
import { SessionStory } from './session-story.ts';
import { type SmscZone, zoneRef } from './smsc-zone.ts';
import type { Submitting, SubmittingOutput } from './submitting.ts';

const format = 1;

const logOut = 2;

export class BufferRole implements Machine<BufferInput, BufferOutput> {
  readonly #settings: BufferSettings;
  readonly #tools: BufferTools;
  readonly #parts: BufferParts;
  readonly #client: CimdClient;
  readonly #dialer: LinkDialer;
  readonly #mt: LaneConsumer;
  readonly #mo: LaneProducer;
  readonly #evidence: Evidence;
  readonly #submitting: Submitting;
  readonly #delivering: Delivering;
  readonly #enquiring: Enquiring;
  readonly #zone: SmscZone;
  readonly #clock: ImServerClock;
  readonly #news: SessionNews;
  /** `retired`: another store took over for good; this one hands nothing over and takes nothing in any more. */
  #phase: BufferPhase = 'starting';
  #sessionStory = new SessionStory(instant(0));
  #lastSmscConnection: ConnectionRef = 0;
  /** The one that is listened to: none between its disconnect and the next connect. */
  #smscConnection: ConnectionRef | undefined;
  #checkAt: Instant = instant(0);
  #linkSince: Instant = instant(0);
  /** The latest connection to the IM server; 0 before the first. */
  #linkConnection: ConnectionRef = 0;
  /** The store was set back, and the IM server is about to learn it: it is another store now. */
  #isSaidSetBack: boolean;
  /** Outputs of the input at hand. */
  #outputs: BufferOutput[] = [];

  constructor(settings: BufferSettings, tools: BufferTools) {
    this.#settings = settings;
    this.#tools = tools;
    const parts = assembleBuffer(settings, tools);
    this.#parts = parts;
    this.#client = parts.client;
    this.#dialer = parts.dialer;
    this.#mt = parts.mt;
    this.#mo = parts.mo;
    this.#submitting = parts.submitting;
    this.#delivering = parts.delivering;
    this.#enquiring = parts.enquiring;
    this.#zone = parts.zone;
    this.#clock = parts.clock;
    this.#news = parts.news;
    this.#isSaidSetBack = this.#mt.isUnsure;
    this.#evidence = { claimed: recoverClaims(tools.store, settings.smscId, 'mt'), notes: tools.notes };
  }

  handle(input: BufferInput, now: Instant): readonly BufferOutput[] {
    this.#outputs = [];
    this.#take(input, now);
    this.#goOn(now);
    this.#tellSession(now);
    for (const { type } of this.#outputs) if (type === 'link-entry') this.#dialer.story.entryOut(now);
    return inOneCommit(this.#outputs, this.#tools.identity);
  }

  deadline(): Instant | undefined {
    if (this.#phase === 'drained') return undefined;
    const check = this.#dialer.isUp ? this.#checkAt : undefined;
    return earliest(
      this.#client.deadline(),
      this.#dialer.deadline(),
      this.#mt.deadline(),
      this.#submitting.deadline(),
      this.#phase === 'running' && this.#client.capacity() > 0 ? this.#enquiring.deadline() : undefined,
      this.#news.deadline(),
      check,
    );
  }

  /** Milliseconds that commits and the IM server may wait without making the SMSC wait; see `Submitting`. */
  spareMs(now: Instant): number {
    return this.#submitting.spareMs(now);
  }

  // --- what it shows ----------------------------------------------------------------------------------------------

  rings(wanted: RingsWanted = { moves: 'without' }): RingView[] {
    return bufferRings(this.#sight(), wanted);
  }

  /** For whoever watches; costs nothing until it is read. */
  ringSights(): RingSight[] {
    return bufferRingSights(this.#sight());
  }

  link(): LinkView {
    return bufferLink(this.#sight());
  }

  /** This role's own. */
  store(): StoreView {
    return bufferStore(this.#sight());
  }

  health(now: Instant): BufferHealth {
    return bufferHealth(this.#sight(), now);
  }

  /** The few of it that need no clock. */
  status(): BufferStatus {
    return bufferStatus(this.#sight());
  }

  #sight(): BufferSight {
    return {
      ...this.#parts,
      settings: this.#settings,
      storeId: this.#tools.identity.storeId,
      phase: this.#phase,
      sessionStory: this.#sessionStory,
      linkSince: this.#linkSince,
    };
  }

  // --- inputs -----------------------------------------------------------------------------------------------------

  #take(input: BufferInput, now: Instant): void {
    switch (input.type) {
      case 'start':
        this.#phase = this.#tools.store.get(retiredKey) === undefined ? 'running' : 'retired';
        if (this.#phase === 'retired') this.#sayRetired();
        this.#linkSince = now;
        this.#news.begin(now);
        this.#sessionStory = new SessionStory(now);
        this.#recover(now);
        return this.#dial({ type: 'dial' }, now);
      case 'smsc-opened':
        return this.#fromSmsc(input.connection, { type: 'opened' }, now);
      case 'smsc-received':
        return this.#fromSmsc(input.connection, { type: 'received', bytes: input.bytes }, now);
      case 'smsc-closed':
        return this.#fromSmsc(input.connection, { type: 'closed', reason: input.reason }, now);
      case 'link-opened':
        return this.#fromTransport(input.connection, { type: 'opened', binding: input.binding }, now);
      case 'link-received':
        return this.#fromTransport(input.connection, { type: 'frame-in', bytes: input.bytes }, now);
      case 'link-closed':
        return this.#fromTransport(input.connection, { type: 'closed', reason: input.reason }, now);
      case 'claims-kept':
        return this.#submitting.claimsKept();
      case 'resolve':
        return this.#answer(input.ref, this.#resolve(input.slot, input.as, now));
      case 'compare':
        return this.#answer(input.ref, this.#compareNow());
      case 'prefer':
        return this.#answer(input.ref, this.#prefer(input.lane, input.letGo, now));
      case 'drain':
        return this.#drain(now);
      case 'tick':
        return this.#tick(now);
      default:
        return assertNever(input);
    }
  }

  /** What only a note knew to be accepted is asked about like the rest: its enquiry was in the commit that failed. */
  #recover(now: Instant): void {
    const unfinished = [...this.#mt.ring.unfinished()].map(({ seq }) => seq);
    this.#emit(this.#mt.recover(now, this.#evidence));
    for (const seq of unfinished) {
      const copy = this.#mt.ring.find(seq);
      if (copy?.outcome?.status === 'confirmed') this.#emit(this.#submitting.recovered(copy, now));
    }
  }

  #tick(now: Instant): void {
    this.#session({ type: 'tick' }, now);
    this.#submitting.tick(now);
    this.#dial({ type: 'tick' }, now);
    this.#emit(this.#mt.tick(now));
    if (this.#dialer.isUp && now >= this.#checkAt) {
      this.#checkAt = later(now, regularCheckMs);
      this.#emit([...this.#mt.askForDigest('regular'), ...this.#mo.askForDigest('regular')]);
    }
  }

  #drain(now: Instant): void {
    if (this.#phase !== 'running' && this.#phase !== 'retired') return;
    this.#phase = 'draining';
    this.#session({ type: 'log-out' }, now);
  }

  #resolve(slot: number, as: 'sent' | 'not-sent', now: Instant): ControlResult {
    // The range is checked here, at the border.
    const copy =
      isRingSize(slot) && slot <= this.#mt.ring.size ? this.#mt.ring.at(slot as unknown as SlotIndex) : undefined;
    if (copy === undefined) {
      return { type: 'refused', code: 'RING_SLOT_EMPTY', message: `Slot ${slot} of the mt ring holds nothing.` };
    }
    const resolved = this.#mt.resolve(copy.seq, as, 'operator', now);
    if (resolved === undefined) {
      const message = `Slot ${slot} is ${copy.status}, not in-doubt.`;
      return { type: 'refused', code: 'RING_SLOT_NOT_IN_DOUBT', message };
    }
    this.#emit(resolved);
    return { type: 'done' };
  }

  #compareNow(): ControlResult {
    if (!this.#dialer.isUp) {
      const problem = this.#dialer.lastProblem;
      const reason = problem === undefined ? 'it was not up yet' : `${problem.code}, ${problem.reason}`;
      return { type: 'refused', code: 'LINK_UNREACHABLE', message: `The link is down: ${reason}.` };
    }
    this.#emit([...this.#mt.askForDigest('request'), ...this.#mo.askForDigest('request')]);
    return { type: 'done' };
  }

  /** The operator says that the other end is right. A new connection begins with a comparison. */
  #prefer(lane: LaneName, letGo: LetGo, now: Instant): ControlResult {
    const release = lane === 'mt' ? this.#mt.letGo(letGo, now) : this.#mo.letGo(letGo, now);
    if (release.type === 'changed') return refusedAsChanged(release.why);
    this.#emit(release.outputs);
    this.#dial({ type: 'redial', reason: comparedAnew }, now);
    return { type: 'done' };
  }

  #answer(ref: number, result: ControlResult): void {
    this.#outputs.push({ type: 'control-answer', ref, result });
  }

  // --- what follows from any input --------------------------------------------------------------------------------

  /** Logs in when there is a ring to keep, hands over while a turn is free, takes in while there is room. */
  #goOn(now: Instant): void {
    switch (this.#phase) {
      case 'starting':
      case 'retired':
      case 'drained':
        return;
      case 'running': {
        // SPEC: DESIGN section 2: before the first contact a buffer does not log in.
        const hasRings = this.#mt.state !== undefined && this.#mo.state !== undefined;
        // SPEC: DESIGN section 4: with a store that was set back neither.
        if (this.#mt.isUnsure) return;
        const isIdle = this.#client.state === 'down' || this.#client.state === 'ended';
        if (hasRings && isIdle && this.#client.deadline() === undefined) {
          this.#session({ type: 'log-in' }, now);
        }
        this.#emitDelivering(this.#delivering.takeWaiting(this.#zone.minutes, now), now);
        this.#submit(now);
        return;
      }
      case 'draining':
        if (this.#client.state !== 'ended') return;
        this.#phase = 'closing-link';
        this.#dial({ type: 'stop' }, now);
        this.#phase = 'drained';
        this.#outputs.push({ type: 'drained' });
        return;
      case 'closing-link':
        return;
      default:
        assertNever(this.#phase);
    }
  }

  #submit(now: Instant): void {
    while (this.#client.capacity() > 0) {
      if (this.#zone.isDue) {
        this.#session(this.#zone.ask(), now);
        continue;
      }
      if (this.#enquiring.isFirst() && this.#enquire(now)) continue;
      const outputs = this.#submitting.next(this.#clock.there(now), now);
      if (outputs.length > 0) this.#emitSubmitting(outputs, now);
      else if (!this.#enquire(now)) return;
    }
  }

  /** @returns whether an enquiry took the turn */
  #enquire(now: Instant): boolean {
    const input = this.#enquiring.next(now);
    if (input !== undefined) this.#session(input, now);
    return input !== undefined;
  }

  /** SPEC: DESIGN section 3: a retired store takes nothing in, so it leaves the report to nobody. */
  #enquiryAnswered(packet: Packet, now: Instant): void {
    const isTaken = this.#phase !== 'retired';
    this.#emit(isTaken ? this.#enquiring.answered(packet, this.#zone.orMachine, now) : this.#enquiring.lost(now));
  }

  // --- the smaller machines ---------------------------------------------------------------------------------------

  /** Only from the connection in force: a late word of an earlier one would be taken for the fate of the new one. */
  #fromSmsc(connection: ConnectionRef, input: ClientInput, now: Instant): void {
    if (connection === this.#smscConnection) this.#session(input, now);
  }

  #session(input: ClientInput, now: Instant): void {
    // SPEC: DESIGN section 5: a repetition is counted on disk before it leaves.
    const requests = input.type === 'repeat' ? 'in-order' : 'at-once';
    for (const output of this.#client.handle(input, now)) this.#fromSession(output, requests, now);
  }

  #fromSession(output: ClientOutput, requests: 'at-once' | 'in-order', now: Instant): void {
    switch (output.type) {
      case 'connect':
        this.#lastSmscConnection += 1;
        this.#smscConnection = this.#lastSmscConnection;
        this.#outputs.push({ type: 'smsc-connect', connection: this.#lastSmscConnection });
        return;
      case 'write': {
        const { operation } = output.packet;
        this.#outputs.push({
          type: 'smsc-write',
          connection: this.#lastSmscConnection,
          bytes: output.bytes,
          when: isResponse(operation) || operation === logOut ? 'in-order' : requests,
        });
        return;
      }
      case 'disconnect':
        this.#smscConnection = undefined;
        this.#outputs.push({
          type: 'smsc-disconnect',
          connection: this.#lastSmscConnection,
          reason: output.reason,
        });
        return;
      case 'session':
        this.#sessionStory.take(output, now);
        if (output.state === 'ready') this.#zone.loggedIn();
        this.#news.changed(output.state, { code: output.code, refusedWith: output.refusedWith ?? 0 }, now);
        if (output.state === 'down' || output.state === 'ended') {
          this.#delivering.sessionEnded();
          this.#emit(this.#mt.dropClaims());
        }
        this.#outputs.push(
          logEvent(output.code === undefined ? 'info' : 'warn', 'session.state', {
            smsc: this.#settings.smscId,
            state: output.state,
            code: output.code,
            reason: output.reason,
            refusedWith: output.refusedWith,
          }),
        );
        return;
      case 'seen':
        return;
      case 'response':
        if (output.ref === zoneRef) this.#outputs.push(this.#named(this.#zone.answered(output.packet, now)));
        else if (output.ref === enquiryRef) this.#enquiryAnswered(output.packet, now);
        else this.#emitSubmitting(this.#submitting.answered(output.ref, output.packet, this.#zone.orMachine, now), now);
        return;
      case 'repeat-wanted':
        return this.#emitSubmitting(this.#submitting.repeat(output.ref, now), now);
      case 'unknown':
        if (output.ref === zoneRef) this.#outputs.push(this.#named(this.#zone.notAnswered()));
        else if (output.ref === enquiryRef) this.#emit(this.#enquiring.lost(now));
        else this.#emitSubmitting(this.#submitting.lost(output.ref, now), now);
        return;
      case 'incoming':
        return this.#emitDelivering(
          this.#delivering.incoming(output.token, output.packet, this.#zone.minutes, now),
          now,
        );
      case 'withdrawn':
        return this.#delivering.withdrawn(output.token);
      case 'answer-seen':
        return this.#emitDelivering(this.#delivering.answerSeen(output.token), now);
      case 'log':
        this.#outputs.push(this.#named(output));
        return;
      default:
        assertNever(output);
    }
  }

  /** Whoever reads the logs of several buffers in one place wants to know which SMSC is meant. */
  #named(event: LogEvent): LogEvent {
    return { ...event, fields: { smsc: this.#settings.smscId, ...event.fields } };
  }

  #emitSubmitting(outputs: readonly SubmittingOutput[], now: Instant): void {
    for (const output of outputs) {
      if (output.type === 'session') this.#session(output.input, now);
      else this.#emit([output]);
    }
  }

  #emitDelivering(outputs: readonly DeliveringOutput[], now: Instant): void {
    for (const output of outputs) {
      if (output.type === 'session') this.#session(output.input, now);
      else this.#emit([output]);
    }
  }

  /** What either lane says, as outputs of the role. */
  #emit(outputs: readonly Exclude<SubmittingOutput | DeliveringOutput, { type: 'session' }>[]): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'persist':
        case 'note':
        case 'claims-kept':
        case 'claims-awaited':
        case 'log':
          this.#outputs.push(output);
          break;
        case 'send-entry':
          this.#outputs.push({ type: 'link-entry', connection: this.#linkConnection, entry: output.entry });
          break;
        // The fate of what a handset sent is the IM server's to tell.
        case 'ended':
        case 'progress':
          break;
        default:
          assertNever(output);
      }
    }
  }

  /** What an older connection still says is not read. */
  #fromTransport(connection: ConnectionRef, input: DialerInput, now: Instant): void {
    if (connection === this.#linkConnection) this.#dial(input, now);
  }

  #dial(input: DialerInput, now: Instant): void {
    for (const output of this.#dialer.handle(input, now)) this.#fromLink(output, now);
  }

  #fromLink(output: LinkOutput, now: Instant): void {
    switch (output.type) {
      case 'open':
        this.#linkConnection += 1;
        this.#outputs.push({ type: 'link-connect', connection: this.#linkConnection });
        return;
      case 'frame':
        this.#outputs.push({ type: 'link-frame', connection: this.#linkConnection, bytes: output.bytes });
        return;
      case 'entry-out':
        this.#outputs.push({ type: 'link-entry', connection: this.#linkConnection, entry: output.entry });
        return;
      case 'close':
        this.#outputs.push({ type: 'link-disconnect', connection: this.#linkConnection, reason: output.reason });
        return;
      case 'up':
        this.#linkSince = now;
        this.#checkAt = later(now, regularCheckMs);
        this.#clock.welcomed(output.peer.clock, now);
        this.#emit([...this.#mt.linkUp(), ...this.#mo.linkUp(output.peer.storeId)]);
        this.#news.linkUp(output.peer.capabilities.includes(sessionCapability) ? 'takes-sessions' : 'takes-none');
        return;
      case 'down':
        this.#linkSince = now;
        this.#mt.linkDown();
        this.#mo.linkDown();
        this.#news.linkDown();
        if (output.code === 'LINK_STORE_RETIRED') this.#retire(now);
        return;
      case 'entry-in':
        this.#dialer.story.entryIn(now);
        return this.#entry(output.entry, now);
      case 'peer-position':
        this.#dialer.story.entryIn(now);
        this.#clock.beat(this.#dialer.pulse);
        return this.#emit(this.#mt.noteProducer(output.position));
      case 'peer-session':
        return;
      case 'log':
        this.#outputs.push(output);
        return;
      default:
        assertNever(output);
    }
  }

  #tellSession(now: Instant): void {
    const entry = this.#news.take(now);
    if (entry !== undefined) this.#outputs.push({ type: 'link-entry', connection: this.#linkConnection, entry });
  }

  /** SPEC: DESIGN section 3: a retired store submits nothing more and logs out. */
  #retire(now: Instant): void {
    if (this.#phase !== 'running') return;
    this.#phase = 'retired';
    this.#outputs.push({ type: 'persist', records: [{ key: retiredKey, value: [format, now] }] });
    this.#sayRetired();
    this.#session({ type: 'log-out' }, now);
  }

  #sayRetired(): void {
    const reason = 'another buffer took over with a newer store; this one is logged out and submits nothing more';
    const { smscId } = this.#settings;
    this.#outputs.push(logEvent('error', 'store.retired', { smsc: smscId, code: 'LINK_STORE_RETIRED', reason }));
  }

  #entry(entry: LaneEntry, now: Instant): void {
    if (entry.type === 'digest' && entry.lane === 'mo') {
      const isSetBack = this.#mo.state !== undefined && !this.#mo.knows(entry.digest.producerSeen);
      // What was said, or found out once, is drawn conclusions from. A new store has been nowhere, and is no older one.
      if (isSetBack && !this.#isSaidSetBack) return this.#goneBack(now);
      this.#isSaidSetBack = false;
    }
    if (entry.lane === 'mt') this.#emit(this.#mt.handle(entry, now));
    else this.#emit(this.#mo.handle(entry, now));
  }

  /**
   * The IM server saw this store where it never was: it was set back, or another buffer runs on a copy of it. From now on it
   * is another store: nothing is handed over before the IM server has taken it for one. SPEC: DESIGN section 4.
   */
  #goneBack(now: Instant): void {
    const { smscId } = this.#settings;
    const reason =
      'the IM server has been told of a place where this store never was: it was set back, runs twice, or another took its place meanwhile';
    this.#outputs.push(
      { type: 'persist', records: [this.#tools.identity.renew(this.#tools.randomBytes)] },
      logEvent('error', 'store.went-back', { smsc: smscId, code: 'STORE_WENT_BACK', reason }),
    );
    this.#isSaidSetBack = true;
    this.#emit(this.#mt.doubtAll(now, 'answered'));
    this.#session({ type: 'log-out' }, now);
    this.#dial({ type: 'redial', reason }, now);
  }
}
