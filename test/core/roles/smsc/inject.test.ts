import { describe, expect, it } from 'vitest';
import { account, World } from './harness.ts';

function inject(world: World, text: string, changes: { from?: string; to?: string; ref?: number } = {}) {
  const { from = '+63917', to = '28820001', ref = 1 } = changes;
  return world.input({ type: 'inject', ref, from, to, text });
}

function outcomes(world: World) {
  return world.outputs.flatMap((output) => (output.type === 'injected' ? [output] : []));
}

describe('the reply path (3.2)', () => {
  it('brings the answer to a free sender back to the account that asked for it with 055', () => {
    const free = { ...account, user: 'free', number: '3000', originators: 'free' } as const;
    const world = new World({ accounts: [account, free] });
    const application = world.connect();
    application.send(1, [
      [10, 'free'],
      [11, 'secret'],
    ]);
    world.pass(300);
    const submit = (replyPath: '0' | '1') =>
      application.send(3, [
        [21, '+63917'],
        [23, '+44123'],
        [33, 'x'],
        [55, replyPath],
      ]);
    submit('0');
    inject(world, 'without', { to: '+44123', ref: 1 });
    submit('1');
    inject(world, 'of another handset', { from: '+63918', to: '+44123', ref: 2 });
    inject(world, 'with', { to: '44123', ref: 3 });
    expect(application.answerAll().filter((packet) => packet.startsWith('20:'))).toEqual([
      '20:000 021:44123 023:+63917 060:260131235959 033:with 052:0 030:0',
    ]);
    expect(outcomes(world).map(({ ref, outcome }) => [ref, outcome.type])).toEqual([
      [1, 'refused'],
      [2, 'refused'],
      [3, 'answered'],
    ]);
  });
});

