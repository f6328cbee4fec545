/**
 * Reads a component's stream as it comes: its opening, then whole stanzas, then its end. Anything that is not well formed
 * or not allowed in XMPP (document types, processing instructions, comments) ends it, and so does a stanza that is too
 * large or too deep: nothing grows with what a peer sends. SPEC: RFC 6120 section 11.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { type Element, element } from './xml.ts';

export const streamsNamespace = 'http://etherx.jabber.org/streams';

/** Characters of one stanza; servers allow less (Prosody 512 KiB). */
export const stanzaLengthLimit = 1024 * 1024;
const depthLimit = 64;

export type StreamItem =
  | { readonly type: 'opened'; readonly attrs: Readonly<Record<string, string>> }
  | { readonly type: 'element'; readonly element: Element }
  | { readonly type: 'ended' }
  /** Nothing more is read. */
  | { readonly type: 'broken'; readonly condition: 'not-well-formed' | 'restricted-xml' | 'policy-violation' };

interface Open {
  readonly tag: SaxesTagNS;
  readonly children: (Element | string)[];
}

export class XmlReader {
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #open: Open[] = [];
  #items: StreamItem[] = [];
  #pendingLength = 0;
  #closedAt = -1;
  #state: 'prolog' | 'stream' | 'over' = 'prolog';

  constructor() {
    const parser = this.#parser;
    parser.on('opentag', (tag) => this.#opened(tag));
    parser.on('closetag', () => this.#closed());
    parser.on('text', (text) => this.#open.at(-1)?.children.push(text));
    parser.on('cdata', (text) => this.#open.at(-1)?.children.push(text));
    parser.on('error', () => {
      // A tag that closes what it should not is reported behind what it closed, without having moved.
      if (this.#closedAt === parser.position && this.#items.at(-1)?.type === 'element') this.#items.pop();
      this.#break('not-well-formed');
    });
    for (const name of ['doctype', 'processinginstruction', 'comment'] as const) {
      parser.on(name, () => this.#break('restricted-xml'));
    }
  }

  /** @param text decoded; whatever its borders are */
  read(text: string): readonly StreamItem[] {
    if (this.#state === 'over') return [];
    this.#items = [];
    this.#pendingLength += text.length;
    this.#parser.write(text);
    if (this.#pendingLength > stanzaLengthLimit) this.#break('policy-violation');
    return this.#items;
  }

  #opened(tag: SaxesTagNS): void {
    if (this.#state === 'over') return;
    if (this.#state === 'prolog') {
      this.#state = 'stream';
      this.#pendingLength = 0;
      if (tag.local === 'stream' && tag.uri === streamsNamespace) this.#put({ type: 'opened', attrs: attributes(tag) });
      else this.#break('not-well-formed');
      return;
    }
    if (this.#open.length >= depthLimit) this.#break('policy-violation');
    else this.#open.push({ tag, children: [] });
  }

  #closed(): void {
    if (this.#state === 'over') return;
    const closed = this.#open.pop();
    if (closed === undefined) {
      this.#put({ type: 'ended' });
      this.#state = 'over';
      return;
    }
    const { tag, children } = closed;
    const whole = element(tag.local, tag.uri, attributes(tag), ...children);
    const parent = this.#open.at(-1);
    if (parent !== undefined) {
      parent.children.push(whole);
      return;
    }
    this.#pendingLength = 0;
    this.#closedAt = this.#parser.position;
    this.#put({ type: 'element', element: whole });
  }

  #put(item: StreamItem): void {
    this.#items.push(item);
  }

  #break(condition: Extract<StreamItem, { type: 'broken' }>['condition']): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#put({ type: 'broken', condition });
  }
}

/** By their names as written; declarations of namespaces are none. */
function attributes(tag: SaxesTagNS): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, prefix, value } of Object.values(tag.attributes)) {
    if (name !== 'xmlns' && prefix !== 'xmlns') found[name] = value;
  }
  return found;
}
