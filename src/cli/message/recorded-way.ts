/**
 * What recordings tell of one message: when each end moved it, with which packet or frame, and which
 * client sent it. Reads the recordings of the state directories that have one, from shortly before the message was taken.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { instant, minuteMs } from '../../core/base/time.ts';
import { decodePacket } from '../../core/codec/decode.ts';
import { type Packet, parameterOf } from '../../core/codec/packet.ts';
import { MessageBytes } from '../../core/roles/message-bytes.ts';
import { sha256 } from '../../shell/hashing.ts';
import type { PastMove, PastSlot } from '../../shell/recording/past-rings.ts';
import { Timeline } from '../../shell/recording/timeline.ts';
import { type InputEvent, readFrame, type TimelineEvent } from '../../shell/recording/timeline-event.ts';
import { valueCodec } from '../../shell/values.ts';
import type { NotedMoves } from './clock-difference.ts';
import type { JourneyEvent, RecordedDetail } from './journey.ts';
import { isSameNumber, type KnownMessage } from './known-message.ts';
import type { Side } from './sources.ts';

export interface RecordedWay {
  readonly noted: readonly NotedMoves[];
  readonly details: readonly RecordedDetail[];
  /** By the clock of the side that is told. */
  readonly reports: readonly (RecordedReport & { readonly side: Side })[];
  readonly clients: readonly Pick<JourneyEvent, 'at' | 'what' | 'words' | 'detail'>[];
  /** State directories whose recording was read. */
  readonly read: readonly string[];
  /** Recordings with something missing in the time of the message. */
  readonly broken: number;
}

export interface RecordedReport {
  readonly messageId: string;
  /** 1–, of the part that it is about. */
  readonly part: number;
  readonly at: number;
  readonly slot: number;
  readonly status: number;
  readonly error: number | undefined;
  readonly detail: string | undefined;
}

/** Fields of an input that was recorded; each is looked at before it is used. */
interface Fields {
  readonly user?: unknown;
  readonly cid?: unknown;
  readonly client?: unknown;
  readonly peer?: unknown;
  readonly order?: unknown;
}
type TextSight = NonNullable<KnownMessage['sight']>;

type BridgeEvent = InputEvent & { readonly side: Side };

/** Before a message was taken, for clocks that differ. */
const marginMs = minuteMs;

const messages = new MessageBytes(valueCodec, sha256);

/** @throws OperatorError INPUT_UNREADABLE */
export function readRecordedWay(stateDirs: readonly string[], message: KnownMessage): RecordedWay {
  const ways = stateDirs.flatMap((stateDir) => {
    const way = new WayReader(message);
    return readInto(way, stateDir, message.at - marginMs) ? [{ stateDir, way }] : [];
  });
  return {
    noted: ways.flatMap(({ way }) => way.noted()),
    details: ways.flatMap(({ way }) => way.details),
    reports: ways.flatMap(({ way }) => way.reports),
    clients: ways.flatMap(({ way }) => way.clients),
    read: ways.map(({ stateDir }) => stateDir),
    broken: ways.filter(({ way }) => way.isBroken).length,
  };
}

/** @returns whether there is a recording */
function readInto(way: WayReader, stateDir: string, from: number): boolean {
  const timeline = new Timeline(stateDir);
  try {
    timeline.readOn();
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return false;
    throw error;
  }
  const first = timeline.momentAtTime(instant(from))?.number;
  for (const event of timeline.events(first === undefined ? {} : { from: first })) way.take(event);
  return true;
}

class WayReader {
  readonly details: RecordedDetail[] = [];
  readonly reports: (RecordedReport & { readonly side: Side })[] = [];
  readonly clients: Pick<JourneyEvent, 'at' | 'what' | 'words' | 'detail'>[] = [];
  isBroken = false;
  readonly #message: KnownMessage;
  readonly #ids: ReadonlySet<string>;
  readonly #noted = new Map<string, NotedMoves & { readonly moves: NotedMoves['moves'][number][] }>();

  constructor(message: KnownMessage) {
    this.#message = message;
    this.#ids = new Set(message.parts.map(({ messageId }) => messageId));
  }

