import { describe, expect, it } from 'vitest';
import { hourMs, later, minuteMs } from '../../../src/core/base/time.ts';
import { messageId } from '../../../src/core/message/message.ts';
import { arrivals, Bench, phone, told } from './bench.ts';

describe('what clients call things', () => {
  it('never becomes a key that no store takes', () => {
    const bench = new Bench();
    bench.addUser('alice');
    const outputs = bench.send('alice', phone, 'Hello', 'a\u0001b');
    expect(outputs.find(({ type }) => type === 'answer')).toMatchObject({
      result: { type: 'refused', fault: { code: 'IM_BAD_REQUEST' }, retryable: false },
    });
    for (const peer of ['a\tb', '', 'x'.repeat(2_000)]) {
      expect(bench.give({ type: 'read', user: 'alice', peer, order: 1 })).toEqual([]);
    }
  });
});

describe('a text to a handset', () => {
  it('is stored, then enqueued, then answered, in this order', () => {
    const bench = withAlice();
    const outputs = bench.send('alice', phone, 'Hello', 'one');
    expect(outputs.map((output) => output.type).filter((type) => type !== 'log')).toEqual([
      'persist',
      'enqueue',
      'answer',
    ]);
    expect(bench.enqueued[0]).toMatchObject({
      smscId: 'hel1',
      message: { from: '0001', to: phone, report: 'final', content: { text: 'Hello', coding: 'gsm7' } },
    });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'stored', direction: 'out', cid: 'one', parts: 1 });
  });

  it('leaves in national tables only where the settings allow them, and then in fewer parts (7.8)', () => {
    const text = 'Yarın sabah görüşürüz, güle güle; ışıkları söndürmeyi ve kapıyı kilitlemeyi unutma!';
    const plain = withAlice();
    plain.send('alice', phone, text);
    expect(plain.enqueued.map(({ message }) => message.content)).toMatchObject([
      { coding: 'ucs2' },
      { coding: 'ucs2' },
    ]);
    expect(plain.part(0).header).toEqual(new Uint8Array(0));
    const turkish = withAlice({ national: 'turkish' });
    turkish.send('alice', phone, text);
    expect(turkish.enqueued.map(({ message }) => message.content)).toMatchObject([{ text, coding: 'gsm7' }]);
    expect(turkish.part(0).header).toEqual(Uint8Array.of(3, 0x24, 1, 1));
  });

  it('leaves without originator if its sender has no suffix', () => {
    const bench = new Bench();
    bench.addUser('bob');
    bench.send('bob', phone, 'Hello');
    expect(bench.part(0).from).toBe('');
  });

  it('goes from stored to the SMSC to the handset, told to every client of the user', () => {
    const bench = withAlice();
    bench.attach('alice', 'web:1');
    bench.attach('alice', 'web:2');
    bench.send('alice', phone, 'Hello');
    const accepted = told(bench.confirm(bench.part(0).id, '261122120000'));
    expect(accepted).toMatchObject([
      { type: 'step', step: 'accepted' },
      { type: 'step', step: 'accepted' },
    ]);
    const delivered = told(bench.report(phone, '261122120000', 4));
    expect(delivered).toMatchObject([
      { type: 'step', step: 'delivered' },
      { type: 'step', step: 'delivered' },
    ]);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('is at the SMSC only when every part is, and on the handset only when every part is', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'x'.repeat(400));
    expect(bench.enqueued.map(({ message }) => message.part?.index)).toEqual([1, 2, 3]);
    const [one, two, three] = bench.enqueued.map(({ message }) => message.id);
    bench.confirm(one as never, '261122120000');
    bench.confirm(three as never, '261122120002');
    expect(bench.lastText('alice', phone).step).toBe('stored');
    bench.confirm(two as never, '261122120001');
    expect(bench.lastText('alice', phone).step).toBe('accepted');
    bench.report(phone, '261122120001', 4);
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('accepted');
    bench.report(phone, '261122120002', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('fails with words and code when the SMSC refuses it', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.refuse(bench.part(0).id, 300);
    expect(bench.lastText('alice', phone)).toMatchObject({
      step: 'failed',
      reason: { words: 'the number is not valid', code: '900:300' },
    });
  });

  it('fails with words and code when the report says so', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.report(phone, '261122120000', 3, 1);
    expect(bench.lastText('alice', phone)).toMatchObject({
      step: 'failed',
      reason: { words: 'the network does not know this number', code: '061:3 062:1', advice: 'Check the number.' },
    });
  });

  it('is unknown while in doubt, and known again by the next answer', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    const id = bench.part(0).id;
    bench.give({ type: 'moved', smscId: 'hel1', messageId: id, status: 'in-doubt', possibleDuplicate: false });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'unknown', reason: { code: 'in-doubt' } });
    bench.give({ type: 'moved', smscId: 'hel1', messageId: id, status: 'mirrored', possibleDuplicate: true });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'unknown', marks: ['possible-duplicate'] });
    bench.confirm(id, '261122120000', true);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', marks: ['possible-duplicate'] });
  });

  it('stays unknown, not failed, when it is refused after it may have been sent', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.refuse(bench.part(0).id, 10, true);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'unknown', reason: { code: '900:10' } });
  });

  it('stays unknown when one of two possible copies is reported as undelivered', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000', true);
    bench.report(phone, '261122120000', 3, 29);
    expect(bench.lastText('alice', phone).step).toBe('unknown');
  });

  it('fails when it expired before it was ever handed over', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    const outcome = { status: 'expired', stamp: '', errorCode: 0, by: 'answer' } as const;
    bench.give({ type: 'outcome', smscId: 'hel1', messageId: bench.part(0).id, outcome, possibleDuplicate: false });
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'failed', reason: { code: 'expired' } });
  });

  it('becomes unknown an hour after its validity without a report, and delivered if one comes after all', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.pass(48 * hourMs + 50 * minuteMs);
    expect(bench.lastText('alice', phone).step).toBe('accepted');
    bench.pass(15 * minuteMs);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'unknown', reason: { code: 'no-report' } });
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('waits in the outbox as long as it takes, and still learns its fate', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.pass(100 * hourMs);
    expect(bench.lastText('alice', phone).step).toBe('stored');
    bench.refuse(bench.part(0).id, 300);
    expect(bench.lastText('alice', phone).step).toBe('failed');
  });

  it('is not in doubt again once it was answered', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    const id = bench.part(0).id;
    bench.confirm(id, '261122120000');
    bench.give({ type: 'moved', smscId: 'hel1', messageId: id, status: 'in-doubt', possibleDuplicate: false });
    expect(bench.lastText('alice', phone).step).toBe('accepted');
  });

  it('ends at the SMSC where the account forbids reports', () => {
    const bench = withAlice({ reports: 'none' });
    bench.send('alice', phone, 'Hello');
    expect(bench.part(0).report).toBe('none');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.pass(60 * hourMs);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', marks: ['no-report'] });
    expect(bench.exchange.deadline()).toBeUndefined();
  });

  it('says that no report will come only when every part is at its end', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'x'.repeat(200));
    const [one, two] = bench.enqueued.map(({ message }) => message.id);
    bench.confirm(one as never, '');
    expect(bench.lastText('alice', phone).marks).toEqual([]);
    bench.confirm(two as never, '');
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', marks: ['no-report'] });
  });

  it('stays at the SMSC when an operator said that it was sent, since no report can be matched', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '');
    bench.pass(80 * hourMs);
    expect(bench.lastText('alice', phone).step).toBe('accepted');
  });

  it('fails with IM_NO_ROUTE, and nothing leaves, when no SMSC serves the number', () => {
    const bench = withAlice();
    bench.send('alice', '+46701234567', 'Hej');
    expect(bench.enqueued).toEqual([]);
    expect(bench.lastText('alice', '+46701234567')).toMatchObject({ step: 'failed', reason: { code: 'IM_NO_ROUTE' } });
  });
});

