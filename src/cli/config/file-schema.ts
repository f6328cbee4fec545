/**
 * The JSON Schema of a role's config file, for editors that complete and check TOML. It says no more than a table of
 * settings knows: forms like `30s` are in the words, `config validate` has the last one.
 */
import type { Setting } from '../setting-kinds.ts';
import type { SettingsTable } from '../settings.ts';

export function fileSchema(role: string, table: SettingsTable): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `config file of ringbridge ${role} start`,
    ...objectSchema(table),
  };
}

/** Nothing but a column is required: flags and the environment may say the rest. */
function objectSchema(table: SettingsTable, required: readonly string[] = []): object {
  const properties = Object.entries(table).map(([name, setting]) => [name, settingSchema(setting)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function settingSchema(setting: Setting<unknown>): object {
  const { description, shape, fallback, fallbackText, choices, range, columns = {}, tables } = setting;
  switch (shape) {
    case 'switch':
      return { type: 'boolean', description, default: fallback };
    case 'whole-number':
      return {
        type: 'integer',
        description,
        ...(range === undefined ? {} : { minimum: range.min, maximum: range.max }),
        ...(fallback === undefined ? {} : { default: fallback }),
      };
    case 'text':
      return {
        type: 'string',
        description,
        ...(choices === undefined ? {} : { enum: choices }),
        ...(fallbackText === undefined ? {} : { default: fallbackText }),
      };
    case 'list':
      return { description, oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };
    case 'rows': {
      const required = Object.entries(columns).flatMap(([name, { need }]) => (need === 'required' ? [name] : []));
      const row = objectSchema(columns, required);
      return tables === 'once' ? { description, ...row } : { description, type: 'array', items: row };
    }
  }
}
