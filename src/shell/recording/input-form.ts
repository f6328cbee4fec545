/**
 * Inputs of a role as plain values and back. The few that come with every message have short forms; the others are kept
 * as they are. What could be tried out against a password, or is a gateway's own secret, is left out: no ring depends on it.
 */
import type { PlainValue } from '../../core/base/values.ts';
import { fromPlain, toPlain } from './plain-form.ts';

type AnyInput = { readonly type: string };

/** Bytes that came on a connection: `received` is the SMSC's own. */
const shortForms: Readonly<Record<string, string>> = { 'smsc-received': 's', 'link-received': 'l', received: 'r' };
const typesOfForms = new Map(Object.entries(shortForms).map(([type, form]) => [form, type]));

type Received = AnyInput & { readonly connection: number; readonly bytes: Uint8Array };

export function inputForm(input: AnyInput): PlainValue {
  switch (input.type) {
    case 'tick':
    case 'claims-kept':
      return input.type;
    case 'smsc-received':
    case 'link-received':
    case 'received': {
      // Of all roles the inputs of these types have these fields.
      const { type, connection, bytes } = input as Received;
      return [shortForms[type] ?? type, connection, bytes];
    }
    case 'im':
      return toPlain(withoutSecrets(input));
    default:
      return toPlain(input);
  }
}

/** Undefined for a form that no input has. */
export function inputOfForm(form: PlainValue): AnyInput | undefined {
  if (form === 'tick' || form === 'claims-kept') return { type: form };
  const type = isList(form) && typeof form[0] === 'string' ? typesOfForms.get(form[0]) : undefined;
  if (isList(form) && type !== undefined) {
    const [, connection, bytes] = form;
    const input: Received | undefined =
      typeof connection === 'number' && bytes instanceof Uint8Array ? { type, connection, bytes } : undefined;
    return input;
  }
  const input = fromPlain(form);
  return isInput(input) ? input : undefined;
}

/** `change.passwordHash` of a user; `value` of what a gateway notes. */
function withoutSecrets(input: AnyInput): unknown {
  const inner = 'input' in input ? input.input : undefined;
  if (typeof inner !== 'object' || inner === null || !('type' in inner)) return input;
  if (inner.type === 'note' && 'value' in inner && inner.value !== undefined) {
    return { ...input, input: { ...inner, value: null } };
  }
  const change = 'change' in inner ? inner.change : undefined;
  if (typeof change !== 'object' || change === null || !('passwordHash' in change)) return input;
  return { ...input, input: { ...inner, change: { ...change, passwordHash: '' } } };
}

function isInput(value: unknown): value is AnyInput {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
