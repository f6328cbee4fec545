/** What the exchange keeps for gateways: notes of their own, and the addresses that users have in other networks. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { Exchange } from '../../../src/core/im/exchange.ts';
import {
  clientRef,
  defaultExchangeSettings,
  type ExchangeInput,
  type ExchangeSettings,
  type SendResult,
} from '../../../src/core/im/exchange-io.ts';
import { recoverExchange } from '../../../src/core/im/exchange-memory.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { livePrefix } from '../../../src/core/im/records.ts';
import { MemoryStore } from './memory-store.ts';

class World {
  readonly store = new MemoryStore();
  readonly history = historyOf(this.store);
  readonly answers: SendResult[] = [];
  readonly #settings: Partial<ExchangeSettings>;
  #exchange: Exchange;
  #cids = 0;

  constructor(settings: Partial<ExchangeSettings> = {}) {
    this.#settings = settings;
    this.#exchange = this.#recover();
  }

  say(input: ExchangeInput): void {
    for (const output of this.#exchange.handle(input, instant(1_000))) {
      if (output.type === 'persist') this.store.write(output.records);
      if (output.type === 'answer') this.answers.push(output.result);
    }
  }

  addUsers(...names: readonly string[]): this {
    for (const name of names) {
      const change = { type: 'add', name, suffix: undefined, passwordHash: '', role: 'ordinary' } as const;
      this.say({ type: 'user', ref: name, change });
    }
    return this;
  }

  send(user: string, to: string): SendResult | undefined {
    this.#cids += 1;
    const request = { client: clientRef('web:1'), user, cid: `c${this.#cids}`, to, text: 'hello' };
    this.say({ type: 'send', request, storedAs: undefined });
    return this.answers.pop();
  }

  restart(): void {
    this.#exchange = this.#recover();
  }

  #recover(): Exchange {
    const memory = recoverExchange(this.store.entries(livePrefix));
    let last = 0;
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => (last = (last * 31 + 7) % 256));
    return new Exchange({
      settings: { ...defaultExchangeSettings, ...this.#settings },
      memory,
      store: this.store,
      randomBytes,
    });
  }
}

const alias = (address: string, user: string | undefined): ExchangeInput => ({
  type: 'alias',
  gateway: 'xmpp',
  address,
  user,
});
const note = (key: string, value: string | undefined, gateway = 'xmpp'): ExchangeInput => ({
  type: 'note',
  gateway,
  key,
  value,
});

describe('an address in another network', () => {
  it('means its user, in any spelling, also after a restart', () => {
    const world = new World().addUsers('alice', 'bob');
    world.say(alias('alice@example.org', 'alice'));
    world.restart();
    expect(world.send('bob', ' Alice@Example.org')).toMatchObject({ type: 'stored', text: { peer: 'alice' } });
    expect(world.history.history('alice', 'bob', { limit: 5 })).toHaveLength(1);
    expect(world.history.aliases('xmpp')).toEqual([{ address: 'alice@example.org', user: 'alice', gateway: 'xmpp' }]);
    expect(world.history.aliases('irc')).toEqual([]);
  });

  it('means nobody once it was taken back, or its user is gone', () => {
    const world = new World().addUsers('alice', 'bob', 'carol');
    world.say(alias('alice@example.org', 'alice'));
    world.say(alias('carol@example.org', 'carol'));
    world.say(alias('alice@example.org', undefined));
    world.say({ type: 'user', ref: 'x', change: { type: 'remove', name: 'carol' } });
    for (const to of ['alice@example.org', 'carol@example.org']) {
      expect(world.send('bob', to)).toMatchObject({ type: 'refused', fault: { code: 'IM_BAD_ADDRESS' } });
    }
    expect(world.history.aliases('xmpp')).toEqual([]);
  });

  it('means the user of the same name where the whole domain is ours, also one who never was there', () => {
    const world = new World({ userDomains: ['example.org'] }).addUsers('alice', 'bob');
    expect(world.send('bob', ' Alice@Example.org')).toMatchObject({ type: 'stored', text: { peer: 'alice' } });
    expect(world.history.history('alice', 'bob', { limit: 5 })).toHaveLength(1);
    expect(world.send('bob', 'carol@example.org')).toMatchObject({
      type: 'refused',
      fault: { code: 'IM_UNKNOWN_USER' },
    });
    for (const to of ['alice@example.net', 'alice@bob@example.org', '+358401234567@example.org']) {
      expect(world.send('bob', to)).toMatchObject({ type: 'refused', fault: { code: 'IM_BAD_ADDRESS' } });
    }
  });

  it('means nobody where it is a stranger, and the words say what would help', () => {
    const world = new World({ userDomains: ['example.org'] }).addUsers('alice');
    expect(world.send('alice', 'eve@example.net')).toMatchObject({
      ...{ type: 'refused', retryable: false },
      fault: { code: 'IM_BAD_ADDRESS', message: expect.stringContaining('registered') },
    });
  });
});

describe('a note of a gateway', () => {
  it("is read as it was written, is nobody else's, and goes when it is told to", () => {
    const world = new World();
    world.say(note('cursor:a', '1'));
    world.say(note('cursor:b', '2'));
    world.say(note('other', '3'));
    world.say(note('cursor:a', '4', 'irc'));
    world.restart();
    expect([...world.history.notes('xmpp', 'cursor:')]).toEqual([
      ['cursor:a', '1'],
      ['cursor:b', '2'],
    ]);
    expect(world.history.note('irc', 'cursor:a')).toBe('4');
    world.say(note('cursor:a', undefined));
    expect(world.history.note('xmpp', 'cursor:a')).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    ['a\u0000b', 'with a control character'],
    ['x'.repeat(561), 'too long for the store'],
  ])('is refused under the key %j, %s, and so is an address', (key) => {
    const world = new World().addUsers('alice');
    world.say(note(key, '1'));
    world.say(alias(key, 'alice'));
    world.say(note(key, undefined));
    expect([...world.history.notes('xmpp', '')]).toEqual([]);
    expect(world.history.aliases('xmpp')).toEqual([]);
  });
});
