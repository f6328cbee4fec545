import { describe, expect, it } from 'vitest';
import { childOf, type Element, element, elementsIn, stanza, textOf } from '../../../src/gateways/xmpp/xml.ts';
import {
  type Bridge,
  bobsHash,
  bodyOf,
  bridge,
  chat,
  isMessage,
  online,
  password,
  phone,
  phoneAt,
  settle,
} from './xmpp-bridge.ts';
import { conditionsOf } from './xmpp-server.ts';

const isIq = (heard: Element): boolean => heard.name === 'iq';
const carol = 'carol@localhost/x';
const register = 'jabber:iq:register';
const data = 'jabber:x:data';
const commands = 'http://jabber.org/protocol/commands';

type Fields = readonly (readonly [string, string])[];

async function ask(made: Bridge, payload: Element, type = 'set', from = carol): Promise<Element> {
  made.xmpp.send(stanza('iq', { type, from, to: 'sms.localhost', id: 'q' }, payload));
  return made.xmpp.hear(isIq);
}

function filledIn(...fields: Fields): Element {
  const field = ([name, text]: Fields[number]): Element =>
    element('field', data, { var: name }, element('value', data, {}, text));
  return element('x', data, { type: 'submit' }, ...fields.map(field));
}

describe('a registration (XEP-0077)', () => {
  const registration = (...fields: Fields): Element => {
    const query = element('query', register, {}, ...fields.map(([name, text]) => element(name, register, {}, text)));
    return stanza('iq', { type: 'set', from: carol, to: 'sms.localhost', id: 'r1' }, query);
  };

  it('makes an account that of a user whose password was given, also after a restart, until it is taken back', async () => {
    const made = await online();
    made.xmpp.send(registration(['username', 'bob'], ['password', password]));
    expect((await made.xmpp.hear(isIq)).attrs['type']).toBe('result');
    made.gateway.close();
    const again = await bridge({ im: made.im, xmpp: made.xmpp });
    await again.xmpp.connected(2);
    made.im.arrive(phone, '28820002', 'hello bob');
    expect((await again.xmpp.hear(isMessage)).attrs['to']).toBe('carol@localhost');
    again.xmpp.send(registration(['remove', '']));
    expect((await again.xmpp.hear(isIq)).attrs['type']).toBe('result');
    made.im.arrive(phone, '28820002', 'hello again');
    await settle(again);
    expect(again.xmpp.heard.filter(isMessage)).toEqual([]);
  });

  it('is refused with a wrong password', async () => {
    const made = await online();
    made.xmpp.send(registration(['username', 'bob'], ['password', 'wrong horse']));
    expect(conditionsOf(await made.xmpp.hear(isIq))[0]).toBe('not-authorized');
  });

  it('ends when the user has another password', async () => {
    const made = await online();
    made.xmpp.send(registration(['username', 'bob'], ['password', password]));
    await made.xmpp.hear(isIq);
    made.im.input({ type: 'user', ref: 'p', change: { type: 'password', name: 'bob', passwordHash: 'another' } });
    made.xmpp.send({ ...chat(phoneAt, 'm1', 'hello'), attrs: { from: carol, to: phoneAt, id: 'm1' } });
    expect(conditionsOf(await made.xmpp.hear(isMessage))[0]).toBe('registration-required');
  });

  it('asks for name and password, in plain fields and in a form that says what they are (XEP-0004)', async () => {
    const made = await online();
    const query = childOf(await ask(made, element('query', register), 'get'), 'query', register);
    expect(query && elementsIn(query).map(({ name }) => name)).toEqual(['instructions', 'username', 'password', 'x']);
    const form = query && childOf(query, 'x', data);
    const fields = (form === undefined ? [] : elementsIn(form)).filter(({ name }) => name === 'field');
    expect(fields.map(({ attrs }) => [attrs['var'], attrs['type']])).toEqual([
      ['FORM_TYPE', 'hidden'],
      ['username', 'text-single'],
      ['password', 'text-private'],
    ]);
  });

  it('is taken from the form, too (XEP-0004)', async () => {
    const made = await online();
    const query = element('query', register, {}, filledIn(['username', ' Bob '], ['password', password]));
    expect((await ask(made, query)).attrs['type']).toBe('result');
    made.im.arrive(phone, '28820002', 'hello bob');
    expect((await made.xmpp.hear(isMessage)).attrs['to']).toBe('carol@localhost');
  });

  it('that is made once more takes back nothing that is on its way', async () => {
    const made = await online();
    const query = element('query', register, {}, filledIn(['username', 'bob'], ['password', password]));
    await ask(made, query);
    made.xmpp.isSilent = true;
    made.im.arrive(phone, '28820002', 'not proven yet');
    await made.xmpp.hear(isMessage);
    await ask(made, query);
    made.xmpp.isSilent = false;
    made.xmpp.cut();
    expect(bodyOf(await made.xmpp.hear(isMessage))).toBe('not proven yet');
  });

  it('as another user begins with what comes for that one', async () => {
    const made = await online();
    const as = (name: string) => element('query', register, {}, filledIn(['username', name], ['password', password]));
    const dave = { name: 'dave', suffix: '0004', passwordHash: await bobsHash } as const;
    made.im.input({ type: 'user', ref: 'd', change: { ...dave, type: 'add', role: 'ordinary' } });
    await ask(made, as('bob'));
    for (const text of ['one', 'two', 'three']) made.im.arrive(phone, '28820002', text);
    for (const text of ['one', 'two', 'three']) expect(bodyOf(await made.xmpp.hear(isMessage))).toBe(text);
    await ask(made, as('dave'));
    made.im.arrive(phone, '28820002', 'hello bob');
    made.im.arrive(phone, '28820004', 'hello dave');
    expect(bodyOf(await made.xmpp.hear(isMessage))).toBe('hello dave');
    await settle(made);
    expect(made.xmpp.heard.filter(isMessage)).toEqual([]);
  });

  it('is refused for an account that the operator named', async () => {
    const made = await online();
    const query = element('query', register, {}, filledIn(['username', 'bob'], ['password', password]));
    expect(conditionsOf(await ask(made, query, 'set', 'alice@localhost/phone'))[0]).toBe('not-allowed');
    const command = element('command', commands, { node: 'register', action: 'execute' });
    expect(conditionsOf(await ask(made, command, 'set', 'alice@localhost/phone'))[0]).toBe('not-allowed');
  });
});

