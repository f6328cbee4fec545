import { describe, expect, it } from 'vitest';
import type { LinksEvent } from '../../../src/core/im/exchange-io.ts';
import { historyOf } from '../../../src/core/im/history.ts';
import { namespaces } from '../../../src/gateways/xmpp/incoming-message.ts';
import { childOf, type Element, element, elementsIn, stanza, textOf } from '../../../src/gateways/xmpp/xml.ts';
import {
  type Bridge,
  bodyOf,
  bridge,
  chat,
  isMessage,
  online,
  originId,
  phone,
  phoneAt,
  receiptWanted,
  register,
  settle,
} from './xmpp-bridge.ts';
import { conditionsOf } from './xmpp-server.ts';

describe('a message of an XMPP user', () => {
  it('goes to a handset, once, however often the client sends it (XEP-0359)', async () => {
    const made = await online();
    for (const id of ['m1', 'm2', 'm3']) made.xmpp.send(chat(phoneAt, id, 'hello', originId('one')));
    await settle(made);
    expect(made.im.enqueued.map(({ message }) => message.to)).toEqual([phone]);
  });

  it('is the same text, wherever its bytes were parted on the way', async () => {
    const made = await online();
    await made.xmpp.sendBytes(chat(phoneAt, 'm1', 'käse 🙂'));
    await settle(made);
    expect(made.im.enqueued[0]?.message.content).toMatchObject({ text: 'käse 🙂' });
  });

  it('with an id that was used for other words is another one, where there is no origin-id', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, '1', 'one'), chat(phoneAt, '1', 'one'), chat(phoneAt, '1', 'two'));
    await settle(made);
    expect(made.im.enqueued).toHaveLength(2);
  });

  it('has its receipt when every part is on the handset, not before (XEP-0184)', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, 'm1', 'x'.repeat(200), originId('m1'), receiptWanted));
    await settle(made);
    expect(made.im.enqueued).toHaveLength(2);
    made.im.confirm(0, '261122120000');
    made.im.confirm(1, '261122120001');
    made.im.report(0, '261122120000', 4);
    await settle(made);
    expect(made.xmpp.heard.filter(isMessage)).toEqual([]);
    made.im.report(1, '261122120001', 4);
    const receipt = await made.xmpp.hear(isMessage);
    expect(receipt.attrs).toMatchObject({ from: phoneAt, to: 'alice@localhost/phone' });
    expect(childOf(receipt, 'received', namespaces.receipts)?.attrs['id']).toBe('m1');
  });

  it('whose fate is unknown says nothing, until that is resolved; then it has one receipt, also over a restart of the server', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, 'm1', 'hello', receiptWanted));
    await settle(made);
    made.im.doubt(0);
    await settle(made);
    expect(made.xmpp.heard).toEqual([]);
    made.im.confirm(0, '261122120000');
    made.im.report(0, '261122120000', 4);
    expect(childOf(await made.xmpp.hear(isMessage), 'received', namespaces.receipts)?.attrs['id']).toBe('m1');
    await settle(made);
    made.xmpp.leave();
    await made.xmpp.connected(2);
    await settle(made);
    expect(made.xmpp.heard).toEqual([]);
  });

  it('has its receipt again after a cut, where the server did not prove that it has it', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, 'm1', 'hello', receiptWanted));
    await settle(made);
    made.xmpp.isSilent = true;
    made.im.confirm(0, '261122120000');
    made.im.report(0, '261122120000', 4);
    const first = await made.xmpp.hear(isMessage);
    made.xmpp.isSilent = false;
    made.xmpp.cut();
    expect(await made.xmpp.hear(isMessage)).toEqual(first);
  });

  it('that is sent once more has its receipt once more, since that may be what never came', async () => {
    const made = await online();
    const message = chat(phoneAt, 'm1', 'hello', originId('m1'), receiptWanted);
    made.xmpp.send(message);
    await settle(made);
    made.im.confirm(0, '261122120000');
    made.im.report(0, '261122120000', 4);
    const first = await made.xmpp.hear(isMessage);
    await settle(made);
    made.xmpp.send(message);
    expect(await made.xmpp.hear(isMessage)).toEqual(first);
    await settle(made);
    expect(made.im.enqueued).toHaveLength(1);
    expect(made.im.notes('xmpp').filter((key) => key.startsWith('sent:'))).toEqual([]);
  });

  it('has its receipt also where the sender has no resource', async () => {
    const made = await online();
    const message = chat(phoneAt, 'm1', 'hello', receiptWanted);
    made.xmpp.send({ ...message, attrs: { ...message.attrs, from: 'alice@localhost' } });
    await settle(made);
    made.im.confirm(0, '261122120000');
    made.im.report(0, '261122120000', 4);
    expect((await made.xmpp.hear(isMessage)).attrs['to']).toBe('alice@localhost');
  });

  it('has no receipt where none was asked for', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, 'm1', 'hello'));
    await settle(made);
    made.im.confirm(0, '261122120000');
    made.im.report(0, '261122120000', 4);
    await settle(made);
    expect(made.xmpp.heard.filter(isMessage)).toEqual([]);
  });

  it('that the SMSC refuses comes back as an error with condition and words', async () => {
    const made = await online();
    made.xmpp.send(chat(phoneAt, 'm1', 'hello'));
    await settle(made);
    made.im.refuse(0, 300);
    const error = await made.xmpp.hear(isMessage);
    expect(error.attrs).toMatchObject({ type: 'error', from: phoneAt, to: 'alice@localhost/phone', id: 'm1' });
    expect(conditionsOf(error)).toEqual(['item-not-found', 'text']);
    expect(JSON.stringify(error)).toContain('the number is not valid (900:300)');
  });

  it.each([
    ['to nobody', chat('carol@sms.localhost', 'm1', 'hello'), 'item-not-found'],
    ['to the gateway itself', chat('sms.localhost', 'm1', 'hello'), 'not-acceptable'],
    ['to a sender with a name only', chat('\\22mybank\\22@sms.localhost', 'm1', 'hello'), 'not-acceptable'],
    ['that is too long', chat(phoneAt, 'm1', 'x'.repeat(10_001)), 'policy-violation'],
    [
      'that changes an earlier one',
      chat(phoneAt, 'm1', 'hello', element('replace', namespaces.edit, { id: 'm0' })),
      'not-acceptable',
    ],
    ['that is encrypted', chat(phoneAt, 'm1', 'hello', element('encryption', namespaces.encrypted)), 'not-acceptable'],
    [
      'of somebody who is not known',
      { ...chat(phoneAt, 'm1', 'hello'), attrs: { from: 'eve@localhost/x', to: phoneAt, id: 'm1' } },
      'registration-required',
    ],
  ])('%s is refused', async (_, message, condition) => {
    const made = await online();
    made.xmpp.send(message);
    const error = await made.xmpp.hear(isMessage);
    expect(error.attrs).toMatchObject({ type: 'error', id: 'm1', to: message.attrs['from'] });
    expect(conditionsOf(error)[0]).toBe(condition);
    expect(made.im.enqueued).toEqual([]);
  });

  it.each([
    ['typing', stanza('message', { type: 'chat', from: 'alice@localhost/p', to: phoneAt }, element('composing', 'x'))],
    ['a reaction', chat(phoneAt, 'm1', '👍', element('reactions', 'urn:xmpp:reactions:0', { id: 'm0' }))],
    ['a retraction', chat(phoneAt, 'm1', 'fallback', element('retract', 'urn:xmpp:message-retract:1', { id: 'm0' }))],
    ['a bounce', { ...chat(phoneAt, 'm1', 'hello'), attrs: { type: 'error', from: 'alice@localhost', to: phoneAt } }],
  ])('that is %s is dropped without a word', async (_, message) => {
    const made = await online();
    made.xmpp.send(message);
    await settle(made);
    expect(made.im.enqueued).toEqual([]);
    expect(made.xmpp.heard).toEqual([]);
  });

  it("to another user is in that user's history, from the sender's name, and has no receipt", async () => {
    const made = await online();
    made.xmpp.send(chat('bob@sms.localhost', 'm1', 'hello bob', receiptWanted));
    await settle(made);
    const [text] = historyOf(made.im.store).history('bob', 'alice', { limit: 5 });
    expect(text).toMatchObject({ direction: 'in', peer: 'alice', text: 'hello bob' });
    expect(made.xmpp.heard).toEqual([]);
  });
});

