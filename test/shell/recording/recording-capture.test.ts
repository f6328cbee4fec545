/** Recordings as captures: what other people's dissectors and our own decoder make of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PcapngReader } from '../../../src/cli/capture/pcapng-reader.ts';
import { captureOf, type RecordingCapture } from '../../../src/cli/recording/recording-capture.ts';
import { toLatin1 } from '../../../src/core/base/bytes.ts';
import { documentOf } from '../../commands/run-command.ts';
import { runHere } from '../../commands/run-here.ts';
import { password, phone, type SmallBridge, startSmallBridge } from './small-bridge.ts';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
/** Of Ethernet, IPv4 and TCP. */
const headerBytes = 54;
const texts = ['one', 'two', 'three'];

let bridge: SmallBridge;
let dir = '';
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-capture-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(texts);
  await bridge.writeBack('and back');
  await bridge.drain();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

function capture(stateDir: string, privacy: 'mask' | 'reveal' = 'reveal'): [Uint8Array, RecordingCapture] {
  const pieces = captureOf(stateDir, privacy);
  const bytes: Uint8Array[] = [];
  for (let next = pieces.next(); ; next = pieces.next()) {
    if (next.done === true) return [Buffer.concat(bytes), next.value];
    bytes.push(next.value);
  }
}

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

describe('a capture of a recording', () => {
  it.skipIf(!hasTshark)(
    'is read by tshark as one TCP connection that opens and ends, each packet as CIMD2, checksums right (skipped without tshark)',
    () => {
      const [bytes, { packets, connections }] = capture(bridge.bufferDir);
      expect(connections).toBe(1);
      const rows = tshark(fileOf('buffer.pcapng', bytes));
      for (const [ip, tcp, malformed, analysis] of rows) {
        expect({ ip, tcp, malformed, analysis }).toEqual({ ip: '1', tcp: '1', malformed: '', analysis: '' });
      }
      expect(rows.slice(0, 3).map(([, , , , flags]) => flags)).toEqual(['0x0002', '0x0012', '0x0018']);
      expect(rows.at(-1)?.[4]).toBe('0x0011');
      const cimd = rows.filter(([, , , , , protocols]) => protocols?.endsWith(':cimd'));
      // The greeting is no packet, and is in a frame of its own.
      expect(cimd).toHaveLength(packets - 1);
      // Login, three submits and their answers, …: in the words of the dissector.
      expect(cimd[0]?.[6]).toBe('1');
      expect(cimd.filter(([, , , , , , operation]) => operation === '3')).toHaveLength(texts.length);
    },
  );

  it('is read by cimd2 decode without a fault, passwords starred, from either end', async () => {
    for (const stateDir of [bridge.bufferDir, bridge.smscDir]) {
      const file = fileOf('decode.pcapng', capture(stateDir)[0]);
      const summary = await runHere(['cimd2', 'decode', file, '--strict', '--summary', '--json']);
      expect(summary).toMatchObject({ status: 0 });
      expect(documentOf(summary)).toMatchObject({ faults: [] });
      const { stdout } = await runHere(['cimd2', 'decode', file]);
      expect(stdout).toContain(phone);
      expect(stdout).toContain('********');
      expect(stdout).not.toContain(password);
    }
  });

  it('has the same packets at both ends of the line, but for the disguised login', () => {
    const [atBuffer] = capture(bridge.bufferDir);
    const [atSmsc] = capture(bridge.smscDir);
    expect(packetsOf(atBuffer).length).toBeGreaterThan(10);
    expect(packetsOf(atBuffer)).toEqual(packetsOf(atSmsc));
  });

  it('has numbers and texts masked where they are not to be shown', () => {
    for (const stateDir of [bridge.bufferDir, bridge.smscDir]) {
      const text = toLatin1(capture(stateDir, 'mask')[0]);
      expect(text).not.toContain('and back');
      expect(text).not.toContain(phone);
      expect(text).toContain('021:+3584******67');
      expect(text).toContain('[8 ch]');
    }
  });

  it('of an IM server, which speaks no CIMD2, has no packets', () => {
    expect(capture(bridge.imDir)[1]).toMatchObject({ role: 'im-server', connections: 0, packets: 0 });
  });
});

/** STX to ETX, without logins; which of the two ends wrote first is not the same at both. */
function packetsOf(bytes: Uint8Array): readonly string[] {
  const payloads = new PcapngReader()
    .push(bytes)
    .flatMap((event) => (event.type === 'frame' ? [toLatin1(event.bytes.subarray(headerBytes))] : []));
  const packets = payloads.filter((payload) => payload.startsWith('\x02'));
  return packets.filter((packet) => !packet.startsWith('\x0201:')).sort();
}

function tshark(file: string): readonly (readonly string[])[] {
  const fields = [
    ...['ip.checksum.status', 'tcp.checksum.status', '_ws.malformed', 'tcp.analysis.flags', 'tcp.flags'],
    ...['frame.protocols', 'cimd.opcode'],
  ];
  const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-d', 'tcp.port==9971,cimd'];
  const args = [...options, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])];
  const { stdout } = spawnSync('tshark', ['-r', file, ...args], { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((row) => row.split('|'));
}
