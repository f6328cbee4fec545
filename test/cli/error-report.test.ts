import { describe, expect, it } from 'vitest';
import { describeError, errorDocument } from '../../src/cli/error-report.ts';
import { OperatorError } from '../../src/core/base/errors.ts';
import { InvariantError } from '../../src/core/base/invariant.ts';

const context = { command: 'ringbridge cimd2 send', flagNames: ['smsc', 'user', 'password-file', 'json'] };

describe('describeError', () => {
  it('keeps what an operator error says', () => {
    const error = new OperatorError({ code: 'STORE_BUSY', message: 'm', hint: 'h', exitStatus: 9, retryable: true });
    const report = describeError(error, context);
    expect(report).toEqual({ code: 'STORE_BUSY', message: 'm', hint: 'h', retryable: true, exitStatus: 9 });
    expect(errorDocument(report)).toEqual({
      schema: 'error/1',
      error: { code: 'STORE_BUSY', message: 'm', hint: 'h', retryable: true },
    });
  });

  it('names the flag and not the parser when a value is refused', () => {
    const error = new OperatorError({ code: 'CONFIG_BAD_VALUE', message: '"30" has no unit.', hint: 'h' });
    error.message = `Parsing --timeout \n\t${error.message}\nSee more help with --help`;
    expect(describeError(error, context).message).toBe('--timeout: "30" has no unit.');
  });

  it.each([
    [new InvariantError('a ring has 1–255 slots')],
    [new TypeError('x is not a function')],
    ['a text that was thrown'],
  ])('calls anything else a bug of ours, with exit status 1: %s', (thrown) => {
    expect(describeError(thrown, context)).toMatchObject({
      code: 'BUG',
      exitStatus: 1,
      retryable: false,
      hint: expect.stringContaining('bug in ringbridge'),
      stack: expect.any(String),
    });
  });

  it('ends 130 when a question is left with Ctrl-C', () => {
    const error = new Error('User force closed the prompt with SIGINT');
    error.name = 'ExitPromptError';
    expect(describeError(error, context)).toMatchObject({ code: 'USAGE_INTERRUPTED', exitStatus: 130 });
  });

  it('finds the flag that was meant, also when a value came with it', () => {
    const error = Object.assign(new Error('Nonexistent flag: --pasword-file=x'), {
      flags: ['--pasword-file=x'],
      oclif: { exit: 2 },
    });
    expect(describeError(error, context)).toMatchObject({
      code: 'USAGE_UNKNOWN_FLAG',
      exitStatus: 2,
      message: 'Unknown flag --pasword-file.',
      hint: expect.stringContaining('--password-file'),
    });
  });

  it('says which flags exclude each other, without the words of the parser around it', () => {
    const text = '--via=http://h cannot also be provided when using --smsc';
    const message = `The following error occurred:\n  ${text}\nSee more help with --help`;
    const error = Object.assign(new Error(message), { oclif: { exit: 2 } });
    expect(describeError(error, context)).toMatchObject({ code: 'USAGE_BAD_VALUE', message: text });
  });

  it.each([
    'Expected an integer but received: x',
    'Parsing --count \n\tExpected an integer greater than or equal to 1 but received: 0\nSee more help with --help',
  ])('takes a complaint of the parser about a number for usage: %j', (message) => {
    expect(describeError(new Error(message), context)).toMatchObject({ code: 'USAGE_BAD_VALUE', exitStatus: 2 });
  });
});
