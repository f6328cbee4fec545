import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../src/core/store/lane-records.ts';
import { Outbox } from '../../../src/core/sync/outbox.ts';

const bytes = new Uint8Array([1]);

describe('the outbox', () => {
  it('agrees with a plain list under any commands and restarts, its places always rising', () => {
    const command = fc.constantFrom('append', 'append', 'prepend', 'remove', 'restart');
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        let outbox = new Outbox([]);
        const list: OutboxItem[] = [];
        for (const [at, one] of commands.entries()) {
          if (one === 'append') list.push(outbox.append({ messageId: `m${at}`, bytes, attempts: 0 }));
          if (one === 'prepend') list.unshift(outbox.prepend({ messageId: `m${at}`, bytes, attempts: 0 }));
          if (one === 'remove' && list.length > 0) {
            list.shift();
            outbox.removeFirst();
          }
          if (one === 'restart') outbox = new Outbox(list);
          expect(outbox.first()).toEqual(list[0]);
          expect(outbox.count).toBe(list.length);
          const places = list.map(({ place }) => place);
          expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('does not keep what has left, however many pass through it', () => {
    const outbox = new Outbox([]);
    for (let number = 1; number <= 5_000; number += 1) {
      outbox.append({ messageId: `m${number}`, bytes, attempts: 0 });
      if (number > 10) outbox.removeFirst();
    }
    expect(outbox.count).toBe(10);
    expect(outbox.first()?.messageId).toBe('m4991');
  });
});
