import { describe, expect, it } from 'vitest';
import type { Application } from './harness.ts';
import { account, World } from './harness.ts';

const off = [{ number: '+63917', state: { type: 'off' } }] as const;
const stamp = '260131235959';

/** Submits to the handset that is off, and forgets the answer and the first report. */
function submit(application: Application, ...parameters: readonly [number, string][]): void {
  application.send(3, [[21, '+63917'], [33, 'x'], ...parameters]);
  expect(application.takeOne()).toContain(' 021:+63917 060:');
}

describe('an enquiry', () => {
  const key: readonly [number, string][] = [
    [21, '+63917'],
    [60, stamp],
  ];

  it('tells the way of a message for which a report was asked, until its end is acknowledged (2.5, 2.10)', () => {
    const world = new World({ handsets: off, deliveryDelayMs: 1_000 });
    const application = world.bound();
    submit(application, [56, '8']);
    application.send(4, key);
    world.pass(1_000);
    application.send(4, key);
    world.input({ type: 'set-handset', number: '63917', state: { type: 'on' } });
    application.send(4, key);
    expect(application.take()).toEqual([
      `54:005 021:+63917 060:${stamp} 061:1 063:${stamp}`,
      `54:007 021:+63917 060:${stamp} 061:1 062:29 063:260201000000`,
      `23:000 021:+63917 060:${stamp} 061:4 063:260201000000`,
      `54:009 021:+63917 060:${stamp} 061:4 063:260201000000`,
    ]);
    application.write(73, 0);
    application.send(4, key);
    expect(application.take()).toEqual([`54:011 021:+63917 060:${stamp} 061:0 063:${stamp}`]);
    expect(world.smsc.counts().enquiries).toBe(4);
  });

  it('has a positive answer with status 0 where nothing is tracked: no report asked, or not this key (2.5)', () => {
    const application = new World({ handsets: off }).bound();
    submit(application);
    application.send(4, key);
    application.send(4, [
      [21, '63917'],
      [60, stamp],
    ]);
    expect(application.take()).toEqual([
      `54:005 021:+63917 060:${stamp} 061:0 063:${stamp}`,
      `54:007 021:63917 060:${stamp} 061:0 063:${stamp}`,
    ]);
  });

  it('tells a send-only account what it gets no report of, and another account nothing (2.1, 2.5)', () => {
    const other = { ...account, user: 'other' };
    const world = new World({ accounts: [{ ...account, type: 'send-only', defaultReportBits: 62 }, other] });
    const application = world.bound();
    submit(application);
    application.send(4, key);
    expect(application.take()).toEqual([`54:005 021:+63917 060:${stamp} 061:4 063:${stamp}`]);
    const stranger = world.connect();
    stranger.send(1, [
      [10, 'other'],
      [11, 'secret'],
    ]);
    stranger.send(4, key);
    expect(stranger.take()[1]).toContain('061:0');
  });

  it('is refused with 400 for a bad address and 401 for a bad stamp (9)', () => {
    const application = new World().bound();
    application.send(4, [[60, stamp]]);
    application.send(4, [
      [21, 'x'],
      [60, stamp],
    ]);
    application.send(4, [[21, '1']]);
    application.send(4, [
      [21, '1'],
      [60, '260230000000'],
    ]);
    const codes = application.take().map((packet) => packet.slice(7));
    expect(codes).toEqual(['900:400', '900:400', '900:401', '900:401']);
  });
});

