/** An unknown command is a usage error like any other: exit status 2, the command that was probably meant, JSON if asked. */
import type { Hook } from '@oclif/core';
import { printError } from '../cli/base-command.ts';
import { exitStatus } from '../cli/exit-status.ts';
import { nearest } from '../cli/nearest.ts';

const commandNotFound: Hook.CommandNotFound = async ({ id, argv = [], config, context }) => {
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '));
  const typed = id.replaceAll(':', ' ');
  const meant = nearestCommand(typed, known);
  const hint =
    meant === undefined
      ? `See \`${config.bin} --help\` for all commands.`
      : `Did you mean \`${config.bin} ${meant}\`? See \`${config.bin} --help\` for all commands.`;
  await printError(
    {
      code: 'USAGE_UNKNOWN_COMMAND',
      message: `Unknown command "${unknownPart(typed, known)}".`,
      hint,
      retryable: false,
      exitStatus: exitStatus.usage,
    },
    argv.includes('--json') ? 'json' : 'text',
  );
  context.exit(exitStatus.usage);
};

export default commandNotFound;

/** oclif takes arguments for words of the command: what is shown ends with the first word that leads nowhere. */
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
