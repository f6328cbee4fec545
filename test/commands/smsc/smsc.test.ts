import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodePacket } from '../../../src/core/codec/decode.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { Framer } from '../../../src/core/codec/framer.ts';
import { parameterOf } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { parseTransportAddress } from '../../../src/shell/address.ts';
import { callControl } from '../../../src/shell/control-client.ts';
import { connectTransport } from '../../../src/shell/tcp.ts';
import type { Transport } from '../../../src/shell/transport.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';
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

type Answer = readonly { readonly code: number; readonly value: string }[];

/** Logs in and answers the deliveries with these parameters, or not at all. */
function logIn(
  address: string,
  answer: Answer | 'silence' | ((nth: number) => Answer),
): { readonly texts: readonly string[]; readonly bound: Promise<void> } {
  const framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 4_096 });
  const texts: string[] = [];
  let bind: () => void = () => undefined;
  const bound = new Promise<void>((resolve) => {
    bind = resolve;
  });
  const send = (operation: number, number: number, parameters: Answer): void => {
    transport.write(encodePacket({ operation, packetNumber: packetNumber(number), parameters }, { checksum: 'send' }));
  };
  const transport: Transport = connectTransport(parseTransportAddress(address), {
    opened: () =>
      send(1, 1, [
        { code: 10, value: 'app' },
        { code: 11, value: 'ringbridge' },
      ]),
    received: (bytes) => {
      for (const event of framer.push(bytes)) {
        const decoded = event.type === 'packet' ? decodePacket(event.bytes) : undefined;
        if (decoded?.ok !== true) continue;
        if (decoded.packet.operation === 51) bind();
        if (decoded.packet.operation !== 20) continue;
        texts.push(parameterOf(decoded.packet, 33) ?? '');
        if (answer === 'silence') continue;
        send(70, decoded.packet.packetNumber, typeof answer === 'function' ? answer(texts.length) : answer);
      }
    },
    closed: () => undefined,
  });
  cleanups.push(() => transport.destroy());
  return { texts, bound };
}

const handset = '+639171234567';

function inject(stateDir: string, ...args: readonly string[]) {
  return runHere(['smsc', 'inject', '--state-dir', stateDir, '--from', handset, '--to', '28820001', ...args]);
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
    const bad = await runHere(['smsc', 'start', '--handset', `${handset}=asleep`]);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain('=slow:3s');
    const file = join(await mkdtemp(join(tmpdir(), 'ringbridge-smsc-')), 'password');
    await writeFile(file, 'two words', { mode: 0o600 });
    expect((await runHere(['smsc', 'start', '--password-file', file])).stderr).toContain('without spaces');
  });
});

describe('smsc inject', () => {
  it('ends 0 when the delivery was answered; with --count all are numbered, in order', async () => {
    const { smsc, stateDir } = await start();
    const texts = logIn(smsc.ready.listen, []).texts;
    const one = await inject(stateDir, 'hello', '--json');
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(one)).toMatchObject({ schema: 'smsc.inject/1', count: 1, answered: 1, refused: 0, waiting: 0 });
    const many = await inject(stateDir, 'number {n}', '--count', '20', '--pace', '100/s');
    expect(many).toMatchObject({ status: 0, stderr: '' });
    expect(many.stdout).toMatch(/^✔ 20 of 20 answered {3}/);
    expect(texts).toEqual(['hello', ...Array.from({ length: 20 }, (_, n) => `number ${n + 1}`)]);
  });

  it('ends 3 when it was refused, by the application or by the SMSC, and says by what error', async () => {
    const { smsc, stateDir } = await start();
    logIn(smsc.ready.listen, [{ code: 900, value: '711' }]);
    const result = await inject(stateDir, 'hello', '--json');
    expect(result.status).toBe(3);
    expect(documentOf(result)).toMatchObject({ schema: 'error/1', error: { code: 'SMSC_REFUSED', retryable: false } });
    expect(result.stdout).toContain('711');
    const nobody = await runHere(['smsc', 'inject', '--state-dir', stateDir, '--from', handset, '--to', '99', 'x']);
    expect(nobody.status).toBe(3);
    expect(nobody.stderr).toContain('SMSC_REFUSED');
  });

  it('ends 6 when no answer came in time, says whether anybody is logged in, and the message is kept', async () => {
    const { smsc, stateDir } = await start();
    const alone = await inject(stateDir, 'hello', '--timeout', '200ms', '--json');
    expect(alone.status).toBe(6);
    expect(documentOf(alone)).toMatchObject({ error: { code: 'SMSC_NO_SESSION' } });
    await logIn(smsc.ready.listen, 'silence').bound;
    const silent = await inject(stateDir, 'hello', '--timeout', '200ms', '--json');
    expect(silent.status).toBe(6);
    expect(documentOf(silent)).toMatchObject({ error: { code: 'SMSC_NO_ANSWER' } });
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ deliversWaiting: 2 });
  });

  it('ends 8 when only some were answered', async () => {
    const { smsc, stateDir } = await start();
    logIn(smsc.ready.listen, (nth) => (nth === 2 ? [{ code: 900, value: '710' }] : []));
    const result = await inject(stateDir, '{n}', '--count', '3', '--json');
    expect(result.status).toBe(8);
    expect(documentOf(result)).toMatchObject({ answered: 2, refused: 1, errorCodes: { '710': 1 } });
  });

  it('ends 5 when no simulator runs, 2 when a number is missing', async () => {
    const nowhere = join(tmpdir(), 'ringbridge-nowhere');
    expect((await inject(nowhere, 'hello')).status).toBe(5);
    const missing = await runHere(['smsc', 'inject', 'hello']);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('--from');
  });
});
