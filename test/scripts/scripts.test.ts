/**
 * Every script says what is wrong with what was typed before it does anything: no stack, nothing measured, nothing written.
 * They are imported here, where what would end the process ends the import; a process each would take ten times as long.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';

const folder = new URL('../../scripts/', import.meta.url);

/** Nothing that is typed reaches them, or it is not theirs to judge. */
const others = {
  'cimd2-document.mjs': 'a part of print-cimd2.mjs and of a test',
  'options.mjs': 'reads the flags of the others',
  'test.mjs': 'gives what is typed to vitest',
};
const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !Object.hasOwn(others, name));

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Instead of the end of the process. */
class Ended extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`ended with ${status}`);
    this.status = status;
  }
}

/** A module is evaluated once for each address. */
let runs = 0;

async function run(script: string, ...args: readonly string[]): Promise<Outcome> {
  const file = new URL(script, folder);
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((words) => {
      written[name] += String(words);
      return true;
    });
  }
  vi.spyOn(process, 'exit').mockImplementation((status) => {
    throw new Ended(Number(status));
  });
  const { argv } = process;
  process.argv = [process.execPath, fileURLToPath(file), ...args];
  runs += 1;
  try {
    await import(/* @vite-ignore */ `${file}?run=${runs}`);
    throw new Error(`${script} went to work`);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return { status: error.status, ...written };
  } finally {
    process.argv = argv;
    vi.restoreAllMocks();
  }
}

/** One that does not would be at work in these tests: write pictures, or measure for minutes. */
const reading = scripts.filter((name) => {
  const source = readFileSync(new URL(name, folder), 'utf8');
  return source.includes("} from './options.mjs';") && source.includes('readOptions({');
});

it.each(scripts)('%s lets readOptions of scripts/options.mjs read what is typed', (name) => {
  expect(reading).toContain(name);
});

describe('a script', () => {
  it.each(reading)(
    '%s prints help with every flag and ends 0, and refuses what it does not know in one line',
    async (name) => {
      const help = await run(name, '--help');
      const unknown = await run(name, '--nope');
      expect(help).toMatchObject({ status: 0, stderr: '' });
      expect(help.stdout).toContain(`${name.replace(/\.mjs$/, '').replace('bench-', 'bench:')}`);
      const flags = [...help.stdout.matchAll(/^ {2}(--\S+)/gm)].map(([, flag]) => flag);
      expect(flags).toContain('--help');
      expect(unknown).toEqual({ status: 2, stdout: '', stderr: `--nope: no such flag; known: ${flags.join(', ')}\n` });
      const [, number] = /^ {2}(--\S+) N\b/m.exec(help.stdout) ?? [];
      if (number === undefined) return;
      const wrong = await run(name, number, 'x');
      expect(wrong).toMatchObject({ status: 2, stdout: '' });
      expect(wrong.stderr).toMatch(new RegExp(`^${number}: "x" is no (whole )?number from [\\d.]+ to \\d+\\n$`));
    },
  );

  it.each([
    ['bench.mjs', '--durability', 'disk, process'],
    ['bench.mjs', '--reports', 'none, final'],
    ['bench-watch.mjs', '--watch', 'screen, stream'],
    ['crash.mjs', '--only', 'kill, link, stop'],
    ['fuzz.mjs', '--target', 'codec, server, client'],
    ['soak.mjs', '--only', 'cut, strand, half-open'],
  ])('%s names what there is to choose for %s', async (name, flag, choices) => {
    const { status, stdout, stderr } = await run(name, flag, 'nope');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${flag}: "nope" is none of ${choices}.*\\n$`));
  });
});
