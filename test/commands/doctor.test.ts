import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../shell/processes/certificate.ts';
import { password, phone, type SmallBridge, startSmallBridge } from '../shell/recording/small-bridge.ts';
import { documentOf } from './run-command.ts';
import { runHere } from './run-here.ts';
import { epochA, writeState } from './sample-state.ts';

interface Found {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly result: string;
    readonly text: string;
    readonly remedy?: string;
  }[];
  readonly measured: Readonly<Record<string, unknown>>;
}

let bridge: SmallBridge;
let dir = '';
let tls: TlsServer;
const own = makeCertificate({ valid: { from: -10, until: 3 } });
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doctor-'));
  writeFileSync(join(dir, 'own.crt'), own.cert);
  bridge = await startSmallBridge({ limitBytes: 1_048_576, keepMs: 86_400_000, privacy: 'full' });
  tls = createTlsServer(own, (socket) => socket.on('error', () => undefined));
  await new Promise<void>((listening) => tls.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  tls.close();
  await bridge.drain();
  await bridge.clear();
  rmSync(dir, { recursive: true, force: true });
});

async function examine(...flags: readonly string[]) {
  const result = await runHere(['doctor', '--json', ...flags], { env: { RINGBRIDGE_SMSC_PASSWORD: password } });
  // The document of a command of ours.
  return { status: result.status, found: documentOf(result) as Found };
}

const of = (found: Found, name: string) => found.checks.filter((check) => check.name === name);

