/** What the keys do and the letters mean, for people; `screen-keys.ts` does it. */
import { statuses } from '../../../core/ring/status.ts';
import type { Painter } from '../../colour.ts';
import { displayWidth, formatTable, wrapText } from '../../table.ts';
import { letter } from '../ring-lines.ts';

const keys: readonly (readonly [key: string, what: string])[] = [
  ['arrows, h j k l', 'move over the rings'],
  ['Home End', 'first and last slot'],
  ['PgUp PgDn', 'the other lane'],
  ['Tab 1–9', 'the next SMSC, or that one'],
  ['Enter', 'the slot in full, with its history; Esc goes back'],
  ['/', 'filter: in-doubt,refused >30s <5m 267 +358401 differs used'],
  ['n p', 'next and previous slot of the filter, or in use'],
  ['d', 'next slot of which the two copies differ'],
  ['w', 'what moved this slot last'],
  ['t', 'time travel through the recordings, and back:'],
  ['  left right', 'event by event; PgUp PgDn further, Home End'],
  ['  n p', 'next and previous move of the slot; h j k l select'],
  ['Ctrl-L', 'draw everything anew'],
  ['q Ctrl-C', 'leave'],
];

export function helpLines(columns: number, paint: Painter): readonly string[] {
  const table = formatTable(keys.map(([key, what]) => [paint.bold(key), what]));
  return [
    ...table.flatMap((line) => wrapText(`  ${line}`, columns + 1, whatColumn)),
    '',
    ...legendLines(paint),
    '',
    ...wrapText('  Underlined, and ^ where there is room: the two copies do not say the same.', columns + 1, 2),
  ];
}

/** Where the second column begins: behind the longest key, and two spaces around it. */
const whatColumn = Math.max(...keys.map(([key]) => key.length)) + 4;

/** Three to a row. */
function legendLines(paint: Painter): readonly string[] {
  const entries = statuses.map((status) => `${letter(status, paint)} ${status}`);
  const width = Math.max(...entries.map(displayWidth)) + 3;
  const rows: string[] = [];
  for (let i = 0; i < entries.length; i += 3) {
    const cells = entries.slice(i, i + 3).map((entry) => entry + ' '.repeat(width - displayWidth(entry)));
    rows.push(`  ${cells.join('').trimEnd()}`);
  }
  return rows;
}

/** For the bottom of the screen: as many as have room, and always where to find the others. */
export function keyHints(kind: 'rings' | 'past' | 'slot' | 'help', columns: number): string {
  const last = kind === 'help' ? 'Esc back' : '? help  q quit';
  let line = '';
  for (const hint of hints[kind]) {
    const longer = `${line}${hint}  `;
    if (longer.length + last.length > columns) break;
    line = longer;
  }
  return line + last;
}

const hints = {
  rings: ['arrows move', 'Enter slot', '/ filter', 't time', 'w why', 'd differ', 'n p next', 'Tab SMSC'],
  past: ['left right event', 'n p move of the slot', 'hjkl select', 't live', 'w why', 'Enter slot', 'Home End'],
  slot: ['Esc back', 'left right slot', 'up down scroll'],
  help: ['up down scroll'],
} as const;
