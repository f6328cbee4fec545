/**
 * Wireshark's dissector as the judge of every CIMD2 packet that our processes wrote to a socket: in the whole run of
 * `npm test`, where a tap keeps them (`wire-tap.mjs`), and of one packet for each operation and parameter. It does not
 * count two packets in one segment, so each gets a frame of its own. Checksums are added up here, by other lines than ours.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../../src/cli/capture/pcap-writer.ts';
import { encodePacket } from '../../src/core/codec/encode.ts';
import { generalError, nack, operationName, operations, type ParameterUse } from '../../src/core/codec/operations.ts';
import type { Packet } from '../../src/core/codec/packet.ts';
import { packetNumber } from '../../src/core/codec/packet-number.ts';
import { findParameter, parameterName } from '../../src/core/codec/parameters.ts';
import { findProgram, whySkipped } from './peer.ts';

const skipped = whySkipped('tshark');
const tapDir = process.env['WIRE_TAP_DIR'];

/** What tshark calls otherwise than the specification and we. */
const otherNames: Readonly<Record<string, string>> = {
  set: 'set message',
  get: 'get message',
  subaddress: 'subaddr',
  'general error response': 'general error resp',
};

interface Judged {
  readonly operation: number;
  readonly number: number;
  readonly parameters: readonly string[];
  readonly checksum: string;
  readonly complaint: string;
  readonly info: string;
}

describe.skipIf(skipped !== '')(`tshark reads what we write${skipped}`, () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringbridge-judge-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('finds every operation and parameter under our name', async () => {
    const packets = onePacketEach().map((packet) => encodePacket(packet, { checksum: 'send' }));
    const file = await capture(dir, packets);
    const frames: string[][] = [];
    for await (const line of tshark(file, ['-V', '-O', 'cimd'])) {
      if (line.startsWith('Frame ')) frames.push([]);
      const name = /^ {4}(\S.*)$/.exec(line)?.[1];
      if (name !== undefined) frames.at(-1)?.push(name);
    }
    expect(frames).toHaveLength(packets.length);
    for (const [n, packet] of onePacketEach().entries()) {
      const names = frames[n]?.filter((name) => !/^(Operation Code|Packet Number|Checksum):/.test(name)) ?? [];
      expect(names.map((name) => name.toLowerCase())).toEqual(
        packet.parameters.map(({ code }) => theirName(parameterName(code))),
      );
    }
  });

  it('finds nothing malformed in what our processes wrote, and what we wrote is what it reads', async () => {
    const written = tapDir === undefined ? [] : await tapped(tapDir);
    const packets = [...written, ...onePacketEach().map((packet) => encodePacket(packet, { checksum: 'send' }))];
    for (const packet of packets) expect(sumOf(packet), spelled(packet)).toBe(sumWrittenIn(packet));

    const file = await capture(dir, packets);
    let read = 0;
    for await (const line of tshark(file, fields)) {
      const packet = packets[read];
      read += 1;
      if (packet === undefined) break;
      // A comparison by hand, because a hundred thousand expectations take their time.
      const difference = differenceOf(packet, judged(line));
      if (difference !== undefined) expect.fail(`${spelled(packet)}: ${difference}`);
    }
    expect(read).toBe(packets.length);
    process.stdout.write(
      `tshark read ${packets.length} packets, ${written.length} of them from the wire of the processes under test\n`,
    );
  });
});

/** For each operation and answer: a packet with all its parameters, one after the other where they exclude each other. */
function onePacketEach(): readonly Packet[] {
  const packets: Packet[] = [];
  const add = (operation: number, uses: readonly ParameterUse[]): void => {
    const number = packetNumber(operation === 20 || operation === 23 || operation === 70 || operation === 73 ? 2 : 3);
    packets.push({ operation, packetNumber: number, parameters: [] });
    for (const { code } of uses) {
      packets.push({ operation, packetNumber: number, parameters: [{ code, value: sampleOf(code) }] });
    }
  };
  for (const { code, responseCode, request, positive, negative } of operations) {
    add(code, request);
    add(responseCode, [...positive, ...negative]);
  }
  add(generalError.code, generalError.parameters);
  add(nack.code, nack.parameters);
  return packets;
}

function theirName(name: string): string {
  return otherNames[name] ?? name.toLowerCase();
}

function sampleOf(code: number): string {
  switch (findParameter(code)?.type) {
    case 'integer':
      return '1';
    case 'address':
      return '+358501234567';
    case 'hex':
      return '050003CC0201';
    case 'time':
      return '260131235959';
    default:
      return 'Sample';
  }
}

