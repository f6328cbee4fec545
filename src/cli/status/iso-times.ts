/** Documents of `--json` tell times in ISO 8601, where roles tell each other milliseconds. */

/** Every field of a status document that is a moment. */
const momentNames: ReadonlySet<string> = new Set([
  'at',
  'since',
  'lastAt',
  'nextAttemptAt',
  'oldestAt',
  'heldUntil',
] as const);

/** The same document with its moments as texts. */
export function withIsoTimes(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [name, fieldOf(name, field)]),
  );
}

function fieldOf(name: string, field: unknown): unknown {
  if (typeof field === 'number' && momentNames.has(name)) return new Date(field).toISOString();
  if (Array.isArray(field)) return field.map((each: unknown) => fieldOf('', each));
  return typeof field === 'object' && field !== null ? withIsoTimes(field) : field;
}
