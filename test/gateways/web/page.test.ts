// The page in a real browser. Waits are for what the page shows, never for a time.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ImServerInTest } from './im-server.ts';

const chromiumPath = '/usr/bin/chromium';
const phone = '+358401234567';
const reason = existsSync(chromiumPath) ? '' : ` (skipped: no browser at ${chromiumPath})`;

describe.skipIf(reason !== '')(`the page${reason}`, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let server: ImServerInTest;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = new ImServerInTest();
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
    context = await browser.newContext();
    page = await context.newPage();
    problems.length = 0;
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) problems.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
    await server.stop();
    expect(problems).toEqual([]);
  });

  it('logs in, says why not, and stays logged in over a reload', async () => {
    await page.goto(server.url);
    await page.fill('#login-user', 'alice');
    await page.fill('#login-password', 'wrong');
    await page.press('#login-password', 'Enter');
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    await logIn();
    await page.reload();
    await page.locator('body[data-face=app]').waitFor();
    await page.getByLabel('Log out').click();
    await page.locator('body[data-face=login]').waitFor();
    await page.reload();
    await page.locator('body[data-face=login]').waitFor();
  });

  it('sends with Enter and shows every step as a tick with words', async () => {
    await logIn();
    await begin('+358 40 123 4567');
    await write('Hello');
    await step('Hello', 'stored');
    server.confirm(0, '261122130000');
    await step('Hello', 'at the SMSC');
    server.report(0, '261122130000', 4);
    await step('Hello', 'on the handset');

    await write('No such number');
    await step('No such number', 'stored');
    server.refuse(1, 300);
    await step('No such number', 'failed: the number is not valid (900:300)');
    await page.locator('.why').getByText('Failed: the number is not valid (900:300)').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => server.enqueued.length).toBe(3);

    await write('In doubt');
    await step('In doubt', 'stored');
    server.doubt(3);
    await step('In doubt', 'unknown: the SMSC did not say whether it took the message (in-doubt)');
  });

  it('shows what arrives: in the list with a count of what is not read, in the open conversation at once', async () => {
    await logIn();
    server.arrive(phone, '28820001', 'Hi there');
    const row = page.getByRole('button', { name: new RegExp(`${phone.slice(1)}.*Hi there.*1 not read`) });
    await row.click();
    await bubble('Hi there').waitFor();
    await expect.poll(() => page.locator('.badge').count()).toBe(0);
    server.arrive(phone, '28820001', 'Still there?');
    await bubble('Still there?').waitFor();
    await page.reload();
    await bubble('Still there?').waitFor();
    expect(await page.locator('.badge').count()).toBe(0);
  });

  it('keeps what is typed while the server is away, over a reload, and sends it once afterwards', async () => {
    await logIn();
    await begin(phone);
    await write('Before');
    await step('Before', 'stored');
    await server.stop();
    await page.getByText('Not connected.').waitFor();
    await write('While away');
    await write('And more');
    await step('While away', 'waiting in this page');
    await page.getByText('2 messages wait here').waitFor();
    await server.start();
    await page.getByText('Connected again: everything you wrote was sent.').waitFor();
    await step('While away', 'stored');
    await step('And more', 'stored');
    expect(sentTexts()).toEqual(['Before', 'While away', 'And more']);
    await page.reload();
    await step('And more', 'stored');
    expect(sentTexts()).toEqual(['Before', 'While away', 'And more']);
  });

  it('sends once what was sent when the answer was lost', async () => {
    await logIn();
    await begin(phone);
    server.isDiskHeld = true;
    await write('Answer lost');
    await step('Answer lost', 'waiting in this page');
    // The server stored it and went down before it could say so.
    await expect.poll(() => server.heldCount).toBeGreaterThan(0);
    await server.stop();
    server.letGo();
    await server.start();
    await step('Answer lost', 'stored');
    expect(sentTexts()).toEqual(['Answer lost']);
    expect(await page.locator('.message').count()).toBe(1);
  });

  it('shows markup as what was typed, in bubbles, in the list and as a name', async () => {
    await logIn();
    const markup = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    server.arrive(phone, '28820001', markup);
    await page.getByRole('button', { name: new RegExp(phone.slice(1)) }).click();
    await bubble(markup).waitFor();
    await write(markup);
    await step(markup, 'stored');
    expect(await page.locator('#app .message img, #app .message script, .conversations img').count()).toBe(0);
    expect(await page.title()).toBe('ringbridge');
  });

  it('tells of a link that is down, and fits a narrow screen', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await logIn();
    server.links([{ smscId: 'hel1', state: 'down', since: Date.now(), reason: 'LINK_TIMEOUT' }]);
    await page.locator('.link[data-state=down]', { hasText: 'hel1 down' }).waitFor();
    server.arrive(phone, '28820001', 'x'.repeat(300));
    await page.getByRole('button', { name: new RegExp(phone.slice(1)) }).click();
    await bubble('x'.repeat(300)).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.getByLabel('Back to the list').click();
    await page.getByLabel('Search conversations').waitFor();
  });

  async function logIn(): Promise<void> {
    if (page.url() === 'about:blank') await page.goto(server.url);
    await page.fill('#login-user', 'alice');
    await page.fill('#login-password', 'correct horse');
    await page.press('#login-password', 'Enter');
    await page.locator('body[data-face=app]').waitFor();
    await page.locator('#notice').waitFor({ state: 'hidden' });
  }

  async function begin(peer: string): Promise<void> {
    await page.keyboard.press('Control+k');
    await page.getByLabel('Phone number or name').fill(peer);
    await page.keyboard.press('Enter');
  }

  async function write(text: string): Promise<void> {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
  }

  function bubble(text: string) {
    return page.locator('.message', { has: page.getByText(text, { exact: true }) });
  }

  /** Waits until the tick of the bubble says these words. */
  async function step(text: string, words: string): Promise<void> {
    await bubble(text).locator('.tick').getByText(words, { exact: true }).first().waitFor();
  }

  function sentTexts(): readonly string[] {
    return server.enqueued.map(({ message }) => (message.content.type === 'text' ? message.content.text : ''));
  }
});