describe('the same cid', () => {
  it('is one text, whatever is sent again, also after a restart', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello', 'one');
    const again = bench.send('alice', phone, 'Hello', 'one');
    bench.restart();
    const later = bench.send('alice', phone, 'Hello', 'one');
    expect(bench.enqueued).toHaveLength(1);
    const id = bench.lastText('alice', phone).id;
    for (const outputs of [again, later]) {
      expect(outputs).toMatchObject([{ type: 'answer', result: { type: 'stored', text: { id } } }]);
    }
  });

  it('is one text even before the first is on disk', () => {
    const bench = withAlice();
    bench.disk = 'behind';
    bench.send('alice', phone, 'Hello', 'one');
    const request = { client: 'web:alice' as never, user: 'alice', cid: 'one', to: phone, text: 'Hello' };
    bench.give({ type: 'send', request, storedAs: undefined });
    expect(bench.enqueued).toHaveLength(1);
  });

  it('is answered with the present step', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello', 'one');
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.send('alice', phone, 'Hello', 'one')).toMatchObject([{ result: { text: { step: 'accepted' } } }]);
  });

  it('belongs to its user: two users may choose the same', () => {
    const bench = withAlice();
    bench.addUser('bob');
    bench.send('alice', phone, 'Hello', 'one');
    bench.send('bob', phone, 'Hello', 'one');
    expect(bench.enqueued).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['an address that is neither number nor name', 'no such: address!', 'x', 'IM_BAD_ADDRESS'],
    ['a user that does not exist', 'nobody', 'x', 'IM_UNKNOWN_USER'],
    ['oneself', 'alice', 'x', 'IM_BAD_ADDRESS'],
    ['an empty text', phone, '', 'IM_BAD_REQUEST'],
    ['a text over 10,000 characters', phone, 'x'.repeat(10_001), 'IM_TEXT_TOO_LONG'],
  ])('%s', (_, to, text, code) => {
    const bench = withAlice();
    const outputs = bench.send('alice', to, text);
    expect(outputs.filter((output) => output.type !== 'log')).toMatchObject([
      { type: 'answer', result: { type: 'refused', fault: { code }, retryable: false } },
    ]);
  });

  it('more texts at once than the rate allows, until time has passed', () => {
    const bench = withAlice({ sendRate: { perSecond: 1, burst: 2 } });
    const results = ['a', 'b', 'c'].map((cid) => refusal(bench.send('alice', phone, 'x', cid)));
    expect(results).toEqual([undefined, undefined, 'IM_TOO_FAST']);
    bench.pass(1_000);
    expect(refusal(bench.send('alice', phone, 'x', 'c'))).toBeUndefined();
    // An hour of silence is worth no more than the burst.
    bench.pass(hourMs);
    const later = ['d', 'e', 'f'].map((cid) => refusal(bench.send('alice', phone, 'x', cid)));
    expect(later).toEqual([undefined, undefined, 'IM_TOO_FAST']);
  });

  it('more open texts than are kept, until one has ended', () => {
    const bench = withAlice({ openTextCount: 1 });
    bench.send('alice', phone, 'x', 'a');
    expect(refusal(bench.send('alice', phone, 'x', 'b'))).toBe('IM_OUTBOX_FULL');
    bench.refuse(bench.part(0).id, 300);
    expect(refusal(bench.send('alice', phone, 'x', 'b'))).toBeUndefined();
  });
});