describe('doctor', () => {
  it('finds everything a running buffer has to do with, and reckons its best rate', async () => {
    const { status, found } = await examine('--state-dir', bridge.bufferDir);
    expect(found.checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect({ status, ok: found.ok }).toEqual({ status: 0, ok: true });
    for (const name of [
      'versions',
      'state directory',
      'lock',
      'disk',
      'buffer',
      'SMSC',
      'IM server',
      'speed',
      'place',
    ]) {
      expect(of(found, name).map(({ result }) => result)).toEqual(['passed']);
    }
    expect(of(found, 'login')).toMatchObject([{ result: 'skipped' }]);
    expect(found.measured['bestPerSecond']).toBeGreaterThan(0);
  });

  it('logs in with --login only, and measures the turn-around', async () => {
    const { found } = await examine('--state-dir', bridge.bufferDir, '--login', '--user', 'app');
    expect(of(found, 'login')).toMatchObject([
      { result: 'passed', text: expect.stringMatching(/^logged in as app; .*10\)$/) },
    ]);
    expect(found.measured['turnAroundBy']).toBe('answers');
    const wrong = await examine('--state-dir', bridge.bufferDir, '--login', '--user', 'nobody');
    expect(wrong.status).toBe(7);
    expect(of(wrong.found, 'login')).toMatchObject([{ result: 'failed' }]);
    expect(JSON.stringify(wrong.found)).not.toContain(password);
  });

  it('fails for rights that let others look, and says what helps', async () => {
    const stateDir = join(dir, 'open');
    await writeState(stateDir, 'buffer', { epoch: epochA });
    chmodSync(stateDir, 0o755);
    const { status, found } = await examine('--state-dir', stateDir);
    expect(status).toBe(7);
    const remedy = `let only its owner: chmod -R go= ${stateDir}`;
    expect(of(found, 'state directory')).toMatchObject([
      { result: 'failed', text: expect.stringContaining('0755'), remedy },
    ]);
  });

  it('fails for a peer that is not there, a name that is none, and a directory that is missing', async () => {
    const flags = ['--smsc', 'tcp://127.0.0.1:9', '--im-server', 'wss://no-such-host.invalid/link'];
    const { status, found } = await examine(...flags, '--state-dir', join(dir, 'none'));
    expect(status).toBe(7);
    expect(of(found, 'SMSC')).toMatchObject([
      { result: 'failed', text: expect.stringContaining('connection refused') },
    ]);
    expect(of(found, 'name')).toMatchObject([
      { result: 'failed', text: expect.stringContaining('no-such-host.invalid') },
    ]);
    expect(of(found, 'state directory')).toMatchObject([{ result: 'failed' }]);
    expect(of(found, 'speed')).toMatchObject([{ result: 'skipped' }]);
  });

  it('tells a certificate that is not trusted from one that ends soon', async () => {
    const address = tls.address();
    const smsc = `tls://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const strange = await examine('--smsc', smsc);
    expect(of(strange.found, 'certificate')).toMatchObject([
      { result: 'failed', text: expect.stringContaining('is not trusted') },
    ]);
    const known = await examine('--smsc', smsc, '--tls-ca', join(dir, 'own.crt'));
    expect(of(known.found, 'certificate')).toMatchObject([
      { result: 'failed', text: expect.stringContaining('valid until'), remedy: 'renew it now' },
    ]);
  });

  it('reads config files, and tells what is wrong in them with its line', async () => {
    const good = join(dir, 'hel1.toml');
    writeFileSync(good, 'smsc = "tcp://127.0.0.1:9"\nsmsc-id = "hel1"\nwindow = 4\n');
    const bad = join(dir, 'bad.toml');
    writeFileSync(bad, 'smsc-id = "hel1"\nring-sise = 7\n');
    const { found } = await examine('--config', good, '--config', bad);
    expect(of(found, 'config')).toMatchObject([
      { result: 'passed', text: expect.stringContaining('config file of buffer') },
      { result: 'failed', text: expect.stringContaining('bad.toml:2') },
    ]);
    expect(found.measured['window']).toBe(4);
  });

  it('writes one file for a bug report, without secrets, masked unless it is to be revealed', async () => {
    const config = join(dir, 'report.toml');
    writeFileSync(config, 'smsc-id = "hel1"\npassword-file = "app.password"\n# a remark\nuser = "358401234567"\n');
    await bridge.carry(['a text to nobody else']);
    const dirs = ['--state-dir', bridge.bufferDir, '--state-dir', bridge.imDir];
    const file = join(dir, 'report.tar.gz');
    await examine('--config', config, ...dirs, '--bundle', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = gunzipSync(readFileSync(file)).toString('latin1');
    const unpacked = join(dir, 'unpacked');
    expect(await runHere(['ring', 'import', file, unpacked])).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(join(unpacked, 'report.json'), 'utf8'))).toMatchObject({
      ...{ schema: 'doctor.report/1', versions: { node: process.versions.node } },
      doctor: { schema: 'doctor/1' },
      configs: [{ path: config, values: { 'smsc-id': 'hel1', 'password-file': 'app.password', user: '35840…67' } }],
      roles: [{ schema: 'buffer.status/1' }, { schema: 'im-server.status/1' }],
    });
    expect(await runHere(['ring', 'history', '1', '--state-dir', unpacked])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('confirmed → settled'),
    });
    for (const secret of [password, phone, 'a text to nobody else', 'a remark']) expect(text).not.toContain(secret);

    const again = await runHere(['doctor', ...dirs, '--bundle', file]);
    expect(again).toMatchObject({ status: 2 });
    expect(again.stderr).toContain('EEXIST');

    const whole = join(dir, 'whole.tar.gz');
    await examine(...dirs, '--bundle', whole, '--reveal');
    const revealed = gunzipSync(readFileSync(whole)).toString('latin1');
    expect(revealed).toContain(phone);
    expect(revealed).toContain('recording/00000001.rec');
  });

  it('without anything says what it could not look at, in lines for people', async () => {
    const { stdout, stderr, status } = await runHere(['doctor'], { env: { HOME: dir, XDG_STATE_HOME: dir } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^✔ versions +ringbridge /);
    expect(stdout).toMatch(/\n– login +not tried; --login does/);
    expect(stdout).toMatch(/\nnothing is wrong: 1 check passed, \d+ skipped\n$/);
  });
});
