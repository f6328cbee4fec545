/** Checks a value against as much of JSON Schema as openapi.yaml and docs/schemas use; an unknown word in a schema is an error. */
export type Schema = Readonly<Record<string, unknown>>;

const known = new Set([
  ...['$ref', 'type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'oneOf', 'pattern'],
  ...['format', 'minimum', 'maximum', 'minLength', 'maxLength', 'maxItems', 'default', 'description'],
  ...['$schema', '$defs', 'title'],
]);

/** @returns what is wrong, with the place; empty if nothing is */
export function faultsOf(value: unknown, schema: Schema, document: Schema, place = '$'): readonly string[] {
  const foreign = Object.keys(schema).filter((word) => !known.has(word));
  if (foreign.length > 0) throw new Error(`${place}: the schema uses ${foreign.join(', ')}`);
  const ref = schema['$ref'];
  if (typeof ref === 'string') return faultsOf(value, resolve(document, ref), document, place);
  const faults: string[] = [];
  const say = (what: string): void => void faults.push(`${place} ${what}: ${JSON.stringify(value)}`);
  const { type, properties, required, items, oneOf } = schema;
  if (type !== undefined && ![type].flat().some((one) => isOfType(value, String(one)))) say(`is no ${String(type)}`);
  if ('const' in schema && value !== schema['const']) say(`is not ${String(schema['const'])}`);
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) say(`is none of ${schema['enum'].join(', ')}`);
  if (Array.isArray(oneOf)) {
    const fitting = oneOf.filter((one) => faultsOf(value, one as Schema, document, place).length === 0);
    if (fitting.length !== 1) say(`fits ${fitting.length} of the choices`);
  }
  if (typeof value === 'string') {
    if (typeof schema['pattern'] === 'string' && !new RegExp(schema['pattern']).test(value)) say('has another pattern');
    if (value.length > Number(schema['maxLength'] ?? Infinity)) say('is too long');
    if (value.length < Number(schema['minLength'] ?? 0)) say('is too short');
    if (schema['format'] === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)) say('is no time');
    if (schema['format'] === 'uuid' && !/^[0-9a-f-]{36}$/.test(value)) say('is no UUID');
  }
  if (typeof value === 'number') {
    if (value < Number(schema['minimum'] ?? -Infinity)) say('is too low');
    if (value > Number(schema['maximum'] ?? Infinity)) say('is too high');
  }
  if (Array.isArray(value)) {
    if (value.length > Number(schema['maxItems'] ?? Infinity)) say('has too many items');
    const one = (items ?? {}) as Schema;
    for (const [index, item] of value.entries()) faults.push(...faultsOf(item, one, document, `${place}[${index}]`));
  } else if (typeof value === 'object' && value !== null) {
    const fields = value as Readonly<Record<string, unknown>>;
    const wanted = (properties ?? {}) as Readonly<Record<string, Schema>>;
    for (const name of (required ?? []) as readonly string[]) if (!(name in fields)) say(`has no ${name}`);
    for (const [name, field] of Object.entries(fields)) {
      const one = wanted[name];
      if (one !== undefined) faults.push(...faultsOf(field, one, document, `${place}.${name}`));
      else if (schema['additionalProperties'] === false) say(`has a field ${name} that is not written down`);
    }
  }
  return faults;
}

export function resolve(document: Schema, ref: string): Schema {
  let found: unknown = document;
  for (const part of ref.replace(/^#\//, '').split('/')) found = (found as Schema | undefined)?.[part];
  if (typeof found !== 'object' || found === null) throw new Error(`nothing at ${ref}`);
  return found as Schema;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
