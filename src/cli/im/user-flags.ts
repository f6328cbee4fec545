/** What the commands about users share: where the server's state is, and where a password comes from. */
import { Flags } from '@oclif/core';

export const stateDirFlag = Flags.string({
  description: 'state directory of the IM server, running or stopped',
  helpValue: 'DIR',
  env: 'RINGBRIDGE_STATE_DIR',
  required: true,
});

export const passwordFileFlag = Flags.string({
  description: 'file with the password [env: RINGBRIDGE_IM_PASSWORD, RINGBRIDGE_IM_PASSWORD_FILE]',
  helpValue: 'FILE',
});

export const suffixFlag = Flags.string({
  description: 'digits behind the service number, as in 0001',
  helpValue: 'DIGITS',
});

export const ownNumberFlag = Flags.string({
  description: "a whole number of the user's own, which handsets call and see instead of a suffix",
  helpValue: 'NUMBER',
});

export const userSmscFlag = Flags.string({
  description: "SMSC of the user's texts to numbers that no prefix of the routes fits",
  helpValue: 'ID',
});

/** What a command lends for a question. */
export interface Asking {
  /** Asks on a terminal, or says which flag is missing. */
  readonly require: (ask: () => Promise<string>) => Promise<string>;
  readonly warn: (text: string) => void;
}

/** The hash of the password that is given, or asked for. */
export async function passwordHash(name: string, file: string | undefined, asking: Asking): Promise<string> {
  const { askPasswordHash, findPasswordHash } = await import('./new-password.ts');
  const found = await findPasswordHash({ file, variable: 'RINGBRIDGE_IM_PASSWORD', warn: asking.warn });
  return found ?? asking.require(() => askPasswordHash(name));
}

export async function askForName(): Promise<string> {
  const { askText } = await import('../prompts.ts');
  return askText('Name of the user:');
}
