/** What docs/routing.md shows is what the program says: each of its examples is run, in order, in one place. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-here.ts';

interface Block {
  readonly language: string;
  readonly text: string;
}

interface Example {
  readonly line: string;
  readonly said: string;
}

const markdown = await readFile(new URL('../../../docs/routing.md', import.meta.url), 'utf8');
const blocks: readonly Block[] = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
  ([, language = '', text = '']) => ({ language, text }),
);
const tables = blocks.filter(({ language }) => language === 'toml');
const examples: readonly Example[] = blocks
  .filter(({ language }) => language === '')
  .flatMap(({ text }) => text.split(/^\$ ringbridge /m).slice(1))
  .map((text) => {
    const end = text.indexOf('\n');
    return { line: text.slice(0, end), said: text.slice(end + 1) };
  });

describe('docs/routing.md', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringbridge-routing-'));
    await writeFile(join(dir, 'im.toml'), tables[0]?.text ?? '');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('has one table and nothing but examples beside it', () => {
    expect(tables).toHaveLength(1);
    for (const { language, text } of blocks) if (language !== 'toml') expect(text).toMatch(/^\$ ringbridge /);
    expect(examples.length).toBeGreaterThan(12);
  });

  it.each(examples.map(({ line, said }) => [line, said] as const))('ringbridge %s', async (line, said) => {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? inDir(plain));
    const result = await runHere(args, { env: { RINGBRIDGE_IM_PASSWORD: 'correct horse' } });
    expect(`${result.stdout}${result.stderr}`.replaceAll(`${dir}/`, '')).toBe(said);
  });

  /** Names of files are those of the page's reader. */
  function inDir(arg: string): string {
    return arg === 'im' || arg === 'im.toml' ? join(dir, arg) : arg;
  }
});

describe('im-server route with a config file alone', () => {
  it('does not say that nobody is meant by a handset: it knows no users', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringbridge-routing-'));
    await writeFile(join(dir, 'im.toml'), tables[0]?.text ?? '');
    const asked = ['--from', '+639171234567', '--to', '2882', 'hello', '--config', join(dir, 'im.toml')];
    const result = await runHere(['im-server', 'route', ...asked]);
    expect(result).toMatchObject({ status: 2, stdout: '' });
    expect(result.stderr).toMatch(/USAGE_MISSING_VALUE.*--state-dir/s);
    await rm(dir, { recursive: true });
  });
});
