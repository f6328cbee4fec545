/**
 * Finds the packets in what an input gives: one framer per direction, one set of number rules per conversation. In a
 * capture of many connections those count only from the first readable packet on, so that other protocols, where STX
 * and ETX are ordinary bytes, make no faults. Source: docs/reference/cimd2.md sections 1.3, 1.6 and 4.
 */
import type { Fault } from '../../core/base/errors.ts';
import { decodePacket } from '../../core/codec/decode.ts';
import { defaultBetweenLimitBytes, defaultReceiveLimitBytes, Framer } from '../../core/codec/framer.ts';
import { findOperation } from '../../core/codec/operations.ts';
import { NumberRules } from './decode-numbers.ts';
import { type PacketReport, type ReadOptions, readPacket } from './decode-packet.ts';

/** Where something was found, as far as the input tells. */
export interface Place {
  /** Of a text, from 1. */
  readonly line?: number;
  /** Milliseconds since 1970. */
  readonly at?: number;
  /** `10.0.0.1:40000` */
  readonly from?: string;
  readonly to?: string;
}

/** What an input gives, in the order in which it was recorded. */
export type Piece =
  | { readonly type: 'bytes'; readonly stream: StreamName; readonly place: Place; readonly bytes: Uint8Array }
  /** Bytes that were on the line and are not in the recording. */
  | { readonly type: 'lost'; readonly stream: StreamName; readonly place: Place; readonly lostBytes: number }
  /** What has begun there will not go on; what follows begins anew. */
  | { readonly type: 'break'; readonly stream: StreamName; readonly place: Place }
  /** Of this stream nothing more comes: its name may begin anew. */
  | { readonly type: 'end'; readonly stream: StreamName; readonly place: Place }
  /** The input itself is broken here. */
  | { readonly type: 'broken'; readonly place: Place; readonly fault: Fault };

export interface StreamName {
  /** The same for both directions of a connection. */
  readonly conversation: string;
  readonly direction: string;
}

export type Finding =
  | { readonly type: 'packet'; readonly place: Place; readonly report: PacketReport }
  | { readonly type: 'fault'; readonly place: Place; readonly fault: Fault }
  /** Bytes outside packets. `greeting`: the first ones of a stream, as text; any others are not shown. */
  | {
      readonly type: 'noise';
      readonly place: Place;
      readonly sizeBytes: number;
      readonly greeting: Uint8Array | undefined;
    };

export interface FinderOptions extends ReadOptions {
  /** `known`: everything is CIMD2. `unknown`: only conversations in which a readable packet was seen. */
  readonly protocol: 'known' | 'unknown';
}

/** Conversations followed at a time; beyond, the one that was quiet longest is forgotten. */
const conversationLimit = 1024;

interface Conversation {
  readonly numbers: NumberRules;
  readonly directions: Map<string, Direction>;
  /** Greetings that came before it was known what this is; at most one per direction. */
  readonly greetings: Finding[];
  isCimd2: boolean;
}

interface Direction {
  readonly framer: Framer;
  hasBegun: boolean;
  lastPlace: Place;
}

export class PacketFinder {
  readonly #options: FinderOptions;
  readonly #conversations = new Map<string, Conversation>();

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  take(piece: Piece): readonly Finding[] {
    if (piece.type === 'broken') return [{ type: 'fault', place: piece.place, fault: piece.fault }];
    const findings: Finding[] = [];
    const conversation = this.#conversation(piece.stream.conversation, findings);
    const direction = directionOf(conversation, piece.stream.direction);
    direction.lastPlace = piece.place;
    switch (piece.type) {
      case 'bytes':
        this.#read(conversation, direction, piece.bytes, findings);
        break;
      case 'lost':
        endFramer(conversation, direction, findings);
        conversation.numbers.forget();
        if (conversation.isCimd2)
          findings.push({ type: 'fault', place: piece.place, fault: lostFault(piece.lostBytes) });
        break;
      case 'break':
        endFramer(conversation, direction, findings);
        break;
      case 'end':
        endFramer(conversation, direction, findings);
        conversation.directions.delete(piece.stream.direction);
        if (conversation.directions.size === 0) this.#conversations.delete(piece.stream.conversation);
        break;
    }
    return findings;
  }

