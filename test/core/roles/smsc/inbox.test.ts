/** What a handset shows of long texts: whole, twice, incomplete, too many at once. */
import { describe, expect, it } from 'vitest';
import { hourMs, later } from '../../../../src/core/base/time.ts';
import type { HandsetMessage } from '../../../../src/core/roles/smsc/handset-message.ts';
import { Inboxes, type InboxOptions } from '../../../../src/core/roles/smsc/inbox.ts';
import type { SubmitContent } from '../../../../src/core/roles/smsc/user-data-reading.ts';
import { start, World } from './harness.ts';

let nextId = 0;

function part(text: string, index: number, count: number, content: Partial<SubmitContent> = {}): HandsetMessage {
  nextId += 1;
  return {
    id: nextId,
    from: '2882',
    destination: '+639171',
    number: '639171',
    stamp: String(260131120000 + nextId),
    acceptedAt: start,
    answeredAt: start,
    user: 'app',
    subaddress: undefined,
    submitter: 1,
    content: {
      ...{ kind: 'text', text, alphabet: 'gsm7', dataCoding: 0, messageClass: undefined, ports: undefined },
      fingerprint: `${index}/${count} ${text}`,
      ...content,
    },
    concatenation: { reference: 7, index, count },
    attempts: 'until-validity-ends',
    validUntil: later(start, hourMs),
    reportBits: 0,
    protocolIdentifier: 0,
    replyPath: false,
    cancel: 'enabled',
    more: 'none',
    priority: 5,
  };
}

function box(options: InboxOptions = {}) {
  const inboxes = new Inboxes(options);
  const add = (message: HandsetMessage, afterMs = 0) => inboxes.add('639171', message, later(start, afterMs));
  return { inboxes, add, texts: () => inboxes.list('639171').map(({ text }) => text) };
}

describe('a long text (7.8)', () => {
  it('is shown once, whatever the order of its parts, and however often one comes while others are missing', () => {
    const { add, texts } = box();
    const first = part('a', 1, 3);
    expect(add(part('c', 3, 3)).received).toEqual([]);
    expect(add(first).received).toEqual([]);
    expect(add({ ...first, id: 900_001 })).toEqual({ received: [], repeats: 1 });
    expect(add(part('b', 2, 3)).received).toMatchObject([
      { destination: '+639171', item: { text: 'abc', parts: 3, repeats: 0 } },
    ]);
    expect(texts()).toEqual(['abc']);
  });

  it('is shown again when all of it is sent again, and counted', () => {
    const { add, inboxes } = box();
    for (const _ of [0, 1]) for (const index of [1, 2]) add(part(`${index}`, index, 2));
    expect(inboxes.list('639171')).toMatchObject([
      { text: '12', repeats: 0 },
      { text: '12', repeats: 1 },
    ]);
  });

  it('has a character whole that was cut between two parts', () => {
    const { add, texts } = box();
    add(part('a\ud83d', 1, 2, { alphabet: 'ucs2' }));
    add(part('\ude00b', 2, 2, { alphabet: 'ucs2' }));
    expect(texts()).toEqual(['a😀b']);
  });

  it('is octets where its parts are, shown as its first part says', () => {
    const { add, inboxes } = box();
    const ports = { destination: 5505, origin: 0 };
    const binary = { kind: 'binary', alphabet: '8bit', dataCoding: 245, messageClass: 1, ports } as const;
    add(part('02FF', 2, 2, binary));
    add(part('01', 1, 2, binary));
    expect(inboxes.list('639171')).toMatchObject([{ text: '0102FF', ...binary }]);
  });
});

describe('an incomplete text', () => {
  it('is shown with its gap after a day, and no earlier', () => {
    const { add, inboxes, texts } = box();
    add(part('a', 1, 3));
    add(part('c', 3, 3), hourMs);
    expect(inboxes.deadline()).toBe(later(start, 24 * hourMs));
    expect(inboxes.expire(later(start, 24 * hourMs - 1))).toEqual([]);
    const [received] = inboxes.expire(later(start, 24 * hourMs));
    expect(received?.item).toMatchObject({ text: 'a[…]c', parts: 3, at: start + 24 * hourMs });
    expect(received?.item.stamps).toHaveLength(2);
    expect(texts()).toEqual(['a[…]c']);
    expect(inboxes.deadline()).toBeUndefined();
  });

  it('makes room for others above the limit, and is shown', () => {
    const { add, texts } = box({ joining: { openLimit: 1 } });
    add(part('a', 1, 2));
    expect(add(part('x', 1, 3)).received).toMatchObject([{ item: { text: 'a[…]' } }]);
    expect(texts()).toEqual(['a[…]']);
  });

  it('becomes an event of the SMSC when its day is over', () => {
    const world = new World();
    world.bound().send(3, [
      [21, '1'],
      [32, '050003AB0201'],
      [33, 'hello '],
    ]);
    expect(world.eventsOf('received')).toEqual([]);
    world.pass(25 * hourMs);
    expect(world.eventsOf('received')).toMatchObject([{ to: '1', text: 'hello […]', repeats: 0 }]);
  });
});

describe('a national alphabet (7.8)', () => {
  it('is read as the header of the submit says', () => {
    const world = new World();
    world.bound().send(3, [
      [21, '1'],
      [32, '03250101'],
      [33, 'a_i`_AE'],
    ]);
    expect(world.smsc.handset('1')?.inbox).toMatchObject([{ text: 'aıŞ' }]);
  });
});
