/**
 * Reads the TCP connections of a capture as inputs of the decoder. Which of them speak CIMD2 is found out behind this;
 * here only ports are filtered, and what could not be read is counted.
 */
import type { CaptureEvent, CaptureReader } from '../capture/captured-frame.ts';
import { type FrameWithoutSegment, readSegment } from '../capture/tcp-segment.ts';
import { type TcpEvent, TcpStreams } from '../capture/tcp-streams.ts';
import type { Piece, Place } from './decode-finder.ts';
import type { InputReader } from './decode-text.ts';

export class CaptureInput implements InputReader {
  readonly #reader: CaptureReader;
  readonly #ports: readonly number[];
  readonly #streams = new TcpStreams();
  readonly #skipped = new Map<FrameWithoutSegment, number>();
  /** Link types that are not read; as many as a file has interfaces at most. */
  readonly #unknownLinks = new Set<number>();

  /** @param ports of either end; none means every port */
  constructor(reader: CaptureReader, ports: readonly number[]) {
    this.#reader = reader;
    this.#ports = ports;
  }

  push(chunk: Uint8Array): readonly Piece[] {
    return this.#reader.push(chunk).flatMap((event) => this.#take(event));
  }

  end(): readonly Piece[] {
    const last = this.#reader.end().flatMap((event) => this.#take(event));
    return [...last, ...this.#streams.end().map(pieceOf)];
  }

  /** What was passed over and may matter, for people; empty where nothing was. */
  notices(): readonly string[] {
    const count = (kind: FrameWithoutSegment) => this.#skipped.get(kind) ?? 0;
    const links = [...this.#unknownLinks].join(', ');
    return [
      ...(count('unknown-link') === 0
        ? []
        : [`${count('unknown-link')} frames have a link type that is not read: ${links}.`]),
      ...(count('fragment') === 0 ? [] : [`${count('fragment')} fragments of IP packets were not put together.`]),
      ...(count('cut') === 0 ? [] : [`${count('cut')} frames were cut inside their headers.`]),
    ];
  }

  #take(event: CaptureEvent): readonly Piece[] {
    if (event.type === 'broken') {
      const message = `The capture cannot be read to its end: ${event.message}.`;
      return [{ type: 'broken', place: {}, fault: { code: 'CAPTURE_LOST_BYTES', message } }];
    }
    const segment = readSegment(event.linkType, event.bytes);
    if (typeof segment === 'string') {
      this.#skipped.set(segment, (this.#skipped.get(segment) ?? 0) + 1);
      if (segment === 'unknown-link') this.#unknownLinks.add(event.linkType);
      return [];
    }
    const isWanted =
      this.#ports.length === 0 || this.#ports.includes(segment.fromPort) || this.#ports.includes(segment.toPort);
    return isWanted ? this.#streams.take(segment, event.at).map(pieceOf) : [];
  }
}

function pieceOf(event: TcpEvent): Piece {
  const { from, to } = event.direction;
  const place: Place = { from, to, ...(event.at === undefined ? {} : { at: event.at }) };
  const stream = { conversation: from < to ? `${from} ${to}` : `${to} ${from}`, direction: from };
  switch (event.type) {
    case 'bytes':
      return { type: 'bytes', stream, place, bytes: event.bytes };
    case 'lost':
      return { type: 'lost', stream, place, lostBytes: event.lostBytes };
    case 'end':
      return { type: 'end', stream, place };
  }
}
