import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkDocuments, faultsOfDocument, schemas } from './check-documents.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** What roles of this machine tell commands of the same version, which never print it. */
const betweenOwn = ['rings/1', 'link.impair-counts/1'];

function namesIn(...folders: readonly string[]): ReadonlySet<string> {
  const files = sources.filter((path) => folders.some((folder) => path.startsWith(folder)));
  const texts = files.map((path) => readFileSync(`${root}src/${path}`, 'utf8'));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/'([a-z][a-z0-9.-]*\/\d+)'/g)].map(([, name = '']) => name)),
  );
}

describe('the schemas of documents', () => {
  it('are written down for every document that a command prints, and for nothing else', () => {
    const printed = [...namesIn('cli/', 'commands/')].filter((name) => !betweenOwn.includes(name));
    expect([...schemas.keys()].filter((name) => !namesIn('').has(name))).toEqual([]);
    expect(printed.filter((name) => !schemas.has(name))).toEqual([]);
    expect(printed.length).toBeGreaterThan(50);
  });

  it('name what they are of, and are all listed for people', () => {
    const list = readFileSync(`${root}docs/schemas/README.md`, 'utf8');
    const rows = [...schemas].map(([name, { description }]) => {
      return `| [\`${name}\`](${name.replace('/', '.')}.json) | ${String(description)} |`;
    });
    expect(list.split('\n').filter((line) => line.startsWith('| [`'))).toEqual(rows);
    expect([...schemas].filter(([name, { title }]) => title !== name)).toEqual([]);
  });

  it('are held against what commands print: a field too few, too many or of another kind is a fault', () => {
    const resolved = { schema: 'ring.resolved/1', smscId: 'hel1', lane: 'mt', slot: 2, as: 'sent' };
    expect(faultsOfDocument(resolved)).toEqual([]);
    expect(faultsOfDocument({ ...resolved, slot: 256 })).toEqual(['$.slot is too high: 256']);
    expect(faultsOfDocument({ schema: 'ring.resolved/1' })[0]).toContain('has no smscId');
    expect(() => checkDocuments(`ring\n${JSON.stringify({ ...resolved, by: 'me' })}\n`)).toThrow(
      'has a field by that is not written down',
    );
    expect(() => checkDocuments('{"schema":"ring.unheard/1"}\n')).toThrow('nothing describes ring.unheard/1');
  });
});
