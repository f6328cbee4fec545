/** An unknown command is a usage error like any other: exit status 2, the command that was probably meant, JSON if asked. */
import type { Hook } from '@oclif/core';
import { printError } from '../cli/base-command.ts';
import type { ErrorReport } from '../cli/error-report.ts';
import { exitStatus } from '../cli/exit-status.ts';
import { nearest } from '../cli/nearest.ts';

const commandNotFound: Hook.CommandNotFound = async ({ id, argv = [], config, context }) => {
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '));
  const typed = id.replaceAll(':', ' ');
  await printError(
    {
      ...(unexpectedArgument(typed, known, config.bin) ?? unknownCommand(typed, known, config.bin)),
      retryable: false,
      exitStatus: exitStatus.usage,
    },
    argv.includes('--json') ? 'json' : 'text',
  );
  context.exit(exitStatus.usage);
};

export default commandNotFound;

type Complaint = Pick<ErrorReport, 'code' | 'message' | 'hint'>;

/** oclif takes arguments for words of the command, and a command that takes none is not found with one. */
function unexpectedArgument(typed: string, known: readonly string[], bin: string): Complaint | undefined {
  const command = known.find((each) => typed.startsWith(`${each} `));
  if (command === undefined) return undefined;
  return {
    code: 'USAGE_UNEXPECTED_ARGUMENT',
    message: `Unexpected argument ${JSON.stringify(typed.slice(command.length + 1))}.`,
    hint: `\`${bin} ${command}\` takes flags only. See \`${bin} ${command} --help\`.`,
  };
}

function unknownCommand(typed: string, known: readonly string[], bin: string): Complaint {
  const meant = nearestCommand(typed, known);
  const suggestion = meant === undefined ? '' : `Did you mean \`${bin} ${meant}\`? `;
  return {
    code: 'USAGE_UNKNOWN_COMMAND',
    message: `Unknown command "${unknownPart(typed, known)}".`,
    hint: `${suggestion}See \`${bin} --help\` for all commands.`,
  };
}

/** What is shown ends with the first word that leads nowhere. */
function unknownPart(typed: string, known: readonly string[]): string {
  const words = typed.split(' ');
  const isTopic = (count: number): boolean =>
    known.some((command) => command.startsWith(`${words.slice(0, count).join(' ')} `));
  let count = 1;
  while (count < words.length && isTopic(count)) count += 1;
  return words.slice(0, count).join(' ');
}

/** The nearest whole command, else the nearest by its first word, so that `rign inspect x` still finds its topic. */
function nearestCommand(typed: string, known: readonly string[]): string | undefined {
  const words = typed.split(' ');
  for (let count = words.length; count > 0; count -= 1) {
    const start = words.slice(0, count).join(' ');
    const candidates = [...new Set(known.map((command) => command.split(' ').slice(0, count).join(' ')))];
    const meant = nearest(start, candidates);
    if (meant !== undefined) return meant;
  }
  return undefined;
}
