/**
 * Every script says what is wrong with what was typed before it does anything: no stack, nothing written. Scripts run in
 * threads, which start in less than half the time of a process and end with a status like one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';

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

async function run(script: string, ...args: readonly string[]): Promise<Outcome> {
  const worker = new Worker(new URL(script, folder), { argv: [...args], execArgv: [], stdout: true, stderr: true });
  onTestFinished(() => void worker.terminate());
  const ended = new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  const [status, stdout, stderr] = await Promise.all([ended, text(worker.stdout), text(worker.stderr)]);
  return { status, stdout, stderr };
}

/** One that does not would be at work in these tests: write pictures, or measure for minutes. */
const reading = scripts.filter((name) => {
  const source = readFileSync(new URL(name, folder), 'utf8');
  return source.includes("} from './options.mjs';") && source.includes('readOptions({');
});

it.each(scripts)(
  '%s has its flags read by readOptions of scripts/options.mjs, or none, which are read as well',
  (name) => {
    expect(reading).toContain(name);
  },
);

describe('a script', () => {
  it.each(reading)(
    '%s prints help with every flag and ends 0, and refuses what it does not know in one line',
    async (name) => {
      const [help, unknown] = await Promise.all([run(name, '--help'), run(name, '--nope')]);
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
