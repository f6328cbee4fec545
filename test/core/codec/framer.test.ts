import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/core/base/bytes.ts';
import { Framer, type FramerEvent } from '../../../src/core/codec/framer.ts';
import { bytesOf, describeEvent, frame } from './vectors.ts';

const alive = '0234303A30303309334303';

describe('stream vectors of reference section 10.1', () => {
  it('hands out a greeting before the login response', () => {
    const greeting =
      '43494D44322D4120436F6E6E656374696F6E496E666F3A2053657373696F6E4964203D20313720506F72744964203D20332054696D65203D20323630313331313230303030204163636573' +
      '7354797065203D2054435049505F534F434B45542050494E203D2031323334350A';
    expect(frame(bytesOf(`${greeting}0235313A30303109334303`)).map(describeEvent)).toEqual([
      `between ${greeting}`,
      'packet 0235313A30303109334303',
    ]);
    expect(bytesOf(greeting)).toHaveLength(108);
  });

  it('finds packets among NUL, CR and LF', () => {
    expect(packets('00000239303A303033093431030D0A0239303A3030350934330300')).toEqual([
      'packet 0239303A30303309343103',
      'packet 0239303A30303509343303',
    ]);
  });

  it('separates two packets back to back', () => {
    const first = '0235333A303037093032313A31093036303A32363031333131323030303009373403';
    const second = '0232303A303030093032313A3132093032333A3334093036303A323630313331313230303030093033333A7809323903';
    expect(packets(first + second)).toEqual([`packet ${first}`, `packet ${second}`]);
  });

  it('drops an open packet at an inner STX and takes the one that begins there', () => {
    expect(packets(`0230333A303037093032313A3132${alive}`)).toEqual(['CIMD2_UNTERMINATED', `packet ${alive}`]);
  });

  it('ignores an ETX outside packets', () => {
    expect(frame(bytesOf(`0303${alive}`)).map(describeEvent)).toEqual([`packet ${alive}`]);
  });

  it('takes an empty packet as a packet of its own and goes on behind it', () => {
    expect(packets(`0203${alive}`)).toEqual(['packet 0203', `packet ${alive}`]);
  });
});

describe('limits of the framer', () => {
  const limited = () => new Framer({ limitBytes: 11, betweenLimitBytes: 4 });

  it('takes a packet exactly as long as the limit', () => {
    expect(limited().push(bytesOf(alive)).map(describeEvent)).toEqual([`packet ${alive}`]);
  });

  it('refuses a packet one byte over the limit, and finds the next one', () => {
    const events = limited().push(bytesOf(`0234303A3030330941334303${alive}`));
    expect(events.map(describeEvent)).toEqual(['CIMD2_OVERSIZE', `packet ${alive}`]);
  });

  it('calls a packet unterminated, not oversize, where the next begins right behind the limit', () => {
    const events = limited().push(bytesOf(`0234303A30303309414243${alive}`));
    expect(events.map(describeEvent)).toEqual(['CIMD2_UNTERMINATED', `packet ${alive}`]);
  });

  it('hands out the tail of an oversize packet as noise, never as a packet', () => {
    const events = limited().push(bytesOf(`0234303A303033094142434445${alive}`));
    expect(events.map(describeEvent)).toEqual(['CIMD2_OVERSIZE', 'between 4445', `packet ${alive}`]);
  });

  it('cuts the noise of one gap at its limit over all pushes, and counts the rest', () => {
    const framer = limited();
    expect(framer.push(bytesOf('414243'))).toEqual([{ type: 'between', bytes: bytesOf('414243'), droppedBytes: 0 }]);
    expect(framer.push(bytesOf('444546'))).toEqual([{ type: 'between', bytes: bytesOf('44'), droppedBytes: 2 }]);
    expect(framer.push(bytesOf('47'))).toEqual([{ type: 'between', bytes: bytesOf(''), droppedBytes: 1 }]);
    framer.push(bytesOf(alive));
    expect(framer.push(bytesOf('48'))).toEqual([{ type: 'between', bytes: bytesOf('48'), droppedBytes: 0 }]);
  });

  it('hands out copies, so that the reader may use its buffer again', () => {
    const chunk = bytesOf(`41${alive}`);
    const events = limited().push(chunk);
    chunk.fill(0);
    expect(events.map(describeEvent)).toEqual(['between 41', `packet ${alive}`]);
  });
});

