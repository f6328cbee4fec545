/**
 * Which XMPP server it is, as it says of itself (XEP-0030): not to talk to it in another way, only to know what its answer
 * to a ping is worth. docs/decisions/0016-an-answer-is-not-yet-a-proof.md.
 */
import { infoNamespace } from './queries.ts';
import { childOf, type Element, element, elementsIn, stanza } from './xml.ts';

/** COMPAT: Prosody has archived or stored a message, and written it to the client, before it reads the next stanza. */
const provingByAnswer: readonly string[] = ['Prosody'];

/** Asks a domain of the server who serves it. */
export function nameQuestion({ from, to, id }: { readonly from: string; readonly to: string; readonly id: string }) {
  return stanza('iq', { type: 'get', from, to, id }, element('query', infoNamespace));
}

/** Whether a server that calls itself so is safe to have what was in front of a ping that it answers. */
export function provesByAnswer(answer: Element): boolean {
  const query = childOf(answer, 'query', infoNamespace);
  const identities = query === undefined ? [] : elementsIn(query).filter(({ name }) => name === 'identity');
  return identities.some(
    ({ attrs }) => attrs['category'] === 'server' && provingByAnswer.includes(attrs['name'] ?? ''),
  );
}
