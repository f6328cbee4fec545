/** Values of settings as they stand in a config file: TOML on one line each. */

/** @param value a text, number, switch, list, or table of these, as files and flags give them */
export function tomlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlText).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => `${tomlKey(key)} = ${tomlText(field)}`);
    return `{ ${fields.join(', ')} }`;
  }
  // What JSON escapes in a text, TOML escapes alike; DEL alone it must, and JSON need not.
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\x7f', '\\u007f') : String(value);
}

function tomlKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}
