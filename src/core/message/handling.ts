/**
 * What a message wants of the handset beyond showing its text: a class, an icon for messages that wait. Read from what a
 * message carries, and written into the content of a text. Source: docs/reference/cimd2.md section 7.6 (3GPP TS 23.038
 * section 4, TS 23.040 9.2.3.24.2).
 */
import { dataCodingValue, type MessageClass, readDataCoding, type WaitingIndication } from '../codec/data-coding.ts';
import { readSpecialIndications, type SpecialIndication } from '../codec/special-indication.ts';
import { parseUserDataHeader } from '../codec/user-data-header.ts';
import type { Content, ShortMessage } from './message.ts';
import type { TextPart } from './split.ts';

type TextContent = Extract<Content, { type: 'text' }>;

/** The content of a part as it was split, with the class that was asked for. */
export function contentOfPart({ text, coding, messageClass }: TextPart): TextContent {
  return textContent(text, coding, dataCodingValue(coding, messageClass));
}

/**
 * A text under a coding scheme. Of a scheme that is for another alphabet only `flash` remains, since the text came
 * otherwise than it says.
 *
 * @param dataCoding value of TP-DCS, 0–255
 */
export function textContent(text: string, coding: 'gsm7' | 'ucs2', dataCoding: number): TextContent {
  const { alphabet, isCompressed, messageClass } = readDataCoding(dataCoding);
  const flash = messageClass === 0;
  const isPlain = dataCoding === dataCodingValue(coding, flash ? 0 : undefined);
  if (isPlain || alphabet !== coding || isCompressed) return { type: 'text', text, coding, flash };
  return { type: 'text', text, coding, flash, dataCoding };
}

/** Value of TP-DCS that a content has or, as a text, is to have; undefined for a status report. */
export function dataCodingOf(content: Content): number | undefined {
  if (content.type === 'status-report') return undefined;
  if (content.type === 'binary') return content.dataCoding;
  return content.dataCoding ?? dataCodingValue(content.coding, content.flash ? 0 : undefined);
}

/** Undefined where the message names none, and for a status report. */
export function messageClassOf(content: Content): MessageClass | undefined {
  const dataCoding = dataCodingOf(content);
  return dataCoding === undefined ? undefined : readDataCoding(dataCoding).messageClass;
}

/**
 * What the message says to wait. The header goes before the coding scheme, since it knows more kinds and a count
 * (3GPP TS 23.038 section 4).
 */
export function waitingOf({
  content,
  header,
}: Pick<ShortMessage, 'content' | 'header'>): readonly (WaitingIndication | SpecialIndication)[] {
  const parsed = parseUserDataHeader(header);
  const special = parsed.ok ? readSpecialIndications(parsed.value.others) : [];
  if (special.length > 0) return special;
  const dataCoding = dataCodingOf(content);
  const waiting = dataCoding === undefined ? undefined : readDataCoding(dataCoding).waiting;
  return waiting === undefined ? [] : [waiting];
}
