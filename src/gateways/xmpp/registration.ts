/**
 * An XMPP account becomes a user's: with the name and password of that user, in the form that every client knows
 * (XEP-0077). What it leads to is carried out by the gateway; here is what is asked, and what is wrong with an answer.
 */
import type { Fault } from '../../core/base/errors.ts';
import type { Logins } from '../web/logins.ts';
import type { Account } from './accounts.ts';
import type { StanzaError } from './outgoing.ts';
import { registerNamespace } from './queries.ts';
import { childOf, type Element, element, textOf } from './xml.ts';

export type RegistrationRequest =
  | { readonly type: 'form' }
  | { readonly type: 'register'; readonly name: string; readonly password: string }
  | { readonly type: 'remove' }
  | { readonly type: 'refused'; readonly error: StanzaError };

/** @returns undefined where the question is about something else */
export function readRegistration(iq: Element): RegistrationRequest | undefined {
  const query = childOf(iq, 'query', registerNamespace);
  if (query === undefined) return undefined;
  if (iq.attrs['type'] === 'get') return { type: 'form' };
  if (childOf(query, 'remove', registerNamespace) !== undefined) return { type: 'remove' };
  const name = textOf(childOf(query, 'username', registerNamespace))
    .trim()
    .toLowerCase();
  const password = textOf(childOf(query, 'password', registerNamespace));
  if (name === '' || password === '' || password.length > 256) {
    const words = 'Registration takes the name and the password of a user of this bridge.';
    return { type: 'refused', error: { type: 'modify', condition: 'bad-request', words } };
  }
  return { type: 'register', name, password };
}

export function formFor(account: Account | undefined): Element {
  const inside = (name: string, text?: string) => element(name, registerNamespace, {}, text);
  const words =
    account === undefined
      ? 'Give the name and the password that you have at this bridge, so that messages from phones come to this account.'
      : `This account belongs to ${account.user}.`;
  return element(
    'query',
    registerNamespace,
    {},
    ...(account === undefined ? [] : [inside('registered')]),
    inside('instructions', words),
    inside('username', account?.user),
    inside('password'),
  );
}

/** @returns the user's name, or why not */
export async function checkPassword(
  logins: Logins,
  request: Extract<RegistrationRequest, { type: 'register' }>,
  jid: string,
): Promise<{ readonly user: string } | { readonly error: StanzaError }> {
  const login = await logins.byPassword(request.name, request.password, jid);
  if (!login.ok) return { error: errorOf(login.fault) };
  if (login.value.scopes.includes('read')) return { user: login.value.name };
  return { error: { type: 'auth', condition: 'forbidden', words: 'This user may not read messages.' } };
}

function errorOf({ code, message }: Fault): StanzaError {
  if (code === 'IM_TOO_MANY_LOGINS') return { type: 'wait', condition: 'resource-constraint', words: message };
  return { type: 'auth', condition: 'not-authorized', words: message };
}
