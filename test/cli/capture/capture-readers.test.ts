import { describe, expect, it } from 'vitest';
import type { CaptureReader } from '../../../src/cli/capture/captured-frame.ts';
import { PcapReader } from '../../../src/cli/capture/pcap-reader.ts';
import { pcapHeader, pcapRecord } from '../../../src/cli/capture/pcap-writer.ts';
import { PcapngReader } from '../../../src/cli/capture/pcapng-reader.ts';
import { readSegment } from '../../../src/cli/capture/tcp-segment.ts';
import { concatBytes, fromHex, fromLatin1, toLatin1 } from '../../../src/core/base/bytes.ts';

const from = { ip: '10.0.0.1', port: 40_000 };
const to = { ip: '10.0.0.2', port: 9971 };
const at = 1_790_000_000_000.25;
const record = pcapRecord({ at, from, to, seq: 7, ack: 9, bytes: fromLatin1('hello') });
const frame = record.subarray(16);
/** Behind the Ethernet header. */
const ip = frame.subarray(14);

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex.replaceAll(' ', ''));
  if (read === undefined) throw new Error(`the test holds bad hex: ${hex}`);
  return read;
}

/** `time linkType payload`, or what is broken; the file cut into chunks of that size. */
function readAll(newReader: () => CaptureReader, file: Uint8Array, chunkBytes = file.length): readonly string[] {
  const reader = newReader();
  const told: string[] = [];
  const tell = (events: ReturnType<CaptureReader['push']>) => {
    for (const event of events) {
      if (event.type === 'broken') {
        told.push('broken');
        continue;
      }
      const segment = readSegment(event.linkType, event.bytes);
      told.push(`${event.at} ${event.linkType} ${typeof segment === 'string' ? segment : toLatin1(segment.bytes)}`);
    }
  };
  for (let i = 0; i < file.length; i += chunkBytes) tell(reader.push(file.subarray(i, i + chunkBytes)));
  tell(reader.end());
  return told;
}

function uint32(value: number, order: 'little' | 'big'): Uint8Array {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setUint32(0, value, order === 'little');
  return four;
}

function block(type: number, body: Uint8Array, order: 'little' | 'big' = 'little'): Uint8Array {
  const padded = concatBytes(body, new Uint8Array((4 - (body.length % 4)) % 4));
  const length = uint32(padded.length + 12, order);
  return concatBytes(uint32(type, order), length, padded, length);
}

const sectionLittle = block(0x0a0d0d0a, bytes('4d3c2b1a 0100 0000 ffffffffffffffff'));
/** Ethernet, no snap length, times in nanoseconds. */
const nanoseconds = block(1, bytes('0100 0000 00000000 0900 0100 09000000 0000 0000'));

function enhanced(units: bigint, body: Uint8Array): Uint8Array {
  const words = [0, Number(units >> 32n), Number(units & 0xffff_ffffn), body.length, body.length];
  return block(6, concatBytes(...words.map((word) => uint32(word, 'little')), body));
}

describe('PcapReader', () => {
  const file = concatBytes(pcapHeader(), record, record);

  it('reads what we write, cut anywhere', () => {
    const both = [`${at} 1 hello`, `${at} 1 hello`];
    for (const chunkBytes of [1, 15, 24, 100, file.length]) {
      expect(readAll(() => new PcapReader(), file, chunkBytes)).toEqual(both);
    }
  });

  it('reads the other byte order and nanoseconds', () => {
    const header = bytes('a1b23c4d 0002 0004 00000000 00000000 00040000 00000001');
    const words = [1_790_000_000, 250_000, frame.length, frame.length];
    const other = concatBytes(header, ...words.map((word) => uint32(word, 'big')), frame);
    expect(readAll(() => new PcapReader(), other)).toEqual([`${at} 1 hello`]);
  });

  it('says that a file ends inside a record, or holds one that cannot be', () => {
    expect(readAll(() => new PcapReader(), file.subarray(0, -1))).toEqual([`${at} 1 hello`, 'broken']);
    const wild = concatBytes(file, new Uint8Array(16).fill(0xff), record);
    expect(readAll(() => new PcapReader(), wild, 50)).toEqual([`${at} 1 hello`, `${at} 1 hello`, 'broken']);
  });
});

