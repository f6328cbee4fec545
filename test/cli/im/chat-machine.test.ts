/** A chat on a terminal, without the terminal: what is printed, what turns in place, what the server is asked. */
import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { type ChatInput, ChatMachine, type ChatOutput } from '../../../src/cli/im/chat-machine.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { Step, TextView } from '../../../src/core/im/text.ts';
import { textId } from '../../../src/core/im/text.ts';
import type { ShownPeople } from '../../../src/gateways/web/presence.ts';

const noon = new Date(2026, 10, 22, 12, 0).getTime();

function textOf(changes: Partial<Omit<TextView, 'id'>> & { readonly order: number }): TextView {
  return {
    ...{ id: textId(`id ${changes.order}`), direction: 'in', peer: 'bob', text: `text ${changes.order}` },
    ...{ at: instant(noon), position: changes.order, step: 'stored', reason: undefined, cid: '', parts: 1, marks: [] },
    ...changes,
  };
}

class Chat {
  readonly machine: ChatMachine;
  #cids = 0;

  constructor(peer?: string) {
    const newCid = () => {
      this.#cids += 1;
      return `c${this.#cids}`;
    };
    this.machine = new ChatMachine({ peer, paint: plainPainter, newCid, now: () => noon });
  }

  take(input: ChatInput): readonly ChatOutput[] {
    return this.machine.handle(input);
  }

  /** Rows that are printed because of it. */
  rows(input: ChatInput): readonly string[] {
    return this.take(input).flatMap((output) => (output.type === 'print' ? [output.row] : []));
  }

  typed(line: string): readonly ChatOutput[] {
    return this.take({ type: 'typed', line });
  }
}

/** Connected, and the conversation with bob is open and empty. */
function withBob(): Chat {
  const chat = new Chat('bob');
  chat.take({ type: 'ready', user: 'alice' });
  chat.take({ type: 'history', peer: 'bob', texts: [], hasMore: false });
  return chat;
}

describe('a text that is typed', () => {
  it('stands there at once, and its tick turns where it stands', () => {
    const chat = withBob();
    expect(chat.typed('Hello')).toEqual([
      { type: 'print', row: '12:00 ·  Hello', key: 'c1' },
      { type: 'submit', cid: 'c1', to: 'bob', text: 'Hello' },
    ]);
    const own = { order: 1, direction: 'out', cid: 'c1', text: 'Hello' } as const;
    const steps: readonly [Step, string][] = [
      ['stored', '12:00 ✓  Hello'],
      ['accepted', '12:00 ✓✓ Hello'],
      ['delivered', '12:00 ✔✔ Hello'],
    ];
    for (const [step, row] of steps) {
      const [output] = chat.take({ type: 'text', text: textOf({ ...own, step }) });
      expect(output).toMatchObject({ type: 'rewrite', key: 'c1', row });
    }
  });

  it('says in words why it failed, besides its mark', () => {
    const chat = withBob();
    chat.typed('Hello');
    const reason = { words: 'unknown subscriber', code: '061:3 062:1' };
    const failed = textOf({ order: 1, direction: 'out', cid: 'c1', text: 'Hello', step: 'failed', reason });
    expect(chat.take({ type: 'text', text: failed })).toMatchObject([
      { type: 'rewrite', row: '12:00 ✖  Hello' },
      { type: 'print', row: expect.stringContaining('unknown subscriber (061:3 062:1)') },
    ]);
  });

  it('is marked where the server refuses it', () => {
    const chat = withBob();
    chat.typed('Hello');
    expect(chat.take({ type: 'refused', cid: 'c1', message: 'No.' })).toEqual([
      { type: 'rewrite', key: 'c1', row: '12:00 ✖  Hello', otherwise: undefined },
      { type: 'print', row: '✖ No.' },
    ]);
  });

  it('needs somebody to go to, and is kept for nobody', () => {
    const chat = new Chat();
    expect(chat.typed('Hello')).toMatchObject([{ type: 'print', row: expect.stringContaining('To whom?') }]);
  });

  it('may begin with a slash, typed with two; an unknown command is no text', () => {
    const chat = withBob();
    expect(chat.typed('//shrug').at(-1)).toMatchObject({ type: 'submit', text: '/shrug' });
    expect(chat.typed('/hsitory')).toMatchObject([{ type: 'print', row: expect.stringContaining('/history') }]);
  });
});

