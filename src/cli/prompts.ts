/** Questions on a terminal. inquirer is loaded only when something is asked; Ctrl-C ends the command with 130. */
import type { Result } from '../core/base/result.ts';

export async function askText(message: string, options: { readonly default?: string } = {}): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  return input(
    { message, required: true, ...(options.default === undefined ? {} : { default: options.default }) },
    { output: process.stderr },
  );
}

/** Asks until `parse` accepts the answer; shows what it says is wrong. */
export async function askParsed<T>(message: string, parse: (text: string) => Result<T>): Promise<T> {
  for (;;) {
    const { input } = await import('@inquirer/prompts');
    const answer = await input(
      {
        message,
        validate: (text) => {
          const parsed = parse(text);
          return parsed.ok ? true : parsed.fault.message;
        },
      },
      { output: process.stderr },
    );
    const parsed = parse(answer);
    if (parsed.ok) return parsed.value;
  }
}

/** One of several, by the arrow keys. */
export async function askChoice(message: string, choices: readonly string[]): Promise<string> {
  const { select } = await import('@inquirer/prompts');
  return select({ message, choices: [...choices] }, { output: process.stderr });
}

/** What is typed shows as stars. */
export async function askSecret(message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  return password({ message, mask: '*' }, { output: process.stderr });
}

/** No unless the user says yes. */
export async function askYesNo(message: string): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return confirm({ message, default: false }, { output: process.stderr });
}
