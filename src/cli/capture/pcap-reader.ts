/**
 * Reads classic pcap files, chunk by chunk: either byte order, micro- or nanoseconds. Never holds more than one record.
 * Source: draft-ietf-opsawg-pcap.
 */
import { type CaptureEvent, type CaptureReader, joinChunks, recordLimitBytes, viewOf } from './captured-frame.ts';

interface FileHeader {
  readonly isLittleEndian: boolean;
  /** Of the second field of a time, in one millisecond. */
  readonly fractionsPerMs: number;
  readonly linkType: number;
}

/** The first four bytes, as they stand in the file. */
export const pcapMagics: Readonly<Record<string, Pick<FileHeader, 'isLittleEndian' | 'fractionsPerMs'>>> = {
  a1b2c3d4: { isLittleEndian: false, fractionsPerMs: 1_000 },
  d4c3b2a1: { isLittleEndian: true, fractionsPerMs: 1_000 },
  a1b23c4d: { isLittleEndian: false, fractionsPerMs: 1_000_000 },
  '4d3cb2a1': { isLittleEndian: true, fractionsPerMs: 1_000_000 },
};

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

export class PcapReader implements CaptureReader {
  #rest: Uint8Array = new Uint8Array();
  #header: FileHeader | undefined;
  #isBroken = false;

  push(chunk: Uint8Array): readonly CaptureEvent[] {
    if (this.#isBroken) return [];
    const bytes = joinChunks(this.#rest, chunk);
    const view = viewOf(bytes);
    let at = 0;
    if (this.#header === undefined) {
      if (bytes.length < fileHeaderBytes) {
        this.#rest = bytes.slice();
        return [];
      }
      this.#header = readFileHeader(view);
      if (this.#header === undefined) return this.#broken('it does not begin like a pcap file');
      at = fileHeaderBytes;
    }
    const { isLittleEndian, fractionsPerMs, linkType } = this.#header;
    const events: CaptureEvent[] = [];
    while (at + recordHeaderBytes <= bytes.length) {
      const sizeBytes = view.getUint32(at + 8, isLittleEndian);
      if (sizeBytes > recordLimitBytes) return [...events, ...this.#broken(`a record of ${sizeBytes} bytes`)];
      const end = at + recordHeaderBytes + sizeBytes;
      if (end > bytes.length) break;
      const seconds = view.getUint32(at, isLittleEndian);
      const time = seconds * 1000 + view.getUint32(at + 4, isLittleEndian) / fractionsPerMs;
      events.push({ type: 'frame', at: time, linkType, bytes: bytes.subarray(at + recordHeaderBytes, end) });
      at = end;
    }
    this.#rest = bytes.slice(at);
    return events;
  }

  end(): readonly CaptureEvent[] {
    if (this.#isBroken || this.#rest.length === 0) return [];
    return this.#broken(`the file ends inside a record; its last ${this.#rest.length} bytes`);
  }

  #broken(what: string): readonly CaptureEvent[] {
    this.#isBroken = true;
    this.#rest = new Uint8Array();
    return [{ type: 'broken', message: what }];
  }
}

function readFileHeader(view: DataView): FileHeader | undefined {
  const magic = pcapMagics[view.getUint32(0).toString(16)];
  // The upper bits of the link type say whether frames end in a checksum, which nobody reads here.
  return magic && { ...magic, linkType: view.getUint32(20, magic.isLittleEndian) & 0xffff };
}
