// Which users are here, as their clients say.
import { describe, expect, it } from 'vitest';
import { clientRef } from '../../../src/core/im/exchange-io.ts';
import { PresenceBook } from '../../../src/core/im/presence-book.ts';

const [page, phone] = [clientRef('web:1'), clientRef('xmpp:alice@example.org')];

describe('the presence of a user', () => {
  it('is the best that a client says, and changes only with that', () => {
    const book = new PresenceBook();
    expect(book.of('alice')).toBe('gone');
    expect(book.tell(phone, 'alice', 'away')).toBe(true);
    expect(book.of('alice')).toBe('away');
    expect(book.tell(page, 'alice', 'here')).toBe(true);
    expect(book.tell(phone, 'alice', 'here')).toBe(false);
    expect(book.tell(page, 'alice', 'gone')).toBe(false);
    expect(book.of('alice')).toBe('here');
    expect(book.of('bob')).toBe('gone');
  });

  it('is gone with the last client, however often that is said', () => {
    const book = new PresenceBook();
    book.tell(page, 'alice', 'here');
    expect(book.tell(page, 'alice', 'gone')).toBe(true);
    expect(book.tell(page, 'alice', 'gone')).toBe(false);
    expect(book.of('alice')).toBe('gone');
  });
});
