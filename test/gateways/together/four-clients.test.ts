/**
 * Two people, each with a page, a terminal, a program and an XMPP account, and two handsets behind two SMSCs, all at once, while
 * every line but the short ones is cut again and again. TOGETHER_COUNT sets how many texts they write.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Random, seededRandom } from '../../../src/core/base/random.ts';
import type { TextView } from '../../../src/core/im/text.ts';
import { type ChatClient, HttpUser, kinds, TerminalUser, WebUser, XmppUser } from './clients.ts';
import { type House, openHouse, type Person, type Site } from './house.ts';
import { Ledger, Screen, type Shown } from './ledger.ts';

const textCount = Number(process.env['TOGETHER_COUNT'] ?? 2_000);
/** Texts that are on their way at the same time. */
const openLimit = 150;
/** One line after the other is cut, each time when so many texts more were written. */
const cutEvery = 25;
/** The one to the XMPP server only now and then: a component waits ever longer for a server that goes away all the time. */
const xmppCutEvery = 24;
/** Most of the time it takes a tenth of that; on a machine with much else to do it takes what it takes. */
const longestMs = 240_000;
const people: readonly Person[] = [
  { name: 'alice', suffix: '0001' },
  { name: 'bob', suffix: '0002' },
];
const sites: readonly Site[] = [
  { smscId: 'hel1', prefix: '+358', handset: '+358401234567' },
  { smscId: 'lon1', prefix: '+44', handset: '+447700900123' },
];
/** Nobody has these numbers, as their SMSCs say. */
const strangers = ['+358409999999', '+447700999999'];

interface Planned {
  readonly number: number;
  readonly text: string;
  /** Index of a client, or the handset's site. */
  readonly from: number | Site;
  readonly to: string;
}