describe('end of the stream', () => {
  it('reports a packet that was never closed', () => {
    expect(frame(bytesOf('0234303A')).map(describeEvent)).toEqual(['CIMD2_TRUNCATED']);
  });

  it('says nothing between packets', () => {
    expect(frame(bytesOf(alive)).map(describeEvent)).toEqual([`packet ${alive}`]);
    expect(new Framer({ limitBytes: 11, betweenLimitBytes: 0 }).end()).toEqual([]);
  });

  it('begins anew afterwards', () => {
    const framer = new Framer({ limitBytes: 64, betweenLimitBytes: 64 });
    framer.push(bytesOf('0234303A'));
    framer.end();
    expect(framer.push(bytesOf(alive)).map(describeEvent)).toEqual([`packet ${alive}`]);
  });
});

describe('any bytes at all', () => {
  // Half of the bytes are those that mean something, or nothing would ever begin or end.
  const byte = fc.oneof(fc.constantFrom(0x02, 0x03, 0x09, 0x00, 0x41), fc.nat(255));
  const stream = fc.array(byte, { maxLength: 120 }).map((bytes) => Uint8Array.from(bytes));
  const cuts = fc.array(fc.nat(120), { maxLength: 8 });
  const limitBytes = 16;

  it('never throw, never grow past the limits, and the next good packet is found', () => {
    fc.assert(
      fc.property(stream, cuts, (garbage, places) => {
        const framer = new Framer({ limitBytes, betweenLimitBytes: 8 });
        for (const piece of split(garbage, places)) {
          for (const event of framer.push(piece)) {
            if (event.type === 'packet') expect(event.bytes.length).toBeLessThanOrEqual(limitBytes);
            if (event.type === 'between') expect(event.bytes.length).toBeLessThanOrEqual(8);
          }
          expect(framer.bufferedBytes).toBeLessThanOrEqual(limitBytes);
        }
        expect(framer.push(bytesOf(alive)).map(describeEvent).at(-1)).toBe(`packet ${alive}`);
      }),
      { numRuns: 500 },
    );
  });

  it('mean the same however the stream is cut', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        expect(said(split(bytes, places))).toEqual(said([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('agree with a reader that looks at one byte after the other', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const events = said([bytes]).filter((line) => !line.startsWith('between'));
        expect(events).toEqual(slowTwin(bytes));
      }),
      { numRuns: 500 },
    );
  });

  /** Whole gaps instead of their pieces: where a gap is cut depends on the pushes. */
  function said(pieces: readonly Uint8Array[]): string[] {
    const framer = new Framer({ limitBytes, betweenLimitBytes: 8 });
    const lines: string[] = [];
    let gap: { hex: string; droppedBytes: number } | undefined;
    const close = () => {
      if (gap !== undefined) lines.push(`between ${gap.hex} and ${gap.droppedBytes} more`);
      gap = undefined;
    };
    const take = (event: FramerEvent) => {
      if (event.type === 'between') {
        gap ??= { hex: '', droppedBytes: 0 };
        gap = { hex: gap.hex + toHex(event.bytes), droppedBytes: gap.droppedBytes + event.droppedBytes };
        return;
      }
      close();
      lines.push(describeEvent(event));
    };
    for (const piece of pieces) for (const event of framer.push(piece)) take(event);
    for (const event of framer.end()) take(event);
    close();
    return lines;
  }

  /** The two states of reference section 1.6, word for word. */
  function slowTwin(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let open: number[] | undefined;
    for (const byte of bytes) {
      if (open === undefined) {
        if (byte === 0x02) open = [byte];
      } else if (byte === 0x02) {
        lines.push('CIMD2_UNTERMINATED');
        open = [byte];
      } else if (open.length + 1 > limitBytes) {
        lines.push('CIMD2_OVERSIZE');
        open = undefined;
      } else {
        open.push(byte);
        if (byte === 0x03) {
          lines.push(`packet ${toHex(Uint8Array.from(open))}`);
          open = undefined;
        }
      }
    }
    if (open !== undefined) lines.push('CIMD2_TRUNCATED');
    return lines;
  }
});

// Copying what is held at every byte would move 45 GB here.
it('takes a long packet byte by byte in linear time', { timeout: 5_000 }, () => {
  const body = new Uint8Array(300_000).fill(0x41);
  body[0] = 0x02;
  body[body.length - 1] = 0x03;
  const framer = new Framer({ limitBytes: body.length, betweenLimitBytes: 0 });
  let packetCount = 0;
  for (let i = 0; i < body.length; i += 1) packetCount += framer.push(body.subarray(i, i + 1)).length;
  expect(packetCount).toBe(1);
});

/** What comes of these bytes, without the noise. */
function packets(hex: string): string[] {
  return frame(bytesOf(hex))
    .filter((event) => event.type !== 'between')
    .map(describeEvent);
}

function split(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}
