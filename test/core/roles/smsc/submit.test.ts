import { describe, expect, it } from 'vitest';
import { account, World } from './harness.ts';

describe('login', () => {
  it('refuses a wrong password, an unknown user and a missing one with 100 (6.3)', () => {
    const application = new World().connect();
    application.send(1, [
      [10, 'app'],
      [11, 'wrong'],
    ]);
    application.send(1, [
      [10, 'nobody'],
      [11, 'secret'],
    ]);
    application.send(1, [[10, 'app']]);
    expect(application.take()).toEqual(['51:001 900:100', '51:003 900:100', '51:005 900:100']);
  });

  it('refuses one session too many with 102, and takes it when another has ended (6.3)', () => {
    const world = new World({ accounts: [{ ...account, maxSessions: 1 }] });
    const first = world.bound();
    const second = world.connect();
    second.send(1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    expect(second.take()).toEqual(['51:001 900:102']);
    first.send(2, []);
    expect(first.take()).toEqual(['52:003']);
    second.send(1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    expect(second.take()).toEqual(['51:003']);
    expect(world.smsc.counts()).toMatchObject({ sessions: 1, logins: 2, loginsRefused: 1 });
  });

  it('refuses a window above the limit with 104, and any where windowing is disabled with 105 (5.1)', () => {
    const small = new World({ accounts: [{ ...account, maxWindow: 4 }] }).connect();
    small.send(1, [
      [10, 'app'],
      [11, 'secret'],
      [19, '5'],
    ]);
    small.send(1, [
      [10, 'app'],
      [11, 'secret'],
      [19, '4'],
    ]);
    expect(small.take()).toEqual(['51:001 900:104', '51:003']);
    const none = new World({ accounts: [{ ...account, maxWindow: 1 }] }).connect();
    none.send(1, [
      [10, 'app'],
      [11, 'secret'],
      [19, '2'],
    ]);
    expect(none.take()).toEqual(['51:001 900:105']);
  });
});

describe('a submit', () => {
  it('is answered with its destination and a stamp in local time (2.4, 8.4)', () => {
    const application = new World().bound();
    application.send(3, [
      [21, '+639171234567'],
      [33, 'hello world'],
    ]);
    expect(application.take()).toEqual(['53:003 021:+639171234567 060:260131235959']);
  });

  it('gets a stamp of its own per destination, however many come in one second (8.4)', () => {
    const application = new World().bound();
    for (let count = 0; count < 3; count += 1)
      application.send(3, [
        [21, '+63917'],
        [33, 'x'],
      ]);
    application.send(3, [
      [21, '+63918'],
      [33, 'x'],
    ]);
    expect(application.take().map((packet) => packet.slice(7))).toEqual([
      '021:+63917 060:260131235959',
      '021:+63917 060:260201000000',
      '021:+63917 060:260201000001',
      '021:+63918 060:260131235959',
    ]);
  });

  it('to several destinations is answered for each of them (2.4)', () => {
    const world = new World();
    const application = world.bound();
    application.send(3, [
      [21, '11111'],
      [21, '22222'],
      [21, '11111'],
      [33, 'UserData'],
    ]);
    expect(application.take()).toEqual([
      '53:003 021:11111 060:260131235959 021:22222 060:260131235959 021:11111 060:260201000000',
    ]);
    expect(world.smsc.counts()).toMatchObject({ submitsAccepted: 3, handsetReceived: 3 });
  });

  const refusals: readonly [string, [number, string][], string][] = [
    ['no destination: 301', [[33, 'x']], '900:301'],
    [
      'letters in a destination: 300, echoing the ones before',
      [
        [21, '1'],
        [21, 'a'],
        [21, '2'],
        [33, 'x'],
      ],
      '021:1 900:300',
    ],
    [
      'a bad originator: 306',
      [
        [21, '1'],
        [23, 'x'],
        [33, 'x'],
      ],
      '021:1 900:306',
    ],
    [
      'an originator that makes the number too long: 306',
      [
        [21, '1'],
        [23, '12345678901234567'],
        [33, 'x'],
      ],
      '021:1 900:306',
    ],
    [
      'an originator with + : 306',
      [
        [21, '1'],
        [23, '+1'],
        [33, 'x'],
      ],
      '021:1 900:306',
    ],
    [
      'a bad alphanumeric originator: 322',
      [
        [21, '1'],
        [27, 'a@b'],
        [33, 'x'],
      ],
      '021:1 900:322',
    ],
    [
      'both originators: 321',
      [
        [21, '1'],
        [23, '1'],
        [27, 'abc'],
        [33, 'x'],
      ],
      '021:1 900:321',
    ],
    [
      'a coding scheme out of range: 304',
      [
        [21, '1'],
        [30, '256'],
        [33, 'x'],
      ],
      '021:1 900:304',
    ],
    ['no user data at all: 302', [[21, '1']], '021:1 900:302'],
    [
      'text and data: 303',
      [
        [21, '1'],
        [33, 'x'],
        [34, '00'],
      ],
      '021:1 900:303',
    ],
    [
      'text with a UCS-2 coding scheme: 303',
      [
        [21, '1'],
        [30, '8'],
        [33, 'x'],
      ],
      '021:1 900:303',
    ],
    [
      'an unknown combination in the text: 302',
      [
        [21, '1'],
        [33, 'a_zz'],
      ],
      '021:1 900:302',
    ],
    [
      '161 septets: 302',
      [
        [21, '1'],
        [33, 'x'.repeat(161)],
      ],
      '021:1 900:302',
    ],
    [
      '154 septets beside a header: 303',
      [
        [21, '1'],
        [32, '050003010201'],
        [33, 'x'.repeat(154)],
      ],
      '021:1 900:303',
    ],
    [
      'a header that contradicts itself: 303',
      [
        [21, '1'],
        [32, '0600030102'],
        [33, 'x'],
      ],
      '021:1 900:303',
    ],
    [
      'half a UCS-2 character: 302',
      [
        [21, '1'],
        [30, '8'],
        [34, '006100'],
      ],
      '021:1 900:302',
    ],
    [
      'relative and absolute validity: 305',
      [
        [21, '1'],
        [33, 'x'],
        [50, '1'],
        [51, '260202000000'],
      ],
      '021:1 900:305',
    ],
    [
      'a validity that is past: 305',
      [
        [21, '1'],
        [33, 'x'],
        [51, '260131235959'],
      ],
      '021:1 900:305',
    ],
    [
      'a validity on a day that does not exist: 305',
      [
        [21, '1'],
        [33, 'x'],
        [51, '260230000000'],
      ],
      '021:1 900:305',
    ],
    [
      'a bad protocol identifier: 307',
      [
        [21, '1'],
        [33, 'x'],
        [52, '256'],
      ],
      '021:1 900:307',
    ],
    [
      'two first deliveries: 308',
      [
        [21, '1'],
        [33, 'x'],
        [53, '1'],
        [54, '260202000000'],
      ],
      '021:1 900:308',
    ],
    [
      'a bad reply path: 309',
      [
        [21, '1'],
        [33, 'x'],
        [55, '2'],
      ],
      '021:1 900:309',
    ],
    [
      'a bad report request: 310',
      [
        [21, '1'],
        [33, 'x'],
        [56, '128'],
      ],
      '021:1 900:310',
    ],
    [
      'a bad cancel flag: 311',
      [
        [21, '1'],
        [33, 'x'],
        [58, '2'],
      ],
      '021:1 900:311',
    ],
    [
      'a bad tariff class: 313',
      [
        [21, '1'],
        [33, 'x'],
        [64, '100'],
      ],
      '021:1 900:313',
    ],
    [
      'a bad service description: 314',
      [
        [21, '1'],
        [33, 'x'],
        [65, '100'],
      ],
      '021:1 900:314',
    ],
    [
      'a bad priority: 312',
      [
        [21, '1'],
        [33, 'x'],
        [67, '0'],
      ],
      '021:1 900:312',
    ],
    [
      'a bad more-messages flag: 318',
      [
        [21, '1'],
        [33, 'x'],
        [44, '2'],
      ],
      '021:1 900:318',
    ],
    [
      'a parameter twice: 2',
      [
        [21, '1'],
        [33, 'x'],
        [33, 'y'],
      ],
      '021:1 900:2',
    ],
  ];
  for (const [what, parameters, answer] of refusals) {
    it(`is refused for ${what} (9)`, () => {
      const world = new World();
      const application = world.bound();
      application.send(3, parameters);
      expect(application.take()).toEqual([`53:003 ${answer}`]);
      expect(world.smsc.counts()).toMatchObject({ submitsAccepted: 0, handsetReceived: 0 });
    });
  }

  it('with 056, also with 0, is refused with 310 where the account gets no reports (8.1)', () => {
    const application = new World({ accounts: [{ ...account, reports: 'refused' }] }).bound();
    application.send(3, [
      [21, '1'],
      [33, 'x'],
      [56, '62'],
    ]);
    application.send(3, [
      [21, '1'],
      [33, 'x'],
      [56, '0'],
    ]);
    application.send(3, [
      [21, '1'],
      [33, 'x'],
    ]);
    expect(application.take().map((packet) => packet.slice(7))).toEqual([
      '021:1 900:310',
      '021:1 900:310',
      '021:1 060:260131235959',
    ]);
  });

  it('waits for the turn-around, and its report comes behind the answer (11.1)', () => {
    const world = new World({ turnMs: 50 });
    const application = world.bound();
    application.send(3, [
      [21, '1'],
      [33, 'x'],
      [56, '8'],
    ]);
    world.pass(49);
    expect(application.take()).toEqual([]);
    world.pass(1);
    expect(application.take().map((packet) => packet.slice(0, 6))).toEqual(['53:003', '23:000']);
  });

  it('that comes too fast is answered later, not refused, and beyond the queue with 10 (11.3)', () => {
    const world = new World({ ratePerSecond: 100 });
    const application = world.bound([19, '128']);
    for (let count = 0; count < 20; count += 1)
      application.send(3, [
        [21, '1'],
        [33, 'x'],
      ]);
    expect(application.take()).toHaveLength(1);
    world.pass(100);
    expect(application.take()).toHaveLength(10);
    world.pass(90);
    expect(application.take()).toHaveLength(9);
    expect(world.smsc.counts().submitsAccepted).toBe(20);
  });

  it('whose session is cut before the answer is delivered all the same', () => {
    const world = new World({ turnMs: 50 });
    const application = world.bound();
    application.send(3, [
      [21, '1'],
      [33, 'x'],
    ]);
    application.lose();
    world.pass(1_000);
    expect(world.smsc.counts()).toMatchObject({ submitsAccepted: 1, handsetReceived: 1 });
    expect(application.take()).toEqual([]);
  });
});

describe('other operations', () => {
  it('tells the local time (2.8)', () => {
    const application = new World().bound();
    application.send(9, [[500, '501']]);
    application.send(9, [[500, '502']]);
    application.send(9, []);
    expect(application.take()).toEqual(['59:003 501:260131235959', '59:005 900:900', '59:007 900:900']);
  });

  it('changes the password, and only that (2.8)', () => {
    const world = new World();
    const application = world.bound();
    application.send(8, [[11, 'other']]);
    application.send(8, [
      [10, 'other'],
      [11, 'x'],
    ]);
    expect(application.take()).toEqual(['58:003', '58:005 900:3']);
    const old = world.connect();
    old.send(1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    old.send(1, [
      [10, 'app'],
      [11, 'other'],
    ]);
    expect(old.take()).toEqual(['51:001 900:100', '51:003']);
  });
});
