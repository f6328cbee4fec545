/**
 * Writes pcapng files: one section, one interface, and a block for each frame with its time and direction. Little endian,
 * microseconds. Source: draft-ietf-opsawg-pcapng.
 */
import { concatBytes } from '../../core/base/bytes.ts';
import { pcapngMagic } from './pcapng-reader.ts';
import { ethernetLinkType } from './tcp-frame.ts';

const blockType = { section: pcapngMagic, interface: 1, enhancedPacket: 6 } as const;
const option = { end: 0, comment: 1, name: 2, flags: 2, application: 4, timeResolution: 9 } as const;
/** Of `flags`, bits 0 and 1. */
const directions = { in: 1, out: 2 } as const;

/** Type, length, and the length again at the end. */
const frameBytes = 12;
const snapLength = 262_144;
const microseconds = 6;

/** @param made who wrote the file, and from what */
export function pcapngHeader(made: { readonly application: string; readonly comment: string }): Uint8Array {
  const section = new Uint8Array(16);
  const view = new DataView(section.buffer);
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  // The length of the section is not known.
  view.setBigInt64(8, -1n, true);
  const device = new Uint8Array(8);
  const deviceView = new DataView(device.buffer);
  deviceView.setUint16(0, ethernetLinkType, true);
  deviceView.setUint32(4, snapLength, true);
  return concatBytes(
    block(blockType.section, section, [
      textOption(option.comment, made.comment),
      textOption(option.application, made.application),
    ]),
    block(blockType.interface, device, [
      textOption(option.name, 'cimd2'),
      optionOf(option.timeResolution, Uint8Array.of(microseconds)),
    ]),
  );
}

export interface CapturedPacket {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As seen from the role that was recorded. */
  readonly direction: 'in' | 'out';
  /** Of the link type Ethernet, see `tcp-frame.ts`. */
  readonly frame: Uint8Array;
}

export function pcapngPacket({ at, direction, frame }: CapturedPacket): Uint8Array {
  const body = new Uint8Array(20 + paddedLength(frame.length));
  const view = new DataView(body.buffer);
  const micros = Math.round(at * 1000);
  view.setUint32(4, Math.floor(micros / 0x1_0000_0000), true);
  view.setUint32(8, micros % 0x1_0000_0000, true);
  view.setUint32(12, frame.length, true);
  view.setUint32(16, frame.length, true);
  body.set(frame, 20);
  return block(blockType.enhancedPacket, body, [optionOf(option.flags, littleEndian(directions[direction]))]);
}

/** @param body of a length that 4 divides */
function block(type: number, body: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(body, ...options, optionOf(option.end, new Uint8Array()));
  const length = frameBytes + content.length;
  return concatBytes(littleEndian(type), littleEndian(length), content, littleEndian(length));
}

function textOption(code: number, text: string): Uint8Array {
  return optionOf(code, new TextEncoder().encode(text));
}

function optionOf(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + paddedLength(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function paddedLength(length: number): number {
  return Math.ceil(length / 4) * 4;
}
