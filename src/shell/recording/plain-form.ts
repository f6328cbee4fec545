/**
 * Inputs and settings of a machine as plain values and back: objects become lists of keys and values, and `undefined`,
 * which a plain value cannot be, has a form of its own. It knows nothing of what the objects mean.
 */
import type { PlainValue } from '../../core/base/values.ts';

/** First in each list: what the list stands for. */
const mark = { list: 0, object: 1, nothing: 2 } as const;

/** @param value made of plain values, lists, objects and `undefined`; anything else becomes a text */
export function toPlain(value: unknown): PlainValue {
  if (value === undefined) return [mark.nothing];
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return [mark.list, ...value.map(toPlain)];
  if (typeof value !== 'object') return String(value);
  const form: PlainValue[] = [mark.object];
  for (const [key, field] of Object.entries(value)) form.push(key, toPlain(field));
  return form;
}

/** What {@link toPlain} was given; undefined also for a form that it never makes. */
export function fromPlain(form: PlainValue): unknown {
  if (!isList(form)) return form;
  const [kind, ...items] = form;
  if (kind === mark.list) return items.map(fromPlain);
  if (kind !== mark.object) return undefined;
  const fields: [string, unknown][] = [];
  for (let at = 0; at + 1 < items.length; at += 2) fields.push([String(items[at]), fromPlain(items[at + 1] ?? null)]);
  return Object.fromEntries(fields);
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
