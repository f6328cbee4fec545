/**
 * docs/debugging.md works as it stands: what a reader would paste is pasted into one shell, and what the page shows is what
 * comes out, times and ids aside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const markdown = await readFile(new URL('../../docs/debugging.md', import.meta.url), 'utf8');
const blocks = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', block = '']) => ({
  language,
  block,
}));
const pasted = blocks.flatMap(({ language, block }) => (language === 'sh' ? [block] : []));
const shown = blocks.flatMap(({ language, block }) => (language === '' ? [block] : [])).join('');

/** What the exercise is about: in the page as printed, and printed when it is pasted. */
const findings = [
  'in doubt at hel1, mt slot 3',
  'The message has been in doubt since',
  'mirrored → in-flight, attempt 1',
  'in-flight → in-doubt',
  'not well: 1 message in doubt waits for your decision',
  '"received":2,"waiting":0',
  'slot 3 of hel1: resolved as not-sent; it is submitted again, marked as a possible duplicate',
  'on the handset  on the handset',
  '✔ every rule holds',
  '✔ every input led to the recorded moves and words',
];

/** An exercise needs a POSIX shell and two common tools. */
const missing = await firstMissing(['bash', 'openssl', 'jq']);
const reason = missing === undefined ? '' : ` (skipped: no ${missing} here)`;

describe('docs/debugging.md', () => {
  it.skipIf(missing !== undefined)(
    `leads to a missing message and back, as it is pasted${reason}`,
    async () => {
      const dir = await mkdtemp(join(tmpdir(), 'ringbridge-exercise-'));
      try {
        const printed = await paste(
          dir,
          pasted
            .join('')
            .replaceAll('9971', await freePort())
            .replaceAll('8080', await freePort()),
        );
        for (const finding of findings) expect(printed).toContain(finding);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
    60_000,
  );

  it('shows what comes out', () => {
    for (const finding of findings) expect(shown).toContain(finding);
  });
});

/** In a process group of its own, so that nothing is left of an exercise that was broken off. */
async function paste(dir: string, commands: string): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ringbridge'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(join(bin, 'ringbridge'), 0o755);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RINGBRIDGE_'));
  const shell = spawn('bash', ['-c', commands], {
    cwd: dir,
    env: { ...Object.fromEntries(inherited), PATH: `${bin}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const printed = text(shell.stdout);
  const deadline = setTimeout(() => endGroup(shell.pid), 80_000);
  const [status] = await once(shell, 'exit');
  clearTimeout(deadline);
  if (status !== 0) endGroup(shell.pid);
  expect(status, await printed).toBe(0);
  return printed;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left of it.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return String(address.port);
}

async function firstMissing(programs: readonly string[]): Promise<string | undefined> {
  for (const name of programs) {
    const [status] = await once(spawn('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }), 'exit');
    if (status !== 0) return name;
  }
  return undefined;
}