describe('four kinds of clients and two handsets', () => {
  const ledger = new Ledger();
  const clients: ChatClient[] = [];
  /** By handset: what is on its screen. */
  const inboxes = new Map<string, { readonly from: string; readonly text: string }[]>();
  const failed = new Set<string>();
  let house: House;

  beforeAll(async () => {
    house = await openHouse({
      people,
      sites,
      onSmscEvent: (_, event) => {
        if (event.type === 'received') {
          const inbox = inboxes.get(event.to) ?? [];
          inboxes.set(event.to, inbox);
          inbox.push({ from: event.from, text: event.text });
          ledger.saw(event.text, event.to);
        } else if (event.type === 'undelivered') failed.add(event.to);
      },
    });
    for (const { name } of people) {
      for (const kind of kinds) {
        const screen = new Screen(`${name} ${kind}`, ledger, (shown) => checkTruth(shown));
        const fault = (words: string) => ledger.faults.push(`${name} ${words}`);
        const options = { url: house.url, user: name, screen, fault };
        if (kind === 'web') clients.push(new WebUser(options));
        if (kind === 'terminal') clients.push(new TerminalUser(options));
        if (kind === 'HTTP') clients.push(new HttpUser(options, house.token(name)));
        if (kind === 'XMPP') clients.push(new XmppUser(options, house.xmpp));
      }
    }
    await vi.waitFor(() => expect(clients.every(({ returns }) => returns >= 0)).toBe(true), { timeout: 20_000 });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await house?.stop();
  }, 30_000);

  /** No step is shown before it is true. */
  function checkTruth({ direction, peer, text, step }: Shown): void {
    if (direction === 'in') return;
    const isThere = inboxes.get(peer)?.some((received) => received.text === text) === true;
    if (step === 'delivered' && !isThere) ledger.faults.push(`said to be on the handset: ${text}`);
    if (step === 'failed' && !failed.has(peer)) ledger.faults.push(`said to have failed: ${text}`);
    if (step === 'unknown') ledger.faults.push(`nobody knows: ${text}`);
  }

  it(
    `exchange ${textCount} texts through cuts: each once at each client, in order per pair, with true steps`,
    async () => {
      const plan = planOf(textCount, seededRandom(7));
      let timer: NodeJS.Timeout | undefined;
      const inVain = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(ledger.describe().join('\n'))), longestMs);
      });
      await Promise.race([exchange(plan), inVain]).finally(() => clearTimeout(timer));
      expect(ledger.faults).toEqual([]);
      for (const client of clients) expect(client.returns).toBeGreaterThan(0);
      for (const [name, line] of house.lines) expect([name, line.cuts]).not.toEqual([name, 0]);
      checkOnce(plan);
      checkOrder(plan);
      checkStores();
    },
    longestMs + 10_000,
  );

  async function exchange(plan: readonly Planned[]): Promise<void> {
    const others = [...house.lines].flatMap(([name, line]) => (name === 'xmpp' ? [] : [line]));
    let cuts = 0;
    for (const planned of plan) {
      await ledger.atMost(openLimit);
      if (planned.number % cutEvery === cutEvery - 1) {
        cuts += 1;
        if (cuts % xmppCutEvery === 1) house.lines.get('xmpp')?.cut();
        else others[cuts % others.length]?.cut();
      }
      ledger.expect(planned.text, sightsOf(planned));
      if (typeof planned.from === 'number') clients[planned.from]?.send(planned.to, planned.text);
      else await house.inject(planned.from, `2882${suffixOf(planned.to)}`, planned.text);
    }
    await ledger.atMost(0);
  }

  /** Every client has exactly what it should have, and so have the handsets. */
  function checkOnce(plan: readonly Planned[]): void {
    for (const client of clients) {
      const due = plan.filter((planned) => isShownAt(client, planned)).map(({ text }) => text);
      expect(client.screen.texts.map(({ text }) => text).sort()).toEqual(due.sort());
    }
    for (const { handset } of sites) {
      const due = plan.filter(({ to }) => to === handset).map(({ text }) => text);
      expect((inboxes.get(handset) ?? []).map(({ text }) => text).sort()).toEqual(due.sort());
    }
  }

  function checkOrder(plan: readonly Planned[]): void {
    const numbers = new Map(plan.map((planned) => [planned.text, planned] as const));
    const rows = [
      ...clients.map(({ screen }) =>
        screen.texts.filter(({ direction }) => direction === 'in').map(({ text }) => text),
      ),
      ...sites.map(({ handset }) => (inboxes.get(handset) ?? []).map(({ text }) => text)),
    ];
    // What one client, or a handset, wrote to one address comes in the order in which it was written.
    for (const row of rows) {
      const last = new Map<string, number>();
      for (const text of row) {
        const planned = numbers.get(text);
        if (planned === undefined) continue;
        const way = `${typeof planned.from === 'number' ? planned.from : planned.from.smscId} ${planned.to}`;
        expect(planned.number, `${way}: ${text}`).toBeGreaterThan(last.get(way) ?? -1);
        last.set(way, planned.number);
      }
    }
    // What a person wrote with several clients comes to a handset in the order that the person's history shows.
    for (const { name, suffix } of people) {
      for (const { handset } of sites) {
        const shown = pageOf(name, handset).filter(({ direction }) => direction === 'out');
        const inbox = (inboxes.get(handset) ?? []).filter(({ from }) => from.endsWith(suffix));
        expect(inbox.map(({ text }) => text)).toEqual(shown.map(({ text }) => text));
      }
    }
  }

  /** What clients show is what the server keeps: steps, places and times. */
  function checkStores(): void {
    for (const client of clients) {
      if (client.kind === 'XMPP') continue;
      for (const shown of client.screen.texts) {
        const kept = house.history.text(client.user, shown.id as TextView['id']);
        const { step, order, at } = kept ?? {};
        expect({ step: shown.step, order: shown.order, at: shown.at }).toEqual({ step, order, at });
      }
    }
  }

  function pageOf(user: string, peer: string): readonly TextView[] {
    return house.history.history(user, peer, { limit: 10_000 });
  }

  /** XMPP shows what comes, and what becomes of what was sent from it; the others show everything of their user. */
  function isShownAt(client: ChatClient, { from, to }: Planned): boolean {
    if (to === client.user) return true;
    const sender = typeof from === 'number' ? clients[from] : undefined;
    if (sender?.user !== client.user) return false;
    return client.kind !== 'XMPP' || (sender === client && to.startsWith('+'));
  }

  function sightsOf(planned: Planned): readonly string[] {
    const { from, to } = planned;
    const end = strangers.includes(to) ? 'failed' : to.startsWith('+') ? 'delivered' : 'stored';
    const sights = clients
      .filter((client) => isShownAt(client, planned))
      .map(({ user, kind }) => (to === user ? `${user} ${kind} in` : `${user} ${kind} out ${end}`));
    return typeof from === 'number' && end === 'delivered' ? [...sights, to] : sights;
  }
});

function planOf(count: number, random: Random): readonly Planned[] {
  const pick = <T>(items: readonly T[]): T => {
    const found = items[Math.floor(random() * items.length)];
    if (found === undefined) throw new Error('there is something to pick');
    return found;
  };
  const names = people.map(({ name }) => name);
  return Array.from({ length: count }, (_, number): Planned => {
    const kind = random();
    const text = `text ${number}${number % 40 === 0 ? ` ${'long '.repeat(40)}` : ''}${number % 7 === 0 ? ' 🙂' : ''}`;
    if (kind < 0.3) return { number, text, from: pick(sites), to: pick(names) };
    const from = Math.floor(random() * names.length * kinds.length);
    if (kind < 0.55) return { number, text, from, to: names[from < kinds.length ? 1 : 0] ?? '' };
    return { number, text, from, to: kind < 0.57 ? pick(strangers) : pick(sites).handset };
  });
}

function suffixOf(name: string): string {
  return people.find((person) => person.name === name)?.suffix ?? '';
}
