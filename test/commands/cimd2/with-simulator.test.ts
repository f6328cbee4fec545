/** `cimd2 send` and `cimd2 listen` against the simulator as its users have it: processes on both ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callControl } from '../../../src/shell/control-client.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { type RunningRole, startRole } from '../smsc/start-smsc.ts';

const [on, off, nobody] = ['+639171234567', '+639171234568', '+639171234569'];
/** 400 characters; the emoji of two code points and the flag of four units must stay whole. */
const long = `${'Dinner at seven? 😀👍🏽🇵🇭 '.repeat(14)}`.padEnd(400, '.');
/** 67 units each, less where an emoji would be cut (section 7.8). */
const partCount = 7;

let stateDir = '';
let smsc: RunningRole | undefined;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-smsc-'));
  const handsets = ['--handset', `${on}=on`, '--handset', `${off}=off`, '--handset', `${nobody}=unknown`];
  const quick = ['--delivery-delay', '0ms', '--retry', '1s,1h'];
  smsc = await startRole([
    ...['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir],
    ...handsets,
    ...quick,
  ]);
});
afterAll(async () => {
  await smsc?.end();
  await rm(stateDir, { recursive: true, force: true });
});

function cimd2(args: readonly string[], stdin?: string) {
  const account = { RINGBRIDGE_SMSC_USER: 'app', RINGBRIDGE_SMSC_PASSWORD: 'ringbridge' };
  const env = { ...account, RINGBRIDGE_SMSC: smsc?.ready.listen ?? '' };
  return runCommand(['cimd2', ...args], stdin === undefined ? { env } : { env, stdin });
}

function linesOf(result: { readonly stdout: string }): readonly Record<string, unknown>[] {
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What the handset has, as somebody who types /status is told. */
async function status(handset: string): Promise<Record<string, unknown>> {
  const typed = await runCommand(['smsc', 'handset', handset, '--state-dir', stateDir], { stdin: '/status\n' });
  const told = linesOf(typed).find(({ type }) => type === 'status');
  if (told === undefined) throw new Error(`no status: ${JSON.stringify(typed)}`);
  return told;
}

async function inject(text: string): Promise<number> {
  const { ref } = Object(await callControl(stateDir, 'POST /inject', { from: on, to: '28820001', text }));
  return Number(ref);
}

async function outcome(ref: number): Promise<unknown> {
  const { injections } = Object(await callControl(stateDir, 'POST /injections', { refs: [ref], timeoutMs: 5_000 }));
  return injections[0];
}

describe('cimd2 send, to handsets of the simulator', () => {
  it('brings a flash message and 400 characters with emoji, and leaves a minute to one that is off', async () => {
    const validity = new Date(Date.now() + 60_000).toISOString();
    const batch = [
      { to: on, text: 'Fire!', flash: true },
      { to: on, text: long },
      { to: off, text: 'Are you there?', validity },
    ];
    const sent = await cimd2(['send', '--file', '-', '--json'], batch.map((line) => JSON.stringify(line)).join('\n'));
    expect(sent).toMatchObject({ status: 0, stderr: '' });
    const { inbox } = Object(await callControl(stateDir, `GET /handset?number=${on.slice(1)}`));
    expect(inbox).toMatchObject([
      { from: '2882', text: 'Fire!', messageClass: 0, parts: 1 },
      { from: '2882', text: long, alphabet: 'ucs2', parts: partCount },
    ]);
    const { state, queue } = await status(off);
    expect({ state, queue }).toMatchObject({ state: 'off', queue: [{ from: '2882', error: 29, more: 'none' }] });
    const [waiting] = queue as readonly { readonly validUntil: string }[];
    expect(Math.abs(Date.parse(waiting?.validUntil ?? '') - Date.parse(validity))).toBeLessThan(1_000);
  });

  it('tells of a number that nobody has, and ends 3', async () => {
    const sent = await cimd2(['send', nobody, 'Hello?', '--wait', 'delivered']);
    expect(sent.status).toBe(3);
    expect(sent.stdout).toContain('✔ accepted');
    expect(sent.stdout + sent.stderr).toContain('unknown subscriber');
  });

  it('gives each of several destinations its own key', async () => {
    const sent = await cimd2(['send', '--to', on, '--to', '+639181234567', 'To both']);
    expect(sent).toMatchObject({ status: 0, stderr: '' });
    expect(sent.stdout).toMatch(
      /✔ accepted {4}key \d{12}\/\+639171234567 .*\n✔ accepted {4}key \d{12}\/\+639181234567 /,
    );
  });
});

describe('cimd2 listen, at the simulator', () => {
  it('joins the parts of a long text with --join', async () => {
    const ref = await inject(long);
    const heard = await cimd2(['listen', '--join', '--count', String(partCount), '--for', '20s']);
    expect(heard.status).toBe(0);
    expect(linesOf(heard).at(-1)).toMatchObject({ schema: 'cimd2.text/1', from: on, to: '28820001', text: long });
    expect(await outcome(ref)).toMatchObject({ result: 'answered', parts: partCount });
  });

  it('leaves what it did not answer to the next session', async () => {
    const ref = await inject('Once more');
    const first = await cimd2(['listen', '--no-answer', '--count', '1', '--for', '20s']);
    expect(documentOf(first)).toMatchObject({ schema: 'cimd2.delivery/1', text: 'Once more' });
    const second = await cimd2(['listen', '--count', '1', '--for', '20s']);
    expect(documentOf(second)).toMatchObject({ schema: 'cimd2.delivery/1', text: 'Once more' });
    expect(await outcome(ref)).toMatchObject({ result: 'answered' });
  });

  it('answers with the error that it is told to', async () => {
    const ref = await inject('Not for us');
    const heard = await cimd2(['listen', '--answer', 'error:711', '--count', '1', '--for', '20s']);
    expect(documentOf(heard)).toMatchObject({ text: 'Not for us' });
    expect(await outcome(ref)).toMatchObject({ result: 'refused', errorCode: 711 });
  });
});