describe('PcapngReader', () => {
  const packet = enhanced(BigInt(at * 1000) * 1000n, frame);

  it('reads packets and skips what it does not know, however long, cut anywhere', () => {
    const unknown = block(0x0bad, new Uint8Array(2_000_000));
    const file = concatBytes(sectionLittle, nanoseconds, packet, unknown, packet);
    for (const chunkBytes of [65_536, 999_999, file.length]) {
      expect(readAll(() => new PcapngReader(), file, chunkBytes)).toEqual([`${at} 1 hello`, `${at} 1 hello`]);
    }
    const short = concatBytes(sectionLittle, nanoseconds, packet);
    expect(readAll(() => new PcapngReader(), short, 1)).toEqual([`${at} 1 hello`]);
  });

  it('reads a section of the other byte order, and packets without time', () => {
    const section = block(0x0a0d0d0a, bytes('1a2b3c4d 0001 0000 ffffffffffffffff'), 'big');
    const raw = block(1, bytes('0065 0000 00000000'), 'big');
    const simple = block(3, concatBytes(uint32(ip.length, 'big'), ip), 'big');
    expect(readAll(() => new PcapngReader(), concatBytes(section, raw, simple))).toEqual(['undefined 101 hello']);
  });

  it('says that a file ends inside a block, or holds one that cannot be', () => {
    const file = concatBytes(sectionLittle, nanoseconds, packet);
    expect(readAll(() => new PcapngReader(), file.subarray(0, -2))).toEqual(['broken']);
    expect(readAll(() => new PcapngReader(), concatBytes(file, new Uint8Array(12)))).toEqual([
      `${at} 1 hello`,
      'broken',
    ]);
  });
});

describe('readSegment', () => {
  it.each([
    ['Ethernet', 1, frame],
    ['Ethernet with a VLAN tag', 1, concatBytes(frame.subarray(0, 12), bytes('8100 0007'), frame.subarray(12))],
    ['loopback', 0, concatBytes(bytes('02000000'), ip)],
    ['OpenBSD loopback', 108, concatBytes(bytes('00000002'), ip)],
    ['Linux cooked', 113, concatBytes(bytes('0000 0304 0006 000000000000 0000 0800'), ip)],
    ['Linux cooked v2', 276, concatBytes(bytes('0800 0000 00000001 0304 00 06 0000000000000000'), ip)],
    ['raw IP', 101, ip],
    ['padding behind the packet', 1, concatBytes(frame, new Uint8Array(9))],
  ])('finds TCP in %s', (_, linkType, bytesOfFrame) => {
    expect(readSegment(linkType, bytesOfFrame)).toMatchObject({
      from: '10.0.0.1:40000',
      to: '10.0.0.2:9971',
      seq: 7,
      ack: 9,
      sizeBytes: 5,
      bytes: fromLatin1('hello'),
    });
  });

  it.each([
    ['', '[2001:db8::1]:40000'],
    ['0000010400000000', '[2001:db8::1]:40000'],
  ])('finds TCP in IPv6 behind the extension headers "%s"', (extensions, expected) => {
    const extension = bytes(extensions === '' ? '' : `06${extensions.slice(2)}`);
    const tcp = ip.subarray(20);
    const length = (extension.length + tcp.length).toString(16).padStart(4, '0');
    const first = extensions === '' ? '06' : '00';
    const header = bytes(
      `60000000 ${length} ${first} 40 20010db8000000000000000000000001 00000000000000000000000000000001`,
    );
    const segment = readSegment(229, concatBytes(header, extension, tcp));
    expect(segment).toMatchObject({ from: expected, to: '[::1]:9971', sizeBytes: 5 });
  });

  it('tells what was not recorded from what was not there', () => {
    const segment = readSegment(101, ip.subarray(0, -2));
    expect(segment).toMatchObject({ sizeBytes: 5, bytes: fromLatin1('hel') });
  });

  it('names what it does not read', () => {
    const fragment = ip.slice();
    fragment[6] = 0x20;
    expect(readSegment(101, fragment)).toBe('fragment');
    expect(readSegment(147, frame)).toBe('unknown-link');
    expect(readSegment(101, ip.subarray(0, 30))).toBe('cut');
    const udp = ip.slice();
    udp[9] = 17;
    expect(readSegment(101, udp)).toBe('other');
    expect(readSegment(1, bytes('ffffffffffff 020000000001 0806 0001'))).toBe('other');
  });

  it('reads any bytes at all without throwing', () => {
    for (let length = 0; length <= frame.length; length += 1) {
      for (const linkType of [0, 1, 101, 108, 113, 276]) {
        expect(() => readSegment(linkType, frame.subarray(0, length))).not.toThrow();
        expect(() => readSegment(linkType, new Uint8Array(length).fill(0x60))).not.toThrow();
      }
    }
  });
});
