// Who is there: what accounts see of the users of the bridge, and users of accounts.
import { describe, expect, it } from 'vitest';
import { type ClientRef, clientRef } from '../../../src/core/im/exchange-io.ts';
import { lostCountsMs } from '../../../src/core/im/presence-book.ts';
import { type Element, elementsIn, stanza, textOf } from '../../../src/gateways/xmpp/xml.ts';
import { ImClientInTest } from '../web/im-client.ts';
import { type Bridge, bridge, online, password, register, settle } from './xmpp-bridge.ts';

const bobAt = 'bob@sms.localhost';
const presence = (type: string | undefined, to = bobAt, show?: string, from = 'alice@localhost/phone'): Element =>
  stanza('presence', { type, from, to }, ...(show === undefined ? [] : [stanza('show', {}, show)]));

describe('the presence of a user, for an account that follows it (RFC 6121)', () => {
  it('is that of the page or terminal: available, away, available again, and gone with words', async () => {
    const made = await online();
    await made.im.start();
    made.xmpp.send(presence('subscribe'));
    expect((await heardOfBob(made)).type).toBe('subscribed');
    expect(await heardOfBob(made)).toEqual({ type: 'unavailable', shown: ['Gets messages on coming back.'] });
    const bob = await ImClientInTest.loggedIn(made.im.url, 'bob', password);
    expect(await heardOfBob(made)).toEqual({ type: undefined, shown: [] });
    await bob.say({ type: 'presence', presence: 'away' });
    expect(await heardOfBob(made)).toEqual({ type: undefined, shown: ['away'] });
    await bob.say({ type: 'presence', presence: 'here' });
    expect(await heardOfBob(made)).toEqual({ type: undefined, shown: [] });
    bob.close();
    await bob.end();
    const again = await ImClientInTest.loggedIn(made.im.url, 'bob', password);
    again.close();
    await again.end();
    made.im.pass(lostCountsMs);
    expect(await heardOfBob(made)).toMatchObject({ type: 'unavailable' });
    // Of who comes back within seconds there was nothing to be told.
    await settle(made);
    expect(made.xmpp.heard.filter(({ attrs }) => attrs['from'] === bobAt)).toEqual([]);
    await made.im.stop();
  });

  it('is remembered over a restart, and told at each probe', async () => {
    const made = await online();
    made.xmpp.send(presence('subscribe'));
    await settle(made);
    made.gateway.close();
    const again = await bridge({ im: made.im, xmpp: made.xmpp });
    await again.xmpp.connected(2);
    await settle(again);
    again.xmpp.heard.splice(0);
    made.im.world.tellPresence(webOf('bob'), 'bob', 'away');
    expect(await heardOfBob(again)).toEqual({ type: undefined, shown: ['away'] });
    again.xmpp.send(presence('probe', bobAt, undefined, 'alice@localhost'));
    expect(await heardOfBob(again)).toEqual({ type: undefined, shown: ['away'] });
  });

  it('does not say that one is here to whom one has blocked', async () => {
    const made = await online();
    made.im.input({ type: 'user', ref: 'b', change: { type: 'block', name: 'bob', address: 'alice' } });
    made.im.world.tellPresence(webOf('bob'), 'bob', 'here');
    made.xmpp.send(presence('subscribe'));
    expect((await heardOfBob(made)).type).toBe('subscribed');
    expect((await heardOfBob(made)).type).toBe('unavailable');
  });
});

