/**
 * From a captured frame to the TCP segment in it: link layer, IPv4 or IPv6, TCP. Frames without one are told apart from
 * those that cannot be read. Nothing is put together here; that is tcp-streams.ts. Sources: tcpdump.org/linktypes.html,
 * RFC 791, 8200, 9293.
 */
import { viewOf } from './captured-frame.ts';

export interface TcpSegment {
  /** `10.0.0.1:9971`, `[2001:db8::1]:9971` */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** Of the first byte, modulo 2^32. */
  readonly seq: number;
  /** Undefined without the flag. */
  readonly ack: number | undefined;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly isReset: boolean;
  /** Payload on the line; more than was captured where the snap length cut it. */
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
}

/** `fragment`: a piece of an IP packet, which is not put together; `unknown-link`: a link type that is not read. */
export type FrameWithoutSegment = 'other' | 'cut' | 'fragment' | 'unknown-link';

const ipv4Type = 0x0800;
const ipv6Type = 0x86dd;
const tcpProtocol = 6;

export function readSegment(linkType: number, frame: Uint8Array): TcpSegment | FrameWithoutSegment {
  const ip = skipLinkLayer(linkType, frame);
  if (typeof ip === 'string') return ip;
  const version = (ip[0] ?? 0) >> 4;
  if (version === 4) return readIpv4(ip);
  return version === 6 ? readIpv6(ip) : 'other';
}

/** Link types whose frames are read. */
const linkTypes = {
  loopback: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOld: 14,
  raw: 101,
  loop: 108,
  cooked: 113,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
};

function skipLinkLayer(linkType: number, frame: Uint8Array): Uint8Array | FrameWithoutSegment {
  switch (linkType) {
    case linkTypes.ethernet:
      return behindType(frame, 12);
    case linkTypes.cooked:
      return behindType(frame, 14);
    case linkTypes.cooked2:
      return isIp(uint16(frame, 0)) ? frame.subarray(20) : 'other';
    case linkTypes.loopback:
    case linkTypes.loop:
      // The family has the order and the number of the machine that recorded; the IP version says enough.
      return frame.subarray(4);
    case linkTypes.raw:
    case linkTypes.rawBsd:
    case linkTypes.rawOld:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return frame;
    default:
      return 'unknown-link';
  }
}

/** Behind the protocol type at `at`, and behind VLAN tags in front of it. */
function behindType(frame: Uint8Array, at: number): Uint8Array | FrameWithoutSegment {
  let typeAt = at;
  while (isVlan(uint16(frame, typeAt))) typeAt += 4;
  return isIp(uint16(frame, typeAt)) ? frame.subarray(typeAt + 2) : 'other';
}

function isIp(type: number | undefined): boolean {
  return type === ipv4Type || type === ipv6Type;
}

function isVlan(type: number | undefined): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100;
}

function readIpv4(ip: Uint8Array): TcpSegment | FrameWithoutSegment {
  if (ip.length < 20) return 'cut';
  const headerBytes = ((ip[0] ?? 0) & 15) * 4;
  if (ip[9] !== tcpProtocol) return 'other';
  const fragment = uint16(ip, 6) ?? 0;
  if ((fragment & 0x3fff) !== 0) return 'fragment';
  // A network card that cuts segments itself lets a length of 0 be recorded.
  const total = uint16(ip, 2) || ip.length;
  const text = (at: number) => ip.subarray(at, at + 4).join('.');
  return readTcp(ip.subarray(headerBytes, total), total - headerBytes, text(12), text(16));
}

/** Extension headers: hop-by-hop, routing, destination options, mobility. RFC 8200, section 4. */
const skippedExtensions = new Set([0, 43, 60, 135]);
const fragmentExtension = 44;

function readIpv6(ip: Uint8Array): TcpSegment | FrameWithoutSegment {
  if (ip.length < 40) return 'cut';
  const total = 40 + (uint16(ip, 4) || ip.length - 40);
  let protocol = ip[6];
  let at = 40;
  while (protocol !== tcpProtocol) {
    if (protocol === undefined) return 'cut';
    if (protocol === fragmentExtension) {
      if (((uint16(ip, at + 2) ?? 0) & 0xfff9) !== 0) return 'fragment';
      protocol = ip[at];
      at += 8;
    } else if (skippedExtensions.has(protocol)) {
      protocol = ip[at];
      at += 8 + (ip[at + 1] ?? 0) * 8;
    } else {
      return 'other';
    }
  }
  return readTcp(ip.subarray(at, total), total - at, ipv6Text(ip, 8), ipv6Text(ip, 24));
}

function readTcp(tcp: Uint8Array, length: number, from: string, to: string): TcpSegment | FrameWithoutSegment {
  if (tcp.length < 20) return 'cut';
  const view = viewOf(tcp);
  const headerBytes = (view.getUint8(12) >> 4) * 4;
  if (headerBytes < 20 || length < headerBytes) return 'cut';
  const flags = view.getUint8(13);
  const fromPort = view.getUint16(0);
  const toPort = view.getUint16(2);
  return {
    from: `${from}:${fromPort}`,
    to: `${to}:${toPort}`,
    fromPort,
    toPort,
    seq: view.getUint32(4),
    ack: (flags & 0x10) === 0 ? undefined : view.getUint32(8),
    isSyn: (flags & 2) !== 0,
    isFin: (flags & 1) !== 0,
    isReset: (flags & 4) !== 0,
    sizeBytes: length - headerBytes,
    bytes: tcp.subarray(headerBytes),
  };
}

/** `[2001:db8::1]`: the longest run of zero groups is left out. RFC 5952. */
function ipv6Text(ip: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => (uint16(ip, at + i * 2) ?? 0).toString(16));
  const runs = [...groups.join(':').matchAll(/(?:^|:)(0(?::0)+)(?=:|$)/g)].map((match) => match[1] ?? '');
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = groups.join(':');
  if (longest === '') return `[${text}]`;
  const begin = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  const before = text.slice(0, begin).replace(/:$/, '');
  return `[${before}::${text.slice(begin + longest.length).replace(/^:/, '')}]`;
}

function uint16(bytes: Uint8Array, at: number): number | undefined {
  const high = bytes[at];
  const low = bytes[at + 1];
  return high === undefined || low === undefined ? undefined : high * 256 + low;
}