describe('a message from a handset', () => {
  it('from a sender that is only a name has that name in quotes, which is no user and no address', () => {
    const bench = withAlice();
    bench.addUser('bob');
    bench.arrive('bob', '28820001', 'It is me, bob');
    expect(bench.lastText('alice', '"bob"')).toMatchObject({ text: 'It is me, bob', direction: 'in' });
    expect(bench.talk('alice', 'bob')).toEqual([]);
    expect(bench.send('alice', '"bob"', 'Who are you?').find(({ type }) => type === 'answer')).toMatchObject({
      result: { type: 'refused', fault: { code: 'IM_BAD_ADDRESS' } },
    });
  });

  it('goes to the user whose suffix was called, and its slot ends behind the record', () => {
    const bench = withAlice();
    bench.attach('alice');
    const outputs = bench.arrive(phone, '28820001', 'Hi');
    const kinds = outputs.map((output) => output.type);
    expect(kinds.indexOf('persist')).toBeLessThan(kinds.indexOf('arrival'));
    expect(arrivals(outputs)).toEqual(['stored']);
    expect(told(outputs)).toMatchObject([{ type: 'message', text: { direction: 'in', peer: phone, text: 'Hi' } }]);
  });

  it('goes to the user it names, without the name', () => {
    const bench = withAlice();
    bench.addUser('bob', { role: 'default' });
    bench.arrive(phone, '2882', '@Alice  see you at 8');
    expect(bench.lastText('alice', phone).text).toBe('see you at 8');
  });

  it('goes to the conversation that last wrote to this handset, however the number is spelled', () => {
    const bench = withAlice();
    bench.addUser('bob', { role: 'default' });
    bench.send('alice', phone, 'Hello');
    bench.arrive(phone.slice(1), '2882', 'Hi back');
    expect(bench.talk('alice', phone).map((text) => text.text)).toEqual(['Hello', 'Hi back']);
  });

  it('goes to the default user when nobody else is meant', () => {
    const bench = withAlice();
    bench.addUser('bob', { role: 'default' });
    bench.arrive(phone, '2882', 'Anybody?');
    expect(bench.lastText('bob', phone).text).toBe('Anybody?');
  });

  it('goes to the default user of the settings before one who is it by role', () => {
    const bench = withAlice({ defaultUser: 'alice' });
    bench.addUser('bob', { role: 'default' });
    bench.arrive(phone, '2882', 'Anybody?');
    expect(bench.lastText('alice', phone).text).toBe('Anybody?');
  });

  it('is answered when nobody is meant, at most once an hour and handset', () => {
    const bench = withAlice();
    expect(arrivals(bench.arrive(phone, '2882', 'Anybody?'))).toEqual(['no-addressee']);
    bench.arrive(phone, '2882', 'Hello?');
    expect(bench.enqueued).toHaveLength(1);
    expect(bench.part(0)).toMatchObject({ to: phone, report: 'none' });
    bench.restart();
    bench.arrive(phone, '2882', 'Hello??');
    expect(bench.enqueued).toHaveLength(1);
    bench.pass(hourMs);
    bench.arrive(phone, '2882', 'Hello???');
    expect(bench.enqueued).toHaveLength(2);
  });

  it('is stored once when it comes again, also after a restart, and answered the same', () => {
    const bench = withAlice();
    const id = messageId('01932f00-0000-7000-8000-000000000001');
    bench.arrive(phone, '28820001', 'Hi', { id });
    expect(arrivals(bench.arrive(phone, '28820001', 'Hi', { id, isRepeated: true }))).toEqual(['stored']);
    bench.restart();
    expect(arrivals(bench.arrive(phone, '28820001', 'Hi', { id, isRepeated: true }))).toEqual(['stored']);
    expect(bench.talk('alice', phone)).toHaveLength(1);
  });

  it('leaves nothing to write when it comes again', () => {
    const bench = withAlice();
    const id = messageId('01932f00-0000-7000-8000-000000000001');
    bench.arrive(phone, '28820001', 'Hi', { id });
    expect(bench.arrive(phone, '28820001', 'Hi', { id }).map(({ type }) => type)).toEqual(['arrival']);
  });

  it('carries a mark when it came again and the first was never seen here', () => {
    const bench = withAlice();
    bench.arrive(phone, '28820001', 'Hi', { isRepeated: true });
    expect(bench.lastText('alice', phone).marks).toEqual(['repeated']);
  });

  it('has the time of its SMSC, but never one that is still to come', () => {
    const bench = withAlice();
    const { now } = bench;
    for (const aheadMs of [-90_000, 420_000]) {
      const smscTime = { digits: '261122160902', at: later(now, aheadMs) };
      bench.arrive(phone, '28820001', `${aheadMs} ms`, { smscTime });
    }
    expect(bench.talk('alice', phone).map(({ at }) => at - now)).toEqual([-90_000, 0]);
  });

  it('is one text when its parts come in any order, across a restart', () => {
    const bench = withAlice();
    const part = (index: number) => ({ part: { reference: 9, index, count: 3 } });
    expect(arrivals(bench.arrive(phone, '28820001', 'c', part(3)))).toEqual(['stored']);
    bench.restart();
    bench.arrive(phone, '28820001', 'a', part(1));
    expect(bench.talk('alice', phone)).toEqual([]);
    bench.restart();
    bench.arrive(phone, '28820001', 'b', part(2));
    expect(bench.talk('alice', phone)).toMatchObject([{ text: 'abc', parts: 3, marks: [] }]);
    expect([...bench.store.entries(['im', 'live', 'part'])]).toEqual([]);
  });

  it('is shown with its gap when a part does not come within a day', () => {
    const bench = withAlice();
    bench.arrive(phone, '28820001', 'begin ', { part: { reference: 9, index: 1, count: 2 } });
    bench.pass(25 * hourMs);
    expect(bench.lastText('alice', phone)).toMatchObject({ text: 'begin […]', marks: ['gap'] });
    expect([...bench.store.entries(['im', 'live', 'part'])]).toEqual([]);
  });
});

