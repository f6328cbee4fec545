/**
 * The IM server as a component of Prosody and of ejabberd, and a client of slixmpp: nothing of the XMPP side is ours. Texts
 * between an XMPP account, a handset, a person at the page and a user of the terminal, and a server that is killed while
 * they are on their way.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/run-command.ts';
import { type RunningRole, startRole } from '../commands/smsc/start-smsc.ts';
import { ImClientInTest } from '../gateways/web/im-client.ts';
import { launchBrowser, noBrowser, PageInTest } from '../gateways/web/page-in-test.ts';
import { hasEjabberd, startEjabberd } from './ejabberd.ts';
import { eventually } from './peer.ts';
import { hasProsody, startProsody } from './prosody.ts';
import { SmscUnderTest } from './smsc-under-test.ts';
import { findSlixmpp, XmppClient } from './xmpp-client.ts';
import type { XmppPeer } from './xmpp-peer.ts';

const python = findSlixmpp();
const servers = [
  { name: 'Prosody', isThere: hasProsody(), start: startProsody },
  { name: 'ejabberd', isThere: hasEjabberd(), start: startEjabberd },
];

const phone = '+639171234567';
const phoneAt = `${phone}@sms.localhost`;
/** A number that the SMSC takes and nobody has. */
const nobody = '+639170000000';
const count = 60;

for (const server of servers) {
  const { name, isThere } = server;
  const missing = [...(isThere ? [] : [name.toLowerCase()]), ...(python === undefined ? ['python3-slixmpp'] : [])];
  const skipped = missing.length === 0 ? '' : ` (skipped: not installed: ${missing.join(', ')})`;
  // A reporter shows no names in a file of which all is skipped.
  if (skipped !== '') process.stdout.write(`interop tests with XMPP at ${name}${skipped}\n`);
  describe.skipIf(skipped !== '')(`an XMPP account at ${name}${skipped}`, { timeout: 120_000 }, () => account(server));
}

