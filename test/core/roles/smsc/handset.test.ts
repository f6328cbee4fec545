import { describe, expect, it } from 'vitest';
import { hourMs } from '../../../../src/core/base/time.ts';
import { World } from './harness.ts';

const off = [{ number: '+63917', state: { type: 'off' } }] as const;

/** Submits one message to the handset that is off, and forgets the answer. */
function submit(world: World, ...parameters: readonly [number, string][]) {
  const application = world.bound();
  application.send(3, [[21, '+63917'], [33, 'hello'], ...parameters]);
  expect(application.takeOne()).toBe('53:003 021:+63917 060:260131235959');
  return application;
}

describe('a handset that is off', () => {
  it('is tried again until the validity ends, then the report says so (8.2)', () => {
    const world = new World({ handsets: off });
    const application = submit(world, [50, '0'], [56, '62']);
    world.pass(5 * 60_000 - 1);
    expect(application.take()).toEqual([]);
    world.pass(1);
    expect(application.take()).toEqual(['23:000 021:+63917 060:260131235959 061:2 062:29 063:260201000459']);
    expect(world.smsc.counts()).toMatchObject({ handsetReceived: 0, handsetFailed: 1, messagesWaiting: 0 });
  });

  it('keeps a message for 24 hours where none are asked for', () => {
    const world = new World({ handsets: off });
    submit(world);
    world.pass(24 * hourMs - 1);
    expect(world.smsc.counts().messagesWaiting).toBe(1);
    world.pass(1);
    expect(world.smsc.counts().messagesWaiting).toBe(0);
  });

  it('reports each temporary error to bit 1, the first to bit 64, none to the final ones (8.1)', () => {
    const perBits = new Map<string, number>();
    for (const bits of ['1', '64', '62', '0']) {
      const world = new World({ handsets: off });
      const application = submit(world, [56, bits]);
      world.pass(55_000);
      const reports = application.answerAll();
      for (const report of reports) expect(report).toContain(' 061:1 062:29 ');
      perBits.set(bits, reports.length);
    }
    expect(Object.fromEntries(perBits)).toEqual({ '1': 3, '64': 1, '62': 0, '0': 0 });
  });

  it('fails a single attempt at once, with bit 4 (3.4, 8.2)', () => {
    const world = new World({ handsets: off });
    const application = submit(world, [50, '-1'], [56, '4']);
    const report = '23:000 021:+63917 060:260131235959 061:3 062:29 063:260131235959';
    expect(application.answerAll()).toEqual([report]);
    expect(world.smsc.counts().messagesWaiting).toBe(0);
  });

  it('gets what waited, in order, as soon as it is on', () => {
    const world = new World({ handsets: off });
    const application = world.bound();
    for (const text of ['one', 'two', 'three']) {
      application.send(3, [
        [21, '+63917'],
        [33, text],
        [56, '8'],
      ]);
      world.pass(4_000);
    }
    application.take();
    world.input({ type: 'set-handset', number: '63917', state: { type: 'on' } });
    expect(world.smsc.handset('+63917')?.inbox.map((item) => item.text)).toEqual(['one', 'two', 'three']);
    expect(application.answerAll().map((packet) => packet.slice(0, 2))).toEqual(['23', '23', '23']);
  });
});

