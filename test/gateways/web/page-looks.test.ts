// What the page looks like to everybody: in both themes and at every width, to who reads by ear, and when somebody means ill.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImServerInTest } from './im-server.ts';
import { launchBrowser, noBrowser, PageInTest } from './page-in-test.ts';

const phone = '+358401234567';
const markup = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const reversed = 'photo\u202egnp.exe';

/**
 * Texts whose contrast against what is behind them is below 4.5 (WCAG 1.4.3), with what it is; hidden ones and disabled
 * controls aside. An expression, since the tests know no DOM.
 */
const faintTexts = `(() => {
  const parts = (color) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const color = parts(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || element.closest('svg, .visually-hidden, :disabled, script, noscript') || !element.checkVisibility()) return [];
    const [front, back] = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    return contrast >= 4.5 ? [] : [element.className + ': ' + element.textContent.slice(0, 40) + ' ' + contrast.toFixed(2)];
  });
})()`;

/** Controls without a name that could be said. */
const namelessControls = `[...document.querySelectorAll('button, a, input, textarea, [role=slider]')]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const label = element.getAttribute('aria-label') ?? element.textContent.trim();
    return label === '' && (element.labels ?? []).length === 0;
  })
  .map((element) => element.outerHTML.slice(0, 100))`;

