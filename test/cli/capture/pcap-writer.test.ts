import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../../../src/cli/capture/pcap-writer.ts';
import { segmentPayloadLimitBytes } from '../../../src/cli/capture/tcp-frame.ts';
import { concatBytes } from '../../../src/core/base/bytes.ts';
import { bytesOf, vectors } from '../../core/codec/vectors.ts';

const client = { ip: '10.0.0.1', port: 40_000 };
const smsc = { ip: '10.0.0.2', port: 9971 };
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

describe('pcapRecord', () => {
  it.skipIf(!hasTshark)(
    'is read by tshark with right checksums, and every vector as CIMD2 (skipped without tshark)',
    () => {
      const { status, stdout } = tshark(capture());
      expect(status).toBe(0);
      const rows = stdout.trim().split('\n');
      expect(rows).toHaveLength(vectors.length);
      for (const [index, row] of rows.entries()) {
        const [ipStatus, tcpStatus, malformed, protocols, hex] = row.split('|');
        expect({ ipStatus, tcpStatus, malformed }).toEqual({ ipStatus: '1', tcpStatus: '1', malformed: '' });
        expect(protocols).toBe('eth:ethertype:ip:tcp:cimd');
        expect(hex).toBe(vectors[index]?.hex);
      }
    },
  );

  it('refuses what fits no frame, no address and no port', () => {
    const segment = { at: 0, from: client, to: smsc, seq: 0, ack: 0, bytes: new Uint8Array() };
    expect(() => pcapRecord({ ...segment, bytes: new Uint8Array(segmentPayloadLimitBytes) })).not.toThrow();
    expect(() => pcapRecord({ ...segment, bytes: new Uint8Array(segmentPayloadLimitBytes + 1) })).toThrow(/one frame/);
    expect(() => pcapRecord({ ...segment, from: { ip: '10.0.0.256', port: 1 } })).toThrow(/no IPv4/);
    expect(() => pcapRecord({ ...segment, to: { ip: '::1', port: 1 } })).toThrow(/no IPv4/);
    expect(() => pcapRecord({ ...segment, to: { ip: '10.0.0.1', port: 65_536 } })).toThrow(/no port/);
  });
});

/** Every vector in a frame of its own, in its direction. */
function capture(): Uint8Array {
  let sent = 0xffff_ff00;
  let received = 5;
  const records = vectors.map((vector, index) => {
    const bytes = bytesOf(vector.hex);
    const at = 1_790_000_000_000 + index;
    if (vector.direction === 'client->server') {
      const record = pcapRecord({ at, from: client, to: smsc, seq: sent, ack: received, bytes });
      sent = (sent + bytes.length) % 0x1_0000_0000;
      return record;
    }
    const record = pcapRecord({ at, from: smsc, to: client, seq: received, ack: sent, bytes });
    received += bytes.length;
    return record;
  });
  return concatBytes(pcapHeader(), ...records);
}

function tshark(bytes: Uint8Array): { readonly status: number | null; readonly stdout: string } {
  const dir = mkdtempSync(join(tmpdir(), 'pcap-'));
  try {
    const file = join(dir, 'out.pcap');
    writeFileSync(file, bytes);
    const fields = ['ip.checksum.status', 'tcp.checksum.status', '_ws.malformed', 'frame.protocols', 'tcp.payload'];
    const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-d', 'tcp.port==9971,cimd'];
    const args = [...options, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])];
    return spawnSync('tshark', ['-r', file, ...args], { encoding: 'utf8' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