describe('a status report', () => {
  it('that comes before the answer is kept, also over a restart, and counts when the stamp is known', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    expect(arrivals(bench.report(phone, '261122120000', 4))).toEqual(['stored']);
    bench.restart();
    bench.confirm(bench.part(0).id, '261122120000');
    expect(bench.lastText('alice', phone).step).toBe('delivered');
    expect([...bench.store.entries(['im', 'live', 'report'])]).toEqual([]);
  });

  it('finds its message when the SMSC spells the number without plus', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.report(phone.slice(1), '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('of another SMSC is not taken for it', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.report(phone, '261122120000', 4, 0, 'tpe1');
    expect(bench.lastText('alice', phone).step).toBe('accepted');
  });

  it('that fits two messages goes to the first, marked ambiguous; the next to the second', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'one');
    bench.send('alice', phone, 'two');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.confirm(bench.part(1).id, '261122120000');
    bench.report(phone, '261122120000', 4);
    expect(bench.talk('alice', phone)).toMatchObject([
      { text: 'one', step: 'delivered', marks: ['ambiguous'] },
      { text: 'two', step: 'accepted' },
    ]);
    bench.report(phone, '261122120000', 4);
    expect(bench.talk('alice', phone).map((text) => text.step)).toEqual(['delivered', 'delivered']);
  });

  it('finds the second of two parts that have the same stamp', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'x'.repeat(200));
    for (const part of [0, 1]) bench.confirm(bench.part(part).id, '261122120000');
    for (const _ of [0, 1]) bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('finds its message over a restart', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.restart();
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone).step).toBe('delivered');
  });

  it('goes to the number that is spelled the same, if two share their last nine digits and the second', () => {
    const bench = withAlice({ routes: [{ prefix: '', smscId: 'hel1' }] });
    bench.send('alice', `0${phone.slice(4)}`, 'national');
    bench.send('alice', phone, 'international');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.confirm(bench.part(1).id, '261122120000');
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'delivered', marks: [] });
  });

  it('that is temporary is shown and does not end the waiting', () => {
    const bench = withAlice();
    bench.send('alice', phone, 'Hello');
    bench.confirm(bench.part(0).id, '261122120000');
    bench.report(phone, '261122120000', 1, 29);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'accepted', reason: { code: '061:1 062:29' } });
    bench.report(phone, '261122120000', 4);
    expect(bench.lastText('alice', phone)).toMatchObject({ step: 'delivered', reason: undefined });
  });

  it('that nobody waits for is dropped after an hour', () => {
    const bench = withAlice();
    bench.report(phone, '261122120000', 4);
    bench.pass(50 * hourMs);
    expect([...bench.store.entries(['im', 'live', 'report'])]).toEqual([]);
    expect(bench.exchange.deadline()).toBeUndefined();
  });
});

