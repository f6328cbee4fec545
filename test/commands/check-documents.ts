/**
 * Holds every document that a command prints in a test against its description in docs/schemas, whatever the test is
 * about: so the descriptions are true of all that tests see, and cost no run of their own.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultsOf, type Schema } from '../json-schema.ts';

const folder = fileURLToPath(new URL('../../docs/schemas/', import.meta.url));

/** By name, as documents carry it: `ring.inspect/1` is in `ring.inspect.1.json`. */
export const schemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file.replace(/\.(\d+)\.json$/, '/$1'), JSON.parse(readFileSync(`${folder}${file}`, 'utf8'))]),
);

/** A field that is not written down is a fault here; to whoever reads documents it is news of a later version. */
const closed: ReadonlyMap<string, Schema> = new Map([...schemas].map(([name, schema]) => [name, close(schema)]));

/**
 * @param stdout of a command; lines that are no documents of ours are passed over
 * @throws Error that says what is wrong with which document
 */
export function checkDocuments(stdout: string): void {
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{"schema":"')) continue;
    const [first] = faultsOfDocument(JSON.parse(line));
    if (first !== undefined) throw new Error(`not as docs/schemas say: ${first}\n${line}`);
  }
}

/** What is wrong with a document by the words of its description; empty if nothing is. */
export function faultsOfDocument(document: {
  readonly schema: string;
  readonly [field: string]: unknown;
}): readonly string[] {
  const schema = closed.get(document.schema);
  return schema === undefined ? [`nothing describes ${document.schema}`] : faultsOf(document, schema, schema);
}

function close(schema: Schema): Schema {
  const fields = Object.entries(schema).map(([word, value]) => [word, closeValue(value)]);
  const isOpen = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(fields), ...(isOpen ? { additionalProperties: false } : {}) };
}

function closeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeValue);
  // What is no array is an object of the schema: its words, or fields by name.
  return typeof value === 'object' && value !== null ? close(value as Schema) : value;
}
