/**
 * Kannel's bearerbox as a CIMD2 client of our SMSC: software that was written from the same specification by others.
 * Source of what to expect of it: docs/reference/cimd2.md section 11.1.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kannel, kannelPrograms } from './kannel.ts';
import { eventually, whySkipped } from './peer.ts';
import { SmscUnderTest } from './smsc-under-test.ts';

const skipped = whySkipped(...kannelPrograms);
const phone = '+639171234567';
/** A number that belongs to no handset. */
const nobody = '+639170000001';
const account = { user: 'app', password: 'ringbridge', number: '2882' };

describe.skipIf(skipped !== '')(`Kannel as a client of smsc start${skipped}`, () => {
  let smsc: SmscUnderTest;
  let kannel: Kannel;

  beforeAll(async () => {
    smsc = await SmscUnderTest.start('--handset', `${nobody}=unknown`);
    kannel = await Kannel.start({ smscPort: smsc.port, ...account });
  });
  afterAll(async () => {
    await kannel?.stop();
    await smsc?.stop();
  });

  const heard = (text: string) =>
    eventually(
      () => kannel.messages.find((message) => message.text === text),
      () => `${JSON.stringify(text)} among ${JSON.stringify(kannel.messages)}`,
    );

  it.each([
    ['plain ASCII', 'Hello'],
    ['every character of the default alphabet', '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&\'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà'],
    ['the extension table', '€ [ ] { } ~ ^ | \\'],
    ['a text of four parts', 'Ångström [0] '.repeat(40).trim()],
  ])('brings %s to the handset as it was written, section 7', async (_, text) => {
    expect(await kannel.send({ to: phone, text })).toContain('Accepted');
    expect(await smsc.arrived(phone, text)).toMatchObject({ from: '2882', repeats: 0 });
  });

  it('brings UCS-2 and 8-bit data with a port header to the handset, section 7.7', async () => {
    await kannel.send({ to: phone, text: 'Привет 🙂', coding: 2 });
    await smsc.arrived(phone, 'Привет 🙂');
    await kannel.send({ to: phone, text: '01062F1F2DB69181', coding: 1, header: '0605040B8423F0' });
    await smsc.arrived(phone, '01062F1F2DB69181');
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
    await smsc.arrived(phone, 'no report, please');
    expect(await smsc.counts()).toMatchObject({ submitsRefused: 0 });
  });

  it.each([
    ['plain ASCII', 'Hello back'],
    ['the extension table and national positions', 'Å å Ä ö Ü ñ { } € [ ] ~ | \\ ^ _ @ $ "'],
  ])('reads %s from a handset as it was written, section 7.5', async (_, text) => {
    await smsc.inject(phone, '2882', text);
    expect(await heard(text)).toMatchObject({ from: phone, to: '2882', coding: 0 });
  });

  it('reads UCS-2 from a handset', async () => {
    await smsc.inject(phone, '2882', 'Καλημέρα 🙂');
    const coded = await eventually(
      () => kannel.messages.find((message) => message.coding === 2),
      () => JSON.stringify(kannel.messages),
    );
    expect(Buffer.from(coded.octets, 'hex').swap16().toString('utf16le')).toBe('Καλημέρα 🙂');
  });

  it('loses nothing to a rate limit that answers later, section 11.1', async () => {
    const slow = await SmscUnderTest.start('--rate', '10/s');
    const other = await Kannel.start({ smscPort: slow.port, ...account });
    try {
      const texts = Array.from({ length: 15 }, (_, n) => `in its time ${n}`);
      for (const text of texts) await other.send({ to: phone, text });
      for (const text of texts) await slow.arrived(phone, text);
      expect((await slow.inbox(phone)).map(({ text }) => text)).toEqual(texts);
      expect(await slow.counts()).toMatchObject({ submitsAccepted: 15, submitsRefused: 0 });
    } finally {
      await other.stop();
      await slow.stop();
    }
  });

  it('logs in again after a cut, and nothing is lost or doubled', async () => {
    const texts = Array.from({ length: 30 }, (_, n) => `around the cut ${n}`);
    for (const [n, text] of texts.entries()) {
      if (n === 10 || n === 20) await smsc.cut();
      expect(await kannel.send({ to: phone, text })).toMatch(/^[03]:/);
    }
    for (const text of texts) await smsc.arrived(phone, text);
    expect(await smsc.counts()).toMatchObject({ cuts: 2, logins: 3 });
    const inbox = (await smsc.inbox(phone)).filter(({ text }) => text.startsWith('around the cut'));
    // What was submitted and not answered before a cut is submitted again by Kannel: at most one a cut.
    expect(inbox.length - texts.length).toBeLessThanOrEqual(2);
  });
});

describe.skipIf(skipped !== '')(`Kannel on a bad day of the SMSC${skipped}`, () => {
  // Kannel repeats what it holds for lost under a new number (section 11.1): what it sent and was answered by nobody
  // may be there twice. Nothing may be missing.
  it.each([
    ['nack-storm', 'once'],
    ['bad-checksums', 'once'],
    ['duplicate-answers', 'once'],
    ['duplicate-delivers', 'once'],
    ['line-noise', 'once'],
    ['answers-lost', 'at least once'],
    // Kannel takes a 98 for a broken line: it logs in again and sends again.
    ['general-errors', 'at least once'],
  ] as const)('brings everything through %s, both ways, %s', async (scenario, times) => {
    const smsc = await SmscUnderTest.start('--scenario', scenario);
    const kannel = await Kannel.start({ smscPort: smsc.port, ...account }).catch(async (error: unknown) => {
      await smsc.stop();
      throw error;
    });
    try {
      const texts = Array.from({ length: 8 }, (_, n) => `${scenario} ${n}`);
      const injected = texts.map((text) => smsc.inject(phone, '2882', text));
      for (const text of texts) expect(await kannel.send({ to: phone, text })).toMatch(/^[03]:/);
      for (const text of texts) await smsc.arrived(phone, text);
      await Promise.all(injected);
      const received = await eventually(
        () =>
          texts.every((text) => kannel.messages.some((message) => message.text === text)) ? kannel.messages : undefined,
        () => `${scenario}: only ${JSON.stringify(kannel.messages.map(({ text }) => text))}`,
      );
      const inbox = await smsc.inbox(phone);
      const faults = (await smsc.counts())['faults'];
      expect(faults).not.toEqual({});
      if (times === 'once') {
        expect(received.map(({ text }) => text).sort()).toEqual(texts);
        expect(inbox.map(({ text }) => text).sort()).toEqual(texts);
      }
    } finally {
      await kannel.stop();
      await smsc.stop();
    }
  });
});
