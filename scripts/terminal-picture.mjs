// Draws what a terminal shows as an SVG, for docs/pictures:
//   tmux capture-pane -e -p -t NAME | node scripts/terminal-picture.mjs --out docs/pictures/NAME.svg --title "What it shows"
// Reads lines with SGR escapes (colours, bold, dim, inverse) and nothing else.
import { writeFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { text } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const { out, title } = readOptions({
  command: 'tmux capture-pane -e -p | node scripts/terminal-picture.mjs',
  about: 'Draws what a terminal shows, which comes from stdin.',
  flags: {
    out: { takes: text('FILE.svg'), isNeeded: true, says: 'where the picture goes' },
    title: { takes: text('TEXT'), default: 'A terminal', says: 'what it shows, for those who do not see it' },
  },
});

/** Pixels of one character, of one line, and around all of it. */
const [cellWidth, lineHeight, margin] = [8.4, 18, 14];
const ink = '#d7dde3';
const paper = '#14181d';
/** The sixteen colours: black, red, green, yellow, blue, magenta, cyan, white, and bright. */
const palette = [
  ...['#3b4450', '#e5534b', '#3fb27f', '#d9a13b', '#5b9bf0', '#c678dd', '#39b5c9', '#d7dde3'],
  ...['#7d8793', '#ff7b72', '#56d4a0', '#f2c261', '#8ab8ff', '#e0a3f5', '#6fd8e8', '#ffffff'],
];
const plain = { fill: ink, back: undefined, isBold: false, isDim: false, isInverse: false };

const lines = (await textOf(process.stdin)).replace(/\n+$/, '').split('\n').map(runsOf);
const columns = Math.max(1, ...lines.map((runs) => runs.reduce((sum, run) => sum + run.text.length, 0)));
const [width, height] = [columns * cellWidth + 2 * margin, lines.length * lineHeight + 2 * margin];
writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${number(width)} ${number(height)}" width="${number(width)}" height="${number(height)}" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${lines.flatMap(drawLine).join('\n')}
</g>
</svg>
`,
);

/** A line as pieces of one look each. */
function runsOf(line) {
  const runs = [];
  let look = plain;
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b[')) look = restyled(look, part.slice(2, -1).split(';').map(Number));
    else if (part !== '') runs.push({ text: part, look });
  }
  return runs;
}

function restyled(before, codes) {
  let look = before;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i];
    if (code === 38 || code === 48) {
      const [colour, taken] = extended(codes.slice(i + 1));
      look = { ...look, [code === 38 ? 'fill' : 'back']: colour };
      i += taken;
    } else look = code === 0 ? plain : { ...look, ...changeOf(code) };
  }
  return look;
}

function changeOf(code) {
  if (code >= 30 && code <= 37) return { fill: palette[code - 30] };
  if (code >= 90 && code <= 97) return { fill: palette[code - 82] };
  if (code >= 40 && code <= 47) return { back: palette[code - 40] };
  if (code >= 100 && code <= 107) return { back: palette[code - 92] };
  const named = {
    ...{ 1: { isBold: true }, 2: { isDim: true }, 7: { isInverse: true }, 22: { isBold: false, isDim: false } },
    ...{ 27: { isInverse: false }, 39: { fill: ink }, 49: { back: undefined } },
  };
  return named[code] ?? {};
}

/** @returns the colour behind 38 or 48, and how many numbers it took */
function extended([kind, ...rest]) {
  if (kind === 2) return [`rgb(${rest.slice(0, 3).join(',')})`, 4];
  const [index = 0] = rest;
  if (index < 16) return [palette[index], 2];
  if (index >= 232) return [`rgb(${[0, 0, 0].map(() => 8 + (index - 232) * 10).join(',')})`, 2];
  const cube = [36, 6, 1].map((step) => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / step) % 6]);
  return [`rgb(${cube.join(',')})`, 2];
}

function drawLine(runs, row) {
  let column = 0;
  return runs.flatMap(({ text: shown, look }) => {
    const x = margin + column * cellWidth;
    const y = margin + row * lineHeight;
    column += shown.length;
    const [fill, back] = look.isInverse ? [look.back ?? paper, look.fill] : [look.fill, look.back];
    const length = shown.length * cellWidth;
    const box = `<rect x="${number(x)}" y="${number(y)}" width="${number(length)}" height="${lineHeight}" fill="${back}"/>`;
    const style = `${look.isBold ? ' font-weight="700"' : ''}${look.isDim ? ' opacity="0.65"' : ''}`;
    // Pictures lose all but one of several spaces, so what lies between them has a place of its own.
    const words = [...shown.matchAll(/\S+( \S+)*/g)].map(({ 0: piece, index }) => {
      const place = `x="${number(x + index * cellWidth)}" y="${number(y + 13)}"`;
      const fit = `textLength="${number(piece.length * cellWidth)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text ${place} ${fit} fill="${fill}"${style}>${escaped(piece)}</text>`;
    });
    return [...(back === undefined ? [] : [box]), ...words];
  });
}

function number(value) {
  return String(Math.round(value * 10) / 10);
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
