import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pcapHeader, pcapRecord } from '../../../src/cli/capture/pcap-writer.ts';
import { concatBytes, fromLatin1 } from '../../../src/core/base/bytes.ts';
import { vectors } from '../../core/codec/vectors.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decode-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function decode(args: readonly string[], stdin?: string) {
  return runHere(['cimd2', 'decode', ...args], stdin === undefined ? {} : { stdin });
}

describe('cimd2 decode', () => {
  it('says in words what a packet is', async () => {
    const hello = '<STX>03:003<TAB>021:+358401234567<TAB>033:Hello<TAB>79<ETX>';
    const { stdout, stderr, status } = await decode([hello, '--strict']);
    expect({ stderr, status }).toEqual({ stderr: '1 packet; read as log\n', status: 0 });
    expect(stdout).toMatch(/03:003 {2}submit message {3}application → SMSC/);
    expect(stdout).toMatch(/✔ 033 {2}user data +Hello +"Hello", 5 of 160 septets \(7\.1: at most 480 bytes\)/);
    expect(stdout).toMatch(/✔ checksum +79 +as expected/);
  });

  it('ends 7 on a fault under --strict and says the first', async () => {
    const { stderr, status } = await decode(['0234303a30303309303003', '--strict']);
    expect(status).toBe(7);
    expect(stderr).toMatch(
      /Packet 1, line 1: .*checksum 00, expected 3C \(section 1\.5\)\. \(CIMD2_CHECKSUM_MISMATCH\)/,
    );
    expect((await decode(['--strict', '-'], 'nothing\n')).stderr).toMatch(/No packet was found/);
  });

  it('refuses what is neither file nor packet', async () => {
    expect(await decode(['no-such-file'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/INPUT_UNREADABLE/),
    });
    expect(await decode([])).toMatchObject({ status: 2, stderr: expect.stringMatching(/USAGE_MISSING_VALUE/) });
  });

  it('reads the CIMD2 of a capture, with times and endpoints, and leaves other connections alone', async () => {
    const file = join(dir, 'capture.pcap');
    const client = { ip: '10.0.0.1', port: 40_000 };
    const smsc = { ip: '10.0.0.2', port: 9971 };
    const web = { ip: '10.0.0.3', port: 80 };
    const at = Date.UTC(2026, 0, 31);
    const greeting = fromLatin1('CIMD2-A SessionId = 2\n');
    const login = fromLatin1('\x0201:001\t010:MyUserId\t011:SeCrEt\t18\x03');
    const records = [
      pcapRecord({ at, from: smsc, to: client, seq: 1, ack: 1, bytes: greeting }),
      pcapRecord({ at, from: client, to: web, seq: 1, ack: 1, bytes: fromLatin1('\x02no\x03\x02such\x03') }),
      pcapRecord({ at, from: client, to: smsc, seq: 1, ack: 1, bytes: login.subarray(0, 5) }),
      // Out of order, and one of them twice.
      pcapRecord({ at: at + 1, from: client, to: smsc, seq: 11, ack: 1, bytes: login.subarray(10) }),
      pcapRecord({ at: at + 2, from: client, to: smsc, seq: 6, ack: 1, bytes: login.subarray(5, 10) }),
      pcapRecord({ at: at + 3, from: client, to: smsc, seq: 6, ack: 1, bytes: login.subarray(5, 10) }),
    ];
    writeFileSync(file, concatBytes(pcapHeader(), ...records));
    const { stdout, status } = await decode([file, '--json']);
    expect(status).toBe(0);
    expect(stdout).not.toContain('SeCrEt');
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents).toMatchObject([
      { schema: 'cimd2.noise/1', sizeBytes: 22, text: 'CIMD2-A SessionId = 2\n' },
      { schema: 'cimd2.packet/1', name: 'login', at: '2026-01-31T00:00:00.001Z', from: '10.0.0.1:40000', faults: [] },
    ]);
    const all = documentOf(await decode([file, '--json', '--summary', '--port', '80']));
    expect(all).toMatchObject({ schema: 'cimd2.summary/1', packets: 2, faulty: 2 });
  });
});

describe('cimd2 decode --json | cimd2 encode', () => {
  it('gives every vector back byte for byte', async () => {
    const hex = vectors.map((vector) => vector.hex.toUpperCase());
    const decoded = await decode(['-', '--json'], hex.join('\n'));
    expect(decoded.status).toBe(0);
    const passwords = vectors.flatMap(({ parameters }) => parameters).filter(([code]) => code === 11);
    const other = passwords.find(([, value]) => value !== 'SeCrEt')?.[1] ?? '';
    // The vectors have two passwords; documents of the other one go in by themselves.
    const lines = decoded.stdout.trim().split('\n');
    const isOther = (index: number) =>
      vectors[index]?.parameters.some(([code, value]) => code === 11 && value === other);
    for (const password of ['SeCrEt', other]) {
      const isWanted = (index: number) => isOther(index) === (password === other);
      const encoded = await runCommand(['cimd2', 'encode', '-'], {
        stdin: lines.filter((_, index) => isWanted(index)).join('\n'),
        env: { RINGBRIDGE_SMSC_PASSWORD: password },
      });
      expect(encoded).toEqual({ status: 0, stderr: '', stdout: expect.any(String) });
      expect(encoded.stdout.trim().split('\n')).toEqual(hex.filter((_, index) => isWanted(index)));
    }
  });
});
