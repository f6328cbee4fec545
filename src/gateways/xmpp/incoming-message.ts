/**
 * What a message stanza of a user asks of us: a text to bring somewhere, nothing, or something that no phone can do. What
 * cannot be carried is dropped where nobody waits for it (typing, reactions, receipts) and refused where somebody believes
 * it was done (edits, encrypted texts). SPEC: the table of docs/xmpp.md.
 */
import { childOf, type Element, textOf } from './xml.ts';

export const namespaces = {
  receipts: 'urn:xmpp:receipts',
  stableIds: 'urn:xmpp:sid:0',
  delay: 'urn:xmpp:delay',
  nick: 'http://jabber.org/protocol/nick',
  edit: 'urn:xmpp:message-correct:0',
  encrypted: 'urn:xmpp:eme:0',
  commands: 'http://jabber.org/protocol/commands',
} as const;

/** What a stanza with one of these is about is not its body, which is only there for clients that do not know better. */
const besides: readonly (readonly [name: string, xmlns: string])[] = [
  ['reactions', 'urn:xmpp:reactions:0'],
  ['retract', 'urn:xmpp:message-retract:1'],
  ['retract', 'urn:xmpp:message-retract:0'],
  ['apply-to', 'urn:xmpp:fasten:0'],
  ['received', namespaces.receipts],
  ['displayed', 'urn:xmpp:chat-markers:0'],
];

const ciphers: readonly (readonly [name: string, xmlns: string])[] = [
  ['encryption', namespaces.encrypted],
  ['encrypted', 'eu.siacs.conversations.axolotl'],
  ['encrypted', 'urn:xmpp:omemo:2'],
  ['x', 'jabber:x:encrypted'],
];

export type IncomingMessage =
  | {
      readonly type: 'text';
      readonly text: string;
      /** What the client calls this one logical send, however often it comes; undefined where it does not say. */
      readonly originId: string | undefined;
      readonly wantsReceipt: boolean;
    }
  | { readonly type: 'nothing' }
  | { readonly type: 'refused'; readonly condition: 'not-acceptable' | 'not-allowed'; readonly words: string };

export function readMessage(message: Element): IncomingMessage {
  if (besides.some(([name, xmlns]) => childOf(message, name, xmlns) !== undefined)) return { type: 'nothing' };
  const text = textOf(childOf(message, 'body', message.xmlns));
  if (text === '') return { type: 'nothing' };
  if (message.attrs['type'] === 'groupchat') {
    return { type: 'refused', condition: 'not-allowed', words: 'There are no rooms here.' };
  }
  if (childOf(message, 'replace', namespaces.edit) !== undefined) {
    const words = 'A message that was sent cannot be changed any more; write another one.';
    return { type: 'refused', condition: 'not-acceptable', words };
  }
  if (ciphers.some(([name, xmlns]) => childOf(message, name, xmlns) !== undefined)) {
    const words = 'This contact cannot read encrypted messages; turn encryption off for it.';
    return { type: 'refused', condition: 'not-acceptable', words };
  }
  const originId = childOf(message, 'origin-id', namespaces.stableIds)?.attrs['id'];
  const wantsReceipt = childOf(message, 'request', namespaces.receipts) !== undefined;
  return { type: 'text', text, originId: originId === '' ? undefined : originId, wantsReceipt };
}
