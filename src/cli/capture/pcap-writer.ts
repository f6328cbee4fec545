/**
 * Writes classic pcap files: each call of {@link pcapRecord} is one frame of `tcp-frame.ts`. It makes no handshake of TCP.
 * Source: draft-ietf-opsawg-pcap.
 */
import { ethernetLinkType, type TcpSegmentMade, tcpFrame } from './tcp-frame.ts';

export interface PcapSegment extends TcpSegmentMade {
  /** Milliseconds since 1970, with fractions if there are any; the file keeps microseconds. */
  readonly at: number;
}

/** The 24 bytes that begin the file: version 2.4, microseconds, link type Ethernet, little endian. */
export function pcapHeader(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, ethernetLinkType, true);
  return bytes;
}

/**
 * One record: 16 bytes of pcap, then the frame.
 *
 * @throws RangeError as {@link tcpFrame}
 */
export function pcapRecord(segment: PcapSegment): Uint8Array {
  const frame = tcpFrame(segment);
  const record = new Uint8Array(16 + frame.length);
  const view = new DataView(record.buffer);
  const micros = Math.round(segment.at * 1000);
  view.setUint32(0, Math.floor(micros / 1_000_000), true);
  view.setUint32(4, micros % 1_000_000, true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  record.set(frame, 16);
  return record;
}