  noted(): readonly NotedMoves[] {
    return [...this.#noted.values()];
  }

  take(event: TimelineEvent): void {
    if (event.type === 'break' && event.number > 0) this.isBroken = true;
    if (event.type !== 'input' || event.side === 'smsc') return;
    const { side } = event;
    this.#client(event);
    for (const move of event.moves) {
      if (move.after === undefined) continue;
      if (this.#ids.has(move.after.messageId)) this.#moved({ ...event, side }, move, move.after);
      else if (move.lane === 'mo') this.#reported({ ...event, side }, move, move.after);
    }
  }

  #moved(event: BridgeEvent, { lane, slot }: PastMove, after: PastSlot): void {
    const { messageId, status, attempts } = after;
    const known = this.#noted.get(messageId) ?? { messageId, lane, slot, side: event.side, moves: [] };
    this.#noted.set(messageId, known);
    known.moves.push({ status, attempts, at: event.at });
    const detail = carrierOf(event, after);
    if (detail !== undefined) this.details.push({ messageId, side: event.side, status, attempts, detail });
  }

  /** A status report of one of the parts: taken by the buffer, or stored by the IM server. */
  #reported(event: BridgeEvent, { slot, before }: PastMove, after: PastSlot): void {
    const wanted = event.side === 'buffer' ? 'placed' : 'confirmed';
    const isFirst = after.status === wanted && before?.status !== wanted;
    const content = isFirst ? messages.decode(after.bytes)?.content : undefined;
    if (content?.type !== 'status-report') return;
    const { destination, stamp, status, error } = content.report;
    const part = this.#message.parts.find(
      (one) => one.stamp === stamp.digits && (one.destination === '' || isSameNumber(one.destination, destination)),
    );
    if (part === undefined) return;
    const detail = carrierOf(event, after);
    const { at, side } = event;
    this.reports.push({ messageId: after.messageId, part: part.index, at, slot, status, error, detail, side });
  }

  #client({ at, given }: InputEvent): void {
    const { sight } = this.#message;
    if (given?.type !== 'im' || !('input' in given) || sight === undefined) return;
    const inner = Object(given.input);
    if (inner.type === 'send') this.#sent(at, Object(inner.request), sight);
    else if (inner.type === 'read') this.#wasRead(at, inner, sight);
  }

  #sent(at: number, request: Fields, { user, view }: TextSight): void {
    if (view.direction !== 'out' || request.user !== user || request.cid !== view.cid) return;
    this.clients.push({ at, what: 'sent', words: `sent by a client of ${user}`, detail: gatewayOf(request.client) });
  }

  /** The first mark that is on this text or on a later one of the conversation. */
  #wasRead(at: number, mark: Fields, { user, view }: TextSight): void {
    const isMeant = view.direction === 'in' && mark.user === user && mark.peer === view.peer;
    if (!isMeant || Number(mark.order) < view.order || this.clients.some(({ what }) => what === 'read')) return;
    this.clients.push({ at, what: 'read', words: `read by ${user}` });
  }
}

/** `web` of `web:17` */
function gatewayOf(client: unknown): string {
  return String(client).split(':', 1)[0] ?? '';
}

/** The packet or frame that brought a move about; a submit leaves, and nothing came for it. */
function carrierOf({ received, side }: InputEvent, after: PastSlot): string | undefined {
  if (after.status === 'in-flight') return undefined;
  for (const carried of received) {
    if (carried.over === 'link') {
      const frame = readFrame(carried.bytes);
      const count = frame.type === 'entries' ? frame.entries.length : 0;
      if (count > 0) return `frame of ${count} ${count === 1 ? 'entry' : 'entries'}, ${carried.bytes.length} bytes`;
      continue;
    }
    if (side !== 'buffer') continue;
    const packets = carried.packets.flatMap((bytes): Packet[] => {
      const decoded = decodePacket(bytes);
      return decoded.ok ? [decoded.packet] : [];
    });
    const found = packets.find((packet) => isAbout(packet, after)) ?? (packets.length === 1 ? packets[0] : undefined);
    if (found !== undefined) return `packet ${String(found.packetNumber).padStart(3, '0')}`;
  }
  return undefined;
}

/** An answer to a submit carries the stamp of its outcome; what was delivered came as a request. SPEC: reference section 2. */
function isAbout(packet: Packet, { status, outcome }: PastSlot): boolean {
  if (outcome !== undefined) return parameterOf(packet, 60) === outcome.stamp && packet.operation >= 50;
  return status === 'placed' && packet.operation < 50;
}
