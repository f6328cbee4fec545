/**
 * Kannel's bearerbox as a CIMD2 client of our SMSC: software that was written from the same specification by others.
 * Source of what to expect of it: docs/reference/cimd2.md section 11.1.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callControl } from '../../src/shell/control-client.ts';
import { type RunningRole, startRole } from '../commands/smsc/start-smsc.ts';
import { Kannel, kannelPrograms } from './kannel.ts';
import { eventually, whySkipped } from './peer.ts';

const skipped = whySkipped(...kannelPrograms);
const phone = '+639171234567';
/** A number that belongs to no handset. */
const nobody = '+639170000001';

interface Inbox {
  readonly inbox: readonly { readonly from: string; readonly text: string; readonly repeats: number }[];
}

describe.skipIf(skipped !== '')(`Kannel as a client of smsc start${skipped}`, () => {
  let stateDir = '';
  let smsc: RunningRole;
  let kannel: Kannel;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-interop-'));
    smsc = await startRole([
      ...['smsc', 'start', '--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir, '--delivery-delay', '20ms'],
      ...['--handset', `${phone}=on`, '--unknown', 'fail'],
    ]);
    kannel = await startKannel(smsc);
  });
  afterAll(async () => {
    await kannel?.stop();
    await smsc?.end();
    await rm(stateDir, { recursive: true, force: true });
  });

  const inboxOf = async (number: string): Promise<Inbox['inbox']> => {
    // The control route's document is ours, and its shape is tested with the command.
    const document = (await callControl(stateDir, `GET /handset?number=${encodeURIComponent(number)}`)) as Inbox;
    return document.inbox;
  };
  const arrived = (number: string, text: string) =>
    eventually(
      async () => (await inboxOf(number).catch(() => [])).find((item) => item.text === text),
      () => `${JSON.stringify(text)} on ${number}`,
    );
  const heard = (text: string) =>
    eventually(
      () => kannel.messages.find((message) => message.text === text),
      () => `${JSON.stringify(text)} among ${JSON.stringify(kannel.messages)}`,
    );
  const inject = (from: string, text: string) => callControl(stateDir, 'POST /inject', { from, to: '2882', text });

  it.each([
    ['plain ASCII', 'Hello'],
    ['every character of the default alphabet', '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà'],
    ['the extension table', '€ [ ] { } ~ ^ | \\'],
    ['a text of four parts', 'Ångström [0] '.repeat(40).trim()],
  ])('brings %s to the handset as it was written, section 7', async (_, text) => {
    expect(await kannel.send({ to: phone, text })).toContain('Accepted');
    expect(await arrived(phone, text)).toMatchObject({ from: '2882', repeats: 0 });
  });

  it('brings UCS-2 and 8-bit data with a port header to the handset, section 7.7', async () => {
    await kannel.send({ to: phone, text: 'Привет 🙂', coding: 2 });
    await arrived(phone, 'Привет 🙂');
    await kannel.send({ to: phone, text: '01062F1F2DB69181', coding: 1, header: '0605040B8423F0' });
    await arrived(phone, '01062F1F2DB69181');
  });

  it.each([
    ['delivered', phone, [8, 1]],
    ['not delivered', nobody, [8, 2]],
  ])('gets the reports of a message that is accepted and then %s, section 8', async (id, to, expected) => {
    await kannel.send({ to, text: 'with a report', reportId: encodeURIComponent(id) });
    const types = () => kannel.reports.filter((report) => report.id === id).map(({ type }) => type);
    const both = await eventually(
      () => (types().length >= 2 ? types() : undefined),
      () => JSON.stringify(kannel.reports),
    );
    expect(both).toEqual(expected);
  });

  it('accepts what is sent without asking for a report, which Kannel says as 056:0, section 8.1', async () => {
    await kannel.send({ to: phone, text: 'no report, please' });
    await arrived(phone, 'no report, please');
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ submitsRefused: 0 });
  });

  it.each([
    ['plain ASCII', 'Hello back'],
    ['the extension table and national positions', 'Å å Ä ö Ü ñ { } € [ ] ~ | \\ ^ _ @ $ "'],
  ])('reads %s from a handset as it was written, section 7.5', async (_, text) => {
    await inject(phone, text);
    expect(await heard(text)).toMatchObject({ from: phone, to: '2882', coding: 0 });
  });

  it('reads UCS-2 from a handset', async () => {
    await inject(phone, 'Καλημέρα 🙂');
    const coded = await eventually(
      () => kannel.messages.find((message) => message.coding === 2),
      () => JSON.stringify(kannel.messages),
    );
    expect(Buffer.from(coded.octets, 'hex').swap16().toString('utf16le')).toBe('Καλημέρα 🙂');
  });

  it('logs in again after a cut, and nothing is lost or doubled', async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `around the cut ${n}`);
    for (const [n, text] of texts.entries()) {
      if (n === 10 || n === 20) await callControl(stateDir, 'POST /cut');
      expect(await kannel.send({ to: phone, text })).toMatch(/^[03]:/);
    }
    for (const text of texts) await arrived(phone, text);
    expect(await callControl(stateDir, 'GET /counts')).toMatchObject({ cuts: 2, logins: 3 });
    const inbox = (await inboxOf(phone)).filter(({ text }) => text.startsWith('around the cut'));
    // What was submitted and not answered before a cut is submitted again by Kannel: at most one a cut.
    expect(inbox.length - texts.length).toBeLessThanOrEqual(2);
  });
});

async function startKannel(smsc: RunningRole): Promise<Kannel> {
  const smscPort = Number(new URL(smsc.ready.listen).port);
  return Kannel.start({ smscPort, user: 'app', password: 'ringbridge', number: '2882' });
}