describe('the presence of an account, for the users of the bridge (XEP-0100)', () => {
  const isAsked = ({ attrs }: Element): boolean => attrs['type'] === 'subscribe' && attrs['from'] === 'sms.localhost';

  it('is asked for when the account follows a user, not for a number, and until it has answered', async () => {
    const made = await online();
    made.xmpp.send(presence('subscribe', '+358401234567@sms.localhost'), presence('subscribe', 'nobody@sms.localhost'));
    await settle(made);
    expect(made.xmpp.heard.filter(isAsked)).toEqual([]);
    made.xmpp.send(presence('subscribe'));
    expect((await made.xmpp.hear(isAsked)).attrs['to']).toBe('alice@localhost');
    made.xmpp.send(presence('unsubscribed', 'sms.localhost'), presence('subscribe'));
    await settle(made);
    expect(made.xmpp.heard.filter(isAsked)).toEqual([]);
  });

  it('is asked for at each registration', async () => {
    const made = await online();
    await register(made, 'carol@localhost/x', 'bob');
    expect((await made.xmpp.hear(isAsked)).attrs['to']).toBe('carol@localhost');
    made.xmpp.send(presence('unsubscribed', 'sms.localhost', undefined, 'carol@localhost'));
    await register(made, 'carol@localhost/x');
    await register(made, 'carol@localhost/x', 'bob');
    expect((await made.xmpp.hear(isAsked)).attrs['to']).toBe('carol@localhost');
  });

  it('is the best of its clients, and ends with the last of them', async () => {
    const made = await online();
    const say = async (type: string | undefined, show: string | undefined, client: string) => {
      made.xmpp.send(presence(type, 'sms.localhost', show, `alice@localhost/${client}`));
      await settle(made);
      return made.im.world.presenceOf('alice');
    };
    expect(await say(undefined, 'dnd', 'phone')).toBe('away');
    expect(await say(undefined, 'chat', 'desk')).toBe('here');
    expect(await say(undefined, 'xa', 'desk')).toBe('away');
    expect(await say('unavailable', undefined, 'phone')).toBe('away');
    expect(await say('unavailable', undefined, 'desk')).toBe('gone');
  });

  it('is asked of the server again after a cut, until when it counts for a moment as it was', async () => {
    const made = await online();
    made.xmpp.send(presence('subscribed', 'sms.localhost'), presence(undefined, 'sms.localhost'));
    await settle(made);
    expect(made.im.world.presenceOf('alice')).toBe('here');
    made.xmpp.cut();
    const probe = await made.xmpp.hear(({ attrs }) => attrs['type'] === 'probe');
    expect(probe.attrs).toEqual({ type: 'probe', from: 'sms.localhost', to: 'alice@localhost' });
    expect(made.im.world.presenceOf('alice')).toBe('here');
    made.im.pass(lostCountsMs);
    expect(made.im.world.presenceOf('alice')).toBe('gone');
    made.xmpp.send(presence(undefined, 'sms.localhost', 'away'));
    await settle(made);
    expect(made.im.world.presenceOf('alice')).toBe('away');
  });

  it('ends for whom the account is no longer, and takes no more clients than its limit', async () => {
    const made = await online();
    await register(made, 'carol@localhost/x', 'bob');
    for (let n = 0; n < 40; n += 1) {
      made.xmpp.send(presence(undefined, 'sms.localhost', 'away', `carol@localhost/client${n}`));
    }
    made.xmpp.send(presence(undefined, 'sms.localhost', undefined, 'carol@localhost/one-too-many'));
    await settle(made);
    expect(made.im.world.presenceOf('bob')).toBe('away');
    await register(made, 'carol@localhost/x');
    expect(made.im.world.presenceOf('bob')).toBe('gone');
  });

  it('is what a page sees of that user', async () => {
    const made = await online();
    await made.im.start();
    const bob = await ImClientInTest.loggedIn(made.im.url, 'bob', password);
    await bob.say({ type: 'people', names: ['alice'] });
    expect(await bob.hear('people')).toMatchObject({ connected: [], away: [] });
    made.xmpp.send(presence(undefined, 'sms.localhost', 'away'));
    expect(await bob.hear('people')).toMatchObject({ connected: [], away: ['alice'] });
    made.xmpp.send(presence(undefined, 'sms.localhost'));
    expect(await bob.hear('people')).toMatchObject({ connected: ['alice'], away: [] });
    made.xmpp.send(presence('unavailable', 'sms.localhost'));
    expect(await bob.hear('people')).toMatchObject({ connected: [], away: [] });
    bob.close();
    await made.im.stop();
  });
});

/** The next presence of bob that comes to alice. */
async function heardOfBob({
  xmpp,
}: Bridge): Promise<{ readonly type: string | undefined; readonly shown: readonly string[] }> {
  const heard = await xmpp.hear(({ name, attrs }) => name === 'presence' && attrs['from'] === bobAt);
  return { type: heard.attrs['type'], shown: elementsIn(heard).map((child) => textOf(child)) };
}

function webOf(user: string): ClientRef {
  return clientRef(`web:${user}`);
}
