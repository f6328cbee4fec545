// Whether somebody is at the page, as others are told of it, in a real browser.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lostCountsMs } from '../../../src/core/im/presence-book.ts';
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
    alice = await PageInTest.of(browser, server, 'alice');
  });
  afterEach(async () => {
    await alice.close();
    await server.stop();
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