describe('a cancel', () => {
  it('in mode 0 ends all to a destination that may be cancelled, in mode 1 all of the account (2.7)', () => {
    const world = new World({ handsets: [...off, { number: '2', state: { type: 'off' } }] });
    const application = world.bound();
    submit(application, [56, '16']);
    submit(application, [56, '16'], [58, '0']);
    submit(application, [56, '16'], [53, '10']);
    application.send(3, [
      [21, '2'],
      [33, 'x'],
      [56, '16'],
    ]);
    application.take();
    application.send(6, [
      [59, '0'],
      [21, '63917'],
    ]);
    expect(application.takeOne()).toBe('56:011');
    expect(application.answerAll().map((packet) => packet.slice(7))).toEqual([
      `021:+63917 060:${stamp} 061:9 063:${stamp}`,
      '021:+63917 060:260201000001 061:9 063:260201000001',
    ]);
    application.send(6, [[59, '1']]);
    expect(application.answerAll().map((packet) => packet.slice(7))).toEqual([
      '',
      `021:2 060:${stamp} 061:9 063:${stamp}`,
    ]);
    expect(world.smsc.counts()).toMatchObject({ cancels: 2, messagesCancelled: 3, messagesWaiting: 1 });
  });

  it('in mode 2 ends the one with that key; an unknown one is understood all the same (2.7)', () => {
    const world = new World({ handsets: off });
    const application = world.bound();
    submit(application, [56, '16']);
    submit(application, [56, '16']);
    const cancel = (time: string) =>
      application.send(6, [
        [59, '2'],
        [21, '+63917'],
        [60, time],
      ]);
    cancel('260201000000');
    expect(application.answerAll()).toEqual(['56:007', '23:000 021:+63917 060:260201000000 061:7 063:260201000000']);
    cancel('260201000000');
    expect(application.answerAll()).toEqual(['56:009']);
    expect(world.smsc.counts()).toMatchObject({ messagesCancelled: 1, messagesWaiting: 1 });
  });

  it('of an instance leaves alone what other instances and accounts submitted (2.7)', () => {
    const world = new World({ handsets: off, accounts: [account, { ...account, user: 'other' }] });
    const one = world.bound([12, '1']);
    const two = world.bound([12, '2']);
    submit(one);
    const stranger = world.connect();
    stranger.send(1, [
      [10, 'other'],
      [11, 'secret'],
    ]);
    stranger.send(6, [[59, '1']]);
    two.send(6, [[59, '1']]);
    two.send(6, [
      [59, '2'],
      [21, '+63917'],
      [60, stamp],
    ]);
    expect(two.take()).toEqual(['56:003', '56:005']);
    expect(world.smsc.counts().messagesWaiting).toBe(1);
    one.send(6, [[59, '1']]);
    expect(world.smsc.counts().messagesWaiting).toBe(0);
  });

  const refusals: readonly [string, [number, string][], string][] = [
    ['no mode: 602', [[21, '1']], '602'],
    ['a mode out of range: 602', [[59, '3']], '602'],
    ['mode 0 without a destination: 601', [[59, '0']], '601'],
    [
      'mode 2 without a stamp: 600',
      [
        [59, '2'],
        [21, '1'],
      ],
      '600',
    ],
    [
      'a stamp that is none: 600',
      [
        [59, '2'],
        [21, '1'],
        [60, '1'],
      ],
      '600',
    ],
    [
      'a destination in mode 1: 603',
      [
        [59, '1'],
        [21, '1'],
      ],
      '603',
    ],
  ];
  for (const [what, parameters, code] of refusals) {
    it(`is refused for ${what} (9)`, () => {
      const world = new World({ handsets: off });
      const application = world.bound();
      submit(application);
      application.send(6, parameters);
      expect(application.take()).toEqual([`56:005 900:${code}`]);
      expect(world.smsc.counts()).toMatchObject({ messagesWaiting: 1, requestsRefused: 1 });
    });
  }
});

describe('a delivery request', () => {
  function waiting(type: 'querying' | 'receiving' | 'send-only') {
    const world = new World({ accounts: [{ ...account, type }] });
    for (const ref of [1, 2, 3]) world.input({ type: 'inject', ref, from: `1${ref}`, to: '2882', text: `${ref}` });
    return world.bound();
  }

  it('of a querying account gets a count, or one message at a time, and in the end 7 (2.6)', () => {
    const application = waiting('querying');
    expect(application.take()).toEqual([]);
    application.send(5, [[68, '0']]);
    expect(application.take()).toEqual(['55:003 066:3']);
    application.send(5, []);
    expect(application.answerAll().map((packet) => packet.slice(0, 6))).toEqual(['55:005', '20:000']);
    application.send(5, [[68, '1']]);
    expect(application.answerAll()).toHaveLength(2);
    application.send(5, [[68, '2']]);
    expect(application.take()).toEqual(['55:009 900:501']);
    application.send(5, [[68, '1']]);
    application.answerAll();
    application.send(5, [[68, '1']]);
    expect(application.take()).toEqual(['55:013 900:7']);
  });

  it('is refused for a bad mode, a stamp or a destination, and to those who only send (9, 2.1)', () => {
    const application = waiting('querying');
    application.send(5, [[68, '3']]);
    application.send(5, [[60, stamp]]);
    application.send(5, [[21, '1']]);
    expect(application.take().map((packet) => packet.slice(7))).toEqual(['900:501', '900:500', '900:502']);
    const sender = waiting('send-only');
    sender.send(5, []);
    expect(sender.take()).toEqual(['55:003 900:1']);
  });
});

describe('set and get', () => {
  it('refuses a new password with 801 where the account may not, and a bad one with 800 (9)', () => {
    const world = new World({ accounts: [{ ...account, passwordChange: 'refused' }] });
    const application = world.bound();
    application.send(8, [[11, 'other']]);
    application.send(8, [[11, 'has space']]);
    application.send(8, []);
    expect(application.take()).toEqual(['58:003 900:801', '58:005 900:800', '58:007 900:800']);
  });

  it('says what was refused and where it is written, to people and to the log (9)', () => {
    const world = new World();
    const application = world.bound();
    application.send(9, [[500, '777']]);
    expect(world.eventsOf('refused')).toMatchObject([
      { operation: 9, user: 'app', errorCode: 900, reason: 'Only 501 can be asked for. (section 2.8)' },
    ]);
    const logged = world.outputs.find((output) => output.type === 'log' && output.event === 'smsc.request-refused');
    expect(logged).toMatchObject({ fields: { operation: 9, errorCode: 900, section: '2.8' } });
  });
});