describe('what comes', () => {
  it('stands in the open conversation and counts as read; of others it says whose it is, and is counted', () => {
    const chat = withBob();
    expect(chat.take({ type: 'text', text: textOf({ order: 1 }) })).toEqual([
      { type: 'print', row: '12:00 ‹  text 1', key: 'id 1' },
      { type: 'mark-read', peer: 'bob', order: 1 },
    ]);
    expect(chat.take({ type: 'text', text: textOf({ order: 2, peer: '+358401234567' }) })).toEqual([
      { type: 'print', row: '12:00 ‹  +358401234567: text 2', key: 'id 2' },
      { type: 'show-people', names: ['bob', '+358401234567'] },
    ]);
    expect(chat.machine.prompt()).toBe('(1) bob › ');
    chat.take({ type: 'read', peer: '+358401234567', order: 2 });
    expect(chat.machine.prompt()).toBe('bob › ');
  });

  it('cannot steer the terminal, and its lines stay within its row', () => {
    const chat = withBob();
    const [row] = chat.rows({ type: 'text', text: textOf({ order: 1, text: 'a\u001b[2Jb\nnext\u202e' }) });
    expect(row).toBe('12:00 ‹  a\\x1b[2Jb\nnext\\u202e');
  });

  it('says the day where it is another one', () => {
    const chat = withBob();
    const at = instant(noon - 86_400_000);
    expect(chat.rows({ type: 'text', text: textOf({ order: 1, at }) })).toEqual([
      '── 2026-11-21 ──',
      '12:00 ‹  text 1',
    ]);
  });

  it('first is whom an answer goes to, where nobody was chosen', () => {
    const chat = new Chat();
    chat.take({ type: 'ready', user: 'alice' });
    chat.take({ type: 'text', text: textOf({ order: 1, peer: 'carol' }) });
    expect(chat.typed('Yes?').at(-1)).toMatchObject({ type: 'submit', to: 'carol' });
  });
});

describe('a conversation that is opened', () => {
  it('shows its last texts, once each, also those that come meanwhile', () => {
    const chat = new Chat('bob');
    expect(chat.take({ type: 'ready', user: 'alice' })).toContainEqual({
      ...{ type: 'ask-history', peer: 'bob', limit: 10, before: undefined },
    });
    expect(chat.take({ type: 'text', text: textOf({ order: 2 }) })).toEqual([]);
    expect(chat.take({ type: 'text', text: textOf({ order: 3 }) })).toEqual([]);
    const texts = [textOf({ order: 1 }), textOf({ order: 2 })];
    const outputs = chat.take({ type: 'history', peer: 'bob', texts, hasMore: true });
    expect(outputs.flatMap((output) => (output.type === 'print' ? [output.row] : []))).toEqual([
      ...['── bob ──', '12:00 ‹  text 1', '12:00 ‹  text 2', '/history shows older ones', '12:00 ‹  text 3'],
    ]);
    expect(outputs.flatMap((output) => (output.type === 'mark-read' ? [output.order] : []))).toEqual([2, 3]);
  });

  it('loses nothing that came meanwhile where the page never comes', () => {
    const chat = new Chat('bob');
    chat.take({ type: 'ready', user: 'alice' });
    chat.take({ type: 'text', text: textOf({ order: 2 }) });
    expect(chat.rows({ type: 'lost', reason: 'cut' })[0]).toBe('12:00 ‹  text 2');
  });

  it('shows older texts on request, before the oldest that is shown', () => {
    const chat = new Chat('bob');
    chat.take({ type: 'ready', user: 'alice' });
    chat.take({ type: 'history', peer: 'bob', texts: [textOf({ order: 7 })], hasMore: true });
    expect(chat.typed('/history 5')).toEqual([{ type: 'ask-history', peer: 'bob', limit: 5, before: 7 }]);
    const page = { type: 'history', peer: 'bob', texts: [textOf({ order: 3 })], hasMore: false } as const;
    expect(chat.rows(page)).toEqual(['── bob, earlier ──', '12:00 ‹  text 3', '── bob, now ──']);
    expect(chat.typed('/history')).toMatchObject([{ type: 'ask-history', before: 3, limit: 20 }]);
  });

  it('is another one after /to, which Tab completes', () => {
    const chat = withBob();
    const conversations = [{ peer: 'bonnie', last: textOf({ order: 9, peer: 'bonnie' }), unread: 2, readUpTo: 0 }];
    chat.take({ type: 'conversations', conversations });
    expect(chat.machine.prompt()).toBe('(2) bob › ');
    expect(chat.machine.complete('/to bon')).toEqual([['bonnie'], 'bon']);
    expect(chat.machine.complete('/h')).toEqual([['/history ', '/help'], '/h']);
    expect(chat.machine.complete('bon')).toEqual([[], 'bon']);
    expect(chat.typed('/to bonnie')).toMatchObject([{ type: 'ask-history', peer: 'bonnie' }]);
    expect(chat.machine.prompt()).toBe('bonnie › ');
  });
});

