import { describe, expect, it } from 'vitest';
import { hourMs } from '../../../src/core/base/time.ts';
import type { ExchangeSettings } from '../../../src/core/im/exchange-io.ts';
import { defaultServiceWords, readServiceWord } from '../../../src/core/im/service-words.ts';
import { arrivals, Bench, phone } from './bench.ts';

describe('a word to the bridge', () => {
  it.each([
    ['STOP', { type: 'stop' }],
    [' stop. ', { type: 'stop' }],
    ['Help!', { type: 'help' }],
    ['block', { type: 'block', user: undefined }],
    ['Block @Alice', { type: 'block', user: 'alice' }],
    ['START alice', { type: 'start', user: 'alice' }],
  ])('%s is one', (text, request) => {
    expect(readServiceWord(text, defaultServiceWords)).toEqual(request);
  });

  it.each(['stop it', 'Please stop', 'STOP alice', 'block the door now', 'nonstop', '', 'start 123'])(
    '%s is a message for somebody',
    (text) => {
      expect(readServiceWord(text, defaultServiceWords)).toBeUndefined();
    },
  );

  it('is what the settings say, in any case and form of its letters', () => {
    const words = { help: [], block: [], start: [], stop: ['SLUTA', 'LOPETA', 'ÄLÄ'] };
    expect(readServiceWord('lopeta', words)).toEqual({ type: 'stop' });
    expect(readServiceWord('a\u0308la\u0308', words)).toEqual({ type: 'stop' });
    expect(readServiceWord('STOP', words)).toBeUndefined();
    expect(readServiceWord('help', words)).toBeUndefined();
  });
});

describe('STOP', () => {
  it('is answered, reaches nobody, and fails what anybody writes from then on, until START', () => {
    const bench = withPeople();
    bench.send('alice', phone, 'Hello');
    expect(arrivals(bench.arrive(phone.slice(1), '28820001', 'stop'))).toEqual(['stored']);
    expect(answers(bench)).toEqual(['You get no more messages from here. START brings them back.']);
    expect(bench.talk('alice', phone)).toHaveLength(1);
    bench.restart();
    bench.send('bob', phone, 'Hello?');
    expect(bench.lastText('bob', phone)).toMatchObject({ step: 'failed', reason: { code: 'IM_HANDSET_STOPPED' } });
    expect(bench.enqueued).toHaveLength(2);
    bench.arrive(phone, '2882', 'START');
    bench.send('bob', phone, 'Hello again');
    expect(bench.lastText('bob', phone).step).toBe('stored');
  });

  it('does not keep what the handset writes from its addressee, and is told nothing unasked', () => {
    const bench = withPeople();
    bench.arrive(phone, '2882', 'STOP');
    bench.arrive(phone, '28820001', 'I changed my mind');
    expect(bench.lastText('alice', phone).text).toBe('I changed my mind');
    bench.arrive(phone, '2882', 'Who are you?');
    expect(answers(bench)).toHaveLength(1);
  });
});

describe('BLOCK', () => {
  it('alone means the one who last wrote, and nobody else', () => {
    const bench = withPeople();
    bench.send('bob', phone, 'Hello');
    bench.arrive(phone, '2882', 'BLOCK');
    expect(answers(bench)).toEqual(['You get no more messages from bob. START bob brings them back.']);
    bench.send('bob', phone, 'Why?');
    bench.send('alice', phone, 'Hi');
    expect(bench.lastText('bob', phone).step).toBe('failed');
    expect(bench.lastText('alice', phone).step).toBe('stored');
    bench.arrive(phone, '2882', 'START bob');
    bench.send('bob', phone, 'Thanks');
    expect(bench.lastText('bob', phone).step).toBe('stored');
  });

  it('alone under the number of a user means that one, and with a name the named one', () => {
    const bench = withPeople();
    bench.arrive(phone, '28820001', 'BLOCK');
    bench.arrive(phone, '2882', 'BLOCK bob');
    expect(answers(bench).map((text) => /from (\w+)/.exec(text)?.[1])).toEqual(['alice', 'bob']);
  });

  it('of nobody is answered and changes nothing', () => {
    const bench = withPeople();
    bench.arrive(phone, '2882', 'BLOCK carol');
    expect(answers(bench)).toEqual(['Write BLOCK and the name of somebody here.']);
    bench.send('alice', phone, 'Hi');
    expect(bench.lastText('alice', phone).step).toBe('stored');
  });

  it('does not undo STOP, and START of one user does', () => {
    const bench = withPeople();
    bench.arrive(phone, '2882', 'STOP');
    bench.arrive(phone, '2882', 'BLOCK bob');
    bench.send('alice', phone, 'Hi');
    expect(bench.lastText('alice', phone).step).toBe('failed');
    bench.arrive(phone, '2882', 'START alice');
    bench.send('alice', phone, 'Hi');
    bench.send('bob', phone, 'Hi');
    expect([bench.lastText('alice', phone).step, bench.lastText('bob', phone).step]).toEqual(['stored', 'failed']);
  });
});

