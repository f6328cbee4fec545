/**
 * An XMPP account becomes a user's: with the name and password of that user, in the form that every client knows
 * (XEP-0077). Here is what is asked, and what is wrong with an answer; `registration-desk.ts` carries out what it leads to,
 * and `commands.ts` asks the same in another way.
 */
import type { Fault } from '../../core/base/errors.ts';
import type { Logins } from '../web/logins.ts';
import type { Account } from './accounts.ts';
import { type Form, formElement, submittedIn } from './data-form.ts';
import type { StanzaError } from './outgoing.ts';
import { registerNamespace } from './queries.ts';
import { childOf, type Element, element, textOf } from './xml.ts';

/** What somebody typed: a user's name, in lower case, and a password. */
export interface Claim {
  readonly type: 'register';
  readonly name: string;
  readonly password: string;
}

export type RegistrationRequest =
  | Claim
  | { readonly type: 'form' }
  | { readonly type: 'remove' }
  | { readonly type: 'refused'; readonly error: StanzaError };

/** @returns undefined where the question is about something else */
export function readRegistration(iq: Element): RegistrationRequest | undefined {
  const query = childOf(iq, 'query', registerNamespace);
  if (query === undefined) return undefined;
  if (iq.attrs['type'] === 'get') return { type: 'form' };
  if (childOf(query, 'remove', registerNamespace) !== undefined) return { type: 'remove' };
  const inside = (name: string): string => textOf(childOf(query, name, registerNamespace));
  return claimOf(submittedIn(query) ?? new Map(['username', 'password'].map((name) => [name, inside(name)])));
}

/** @param fields as they were filled in */
export function claimOf(fields: ReadonlyMap<string, string>): Extract<RegistrationRequest, Claim | { error: unknown }> {
  const name = (fields.get('username') ?? '').trim().toLowerCase();
  const password = fields.get('password') ?? '';
  if (name === '' || password === '' || password.length > 256) {
    const words = 'Registration takes the name and the password of a user of this bridge.';
    return { type: 'refused', error: { type: 'modify', condition: 'bad-request', words } };
  }
  return { type: 'register', name, password };
}

/** Both forms that clients know: plain fields, and the one that can be shown with labels. SPEC: XEP-0077 section 4. */
export function queryFor(account: Account | undefined): Element {
  const inside = (name: string, text?: string) => element(name, registerNamespace, {}, text);
  return element(
    'query',
    registerNamespace,
    {},
    ...(account === undefined ? [] : [inside('registered')]),
    inside('instructions', instructionsFor(account)),
    inside('username', account?.user),
    inside('password'),
    formElement(registrationForm(account)),
  );
}

/**
 * @param wrong an answer that was no good, and why: it is the title then, since Profanity shows no note beside a form, and
 *   Poezio no instructions
 */
export function registrationForm(
  account: Account | undefined,
  wrong?: { readonly name: string; readonly words: string },
): Form {
  return {
    about: registerNamespace,
    title: wrong?.words ?? 'Messages from phones',
    instructions: instructionsFor(account),
    fields: [
      { name: 'username', type: 'text-single', label: 'Your name at this bridge', value: wrong?.name ?? account?.user },
      { name: 'password', type: 'text-private', label: 'Your password at this bridge' },
    ],
  };
}

function instructionsFor(account: Account | undefined): string {
  return account === undefined
    ? 'Give the name and the password that you have at this bridge, so that messages from phones come to this account.'
    : `This account belongs to ${account.user}.`;
}

/** @returns the user's name, or why not */
export async function checkPassword(
  logins: Logins,
  claim: Claim,
  jid: string,
): Promise<{ readonly user: string } | { readonly error: StanzaError }> {
  const login = await logins.byPassword(claim.name, claim.password, jid);
  if (!login.ok) return { error: errorOf(login.fault) };
  if (login.value.scopes.includes('read')) return { user: login.value.name };
  return { error: { type: 'auth', condition: 'forbidden', words: 'This user may not read messages.' } };
}

function errorOf({ code, message }: Fault): StanzaError {
  if (code === 'IM_TOO_MANY_LOGINS') return { type: 'wait', condition: 'resource-constraint', words: message };
  return { type: 'auth', condition: 'not-authorized', words: message };
}
