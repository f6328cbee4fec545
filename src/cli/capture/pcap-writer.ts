/**
 * Writes classic pcap files: each call of {@link pcapRecord} is one Ethernet frame with IPv4, TCP and a payload, lengths
 * and checksums right, so that other people's dissectors read it. It makes no handshake of TCP: the caller counts
 * sequence numbers. One CIMD2 packet per frame is the caller's part too; Wireshark finds no two in one. SPEC: section 11.1.
 */

/** One end of a TCP connection. */
export interface PcapEndpoint {
  /** Dotted IPv4. */
  readonly ip: string;
  /** 0–65535 */
  readonly port: number;
}

export interface PcapSegment {
  /** Milliseconds since 1970, with fractions if there are any; the file keeps microseconds. */
  readonly at: number;
  readonly from: PcapEndpoint;
  readonly to: PcapEndpoint;
  /** Sequence number of the first byte, modulo 2^32. */
  readonly seq: number;
  /** Next byte expected of the other end, modulo 2^32. */
  readonly ack: number;
  /** 0–65495 bytes: what fits one IPv4 packet. */
  readonly bytes: Uint8Array;
}

const ethernetBytes = 14;
const ipBytes = 20;
const tcpBytes = 20;
/** Longest payload of one frame. */
export const pcapPayloadLimitBytes = 65_535 - ipBytes - tcpBytes;

/** The 24 bytes that begin the file: version 2.4, microseconds, link type Ethernet, little endian. */
export function pcapHeader(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  return bytes;
}

/**
 * One record: 16 bytes of pcap, then the frame.
 *
 * @throws RangeError for an address that is not IPv4, a port beyond 65535, or a payload that fits no packet
 */
export function pcapRecord(segment: PcapSegment): Uint8Array {
  const { bytes: payload } = segment;
  if (payload.length > pcapPayloadLimitBytes) throw new RangeError(`${payload.length} bytes do not fit one frame`);
  const frameBytes = ethernetBytes + ipBytes + tcpBytes + payload.length;
  const record = new Uint8Array(16 + frameBytes);
  const view = new DataView(record.buffer);
  const micros = Math.round(segment.at * 1000);
  view.setUint32(0, Math.floor(micros / 1_000_000), true);
  view.setUint32(4, micros % 1_000_000, true);
  view.setUint32(8, frameBytes, true);
  view.setUint32(12, frameBytes, true);
  const ethernet = 16;
  // Locally administered addresses that stand for nothing.
  record.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00], ethernet);
  const ip = ethernet + ethernetBytes;
  writeIp(view, ip, segment);
  writeTcp(view, ip + ipBytes, segment);
  record.set(payload, ip + ipBytes + tcpBytes);
  view.setUint16(ip + 10, onesComplement(record.subarray(ip, ip + ipBytes), 0));
  // The TCP checksum also covers addresses, protocol and length (RFC 9293, 3.1).
  const tcp = record.subarray(ip + ipBytes);
  const pseudo = sumOf(record.subarray(ip + 12, ip + ipBytes)) + 6 + tcp.length;
  view.setUint16(ip + ipBytes + 16, onesComplement(tcp, pseudo));
  return record;
}

function writeIp(view: DataView, at: number, { from, to, bytes }: PcapSegment): void {
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, ipBytes + tcpBytes + bytes.length);
  view.setUint16(at + 6, 0x4000);
  view.setUint8(at + 8, 64);
  view.setUint8(at + 9, 6);
  view.setUint32(at + 12, ipv4(from.ip));
  view.setUint32(at + 16, ipv4(to.ip));
}

function writeTcp(view: DataView, at: number, { from, to, seq, ack }: PcapSegment): void {
  view.setUint16(at, port(from.port));
  view.setUint16(at + 2, port(to.port));
  view.setUint32(at + 4, seq);
  view.setUint32(at + 8, ack);
  view.setUint8(at + 12, (tcpBytes / 4) << 4);
  // PSH and ACK.
  view.setUint8(at + 13, 0x18);
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
