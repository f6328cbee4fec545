import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childOf, type Element, element, stanza, textOf, write } from '../../../src/gateways/xmpp/xml.ts';
import { type StreamItem, stanzaLengthLimit, XmlReader } from '../../../src/gateways/xmpp/xml-reader.ts';

const opening =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>";

function readAll(text: string, step = text.length): readonly StreamItem[] {
  const reader = new XmlReader();
  const items: StreamItem[] = [];
  for (let at = 0; at < text.length; at += step) items.push(...reader.read(text.slice(at, at + step)));
  return items;
}

function elementsOf(items: readonly StreamItem[]): readonly Element[] {
  return items.flatMap((item) => (item.type === 'element' ? [item.element] : []));
}

describe('a stream of XML', () => {
  const message = stanza(
    'message',
    { id: 'a', to: 'x@y' },
    stanza('body', {}, 'käse <🙂> & "so" \'on\'\r\n'),
    element('delay', 'urn:xmpp:delay', { stamp: '2026' }),
  );

  it('is read the same in pieces of any size', () => {
    const text = `${opening}${write(message)} ${write(stanza('presence'))}</stream:stream>`;
    const whole = readAll(text);
    expect(whole.map(({ type }) => type)).toEqual(['opened', 'element', 'element', 'ended']);
    for (const step of [1, 2, 3, 7]) expect(readAll(text, step)).toEqual(whole);
    expect(elementsOf(whole)[0]).toEqual(message);
  });

  it('knows namespaces by their names, whatever their prefixes', () => {
    const [read] = elementsOf(readAll(`${opening}<message><s:origin-id xmlns:s='urn:xmpp:sid:0' id='7'/></message>`));
    expect(read && childOf(read, 'origin-id', 'urn:xmpp:sid:0')?.attrs).toEqual({ id: '7' });
  });

  it('brings any text there and back, but for what XML cannot hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const items = readAll(`${opening}${write(stanza('message', { id: 'a' }, stanza('body', {}, text)))}`);
        const [read] = elementsOf(items);
        const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
        expect(textOf(read && childOf(read, 'body', 'jabber:component:accept'))).toBe(allowed);
      }),
    );
  });

  it.each([
    ['a control character', '<message>\u0001</message>', 'not-well-formed'],
    ['a tag that does not fit', '<message></presence>', 'not-well-formed'],
    ['an unknown entity', '<message>&eacute;</message>', 'not-well-formed'],
    ['a comment (RFC 6120 11.1)', '<!-- hello -->', 'restricted-xml'],
    ['a processing instruction (RFC 6120 11.1)', '<?php ?>', 'restricted-xml'],
    ['a document type (RFC 6120 11.1)', '<!DOCTYPE x [<!ENTITY a "b">]>', 'not-well-formed'],
    ['elements without end inside each other', '<a>'.repeat(100), 'policy-violation'],
    ['a stanza without end', `<message><body>${'x'.repeat(stanzaLengthLimit + 64 * 1024)}`, 'policy-violation'],
  ])('ends with %s, and reads nothing behind it', (_, bad, condition) => {
    const items = readAll(`${opening}${bad}<presence/>`, 64 * 1024);
    expect(items.slice(1)).toEqual([{ type: 'broken', condition }]);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('<', '>', '/', opening, '&', "'", '<message>'))),
        (parts) => {
          const reader = new XmlReader();
          const broken = parts.flatMap((part) => reader.read(part)).filter(({ type }) => type === 'broken');
          expect(broken.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
