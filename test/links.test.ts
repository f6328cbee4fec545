/** Links of the documents lead somewhere: to a file that is there, and to a heading in it. Pages elsewhere are not asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths from the root. */
function documents(): readonly string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('docs', name),
  );
  return [...readdirSync(root), ...below].filter((path) => path.endsWith('.md'));
}

/** Without blocks of code, where nothing is a link or a heading. */
function proseOf(path: string): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
}

/** As hosts of repositories make them: lower case, words joined by hyphens, other signs left out. */
function anchorsOf(prose: string): ReadonlySet<string> {
  const headings = [...prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\]\([^)]*\)/g, '')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...prose.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)]);
}

/** Links within the repository: where they lead, and to which heading. */
function linksOf(prose: string): readonly { readonly to: string; readonly path: string; readonly anchor: string }[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to = '']) => {
    const [path = '', anchor = ''] = to.split('#');
    return /^[a-z]+:/.test(to) ? [] : [{ to, path, anchor }];
  });
}

it.each(documents())('%s links only to what is there', (document) => {
  const broken = linksOf(proseOf(document)).filter(({ path, anchor }) => {
    const target = path === '' ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== '' && target.endsWith('.md') && !anchorsOf(proseOf(target)).has(anchor);
  });
  expect(broken.map(({ to }) => to)).toEqual([]);
});

it('knows a heading by its words, whatever signs it has', () => {
  expect([...anchorsOf('# A `--flag`, and [more](x.md)\n\ntext # none\n')]).toEqual(['a---flag-and-more']);
});
