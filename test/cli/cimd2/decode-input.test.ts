import { describe, expect, it } from 'vitest';
import { type Finding, PacketFinder } from '../../../src/cli/cimd2/decode-finder.ts';
import { type InputForm, readPieces, recognizeForm } from '../../../src/cli/cimd2/decode-input.ts';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';

const alive = '0234303a30303309334303';
const raw = '\x0240:003\t3C\x03';

/** Operations, faults and noise found, however the input is cut. */
async function find(text: string, form?: InputForm, chunkBytes = text.length): Promise<readonly string[]> {
  async function* chunks() {
    for (let at = 0; at < text.length; at += chunkBytes) yield fromLatin1(text.slice(at, at + chunkBytes));
  }
  const finder = new PacketFinder({ nationalPositions: 'nokia', protocol: 'known' });
  const findings: Finding[] = [];
  const input = readPieces(chunks(), form, []);
  for await (const pieces of input.pieces) for (const piece of pieces) findings.push(...finder.take(piece));
  findings.push(...finder.end());
  return findings.map((finding) => {
    const line = finding.place.line === undefined ? '' : ` line ${finding.place.line}`;
    if (finding.type === 'noise') return `noise ${finding.sizeBytes}${line}`;
    if (finding.type === 'fault') return `${finding.fault.code}${line}`;
    const { operation = 0, packetNumber = 0, faults } = finding.report;
    return [`${operation}:${packetNumber}${line}`, ...faults.map((fault) => fault.code)].join(' ');
  });
}

describe('the form of an input', () => {
  it.each<readonly [string, InputForm]>([
    [alive, 'hex'],
    ['0x02, 0x34\n30:3a', 'hex'],
    ['\\x02\\x34\\x30', 'hex'],
    [raw, 'raw'],
    [`CIMD2-A ConnectionInfo\n${raw}`, 'raw'],
    ['<STX>40:003<TAB>\n3C<ETX>', 'escaped'],
    ['> <STX>40:003<TAB>3C<ETX>   alive', 'log'],
    [`2026-01-31 12:00:00 sent ${alive}`, 'log'],
    ['\xd4\xc3\xb2\xa1\x02\x00\x04\x00', 'pcap'],
    ['\x0a\x0d\x0d\x0a\x1c\x00\x00\x00', 'pcapng'],
  ])('of %j is %s', (text, form) => {
    expect(recognizeForm(fromLatin1(text))).toBe(form);
  });
});

describe('packets in text', () => {
  it.each([
    ['spaces', '02 34 30 3a 30 30 33 09 33 43 03'],
    ['0x', '0x02,0x34,0x30,0x3a,0x30,0x30,0x33,0x09,0x33,0x43,0x03'],
    ['\\x', '\\x02\\x34\\x30\\x3a\\x30\\x30\\x33\\x09\\x33\\x43\\x03'],
    ['line breaks within a byte', '0\n234303a3030330933\r\n4303\n'],
  ])('reads hex with %s, cut anywhere', async (_, text) => {
    for (const chunkBytes of [1, 2, 3, 7, text.length]) {
      expect(await find(text, 'hex', chunkBytes)).toEqual([expect.stringMatching(/^40:3 line \d$/)]);
    }
  });

  it('refuses hex that is none, and says in which line', async () => {
    await expect(find('0234\n30zz', 'hex')).rejects.toThrow(/Line 2 .*"z"/);
    await expect(find('02343', 'hex')).rejects.toThrow(/half a byte/);
  });

  it.each([
    ['> <STX>40:003<TAB>3C<ETX>        alive, 3 ms'],
    ['[12:00:00] sent \\x0240:003\\x093C\\x03 to smsc'],
    ['[\\x0240:003\\t3C\\x03]'],
    [`2026-01-31 02:15:33 out ${alive} 38 ms`],
    ['2026-01-31 02:15:33 out 02 34 30 3A 30 30 33 09 33 43 03 accepted 38 ms'],
    [`TX(${alive})`],
  ])('finds the packet in the line %s', async (line) => {
    const log = `nothing here 0203 02:30\n${line}\nnor here\n${line}\n`;
    for (const chunkBytes of [1, 5, log.length]) {
      expect(await find(log, 'log', chunkBytes)).toEqual(['40:3 line 2', '40:3 line 4']);
    }
  });

  it('says of a packet that its line does not hold to the end', async () => {
    expect(await find('a <STX>40:003<TAB>\nb <STX>40:005<TAB>3E<ETX>', 'log')).toEqual([
      'CIMD2_TRUNCATED line 1',
      '40:5 line 2',
    ]);
  });

  it('shows a header in hex that cannot be read, where STX and ETX make a word', async () => {
    expect(await find('got 02333a30303709 and 02333a3030370903', 'log')).toEqual(['0:0 line 1 CIMD2_BAD_HEADER']);
  });

  it('keeps nothing of a line without end, and says so', async () => {
    const log = `${'x'.repeat(600_000)}\n<STX>40:003<TAB>3C<ETX>\n`;
    expect(await find(log, 'log', 50_000)).toEqual(['INPUT_UNREADABLE line 1', '40:3 line 2']);
  });

  it('goes over to bytes where they begin behind a greeting that came alone', async () => {
    expect(await find(`CIMD2-A SessionId = 2\n${raw}${raw}`, undefined, 22)).toEqual(['40:3', '40:3']);
  });
});
