// Makes the pictures in docs/ from a real demo: every role its own process, the page in headless Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { text } from './options/kinds.mjs';
import { readOptions, refuse } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const values = readOptions({
  command: 'npm run screenshots --',
  about: 'Makes the pictures in docs/pictures anew, from a real demo in headless Chromium.',
  flags: {
    all: { takes: text('DIR'), says: 'write every face in three widths and both themes into DIR instead, to look at' },
    only: { takes: text('NAME'), default: '', defaultText: 'all', says: 'pictures whose name begins with this' },
  },
});
const folder = values.all ?? join(root, 'docs', 'pictures');
const executablePath = '/usr/bin/chromium';
/** Texts that are on their way while the rings are taken. */
const burst = 230;

const shipped = [
  { name: 'page-chat', face: 'chat', width: 1100, height: 700, theme: 'light' },
  { name: 'page-rings', face: 'slot', width: 1200, height: 790, theme: 'dark' },
  { name: 'page-past', face: 'past', width: 1200, height: 790, theme: 'light' },
];
const everything = ['login', 'chat', 'help', 'rings', 'slot', 'past'].flatMap((face) =>
  [
    [360, 740],
    [1280, 800],
    [1920, 1080],
  ].flatMap(([width, height]) =>
    ['light', 'dark'].map((theme) => ({ name: `${face}-${width}-${theme}`, face, width, height, theme })),
  ),
);

const pictures = (values.all === undefined ? shipped : everything).filter(({ name }) => name.startsWith(values.only));
if (pictures.length === 0) refuse(`--only: no picture's name begins with "${values.only}"`);
if (!existsSync(executablePath)) {
  process.stderr.write(`screenshots: no browser at ${executablePath}; install Debian's chromium.\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const demo = spawn(process.execPath, [join(root, 'bin/run.js'), 'demo', '--json', '--cut-every', '0'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
// Only now, since what is typed is judged before.
const { WebSocket } = await import('ws');
const { chromium } = await import('playwright-core');
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox'] });
try {
  const { url, users, stateDir } = await ready();
  const [alice, bob] = users;
  const friend = await logIn(url, bob);
  await smallTalk(url, alice, friend, stateDir);
  for (const picture of pictures) await take(picture, url, alice, friend);
  friend.close();
} finally {
  await browser.close();
  demo.kill('SIGINT');
}

/** The first line of the demo. */
async function ready() {
  for await (const line of createInterface({ input: demo.stdout })) return JSON.parse(line);
  throw new Error('the demo ended before it was ready');
}

/** A client of the IM protocol, as small as it gets. */
async function logIn(url, { name, password }) {
  const socket = new WebSocket(new URL('im', url.replace(/^http/, 'ws')), 'ringbridge.im.1');
  const stored = new Map();
  const heard = new Map();
  const told = (text) => {
    if (!heard.has(text)) {
      let done;
      const promise = new Promise((resolve) => {
        done = resolve;
      });
      heard.set(text, { promise, done });
    }
    return heard.get(text);
  };
  let welcomed;
  const isIn = new Promise((resolve) => {
    welcomed = resolve;
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'welcome') welcomed();
    if (message.type === 'stored') stored.get(message.cid)?.();
    if (message.type === 'message') told(message.text.text).done();
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'login', user: name, password }));
  await isIn;
  let last = 0;
  return {
    send: (to, text) => {
      last += 1;
      const cid = `picture-${process.pid}-${last}`;
      const done = new Promise((resolve) => stored.set(cid, resolve));
      socket.send(JSON.stringify({ type: 'send', cid, to, text }));
      return done;
    },
    /** Resolves when that text has come. */
    hears: (text) => told(text).promise,
    close: () => socket.close(),
  };
}

/** A handset of the simulator writes to alice. */
function inject(stateDir, text) {
  const args = ['smsc', 'inject', '--from', '+639181234567', '--to', '28820001', text];
  const env = { ...process.env, XDG_STATE_HOME: stateDir };
  const { status } = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...args], { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`the handset could not write: status ${status}`);
}

async function smallTalk(url, alice, friend, stateDir) {
  const mine = await logIn(url, alice);
  await mine.send('+639191112233', 'The parcel is at the gate. Ask for the blue box.');
  await mine.send('+358401234567', 'Table for four at seven, by the window?');
  await friend.send('alice', 'Are you at the office today?');
  await mine.send('bob', 'Until four. Why?');
  await friend.send('alice', 'The SMSC people come at two. They want to see the rings.');
  await mine.send('bob', 'Good. Then they can watch them turn.');
  await mine.send('+447700900123', 'Your appointment is on Friday at 9:40.');
  await mine.send('+639181234567', 'Did the parcel arrive?');
  inject(stateDir, 'Yes, this morning. Thank you!');
  await mine.hears('Yes, this morning. Thank you!');
  await mine.send('+639181234567', 'Good. Dinner at seven? Всё в порядке?');
  inject(stateDir, 'Da :) Seven is fine, same place as last time?');
  await mine.hears('Da :) Seven is fine, same place as last time?');
  await mine.send('+639181234567', 'Same place. I am on the train; if it is late again I will write.');
  mine.close();
}

async function take({ name, face, width, height, theme }, url, user, friend) {
  const options = { viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', deviceScaleFactor: 1 };
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('#login').waitFor();
  if (face !== 'login') await showFace(page, face, user, friend);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  process.stdout.write(`${join(folder, `${name}.png`)}\n`);
  await context.close();
}

async function showFace(page, face, user, friend) {
  await page.fill('#login-user', user.name);
  await page.fill('#login-password', user.password);
  await page.press('#login-password', 'Enter');
  await page.locator('body[data-face=app]').waitFor();
  await page.locator('#notice').waitFor({ state: 'hidden' });
  if (face === 'help') {
    await page.getByRole('button', { name: 'Keyboard and signs' }).click();
    return;
  }
  if (face === 'chat') {
    await page.getByRole('button', { name: /639181234567/ }).click();
    await page.locator('.message[data-step=delivered]').last().waitFor();
    await page.getByLabel('Message', { exact: true }).fill('See you there');
    return;
  }
  await page.keyboard.press('Alt+2');
  await page.locator('.segment').first().waitFor();
  if (face === 'slot') {
    // Behind those of the burst, so that its message is still on its way.
    await page.locator('.dial-picture').first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
  }
  for (let i = 1; i <= burst; i += 1) void friend.send('+639191112233', `Reminder ${i}`);
  await page.locator('.segment[data-status=mirrored]').nth(burst).waitFor();
  if (face !== 'past') return;
  await page.getByRole('button', { name: 'Look back' }).click();
  const moment = page.getByRole('slider', { name: 'Moment' });
  await page.locator('.moment', { hasText: 'input' }).waitFor();
  const last = Number(await moment.getAttribute('max'));
  await moment.fill(String(Math.round(last * 0.9)));
  await page.locator('.moment', { hasText: `input ${Math.round(last * 0.9)}` }).waitFor();
  await page.getByRole('button', { name: 'To the move before' }).click();
  await page.locator('.segment[data-moved=yes]').first().waitFor();
}
