import { describe, expect, it } from 'vitest';
import { documentOf, runCommand } from './run-command.ts';

describe('an unknown command', () => {
  it('ends 2 and names the nearest one', async () => {
    expect(await runCommand(['cimd2', 'sned', '+358401234567'])).toEqual({
      stdout: '',
      stderr:
        '✖ Unknown command "cimd2 sned". (USAGE_UNKNOWN_COMMAND)\n' +
        '→ Did you mean `ringbridge cimd2 send`? See `ringbridge --help` for all commands.\n',
      status: 2,
    });
  });

  it('is a document on stdout with --json', async () => {
    const result = await runCommand(['rign', 'inspect', '--json']);
    expect(result).toMatchObject({ status: 2, stderr: '' });
    expect(documentOf(result)).toMatchObject({ schema: 'error/1', error: { code: 'USAGE_UNKNOWN_COMMAND' } });
  });
});

describe('an argument for a command that takes none', () => {
  it('is not taken for the name of a command', async () => {
    expect(await runCommand(['message', 'find', 'hello'])).toEqual({
      stdout: '',
      stderr:
        '✖ Unexpected argument "hello". (USAGE_UNEXPECTED_ARGUMENT)\n' +
        '→ `ringbridge message find` takes flags only. See `ringbridge message find --help`.\n',
      status: 2,
    });
  });
});

describe('help', () => {
  it('lists the topics with what they are', async () => {
    const { stdout, stderr, status } = await runCommand(['--help']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/cimd2 +talk CIMD2 with an SMSC directly/);
  });

  it('shows --json where the output is data', async () => {
    expect((await runCommand(['cimd2', 'send', '--help'])).stdout).toContain('--json');
  });
});
