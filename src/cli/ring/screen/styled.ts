/** Text with colours that has to fit a screen. */
import { displayWidth } from '../../table.ts';

/** Cut to that many columns; colours that were begun are ended. */
export function cutStyled(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const [piece] of text.matchAll(/\u001b\[[0-9;]*m|./gsu)) {
    const isEscape = piece.startsWith('\u001b');
    width += isEscape ? 0 : displayWidth(piece);
    // Behind the edge only what ends colours is kept; what begins some colours nothing.
    if (isEscape || width <= columns) cut += piece;
  }
  return cut;
}

/** As many of the parts as have room, the first in any case. */
export function joinFitting(parts: readonly string[], columns: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}   ${part}`;
    if (line !== '' && displayWidth(longer) > columns) break;
    line = longer;
  }
  return line;
}

/** Text at both edges of a line; the left one gives way. */
export function spread(left: string, right: string, columns: number): string {
  const room = Math.max(0, columns - displayWidth(right) - 2);
  const shown = cutStyled(left, room);
  return `${shown}${' '.repeat(Math.max(0, columns - displayWidth(shown) - displayWidth(right)))}${right}`;
}

/** Neighbours of one style are painted together. */
export function paintRuns<Style>(
  cells: readonly { readonly text: string; readonly style: Style }[],
  isSame: (a: Style, b: Style) => boolean,
  paint: (text: string, style: Style) => string,
): string {
  let painted = '';
  let run: { text: string; style: Style } | undefined;
  for (const { text, style } of cells) {
    if (run !== undefined && isSame(run.style, style)) run.text += text;
    else {
      if (run !== undefined) painted += paint(run.text, run.style);
      run = { text, style };
    }
  }
  return run === undefined ? painted : painted + paint(run.text, run.style);
}
