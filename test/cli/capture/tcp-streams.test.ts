import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TcpSegment } from '../../../src/cli/capture/tcp-segment.ts';
import { type TcpEvent, TcpStreams } from '../../../src/cli/capture/tcp-streams.ts';
import { concatBytes, fromLatin1, toLatin1 } from '../../../src/core/base/bytes.ts';

const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:9971', fromPort: 40_000, toPort: 9971 };

function segment(seq: number, text: string, rest: Partial<TcpSegment> = {}): TcpSegment {
  const flags = { ack: undefined, isSyn: false, isFin: false, isReset: false };
  return { ...ends, ...flags, seq: seq >>> 0, sizeBytes: text.length, bytes: fromLatin1(text), ...rest };
}

function syn(seq: number): TcpSegment {
  return segment(seq, '', { isSyn: true });
}

/** `ab`, `lost 3`, `end`: neighbouring bytes in one. */
function describeEvents(events: readonly TcpEvent[]): readonly string[] {
  const told: string[] = [];
  let wasBytes = false;
  for (const event of events) {
    if (event.type === 'bytes' && wasBytes) told[told.length - 1] += toLatin1(event.bytes);
    else
      told.push(
        event.type === 'bytes' ? toLatin1(event.bytes) : event.type === 'lost' ? `lost ${event.lostBytes}` : 'end',
      );
    wasBytes = event.type === 'bytes';
  }
  return told;
}

function run(...segments: readonly TcpSegment[]): readonly string[] {
  const streams = new TcpStreams();
  return describeEvents([...segments.flatMap((one) => streams.take(one, undefined)), ...streams.end()]);
}

describe('TcpStreams', () => {
  it('puts segments in order, whatever wraps and overlaps', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 20 })), { maxLength: 30 }),
        (text, first, cuts) => {
          // Any pieces in any order, then all of it: nothing may be missing and nothing twice.
          const pieces = cuts.map(([at, size]) => segment(first + 1 + at, text.slice(at, at + size)));
          expect(run(syn(first), ...pieces, segment(first + 1, text))).toEqual([text, 'end']);
        },
      ),
    );
  });

  it('begins where the capture does, without a SYN', () => {
    expect(run(segment(500, 'abc'), segment(503, 'def'), segment(500, 'abc'))).toEqual(['abcdef', 'end']);
  });

  it('tells bytes that never came, at the latest at the end', () => {
    expect(run(syn(0), segment(1, 'ab'), segment(6, 'cd'))).toEqual(['ab', 'lost 3', 'cd', 'end']);
  });

  it('gives a gap up as soon as the other end has acknowledged what lies behind it', () => {
    const streams = new TcpStreams();
    for (const one of [syn(0), segment(1, 'ab'), segment(6, 'cd')]) streams.take(one, undefined);
    const back = { from: ends.to, to: ends.from, fromPort: 9971, toPort: 40_000 };
    const events = streams.take(segment(9, '', { ...back, ack: 8 }), undefined);
    expect(describeEvents(events)).toEqual(['lost 3', 'cd']);
  });

  it('tells what the snap length cut off', () => {
    expect(run(syn(0), segment(1, 'abc', { sizeBytes: 10 }), segment(11, 'd'))).toEqual(['abc', 'lost 7', 'd', 'end']);
  });

  it('ends with FIN once everything came, and with a reset at once', () => {
    const fin = segment(3, 'c', { isFin: true });
    expect(run(syn(0), fin, segment(1, 'ab'), segment(1, 'ab'), fin)).toEqual(['abc', 'end']);
    expect(run(syn(0), segment(1, 'a'), segment(2, '', { isReset: true }))).toEqual(['a', 'end']);
  });

  it('takes another SYN on the same ports for a new connection, and the same one for a repetition', () => {
    expect(run(syn(0), syn(0), segment(1, 'a'), syn(900), segment(901, 'b'))).toEqual(['a', 'end', 'b', 'end']);
  });

  it('holds a limited number of bytes behind a gap', () => {
    const streams = new TcpStreams();
    streams.take(syn(0), undefined);
    const chunk = 'x'.repeat(65_000);
    let events: readonly TcpEvent[] = [];
    let sent = 0;
    while (events.length === 0) {
      events = streams.take(segment(101 + sent, chunk), undefined);
      sent += chunk.length;
    }
    expect(sent).toBeLessThan(1_200_000);
    expect(events[0]).toMatchObject({ type: 'lost', lostBytes: 100 });
    const given = concatBytes(...events.flatMap((event) => (event.type === 'bytes' ? [event.bytes] : [])));
    expect(given).toHaveLength(sent);
  });

  it('follows a limited number of directions', () => {
    const streams = new TcpStreams();
    const ended = Array.from({ length: 3000 }, (_, port) =>
      streams.take(segment(1, 'a', { from: `10.0.0.1:${port}` }), undefined),
    ).flatMap((events) => events.filter((event) => event.type === 'end'));
    expect(ended).toHaveLength(3000 - 2048);
  });
});
