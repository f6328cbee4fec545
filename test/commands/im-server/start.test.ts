import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callControl, streamControl } from '../../../src/shell/control-client.ts';
import { makeCertificate } from '../../shell/processes/certificate.ts';
import { runHere } from '../run-here.ts';
import { type RunningRole, startRole } from '../smsc/start-smsc.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringbridge-im-'));
  const { cert, key } = makeCertificate();
  await writeFile(join(dir, 'im.crt'), cert);
  await writeFile(join(dir, 'im.key'), key, { mode: 0o600 });
  await writeFile(join(dir, 'other.crt'), makeCertificate().cert);
  await writeFile(join(dir, 'hel1.secret'), `${'0f'.repeat(32)}\n`, { mode: 0o600 });
  await writeFile(join(dir, 'tku1.secret'), `${'f0'.repeat(32)}\n`, { mode: 0o600 });
  await writeFile(join(dir, 'app.password'), 'ringbridge\n', { mode: 0o600 });
  await writeFile(
    join(dir, 'im.toml'),
    `listen = "127.0.0.1:0"
state-dir = "im"
service-number = ["2882"]
default-user = "alice"
tls-cert = "im.crt"
tls-key = "im.key"

[[buffer]]
smsc-id = "hel1"
secret-file = "hel1.secret"

[[buffer]]
smsc-id = "tku1"
secret-file = "tku1.secret"

[[route]]
prefix = "+35840"
smsc-id = "hel1"

[[route]]
prefix = "+35844"
smsc-id = "tku1"
`,
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function start(args: readonly string[]): Promise<RunningRole> {
  const role = await startRole(args);
  cleanups.push(async () => role.child.kill('SIGKILL'));
  return role;
}

describe('im-server start', () => {
  it('takes buffers and routes from a config file, takes a message from a handset over TLS, and is reached only by who trusts its certificate (--tls-ca)', async () => {
    const im = await start(['im-server', 'start', '--config', join(dir, 'im.toml')]);
    expect(im.ready).toMatchObject({ schema: 'role.ready/1', role: 'im-server', pid: im.child.pid });
    expect(im.ready.listen).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const state = (name: string) => ['--state-dir', join(dir, name)];
    const env = { RINGBRIDGE_IM_PASSWORD: 'correct horse' };
    expect((await runHere(['im-server', 'users', 'add', 'alice', ...state('im')], { env })).status).toBe(0);
    const smsc = await start(['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', ...state('smsc')]);
    const events = streamControl(join(dir, 'smsc'), 'GET /events')[Symbol.asyncIterator]();
    const bound = events.next();
    const buffer = await start([
      ...['buffer', 'start', '--smsc', smsc.ready.listen, '--user', 'app', '--smsc-id', 'hel1', ...state('hel1')],
      ...['--password-file', join(dir, 'app.password'), '--secret-file', join(dir, 'hel1.secret')],
      ...['--im-server', `${im.ready.listen.replace('https', 'wss')}/link`, '--tls-ca', join(dir, 'im.crt')],
    ]);
    await bound;
    await events.return?.(undefined);
    const inject = ['smsc', 'inject', '--from', '+358401234567', '--to', '2882', 'Hello', ...state('smsc')];
    expect((await runHere(inject)).status).toBe(0);
    expect(await callControl(join(dir, 'im'), 'GET /status')).toMatchObject({
      smscs: [
        { smscId: 'hel1', link: { state: 'up' } },
        { smscId: 'tku1', link: { state: 'down' } },
      ],
    });
    const login = ['--url', im.ready.listen, '--user', 'alice'];
    const send = (...ca: readonly string[]) =>
      runHere(['im', 'send', '+358401234567', 'Hello', ...login, ...ca, '--json'], { env });
    const [trusted, stranger, unknown] = await Promise.all([
      send('--tls-ca', join(dir, 'im.crt')),
      send('--tls-ca', join(dir, 'other.crt')),
      send(),
    ]);
    expect(trusted).toMatchObject({ status: 0, stdout: expect.stringContaining('"step":"stored"') });
    for (const refused of [stranger, unknown]) {
      expect(refused).toMatchObject({ status: 5, stderr: '' });
      expect(refused.stdout).toMatch(/PEER_UNREACHABLE.*certificate vouches for itself.*Nothing was sent.*--tls-ca/);
    }
    for (const role of [buffer, smsc, im]) expect(await role.end()).toBe(0);
  });

  it.each([
    ['to listen beyond this machine without TLS', [], 'CONFIG_INSECURE', '--tls-cert'],
    ['a route to an SMSC that has no buffer', ['--route', 'prefix=+358:hel1'], 'CONFIG_BAD_VALUE', '--buffer hel1'],
    ['a certificate without its key', ['--tls-cert', 'im.crt'], 'CONFIG_MISSING', '--tls-key'],
  ])('refuses %s', async (_, flags, code, hint) => {
    const listen = code === 'CONFIG_INSECURE' ? '0.0.0.0:0' : '127.0.0.1:0';
    const common = ['--listen', listen, '--state-dir', join(dir, 'none')];
    const result = await runHere(['im-server', 'start', ...common, ...flags]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(hint);
  });

  it.each([
    ['[[buffer]]\nsmsc-id = "hel1"\nsecret = "0f0f"\n', 'secret'],
    ['[[rout]]\nprefix = "+358"\n', 'route'],
  ])('refuses a key of the config file that it does not know, and names the nearest: %j', async (text, nearest) => {
    const path = join(dir, 'wrong.toml');
    await writeFile(path, `state-dir = "none"\n${text}`);
    const result = await runHere(['im-server', 'start', '--config', path]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toContain('CONFIG_UNKNOWN_KEY');
    expect(result.stderr).toContain(nearest);
  });
});