describe('answers of the bridge', () => {
  it('name the words in force', () => {
    const bench = withPeople({ words: { help: ['HJÄLP'], block: ['SPÄRRA'], stop: ['SLUTA'], start: [] } });
    bench.arrive(phone, '2882', 'hjälp');
    expect(answers(bench)).toEqual([
      'Begin a message with @name to write to somebody here, or answer one that you got. SLUTA: no more messages. SPÄRRA name: none from name.',
    ]);
  });

  it('are ten an hour for one handset; what it asked for is done all the same', () => {
    const bench = withPeople();
    for (let time = 0; time < 12; time += 1) bench.arrive(phone, '2882', 'HELP');
    expect(answers(bench)).toHaveLength(10);
    bench.arrive(phone, '2882', 'STOP');
    expect(answers(bench)).toHaveLength(10);
    bench.send('alice', phone, 'Hi');
    expect(bench.lastText('alice', phone).step).toBe('failed');
    bench.pass(hourMs);
    bench.arrive(phone, '2882', 'HELP');
    expect(answers(bench)).toHaveLength(11);
  });

  it('are none while too much is on its way; what was asked for is done, and they come again when there is room', () => {
    const bench = withPeople({ openTextCount: 1 });
    bench.arrive('+358409999999', '2882', 'who is there?');
    bench.arrive('+358408888888', '2882', 'who is there?');
    bench.arrive(phone, '2882', 'STOP');
    expect(answers(bench)).toHaveLength(1);
    bench.refuse(bench.part(0).id, 300);
    bench.arrive('+358408888888', '2882', 'who is there?');
    expect(answers(bench)).toHaveLength(2);
    bench.refuse(bench.part(1).id, 300);
    bench.send('alice', phone, 'Hello');
    expect(bench.lastText('alice', phone).step).toBe('failed');
  });

  it('to nobody in particular are what the settings say, or nothing', () => {
    const own = withPeople({ unknownAnswer: 'Tuntematon vastaanottaja: '.repeat(10) });
    own.arrive(phone, '2882', 'Hei');
    expect(answers(own).join('')).toBe('Tuntematon vastaanottaja: '.repeat(10));
    const silent = withPeople({ unknownAnswer: '' });
    silent.arrive(phone, '2882', 'Hei');
    expect(answers(silent)).toEqual([]);
  });
});

describe('a called number', () => {
  it("that is a user's own reaches the user, before any suffix; the user sends with it", () => {
    const bench = withPeople();
    bench.addUser('carol', { number: '28820001' });
    bench.arrive(phone, '28820001', 'Hi');
    expect(bench.lastText('carol', phone).text).toBe('Hi');
    bench.send('carol', phone, 'Hi');
    expect(bench.part(0).from).toBe('28820001');
  });

  it('has a suffix only of the length that the settings say', () => {
    const bench = withPeople({ suffixLength: 4 });
    bench.addUser('carol', { suffix: '77' });
    bench.arrive(phone, '288277', 'Hi');
    bench.arrive(phone, '28820001', 'Hi');
    expect([bench.talk('carol', phone).length, bench.talk('alice', phone).length]).toEqual([0, 1]);
  });
});

function withPeople(settings: Partial<ExchangeSettings> = {}): Bench {
  const bench = new Bench(settings);
  bench.addUser('alice', { suffix: '0001' });
  bench.addUser('bob');
  return bench;
}

/** What the bridge itself wrote to handsets, in order. */
function answers(bench: Bench): readonly string[] {
  return bench.enqueued.flatMap(({ message: { content, textId, report } }) =>
    report === 'none' && textId !== '' && content.type === 'text' ? [content.text] : [],
  );
}