/** Every packet that a tapped process wrote. */
async function tapped(directory: string): Promise<readonly Uint8Array[]> {
  const packets: Uint8Array[] = [];
  for (const name of await readdir(directory)) {
    const bytes = await readFile(join(directory, name));
    for (let at = 0; at + 4 <= bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at);
      // One write may hold several packets; a process that was killed leaves half a record.
      for (let start = at + 4; start < end && end <= bytes.length; ) {
        const etx = bytes.indexOf(3, start);
        if (etx < 0 || etx >= end)
          throw new Error(`a write that ends in mid-packet: ${spelled(bytes.subarray(start, end))}`);
        packets.push(bytes.subarray(start, etx + 1));
        start = etx + 1;
      }
      at = end;
    }
  }
  return packets;
}

async function capture(dir: string, packets: readonly Uint8Array[]): Promise<string> {
  const file = join(dir, 'wire.pcap');
  const records: Uint8Array[] = [];
  const next = { application: 1, smsc: 1 };
  for (const bytes of packets) {
    const sender = isFromSmsc(bytes) ? 'smsc' : 'application';
    const other = sender === 'smsc' ? 'application' : 'smsc';
    const [seq, ack] = [next[sender], next[other]];
    records.push(pcapRecord({ at: 0, from: ends[sender], to: ends[other], seq, ack, bytes }));
    next[sender] = (next[sender] + bytes.length) % 2 ** 32;
  }
  await writeFile(file, Buffer.concat([pcapHeader(), ...records]));
  return file;
}

const ends = { application: { ip: '127.0.0.1', port: 40_000 }, smsc: { ip: '127.0.0.1', port: 9971 } } as const;

/** Operations that an SMSC writes; 99 comes from both and is taken for the SMSC's. */
function isFromSmsc(packet: Uint8Array): boolean {
  return /^(5\d|9\d|20|23)$/.test(Buffer.from(packet.subarray(1, 3)).toString('latin1'));
}

const fields = ['-T', 'fields', '-E', 'separator=\u001f'].concat(
  ...[
    ...['cimd.opcode', 'cimd.pnumber', 'cimd.pcode', 'cimd.chksum'],
    ...['_ws.malformed', '_ws.expert.message', '_ws.col.Info'],
  ].map((field) => ['-e', field]),
);

async function* tshark(file: string, args: readonly string[]): AsyncGenerator<string> {
  // The names of hosts would be looked up; the numbers of segments would be complained about.
  const quiet = ['-n', '-o', 'tcp.analyze_sequence_numbers:FALSE', '-d', 'tcp.port==9971,cimd'];
  const child = spawn(findProgram('tshark') ?? 'tshark', ['-r', file, ...quiet, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  yield* createInterface({ input: child.stdout });
}

function judged(line: string): Judged {
  const [operation, number, parameters = '', checksum = '', malformed = '', expert = '', info = ''] =
    line.split('\u001f');
  return {
    operation: Number(operation),
    number: Number(number),
    parameters: parameters === '' ? [] : parameters.split(','),
    checksum,
    complaint: [malformed, expert].join(' ').trim(),
    info,
  };
}

function differenceOf(packet: Uint8Array, read: Judged): string | undefined {
  const text = Buffer.from(packet).toString('latin1');
  const operation = Number(text.slice(1, 3));
  const parameters = text
    .slice(8, text.lastIndexOf('\t') + 1)
    .split('\t')
    .slice(0, -1);
  const request = operation >= 50 && operation < 98 ? operation - 50 : operation;
  const ours = operationName(request);
  const name = `${theirName(ours)}${operation === request ? '' : ' resp'}`;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['complaint', read.complaint, ''],
    ['operation', read.operation, operation],
    ['packet number', read.number, Number(text.slice(4, 7))],
    ['parameters', read.parameters.join(), parameters.map((parameter) => parameter.slice(0, 3)).join()],
    ['checksum', read.checksum, `0x${sumWrittenIn(packet).toLowerCase()}`],
    ['name', read.info.toLowerCase(), name],
  ];
  const different = pairs.find(([, theirs, mine]) => theirs !== mine);
  return different && `${different[0]}: tshark says ${different[1]}, we ${different[2]}`;
}

/** SPEC: section 1.5, in other words than those of the codec. */
function sumOf(packet: Uint8Array): string {
  const body = packet.subarray(0, packet.lastIndexOf(9) + 1);
  return (body.reduce((sum, octet) => sum + octet, 0) % 256).toString(16).toUpperCase().padStart(2, '0');
}

function sumWrittenIn(packet: Uint8Array): string {
  return Buffer.from(packet.subarray(packet.lastIndexOf(9) + 1, -1)).toString('latin1');
}

function spelled(packet: Uint8Array): string {
  return JSON.stringify(Buffer.from(packet).toString('latin1'));
}
