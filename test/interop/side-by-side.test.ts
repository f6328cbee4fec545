/**
 * Our buffer and Kannel as two clients of the same SMSC at the same time, each with its own account: what belongs to one
 * never reaches the other, and a cut that strikes both loses nothing of either.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/run-command.ts';
import { type RunningRole, startRole } from '../commands/smsc/start-smsc.ts';
import { Kannel, kannelPrograms } from './kannel.ts';
import { eventually, whySkipped } from './peer.ts';
import { SmscUnderTest } from './smsc-under-test.ts';

const skipped = whySkipped(...kannelPrograms);
const phone = '+639171234567';
const count = 15;
/** An idle Kannel takes up to two seconds for each deliver. SPEC: section 11.1. */
const few = 4;

describe.skipIf(skipped !== '')(`our buffer and Kannel at one SMSC${skipped}`, () => {
  let dir = '';
  let smsc: SmscUnderTest;
  let kannel: Kannel;
  let server: RunningRole;
  let buffer: RunningRole;
  const aliceEnv = () => ({
    RINGBRIDGE_IM_URL: server.ready.listen,
    RINGBRIDGE_IM_USER: 'alice',
    RINGBRIDGE_IM_PASSWORD: 'correct horse',
  });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringbridge-side-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dir, name), `${text}\n`, { mode: 0o600 });
      return join(dir, name);
    };
    const secret = await file('hel1.secret', '0f'.repeat(32));
    const password = await file('app.password', 'ringbridge');
    const alicePassword = await file('alice.password', 'correct horse');
    smsc = await SmscUnderTest.start('--account', `user=kannel password-file=${password} number=3000`);
    const state = join(dir, 'im');
    const added = await runCommand([
      ...['im-server', 'users', 'add', 'alice', '--suffix', '0001', '--password-file', alicePassword],
      ...['--state-dir', state],
    ]);
    expect(added).toMatchObject({ status: 0 });
    server = await startRole([
      ...['im-server', 'start', '--listen', '127.0.0.1:0', '--state-dir', state, '--service-number', '2882'],
      ...['--buffer', `hel1=${secret}`],
    ]);
    buffer = await startRole([
      ...['buffer', 'start', '--smsc', smsc.address, '--user', 'app', '--password-file', password, '--smsc-id', 'hel1'],
      ...['--im-server', `${server.ready.listen.replace('http', 'ws')}/link`, '--secret-file', secret],
      ...['--state-dir', join(dir, 'hel1')],
    ]);
    kannel = await Kannel.start({ smscPort: smsc.port, user: 'kannel', password: 'ringbridge', number: '3000' });
  }, 60_000);
  afterAll(async () => {
    await kannel?.stop();
    await Promise.all([buffer?.end(), server?.end()]);
    await smsc?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('bring all of both to the handset, through two cuts', async () => {
    const ours = Array.from({ length: count }, (_, n) => `from alice ${n}`);
    const theirs = Array.from({ length: count }, (_, n) => `from Kannel ${n}`);
    const sent = runCommand(['im', 'chat', phone], { env: aliceEnv(), stdin: `${ours.join('\n')}\n` });
    for (const [n, text] of theirs.entries()) {
      if (n === 5 || n === 10) await smsc.cut();
      expect(await kannel.send({ to: phone, text })).toMatch(/^[03]:/);
    }
    expect(await sent).toMatchObject({ status: 0 });
    for (const text of [...ours, ...theirs]) await smsc.arrived(phone, text);
    const inbox = await smsc.inbox(phone);
    expect(new Set(inbox.filter(({ text }) => text.startsWith('from alice')).map(({ from }) => from))).toEqual(
      new Set(['28820001']),
    );
    expect(new Set(inbox.filter(({ text }) => text.startsWith('from Kannel')).map(({ from }) => from))).toEqual(
      new Set(['3000']),
    );
    expect(await smsc.counts()).toMatchObject({ cuts: 2 });
  });

  it('get what was sent to their own number, and nothing else', async () => {
    const numbered = (text: string) => Array.from({ length: few }, (_, n) => `${text} ${n}`);
    const chat = await startRole(['im', 'chat', phone, '--json'], aliceEnv(), 'open');
    await Promise.all([
      ...numbered('to alice').map((text) => smsc.inject(phone, '28820001', text)),
      ...numbered('to Kannel').map((text) => smsc.inject(phone, '3000', text)),
    ]);
    const heard = await eventually(
      () => (kannel.messages.length >= few ? kannel.messages : undefined),
      () => JSON.stringify(kannel.messages),
    );
    // Each was handed in on a connection of its own, so no order was promised.
    expect(heard.map(({ text }) => text).sort()).toEqual(numbered('to Kannel'));
    const texts = await eventually(
      () => {
        const found = [...chat.stdout().matchAll(/"text":"(to [^"]*)"/g)].map(([, text]) => text ?? '');
        return found.length >= few ? found : undefined;
      },
      () => chat.stdout(),
    );
    await chat.end();
    expect(texts.sort()).toEqual(numbered('to alice'));
  });
});