describe('attempts', () => {
  it('follow each other at growing delays, the last of which goes on', () => {
    const world = new World({ handsets: off, attemptDelaysMs: [1_000, 3_000] });
    submit(world);
    world.pass(11_000);
    const attempts = world.eventsOf('put-off');
    expect(attempts.map(({ at }) => (at - (attempts[0]?.at ?? 0)) / 1_000)).toEqual([0, 1, 4, 7, 10]);
    expect(attempts.map(({ attempts: count }) => count)).toEqual([1, 2, 3, 4, 5]);
    expect(world.smsc.counts().attemptsPutOff).toBe(5);
  });

  it('are not made because a handset went out of reach', () => {
    const world = new World({ handsets: [{ number: '+63917', state: { type: 'slow', ms: 5_000 } }] });
    submit(world);
    world.input({ type: 'set-handset', number: '+63917', state: { type: 'off' } });
    expect(world.eventsOf('put-off')).toEqual([]);
    world.pass(5_000);
    expect(world.eventsOf('put-off')).toHaveLength(1);
  });

  it('tell whether more follow, and never beside a first delivery time (2.4, 044)', () => {
    const world = new World({ handsets: off });
    const application = world.bound();
    const others: [number, string][][] = [
      [[44, '1']],
      [[44, '0']],
      [],
      [
        [44, '1'],
        [53, '11'],
      ],
    ];
    for (const more of others) application.send(3, [[21, '+63917'], [33, 'x'], ...more]);
    expect(world.smsc.handset('63917')?.queue.map((message) => message.more)).toEqual([
      'follow',
      'none',
      'none',
      'none',
    ]);
  });

  it('go by priority, 1 before 9 and equals in their order (3.2)', () => {
    const world = new World({ handsets: off });
    const application = world.bound();
    for (const [text, priority] of [
      ['low', '9'],
      ['none', ''],
      ['five', '5'],
      ['high', '1'],
      ['next', '1'],
    ] as const) {
      application.send(3, [
        [21, '+63917'],
        [33, text],
        [67, priority],
      ]);
    }
    expect(world.smsc.handset('63917')?.queue.map(({ priority }) => priority)).toEqual([1, 1, 5, 5, 9]);
    world.input({ type: 'set-handset', number: '63917', state: { type: 'on' } });
    const texts = world.smsc.handset('63917')?.inbox.map(({ text }) => text);
    expect(texts).toEqual(['high', 'next', 'none', 'five', 'low']);
  });

  it('begin at the first delivery time, relative and absolute (3.4)', () => {
    const world = new World();
    const application = world.bound();
    for (const [text, code, time] of [
      ['relative', 53, '1'],
      ['absolute', 54, '260201000500'],
      ['at once', 53, '-1'],
      ['past', 54, '250101000000'],
    ] as const) {
      application.send(3, [
        [21, '1'],
        [33, text],
        [code, time],
      ]);
    }
    const texts = () => world.smsc.handset('1')?.inbox.map(({ text }) => text);
    expect(texts()).toEqual(['at once', 'past']);
    world.pass(300_699);
    expect(texts()).toEqual(['at once', 'past']);
    world.pass(1);
    expect(texts()).toEqual(['at once', 'past', 'absolute']);
    world.pass(600_000 - 300_700);
    expect(texts()).toEqual(['at once', 'past', 'absolute', 'relative']);
  });

  it('end with the validity, relative and absolute, also at a handset too slow for it (3.4)', () => {
    const world = new World({ handsets: [...off, { number: '1', state: { type: 'slow', ms: 3_600_000 } }] });
    const application = world.bound();
    application.send(3, [
      [21, '63917'],
      [33, 'x'],
      [51, '260201000010'],
      [56, '2'],
    ]);
    application.send(3, [
      [21, '1'],
      [33, 'x'],
      [50, '0'],
      [56, '2'],
    ]);
    application.take();
    world.pass(10_700);
    const [first] = application.answerAll();
    expect(first).toBe('23:000 021:63917 060:260131235959 061:2 062:29 063:260201000010');
    world.pass(289_300);
    expect(application.answerAll()).toEqual(['23:002 021:1 060:260131235959 061:2 062:29 063:260201000459']);
    expect(world.smsc.counts()).toMatchObject({ messagesExpired: 2, handsetFailed: 2, messagesWaiting: 0 });
  });
});

describe('a message of a replace type', () => {
  const replacing = (type: string, text: string): readonly [number, string][] => [
    [21, '+63917'],
    [33, text],
    [52, type],
    [56, '32'],
  ];

  it('takes the place of an earlier one that waits, which is reported deleted (3.2)', () => {
    const world = new World({ handsets: off });
    const application = world.bound();
    application.send(3, replacing('65', 'old'));
    application.take();
    application.send(3, replacing('66', 'another type'));
    application.send(3, replacing('65', 'new'));
    expect(application.take().at(-1)).toMatch(/^23:000 .*060:260131235959 061:8 063:/);
    world.input({ type: 'set-handset', number: '63917', state: { type: 'on' } });
    expect(world.smsc.handset('63917')?.inbox.map(({ text }) => text)).toEqual(['another type', 'new']);
    expect(world.smsc.counts()).toMatchObject({ messagesReplaced: 1, messagesWaiting: 0 });
  });

  it('leaves alone what was delivered, and what another originator sent (3.2)', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, replacing('65', 'delivered'));
    world.input({ type: 'set-handset', number: '63917', state: { type: 'off' } });
    application.send(3, replacing('65', 'waiting'));
    application.send(3, [...replacing('65', 'of another'), [23, '7']]);
    expect(world.smsc.counts()).toMatchObject({ messagesReplaced: 0, messagesWaiting: 2 });
  });

  it('is not reported deleted before its own submit was answered (11.1)', () => {
    const world = new World({ handsets: off, turnMs: 50 });
    const application = world.bound([19, '4']);
    application.send(3, replacing('65', 'old'));
    application.send(3, replacing('65', 'new'));
    world.pass(50);
    expect(application.take().map((packet) => packet.slice(0, 6))).toEqual(['53:003', '53:005', '23:000']);
  });
});

