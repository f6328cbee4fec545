// The chat in a real browser: what people do, and what they see of it.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientRef } from '../../../src/core/im/exchange-io.ts';
import { ImServerInTest } from './im-server.ts';
import { launchBrowser, noBrowser, PageInTest } from './page-in-test.ts';

const phone = '+358401234567';

describe.skipIf(noBrowser !== '')(`the page${noBrowser}`, () => {
  let browser: Browser;
  let server: ImServerInTest;
  let alice: PageInTest;

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = new ImServerInTest();
    server.addSessionUser('alice', '0001');
    server.addSessionUser('bob', '0002');
    await server.start();
  });
  afterEach(async () => {
    await alice.close();
    await server.stop();
  });

  it('logs in, says why not, and stays logged in over a reload; the cookie is for the server alone', async () => {
    await server.addUser('carol', 'correct horse');
    alice = await PageInTest.open(browser);
    const { page } = alice;
    await page.goto(server.url);
    await page.fill('#login-user', 'carol');
    await page.fill('#login-password', 'wrong');
    await page.press('#login-password', 'Enter');
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    expect(await page.locator('#login-password:focus').getAttribute('aria-invalid')).toBe('true');
    await page.fill('#login-password', 'correct horse');
    await page.press('#login-password', 'Enter');
    await alice.isIn();
    // The keyboard goes on at the list, and comes back there from a dialog.
    await page.locator('#side:focus').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.locator('#side:focus').waitFor();
    await page.reload();
    await alice.isIn();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.getByLabel('Log out').click();
    await page.locator('body[data-face=login]').waitFor();
    await page.reload();
    await page.locator('body[data-face=login]').waitFor();
  });

  it('says at the number and below the list that the SMSC is away behind a link that is up, until it is back', async () => {
    const link = { smscId: 'hel1', state: 'up', since: Date.now() } as const;
    server.links([{ ...link, session: { state: 'up', since: Date.now() } }]);
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await alice.begin('+358 40 123 4567');
    await alice.write('Hello');
    await page.locator('#peer-kind', { hasText: /^phone$/ }).waitFor();
    server.links([{ ...link, session: { state: 'down', since: Date.now(), code: 'PEER_UNREACHABLE' } }]);
    await page.getByText('phone. SMSC hel1 is away: messages wait here and are sent later.').waitFor();
    await page
      .getByTitle(/SMSC away since .* \(PEER_UNREACHABLE\)$/)
      .getByText('hel1 SMSC away')
      .waitFor();
    server.links([{ ...link, session: { state: 'up', since: Date.now() } }]);
    await page.locator('#peer-kind', { hasText: /^phone$/ }).waitFor();
  });

  it('goes on down a long list of conversations, where the keyboard finds it too', async () => {
    for (let number = 0; number < 502; number += 1) server.arrive(`+4917${number}`, '28820001', `from ${number}`);
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    const rows = page.locator('#conversations button');
    await rows.nth(499).waitFor();
    expect(await rows.count()).toBe(500);
    await rows.nth(499).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await rows.nth(501).waitFor();
    await page.getByRole('button', { name: 'Show earlier conversations' }).waitFor({ state: 'hidden' });
    // One that was reached this way is where it belongs when something new comes.
    server.arrive('+49170', '28820001', 'again');
    await rows.first().getByText('again').waitFor();
    expect(await rows.count()).toBe(502);
  });

  it('sends with Enter and shows every step as a tick with words', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await alice.begin('+358 40 123 4567');
    await alice.write('Hello');
    await alice.step('Hello', 'stored');
    server.confirm(0, '261122130000');
    await alice.step('Hello', 'at the SMSC');
    server.report(0, '261122130000', 4);
    await alice.step('Hello', 'on the handset');

    // From the field where one types, by keys alone.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    const steps = alice.bubble('Hello').locator('.steps');
    await steps.getByText(/^stored \d.* · at the SMSC \d.* · on the handset \d[^·]*$/).waitFor();
    await page.keyboard.press('Enter');
    await steps.waitFor({ state: 'hidden' });

    await alice.write('No such number');
    await alice.step('No such number', 'stored');
    server.refuse(1, 300);
    await alice.step('No such number', 'failed: the number is not valid (900:300)');
    await page.locator('.why').getByText('Failed: the number is not valid (900:300). Check the number.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => server.enqueued.length).toBe(3);

    await alice.write('In doubt');
    await alice.step('In doubt', 'stored');
    server.doubt(3);
    await alice.step('In doubt', 'unknown: the SMSC did not say whether it took the message (in-doubt)');
    await alice.bubble('In doubt').getByText('Sent again, it may arrive twice.').waitFor();
    expect(await alice.bubble('In doubt').getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('shows what arrives: in the list with a count of what is not read, in the open conversation at once', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    server.arrive(phone, '28820001', 'Hi there');
    await alice.row(new RegExp(`${phone.slice(1)}.*Hi there.*1 not read`)).click();
    await alice.bubble('Hi there').waitFor();
    await page.getByText('Not read before').waitFor();
    await expect.poll(() => page.locator('#conversations .badge').count()).toBe(0);
    server.arrive(phone, '28820001', 'Still there?');
    await alice.bubble('Still there?').waitFor();
    await page.reload();
    await alice.bubble('Still there?').waitFor();
    expect(await page.locator('#conversations .badge').count()).toBe(0);
  });

  it('brings two users together: presence, ticks, and what one writes while the other is away', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.begin('bob');
    await alice.page.getByText('user of this server, gets it on coming back').waitFor();
    await alice.write('Lunch?');
    await alice.step('Lunch?', 'stored');
    const bob = await PageInTest.of(browser, server, 'bob');
    await alice.page.getByText('user of this server, here now').waitFor();
    await bob.row(/alice.*here now.*Lunch\?.*1 not read/).click();
    await bob.write('At noon');
    await alice.bubble('At noon').waitFor();
    await bob.page.getByLabel('Log out').click();
    await bob.close();
    await alice.page.getByText('gets it on coming back').waitFor();
    // A client elsewhere that says so.
    server.world.tellPresence(clientRef('xmpp:bob@localhost'), 'bob', 'away');
    await alice.page.getByText('user of this server, away just now').waitFor();
    await alice.row(/bob.*away just now/).waitFor();
  });

  it('says that nobody has a name, once the server said so, and not that this one gets it later', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.begin('nobody');
    await alice.write('Are you there?');
    await alice.page.getByText('nobody has this name here').waitFor();
    await alice.page.getByRole('button', { name: 'Discard' }).press('Enter');
    expect(await alice.page.locator('.message').count()).toBe(0);
    await alice.page.locator('textarea:focus').waitFor();
  });

  it('keeps what is typed while the server is away, sends it once afterwards, and says so', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await alice.begin(phone);
    await alice.write('Before');
    await alice.step('Before', 'stored');
    await server.stop();
    await page.getByText('Not connected.').waitFor();
    await alice.write('While away');
    await alice.write('And more');
    await alice.step('While away', 'waiting in this page');
    await page.getByText('2 messages wait here').waitFor();
    await server.start();
    await page.getByText('Connected again: everything you wrote was sent.').waitFor();
    await alice.step('While away', 'stored');
    await alice.step('And more', 'stored');
    expect(sentTexts()).toEqual(['Before', 'While away', 'And more']);
    await page.reload();
    await alice.step('And more', 'stored');
    expect(sentTexts()).toEqual(['Before', 'While away', 'And more']);
  });

  it('keeps what waits although the tab is closed, and sends it once when it is opened again', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.begin(phone);
    await server.stop();
    await alice.page.getByText('Not connected.').waitFor();
    await alice.write('Written and closed');
    await alice.step('Written and closed', 'waiting in this page');
    await alice.reopen(alice.page.url(), () => server.start());
    await alice.step('Written and closed', 'stored');
    expect(sentTexts()).toEqual(['Written and closed']);
  });

  it('sends once what was sent when the answer was lost', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.begin(phone);
    server.isDiskHeld = true;
    await alice.write('Answer lost');
    await alice.step('Answer lost', 'waiting in this page');
    // The server stored it and went down before it could say so.
    await expect.poll(() => server.heldCount).toBeGreaterThan(0);
    await server.stop();
    server.letGo();
    await server.start();
    await alice.step('Answer lost', 'stored');
    expect(sentTexts()).toEqual(['Answer lost']);
    expect(await alice.page.locator('.message').count()).toBe(1);
  });

  it('finds messages by their words, also those that are far back', async () => {
    for (let i = 0; i < 70; i += 1) server.arrive(phone, '28820001', i === 3 ? 'The café by the river' : `number ${i}`);
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.page.keyboard.press('/');
    await alice.page.keyboard.type('CAFE river');
    const hit = alice.page.locator('#hits').getByRole('button', { name: /The café by the river/ });
    const [name, words] = await Promise.all([hit.locator('.name').boundingBox(), hit.locator('.last').boundingBox()]);
    expect(words?.x).toBe(name?.x);
    await hit.click();
    await alice.page.locator('.message.pointed', { hasText: 'The café by the river' }).waitFor();
  });

  it('says while one types how many short messages it takes, in which coding, and why', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    await alice.begin(phone);
    const text = alice.page.getByLabel('Message', { exact: true });
    await text.fill('Hello');
    await alice.page.getByText('GSM-7 · 5 of 160').waitFor();
    await text.fill('x'.repeat(161));
    await alice.page.getByText('GSM-7 · 2 messages, 145 left').waitFor();
    await text.fill('Ő');
    await alice.page.getByText('UCS-2 because of Ő · 1 of 70').waitFor();
  });

  function sentTexts(): readonly string[] {
    return server.enqueued.map(({ message }) => (message.content.type === 'text' ? message.content.text : ''));
  }
});