describe('users', () => {
  it('write to each other without a ring; both have the same text', () => {
    const bench = withAlice();
    bench.addUser('bob');
    bench.attach('bob');
    const outputs = bench.send('alice', 'Bob', 'Lunch?');
    expect(told(outputs)).toMatchObject([{ type: 'message', text: { peer: 'alice', text: 'Lunch?' } }]);
    expect(bench.enqueued).toEqual([]);
    expect(bench.lastText('alice', 'bob').id).toBe(bench.lastText('bob', 'alice').id);
  });

  it('see on one client what they sent from another, and the sender only the answer', () => {
    const bench = withAlice();
    bench.attach('alice', 'web:alice');
    bench.attach('alice', 'web:2');
    const delivered = bench.send('alice', phone, 'Hello').filter((output) => output.type === 'deliver');
    expect(delivered).toMatchObject([{ client: 'web:2', event: { type: 'message', text: { text: 'Hello' } } }]);
  });

  it('cannot share a name or a suffix', () => {
    const bench = withAlice();
    expect(bench.addUser('alice')).toMatchObject([{ type: 'user-answer', fault: { code: 'IM_USER_EXISTS' } }]);
    expect(bench.addUser('bob', { suffix: '0001' })).toMatchObject([{ fault: { code: 'IM_USER_EXISTS' } }]);
    expect(bench.addUser('Bob')).toMatchObject([{ fault: { code: 'IM_BAD_NAME' } }]);
  });

  it('have one default among them: a new one replaces the old', () => {
    const bench = withAlice({}, { role: 'default' });
    bench.addUser('bob', { role: 'default' });
    expect(bench.history.users().map(({ name, role }) => [name, role])).toEqual([
      ['alice', 'ordinary'],
      ['bob', 'default'],
    ]);
  });

  it('that are removed are signed out and get nothing more', () => {
    const bench = withAlice();
    bench.attach('alice');
    const outputs = bench.give({ type: 'user', ref: 'r', change: { type: 'remove', name: 'alice' } });
    expect(told(outputs)).toEqual([{ type: 'signed-out', user: 'alice' }]);
    expect(arrivals(bench.arrive(phone, '28820001', 'Hi'))).toEqual(['no-addressee']);
  });

  it('that read a conversation are shown so on all their clients', () => {
    const bench = withAlice();
    bench.attach('alice', 'web:1');
    bench.attach('alice', 'web:2');
    bench.arrive(phone, '28820001', 'Hi');
    const { order } = bench.lastText('alice', phone);
    expect(bench.history.conversations('alice', { limit: 9 })).toMatchObject([{ unread: 1 }]);
    expect(told(bench.give({ type: 'read', user: 'alice', peer: phone, order }))).toHaveLength(2);
    expect(bench.history.conversations('alice', { limit: 9 })).toMatchObject([{ unread: 0 }]);
  });
});

function withAlice(
  settings: ConstructorParameters<typeof Bench>[0] = {},
  options: Parameters<Bench['addUser']>[1] = {},
): Bench {
  const bench = new Bench(settings);
  bench.addUser('alice', { suffix: '0001', ...options });
  return bench;
}

function refusal(outputs: ReturnType<Bench['give']>): string | undefined {
  for (const output of outputs) {
    if (output.type === 'answer' && output.result.type === 'refused') return output.result.fault.code;
  }
  return undefined;
}
