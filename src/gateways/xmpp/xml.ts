/**
 * XML as XMPP uses it: elements with attributes, other elements and text, and their written form. Namespaces are names
 * of elements (`xmlns`), as everybody writes them; prefixes are read (`xml-reader.ts`) and never written.
 */

export interface Element {
  readonly name: string;
  readonly xmlns: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

type Attributes = Readonly<Record<string, string | undefined>>;
type Child = Element | string | undefined;

/** Of everything on a component's stream that says nothing else. SPEC: XEP-0114 section 3. */
export const componentNamespace = 'jabber:component:accept';

/** Attributes and children that are undefined are left out. */
export function element(name: string, xmlns: string, attrs: Attributes = {}, ...children: readonly Child[]): Element {
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(attrs)) if (value !== undefined) given[key] = value;
  return { name, xmlns, attrs: given, children: children.filter((child) => child !== undefined) };
}

/** A stanza, or something else of the stream's own namespace. */
export function stanza(name: string, attrs: Attributes = {}, ...children: readonly Child[]): Element {
  return element(name, componentNamespace, attrs, ...children);
}

/** The first element inside with this name and namespace. */
export function childOf(parent: Element, name: string, xmlns: string): Element | undefined {
  return elementsIn(parent).find((child) => child.name === name && child.xmlns === xmlns);
}

export function elementsIn(parent: Element): readonly Element[] {
  return parent.children.filter((child) => typeof child !== 'string');
}

/** The text directly inside; empty where there is none. */
export function textOf(parent: Element | undefined): string {
  return parent?.children.filter((child) => typeof child === 'string').join('') ?? '';
}

/** @param around the namespace in force where this is written */
export function write(item: Element, around: string = componentNamespace): string {
  const xmlns = item.xmlns === around ? '' : ` xmlns='${escapeText(item.xmlns)}'`;
  const attrs = Object.entries(item.attrs).map(([name, value]) => ` ${name}='${escapeText(value)}'`);
  const inside = item.children.map((child) =>
    typeof child === 'string' ? escapeText(child) : write(child, item.xmlns),
  );
  const start = `<${item.name}${xmlns}${attrs.join('')}`;
  return inside.length === 0 ? `${start}/>` : `${start}>${inside.join('')}</${item.name}>`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
  // A reader turns a bare one into a line feed. SPEC: XML 1.0 section 2.11.
  '\r': '&#xD;',
};

/** What XML cannot hold, not even escaped (control characters, halves of a character), becomes U+FFFD. */
function escapeText(text: string): string {
  return withoutForbidden(text).replace(/[&<>'"\r]/g, (character) => escapes[character] ?? character);
}

/** SPEC: XML 1.0 section 2.2. */
function withoutForbidden(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