describe('who there is', () => {
  it('is told when an SMSC goes behind a link that stays up, and when it is back', () => {
    const chat = withBob();
    const links = (session: 'up' | 'down') =>
      ({
        type: 'links',
        links: [{ smscId: 'hel1', state: 'up', since: 0, session: { state: session, since: 0 } }],
      }) as const;
    expect(chat.rows(links('up'))).toEqual([]);
    expect(chat.rows(links('down'))).toEqual(['SMSC hel1 is away; texts to it wait']);
    expect(chat.rows(links('down'))).toEqual([]);
    expect(chat.rows(links('up'))).toEqual(['link to hel1 is up']);
  });

  it('is listed with what is unread, and how the links are', () => {
    const chat = withBob();
    chat.take({ type: 'links', links: [{ smscId: 'hel1', state: 'down', since: 0 }] });
    expect(chat.typed('/who')).toEqual([{ type: 'ask-conversations' }]);
    const conversations = [
      { peer: 'bob', last: textOf({ order: 3, direction: 'out', step: 'accepted' }), unread: 0, readUpTo: 3 },
      { peer: 'carol', last: textOf({ order: 2, peer: 'carol' }), unread: 1, readUpTo: 0 },
    ];
    expect(chat.rows({ type: 'conversations', conversations })).toEqual([
      ...['› bob              12:00  ✓✓ text 3', '  carol  1 unread  12:00  ‹  text 2'],
      'link to hel1 is down; texts to it wait',
    ]);
  });

  it('is not listed whole where there are many, and said to be more where nobody knows how many', () => {
    const chat = withBob();
    const conversations = Array.from({ length: 23 }, (_, index) => ({
      ...{ peer: `user${index}`, last: textOf({ order: 23 - index, peer: `user${index}` }), unread: 0, readUpTo: 30 },
    }));
    const lastRow = (page: { readonly next?: number }) => {
      chat.typed('/who');
      return chat.rows({ type: 'conversations', conversations, ...page }).at(-1);
    };
    expect(lastRow({})).toBe('and 3 more; /to shows any of them');
    expect(lastRow({ next: 1 })).toBe('and more than 3 more; /to shows any of them');
  });

  it('is said of the one in front of the reader at the opening and at each change, and of all in the list', () => {
    const chat = new Chat('bob');
    expect(chat.take({ type: 'ready', user: 'alice' })).toContainEqual({ type: 'show-people', names: ['bob'] });
    const people = (changes: Partial<ShownPeople>) =>
      chat.rows({ type: 'people', connected: [], away: [], numbers: [], ...changes });
    expect(people({ connected: ['bob'] })).toEqual(['bob is here now']);
    expect(people({ connected: ['bob', 'carol'] })).toEqual([]);
    expect(people({ away: ['bob'], connected: ['carol'] })).toEqual(['bob is away just now']);
    chat.typed('/to carol');
    const page = chat.rows({ type: 'history', peer: 'carol', texts: [], hasMore: false });
    expect(page).toEqual(['── carol ──', 'no texts yet', 'carol is here now']);
    chat.typed('/who');
    const conversations = [{ peer: 'bob', last: textOf({ order: 1 }), unread: 0, readUpTo: 1 }];
    expect(chat.rows({ type: 'conversations', conversations })).toEqual([
      expect.stringMatching(/^ {2}bob, away just now /),
    ]);
    expect(people({ away: ['bob'] })).toEqual(['carol is gone; gets it on coming back']);
  });

  it('is not said of a lost connection, and asked again on the next', () => {
    const chat = withBob();
    chat.take({ type: 'people', connected: ['bob'], away: [], numbers: [] });
    chat.take({ type: 'lost', reason: 'cut' });
    expect(chat.take({ type: 'ready', user: 'alice' })).toContainEqual({ type: 'show-people', names: ['bob'] });
    expect(chat.rows({ type: 'people', connected: ['bob'], away: [], numbers: [] })).toEqual(['bob is here now']);
  });

  it('is told of a number when something stands in the way, once', () => {
    const chat = new Chat('+358401234567');
    chat.take({ type: 'ready', user: 'alice' });
    const words = 'SMSC hel1 is away: messages wait here and are sent later.';
    const numbers = [{ number: '+358401234567', state: 'away', words }] as const;
    expect(chat.rows({ type: 'people', connected: [], away: [], numbers })).toEqual([words]);
    expect(chat.rows({ type: 'people', connected: ['bob'], away: [], numbers })).toEqual([]);
  });

  it('is said once when the connection is lost, and when it is back', () => {
    const chat = withBob();
    expect(chat.rows({ type: 'lost', reason: 'cut' })).toHaveLength(1);
    expect(chat.rows({ type: 'lost', reason: 'refused' })).toHaveLength(0);
    expect(chat.machine.prompt()).toBe('not connected bob › ');
    expect(chat.rows({ type: 'ready', user: 'alice' })).toEqual(['connected again']);
  });
});
