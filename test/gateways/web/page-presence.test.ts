// Whether somebody is at the page, as others are told of it, in a real browser.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lostCountsMs } from '../../../src/core/im/presence-book.ts';
// @ts-expect-error plain JavaScript, because browsers read it as it is
import { unseenMs, untouchedMs } from '../../../src/gateways/web/page/attention.js';
import { ImServerInTest } from './im-server.ts';
import { launchBrowser, noBrowser, PageInTest } from './page-in-test.ts';

describe.skipIf(noBrowser !== '')(`the user of a page${noBrowser}`, () => {
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
    await server.start();
    alice = await PageInTest.open(browser);
    await alice.page.clock.install();
    await alice.logIn(server, 'alice');
  });
  afterEach(async () => {
    await alice.close();
    await server.stop();
  });

  it('is away when the page is in the background for a minute, also for a new connection, and here when it shows', async () => {
    const { page } = alice;
    await look(page, 'hidden');
    await page.clock.fastForward(unseenMs);
    await expect.poll(() => server.presenceChanges).toEqual(['alice here', 'alice away']);
    await server.stop();
    await page.getByText('Not connected.').waitFor();
    server.presenceChanges.splice(0);
    await server.start();
    await page.clock.fastForward(20_000);
    await alice.isIn();
    await look(page, 'visible');
    await expect.poll(() => server.presenceChanges).toEqual(['alice away', 'alice here']);
  });

  it('is away when nothing is touched for ten minutes, and here with the first movement', async () => {
    const { page } = alice;
    await page.clock.fastForward(untouchedMs - 1_000);
    await page.mouse.move(10, 10);
    await page.clock.fastForward(untouchedMs - 1_000);
    await page.mouse.move(20, 20);
    await alice.isIn();
    expect(server.presenceChanges).toEqual(['alice here']);
    await page.clock.fastForward(untouchedMs);
    await expect.poll(() => server.presenceChanges).toEqual(['alice here', 'alice away']);
    await page.mouse.move(30, 30);
    await expect.poll(() => server.presenceChanges).toEqual(['alice here', 'alice away', 'alice here']);
  });

  it('does not go and come where the page is loaded anew, and goes at once on logging out', async () => {
    await alice.page.reload();
    await alice.isIn();
    server.pass(lostCountsMs);
    expect(server.presenceChanges).toEqual(['alice here']);
    await alice.page.getByLabel('Log out').click();
    await expect.poll(() => server.presenceChanges).toEqual(['alice here', 'alice gone']);
  });
});

/** As when its tab goes to the background, or comes back: a browser without a screen never does that by itself. */
function look(page: Page, state: 'hidden' | 'visible'): Promise<unknown> {
  const is = `Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' })`;
  return page.evaluate(`${is}; document.dispatchEvent(new Event('visibilitychange'))`);
}
