/**
 * Reads what the asking side of the control socket wants done to the users. Strict about types; whether it may be done
 * is decided in `core/im/users.ts`.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { instant } from '../../core/base/time.ts';
import type { UserChange } from '../../core/im/exchange-io.ts';
import { type Scope, scopes } from '../../core/im/users.ts';

/** @throws OperatorError IM_BAD_REQUEST for what is no change of a user */
export function parseUserChange(body: unknown): UserChange {
  const fields = new Map<string, unknown>(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  const name = fields.get('name');
  const change = typeof name === 'string' ? read(fields, name) : undefined;
  if (change !== undefined) return change;
  throw new OperatorError({
    code: 'IM_BAD_REQUEST',
    message: 'The request is no change of a user.',
    hint: 'Use the ringbridge of the same version as the IM server.',
  });
}

function read(fields: ReadonlyMap<string, unknown>, name: string): UserChange | undefined {
  const type = fields.get('type');
  const text = (key: string) => {
    const value = fields.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const [passwordHash, address, hash, label, id] = ['passwordHash', 'address', 'hash', 'label', 'id'].map(text);
  const allowed = scopesOf(fields.get('scopes'));
  const expiresAt = fields.get('expiresAt');
  switch (type) {
    case 'remove':
      return { type, name };
    case 'password':
      return passwordHash === undefined ? undefined : { type, name, passwordHash };
    case 'add': {
      const properties = propertiesOf(fields);
      if (passwordHash === undefined || properties === undefined) return undefined;
      const { suffix, role = 'ordinary' } = properties;
      return { ...properties, type, name, passwordHash, suffix, role };
    }
    case 'set': {
      const properties = propertiesOf(fields);
      return properties && { ...properties, type, name };
    }
    case 'block':
    case 'unblock':
      return address === undefined ? undefined : { type, name, address };
    case 'token-add':
      if (hash === undefined || label === undefined || allowed === undefined) return undefined;
      if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) return undefined;
      return {
        type,
        name,
        hash,
        scopes: allowed,
        label,
        expiresAt: expiresAt === undefined ? undefined : instant(Number(expiresAt)),
      };
    case 'token-revoke':
      return id === undefined ? undefined : { type, name, id };
    default:
      return undefined;
  }
}

interface Properties {
  readonly suffix?: string;
  readonly number?: string;
  readonly smscId?: string;
  readonly role?: 'default' | 'ordinary';
  readonly scopes?: readonly Scope[];
}

/** What `add` and `set` may say; undefined where a value is of the wrong type. */
function propertiesOf(fields: ReadonlyMap<string, unknown>): Properties | undefined {
  const found: { -readonly [K in keyof Properties]: Properties[K] } = {};
  for (const key of ['suffix', 'number', 'smscId'] as const) {
    const value = fields.get(key);
    if (typeof value === 'string') found[key] = value;
    else if (value !== undefined) return undefined;
  }
  const role = fields.get('role');
  if (role === 'default' || role === 'ordinary') found.role = role;
  else if (role !== undefined) return undefined;
  if (fields.has('scopes')) {
    const allowed = scopesOf(fields.get('scopes'));
    if (allowed === undefined) return undefined;
    found.scopes = allowed;
  }
  return found;
}

function scopesOf(value: unknown): readonly Scope[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const known = value.flatMap((one) => scopes.filter((scope) => scope === one));
  return known.length === value.length ? known : undefined;
}
