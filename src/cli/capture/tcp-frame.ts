/**
 * Ethernet frames with IPv4 and TCP around bytes that never were in any, lengths and checksums right, so that other
 * people's dissectors read them. The caller counts sequence numbers. One CIMD2 packet per frame is the caller's part too;
 * Wireshark finds no two in one. SPEC: section 11.1. Sources: RFC 791, RFC 9293.
 */

/** One end of a TCP connection. */
export interface TcpEndpoint {
  /** Dotted IPv4. */
  readonly ip: string;
  /** 0–65535 */
  readonly port: number;
}

/** `data`: bytes, or none; `open` and `opened`: the two SYN; `end`: no more follows; `reset`: neither way. */
export type SegmentKind = 'data' | 'open' | 'opened' | 'end' | 'reset';

export interface TcpSegmentMade {
  readonly from: TcpEndpoint;
  readonly to: TcpEndpoint;
  /** Sequence number of the first byte, modulo 2^32. */
  readonly seq: number;
  /** Next byte expected of the other end, modulo 2^32. */
  readonly ack: number;
  /** Left out: `data`. */
  readonly kind?: SegmentKind;
  /** 0–65495 bytes: what fits one IPv4 packet. */
  readonly bytes: Uint8Array;
}

const ethernetBytes = 14;
const ipBytes = 20;
const tcpBytes = 20;
/** Longest payload of one frame. */
export const segmentPayloadLimitBytes = 65_535 - ipBytes - tcpBytes;

/** Link type Ethernet, of the list at tcpdump.org/linktypes.html. */
export const ethernetLinkType = 1;

/** CWR ECE URG ACK PSH RST SYN FIN. RFC 9293, 3.1. */
const flags: Readonly<Record<SegmentKind, number>> = { data: 0x18, open: 0x02, opened: 0x12, end: 0x11, reset: 0x14 };

/** @throws RangeError for an address that is not IPv4, a port beyond 65535, or a payload that fits no packet */
export function tcpFrame(segment: TcpSegmentMade): Uint8Array {
  const { bytes: payload } = segment;
  if (payload.length > segmentPayloadLimitBytes) {
    throw new RangeError(`${payload.length} bytes do not fit one frame`);
  }
  const frame = new Uint8Array(ethernetBytes + ipBytes + tcpBytes + payload.length);
  const view = new DataView(frame.buffer);
  // Locally administered addresses that stand for nothing.
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00]);
  const ip = ethernetBytes;
  writeIp(view, ip, segment);
  writeTcp(view, ip + ipBytes, segment);
  frame.set(payload, ip + ipBytes + tcpBytes);
  view.setUint16(ip + 10, onesComplement(frame.subarray(ip, ip + ipBytes), 0));
  // The TCP checksum also covers addresses, protocol and length (RFC 9293, 3.1).
  const tcp = frame.subarray(ip + ipBytes);
  const pseudo = sumOf(frame.subarray(ip + 12, ip + ipBytes)) + 6 + tcp.length;
  view.setUint16(ip + ipBytes + 16, onesComplement(tcp, pseudo));
  return frame;
}

function writeIp(view: DataView, at: number, { from, to, bytes }: TcpSegmentMade): void {
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, ipBytes + tcpBytes + bytes.length);
  view.setUint16(at + 6, 0x4000);
  view.setUint8(at + 8, 64);
  view.setUint8(at + 9, 6);
  view.setUint32(at + 12, ipv4(from.ip));
  view.setUint32(at + 16, ipv4(to.ip));
}

function writeTcp(view: DataView, at: number, { from, to, seq, ack, kind = 'data' }: TcpSegmentMade): void {
  view.setUint16(at, port(from.port));
  view.setUint16(at + 2, port(to.port));
  view.setUint32(at + 4, seq);
  view.setUint32(at + 8, ack);
  view.setUint8(at + 12, (tcpBytes / 4) << 4);
  view.setUint8(at + 13, flags[kind]);
  view.setUint16(at + 14, 0xffff);
}

function ipv4(text: string): number {
  const octets = text.split('.').map((part) => (/^[0-9]{1,3}$/.test(part) ? Number(part) : 256));
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) throw new RangeError(`"${text}" is no IPv4 address`);
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

function port(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) throw new RangeError(`${value} is no port`);
  return value;
}

/** RFC 1071: the sum of 16-bit words, carries added, inverted; an odd last byte counts as a high one. */
function onesComplement(bytes: Uint8Array, start: number): number {
  let sum = start + sumOf(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  return sum;
}
