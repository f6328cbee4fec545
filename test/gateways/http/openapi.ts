// The description of the HTTP API as the server serves it, and a look at answers through its eyes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultsOf, resolve } from '../../json-schema.ts';
import { readYaml } from './yaml-subset.ts';

type Tree = Readonly<Record<string, unknown>>;

const file = fileURLToPath(new URL('../../../src/gateways/http/openapi.yaml', import.meta.url));
export const source = readFileSync(file, 'utf8');
export const document = readYaml(source) as Tree;

/** `POST /api/messages`, for each that is written down. */
export function operations(): readonly string[] {
  return Object.entries(document['paths'] as Tree).flatMap(([path, methods]) =>
    Object.keys(methods as Tree).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** What is wrong with an answer by the words of the description; its body is read. */
export async function faultsOfAnswer(operation: string, response: Response): Promise<readonly string[]> {
  const [method = '', path = ''] = operation.split(' ');
  const written = ((document['paths'] as Tree)[path] as Tree | undefined)?.[method.toLowerCase()] as Tree | undefined;
  if (written === undefined) return [`${operation} is not written down`];
  const responses = written['responses'] as Tree;
  const named = (responses[String(response.status)] ?? responses['default']) as Tree;
  if (response.status < 400 && !(String(response.status) in responses))
    return [`${response.status} is not written down`];
  const described = '$ref' in named ? resolve(document, String(named['$ref'])) : named;
  const contents = described['content'] as Tree | undefined;
  const type = response.headers.get('content-type') ?? '';
  if (contents === undefined) return (await response.text()) === '' ? [] : ['a body, though none is written down'];
  const content = contents[type] as Tree | undefined;
  if (content === undefined) return [`the type ${type} is not written down`];
  if (type === 'text/event-stream') return [];
  return faultsOf(await response.json(), content['schema'] as Tree, document);
}

export function schemaNamed(name: string): Tree {
  return resolve(document, `#/components/schemas/${name}`);
}
