import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodePacket } from '../../../src/core/codec/decode.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { Framer } from '../../../src/core/codec/framer.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { parseTransportAddress } from '../../../src/shell/address.ts';
import { callControl } from '../../../src/shell/control-client.ts';
import { connectTransport, type Transport } from '../../../src/shell/tcp.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { type RunningRole, startRole } from './start-smsc.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(...flags: readonly string[]): Promise<{ readonly smsc: RunningRole; readonly stateDir: string }> {
  const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
  cleanups.push(() => rm(stateDir, { recursive: true, force: true }));
  const smsc = await startRole([
    'smsc',
    'start',
    '--listen',
    'tcp://127.0.0.1:0',
    '--zone',
    '+08:00',
    '--state-dir',
    stateDir,
    ...flags,
  ]);
  cleanups.push(() => smsc.end());
  return { smsc, stateDir };
}

/** Logs in and answers every delivery with the parameters given. */
function logIn(address: string, answer: readonly { readonly code: number; readonly value: string }[]): Transport {
  const framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 4_096 });
  const login = [
    { code: 10, value: 'app' },
    { code: 11, value: 'ringbridge' },
  ];
  const transport: Transport = connectTransport(parseTransportAddress(address), {
    opened: () => {
      const packet = { operation: 1, packetNumber: packetNumber(1), parameters: login };
      transport.write(encodePacket(packet, { checksum: 'send' }));
    },
    received: (bytes) => {
      for (const event of framer.push(bytes)) {
        const decoded = event.type === 'packet' ? decodePacket(event.bytes) : undefined;
        if (decoded?.ok !== true || decoded.packet.operation !== 20) continue;
        const packet = { operation: 70, packetNumber: decoded.packet.packetNumber, parameters: answer };
        transport.write(encodePacket(packet, { checksum: 'send' }));
      }
    },
    closed: () => undefined,
  });
  cleanups.push(() => transport.destroy());
  return transport;
}

const handset = '+639171234567';

function inject(stateDir: string, ...args: readonly string[]) {
  return runCommand(['smsc', 'inject', '--state-dir', stateDir, '--from', handset, '--to', '28820001', ...args]);
}

describe('smsc start', () => {
  it('prints one ready line off a terminal, with the port it got, and ends 0 on SIGTERM', async () => {
    const { smsc } = await start();
    expect(smsc.ready).toMatchObject({ schema: 'role.ready/1', role: 'smsc', pid: smsc.child.pid });
    expect(smsc.ready.listen).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await smsc.end()).toBe(0);
    expect(smsc.stdout().split('\n')).toHaveLength(2);
  });

  it('takes handsets from its flags, and numbers nobody listed', async () => {
    const { stateDir } = await start('--handset', `${handset}=off`, '--handset', '+639181234567=slow:3s');
    expect(await callControl(stateDir, 'GET /handsets')).toMatchObject({
      handsets: [
        { number: '639171234567', state: 'off' },
        { number: '639181234567', state: 'slow' },
      ],
    });
  });

  it('ends 9 where another holds the state directory, 2 where the address is taken', async () => {
    const { smsc, stateDir } = await start();
    const second = ['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir];
    expect(await runCommand(second)).toMatchObject({ status: 9, stdout: '' });
    const elsewhere = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
    cleanups.push(() => rm(elsewhere, { recursive: true }));
    const taken = await runCommand(['smsc', 'start', '--listen', smsc.ready.listen, '--state-dir', elsewhere]);
    expect(taken.status).toBe(2);
    expect(taken.stderr).toContain('ADDRESS_IN_USE');
  });

  it('ends 2 for a handset or a password that cannot be, and says how to write it', async () => {
    const bad = await runCommand(['smsc', 'start', '--handset', `${handset}=asleep`]);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain('=slow:3s');
    const file = join(await mkdtemp(join(tmpdir(), 'ringbridge-smsc-')), 'password');
    await writeFile(file, 'two words', { mode: 0o600 });
    expect((await runCommand(['smsc', 'start', '--password-file', file])).stderr).toContain('without spaces');
  });
});

describe('smsc inject', () => {
  it('ends 0 when the delivery was answered', async () => {
    const { smsc, stateDir } = await start();
    logIn(smsc.ready.listen, []);
    const result = await inject(stateDir, 'hello', '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      schema: 'smsc.inject/1',
      count: 1,
      answered: 1,
      refused: 0,
      waiting: 0,
    });
  });

  it('sends many, numbered, in order', async () => {
    const { smsc, stateDir } = await start();
    logIn(smsc.ready.listen, []);
    const result = await inject(stateDir, 'number {n}', '--count', '20', '--pace', '100/s');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(/^✔ 20 of 20 answered {3}/);
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ deliversOffered: 20, deliversAnswered: 20 });
  });

  it('ends 3 when it was refused, and says with which error', async () => {
    const { smsc, stateDir } = await start();
    logIn(smsc.ready.listen, [{ code: 900, value: '711' }]);
    const result = await inject(stateDir, 'hello', '--json');
    expect(result.status).toBe(3);
    expect(documentOf(result)).toMatchObject({ schema: 'error/1', error: { code: 'SMSC_REFUSED', retryable: false } });
    expect(result.stdout).toContain('711');
  });

  it('ends 3 when nobody owns the number', async () => {
    const { stateDir } = await start();
    const result = await runCommand(['smsc', 'inject', '--state-dir', stateDir, '--from', handset, '--to', '99', 'x']);
    expect(result.status).toBe(3);
    expect(result.stderr).toContain('SMSC_REFUSED');
  });

  it('ends 6 when no answer came in time, and the message is kept', async () => {
    const { stateDir } = await start();
    const result = await inject(stateDir, 'hello', '--timeout', '200ms', '--json');
    expect(result.status).toBe(6);
    expect(documentOf(result)).toMatchObject({ error: { code: 'SMSC_NO_ANSWER' } });
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ deliversWaiting: 1 });
  });

  it('ends 5 when no simulator runs, 2 when a number is missing', async () => {
    const nowhere = join(tmpdir(), 'ringbridge-nowhere');
    expect((await inject(nowhere, 'hello')).status).toBe(5);
    const missing = await runCommand(['smsc', 'inject', 'hello']);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('--from');
  });
});
