import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { callControl } from '../../../src/shell/control-client.ts';
import { runHere } from '../run-here.ts';
import { startRole } from '../smsc/start-smsc.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it('relays what it gets, tells its counts, and ends 0 on SIGTERM', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-impair-'));
  cleanups.push(() => rm(stateDir, { recursive: true, force: true }));
  const to = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  const flags = ['--listen', 'tcp://127.0.0.1:0', '--to', to, '--delay', '5ms', '--state-dir', stateDir];
  const relay = await startRole(['link', 'impair', ...flags]);
  cleanups.push(() => relay.end());
  expect(relay.ready).toMatchObject({ schema: 'role.ready/1', role: 'link-impair' });
  const client = connect(Number(relay.ready.listen.split(':').at(-1)), '127.0.0.1');
  client.end('there and back');
  let text = '';
  for await (const bytes of client) text += bytes.toString();
  expect(text).toBe('there and back');
  expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ bytesRelayed: 28, cuts: 0, cutsFelt: 0 });
  expect(await relay.end()).toBe(0);
});

it('takes a profile, and a flag instead of one of its settings', async () => {
  const begin = performance.now();
  const server = createServer((socket) => {
    // The relay resets what still stands when it ends.
    socket.on('error', () => undefined);
    socket.end('x'.repeat(2_000));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const to = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  const flags = ['--listen', 'tcp://127.0.0.1:0', '--to', to, '--profile', 'congested', '--delay', '1ms'];
  const relay = await startRole(['link', 'impair', ...flags, '--jitter', '0', '--bandwidth', '80kbit/s']);
  cleanups.push(() => relay.end());
  const client = connect(Number(relay.ready.listen.split(':').at(-1)), '127.0.0.1');
  let text = '';
  for await (const bytes of client) text += bytes.toString();
  expect(text.length).toBe(2_000);
  // 10 bytes a millisecond.
  expect(performance.now() - begin).toBeGreaterThanOrEqual(195);
  expect(await relay.end()).toBe(0);
  const unknown = await runHere(['link', 'impair', ...flags.slice(0, 4), '--profile', 'sunny']);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('bad-lte');
});

it('logs each cut as a line of JSON', async () => {
  const flags = [
    '--listen',
    'tcp://127.0.0.1:0',
    '--to',
    'tcp://127.0.0.1:1',
    '--cut-every',
    '60ms',
    '--cut-for',
    '20ms',
  ];
  const relay = await startRole(['link', 'impair', ...flags]);
  const { stderr } = relay.child;
  while (!relay.stderr().includes('link.cut') && stderr !== null) await once(stderr, 'data');
  expect(await relay.end()).toBe(0);
  const lines = relay
    .stderr()
    .split('\n')
    .filter((line) => line.includes('link.cut'));
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'link.cut', number: 1, connections: 0, bytesInTransit: 0 });
});

it('ends 2 for a cut that never ends, for what is no TCP, and without an address', async () => {
  const both = ['--listen', 'tcp://127.0.0.1:0', '--to', 'tcp://127.0.0.1:1'];
  const cut = await runHere(['link', 'impair', ...both, '--cut-every', '1s', '--cut-for', '1s']);
  expect(cut).toMatchObject({ status: 2, stdout: '' });
  expect(cut.stderr).toContain('--cut-for');
  const unix = await runHere(['link', 'impair', '--listen', 'unix:/nowhere', '--to', 'tcp://127.0.0.1:1']);
  expect(unix.status).toBe(2);
  const missing = await runHere(['link', 'impair', '--to', 'tcp://127.0.0.1:1']);
  expect(missing.status).toBe(2);
  expect(missing.stderr).toContain('--listen');
});
