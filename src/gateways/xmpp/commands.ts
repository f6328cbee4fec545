/**
 * Registration as ad-hoc commands (XEP-0050), for clients that show those and no registration form: `register` asks for name
 * and password, `unregister` ends it. All that a run of a command consists of is in its stanzas, so nothing is kept
 * between them, and any session id is as good as another.
 */
import type { Account } from './accounts.ts';
import { formElement, formNamespace, submittedIn } from './data-form.ts';
import { namespaces } from './incoming-message.ts';
import type { StanzaError } from './outgoing.ts';
import { infoNamespace, itemsNamespace } from './queries.ts';
import { type Claim, claimOf, registrationForm } from './registration.ts';
import { childOf, type Element, element, elementsIn } from './xml.ts';

const namespace = namespaces.commands;

const names = {
  register: 'Register: messages from phones come to this account',
  unregister: 'End the registration of this account',
} as const;

type CommandName = keyof typeof names;

/** One run of one command, as its stanzas name it. */
export interface CommandRun {
  readonly node: CommandName;
  readonly sessionId: string;
}

export type CommandRequest =
  | { readonly type: 'form' | 'remove' | 'cancel'; readonly run: CommandRun }
  | (Claim & { readonly run: CommandRun })
  | { readonly type: 'refused'; readonly error: StanzaError };

/** @param newSessionId for a run that begins @returns undefined where the question is about something else */
export function readCommand(iq: Element, newSessionId: string): CommandRequest | undefined {
  const command = childOf(iq, 'command', namespace);
  if (command === undefined) return undefined;
  const { node = '', action = 'execute', sessionid } = command.attrs;
  if (!isCommandName(node)) return refused('item-not-found', 'There is no such command here.');
  const run: CommandRun = { node, sessionId: sessionid ?? newSessionId };
  if (iq.attrs['type'] !== 'set') return refused('bad-request', 'A command is carried out by a stanza of type set.');
  if (action === 'cancel') return { type: 'cancel', run };
  if (!['execute', 'next', 'complete'].includes(action))
    return refused('bad-request', 'There is no step to go back to.');
  if (node === 'unregister') return { type: 'remove', run };
  const filled = submittedIn(command);
  if (filled === undefined) return { type: 'form', run };
  const claim = claimOf(filled);
  return claim.type === 'refused' ? claim : { ...claim, run };
}

/** The first step of a run, and once more after an answer that was no good. SPEC: XEP-0050 section 3.4. */
export function commandForm(
  run: CommandRun,
  account: Account | undefined,
  wrong?: { readonly name: string; readonly words: string },
): Element {
  const actions = element('actions', namespace, { execute: 'complete' }, element('complete', namespace));
  const note = wrong && element('note', namespace, { type: 'error' }, wrong.words);
  return commandElement(run, 'executing', actions, formElement(registrationForm(account, wrong)), note);
}

/** @param words what was done; empty where nothing was */
export function commandEnd(run: CommandRun, status: 'completed' | 'canceled', words: string): Element {
  const note = words === '' ? undefined : element('note', namespace, { type: 'info' }, words);
  return commandElement(run, status, note);
}

/** What there is to be run, and what each of it is (XEP-0030). @returns undefined for a node that is none of a command */
export function answerCommandQuery(iq: Element, component: string, account: Account | undefined): Element | undefined {
  const [query] = elementsIn(iq);
  const node = query?.attrs['node'] ?? '';
  if (query === undefined || iq.attrs['type'] !== 'get') return undefined;
  if (query.xmlns === itemsNamespace && node === namespace) {
    const offered: readonly CommandName[] =
      account?.origin === 'registered' ? ['register', 'unregister'] : ['register'];
    const items = offered.map((name) =>
      element('item', itemsNamespace, { jid: component, node: name, name: names[name] }),
    );
    return element('query', itemsNamespace, { node }, ...items);
  }
  if (query.xmlns !== infoNamespace) return undefined;
  const identity = (type: string, name: string): Element =>
    element('identity', infoNamespace, { category: 'automation', type, name });
  if (node === namespace) return element('query', infoNamespace, { node }, identity('command-list', 'Commands'));
  if (!isCommandName(node)) return undefined;
  const features = [namespace, formNamespace].map((name) => element('feature', infoNamespace, { var: name }));
  return element('query', infoNamespace, { node }, identity('command-node', names[node]), ...features);
}

function commandElement({ node, sessionId }: CommandRun, status: string, ...inside: readonly (Element | undefined)[]) {
  return element('command', namespace, { node, sessionid: sessionId, status }, ...inside);
}

function isCommandName(node: string): node is CommandName {
  return Object.hasOwn(names, node);
}

function refused(condition: string, words: string): CommandRequest {
  return { type: 'refused', error: { type: condition === 'item-not-found' ? 'cancel' : 'modify', condition, words } };
}
