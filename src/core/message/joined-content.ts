/**
 * The contents of the parts of one long message as one content. Which parts belong together is `join.ts`. Source:
 * docs/reference/cimd2.md section 7.8, DESIGN section 6.
 */
import { concatBytes } from '../base/bytes.ts';
import { readDataCoding } from '../codec/data-coding.ts';
import { fromUcs2, toWellFormed } from '../codec/user-data.ts';
import { messageClassOf } from './handling.ts';
import type { Content } from './message.ts';

/** Stands in a text where one part or several in a row are missing. */
export const gapMark = '[…]';

/**
 * @param contents by index, undefined for a part that never came; at least one is there
 * @returns text if any part is text, with gaps marked; otherwise the octets one behind the other, gaps left out
 */
export function joinContents(contents: readonly (Content | undefined)[]): Content {
  const present = contents.filter((content) => content !== undefined);
  const texts = contents.map((content) => content && textOf(content));
  const first = present[0];
  if (texts.every((text) => text === undefined) && first?.type === 'binary') {
    const octets = present.map((content) => (content.type === 'binary' ? content.bytes : new Uint8Array()));
    return { type: 'binary', bytes: concatBytes(...octets), dataCoding: first.dataCoding };
  }
  let joined = '';
  let isInGap = false;
  for (const text of texts) {
    if (text !== undefined) joined += text;
    else if (!isInGap) joined += gapMark;
    isInGap = text === undefined;
  }
  const coding = present.every((content) => content.type === 'text' && content.coding === 'gsm7') ? 'gsm7' : 'ucs2';
  return {
    type: 'text',
    text: toWellFormed(joined).text,
    coding,
    flash: present.some((content) => messageClassOf(content) === 0),
    ...codingSchemeOf(present, coding),
  };
}

/** That of the first part that has one of its own; nothing where the whole is in another alphabet than that part. */
function codingSchemeOf(present: readonly Content[], coding: 'gsm7' | 'ucs2'): { readonly dataCoding?: number } {
  for (const content of present) {
    if (content.type !== 'text' || content.dataCoding === undefined) continue;
    return content.coding === coding ? { dataCoding: content.dataCoding } : {};
  }
  return {};
}

/**
 * Undefined for what has no text. Octets marked as UCS-2 have: a sender that cuts inside a surrogate pair makes parts
 * that are no text each, and are together (`parseDeliver` in packets.ts).
 */
function textOf(content: Content): string | undefined {
  if (content.type === 'text') return content.text;
  if (content.type !== 'binary') return undefined;
  const { alphabet, isCompressed } = readDataCoding(content.dataCoding);
  if (alphabet !== 'ucs2' || isCompressed) return undefined;
  const text = fromUcs2(content.bytes);
  return text.ok ? text.value : undefined;
}
