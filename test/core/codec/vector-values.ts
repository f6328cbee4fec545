/** Parameter values of the vectors in test/vectors/cimd2-vectors.json, for tests of what a value means. */
import { readFileSync } from 'node:fs';

interface Vector {
  readonly name: string;
  readonly parameters: readonly (readonly [code: number, value: string])[];
}

// The file is ours and under version control; its shape is in docs/reference/cimd2.md section 10.
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/cimd2-vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

export function vectorParameters(name: string): readonly { readonly code: number; readonly value: string }[] {
  const vector = vectors.find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`no vector ${name}`);
  return vector.parameters.map(([code, value]) => ({ code, value }));
}

export function vectorValue(name: string, code: number): string {
  const parameter = vectorParameters(name).find((candidate) => candidate.code === code);
  if (parameter === undefined) throw new Error(`vector ${name} has no parameter ${code}`);
  return parameter.value;
}
