import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import type { ComponentInput, ComponentOutput } from '../../../src/gateways/xmpp/component-io.ts';
import { ComponentSession, settlingMs } from '../../../src/gateways/xmpp/component-session.ts';
import { stanza } from '../../../src/gateways/xmpp/xml.ts';

const greeting =
  "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' from='sms.localhost' id='3BF96D32'>";

/** A session and the virtual time it lives in. */
class World {
  now: Instant = instant(1_000_000);
  readonly session = new ComponentSession(
    { domain: 'sms.localhost', secret: 'secret', pingTo: 'localhost' },
    () => 0,
    (text) => createHash('sha1').update(text).digest('hex'),
  );

  say(input: ComponentInput): readonly ComponentOutput[] {
    return this.session.handle(input, this.now);
  }

  hear(text: string): readonly ComponentOutput[] {
    return this.say({ type: 'received', text });
  }

  /** Sends ticks when they are due, until so much time has passed. */
  pass(ms: number): readonly ComponentOutput[] {
    const until = later(this.now, ms);
    const outputs: ComponentOutput[] = [];
    for (let due = this.session.deadline(); due !== undefined && due <= until; due = this.session.deadline()) {
      this.now = due;
      outputs.push(...this.say({ type: 'tick' }));
    }
    this.now = until;
    return outputs;
  }

  online(): this {
    this.say({ type: 'start' });
    this.say({ type: 'connected' });
    this.hear(greeting);
    expect(types(this.hear('<handshake/>'))).toContain('online');
    return this;
  }
}

function types(outputs: readonly ComponentOutput[]): readonly string[] {
  return outputs.map(({ type }) => type).filter((type) => type !== 'log');
}

function written(outputs: readonly ComponentOutput[]): string {
  return outputs.flatMap((output) => (output.type === 'write' ? [output.text] : [])).join('');
}

function idIn(outputs: readonly ComponentOutput[]): string {
  return /id='([^']*)'/.exec(written(outputs))?.[1] ?? '';
}

function pong(id: string): string {
  return `<iq type='result' from='localhost' to='sms.localhost' id='${id}'/>`;
}