describe('a handset that is slow', () => {
  it('takes each message as much later, in order, and each once', () => {
    const world = new World({ handsets: [{ number: '1', state: { type: 'slow', ms: 3_000 } }] });
    const application = world.bound();
    for (const text of ['a', 'b'])
      application.send(3, [
        [21, '1'],
        [33, text],
      ]);
    world.pass(2_999);
    expect(world.smsc.counts().handsetReceived).toBe(0);
    world.pass(1);
    expect(world.smsc.handset('1')?.inbox.map((item) => item.text)).toEqual(['a', 'b']);
    world.input({ type: 'set-handset', number: '1', state: { type: 'on' } });
    world.pass(60_000);
    expect(world.smsc.counts().handsetReceived).toBe(2);
  });
});

describe('a handset that takes nothing', () => {
  it('is tried again where its memory is full, and reports 22 (8.3)', () => {
    const world = new World({ handsets: [{ number: '+63917', state: { type: 'full' } }] });
    const application = submit(world, [56, '64']);
    expect(application.answerAll()).toEqual(['23:000 021:+63917 060:260131235959 061:1 062:22 063:260131235959']);
    world.input({ type: 'set-handset', number: '+63917', state: { type: 'on' } });
    expect(world.smsc.counts()).toMatchObject({ handsetReceived: 1, messagesWaiting: 0 });
  });

  it('fails at once where nobody has the number, with 1 (8.3)', () => {
    const world = new World({ handsets: [{ number: '+63917', state: { type: 'unknown' } }] });
    const application = submit(world, [56, '62']);
    expect(application.answerAll()).toEqual(['23:000 021:+63917 060:260131235959 061:3 062:1 063:260131235959']);
    expect(world.smsc.counts()).toMatchObject({ handsetFailed: 1, messagesWaiting: 0 });
  });
});

describe('the queue of a handset', () => {
  it('tells what is on its way, with its attempts and its end, also what is not due yet', () => {
    const world = new World({ handsets: off });
    const application = submit(world, [50, '0']);
    application.send(3, [
      [21, '63917'],
      [33, 'later'],
      [53, '11'],
    ]);
    world.pass(1_000);
    const at = world.now - 1_000;
    expect(world.smsc.handset('+63917')).toMatchObject({
      waiting: 1,
      queue: [
        { from: '2882', stamp: '260131235959', attempts: 1, error: 29, acceptedAt: at, nextAttemptAt: at + 10_000 },
        { stamp: '260131235959', attempts: 0, error: 0, nextAttemptAt: at + hourMs, validUntil: at + 25 * hourMs },
      ],
    });
  });
});

describe('status reports', () => {
  it('tell of the delivery where bit 8 asks for it, and are counted when answered (8.1)', () => {
    const world = new World();
    const application = submit(world, [56, '8']);
    expect(world.smsc.counts()).toMatchObject({ reportsSent: 1, reportsAnswered: 0 });
    expect(application.answerAll()).toEqual(['23:000 021:+63917 060:260131235959 061:4 063:260131235959']);
    expect(world.smsc.counts()).toMatchObject({ reportsSent: 1, reportsAnswered: 1, reportsWaiting: 0 });
  });

  it('tell of nothing that was not asked for (8.1)', () => {
    const world = new World();
    submit(world, [56, '54']);
    submit(new World());
    expect(world.smsc.counts()).toMatchObject({ handsetReceived: 1, reportsSent: 0, reportsWaiting: 0 });
  });

  it('are kept while nobody is bound, and repeated in the next session if unanswered (6.5)', () => {
    const world = new World({ deliveryDelayMs: 1_000 });
    const first = submit(world, [56, '62']);
    first.lose();
    world.pass(2_000);
    expect(world.smsc.counts()).toMatchObject({ reportsWaiting: 1, reportsSent: 0 });
    const second = world.bound();
    const report = '23:000 021:+63917 060:260131235959 061:4 063:260201000000';
    expect(second.take()).toEqual([report]);
    second.lose();
    const third = world.bound();
    expect(third.answerAll()).toEqual([report]);
    expect(world.smsc.counts()).toMatchObject({ reportsWaiting: 0, reportsSent: 2, reportsAnswered: 1 });
  });

  it('go to the instance that submitted while it is there (6.3)', () => {
    const world = new World({ deliveryDelayMs: 1_000 });
    const one = world.bound([12, '1']);
    const two = world.bound([12, '2']);
    two.send(3, [
      [21, '1'],
      [33, 'x'],
      [56, '8'],
    ]);
    world.pass(1_000);
    expect(one.take()).toEqual([]);
    expect(two.take().map((packet) => packet.slice(0, 2))).toEqual(['53', '23']);
  });

  it('return to the login that submitted, although another of the account was there first (6.5)', () => {
    const world = new World({});
    const first = world.bound();
    const second = world.bound();
    second.send(3, [
      [21, '+63917'],
      [33, 'hello'],
      [56, '62'],
    ]);
    second.takeOne();
    world.pass(1_000);
    expect(first.take()).toEqual([]);
    expect(second.takeOne()).toMatch(/^23:000 .* 061:4 /);
  });

  it('say unknown subscriber of a number that is nobody, where such numbers fail (8.3)', () => {
    const world = new World({ unknownNumbers: 'fail', handsets: [{ number: '1', state: { type: 'on' } }] });
    const application = world.bound();
    application.send(3, [
      [21, '2'],
      [33, 'x'],
      [56, '62'],
    ]);
    expect(application.take()[1]).toBe('23:000 021:2 060:260131235959 061:3 062:1 063:260131235959');
  });
});

