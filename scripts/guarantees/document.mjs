// The tables of docs/guarantees.md, between its marks; what stands around them is written by hand.
import { full, happenings, paths, processDurability, tests } from './promises.mjs';

/** @returns the document with its tables anew. @throws Error where a mark is missing */
export function printInto(document) {
  return [
    ['promises', promiseTable()],
    ['process', chapterOf(processDurability)],
    ['cells', paths.map(pathChapter).join('\n')],
    ['full', full.map(chapterOf).join('\n')],
    ['tests', testTable()],
  ].reduce((text, [name, table]) => between(text, name, table), document);
}

/** Names of tests that are asked for and not there, or there and not asked for. */
export function strayNames() {
  const asked = new Set(
    [...paths.flatMap(({ cells }) => cells), ...full, processDurability].flatMap(({ proof }) => proof),
  );
  const there = new Set(Object.keys(tests));
  return [...asked].filter((name) => !there.has(name)).concat([...there].filter((name) => !asked.has(name)));
}

function promiseTable() {
  const rows = paths.map(({ name, cells }) => `| ${name} | ${cells.map(({ promise }) => promise).join(' | ')} |`);
  return [`| path | ${happenings.map(({ name }) => name).join(' | ')} |`, '|---|---|---|---|', ...rows, ''].join('\n');
}

function pathChapter({ name, cells }) {
  const parts = cells.map((cell, index) => {
    const happening = happenings[index];
    return `**${capital(happening.name)}: ${cell.promise}.** ${cell.how}\n*Proof:* ${proofOf({ ...cell, chapters: happening.chapters })}\n`;
  });
  return [`### ${name}\n`, ...parts].join('\n');
}

function chapterOf({ name, how, ...proof }) {
  return `**${capital(name)}.** ${how}\n*Proof:* ${proofOf(proof)}\n`;
}

function proofOf({ proof, chapters }) {
  const crash = chapters.length === 0 ? [] : [`\`npm run crash -- --only ${chapters.join(',')}\``];
  return `${[...proof.map((name) => `[${numberOf(name)}](#t${numberOf(name)})`), ...crash].join(', ')}`;
}

function testTable() {
  const rows = Object.entries(tests).map(
    ([name, { file, title }]) =>
      `| <a id="t${numberOf(name)}"></a>${numberOf(name)} | ${title.replaceAll('|', '\\|')} | \`${file}\` |`,
  );
  return ['| | test | file |', '|---|---|---|', ...rows, ''].join('\n');
}

function numberOf(name) {
  return Object.keys(tests).indexOf(name) + 1;
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function between(document, name, table) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/guarantees.md has no place for "${name}"`);
  return `${document.slice(0, from)}${begin}${table}${document.slice(to)}`;
}