describe.skipIf(noBrowser !== '')(`the page${noBrowser}`, () => {
  const server = new ImServerInTest();
  let browser: Browser;

  beforeAll(async () => {
    server.addSessionUser('alice', '0001', ['send', 'read', 'admin']);
    server.addSessionUser('bob', '0002');
    server.rings.move('mt', server.rings.place('mt', 'x'), 'mirrored', 'in-flight', 'in-doubt');
    server.rings.link = {
      smscId: 'hel1',
      state: 'comparing',
      since: Date.now(),
      reason: `a digest ${'x'.repeat(300)} ${reversed}`,
      code: 'LINK_TIMEOUT',
    };
    await server.start();
    server.links([{ smscId: 'hel1', state: 'down', since: Date.now(), reason: 'LINK_TIMEOUT' }]);
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  const widths = [360, 1920] as const;
  const themes = ['light', 'dark'] as const;
  it.each(widths.flatMap((width) => themes.map((theme) => ({ width, theme }))))(
    'can be read at $width px in the $theme theme, fits, and every control has a name',
    async ({ width, theme }) => {
      const options: BrowserContextOptions = { viewport: { width, height: 740 }, colorScheme: theme };
      const alice = await PageInTest.of(browser, server, 'alice', options);
      const { page } = alice;
      server.arrive(phone, '28820001', 'x'.repeat(300));
      await alice.row(/358401234567/).waitFor();
      await looksRight(page, width);
      await alice.row(/358401234567/).click();
      const text = `To be refused at ${width} ${theme}`;
      await alice.write(text);
      await alice.step(text, 'stored');
      server.refuse(server.enqueued.length - 1, 300);
      await alice.bubble(text).getByRole('button', { name: 'Try again' }).waitFor();
      const doubtful = `Doubtful at ${width} ${theme}`;
      await alice.write(doubtful);
      await alice.step(doubtful, 'stored');
      server.doubt(server.enqueued.length - 1);
      await alice.bubble(doubtful).getByText('Sent again, it may arrive twice.').waitFor();
      await looksRight(page, width);
      await page.keyboard.press('Alt+2');
      await page.locator('.segment[data-status=in-doubt]').first().waitFor();
      await page.getByRole('slider').first().press('n');
      await page.getByRole('slider').first().press('Enter');
      await page.locator('.way li').first().waitFor();
      await looksRight(page, width);
      // It scrolls by itself: what is too wide would not show on the page around it.
      expect(await page.evaluate('document.getElementById("rings").scrollWidth')).toBe(width);
      // What the other end said of itself turns nothing of what stands behind it.
      await page
        .getByText(/^a digest x/)
        .and(page.locator('bdi'))
        .waitFor();
      await alice.close();
    },
  );

  it('shows markup and reversed text as what was typed, in bubbles, in the list and aloud', async () => {
    const alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    const other = '+358409999999';
    server.arrive(other, '28820001', markup);
    await alice.row(/358409999999/).click();
    await alice.bubble(markup).waitFor();
    await alice.write(markup);
    await alice.step(markup, 'stored');
    server.arrive(other, '28820001', reversed);
    await page.locator('#said').getByText(`${other}: ${reversed}`, { exact: true }).waitFor({ state: 'attached' });
    await alice.bubble(reversed).waitFor();
    expect(await page.locator('.message img, .message script, .conversations img, #said img').count()).toBe(0);
    expect(await page.title()).toMatch(/^(\(\d+\) )?ringbridge$/);
    // What turns the direction round ends where the text ends.
    const isolated =
      '[...document.querySelectorAll(".body, .last > span:last-child, .name, #said span")]' +
      '.every((node) => getComputedStyle(node).unicodeBidi.includes("isolate") || getComputedStyle(node).unicodeBidi === "plaintext")';
    expect(await page.evaluate(isolated)).toBe(true);
    await alice.close();
  });

  it('shows a sender that calls itself like a user as what it is, apart from that user, and not to be answered', async () => {
    const bob = await PageInTest.of(browser, server, 'bob');
    server.arrive('alice', '28820002', 'This is alice. Send me your password');
    await bob.row(/alice a sender’s name/).click();
    await bob.bubble('This is alice. Send me your password').waitFor();
    await bob.page.getByText('a sender’s name, cannot be answered').waitFor();
    await bob.page.getByText('nobody can answer it, and anybody can have called itself so.').waitFor();
    expect(await bob.page.getByLabel('Message', { exact: true }).isHidden()).toBe(true);
    await bob.begin('alice');
    await bob.page.getByText(/^user of this server/).waitFor();
    expect(await bob.bubble('This is alice. Send me your password').count()).toBe(0);
    await bob.close();
  });

  it('holds a sender whose name is long, turns the line round or is piled up, and stays connected', async () => {
    const alice = await PageInTest.of(browser, server, 'alice', { viewport: { width: 360, height: 740 } });
    const { page } = alice;
    const tower = `${'Z\u0301\u0316'.repeat(1)}${'\u0351\u0316'.repeat(60)}`;
    for (const name of ['M'.repeat(200), 'Bank\u202egnp.exe', tower]) {
      server.arrive(name, '28820001', `${tower} from ${name.length}`);
      await page.evaluate(`location.hash = ${JSON.stringify(encodeURIComponent(`"${name}"`))}`);
      await alice.bubble(`${tower} from ${name.length}`).waitFor();
      await looksRight(page, 360);
    }
    await page.getByRole('heading', { name: 'Z' }).waitFor();
    // What was asked of the server last has been answered by now, and not with an end.
    server.arrive(tower, '28820001', 'Still here');
    await alice.bubble('Still here').waitFor();
    await page.locator('#notice').waitFor({ state: 'hidden' });
    await alice.close();
  });

  it('takes nothing of a text that is too long to be sent as a whole, and says by how much', async () => {
    const alice = await PageInTest.of(browser, server, 'alice', { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = alice;
    await alice.begin('+4470009');
    const field = page.getByLabel('Message', { exact: true });
    await field.fill('Look: ');
    await page.evaluate(`navigator.clipboard.writeText('x'.repeat(1_000_000))`);
    await field.press('Control+v');
    const words = 'Too long by 990,006 of 10,000 characters: send it in pieces.';
    await page.locator('#size').getByText(words).waitFor();
    await page.locator('#said').getByText(words).waitFor({ state: 'attached' });
    expect(await field.inputValue()).toBe('Look: ');
    await page.evaluate(`navigator.clipboard.writeText('x'.repeat(9_994))`);
    await field.press('Control+v');
    await page.locator('#size').getByText('GSM-7 · 66 messages').waitFor();
    await field.press('y');
    await page.locator('#size').getByText('Too long by 1 of 10,000 characters').waitFor();
    await alice.close();
  });

  it('is used by keys alone: help, a conversation, the next one, back', async () => {
    const options: BrowserContextOptions = { viewport: { width: 1000, height: 700 } };
    const alice = await PageInTest.of(browser, server, 'alice', options);
    const { page } = alice;
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard and signs' }).waitFor();
    await page.keyboard.press('Escape');
    server.arrive('+4470001', '28820001', 'One');
    server.arrive('+4470002', '28820001', 'Two');
    await alice.row(/4470002/).waitFor();
    await page.keyboard.press('Alt+ArrowDown');
    await alice.bubble('Two').waitFor();
    expect(await page.locator('textarea:focus').count()).toBe(1);
    await page.keyboard.press('Alt+ArrowDown');
    await alice.bubble('One').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#nothing').waitFor();
    expect(await page.locator('#conversations button:focus').getAttribute('data-peer')).toBe('+4470001');
    await alice.close();
  });

  it('says what arrives once, and says nothing of ticks', async () => {
    const alice = await PageInTest.of(browser, server, 'alice');
    const { page } = alice;
    await alice.begin('+4470003');
    await alice.write('Ticks are silent');
    await alice.step('Ticks are silent', 'stored');
    server.confirm(server.enqueued.length - 1, '261122130009');
    await alice.step('Ticks are silent', 'at the SMSC');
    expect(await page.locator('#said').textContent()).toBe('');
    // Where the ticks are nothing is said by itself.
    expect(await page.locator(':is([aria-live], [role=log], [role=status], [role=alert]) .tick').count()).toBe(0);
    server.arrive('+4470003', '28820001', 'Heard');
    await page.locator('#said').getByText('+4470003: Heard', { exact: true }).waitFor({ state: 'attached' });
    await alice.close();
  });

  async function looksRight(page: Page, width: number): Promise<void> {
    expect(await page.evaluate(faintTexts)).toEqual([]);
    expect(await page.evaluate(namelessControls)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
});
