/**
 * The CIMD2 packets of a recording as a capture that Wireshark opens: real times and directions, one packet in a frame,
 * and TCP/IP that is made up around them, with the port that CIMD2 mostly has. Passwords are starred, as everywhere; numbers
 * and texts are masked unless they are to be shown. Rules: CLI.md, privacy.
 */
import { concatBytes, fromLatin1, toLatin1 } from '../../core/base/bytes.ts';
import { decodePacket } from '../../core/codec/decode.ts';
import { tryEncodePacket } from '../../core/codec/encode.ts';
import { maskSecrets } from '../../core/codec/mask.ts';
import { hmacSha256, randomBytes } from '../../shell/hashing.ts';
import { type Discretion, discretionOf } from '../../shell/recording/discretion.ts';
import { retellPacket } from '../../shell/recording/retold-packet.ts';
import { ownVersion } from '../../shell/version.ts';
import { pcapngHeader, pcapngPacket } from '../capture/pcapng-writer.ts';
import { type SegmentKind, type TcpEndpoint, tcpFrame } from '../capture/tcp-frame.ts';
import type { Privacy } from '../mask.ts';
import { type RecordedTraffic, recordedTraffic, type Traffic, type TrafficEnd } from './recorded-traffic.ts';

/** Addresses for documents, which nobody has. RFC 5737. */
const [applicationIp, smscIp] = ['192.0.2.1', '192.0.2.2'];
const smscPort = 9971;
/** Of the first connection; each has the next one, and after the last they begin again. */
const [firstPort, portCount] = [40_000, 20_000];

/** Bytes without an end of a packet that are put into one frame. */
const pieceLimitBytes = 32 * 1024;

const [stx, etx] = [0x02, 0x03];

export interface RecordingCapture extends RecordedTraffic {
  readonly connections: number;
  /** Frames with bytes in them. */
  readonly packets: number;
}

/**
 * Gives the bytes of a pcapng file, piece by piece; returns what is in it.
 *
 * @throws OperatorError RECORDING_MISSING, INPUT_UNREADABLE, RECORDING_UNREADABLE
 */
export function* captureOf(path: string, privacy: Privacy): Generator<Uint8Array, RecordingCapture> {
  const masked = discretionOf('masked', { randomBytes, hmac: hmacSha256 });
  const show = (bytes: Uint8Array): Uint8Array =>
    privacy === 'reveal' ? withoutPassword(bytes) : maskedPiece(bytes, masked);
  const open = new Map<string, CapturedConnection>();
  let [connections, packets] = [0, 0];
  const traffic = recordedTraffic(path);
  let next = traffic.next();
  yield pcapngHeader({
    application: `ringbridge ${ownVersion()}`,
    comment: 'Made from a recording: packets and times are real, TCP/IP is made up, passwords are starred.',
  });
  for (; ; next = traffic.next()) {
    if (next.done === true) {
      for (const connection of open.values()) yield* connection.rest();
      return { ...next.value, connections, packets };
    }
    const event = next.value;
    let connection = open.get(event.connection);
    if (connection === undefined) {
      // One that never came to be is closed without ever having been open.
      if (event.type === 'closed') continue;
      const port = firstPort + (connections % portCount);
      connection = new CapturedConnection({ port, show, isServer: event.role === 'smsc' });
      open.set(event.connection, connection);
      connections += 1;
    }
    const before = connection.packets;
    yield* connection.take(event);
    packets += connection.packets - before;
    if (event.type === 'closed' && event.by === 'peer') open.delete(event.connection);
  }
}

interface End {
  readonly end: TrafficEnd;
  readonly at: TcpEndpoint;
  /** Sequence number of the next byte; SYN and FIN count as one. */
  seq: number;
  /** Of a packet whose end has not come. */
  rest: Uint8Array;
  isClosed: boolean;
}

interface ConnectionOptions {
  /** Of the application. */
  readonly port: number;
  /** Whether the recorded role is the SMSC. */
  readonly isServer: boolean;
  /** Bytes as they are to be seen. */
  readonly show: (bytes: Uint8Array) => Uint8Array;
}

/** One TCP connection, as frames. */
class CapturedConnection {
  readonly #show: ConnectionOptions['show'];
  readonly #role: End;
  readonly #peer: End;
  readonly #isServer: boolean;
  #at = 0;
  /** Frames with bytes in them, so far. */
  packets = 0;

