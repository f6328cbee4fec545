/** Tables for a terminal: columns padded to their widest cell, knowing that some characters take two columns or none. */

export interface TableOptions {
  /** Per column; left where it is not said. */
  readonly align?: readonly ('left' | 'right')[];
  /** Spaces between columns; 2. */
  readonly gap?: number;
}

/** @returns one line per row, without trailing spaces; undefined cells are empty */
export function formatTable(
  rows: readonly (readonly (string | undefined)[])[],
  options: TableOptions = {},
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell ?? ''));
    });
  }
  const gap = ' '.repeat(options.gap ?? 2);
  return rows.map((row) =>
    row
      .map((cell = '', column) => pad(cell, widths[column] ?? 0, options.align?.[column] ?? 'left'))
      .join(gap)
      .trimEnd(),
  );
}

/** Columns that a text takes on a terminal; escape sequences for colours take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(/\u001b\[[0-9;]*m/g, '')) width += characterWidth(character.codePointAt(0) ?? 0);
  return width;
}

/** Cuts a text to `width` columns, the last being `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let fitted = '';
  for (const character of text) {
    if (displayWidth(fitted) + displayWidth(character) > width - 1) break;
    fitted += character;
  }
  return `${fitted}…`;
}

/**
 * Breaks a text into rows of less than `columns`, so that no terminal breaks it elsewhere: at a space where there is one,
 * and where it says so itself, further rows moved in by `indent`. Escape sequences for colours take no column.
 */
export function wrapText(text: string, columns: number, indent = 0): readonly string[] {
  const rows: string[] = [];
  let row = '';
  let width = 0;
  /** Where the row may be broken: behind its last space. */
  let space = { length: 0, width: 0 };
  const margin = ' '.repeat(Math.min(indent, Math.floor(columns / 2)));
  for (const [piece] of text.matchAll(/\u001b\[[0-9;]*m|./gsu)) {
    const pieceWidth = displayWidth(piece);
    if (piece === '\n') {
      rows.push(row);
      [row, width, space] = [margin, margin.length, { length: 0, width: 0 }];
      continue;
    }
    if (width + pieceWidth >= columns && pieceWidth > 0) {
      const isAtSpace = space.width > margin.length + columns / 3;
      rows.push(isAtSpace ? row.slice(0, space.length).trimEnd() : row);
      row = margin + (isAtSpace ? row.slice(space.length) : '');
      width = displayWidth(row);
      space = { length: 0, width: 0 };
    }
    row += piece;
    width += pieceWidth;
    if (piece === ' ') space = { length: row.length, width };
  }
  return [...rows, row];
}

/** Control characters of foreign text must not steer the terminal: they are shown as `\x1b`. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n') return '\\n';
    const code = character.charCodeAt(0);
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return align === 'left' ? cell + padding : padding + cell;
}

/** Wide: East Asian and emoji blocks (Unicode TR11, roughly). None: combining marks and joiners. */
function characterWidth(code: number): number {
  if ((code >= 0x300 && code <= 0x36f) || code === 0x200b || code === 0x200d || (code >= 0xfe00 && code <= 0xfe0f)) {
    return 0;
  }
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}