describe('a text for an XMPP user', () => {
  it('comes from the number, with a stable id and no delay (XEP-0359, XEP-0203)', async () => {
    const made = await online();
    made.im.arrive(phone, '28820001', 'hello alice');
    const message = await made.xmpp.hear(isMessage);
    expect(message.attrs).toMatchObject({ type: 'chat', from: phoneAt, to: 'alice@localhost' });
    expect(bodyOf(message)).toBe('hello alice');
    expect(childOf(message, 'origin-id', namespaces.stableIds)?.attrs['id']).toBe(message.attrs['id']);
    expect(childOf(message, 'delay', namespaces.delay)).toBeUndefined();
  });

  it('that is older than five seconds says when it was sent (XEP-0203)', async () => {
    const made = await online();
    made.world.clock = 6_000;
    made.im.arrive(phone, '28820001', 'hello alice');
    const message = await made.xmpp.hear(isMessage);
    expect(childOf(message, 'delay', namespaces.delay)?.attrs['stamp']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('from a name comes from that name in quotes, which no user can have', async () => {
    const made = await online();
    made.im.arrive('bob', '28820001', 'I am not bob');
    const message = await made.xmpp.hear(isMessage);
    expect(message.attrs['from']).toBe('\\22bob\\22@sms.localhost');
    expect(textOf(childOf(message, 'nick', namespaces.nick))).toBe('bob');
  });

  it("from another user comes from that user's name, and is found by the XMPP address, too", async () => {
    const made = await online();
    const request = { user: 'bob', cid: 'c1', to: 'Alice@localhost', text: 'hello alice' };
    // A client of another type; nobody waits for its answer.
    made.im.input({ type: 'send', request: { ...request, client: 'web:1' as never }, storedAs: undefined });
    const message = await made.xmpp.hear(isMessage);
    expect(message.attrs['from']).toBe('bob@sms.localhost');
    expect(bodyOf(message)).toBe('hello alice');
  });

  it('is sent again with the same id after a cut, until the server has taken it and left in order', async () => {
    const made = await online();
    made.xmpp.isSilent = true;
    made.im.arrive(phone, '28820001', 'one');
    made.im.arrive(phone, '28820001', 'two');
    const first = [await made.xmpp.hear(isMessage), await made.xmpp.hear(isMessage)];
    made.xmpp.isSilent = false;
    made.xmpp.cut();
    const second = [await made.xmpp.hear(isMessage), await made.xmpp.hear(isMessage)];
    expect(second).toEqual(first);
    expect(second.map(bodyOf)).toEqual(['one', 'two']);
    await settle(made);
    // A server that is killed a moment after its answer may not have come to it.
    made.xmpp.cut();
    expect([await made.xmpp.hear(isMessage), await made.xmpp.hear(isMessage)]).toEqual(first);
    await settle(made);
    made.xmpp.leave();
    await made.xmpp.connected(4);
    await settle(made);
    expect(made.xmpp.heard).toEqual([]);
  });

  it('comes while the server is away as soon as it is back, also after a restart of the gateway', async () => {
    const made = await online();
    await settle(made);
    await made.xmpp.stop();
    made.im.arrive(phone, '28820001', 'while nobody listened');
    made.gateway.close();
    await made.xmpp.start();
    const again = await bridge({ im: made.im, xmpp: made.xmpp });
    expect(bodyOf(await again.xmpp.hear(isMessage))).toBe('while nobody listened');
    await settle(again);
    expect(again.xmpp.heard).toEqual([]);
  });

  it('that the server proved to have is not sent again by a gateway that begins anew', async () => {
    const made = await online();
    made.im.arrive(phone, '28820001', 'once');
    await made.xmpp.hear(isMessage);
    // The first question comes behind the proof; what it leads to is on disk at once.
    await settle(made);
    made.gateway.close();
    const again = await bridge({ im: made.im, xmpp: made.xmpp });
    await again.xmpp.connected(2);
    await settle(again);
    expect(again.xmpp.heard).toEqual([]);
  });

  it('is never lost behind the window, and keeps its order', async () => {
    const made = await online();
    made.xmpp.isSilent = true;
    const count = 600;
    for (let n = 0; n < count; n += 1) made.im.arrive(phone, '28820001', `text ${n}`);
    await settle(made);
    expect(made.xmpp.heard.length).toBeLessThan(count);
    made.xmpp.isSilent = false;
    made.xmpp.cut();
    const bodies = new Map<string, string>();
    while (bodies.size < count) {
      const message = await made.xmpp.hear(isMessage);
      bodies.set(message.attrs['id'] ?? '', bodyOf(message));
    }
    expect([...bodies.values()]).toEqual(Array.from({ length: count }, (_, n) => `text ${n}`));
  });

  it('finds room in the window that an account had taken which is gone', async () => {
    const made = await online();
    await register(made, 'carol@localhost/x', 'bob');
    made.xmpp.isSilent = true;
    made.im.arrive(phone, '28820001', 'asks for a proof');
    for (let n = 0; n < 300; n += 1) made.im.arrive(phone, '28820002', `text ${n}`);
    made.xmpp.cut();
    await made.xmpp.connected(2);
    await register(made, 'carol@localhost/x');
    made.xmpp.heard.splice(0);
    made.xmpp.isSilent = false;
    made.xmpp.answerPings();
    made.im.arrive(phone, '28820001', 'there is room');
    expect(bodyOf(await made.xmpp.hear((heard) => isMessage(heard) && bodyOf(heard) === 'there is room'))).toBeTruthy();
  });

  it('that was refused before the cut is refused again after it', async () => {
    const made = await online();
    made.xmpp.isSilent = true;
    made.xmpp.send(chat('carol@sms.localhost', 'm1', 'hello'));
    const first = await made.xmpp.hear(isMessage);
    made.xmpp.isSilent = false;
    made.xmpp.cut();
    expect(await made.xmpp.hear(isMessage)).toEqual(first);
  });
});

describe('who is who', () => {
  it('is what the trusted server says, once somebody shows up', async () => {
    const made = await online({ settings: { named: new Map(), usersOf: 'localhost' } });
    made.xmpp.send(chat(phoneAt, 'm1', 'hello'));
    await settle(made);
    expect(made.im.enqueued).toHaveLength(1);
    made.im.arrive(phone, '28820001', 'hello yourself');
    expect(bodyOf(await made.xmpp.hear(isMessage))).toBe('hello yourself');
  });

  it('is not what another server says', async () => {
    const made = await online({ settings: { named: new Map(), usersOf: 'example.org' } });
    made.xmpp.send(chat(phoneAt, 'm1', 'hello'));
    expect(conditionsOf(await made.xmpp.hear(isMessage))[0]).toBe('registration-required');
  });
});

describe('presence of a number (RFC 6121)', () => {
  const presence = (type: string | undefined, to = phoneAt): Element =>
    stanza('presence', { type, from: 'alice@localhost', to });
  const isPresence = (heard: Element): boolean => heard.name === 'presence';
  const link = (state: 'up' | 'down') => [{ smscId: 'hel1', state, since: 0 }];
  const shown = (heard: Element): readonly string[] => elementsIn(heard).map((child) => textOf(child));

  it('is available while an SMSC is, and away with words while none is', async () => {
    const made = await online();
    made.im.links(link('up'));
    made.xmpp.send(presence('subscribe'));
    expect((await made.xmpp.hear(isPresence)).attrs['type']).toBe('subscribed');
    expect(shown(await made.xmpp.hear(isPresence))).toEqual([]);
    made.im.links(link('down'));
    expect(shown(await made.xmpp.hear(isPresence))).toEqual(['away', expect.stringContaining('hel1')]);
    made.im.links(link('down'));
    made.im.links(link('up'));
    expect(shown(await made.xmpp.hear(isPresence))).toEqual([]);
  });

  it('is that of the SMSCs of its route, not of others', async () => {
    const routes = [
      { prefix: '+63', smscId: 'mnl1' },
      { prefix: '+358', smscId: 'hel1', fallback: ['hel2'] },
    ];
    const links = (...up: readonly string[]): LinksEvent['links'] =>
      ['hel1', 'hel2', 'mnl1'].map((smscId) => ({ smscId, state: up.includes(smscId) ? 'up' : 'down', since: 0 }));
    const made = await online({ exchange: { routes } });
    const [manila, nowhere] = ['+639171234567@sms.localhost', '+4670000001@sms.localhost'];
    made.im.links(links('hel1', 'mnl1'));
    for (const contact of [phoneAt, manila, nowhere]) made.xmpp.send(presence('subscribe', contact));
    const first = (contact: string) => made.xmpp.hear(({ attrs }) => !('type' in attrs) && attrs['from'] === contact);
    expect(shown(await first(phoneAt))).toEqual([]);
    expect(shown(await first(manila))).toEqual([]);
    expect(shown(await first(nowhere))).toEqual(['away', expect.stringContaining('No route')]);
    await settle(made);
    made.xmpp.heard.splice(0);

    made.im.links(links('hel1'));
    made.im.links(links('hel2'));
    made.im.links(links());
    await settle(made);
    expect(made.xmpp.heard.map((heard) => [heard.attrs['from'], ...shown(heard)])).toEqual([
      [manila, 'away', 'No link to mnl1: messages wait here and are sent later.'],
      [phoneAt, 'No link to hel1: messages soon leave through hel2.'],
      [phoneAt, 'away', 'No link to hel1, hel2: messages wait here and are sent later.'],
    ]);
  });

  it('is away while the SMSC behind a link that is up is, until it is back', async () => {
    const made = await online();
    const behind = (state: 'up' | 'down'): LinksEvent['links'] => [
      { smscId: 'hel1', state: 'up', since: 0, session: { state, since: 0 } },
    ];
    made.im.links(behind('up'));
    made.xmpp.send(presence('subscribe'));
    await made.xmpp.hear(({ attrs }) => attrs['type'] === 'subscribed');
    expect(shown(await made.xmpp.hear(isPresence))).toEqual([]);
    made.im.links(behind('down'));
    const words = 'SMSC hel1 is away: messages wait here and are sent later.';
    expect(shown(await made.xmpp.hear(isPresence))).toEqual(['away', words]);
    made.im.links(behind('up'));
    expect(shown(await made.xmpp.hear(isPresence))).toEqual([]);
  });

  it('is told again when the server asks, and when it was away', async () => {
    const made = await online();
    made.im.links(link('up'));
    made.xmpp.send(presence('subscribe'));
    await made.xmpp.hear(({ attrs }) => attrs['type'] === 'subscribed');
    await made.xmpp.hear(isPresence);
    made.xmpp.send(presence('probe'));
    expect((await made.xmpp.hear(isPresence)).attrs).toEqual({ from: phoneAt, to: 'alice@localhost' });
    made.xmpp.cut();
    expect((await made.xmpp.hear(isPresence)).attrs).toEqual({ from: phoneAt, to: 'alice@localhost' });
  });

  it('is not given of who cannot be written to, or who does not exist', async () => {
    const made = await online();
    made.xmpp.send(presence('subscribe', '\\22mybank\\22@sms.localhost'), presence('subscribe', 'carol@sms.localhost'));
    expect((await made.xmpp.hear(isPresence)).attrs['type']).toBe('unsubscribed');
    expect((await made.xmpp.hear(isPresence)).attrs['type']).toBe('unsubscribed');
  });

  it('ends without an answer that somebody would answer', async () => {
    const made = await online();
    made.xmpp.send(presence('subscribe'));
    await made.xmpp.hear(({ attrs }) => attrs['type'] === undefined && attrs['from'] === phoneAt);
    made.xmpp.send(presence('unsubscribe'));
    expect((await made.xmpp.hear(({ attrs }) => attrs['type'] === 'unavailable')).attrs['from']).toBe(phoneAt);
  });
});

describe('questions', () => {
  const ask = async (made: Bridge, to: string, query: Element, type = 'get'): Promise<Element> => {
    made.xmpp.send(stanza('iq', { type, from: 'alice@localhost/phone', to, id: 'q' }, query));
    return made.xmpp.hear(({ attrs }) => attrs['id'] === 'q');
  };
  const info = element('query', 'http://jabber.org/protocol/disco#info');
  const features = (answer: Element): string => JSON.stringify(answer);

  it('are answered for the gateway, a number and a name (XEP-0030)', async () => {
    const made = await online();
    expect(features(await ask(made, 'sms.localhost', info))).toMatch(/"gateway","type":"sms".*jabber:iq:register/);
    expect(features(await ask(made, phoneAt, info))).toMatch(/"phone".*urn:xmpp:receipts/);
    const sender = features(await ask(made, '\\22mybank\\22@sms.localhost', info));
    expect(sender).toContain('cannot be answered');
    expect(sender).not.toContain('urn:xmpp:receipts');
  });

  it('turn a number that was typed into an address (XEP-0100)', async () => {
    const made = await online();
    const prompt = element('prompt', 'jabber:iq:gateway', {}, '+358 40 1234567');
    const answer = await ask(made, 'sms.localhost', element('query', 'jabber:iq:gateway', {}, prompt), 'set');
    expect(JSON.stringify(answer)).toContain(phoneAt);
  });

  it('that nobody knows are refused', async () => {
    const made = await online();
    expect(conditionsOf(await ask(made, phoneAt, element('vCard', 'vcard-temp')))[0]).toBe('service-unavailable');
  });
});

describe('a wrong secret', () => {
  it('stops the gateway, and the log says so', async () => {
    const made = await bridge({ settings: { secret: 'wrong' } });
    await expect.poll(() => made.log.map(({ event }) => event)).toContain('xmpp.refused');
    expect(made.xmpp.connections).toBe(0);
  });
});
