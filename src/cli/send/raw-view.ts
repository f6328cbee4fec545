/**
 * What `cimd2 send --raw` shows: every packet as it was on the wire, and of those that came back each parameter with
 * meaning, range and faults, as `cimd2 decode` tells them. The numbers of the whole connection are followed, shown or not.
 */

import { packetDocument } from '../cimd2/decode-document.ts';
import { contentLines } from '../cimd2/decode-lines.ts';
import { NumberRules } from '../cimd2/decode-numbers.ts';
import { readPacket } from '../cimd2/decode-packet.ts';
import { formatPacketLine, type PacketLine } from '../cimd2/packet-text.ts';
import type { Painter } from '../colour.ts';

export interface RawSight {
  readonly lines: readonly string[];
  /** Direction, wire and meaning; `decoded` is that of `cimd2.packet/1` for a packet that came back. */
  readonly document: object;
}

export class RawView {
  readonly #numbers = new NumberRules();
  readonly #paint: Painter;

  constructor(paint: Painter) {
    this.#paint = paint;
  }

  /** @param bytes undefined for what is no packet */
  see(line: PacketLine, bytes: Uint8Array | undefined): RawSight {
    const report = bytes && readPacket(bytes, this.#numbers, { nationalPositions: 'nokia' });
    const wire = formatPacketLine(line);
    if (line.direction === 'out') return { lines: [this.#paint.dim(wire)], document: line };
    if (report === undefined) return { lines: [wire], document: line };
    return {
      lines: [wire, ...contentLines(report, this.#paint)],
      document: { ...line, decoded: packetDocument(report) },
    };
  }
}
