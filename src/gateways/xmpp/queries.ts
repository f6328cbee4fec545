/**
 * Questions that a client asks before it shows a contact: what are you (XEP-0030), are you there (XEP-0199), how do I
 * write to a number (XEP-0100). Each is answered from the question alone; registration is in `registration.ts`.
 */
import { namespaces } from './incoming-message.ts';
import { escapeLocal, type Jid, partyOf } from './jid.ts';
import { errorStanza, type StanzaError } from './outgoing.ts';
import { childOf, type Element, element, elementsIn, stanza, textOf } from './xml.ts';

export const registerNamespace = 'jabber:iq:register';
const gatewayNamespace = 'jabber:iq:gateway';
export const infoNamespace = 'http://jabber.org/protocol/disco#info';
export const itemsNamespace = 'http://jabber.org/protocol/disco#items';
const pingNamespace = 'urn:xmpp:ping';
const versionNamespace = 'jabber:iq:version';

/** @returns the payload of the result (empty: a result without one); undefined for a question that is not known here */
export function answerQuery(iq: Element, to: Jid): readonly Element[] | undefined {
  const [query] = elementsIn(iq);
  if (query === undefined) return undefined;
  const isGet = iq.attrs['type'] === 'get';
  const hasNode = (query.attrs['node'] ?? '') !== '';
  switch (query.xmlns) {
    case infoNamespace:
      return isGet && !hasNode ? [info(to)] : undefined;
    case itemsNamespace:
      return isGet ? [element('query', itemsNamespace, { node: query.attrs['node'] })] : undefined;
    case pingNamespace:
      return isGet ? [] : undefined;
    case versionNamespace:
      return isGet
        ? [element('query', versionNamespace, {}, element('name', versionNamespace, {}, 'ringbridge'))]
        : undefined;
    case gatewayNamespace:
      return to.local === undefined ? answerPrompt(query, to, isGet) : undefined;
    default:
      return undefined;
  }
}

/** What a contact, or the gateway itself, is and can. A sender who cannot be answered has no receipts to offer. */
function info(to: Jid): Element {
  const party = to.local === undefined ? undefined : partyOf(to.local);
  const identity =
    party === undefined
      ? { category: 'gateway', type: 'sms', name: 'Short messages' }
      : party.type === 'user'
        ? { category: 'account', type: 'registered', name: party.name }
        : { category: 'client', type: party.type === 'number' ? 'phone' : 'bot', name: nameOf(party) };
  const common = [infoNamespace, pingNamespace, namespaces.stableIds];
  const own =
    party === undefined
      ? [registerNamespace, gatewayNamespace, itemsNamespace, versionNamespace, namespaces.commands]
      : [];
  const receipts = party?.type === 'number' ? [namespaces.receipts] : [];
  return element(
    'query',
    infoNamespace,
    {},
    element('identity', infoNamespace, identity),
    ...[...common, ...own, ...receipts].map((name) => element('feature', infoNamespace, { var: name })),
  );
}

function nameOf(party: { readonly number: string } | { readonly name: string }): string {
  return 'number' in party ? party.number : `${party.name} (cannot be answered)`;
}

/** SPEC: XEP-0100 section 6.3: a client asks what to type, and gets an address for what was typed. */
function answerPrompt(query: Element, to: Jid, isGet: boolean): readonly Element[] | undefined {
  const inside = (name: string, text: string) => element(name, gatewayNamespace, {}, text);
  if (isGet) {
    const words = 'A phone number with + and country code, or the name of a user.';
    return [element('query', gatewayNamespace, {}, inside('desc', words), inside('prompt', 'Number or name'))];
  }
  const typed = textOf(childOf(query, 'prompt', gatewayNamespace)).trim();
  if (typed === '') return undefined;
  const party = partyOf(escapeLocal(typed));
  const local = party.type === 'number' ? party.number : escapeLocal(typed.toLowerCase());
  return [element('query', gatewayNamespace, {}, inside('jid', `${local}@${to.domain}`))];
}

export function resultStanza(iq: Element, payload: readonly Element[]): Element {
  const { from, to, id } = iq.attrs;
  return stanza('iq', { type: 'result', from: to, to: from, id }, ...payload);
}

export function errorToQuery(iq: Element, error: StanzaError): Element {
  const { id = '', from = '', to = '' } = iq.attrs;
  return errorStanza('iq', { id, from, to, wantsReceipt: false }, error);
}
