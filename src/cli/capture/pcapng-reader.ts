/**
 * Reads pcapng files, chunk by chunk: several sections and interfaces, either byte order, any time resolution. Blocks
 * that hold no packet are skipped, however long. Never holds more than one block. Source: draft-ietf-opsawg-pcapng.
 */
import { type CaptureEvent, type CaptureReader, joinChunks, recordLimitBytes, viewOf } from './captured-frame.ts';

interface Interface {
  readonly linkType: number;
  /** Of a time, in one millisecond. */
  readonly unitsPerMs: number;
  /** Milliseconds to add to a time. */
  readonly offsetMs: number;
  readonly snapLength: number;
}

export const pcapngMagic = 0x0a0d0d0a;

const blockType = { section: pcapngMagic, interface: 1, oldPacket: 2, simplePacket: 3, enhancedPacket: 6 } as const;
const option = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
/** Type, length, and the length again at the end. */
const frameBytes = 12;
/** Of one section; the format knows no limit. */
const interfaceLimit = 1024;

export class PcapngReader implements CaptureReader {
  #rest: Uint8Array = new Uint8Array();
  #isLittleEndian = false;
  #interfaces: Interface[] = [];
  /** Bytes still to come of a block that nobody reads. */
  #toSkip = 0;
  #isBroken = false;

  push(chunk: Uint8Array): readonly CaptureEvent[] {
    if (this.#isBroken) return [];
    const skipped = Math.min(this.#toSkip, chunk.length);
    this.#toSkip -= skipped;
    const bytes = joinChunks(this.#rest, chunk.subarray(skipped));
    const view = viewOf(bytes);
    const events: CaptureEvent[] = [];
    let at = 0;
    while (at + frameBytes <= bytes.length) {
      // The type of a section header reads the same in both orders; it says the order of what follows.
      const isSection = view.getUint32(at) === pcapngMagic;
      if (isSection) this.#isLittleEndian = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      const type = isSection ? pcapngMagic : view.getUint32(at, this.#isLittleEndian);
      const length = view.getUint32(at + 4, this.#isLittleEndian);
      if (length < frameBytes || length % 4 !== 0) {
        return [...events, ...this.#broken(`a block of ${length} bytes`)];
      }
      const isRead = isSection || type === blockType.interface || isPacket(type);
      if (length > recordLimitBytes) {
        if (isRead) return [...events, ...this.#broken(`a block of ${length} bytes`)];
        const there = Math.min(length, bytes.length - at);
        this.#toSkip = length - there;
        at += there;
        continue;
      }
      if (at + length > bytes.length) break;
      this.#block(type, bytes.subarray(at + 8, at + length - 4), events);
      at += length;
    }
    this.#rest = bytes.slice(at);
    return events;
  }

  end(): readonly CaptureEvent[] {
    if (this.#isBroken || (this.#rest.length === 0 && this.#toSkip === 0)) return [];
    return this.#broken(`the file ends inside a block; its last ${this.#rest.length} bytes`);
  }

  #block(type: number, body: Uint8Array, events: CaptureEvent[]): void {
    const view = viewOf(body);
    const order = this.#isLittleEndian;
    if (type === blockType.section) {
      this.#interfaces = [];
    } else if (type === blockType.interface && body.length >= 8) {
      if (this.#interfaces.length < interfaceLimit) this.#interfaces.push(readInterface(body, order));
    } else if (type === blockType.simplePacket && body.length >= 4) {
      const found = this.#interfaces[0];
      const snapped = found === undefined || found.snapLength === 0 ? body.length : found.snapLength;
      const size = Math.min(view.getUint32(0, order), body.length - 4, snapped);
      if (found !== undefined) events.push(frame(undefined, found, body.subarray(4, 4 + size)));
    } else if (isPacket(type) && body.length >= 20) {
      const found =
        this.#interfaces[type === blockType.oldPacket ? view.getUint16(0, order) : view.getUint32(0, order)];
      const size = Math.min(view.getUint32(12, order), body.length - 20);
      const time = view.getUint32(4, order) * 0x1_0000_0000 + view.getUint32(8, order);
      if (found === undefined) return;
      events.push(frame(time / found.unitsPerMs + found.offsetMs, found, body.subarray(20, 20 + size)));
    }
  }

  #broken(what: string): readonly CaptureEvent[] {
    this.#isBroken = true;
    this.#rest = new Uint8Array();
    return [{ type: 'broken', message: what }];
  }
}

function isPacket(type: number): boolean {
  return type === blockType.enhancedPacket || type === blockType.oldPacket || type === blockType.simplePacket;
}

function frame(at: number | undefined, { linkType }: Interface, bytes: Uint8Array): CaptureEvent {
  return { type: 'frame', at, linkType, bytes };
}

function readInterface(body: Uint8Array, order: boolean): Interface {
  const view = viewOf(body);
  let unitsPerMs = 1_000;
  let offsetMs = 0;
  for (let at = 8; at + 4 <= body.length; ) {
    const code = view.getUint16(at, order);
    const length = view.getUint16(at + 2, order);
    if (code === option.end || at + 4 + length > body.length) break;
    if (code === option.timeResolution && length === 1) unitsPerMs = resolution(view.getUint8(at + 4));
    if (code === option.timeOffset && length === 8) offsetMs = Number(view.getBigInt64(at + 4, order)) * 1000;
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType: view.getUint16(0, order), unitsPerMs, offsetMs, snapLength: view.getUint32(4, order) };
}

/** Bit 7 says whether the rest is a power of two or of ten. */
function resolution(value: number): number {
  return (value & 0x80) === 0 ? 10 ** (value & 0x7f) / 1000 : 2 ** (value & 0x7f) / 1000;
}
