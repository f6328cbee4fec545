/** docs/guarantees.md is printed from a table and from tests that passed; here it is held to both. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
// @ts-expect-error scripts without types, which run before anything is compiled
import { printInto, strayNames } from '../scripts/guarantees/document.mjs';
// @ts-expect-error the same
import { full, happenings, paths } from '../scripts/guarantees/promises.mjs';
// @ts-expect-error the same
import { complaintsAbout } from '../scripts/guarantees/report.mjs';
// @ts-expect-error the same
import { tests } from '../scripts/guarantees/tests.mjs';

interface NamedTest {
  readonly file: string;
  readonly title: string;
  readonly source: string;
}

const named: readonly NamedTest[] = Object.values(tests);
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('docs/guarantees.md', () => {
  it('is printed from its tables as they are: else run `npm run build && node scripts/print-guarantees.mjs`', () => {
    const document = read('docs/guarantees.md');
    expect(document).toBe(printInto(document));
  });

  it('has a cell for every path and everything that may happen, each with its proof', () => {
    for (const { cells } of paths) expect(cells).toHaveLength(happenings.length);
    const proofs: readonly string[][] = [...paths.flatMap(({ cells }: { cells: unknown }) => cells), ...full].map(
      ({ proof }) => proof,
    );
    expect(proofs.filter((proof) => proof.length === 0)).toEqual([]);
    expect(strayNames()).toEqual([]);
  });

  it.each(named.map(({ source, title, file }) => [title, source, file] as const))(
    'names a test that exists: %s',
    (title, source, file) => {
      expect(existsSync(new URL(`../${file}`, import.meta.url))).toBe(true);
      expect(read(source).split(`'${title}'`)).toHaveLength(2);
    },
  );

  it('names chapters of crash that exist', () => {
    const chapters: readonly string[] = [...happenings, ...full].flatMap(({ chapters }) => chapters);
    for (const name of chapters) expect(read(`scripts/crash/chapters/${name}.mjs`)).toContain(`name: '${name}'`);
  });
});

describe('the report of a run', () => {
  const wanted = [{ file: 'test/a.test.ts', title: 'of kind %s (2.9) is got over' }];
  const reportOf = (...results: readonly (readonly [string, string])[]) => ({
    testResults: [
      { name: '/here/test/a.test.ts', assertionResults: results.map(([title, status]) => ({ title, status })) },
    ],
  });

  it('proves what passed in every form of its title', () => {
    const report = reportOf(['of kind cut (2.9) is got over', 'passed'], ['of kind kill (2.9) is got over', 'passed']);
    expect(complaintsAbout(report, wanted, '/here')).toEqual([]);
  });

  it('proves nothing that failed, was skipped or did not run', () => {
    const report = reportOf(['of kind cut (2.9) is got over', 'failed'], ['of kind kill (2.9) is got over', 'pending']);
    expect(complaintsAbout(report, wanted, '/here')).toHaveLength(2);
    expect(complaintsAbout(reportOf(['of kind cut is got over', 'passed']), wanted, '/here')).toEqual([
      'test/a.test.ts: "of kind %s (2.9) is got over" did not run',
    ]);
  });
});
