import { describe, expect, it } from 'vitest';
import { account, World } from './harness.ts';

const off = [{ number: '1', state: { type: 'off' } }] as const;
const submit: readonly [number, string][] = [
  [21, '1'],
  [33, 'x'],
];

/** The answers to submits with these parameters added, without their heads. */
function answers(changes: Partial<typeof account>, ...submits: readonly (readonly [number, string][])[]) {
  const world = new World({ accounts: [{ ...account, ...changes }] });
  const application = world.bound();
  for (const parameters of submits) application.send(3, [...submit, ...parameters]);
  const results = application.take().map((packet) => packet.slice(7).replace(/060:\d+/, 'accepted'));
  return { results, senders: world.smsc.handset('1')?.inbox.map(({ from }) => from) ?? [] };
}

describe('an account', () => {
  it('puts 023 behind its number, or with the right to free originators sends it whole (3.2)', () => {
    const submits: readonly (readonly [number, string][])[] = [[[23, '0-1']], [[23, '+44123']], [[23, '']], []];
    expect(answers({}, ...submits)).toEqual({
      results: ['021:1 accepted', '021:1 900:306', '021:1 accepted', '021:1 accepted'],
      senders: ['288201', '2882', '2882'],
    });
    expect(answers({ originators: 'free' }, ...submits)).toEqual({
      results: Array(4).fill('021:1 accepted'),
      senders: ['01', '+44123', '2882', '2882'],
    });
  });

  it('may be forbidden names as senders, with 321 (3.3)', () => {
    expect(answers({}, [[27, 'Shop']]).senders).toEqual(['Shop']);
    expect(answers({ alphanumericOriginators: 'refused' }, [[27, 'Shop']]).results).toEqual(['021:1 900:321']);
  });

  it('has bits of its own where a submit asks for nothing, and none of them where it asks for 0 (8.1)', () => {
    const world = new World({ accounts: [{ ...account, defaultReportBits: 8 }] });
    const application = world.bound();
    application.send(3, [...submit, [56, '0']]);
    application.send(3, submit);
    expect(application.take().map((packet) => packet.slice(0, 6))).toEqual(['53:003', '53:005', '23:000']);
  });

  it('may keep only so many messages waiting, over all destinations of one submit, and is told 10 (9)', () => {
    const world = new World({ handsets: off, accounts: [{ ...account, maxWaiting: 3 }] });
    const application = world.bound();
    application.send(3, submit);
    application.send(3, [...submit, [21, '1'], [21, '1']]);
    expect(application.take().map((packet) => packet.slice(7).replaceAll(/060:\d+/g, 'accepted'))).toEqual([
      '021:1 accepted',
      '021:1 accepted 021:1 accepted 021:1 900:10',
    ]);
    world.input({ type: 'set-handset', number: '1', state: { type: 'on' } });
    application.send(3, submit);
    expect(application.take()[0]).not.toContain('900');
    expect(world.smsc.counts()).toMatchObject({ submitsAccepted: 4, submitsRefused: 1 });
  });

  it('has a rate of its own beside that of all, and keeps nobody else waiting (11.3)', () => {
    const slow = { ...account, ratePerSecond: 10 };
    const world = new World({ accounts: [slow, { ...account, user: 'fast' }], ratePerSecond: 100 });
    const application = world.bound([19, '128']);
    const fast = world.connect();
    fast.send(1, [
      [10, 'fast'],
      [11, 'secret'],
      [19, '128'],
    ]);
    for (let count = 0; count < 10; count += 1) application.send(3, submit);
    for (let count = 0; count < 10; count += 1) fast.send(3, submit);
    world.pass(450);
    expect([application.take().length, fast.take().length - 1]).toEqual([5, 10]);
  });

  it('is told 10 above the rate where the SMSC refuses, once a second’s worth came at once (11.3)', () => {
    const world = new World({ ratePerSecond: 5, throttle: 'refuse' });
    const application = world.bound([19, '128']);
    for (let count = 0; count < 7; count += 1) application.send(3, submit);
    const codes = () => application.take().map((packet) => /900:\d+/.exec(packet)?.[0] ?? 'accepted');
    expect(codes()).toEqual([...Array(5).fill('accepted'), '900:10', '900:10']);
    world.pass(200);
    application.send(3, submit);
    application.send(3, submit);
    expect(codes()).toEqual(['accepted', '900:10']);
    expect(world.smsc.counts()).toMatchObject({ submitsAccepted: 6, submitsRefused: 3 });
  });
});

describe('a login', () => {
  const login: readonly [number, string][] = [
    [10, 'app'],
    [11, 'secret'],
  ];

  it('of an instance that is there already is refused with 107, by a lenient SMSC taken (3.2)', () => {
    const strict = new World();
    strict.bound([12, '3']);
    const second = strict.connect();
    second.send(1, [...login, [12, '03']]);
    second.send(1, [...login, [12, 'x']]);
    second.send(1, [...login, [12, '4']]);
    expect(second.take()).toEqual(['51:001 900:107', '51:003 900:107', '51:005']);
    const lenient = new World({ rules: 'lenient' });
    lenient.bound([12, '3']);
    lenient.bound([12, '3']);
    expect(lenient.smsc.counts().sessions).toBe(2);
  });

  it('on a connection that is logged in is refused with 1, and the session goes on (2.2, 6.3)', () => {
    const world = new World();
    const application = world.bound();
    application.send(1, login);
    application.send(9, [[500, '501']]);
    expect(application.take()).toEqual(['51:003 900:1', '59:005 501:260131235959']);
    expect(world.smsc.counts()).toMatchObject({ logins: 1, sessions: 1 });
  });

  it('comes before everything else: other operations are answered 98 with 1 until then (6.3)', () => {
    const application = new World().connect();
    application.send(3, submit);
    application.send(40, []);
    expect(application.take()).toEqual(['98:001 900:1', '98:003 900:1']);
  });

  it('may follow a logout on the same connection, with numbers from the beginning (2.2, 4.1)', () => {
    const world = new World();
    const application = world.bound();
    world.input({ type: 'inject', ref: 1, from: '9', to: '2882', text: 'x' });
    application.answerAll();
    application.send(2, []);
    expect(application.take()).toEqual(['52:003']);
    application.write(1, 1, login);
    world.pass(300);
    world.input({ type: 'inject', ref: 2, from: '9', to: '2882', text: 'y' });
    expect(application.take().map((packet) => packet.slice(0, 6))).toEqual(['51:001', '20:000']);
  });

  it('may be tried five times on a connection, then that is closed (6.3)', () => {
    const application = new World().connect();
    for (let count = 0; count < 5; count += 1) {
      expect(application.state).toBe('open');
      application.send(1, [[10, 'app']]);
    }
    expect(application.take()).toHaveLength(5);
    expect(application.state).toBe('end');
  });
});