describe('a registration by command (XEP-0050)', () => {
  const run = (attrs: Readonly<Record<string, string>>, ...inside: readonly Element[]): Element =>
    element('command', commands, { node: 'register', ...attrs }, ...inside);
  const commandIn = (answer: Element): Element => {
    const found = childOf(answer, 'command', commands);
    if (found === undefined) throw new Error(`no command in ${JSON.stringify(answer)}`);
    return found;
  };
  const noteIn = (answer: Element): string => textOf(childOf(commandIn(answer), 'note', commands));
  const nodes = (answer: Element): readonly (string | undefined)[] =>
    elementsIn(answer)
      .flatMap((query) => elementsIn(query))
      .map(({ attrs }) => attrs['node']);
  const list = element('query', 'http://jabber.org/protocol/disco#items', { node: commands });

  it('shows a form, takes it, and can be taken back', async () => {
    const made = await online();
    expect(nodes(await ask(made, list, 'get'))).toEqual(['register']);

    const first = commandIn(await ask(made, run({ action: 'execute' })));
    expect(first.attrs).toMatchObject({ node: 'register', status: 'executing', sessionid: expect.any(String) });
    expect(childOf(first, 'x', data)?.attrs['type']).toBe('form');
    expect(elementsIn(first)[0]).toMatchObject({ name: 'actions', attrs: { execute: 'complete' } });

    const { sessionid = '' } = first.attrs;
    const filled = filledIn(['username', 'bob'], ['password', password]);
    const last = await ask(made, run({ action: 'complete', sessionid }, filled));
    expect(commandIn(last).attrs).toEqual({ node: 'register', status: 'completed', sessionid });
    expect(noteIn(last)).toContain('bob');
    made.im.arrive(phone, '28820002', 'hello bob');
    expect((await made.xmpp.hear(isMessage)).attrs['to']).toBe('carol@localhost');

    expect(nodes(await ask(made, list, 'get'))).toEqual(['register', 'unregister']);
    const end = await ask(made, run({ node: 'unregister' }));
    expect(commandIn(end).attrs['status']).toBe('completed');
    made.im.arrive(phone, '28820002', 'hello again');
    await settle(made);
    expect(made.xmpp.heard.filter(isMessage)).toEqual([]);
    expect(conditionsOf(await ask(made, run({ node: 'unregister' })))[0]).toBe('registration-required');
  });

  it('shows the form once more where the password was wrong, and says so', async () => {
    const made = await online();
    const filled = filledIn(['username', 'bob'], ['password', 'wrong horse']);
    const answer = await ask(made, run({ action: 'complete', sessionid: 's' }, filled));
    expect(commandIn(answer).attrs).toEqual({ node: 'register', status: 'executing', sessionid: 's' });
    expect(noteIn(answer)).toContain('password is wrong');
    // Profanity shows no note beside a form, Poezio nothing but its title.
    const form = JSON.stringify(childOf(commandIn(answer), 'x', data));
    expect(form).toMatch(/"title".*password is wrong.*"instructions".*"username".*"bob"/);
  });

  it('can be given up', async () => {
    const made = await online();
    const answer = await ask(made, run({ action: 'cancel', sessionid: 's' }));
    expect(commandIn(answer).attrs['status']).toBe('canceled');
  });

  it.each([
    ['that is not there', run({ node: 'shutdown' }), 'set', 'item-not-found'],
    ['named like what every object has', run({ node: 'constructor' }), 'set', 'item-not-found'],
    ['with a step back', run({ action: 'prev', sessionid: 's' }), 'set', 'bad-request'],
    ['that is only asked about', run({ action: 'execute' }), 'get', 'bad-request'],
    ['without a name', run({ action: 'complete' }, filledIn(['password', 'x'])), 'set', 'bad-request'],
  ])('is refused as a command %s', async (_, command, type, condition) => {
    const made = await online();
    expect(conditionsOf(await ask(made, command, type))[0]).toBe(condition);
  });

  it('is found by who looks what the gateway can do (XEP-0030)', async () => {
    const made = await online();
    const info = (node?: string): Element => element('query', 'http://jabber.org/protocol/disco#info', { node });
    expect(JSON.stringify(await ask(made, info(), 'get'))).toContain(`{"var":"${commands}"}`);
    expect(JSON.stringify(await ask(made, info(commands), 'get'))).toContain('command-list');
    expect(JSON.stringify(await ask(made, info('register'), 'get'))).toContain('command-node');
    expect(conditionsOf(await ask(made, info('shutdown'), 'get'))[0]).toBe('service-unavailable');
  });
});
