import { describe, expect, it } from 'vitest';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';

describe('sim run', () => {
  it('prints a line per seed, and the same for the same seed', async () => {
    const args = ['sim', 'run', '--seeds', '1-2', '--for', '5s'];
    const [one, other] = await Promise.all([runCommand(args), runCommand(args)]);
    expect(one).toMatchObject({ stderr: '', status: 0 });
    expect(one.stdout.match(/^✔ seed \d/gm)).toHaveLength(2);
    expect(other.stdout).toBe(one.stdout);
  });

  it('gives a document per seed, and the story on stderr, with --json', async () => {
    const result = await runHere(['sim', 'run', '--seed', '3', '--for', '5s', '--trace', '--json']);
    expect(documentOf(result)).toMatchObject({ schema: 'sim.result/1', ok: true, seed: 3 });
    expect(result.stderr).toContain('session bound');
  });

  it('refuses kinds and seeds that are none, and says which there are', async () => {
    const [kind, seeds] = await Promise.all([
      runHere(['sim', 'run', '--only', 'flood']),
      runHere(['sim', 'run', '--seeds', '9-1']),
    ]);
    expect(kind).toMatchObject({ stdout: '', status: 2 });
    expect(kind.stderr).toContain('half-open');
    expect(seeds).toMatchObject({ stdout: '', status: 2 });
  });
});
