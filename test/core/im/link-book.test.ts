import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { LinkBook } from '../../../src/core/im/link-book.ts';

const at = instant;

describe('the ways to the SMSCs', () => {
  it('are open while the link is up, unless the SMSC behind it is away', () => {
    const book = new LinkBook();
    expect([book.isOpen('hel1'), book.closedFor('hel1', 0, at(9_999))]).toEqual([false, undefined]);
    book.changed('hel1', 'up', at(100));
    expect(book.isOpen('hel1')).toBe(true);
    book.sessionChanged('hel1', 'down', at(50));
    expect([book.isOpen('hel1'), book.closedFor('hel1', 100, at(149)), book.closedFor('hel1', 100, at(150))]).toEqual([
      false,
      undefined,
      'smsc-down',
    ]);
    book.sessionChanged('hel1', 'up', at(300));
    expect([book.isOpen('hel1'), book.closedFor('hel1', 0, at(300))]).toEqual([true, undefined]);
  });

  it('are closed since the SMSC went where the link goes later', () => {
    const book = new LinkBook();
    book.changed('hel1', 'up', at(0));
    book.sessionChanged('hel1', 'down', at(1_000));
    book.changed('hel1', 'down', at(5_000));
    expect(book.closedFor('hel1', 4_000, at(5_000))).toBe('link-down');
    book.changed('hel1', 'down', at(8_000));
    expect(book.closedFor('hel1', 4_000, at(5_000))).toBe('link-down');
  });

  it('know nothing of the SMSC while the link is down, nor right after', () => {
    const book = new LinkBook();
    book.changed('hel1', 'down', at(0));
    book.sessionChanged('hel1', 'up', at(1_000));
    expect([book.isOpen('hel1'), book.closedFor('hel1', 1_000, at(1_000))]).toEqual([false, 'link-down']);
    book.changed('hel1', 'up', at(2_000));
    expect([book.isOpen('hel1'), book.closedFor('hel1', 0, at(2_000))]).toEqual([true, undefined]);
  });
});