  constructor({ port, show, isServer }: ConnectionOptions) {
    const ends = [
      { ip: applicationIp, port },
      { ip: smscIp, port: smscPort },
    ] as const;
    this.#show = show;
    this.#isServer = isServer;
    this.#role = newEnd('role', ends[isServer ? 1 : 0]);
    this.#peer = newEnd('peer', ends[isServer ? 0 : 1]);
  }

  take(event: Traffic): readonly Uint8Array[] {
    this.#at = event.at;
    switch (event.type) {
      case 'opened': {
        const [client, server] = this.#isServer ? [this.#peer, this.#role] : [this.#role, this.#peer];
        const syn = [this.#segment(client, 'open'), this.#segment(server, 'opened')];
        return [...syn, this.#segment(client, 'data')];
      }
      case 'bytes':
        return this.#bytes(this.#end(event.from), event.bytes);
      case 'closed': {
        const last = event.by === 'peer' && !this.#role.isClosed ? [this.#peer, this.#role] : [this.#end(event.by)];
        return [...this.rest(), ...last.flatMap((end) => this.#close(end))];
      }
      default:
        return event satisfies never;
    }
  }

  /** What came of packets that were never whole. */
  rest(): readonly Uint8Array[] {
    return [this.#role, this.#peer].flatMap((end) => {
      const { rest } = end;
      end.rest = rest.subarray(rest.length);
      return rest.length === 0 ? [] : [this.#data(end, rest)];
    });
  }

  #end(end: TrafficEnd): End {
    return end === 'role' ? this.#role : this.#peer;
  }

  #bytes(end: End, bytes: Uint8Array): readonly Uint8Array[] {
    const { pieces, rest } = cut(concatBytes(end.rest, bytes));
    end.rest = rest;
    return pieces.map((piece) => this.#data(end, piece));
  }

  #data(end: End, piece: Uint8Array): Uint8Array {
    this.packets += 1;
    return this.#segment(end, 'data', this.#show(piece));
  }

  #close(end: End): readonly Uint8Array[] {
    if (end.isClosed) return [];
    end.isClosed = true;
    return [this.#segment(end, 'end')];
  }

  #segment(from: End, kind: SegmentKind, bytes: Uint8Array = new Uint8Array()): Uint8Array {
    const to = from === this.#role ? this.#peer : this.#role;
    const ack = kind === 'open' ? 0 : to.seq;
    const frame = tcpFrame({ from: from.at, to: to.at, seq: from.seq, ack, kind, bytes });
    from.seq = (from.seq + bytes.length + (kind === 'data' ? 0 : 1)) % 0x1_0000_0000;
    return pcapngPacket({ at: this.#at, direction: from.end === 'peer' ? 'in' : 'out', frame });
  }
}

function newEnd(end: TrafficEnd, at: TcpEndpoint): End {
  return { end, at, seq: 0, rest: new Uint8Array(), isClosed: false };
}

/** Packets, what stands between them, and what of a packet is not whole yet. SPEC: section 1.3. */
function cut(bytes: Uint8Array): { readonly pieces: readonly Uint8Array[]; readonly rest: Uint8Array } {
  const pieces: Uint8Array[] = [];
  let from = 0;
  while (from < bytes.length) {
    const isPacket = bytes[from] === stx;
    const end = isPacket ? bytes.indexOf(etx, from) + 1 : bytes.indexOf(stx, from);
    const isWhole = isPacket ? end > 0 : true;
    if (!isWhole && bytes.length - from < pieceLimitBytes) break;
    const until = isWhole && end > 0 ? end : bytes.length;
    pieces.push(bytes.subarray(from, until));
    from = until;
  }
  return { pieces, rest: bytes.slice(from) };
}

/** Of a damaged packet too. SPEC: section 3.2, parameter 011. */
function withoutPassword(bytes: Uint8Array): Uint8Array {
  const text = toLatin1(bytes);
  if (!text.includes('\t011:')) return bytes;
  const decoded = decodePacket(bytes);
  const encoded =
    decoded.ok && tryEncodePacket(maskSecrets(decoded.packet), { checksum: decoded.hasChecksum ? 'send' : 'omit' });
  if (encoded !== false && encoded.ok) return encoded.value;
  return fromLatin1(text.replace(/\t011:[^\t\x03]*/g, '\t011:********'));
}

/** What is no packet is starred whole, but for a greeting: that is the SMSC's own. */
function maskedPiece(bytes: Uint8Array, masked: Discretion): Uint8Array {
  const packet = retellPacket(bytes, masked);
  if (packet.length > 0) return packet;
  return /\d{6,}/.test(toLatin1(bytes)) || bytes[0] === stx ? bytes.map(() => 0x2a) : bytes;
}
