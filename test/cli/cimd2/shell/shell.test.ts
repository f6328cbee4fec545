import { afterEach, describe, expect, it } from 'vitest';
import { loadScript, runScript } from '../../../../src/cli/cimd2/shell/script.ts';
import { type LineOutcome, Shell } from '../../../../src/cli/cimd2/shell/shell.ts';
import { encodePacket } from '../../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { parseTransportAddress, type TransportAddress } from '../../../../src/shell/address.ts';
import { listenTransport } from '../../../../src/shell/tcp.ts';
import type { TransportListener } from '../../../../src/shell/transport.ts';
import { type SmallSmsc, type SmallSmscOptions, startSmallSmsc } from '../../../commands/cimd2/small-smsc.ts';

const never = new AbortController().signal;
let smsc: SmallSmsc | undefined;
let shell: Shell | undefined;
let stubborn: TransportListener | undefined;
afterEach(async () => {
  await shell?.end(0, never);
  await smsc?.close();
  await stubborn?.close();
  shell = undefined;
  smsc = undefined;
});

interface Started {
  readonly run: (typed: string, signal?: AbortSignal) => Promise<LineOutcome>;
  /** What was printed: `>03`, `<53`. */
  readonly shown: readonly string[];
  readonly wires: readonly string[];
}

async function start(
  options: SmallSmscOptions,
  more: {
    readonly window?: number;
    readonly timeoutMs?: number;
    readonly seen?: () => Promise<void>;
    readonly address?: TransportAddress;
  } = {},
): Promise<Started> {
  smsc = await startSmallSmsc(options);
  const shown: string[] = [];
  const wires: string[] = [];
  const started = new Shell({
    login: {
      address: more.address ?? parseTransportAddress(smsc.address),
      user: 'app',
      password: 'right',
      ca: undefined,
      subaddress: undefined,
      window: more.window ?? 1,
      checksum: 'send',
      answerTimeoutMs: more.timeoutMs ?? 5_000,
    },
    aliveMs: 0,
    on: {
      seen: async ({ line, packet }) => {
        await more.seen?.();
        wires.push(line.wire);
        shown.push(`${line.direction === 'out' ? '>' : '<'}${packet?.operation ?? '?'}`);
      },
      notice: () => undefined,
      lost: () => shown.push('lost'),
      askPassword: async () => undefined,
    },
  });
  shell = started;
  return { run: (typed, signal = never) => started.run(typed, signal), shown, wires };
}

/** Wants 009, whatever comes; or says nothing at all. */
async function stubbornSmsc(answer: 'nack' | 'nothing'): Promise<TransportAddress> {
  const bytes = encodePacket({ operation: 99, packetNumber: packetNumber(9), parameters: [] }, { checksum: 'send' });
  stubborn = await listenTransport({ type: 'tcp', host: '127.0.0.1', port: 0 }, (transport) => ({
    received: () => {
      if (answer === 'nack') transport.write(bytes);
    },
    closed: () => undefined,
  }));
  return stubborn.address;
}

async function runAll({ run }: Started, ...lines: readonly string[]): Promise<readonly string[]> {
  const types: string[] = [];
  for (const line of lines) {
    const outcome = await run(line);
    types.push(outcome.type === 'failed' ? outcome.error.code : outcome.type);
  }
  return types;
}

