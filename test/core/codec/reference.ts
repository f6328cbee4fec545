/**
 * The tables printed in docs/reference/cimd2.md, so that tests compare ours with the document row by row and neither
 * can change alone.
 */
import { readFileSync } from 'node:fs';

const lines = readFileSync(new URL('../../../docs/reference/cimd2.md', import.meta.url), 'utf8').split('\n');

/** Cells of all tables under that heading, without the header rows; `heading` is for example `3.2` or `9`. */
export function referenceRows(heading: string): readonly (readonly string[])[] {
  const first = lines.findIndex((line) => new RegExp(`^##+ ${heading.replace('.', '\\.')}[. ]`).test(line));
  if (first === -1) throw new Error(`the reference has no section ${heading}`);
  const rest = lines.slice(first + 1);
  const next = rest.findIndex((line) => /^##/.test(line));
  const section = rest.slice(0, next === -1 ? rest.length : next);
  return section
    .filter((line, index) => line.startsWith('|') && !isHeader(section, index))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** A table's first line, and the line of dashes below it. */
function isHeader(section: readonly string[], index: number): boolean {
  const isDashes = (line: string | undefined) => /^\|[-|]+\|$/.test(line ?? '');
  return isDashes(section[index]) || isDashes(section[index + 1]);
}

/** Rows of a table that stands in several columns side by side, cut into its single rows of `width` cells. */
export function referenceCells(heading: string, width: number): readonly (readonly string[])[] {
  return referenceRows(heading).flatMap((row) => {
    const cut: string[][] = [];
    for (let i = 0; i < row.length; i += width) cut.push(row.slice(i, i + width));
    return cut.filter((cells) => cells[0] !== '');
  });
}
