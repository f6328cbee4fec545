/** How the commands of an IM user say which server and who: flags, environment, or questions on a terminal. */
import { Flags } from '@oclif/core';

export const loginFlags = {
  url: Flags.string({
    description: 'address of the IM server',
    helpValue: 'URL',
    env: 'RINGBRIDGE_IM_URL',
    default: 'http://127.0.0.1:8080',
  }),
  user: Flags.string({ description: 'name of the user', helpValue: 'NAME', env: 'RINGBRIDGE_IM_USER' }),
  'password-file': Flags.string({
    description: 'file with the password [env: RINGBRIDGE_IM_PASSWORD, RINGBRIDGE_IM_PASSWORD_FILE]',
    helpValue: 'FILE',
  }),
  'tls-ca': Flags.string({
    description: 'authorities to trust besides those of the system, as PEM, for https://',
    helpValue: 'FILE',
    env: 'RINGBRIDGE_IM_TLS_CA',
  }),
  insecure: Flags.boolean({ description: 'allow http:// to another machine' }),
};

export interface LoginFlags {
  readonly url: string;
  readonly user: string | undefined;
  readonly 'password-file': string | undefined;
  readonly 'tls-ca': string | undefined;
  readonly insecure: boolean;
}

/** Which server, and who. */
export interface Login {
  readonly url: URL;
  readonly user: string;
  readonly password: string;
  /** PEM. */
  readonly ca: string | undefined;
}

/** What a command lends: its questions and its notices. */
export interface LoginAsking {
  readonly require: (value: string | undefined, name: string, ask: () => Promise<string>) => Promise<string>;
  readonly warn: (text: string) => void;
}

/** @throws OperatorError CONFIG_BAD_ADDRESS, CONFIG_INSECURE, USAGE_MISSING_VALUE, and as `findPassword` and `tls-files.ts` */
export async function resolveLogin(flags: LoginFlags, { require, warn }: LoginAsking): Promise<Login> {
  const { findPassword } = await import('../credentials.ts');
  const { parseBridgeUrl } = await import('../send/via-bridge.ts');
  const url = parseBridgeUrl(flags.url, flags.insecure ? 'protected' : 'open');
  const { readTrustedCertificates } = await import('../tls-files.ts');
  const caFile = flags['tls-ca'];
  const ca = caFile === undefined ? undefined : await readTrustedCertificates(caFile, '--tls-ca');
  const user = await require(flags.user, '--user', async () => {
    const { askText } = await import('../prompts.ts');
    return askText('User:');
  });
  const file = flags['password-file'];
  const found = await findPassword({ file, variable: 'RINGBRIDGE_IM_PASSWORD', warn });
  const password = await require(found, '--password-file (or RINGBRIDGE_IM_PASSWORD)', async () => {
    const { askSecret } = await import('../prompts.ts');
    return askSecret(`Password of ${user}:`);
  });
  return { url, user, password, ca };
}
