/** Every script in `dialogues/` comes out as it is written. `UPDATE_DIALOGUES=1` writes them anew: read the diff. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { play } from './dialogue.ts';

const folder = new URL('./dialogues/', import.meta.url);

describe('a dialogue goes as written', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

  test('there are dialogues to play', () => {
    expect(names.length).toBeGreaterThan(10);
  });

  test.each(names)('%s', (name) => {
    const path = new URL(name, folder);
    const script = readFileSync(path, 'utf8');
    const played = play(script);
    if (process.env['UPDATE_DIALOGUES'] === '1') writeFileSync(path, played);
    else expect(played).toBe(script);
  });
});