describe('the inbox', () => {
  it('joins the parts of a long text in any order, with the stamp of each (7.8)', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, [
      [21, '1'],
      [23, '0001'],
      [32, '050003AB0202'],
      [33, 'world'],
    ]);
    application.send(3, [
      [21, '1'],
      [23, '0001'],
      [32, '050003AB0201'],
      [33, 'hello '],
    ]);
    expect(world.smsc.handset('1')?.inbox).toMatchObject([
      { from: '28820001', text: 'hello world', parts: 2, stamps: ['260201000000', '260131235959'], repeats: 0 },
    ]);
    expect(world.smsc.handset('1')?.received).toBe(1);
  });

  it('marks what the same sender sent before', () => {
    const world = new World();
    const application = world.bound();
    for (const text of ['a', 'a', 'b', 'a'])
      application.send(3, [
        [21, '1'],
        [33, text],
      ]);
    expect(world.smsc.handset('1')?.inbox.map((item) => item.repeats)).toEqual([0, 1, 0, 2]);
    expect(world.smsc.counts()).toMatchObject({ handsetReceived: 4, handsetRepeated: 2 });
  });

  it('shows UCS-2, the extension table and binary as they are (7)', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, [
      [21, '1'],
      [30, '8'],
      [34, '006100E9D83DDE00'],
    ]);
    application.send(3, [
      [21, '1'],
      [33, '_XXe _Oa ]'],
    ]);
    application.send(3, [
      [21, '1'],
      [30, '4'],
      [34, '00ff'],
    ]);
    expect(world.smsc.handset('1')?.inbox.map((item) => item.text)).toEqual(['aé😀', '€ @ Å', '00FF']);
  });

  it('says coding, class, ports and reply path of each text (7.6, 7.8)', () => {
    const world = new World();
    const application = world.bound();
    const data: readonly (readonly [number, string][])[] = [
      [[33, 'plain']],
      [
        [30, '16'],
        [33, 'flash'],
      ],
      [
        [30, '245'],
        [32, '06050415820000'],
        [34, '42F4'],
        [55, '1'],
      ],
      [
        [30, '24'],
        [34, '0061'],
      ],
    ];
    for (const parameters of data) application.send(3, [[21, '1'], ...parameters]);
    const [plain, ...others] = world.smsc.handset('1')?.inbox ?? [];
    expect(plain).toMatchObject({ alphabet: 'gsm7', dataCoding: 0, replyPath: false });
    expect(plain).not.toHaveProperty('messageClass');
    expect(others).toMatchObject([
      { alphabet: 'gsm7', dataCoding: 16, messageClass: 0, text: 'flash' },
      { alphabet: '8bit', messageClass: 1, ports: { destination: 5506, origin: 0 }, replyPath: true },
      { alphabet: 'ucs2', messageClass: 0, text: 'a' },
    ]);
    expect(world.eventsOf('received').map(({ messageClass }) => messageClass)).toEqual([undefined, 0, 1, 0]);
  });

  it('is one box whether the number has a + or not, and nobody has one who never got anything', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, [
      [21, '+1'],
      [33, 'x'],
    ]);
    application.send(3, [
      [21, '1'],
      [33, 'y'],
    ]);
    expect(world.smsc.handset('+1')?.received).toBe(2);
    expect(world.smsc.handset('2')).toBeUndefined();
  });
});