function account({ name, start }: (typeof servers)[number]): void {
  let dir = '';
  let smsc: SmscUnderTest;
  let xmpp: XmppPeer;
  let server: RunningRole;
  let buffer: RunningRole;
  let alice: XmppClient;
  let bob: RunningRole;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringbridge-xmpp-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dir, name), `${text}\n`, { mode: 0o600 });
      return join(dir, name);
    };
    const secret = await file('hel1.secret', '0f'.repeat(32));
    const password = await file('app.password', 'ringbridge');
    const userPassword = await file('user.password', 'correct horse');
    const componentSecret = await file('xmpp.secret', 'a long secret');
    const state = join(dir, 'im');
    const add = (name: string, suffix: string) => {
      const user = ['--suffix', suffix, '--password-file', userPassword, '--state-dir', state];
      return runCommand(['im-server', 'users', 'add', name, ...user]);
    };
    [smsc, xmpp] = await Promise.all([
      SmscUnderTest.start('--handset', `${nobody}=unknown`),
      start({ component: 'sms.localhost', secret: 'a long secret', accounts: { alice: 'wonderland' } }),
    ]);
    expect(await add('alice', '0001')).toMatchObject({ status: 0 });
    expect(await add('bob', '0002')).toMatchObject({ status: 0 });
    server = await startRole([
      ...['im-server', 'start', '--listen', '127.0.0.1:0', '--state-dir', state, '--service-number', '2882'],
      ...[
        '--buffer',
        `hel1=${secret}`,
        '--xmpp',
        'component=sms.localhost',
        '--xmpp',
        `secret-file=${componentSecret}`,
      ],
      ...['--xmpp', `server=127.0.0.1:${xmpp.componentPort}`, '--xmpp', 'users-of=localhost'],
      ...['--xmpp', 'user=alice@localhost=alice'],
    ]);
    buffer = await startRole([
      ...['buffer', 'start', '--smsc', smsc.address, '--user', 'app', '--password-file', password, '--smsc-id', 'hel1'],
      ...['--im-server', `${server.ready.listen.replace('http', 'ws')}/link`, '--secret-file', secret],
      ...['--state-dir', join(dir, 'hel1')],
    ]);
    alice = new XmppClient(python ?? '', {
      jid: 'alice@localhost/phone',
      password: 'wonderland',
      port: xmpp.clientPort,
    });
    const bobsEnv = {
      RINGBRIDGE_IM_URL: server.ready.listen,
      RINGBRIDGE_IM_USER: 'bob',
      RINGBRIDGE_IM_PASSWORD: 'correct horse',
    };
    bob = await startRole(['im', 'chat', 'alice@localhost', '--json'], bobsEnv, 'open');
    await alice.online(1);
  }, 120_000);
  afterAll(async () => {
    await alice?.stop();
    await Promise.all([bob?.end(), buffer?.end(), server?.end()]);
    await xmpp?.stop();
    await smsc?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('writes to a handset and reads its answer, with a receipt when the handset has it (XEP-0184)', async () => {
    alice.send(phoneAt, 'm1', 'käse 🙂 & <co>');
    expect((await smsc.arrived(phone, 'käse 🙂 & <co>')).from).toBe('28820001');
    const receipt = await alice.message(({ received }) => received === 'm1');
    expect(receipt).toMatchObject({ from: phoneAt, kind: 'chat', error: null });
    await smsc.inject(phone, '28820001', 'danke für den Käse');
    const answer = await alice.message(({ body }) => body === 'danke für den Käse');
    expect(answer).toMatchObject({ from: phoneAt, kind: 'chat', delay: null });
    expect(answer.stable).toBe(answer.id);
  });

  it('is refused with an error what cannot be brought', async () => {
    alice.send('nobody@sms.localhost', 'm2', 'hello');
    const error = await alice.message(({ id, kind }) => id === 'm2' && kind === 'error');
    expect(error.error?.conditions).toEqual(['item-not-found']);
    expect(error.error?.text).toContain('IM_UNKNOWN_USER');
    alice.send(`${nobody}@sms.localhost`, 'm4', 'hello?');
    const failed = await alice.message(({ id, kind }) => id === 'm4' && kind === 'error');
    expect(failed).toMatchObject({
      from: `${nobody}@sms.localhost`,
      error: { conditions: ['recipient-unavailable'] },
    });
    expect(failed.error?.text).toContain('the network does not know this number');
    expect(alice.messages.filter(({ received }) => received === 'm4')).toEqual([]);
  });

  it('sees a number as a contact that is there', async () => {
    alice.say({ type: 'presence', to: phoneAt, kind: 'subscribe' });
    const presence = await alice.until((heard) =>
      heard.find((one) => one.type === 'presence' && one.from === phoneAt && one.kind === null),
    );
    expect(presence).toMatchObject({ status: null });
  });

  it('chats with a user of another type of client, either by name or by XMPP address', async () => {
    bob.child.stdin?.write(`${JSON.stringify({ text: 'hello from a terminal' })}\n`);
    const hello = await alice.message(({ body }) => body === 'hello from a terminal');
    expect(hello.from).toBe('bob@sms.localhost');
    alice.send('bob@sms.localhost', 'm3', 'hello from XMPP');
    await eventually(
      () => (bob.stdout().includes('hello from XMPP') ? true : undefined),
      () => `${bob.stdout()} ${bob.stderr()}`,
    );
  });

  it.skipIf(noBrowser !== '')(`chats with a person at the page${noBrowser}`, async () => {
    const browser = await launchBrowser();
    const bobsPage = await PageInTest.open(browser);
    await bobsPage.page.goto(server.ready.listen);
    await bobsPage.page.fill('#login-user', 'bob');
    await bobsPage.page.fill('#login-password', 'correct horse');
    await bobsPage.page.press('#login-password', 'Enter');
    await bobsPage.isIn();
    await bobsPage.begin('alice@localhost');
    await bobsPage.write('hello from the page, <b>käse</b> 🙂');
    await bobsPage.step('hello from the page, <b>käse</b> 🙂', 'stored');
    const hello = await alice.message(({ body }) => body === 'hello from the page, <b>käse</b> 🙂');
    expect(hello).toMatchObject({ from: 'bob@sms.localhost', kind: 'chat' });
    alice.send('bob@sms.localhost', 'm5', 'hello page, from <i>XMPP</i>');
    await bobsPage.bubble('hello page, from <i>XMPP</i>').waitFor();
    // A receipt would say that it was brought to the person; nobody knows that of a page.
    await bobsPage.begin(phone);
    await bobsPage.write('from the page to a phone');
    await bobsPage.step('from the page to a phone', 'on the handset');
    alice.send(phoneAt, 'm6', 'from XMPP to a phone');
    await alice.message(({ received }) => received === 'm6');
    expect(alice.messages.filter(({ received }) => received === 'm5')).toEqual([]);
    await bobsPage.close();
    await browser.close();
  });

  it(`loses nothing and gets nothing twice while ${name} is killed and started again`, async () => {
    const fromBob = (n: number) => `bob ${n}`;
    const toBob = (n: number) => `to bob ${n}`;
    const texts = Array.from({ length: count }, (_, n) => n);
    const out = (n: number) => `out ${n}`;
    const hasReceipt = (n: number) => alice.messages.some(({ received }) => received === `out-${n}`);
    for (const n of texts) {
      if (n === count / 3) await xmpp.kill();
      if (n === (2 * count) / 3) {
        await xmpp.run();
        alice.say({ type: 'connect' });
        await alice.online(2);
      }
      alice.send(phoneAt, `out-${n}`, out(n));
      alice.send('bob@sms.localhost', `to-bob-${n}`, toBob(n));
      bob.child.stdin?.write(`${JSON.stringify({ text: fromBob(n) })}\n`);
      await smsc.inject(phone, '28820001', `in ${n}`);
    }
    const sessions = () => server.stderr().split('"xmpp.online"').length - 1;
    await eventually(
      () => (sessions() >= 2 ? true : undefined),
      () => server.stderr(),
    );
    // A client that has no receipt sends once more, under the same id. The server refused what came while nobody served the domain.
    for (const n of texts.filter((n) => !hasReceipt(n))) alice.send(phoneAt, `out-${n}`, out(n));
    await nothingMissing(() => texts.filter((n) => !hasReceipt(n)).map((n) => `receipt of out-${n}`));
    // Of a text to a user there is no receipt: all are sent once more, and those that came are known by their id.
    for (const n of texts) alice.send('bob@sms.localhost', `to-bob-${n}`, toBob(n));
    const arrived = (await smsc.inbox(phone)).map(({ text }) => text).filter((text) => text.startsWith('out '));
    expect([...arrived].sort()).toEqual(texts.map(out).sort());

    // What the server had taken and not brought any more is in its archive; a reader knows by the stable id what it has.
    alice.say({ type: 'archive' });
    await alice.until((heard) => heard.find(({ type }) => type === 'archive'));
    const wanted = texts.flatMap((n) => [`in ${n}`, fromBob(n)]);
    const isRead = (text: string) => alice.messages.some(({ body }) => body === text);
    await nothingMissing(() => wanted.filter((text) => !isRead(text)));
    const read = alice.messages.filter(({ body }) => /^(?:in|bob) /.test(body ?? ''));
    const idsOf = new Map<string, Set<string>>();
    for (const { body, stable } of read) {
      idsOf.set(body ?? '', (idsOf.get(body ?? '') ?? new Set()).add(stable ?? ''));
    }
    expect([...idsOf.values()].map((ids) => ids.size)).toEqual([...texts, ...texts].map(() => 1));
    expect(new Set([...idsOf.values()].flatMap((ids) => [...ids])).size).toBe(2 * count);

    const told = () => textsIn(bob.stdout()).filter((text) => text.startsWith('to bob '));
    await nothingMissing(() => texts.map(toBob).filter((text) => !told().includes(text)));
    expect([...told()].sort()).toEqual(texts.map(toBob).sort());
    expect(server.stderr()).toContain('xmpp.offline');
  });

  it('sees the number turn away when the SMSC is killed behind a link that stays up, as does a user of the page', async () => {
    const page = await ImClientInTest.loggedIn(server.ready.listen, 'bob', 'correct horse');
    await page.say({ type: 'people', names: [phone] });
    expect((await page.hear('people'))['numbers']).toEqual([]);
    await smsc.kill();
    const words = 'SMSC hel1 is away: messages wait here and are sent later.';
    await alice.until((heard) => heard.find((one) => one.type === 'presence' && one.status === words));
    expect((await page.hear('people'))['numbers']).toEqual([{ number: phone, state: 'away', words }]);
    expect((await page.hear('links', ({ links }) => JSON.stringify(links).includes('"down"')))['links']).toMatchObject([
      { smscId: 'hel1', state: 'up', session: { state: 'down', code: 'PEER_UNREACHABLE' } },
    ]);
    page.close();
  });
}

/** Waits until nothing is; says what was. */
async function nothingMissing(missing: () => readonly string[]): Promise<void> {
  await eventually(
    () => (missing().length === 0 ? true : undefined),
    () => `missing: ${missing().join(', ')}`,
    40_000,
  );
}

/** The texts that came, as `im chat --json` tells them. */
function textsIn(lines: string): readonly string[] {
  return lines
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .flatMap((line) => {
      // The lines are ours, and tested with the command.
      const event = JSON.parse(line) as { readonly type?: string; readonly direction?: string; readonly text?: string };
      return event.type === 'text' && event.direction === 'in' && event.text !== undefined ? [event.text] : [];
    });
}
