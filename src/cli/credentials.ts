/** User and password of a command: flags name the user and the file, the environment may hold either. */
import { readSecretFile } from './secret.ts';

export interface PasswordSources {
  /** `--password-file`. */
  readonly file: string | undefined;
  /** Name in the environment of the password itself; `…_FILE` behind it names a file. */
  readonly variable: string;
  readonly warn: (text: string) => void;
}

/** Undefined where it is given nowhere. @throws OperatorError CONFIG_UNREADABLE, CONFIG_BAD_VALUE */
export async function findPassword({ file, variable, warn }: PasswordSources): Promise<string | undefined> {
  const inEnvironment = process.env[variable] ?? '';
  if (file === undefined && inEnvironment !== '') return inEnvironment;
  const path = file ?? process.env[`${variable}_FILE`] ?? '';
  if (path === '') return undefined;
  const { secret, warnings } = await readSecretFile(path);
  for (const warning of warnings) warn(warning);
  return secret;
}