describe('the shell on a connection', () => {
  it('prints a deliver before it answers it, and answers with the error that is asked for', async () => {
    const started = await start({ texts: ['one', 'two'] });
    expect(
      await runAll(started, 'answer error:711', 'login', 'expect 20 033=one', 'answer auto', 'expect 20 033~tw'),
    ).toEqual(['done', 'done', 'met', 'done', 'met']);
    await runAll(started, 'alive', 'expect 90');
    expect(smsc?.answeredTexts[0]).toEqual(['one', 711]);
    expect(started.shown.indexOf('<20')).toBeLessThan(started.shown.indexOf('>70'));
  });

  it('leaves what nobody could read to the SMSC', async () => {
    let isBroken = false;
    const started = await start(
      { texts: ['one'], textsCome: 'when-asked' },
      { seen: () => (isBroken ? Promise.reject(new Error('EPIPE')) : Promise.resolve()) },
    );
    await runAll(started, 'login', 'fetch');
    isBroken = true;
    expect(await runAll(started, 'expect 20')).toEqual(['USAGE_INTERRUPTED']);
    await runAll(started, 'alive', 'expect 90');
    expect(smsc?.answeredTexts).toEqual([]);
  });

  it('holds delivers until they are answered by their number', async () => {
    const started = await start({ texts: ['one'] });
    expect(await runAll(started, 'answer hold', 'login', 'expect 20:000', 'alive', 'expect 90')).not.toContain('unmet');
    expect(smsc?.answeredTexts).toEqual([]);
    expect(shell?.heldCount).toBe(1);
    expect(await runAll(started, 'answer 002', 'answer 000 error:700', 'answer all')).toEqual([
      'USAGE_BAD_VALUE',
      'done',
      'USAGE_BAD_VALUE',
    ]);
    await runAll(started, 'alive', 'expect 90');
    expect(smsc?.answeredTexts).toEqual([['one', 700]]);
  });

  it('gives a line destination and stamp of the last accepted submit, and waits for them', async () => {
    const started = await start({});
    expect(await runAll(started, 'login', 'cancel $to $stamp')).toEqual(['done', 'CHECK_FAILED']);
    await runAll(started, 'submit +358401234567 x', 'packet 3 021=$to 033=$stamp', 'expect 53', 'expect 53');
    expect(smsc?.submits[1]).toEqual([
      { code: 21, value: '+358401234567' },
      { code: 33, value: expect.stringMatching(/^\d{12}$/) },
    ]);
  });

  it('SPEC 5.1: sends as many requests as the window has places, and no more before an answer', async () => {
    const silent = await start({ answers: 'silent' }, { window: 2, timeoutMs: 100 });
    expect(
      await runAll(silent, 'login', 'submit +358401234567 1', 'submit +358401234567 2', 'submit +358401234567 3'),
    ).toEqual(['done', 'done', 'done', 'OUTCOME_UNKNOWN']);
    expect(silent.shown.filter((packet) => packet === '>3')).toHaveLength(2);
    // A packet by hand asks nobody, and the SMSC has no place for it either.
    expect(await runAll(silent, 'packet 40', 'expect 99:007')).toEqual(['done', 'met']);
  });

  it('SPEC 4.4: goes on with the number that a NACK wants, and waits for nothing that it refused', async () => {
    const started = await start({}, { address: await stubbornSmsc('nack') });
    expect(
      await runAll(started, 'packet 40:019', 'connect', 'alive', 'expect 99:009', 'alive', 'expect 99:009'),
    ).toEqual(['PEER_UNREACHABLE', 'done', 'done', 'met', 'done', 'met']);
    expect(started.wires.filter((wire) => wire.startsWith('<STX>40'))).toEqual([
      '<STX>40:001<TAB>3A<ETX>',
      '<STX>40:009<TAB>42<ETX>',
    ]);
  });

  it('SPEC 4.4: leaves its own count as it is where a number is tried out of turn', async () => {
    const started = await start({}, { address: await stubbornSmsc('nothing') });
    await runAll(started, 'connect', 'packet 40:101', 'packet 40', 'packet 40:003', 'packet 40');
    expect(started.wires.map((wire) => wire.slice(5, 11))).toEqual(['40:101', '40:001', '40:003', '40:005']);
  });

  it('SPEC 4.3: repeats the same bytes under the same number', async () => {
    const started = await start({});
    await runAll(started, 'login', 'submit +358401234567 x', 'expect 53', 'repeat', 'expect 53:003');
    expect(smsc?.submits).toHaveLength(1);
    expect(started.shown.filter((packet) => packet === '<53')).toHaveLength(2);
  });

  it('SPEC 4.1: counts from 001 again after a logout on the same connection', async () => {
    const started = await start({});
    expect(
      await runAll(started, 'login', 'alive', 'expect 90:003', 'logout', 'expect 52', 'login', 'expect 51:001'),
    ).toEqual(['done', 'done', 'met', 'done', 'met', 'done', 'met']);
  });

  it('fails an expectation at once where the request was answered otherwise', async () => {
    const started = await start({ refuseWith: () => 300 });
    await runAll(started, 'login', 'submit +358401234567 x');
    const since = performance.now();
    const outcome = await started.run('expect 53 !900');
    expect(outcome).toMatchObject({ type: 'unmet', got: [expect.stringContaining('900:300')] });
    expect(performance.now() - since).toBeLessThan(4_000);
  });

  it('finds "nothing" only where nothing came since the last line that sent something', async () => {
    const started = await start({});
    await runAll(started, 'login', 'alive');
    expect(await started.run('expect nothing within 1s')).toMatchObject({ type: 'unmet' });
    expect(await runAll(started, 'expect 90', 'expect nothing within 50ms')).toEqual(['met', 'met']);
  });

  it('does not expect of a script what came before it', async () => {
    const started = await start({ texts: ['one'] });
    await runAll(started, 'login', 'alive', 'expect 90');
    shell?.forgetArrivals();
    expect(await runAll(started, 'expect nothing within 20ms', 'expect 20 within 20ms')).toEqual(['met', 'unmet']);
  });

  it('does not take an answer from before the last expectation', async () => {
    const started = await start({});
    expect(await runAll(started, 'login', 'alive', 'expect 90', 'alive', 'expect 51 within 50ms')).toEqual([
      'done',
      'done',
      'met',
      'done',
      'unmet',
    ]);
  });

  it('counts what the SMSC left unanswered when it closed, unless that was expected', async () => {
    const started = await start({ answers: 'cut' });
    await runAll(started, 'login', 'submit +358401234567 x');
    expect(await runAll(started, 'expect 53')).toEqual(['unmet']);
    expect(shell?.lostRequests).toBe(1);
    expect(await runAll(started, 'alive', 'cut', 'expect closed')).toEqual([
      'PEER_UNREACHABLE',
      'PEER_UNREACHABLE',
      'met',
    ]);
    expect(shell?.lostRequests).toBe(0);
    expect(started.shown.at(-1)).toBe('lost');
  });

  it('says that nothing answers there, and that its login was refused', async () => {
    const nowhere: TransportAddress = { type: 'tcp', host: '127.0.0.1', port: 1 };
    await start({}, { address: nowhere });
    await expect(shell?.begin(never)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE', exitStatus: 5 });
    await smsc?.close();
    await start({ password: 'other' });
    await expect(shell?.begin(never)).rejects.toMatchObject({ code: 'SESSION_LOGIN_REFUSED', exitStatus: 4 });
  });

  it('does not take its own cut for a close of the SMSC', async () => {
    const started = await start({});
    expect(await runAll(started, 'login', 'cut', 'expect closed', 'login', 'alive', 'expect 90')).toEqual([
      'done',
      'done',
      'unmet',
      'done',
      'done',
      'met',
    ]);
  });

  it('ends a wait that is interrupted', async () => {
    const started = await start({});
    const stop = new AbortController();
    const waiting = started.run('wait 1h', stop.signal);
    stop.abort();
    expect(await waiting).toMatchObject({ type: 'failed', error: { code: 'USAGE_INTERRUPTED' } });
  });
});

describe('a script', () => {
  const collected = async (started: Started, text: string, afterFailure: 'stop' | 'go-on') => {
    const typed: string[] = [];
    const result = await runScript(await loadScript('t', text), {
      shell: { run: (line, signal) => started.run(line, signal) },
      afterFailure,
      signal: never,
      on: { begins: (line) => void typed.push(line.typed), ended: async () => undefined },
    });
    return { typed, result };
  };
  const text = 'login\n\nexpect 51 900 # refused\nalive\nquit\nalive\n';

  it('stops at the first line that fails, and says which, what was expected and what came', async () => {
    const { typed, result } = await collected(await start({}), text, 'stop');
    expect(typed).toEqual(['login', 'expect 51 900 # refused']);
    expect(result).toMatchObject({ lines: 2, expectations: 1, failures: 1, error: { exitStatus: 7 } });
    expect(result.error?.message).toMatch(/^Line 3 of t: expected 51 900 \(login response\); got <STX>51:001/);
  });

  it('goes on where it is told to, up to quit', async () => {
    const { typed, result } = await collected(await start({}), text, 'go-on');
    expect(typed).toEqual(['login', 'expect 51 900 # refused', 'alive', 'quit']);
    expect(result.failures).toBe(1);
  });

  it('is refused whole where a line is no command', async () => {
    await expect(loadScript('t', 'alive\n\nalvie\n')).rejects.toThrow(
      'Line 3 of t: There is no "alvie"; did you mean alive? Nothing was sent.',
    );
    await expect(loadScript('t', '# nothing\n')).rejects.toThrow('no command in it');
    await expect(loadScript('t', 'source /nowhere/at-all\n')).rejects.toThrow('cannot be read (ENOENT)');
  });

  it('logs in before the first line unless that does it', async () => {
    const begins = async (lines: string) => (await loadScript('t', lines)).begins;
    expect(await begins('# x\nalive')).toBe('logged-in');
    expect(await begins('connect')).toBe('unbound');
    expect(await begins('login # as said')).toBe('unbound');
  });
});
