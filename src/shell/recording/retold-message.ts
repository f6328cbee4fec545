/**
 * Messages of the rings as a recording has them whose privacy is not `full`: who wrote to whom and what only as far as it
 * may be kept. It has a format number of its own, so nobody takes it for the message.
 *
 *   [0, from, to, what, reference and index and count of a part or null, created at in ms, text id]
 */
import type { PlainValue } from '../../core/base/values.ts';
import type { Part, ShortMessage } from '../../core/message/message.ts';
import { messageFromValue } from '../../core/message/values.ts';
import { valueCodec } from '../values.ts';
import type { Discretion } from './discretion.ts';

/** First value; `messageFormat` and its like count from 1. */
const retoldFormat = 0;

/** What is left of a message: `from`, `to` and `what` as a {@link Discretion} writes them. */
export interface RetoldMessage {
  readonly type: 'retold';
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly part: Part | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly textId: string;
}

export type RecordedMessage = { readonly type: 'whole'; readonly message: ShortMessage } | RetoldMessage;

const nothing = new Uint8Array(0);

/** @returns nothing of what is no message */
export function retellMessage(bytes: Uint8Array, discretion: Discretion): Uint8Array {
  const read = readRecordedMessage(bytes);
  if (read?.type === 'retold') return bytes;
  if (read === undefined) return nothing;
  const { from, to, part, createdAt, textId } = read.message;
  return valueCodec.encode([
    retoldFormat,
    discretion.number(from),
    discretion.number(to),
    whatOf(read.message, discretion),
    part === undefined ? null : [part.reference, part.index, part.count],
    createdAt,
    textId,
  ]);
}

/** What the bytes of a message in a recording say, whole or retold; undefined for neither. */
export function readRecordedMessage(bytes: Uint8Array): RecordedMessage | undefined {
  const value = valueCodec.decode(bytes);
  if (value === undefined) return undefined;
  if (isList(value) && value[0] === retoldFormat) return retoldFrom(value);
  const message = messageFromValue(value);
  return message.ok ? { type: 'whole', message: message.value } : undefined;
}

function whatOf({ content }: ShortMessage, discretion: Discretion): string {
  switch (content.type) {
    case 'text':
      return discretion.text(content.text);
    case 'binary':
      return discretion.text(String.fromCharCode(...content.bytes));
    case 'status-report':
      return `report of ${discretion.number(content.report.destination)}, status ${content.report.status}`;
    default:
      return content satisfies never;
  }
}

function retoldFrom([, from, to, what, part, createdAt, textId]: readonly PlainValue[]): RetoldMessage | undefined {
  if (typeof from !== 'string' || typeof to !== 'string' || typeof what !== 'string') return undefined;
  if (typeof createdAt !== 'number' || typeof textId !== 'string') return undefined;
  return { type: 'retold', from, to, what, part: partFrom(part), createdAt, textId };
}

function partFrom(value: PlainValue | undefined): Part | undefined {
  const [reference, index, count] = isList(value) ? value : [];
  if (typeof reference !== 'number' || typeof index !== 'number' || typeof count !== 'number') return undefined;
  return { reference, index, count };
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
