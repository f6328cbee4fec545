/** That every deliberate defect still applies: one that does not proves nothing. `npm run sabotage` runs them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Defect {
  readonly name: string;
  readonly changes: readonly { readonly file: string; readonly from: string }[];
}

describe('a defect of the sabotage', () => {
  it('finds each of its texts once, so that it is really put in', async () => {
    // A script without types; its shape is what the sabotage itself reads.
    const script = '../../scripts/sabotage/defects.mjs';
    const { defects } = (await import(script)) as { readonly defects: readonly Defect[] };
    expect(defects.length).toBeGreaterThanOrEqual(36);
    const idle = defects.flatMap(({ name, changes }) =>
      changes
        .filter(({ file, from }) => {
          const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
          return source.split(from).length !== 2;
        })
        .map(({ file }) => `${name}: src/${file}`),
    );
    expect(idle).toEqual([]);
  });
});
