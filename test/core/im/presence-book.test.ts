// Which users are here, as their clients say.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { clientRef } from '../../../src/core/im/exchange-io.ts';
import {
  lostCountsMs,
  PresenceBook,
  type ToldPresence,
  type UserPresence,
  userPresences,
} from '../../../src/core/im/presence-book.ts';

const [page, phone] = ['web:1', 'xmpp:alice@example.org'];

/** A book, and what it says of alice. */
function bookOfAlice() {
  const book = new PresenceBook();
  const tell = (at: number, client: string, presence: ToldPresence) =>
    book.handle({ type: 'told', client: clientRef(client), user: 'alice', presence }, instant(at)).length > 0;
  const tick = (at: number) => book.handle({ type: 'tick' }, instant(at));
  return { book, tell, tick, alice: () => book.of('alice') };
}

describe('the presence of a user', () => {
  it('is the best that a client says, and changes only with that', () => {
    const { book, tell, alice } = bookOfAlice();
    expect(alice()).toBe('gone');
    expect(tell(0, phone, 'away')).toBe(true);
    expect(alice()).toBe('away');
    expect(tell(0, page, 'here')).toBe(true);
    expect(tell(0, phone, 'here')).toBe(false);
    expect(tell(0, page, 'gone')).toBe(false);
    expect(alice()).toBe('here');
    expect(book.of('bob')).toBe('gone');
  });

  it('is gone with the last client that says so, however often that is said', () => {
    const { book, tell, alice } = bookOfAlice();
    tell(0, page, 'here');
    expect(tell(0, page, 'gone')).toBe(true);
    expect(tell(0, page, 'gone')).toBe(false);
    expect(alice()).toBe('gone');
    expect(book.deadline()).toBeUndefined();
  });
});

describe('a client that was lost', () => {
  it('counts as it said for five seconds, and a new one in that time is no news', () => {
    const { book, tell, tick, alice } = bookOfAlice();
    tell(0, page, 'here');
    expect(tell(1_000, page, 'lost')).toBe(false);
    expect(book.deadline()).toBe(6_000);
    expect(tell(2_500, 'web:2', 'here')).toBe(false);
    expect(tick(6_000)).toEqual([]);
    expect([alice(), book.deadline()]).toEqual(['here', undefined]);
  });

  it('is gone then, not a moment before', () => {
    const { tell, tick, alice } = bookOfAlice();
    tell(0, page, 'here');
    tell(1_000, page, 'lost');
    expect(tick(5_999)).toEqual([]);
    expect(alice()).toBe('here');
    expect(tick(6_000)).toEqual([{ type: 'presence-changed', user: 'alice' }]);
    expect(alice()).toBe('gone');
  });

  it('does not count where it had said gone, or nothing', () => {
    const { book, tell } = bookOfAlice();
    tell(0, page, 'gone');
    tell(0, page, 'lost');
    tell(0, phone, 'lost');
    expect([book.of('alice'), book.deadline()]).toEqual(['gone', undefined]);
  });

  it('does not outstay its time behind one that was lost twice', () => {
    const { book, tell, tick } = bookOfAlice();
    const bob = { type: 'told', client: clientRef('web:3'), user: 'bob' } as const;
    book.handle({ ...bob, presence: 'here' }, instant(0));
    tell(0, page, 'here');
    tell(0, page, 'lost');
    book.handle({ ...bob, presence: 'lost' }, instant(1_000));
    tell(2_000, page, 'here');
    tell(2_000, page, 'lost');
    expect([book.deadline(), tick(6_000)]).toEqual([6_000, [{ type: 'presence-changed', user: 'bob' }]]);
  });

  it('is as if it went so much later, whatever the others do', () => {
    const client = fc.constantFrom('web:1', 'xmpp:1');
    const presence = fc.constantFrom<ToldPresence>(...userPresences, 'here', 'lost', 'lost');
    const step = fc.record({ user: fc.constantFrom('alice', 'bob'), client, presence, waitMs: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = new PresenceBook();
        const twin = new Twin();
        let now = 0;
        for (const { user, client, presence, waitMs } of steps) {
          now += waitMs;
          const before = { alice: book.of('alice'), bob: book.of('bob') };
          const input = { type: 'told', client: clientRef(`${client}${user}`), user, presence } as const;
          const told = book.handle(input, instant(now)).map((output) => output.user);
          twin.tell(now, user, client, presence);
          for (const name of ['alice', 'bob'] as const) {
            expect(book.of(name)).toBe(twin.of(now, name));
            expect(told.filter((one) => one === name).length).toBe(before[name] === book.of(name) ? 0 : 1);
          }
        }
        book.handle({ type: 'tick' }, instant(now + lostCountsMs));
        expect(book.deadline()).toBeUndefined();
      }),
    );
  });
});

interface Said {
  readonly user: string;
  readonly client: string;
  readonly presence: UserPresence;
  /** Undefined while the client is connected. */
  until: number | undefined;
}

/** All that was ever said, looked through each time. */
class Twin {
  #said: Said[] = [];

  tell(now: number, user: string, client: string, presence: ToldPresence): void {
    const isOpen = (one: Said) => one.user === user && one.client === client && one.until === undefined;
    if (presence === 'lost') {
      for (const one of this.#said.filter(isOpen)) one.until = now + lostCountsMs;
      return;
    }
    this.#said = this.#said.filter((one) => !isOpen(one));
    this.#said.push({ user, client, presence, until: undefined });
  }

  of(now: number, user: string): UserPresence {
    const isValid = (one: Said) => one.user === user && (one.until === undefined || one.until > now);
    const valid = this.#said.filter(isValid).map(({ presence }) => presence);
    return userPresences.find((presence) => valid.includes(presence)) ?? 'gone';
  }
}