describe('the handshake (XEP-0114 section 3)', () => {
  it('proves the secret with the id of the stream, and is online when the server says so', () => {
    const world = new World();
    expect(types(world.say({ type: 'start' }))).toEqual(['connect']);
    expect(written(world.say({ type: 'connected' }))).toContain("to='sms.localhost'");
    const proof = createHash('sha1').update('3BF96D32secret').digest('hex');
    expect(written(world.hear(greeting))).toBe(`<handshake>${proof}</handshake>`);
    expect(types(world.hear('<handshake/>'))).toEqual(['write', 'online']);
    expect(world.session.isOnline).toBe(true);
  });

  it('stops for good where the secret is wrong, and says so', () => {
    const world = new World();
    world.say({ type: 'start' });
    world.say({ type: 'connected' });
    world.hear(greeting);
    const outputs = world.hear(
      "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    );
    expect(types(outputs)).toEqual(['write', 'disconnect']);
    expect(outputs).toContainEqual(expect.objectContaining({ type: 'log', level: 'error', event: 'xmpp.refused' }));
    expect(world.pass(3_600_000)).toEqual([]);
  });

  it('is tried again after any other error, later each time, and never more than 30 s later', () => {
    const world = new World();
    world.say({ type: 'start' });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      world.say({ type: 'connected' });
      world.hear(greeting);
      world.hear("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
      const before = world.now;
      const due = world.session.deadline() ?? before;
      waits.push(due - before);
      expect(types(world.pass(due - before))).toEqual(['connect']);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[0]).toBeLessThanOrEqual(250);
    expect(waits.at(-1)).toBe(15_000);
  });

  it('is given up where the server does not answer', () => {
    const world = new World();
    world.say({ type: 'start' });
    world.say({ type: 'connected' });
    expect(types(world.pass(15_000))).toEqual(['disconnect']);
    expect(types(world.pass(1_000))).toEqual(['connect']);
  });
});

describe('the proof that the server has what was sent', () => {
  it('is the answer to a ping behind it, and another one a while later', () => {
    const world = new World().online();
    world.say({ type: 'send', stanzas: [stanza('message', { id: 'a' })] });
    const asked = world.say({ type: 'prove', mark: 1 });
    expect(written(asked)).toContain("to='localhost'");
    expect(world.hear(pong(idIn(asked)))).toEqual([{ type: 'taken', mark: 1 }]);
    const again = world.pass(settlingMs);
    expect(world.hear(pong(idIn(again)))).toEqual([{ type: 'proven', mark: 1 }]);
    expect(written(world.pass(settlingMs))).toBe('');
  });

  it('is that it still answers a while later, whatever else it answered meanwhile', () => {
    const world = new World().online();
    const answered = (mark: number) => world.hear(pong(idIn(world.say({ type: 'prove', mark }))));
    answered(1);
    world.pass(settlingMs - 1_000);
    expect(answered(2)).toEqual([{ type: 'taken', mark: 2 }]);
    world.pass(999);
    const early = idIn(world.say({ type: 'prove', mark: 3 }));
    const due = idIn(world.pass(1));
    expect(world.hear(pong(early))).toEqual([{ type: 'taken', mark: 3 }]);
    expect(world.hear(pong(due))).toEqual([{ type: 'proven', mark: 1 }]);
    expect(world.hear(pong(idIn(world.pass(settlingMs))))).toEqual([{ type: 'proven', mark: 2 }]);
  });

  it('is the first answer of Prosody, which calls itself so (XEP-0030)', () => {
    const world = new World();
    world.say({ type: 'start' });
    world.say({ type: 'connected' });
    world.hear(greeting);
    const asked = world.hear('<handshake/>');
    expect(written(asked)).toContain("to='localhost'");
    world.hear(pong(idIn(world.say({ type: 'prove', mark: 1 }))));
    const identity = "<identity category='server' type='im' name='Prosody'/>";
    const query = `<query xmlns='http://jabber.org/protocol/disco#info'>${identity}</query>`;
    const named = `<iq type='result' from='localhost' to='sms.localhost' id='${idIn(asked)}'>${query}</iq>`;
    expect(world.hear(named)).toEqual([{ type: 'proven', mark: 1 }]);
    const next = world.hear(pong(idIn(world.say({ type: 'prove', mark: 2 }))));
    expect(next).toEqual([
      { type: 'taken', mark: 2 },
      { type: 'proven', mark: 2 },
    ]);
    expect(written(world.pass(settlingMs))).toBe('');
    // Another server may stand there after a restart.
    world.say({ type: 'disconnected', reason: 'cut' });
    world.pass(1_000);
    world.say({ type: 'connected' });
    world.hear(`${greeting}<handshake/>`);
    expect(world.hear(pong(idIn(world.say({ type: 'prove', mark: 3 }))))).toEqual([{ type: 'taken', mark: 3 }]);
  });

  it.each([
    ['ejabberd', 'server'],
    ['Prosody', 'component'],
  ])('is not the first answer of what calls itself %s, a %s', (name, category) => {
    const world = new World();
    world.say({ type: 'start' });
    world.say({ type: 'connected' });
    world.hear(greeting);
    const id = idIn(world.hear('<handshake/>'));
    const query = `<query xmlns='http://jabber.org/protocol/disco#info'><identity category='${category}' name='${name}'/></query>`;
    expect(world.hear(`<iq type='result' from='localhost' id='${id}'>${query}</iq>`)).toEqual([]);
    expect(world.hear(pong(idIn(world.say({ type: 'prove', mark: 1 }))))).toEqual([{ type: 'taken', mark: 1 }]);
  });

  it.each([
    ['ends the stream', '</stream:stream>'],
    [
      'says why it leaves',
      "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    ],
  ])('is that it %s', (_, goodbye) => {
    const world = new World().online();
    world.hear(pong(idIn(world.say({ type: 'prove', mark: 1 }))));
    world.say({ type: 'prove', mark: 2 });
    const news = world.hear(goodbye).filter(({ type }) => type === 'proven' || type === 'offline');
    expect(news).toEqual([{ type: 'proven', mark: 1 }, { type: 'offline' }]);
  });

  it('does not come where the connection breaks, or the server falls silent', () => {
    for (const end of ['cut', 'silence'] as const) {
      const world = new World().online();
      world.hear(pong(idIn(world.say({ type: 'prove', mark: 1 }))));
      const outputs =
        end === 'cut'
          ? world.say({ type: 'disconnected', reason: 'cut' })
          : [...world.pass(settlingMs), ...world.pass(15_000)];
      expect(types(outputs).filter((type) => type !== 'write' && type !== 'disconnect')).toEqual(['offline']);
    }
  });

  it.each([
    ['an error', (id: string) => `<iq type='error' from='localhost' id='${id}'/>`],
    ['our own question, which came back', (id: string) => `<iq type='get' from='sms.localhost' id='${id}'/>`],
  ])('is also %s', (_, answer) => {
    const world = new World().online();
    const id = idIn(world.say({ type: 'prove', mark: 7 }));
    expect(world.hear(answer(id))).toEqual([{ type: 'taken', mark: 7 }]);
  });

  it('of what came later is one for what came before', () => {
    const world = new World().online();
    world.say({ type: 'prove', mark: 1 });
    const id = idIn(world.say({ type: 'prove', mark: 2 }));
    expect(world.hear(pong(id))).toEqual([{ type: 'taken', mark: 2 }]);
  });

  it('is never an answer to a question of an earlier stream', () => {
    const world = new World().online();
    const id = idIn(world.say({ type: 'prove', mark: 1 }));
    expect(types(world.say({ type: 'disconnected', reason: 'cut' }))).toEqual(['offline']);
    world.pass(1_000);
    world.say({ type: 'connected' });
    world.hear(`${greeting}<handshake/>`);
    expect(types(world.hear(pong(id)))).toEqual(['stanza']);
  });
});

describe('a session', () => {
  it('asks a quiet server whether it is there, and leaves one that is not', () => {
    const world = new World().online();
    expect(written(world.pass(30_000))).toContain('urn:xmpp:ping');
    expect(types(world.pass(15_000))).toEqual(['disconnect', 'offline']);
  });

  it('is kept while the server answers', () => {
    const world = new World().online();
    for (let round = 0; round < 5; round += 1) {
      const id = idIn(world.pass(30_000));
      expect(id).not.toBe('');
      world.hear(pong(id));
    }
    expect(world.session.isOnline).toBe(true);
  });

  it('sends nothing while it is not online', () => {
    const world = new World();
    expect(world.say({ type: 'send', stanzas: [stanza('message')] })).toEqual([]);
    expect(world.say({ type: 'prove', mark: 1 })).toEqual([]);
  });

  it('begins anew with short waits after a good one', () => {
    const world = new World().online();
    world.pass(20_000);
    world.say({ type: 'disconnected', reason: 'cut' });
    expect((world.session.deadline() ?? 0) - world.now).toBeLessThanOrEqual(250);
  });

  it('says goodbye when it is stopped, and never comes back', () => {
    const world = new World().online();
    world.hear(pong(idIn(world.say({ type: 'prove', mark: 1 }))));
    const outputs = world.say({ type: 'stop' });
    expect(outputs[0]).toEqual({ type: 'proven', mark: 1 });
    expect(written(outputs)).toBe('</stream:stream>');
    expect(types(outputs)).toEqual(['proven', 'write', 'disconnect', 'offline']);
    expect(world.pass(3_600_000)).toEqual([]);
  });
});
