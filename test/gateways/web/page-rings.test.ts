// The tab of those who run the bridge, in a real browser.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/core/base/errors.ts';
import { ImServerInTest } from './im-server.ts';
import { launchBrowser, noBrowser, PageInTest } from './page-in-test.ts';

describe.skipIf(noBrowser !== '')(`the rings on the page${noBrowser}`, () => {
  let browser: Browser;
  let server: ImServerInTest;
  let alice: PageInTest;

  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = new ImServerInTest();
    server.addSessionUser('alice', '0001', ['send', 'read', 'admin']);
    server.addSessionUser('bob', '0002');
    await server.start();
  });
  afterEach(async () => {
    await alice.close();
    await server.stop();
  });

  it('show 255 segments for each end of both lanes, and move as the messages do', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    const slot = server.rings.place('mt', 'Hello');
    await page.getByRole('link', { name: 'Rings' }).click();
    await page.getByText('round trip 212 ms').waitFor();
    const session = { state: 'down', since: Date.now(), code: 'SESSION_LOGIN_REFUSED', refusedWith: 100 } as const;
    server.rings.link = { ...server.rings.link, session };
    await page.getByText(/^SMSC away since .* \(SESSION_LOGIN_REFUSED, 900:100\)$/).waitFor();
    expect(await page.locator('.segment').count()).toBe(4 * 255);
    await expect.poll(() => statusesOf(slot)).toEqual(['placed', 'unheard']);
    server.rings.move('mt', slot, 'mirrored', 'in-flight');
    await expect.poll(() => statusesOf(slot)).toEqual(['in-flight', 'in-flight']);
    server.rings.move('mt', slot, 'confirmed', 'settled');
    await expect.poll(() => statusesOf(slot)).toEqual(['settled', 'settled']);
  });

  it('show a slot by keys alone, and give the focus back', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    for (const _ of [1, 2, 3]) server.rings.place('mt', 'Nobody reads this');
    server.rings.move('mt', 3, 'mirrored', 'in-flight', 'in-doubt');
    server.rings.move('mt', 1, 'mirrored', 'in-flight', 'confirmed', 'settled');
    await page.keyboard.press('Alt+2');
    const dial = page.getByRole('slider', { name: 'hel1, People to handsets: slots' });
    await dial.focus();
    await expect.poll(() => dial.getAttribute('aria-valuetext')).toBe('slot 1 · IM server settled · buffer settled');
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    await expect.poll(() => dial.getAttribute('aria-valuetext')).toBe('slot 3 · IM server in-doubt · buffer in-doubt');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'hel1 · mt · slot 3' });
    await panel.getByText('Nobody knows whether it was taken.').waitFor();
    await panel.getByText('ringbridge ring resolve 3 --as sent|not-sent').waitFor();
    expect(await panel.textContent()).toContain('+3584…67');
    expect(await panel.textContent()).toContain('17 characters');
    expect(await page.content()).not.toContain('Nobody reads this');
    expect(await panel.locator('.way li').allTextContents()).toEqual(
      ['placed', 'mirrored', 'in-flight', 'in-doubt'].map((status) => expect.stringContaining(status)),
    );
    server.rings.move('mt', 3, 'confirmed');
    await panel.getByText('Taken over by the next party.').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    expect(await page.locator('.dial-picture:focus').getAttribute('aria-valuenow')).toBe('3');
  });

  it('are no tab for who may not see them, and asked for by its address they are not there', async () => {
    alice = await PageInTest.of(browser, server, 'bob');
    const { page } = alice;
    expect(await page.getByRole('link', { name: 'Rings' }).count()).toBe(0);
    await page.goto(`${server.url}/#/rings`);
    await alice.isIn();
    await page.keyboard.press('Alt+2');
    expect(await page.locator('.segment').count()).toBe(0);
    expect(await page.locator('#rings').isHidden()).toBe(true);
  });

  it('say of when they are while the server is away, and go on by themselves', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await page.keyboard.press('Alt+2');
    await page.getByText('round trip 212 ms').waitFor();
    await server.stop();
    await page.getByText(/^As of /).waitFor();
    const slot = server.rings.place('mo', 'Hi');
    await server.start();
    await page.getByText(/^As of /).waitFor({ state: 'hidden' });
    await page.locator('#said').getByText('Connected again.').waitFor({ state: 'attached' });
    await expect.poll(() => statusesOf(slot, 'Handsets to people')).toEqual(['mirrored', 'placed']);
  });

  it('can be looked back on, input by input and move by move, while they go on', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await page.keyboard.press('Alt+2');
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByText('Nothing is recorded here.').waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    const slot = server.rings.place('mt', 'Hello');
    server.rings.move('mt', slot, 'mirrored', 'in-flight', 'confirmed', 'settled');
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByText('moved hel1 mt slot 1 · input 10 of 10').waitFor();
    // The keyboard goes on at what there is to move.
    await page.locator('.look-back input:focus').waitFor();
    expect(await statusesOf(slot)).toEqual(['settled', 'settled']);
    await page.getByRole('button', { name: 'To the move before' }).click();
    await page.getByText('input 8 of 10').waitFor();
    expect(await statusesOf(slot)).toEqual(['confirmed', 'confirmed']);
    // What happens meanwhile is not shown, but there is more to look at.
    server.rings.place('mt', 'More');
    const moment = page.getByRole('slider', { name: 'Moment' });
    await moment.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('moved nothing · input 7 of 12').waitFor();
    expect(await statusesOf(slot)).toEqual(['in-flight', 'in-flight']);
    expect(await statusesOf(2)).toEqual(['free', 'free']);
    // A question that cannot be answered is no end of it.
    const hint = 'Look at the file.';
    server.rings.unreadable = new OperatorError({ code: 'RECORDING_UNREADABLE', message: 'It cannot be read.', hint });
    await page.keyboard.press('ArrowLeft');
    await page.locator('.moment').getByText('It cannot be read.').waitFor();
    await page.keyboard.press('Home');
    await page.getByText('input 1 of 12').waitFor();
    await page.getByRole('button', { name: 'To the next move' }).click();
    await page.getByText('input 2 of 12').waitFor();
    expect(await moment.getAttribute('aria-valuetext')).toContain('a frame came from a buffer · moved hel1 mt slot 1');
    expect(await statusesOf(slot)).toEqual(['placed', 'unheard']);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expect.poll(() => statusesOf(2)).toEqual(['placed', 'unheard']);
    expect(await page.locator('.look-back').isHidden()).toBe(true);
    await page.locator('.look-back-opener:focus').waitFor();
  });

  it('show the moment that was asked for while the server was away, as soon as it is back', async () => {
    alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    server.rings.move('mt', server.rings.place('mt', 'Hello'), 'mirrored', 'in-flight');
    await page.keyboard.press('Alt+2');
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByText('input 6 of 6').waitFor();
    await server.stop();
    await page.getByText('Not connected.').waitFor();
    await page.getByRole('button', { name: 'To the move before' }).click();
    // The wish outlives a look at the chat.
    await page.keyboard.press('Alt+1');
    await server.start();
    await alice.isIn();
    await page.keyboard.press('Alt+2');
    await page.getByText('input 4 of 6').waitFor();
  });

  async function statusesOf(slot: number, lane = 'People to handsets'): Promise<readonly (string | null)[]> {
    const segments = alice.page.getByRole('region', { name: lane }).locator(`.segment[data-slot="${slot}"]`);
    return Promise.all((await segments.all()).map((segment) => segment.getAttribute('data-status')));
  }
});