describe('a message from a handset', () => {
  it('is delivered with both addresses and a stamp, and answered for its injector (2.9)', () => {
    const world = new World();
    const application = world.bound();
    inject(world, 'Call me!');
    const deliver = '20:000 021:28820001 023:+63917 060:260131235959 033:Call me! 052:0 030:0';
    expect(application.take()).toEqual([deliver]);
    expect(outcomes(world)).toEqual([]);
    world.pass(20);
    application.write(70, 0);
    expect(outcomes(world)).toEqual([{ type: 'injected', ref: 1, outcome: { type: 'answered', parts: 1, ms: 20 } }]);
    expect(world.smsc.counts()).toMatchObject({ deliversOffered: 1, deliversAnswered: 1, deliversWaiting: 0 });
  });

  it('names the national table that it is written in, beside its place in a long text (7.8)', () => {
    const world = new World();
    const application = world.bound();
    const text = 'Yarın sabah görüşürüz, güle güle; ışıkları söndürmeyi ve kapıyı kilitlemeyi unutma!';
    const write = (ref: number, typed: string) =>
      world.input({ type: 'inject', ref, from: '+63917', to: '28820001', text: typed, national: 'turkish' });
    write(1, text);
    const short = application.answerAll();
    expect(short).toHaveLength(1);
    expect(short[0]).toContain(' 032:03240101 033:');
    expect(short[0]).toContain(' 030:0');
    write(2, `${text} ${text}`);
    expect(application.answerAll().map((packet) => /032:\w+/.exec(packet)?.[0].slice(0, -6))).toEqual([
      '032:082401010003',
      '032:082401010003',
    ]);
  });

  it('is not sent together with the answer to the login, nor for 300 ms after it (11.1)', () => {
    const world = new World();
    inject(world, 'early');
    const application = world.connect();
    application.send(1, [
      [10, 'app'],
      [11, 'secret'],
    ]);
    world.pass(299);
    expect(application.take()).toEqual(['51:001']);
    world.pass(1);
    expect(application.take()).toHaveLength(1);
  });

  it('takes its turn: the next one comes when the one before is answered (4.2)', () => {
    const world = new World();
    const application = world.bound();
    inject(world, 'a', { ref: 1 });
    inject(world, 'b', { ref: 2 });
    expect(application.take()).toHaveLength(1);
    application.write(70, 0);
    expect(application.take()).toEqual(['20:002 021:28820001 023:+63917 060:260201000000 033:b 052:0 030:0']);
  });

  it('is repeated with the same stamp in the next session if no answer came', () => {
    const world = new World();
    const first = world.bound();
    inject(world, 'a', { ref: 1 });
    inject(world, 'b', { ref: 2 });
    const offered = first.take();
    first.lose();
    const second = world.bound();
    expect(second.take()).toEqual(offered);
    second.write(70, 0);
    second.write(70, 2);
    expect(outcomes(world).map(({ ref, outcome }) => [ref, outcome.type])).toEqual([
      [1, 'answered'],
      [2, 'answered'],
    ]);
    expect(world.smsc.counts()).toMatchObject({ deliversOffered: 3, deliversRepeated: 1, deliversAnswered: 2 });
    expect(world.eventsOf('deliver-offered').map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  });

  it('is sent again under the same number when no answer came for a minute, and once more in the next session', () => {
    const world = new World();
    const application = world.bound();
    inject(world, 'a');
    world.pass(60_000);
    const sent = application.take();
    expect(sent).toHaveLength(2);
    expect(sent[0]).toBe(sent[1]);
    world.pass(600_000);
    expect(application.state).toBe('end');
    expect(world.smsc.counts()).toMatchObject({ deliversWaiting: 1, sessions: 0 });
  });

  it('keeps the order of its conversation while a dead session still holds the one before', () => {
    const world = new World();
    const dead = world.bound();
    inject(world, 'first', { ref: 1 });
    expect(dead.take()).toHaveLength(1);
    const alive = world.bound();
    inject(world, 'second', { ref: 2 });
    inject(world, 'elsewhere', { ref: 3, from: '+63918' });
    expect(alive.answerAll().map((packet) => /033:(\w+)/.exec(packet)?.[1])).toEqual(['elsewhere']);
    dead.lose();
    expect(alive.answerAll().map((packet) => /033:(\w+)/.exec(packet)?.[1])).toEqual(['first', 'second']);
  });

  it('that is long goes in parts, in UCS-2 where the alphabet asks for it (7.7, 7.8)', () => {
    const world = new World();
    const application = world.bound();
    inject(world, `${'€'.repeat(100)}`);
    const parts = application.answerAll();
    expect(parts).toHaveLength(2);
    expect(parts[0]).toMatch(/ 032:050003[0-9A-F]{2}0201 033:(_XXe){76} 052:0 030:0$/);
    expect(parts[1]).toMatch(/ 032:050003[0-9A-F]{2}0202 033:(_XXe){24} 052:0 030:0$/);
    expect(outcomes(world)).toMatchObject([{ outcome: { type: 'answered', parts: 2 } }]);
    inject(world, 'Привет', { ref: 2 });
    expect(application.answerAll()[0]).toContain(' 034:041F04400438043204350442 052:0 030:8');
  });

  it('that is refused for good tells its injector the code; one put off is offered again after ten seconds (2.9)', () => {
    const world = new World();
    const application = world.bound();
    inject(world, 'a');
    application.write(70, 0, [[900, '711']]);
    expect(outcomes(world)).toMatchObject([{ ref: 1, outcome: { type: 'refused', errorCode: 711 } }]);
    application.take();
    inject(world, 'b', { ref: 2 });
    application.write(70, 2, [[900, '6']]);
    application.take();
    inject(world, 'c', { ref: 3 });
    world.pass(9_999);
    expect(application.take()).toEqual([]);
    world.pass(1);
    const texts = application.answerAll().map((packet) => /033:(\w+)/.exec(packet)?.[1]);
    expect(texts).toEqual(['b', 'c']);
    expect(outcomes(world)).toMatchObject([{}, { ref: 2, outcome: { type: 'answered' } }, { ref: 3 }]);
    expect(world.smsc.counts()).toMatchObject({ deliversRefused: 1, deliversAnswered: 2, deliversWaiting: 0 });
  });

  it('is refused at once where it cannot be meant for anybody', () => {
    const world = new World({ accounts: [account, { ...account, user: 'sender', number: '3000', type: 'send-only' }] });
    inject(world, 'a', { ref: 1, to: '999' });
    inject(world, 'a', { ref: 2, to: '3000' });
    inject(world, 'a', { ref: 3, from: 'bob' });
    inject(world, 'a'.repeat(50_000), { ref: 4 });
    expect(outcomes(world).map(({ outcome }) => outcome.type)).toEqual(Array(4).fill('refused'));
    expect(world.smsc.counts().deliversWaiting).toBe(0);
  });

  it('waits for 05 where the account is of the querying type, and counts for it (2.6)', () => {
    const world = new World({ accounts: [{ ...account, type: 'querying' }] });
    const application = world.bound();
    application.send(5, [[68, '1']]);
    inject(world, 'a', { ref: 1 });
    inject(world, 'b', { ref: 2 });
    application.send(5, [[68, '0']]);
    expect(application.take()).toEqual(['55:003 900:7', '55:005 066:2']);
    application.send(5, []);
    expect(application.answerAll().map((packet) => packet.slice(0, 6))).toEqual(['55:007', '20:000']);
    application.send(5, [[68, '0']]);
    expect(application.take()).toEqual(['55:009 066:1']);
  });
});

describe('cuts and the end', () => {
  it('cut resets every connection, and what was under way is offered again', () => {
    const world = new World();
    const [one, two] = [world.bound(), world.bound()];
    inject(world, 'a');
    world.input({ type: 'cut' });
    expect([one.state, two.state]).toEqual(['reset', 'reset']);
    expect(world.smsc.counts()).toMatchObject({ cuts: 1, sessions: 0, deliversWaiting: 1 });
    expect(world.bound().answerAll()).toHaveLength(1);
  });

  it('cuts about as often as asked, the same way under the same seed', () => {
    const times = () => {
      const world = new World({ cutEveryMs: 30_000 });
      world.pass(600_000);
      return world.eventsOf('cut').map(({ at }) => at);
    };
    const first = times();
    expect(first.length).toBeGreaterThanOrEqual(14);
    expect(first.length).toBeLessThanOrEqual(30);
    expect(times()).toEqual(first);
  });

  it('drains: what was sent may still be answered, nothing new is sent, then all is closed', () => {
    const world = new World();
    const application = world.bound();
    inject(world, 'a', { ref: 1 });
    inject(world, 'b', { ref: 2 });
    application.take();
    world.input({ type: 'shut-down' });
    expect(application.state).toBe('open');
    application.write(70, 0);
    expect(application.take()).toEqual([]);
    expect(application.state).toBe('end');
    expect(world.outputs.at(-1)).toEqual({ type: 'drained' });
    expect(world.smsc.counts()).toMatchObject({ deliversAnswered: 1, deliversWaiting: 1 });
  });

  it('drains within two seconds whoever does not answer', () => {
    const world = new World();
    world.bound();
    inject(world, 'a');
    world.input({ type: 'shut-down' });
    world.pass(2_000);
    expect(world.outputs.filter(({ type }) => type === 'drained')).toHaveLength(1);
  });
});
