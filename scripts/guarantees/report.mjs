// What vitest's JSON report says of the tests that prove a promise.
import { relative } from 'node:path';

/**
 * @param report what `vitest run --reporter=json` wrote
 * @param root of the checkout
 * @returns {readonly string[]} what is wrong: a test that did not run, or did not pass
 */
export function complaintsAbout(report, tests, root) {
  const results = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ title, status }) => ({ file: relative(root, name), title, status })),
  );
  return tests.flatMap(({ file, title }) => {
    const pattern = patternOf(title);
    const found = results.filter((result) => result.file === file && pattern.test(result.title));
    if (found.length === 0) return [`${file}: "${title}" did not run`];
    const bad = found.filter(({ status }) => status !== 'passed');
    return bad.map(({ title: one, status }) => `${file}: "${one}" is ${status}`);
  });
}

/** vitest fills in `%s`, `%i`, `%j` of a title. */
function patternOf(title) {
  const pieces = title.split(/%[sij]/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pieces.join('.*')}$`);
}
