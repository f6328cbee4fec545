import { describe, expect, it } from 'vitest';
import { monochromePainter, type Painter, plainPainter } from '../../../../src/cli/colour.ts';
import type { Moment, ScreenState } from '../../../../src/cli/ring/screen/screen-state.ts';
import { screenLines } from '../../../../src/cli/ring/screen/screen-view.ts';
import { take } from '../../../../src/cli/ring/screen/take-input.ts';
import { displayWidth } from '../../../../src/cli/table.ts';
import { press, sampleNow, sampleSmscs, sampleState } from './sample-rings.ts';

/** What is marked, without colours: [inverse], _underlined_. */
const marking: Painter = { ...plainPainter, inverse: (text) => `[${text}]`, underline: (text) => `_${text}_` };

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
  { columns: 60, rows: 20 },
] as const;

function shown(state: ScreenState, paint: Painter = plainPainter): string {
  return `${screenLines(state, paint)
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

function travelling(state: ScreenState): ScreenState {
  const moment: Moment = {
    ...{
      index: 41,
      count: 1_234,
      at: sampleNow - 5_000,
      side: 'buffer',
      text: 'packet from the SMSC: 53 submit answer',
    },
    ...{ rings: sampleSmscs, moved: [{ smscId: 'hel1', lane: 'mt', slot: 31 }] },
  };
  return take(press(state, 't'), { type: 'moment', moment }).state;
}

/** Every page, as it is reached. */
const pages: Readonly<Record<string, (state: ScreenState) => ScreenState>> = {
  rings: (state) => press(state, 'n', 'right'),
  slot: (state) => press(state, 'd', 'enter'),
  filter: (state) => press(state, '/', ...'in-doubt,in-flight >30s', 'enter'),
  typing: (state) => press(state, '/', ...'in-dout', 'enter'),
  help: (state) => press(state, '?'),
  travel: (state) => travelling(press(state, 'n')),
};

describe('the screen of the rings', () => {
  it.each(sizes.flatMap((size) => Object.keys(pages).map((page) => ({ ...size, page }))))(
    'shows $page on $columns × $rows as it should look',
    async ({ page, ...size }) => {
      const text = shown(pages[page]?.(sampleState(size)) ?? sampleState(size));
      await expect(text).toMatchFileSnapshot(`golden/${page}-${size.columns}x${size.rows}.txt`);
    },
  );

  it('marks the slot under the cursor and what differs also without colours', async () => {
    const state = pages['rings']?.(sampleState({ columns: 80, rows: 24 })) ?? sampleState({ columns: 80, rows: 24 });
    await expect(shown(state, marking)).toMatchFileSnapshot('golden/marks-80x24.txt');
    const [, , line = ''] = screenLines(state, monochromePainter);
    expect(line).toContain('\u001b[7m');
    expect(line).toContain('\u001b[4m');
  });

  it.each([
    ...sizes,
    { columns: 300, rows: 100 },
    { columns: 40, rows: 10 },
    { columns: 41, rows: 11 },
    { columns: 25, rows: 5 },
    { columns: 80, rows: 10 },
  ])('fills $columns × $rows and never goes beyond', (size) => {
    for (const page of Object.values(pages)) {
      for (const paint of [plainPainter, monochromePainter]) {
        const lines = screenLines(page(sampleState(size)), paint);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(size.columns);
      }
    }
  });

  it('keeps the cursor in sight where not all rows have room', () => {
    const state = press(sampleState({ columns: 60, rows: 12 }), 'end');
    expect(shown(state, marking)).toMatch(/^buf 241 ·{14}\[·\]$/m);
  });

  it('shows numbers and texts only where they are to be revealed', () => {
    const state = press(sampleState({ columns: 200, rows: 60 }), 'd', 'enter');
    expect(shown(state)).not.toMatch(/1234567|secret/);
    expect(shown({ ...state, privacy: 'reveal' })).toMatch(/\+358401234567(.|\n)*a secret text/);
  });

  it('says which roles are stopped', () => {
    const state = sampleState({ columns: 80, rows: 24 });
    const sources = [
      { role: 'buffer', state: 'stopped' },
      { role: 'im-server', state: 'running' },
    ] as const;
    const some = take(state, { type: 'rings', rings: sampleSmscs, sources }).state;
    expect(shown(some).split('\n')[0]).toContain('buffer stopped   SMSC 1 of 2');
  });

  it('says so where there are no rings yet', () => {
    const state = take(sampleState({ columns: 80, rows: 24 }), { type: 'rings', rings: [], sources: [] }).state;
    expect(shown(state)).toContain('No rings yet');
  });
});
