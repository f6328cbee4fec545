/**
 * Stanzas that tell a user something: a text that came, a receipt, an error, presence. The same text makes the same stanza
 * with the same id whenever it is sent again, so that a reader can drop the second.
 */
import type { Fault } from '../../core/base/errors.ts';
import type { Reach } from '../../core/im/reach.ts';
import { reasonWords } from '../../core/im/reasons.ts';
import type { StepReason, TextView } from '../../core/im/text.ts';
import { namespaces } from './incoming-message.ts';
import { localOf, type Party } from './jid.ts';
import { type Element, element, stanza } from './xml.ts';

/** A text that is older says when it was sent. SPEC: XEP-0203. */
export const delayedAfterMs = 5_000;

export interface MessageRoute {
  /** The component. */
  readonly domain: string;
  /** The user's bare address. */
  readonly to: string;
  readonly from: Party;
}

/** A text that came for the user. */
export function messageStanza(view: TextView, { domain, to, from }: MessageRoute, now: number): Element {
  const delay = { from: domain, stamp: new Date(view.at).toISOString() };
  return stanza(
    'message',
    { type: 'chat', from: `${localOf(from)}@${domain}`, to, id: view.id },
    stanza('body', {}, bodyOf(view)),
    element('origin-id', namespaces.stableIds, { id: view.id }),
    element('stanza-id', namespaces.stableIds, { id: view.id, by: domain }),
    now - view.at > delayedAfterMs ? element('delay', namespaces.delay, delay) : undefined,
    from.type === 'sender' ? element('nick', namespaces.nick, {}, from.name) : undefined,
  );
}

/** A message that a user sent: what is needed to answer it, maybe days later. */
export interface SentStanza {
  /** Empty where the client gave it none: then nothing can be said about it. */
  readonly id: string;
  /** The client that sent it, with its resource. */
  readonly from: string;
  /** As the client wrote it. */
  readonly to: string;
  readonly wantsReceipt: boolean;
}

/** Every part is on the handset. SPEC: XEP-0184. */
export function receiptStanza(sent: SentStanza, view: TextView): Element {
  const attrs = { type: 'chat', from: sent.to, to: sent.from, id: `${view.id}-received` };
  return stanza('message', attrs, element('received', namespaces.receipts, { id: sent.id }));
}

export interface StanzaError {
  /** What whoever sent it may do. SPEC: RFC 6120 section 8.3.2. */
  readonly type: 'auth' | 'cancel' | 'modify' | 'wait';
  /** SPEC: RFC 6120 section 8.3.3. */
  readonly condition: string;
  readonly words: string;
}

/** @param kind of the stanza that is answered */
export function errorStanza(kind: 'message' | 'iq' | 'presence', sent: SentStanza, error: StanzaError): Element {
  const namespace = 'urn:ietf:params:xml:ns:xmpp-stanzas';
  return stanza(
    kind,
    { type: 'error', from: sent.to, to: sent.from, id: sent.id === '' ? undefined : sent.id },
    stanza(
      'error',
      { type: error.type },
      element(error.condition, namespace),
      element('text', namespace, { 'xml:lang': 'en' }, error.words),
    ),
  );
}

/** Why a text was not taken. */
export function errorOfFault({ code, message }: Fault): StanzaError {
  const words = `${message} (${code})`;
  switch (code) {
    case 'IM_BAD_ADDRESS':
    case 'IM_UNKNOWN_USER':
      return { type: 'cancel', condition: 'item-not-found', words };
    case 'IM_OUTBOX_FULL':
    case 'IM_TOO_FAST':
      return { type: 'wait', condition: 'resource-constraint', words };
    case 'IM_TEXT_TOO_LONG':
      return { type: 'modify', condition: 'policy-violation', words };
    case 'IM_SCOPE_MISSING':
      return { type: 'auth', condition: 'forbidden', words };
    default:
      return { type: 'cancel', condition: 'undefined-condition', words };
  }
}

/** Why a text that was taken failed. The conditions are the nearest that XMPP has; the words are exact. */
export function errorOfReason(reason: StepReason | undefined): StanzaError {
  const { code } = reason ?? { code: '' };
  const told = reason === undefined ? 'Not delivered.' : `Not delivered: ${reasonWords(reason)}`;
  if (code === 'expired') return { type: 'wait', condition: 'remote-server-timeout', words: told };
  if (code === 'IM_NO_ROUTE' || code === '900:300') return { type: 'cancel', condition: 'item-not-found', words: told };
  if (code === 'IM_BLOCKED' || code === 'IM_HANDSET_STOPPED') {
    return { type: 'cancel', condition: 'not-allowed', words: told };
  }
  if (code === '900:10') return { type: 'wait', condition: 'resource-constraint', words: told };
  if (code.startsWith('900:')) return { type: 'cancel', condition: 'not-acceptable', words: told };
  return { type: 'cancel', condition: 'recipient-unavailable', words: told };
}

/** How a contact is: a number as far as it can be reached, a user as far as the user's clients say. */
export type ShownPresence = Reach | { readonly type: 'gone'; readonly words: string };

/** SPEC: RFC 6121 section 4.7: no `type` and no `show` is available. */
export function presenceStanza(from: string, to: string, { type, words }: ShownPresence): Element {
  return stanza(
    'presence',
    { type: type === 'gone' ? 'unavailable' : undefined, from, to },
    type === 'away' ? stanza('show', {}, 'away') : undefined,
    words === '' ? undefined : stanza('status', {}, words),
  );
}

function bodyOf(view: TextView): string {
  return view.marks.includes('binary') ? `[binary] ${view.text}` : view.text;
}