  /** The input is over. */
  end(): readonly Finding[] {
    const findings: Finding[] = [];
    for (const conversation of this.#conversations.values()) endAll(conversation, findings);
    this.#conversations.clear();
    return findings;
  }

  #conversation(name: string, findings: Finding[]): Conversation {
    const known = this.#conversations.get(name);
    const conversation = known ?? {
      numbers: new NumberRules(),
      directions: new Map(),
      greetings: [],
      isCimd2: this.#options.protocol === 'known',
    };
    // Set again to be last in the order of the map, which thereby is that of use.
    if (this.#conversations.size > 1) this.#conversations.delete(name);
    this.#conversations.set(name, conversation);
    if (this.#conversations.size > conversationLimit) {
      const [oldest] = this.#conversations;
      if (oldest !== undefined) {
        endAll(oldest[1], findings);
        this.#conversations.delete(oldest[0]);
      }
    }
    return conversation;
  }

  #read(conversation: Conversation, direction: Direction, bytes: Uint8Array, findings: Finding[]): void {
    const place = direction.lastPlace;
    for (const event of direction.framer.push(bytes)) {
      switch (event.type) {
        case 'packet':
          if (!conversation.isCimd2 && isConvincing(event.bytes)) {
            conversation.isCimd2 = true;
            findings.push(...conversation.greetings);
          }
          direction.hasBegun = true;
          if (!conversation.isCimd2) break;
          findings.push({
            type: 'packet',
            place,
            report: readPacket(event.bytes, conversation.numbers, this.#options),
          });
          break;
        case 'between': {
          // Behind an oversize packet its rest comes as noise too, so only the first noise of all is shown.
          const greeting = direction.hasBegun || !isGreeting(event.bytes) ? undefined : event.bytes;
          const sizeBytes = event.bytes.length + event.droppedBytes;
          direction.hasBegun = true;
          const noise = { type: 'noise', place, sizeBytes, greeting } as const;
          if (conversation.isCimd2) findings.push(noise);
          else if (greeting !== undefined && conversation.greetings.length < 2) conversation.greetings.push(noise);
          break;
        }
        case 'fault':
          direction.hasBegun = true;
          if (conversation.isCimd2) findings.push({ type: 'fault', place, fault: event.fault });
          break;
      }
    }
  }
}

function directionOf(conversation: Conversation, name: string): Direction {
  const known = conversation.directions.get(name);
  if (known !== undefined) return known;
  const direction: Direction = {
    framer: new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: defaultBetweenLimitBytes }),
    hasBegun: false,
    lastPlace: {},
  };
  conversation.directions.set(name, direction);
  return direction;
}

function endAll(conversation: Conversation, findings: Finding[]): void {
  for (const direction of conversation.directions.values()) endFramer(conversation, direction, findings);
}

function endFramer(conversation: Conversation, direction: Direction, findings: Finding[]): void {
  for (const event of direction.framer.end()) {
    if (event.type !== 'fault' || !conversation.isCimd2) continue;
    findings.push({ type: 'fault', place: direction.lastPlace, fault: event.fault });
  }
}

/**
 * SPEC: section 6.2. No control bytes but line ends. A recording that begins inside a packet begins with noise too, which
 * may be a password and has a TAB behind it.
 */
function isGreeting(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte <= 0x7e) || byte === 0x0a || byte === 0x0d);
}

/** Header and trailer can be read and the operation exists: no chance of that in another protocol. */
function isConvincing(bytes: Uint8Array): boolean {
  const decoded = decodePacket(bytes);
  return decoded.ok && findOperation(decoded.packet.operation) !== undefined;
}

function lostFault(lostBytes: number): Fault {
  return { code: 'CAPTURE_LOST_BYTES', message: `${lostBytes} bytes of this connection are not in the capture.` };
}
