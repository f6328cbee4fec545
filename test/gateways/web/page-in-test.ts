// The page of one user in a real browser, and what a person does with it. Waits are for what the page shows, never for a
// time; whatever the page throws or its policy refuses is kept, for a test to find empty.
import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import type { ImServerInTest } from './im-server.ts';

const executablePath = '/usr/bin/chromium';

/** Why there can be no such test here; empty where there can. */
export const noBrowser = existsSync(executablePath) ? '' : ` (skipped: no browser at ${executablePath})`;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox'] });
}

export class PageInTest {
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  #page: Page;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
    this.#watch(page);
  }

  get page(): Page {
    return this.#page;
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.problems.push(message.text());
    });
    page.on('request', (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== '127.0.0.1') this.problems.push(`asked ${hostname}`);
    });
  }

  /** Nobody is logged in. */
  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<PageInTest> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    return new PageInTest(context, await context.newPage());
  }

  /** Of a user whose session was begun elsewhere. */
  static async of(
    browser: Browser,
    server: ImServerInTest,
    user: string,
    options: BrowserContextOptions = {},
  ): Promise<PageInTest> {
    const opened = await PageInTest.open(browser, options);
    await opened.logIn(server, user);
    return opened;
  }

  /** By a session that was begun elsewhere. */
  async logIn(server: ImServerInTest, user: string): Promise<void> {
    await this.#context.addCookies([{ name: 'ringbridge', value: server.sessionOf(user), url: server.url }]);
    await this.page.goto(server.url);
    await this.isIn();
  }

  /** Closes the tab, does that, and opens another in the same browser. */
  async reopen(url: string, between: () => Promise<void>): Promise<void> {
    await this.#page.close();
    await between();
    this.#page = await this.#context.newPage();
    this.#watch(this.#page);
    await this.#page.goto(url);
  }

  async close(): Promise<void> {
    await this.#context.close();
    expect(this.problems).toEqual([]);
  }

  /** The chat shows, and is connected. */
  async isIn(): Promise<void> {
    await this.page.locator('body[data-face=app]').waitFor();
    await this.page.locator('#notice').waitFor({ state: 'hidden' });
  }

  async begin(peer: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByLabel('Phone number or name').fill(peer);
    await this.page.keyboard.press('Enter');
    await this.page.locator('#conversation').waitFor();
  }

  async write(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  bubble(text: string): Locator {
    return this.page.locator('.message', { has: this.page.getByText(text, { exact: true }) });
  }

  /** Waits until the tick of the bubble says these words. */
  async step(text: string, words: string): Promise<void> {
    await this.bubble(text).locator('.tick').getByText(words, { exact: true }).first().waitFor();
  }

  /** The row of a conversation in the list. */
  row(name: string | RegExp): Locator {
    return this.page.locator('#conversations').getByRole('button', { name });
  }
}
