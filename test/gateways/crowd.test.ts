/**
 * A crowd that takes the port of an IM server, from a second process, while the bridge works: people chat, texts go to a
 * handset and come from it over a buffer's link. CROWD_COUNT sets how many connections the crowd
 * makes: 10,000 take four times as long.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { EventCollapser } from '../../src/shell/collapse.ts';
import { type House, openHouse, password, type Site } from './together/house.ts';
import { type Heard, ImClientInTest } from './web/im-client.ts';

const crowdCount = Number(process.env['CROWD_COUNT'] ?? 2_000);
const connectionLimit = 200;
const crowdLimit = 32;
/** Of each kind of work meanwhile: on a slow machine it would go on for long. */
const roundLimit = 300;
const site: Site = { smscId: 'hel1', prefix: '+358', handset: '+358401234567' };

describe('a crowd at the port of an IM server', { timeout: 120_000 }, () => {
  const onHandset: string[] = [];
  /** As an operator reads it. */
  const read: LogEvent[] = [];
  const collapser = new EventCollapser((event) => read.push(event));
  let house: House;
  let crowd: ChildProcess | undefined;

  beforeAll(async () => {
    house = await openHouse({
      people: [
        { name: 'alice', suffix: '0001' },
        { name: 'bob', suffix: '0002' },
      ],
      sites: [site],
      onSmscEvent: (_, event) => {
        if (event.type === 'received') onHandset.push(event.text);
      },
      limits: { connectionLimit, crowdLimit },
      onLog: (event) => collapser.take(event),
    });
  }, 60_000);
  afterAll(async () => {
    crowd?.kill();
    await house?.stop();
  }, 30_000);

  it(`of ${crowdCount} connections is sent away with 503, while people chat and texts go to a handset and back`, async () => {
    const alice = await ImClientInTest.loggedIn(house.url, 'alice', password);
    const bob = await ImClientInTest.loggedIn(house.url, 'bob', password);
    const count = Math.min(crowdCount, (await openFiles()) - 500);
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('./crowd.mjs', import.meta.url)),
      `${house.port}`,
      `${count}`,
      `${connectionLimit}`,
    ]);
    crowd = child;
    const told = new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    let isOver = false;
    /** Does it again and again until the crowd has done its worst, or it is enough. @returns how often */
    const meanwhile = async (once: (n: number) => Promise<unknown>): Promise<number> => {
      let times = 0;
      for (; !isOver && times < roundLimit; times += 1) await once(times);
      return times;
    };
    const working = Promise.all([
      meanwhile(async (n) => {
        await alice.say({ type: 'send', cid: `chat-${n}`, to: 'bob', text: `line ${n}` });
        await bob.hear('message', isText(`line ${n}`));
      }),
      meanwhile(async (n) => {
        await bob.say({ type: 'send', cid: `out-${n}`, to: site.handset, text: `out ${n}` });
        await bob.hear('step', ({ step }) => step === 'delivered');
      }),
      meanwhile(async (n) => {
        await house.inject(site, '28820001', `in ${n}`);
        await alice.hear('message', isText(`in ${n}`));
      }),
    ]);
    const fared = JSON.parse(await told);
    isOver = true;
    const [chatted, out, came] = await working;
    for (const times of [chatted, out, came]) expect(times).toBeGreaterThan(3);
    expect(onHandset).toEqual(Array.from({ length: out }, (_, n) => `out ${n}`));
    const links = house.log.map(({ event }) => event).filter((event) => event.startsWith('link.'));
    // Both ends say so, and nothing else.
    expect(links).toEqual(['link.up', 'link.up']);

    expect(fared).toMatchObject({ asked: count });
    expect(fared.standing).toBeLessThanOrEqual(connectionLimit);
    expect(fared.refused).toBeGreaterThan(count / 2);
    const full = read.filter(({ event }) => event === 'port.full');
    expect(full.length).toBeGreaterThan(0);
    expect(full.length).toBeLessThan(20);
    expect(full[0]?.fields).toMatchObject({ code: 'IM_LIMIT_REACHED', why: 'full', connections: connectionLimit });
    child.stdin.end();
    await new Promise((resolve) => child.once('exit', resolve));
    expect(await firstLineOf(house.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK',
    );
    await Promise.all([alice, bob].map((client) => client.close()));
  });
});

function isText(text: string): (heard: Heard) => boolean {
  return ({ text: view }) => typeof view === 'object' && view !== null && 'text' in view && view.text === text;
}

/** How many this process and its children may have. */
async function openFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1_024);
}

/** Asks until there is an answer: connections of a crowd that left end one after the other. */
async function firstLineOf(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('close', () => resolve(text.slice(0, text.indexOf('\r\n'))));
    socket.on('error', reject);
    socket.write(request);
  });
}
