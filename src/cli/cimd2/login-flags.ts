/** Flags of every command that logs in to an SMSC, and the login they come to; what is missing is asked for. */
import { Flags } from '@oclif/core';
import type { SmscLogin } from './smsc-session.ts';

/** Without `--timeout`, whose words differ from command to command. */
export const smscLoginFlags = {
  smsc: Flags.string({ description: 'address of the SMSC', helpValue: 'URL', env: 'RINGBRIDGE_SMSC' }),
  user: Flags.string({ description: 'account at the SMSC [env: RINGBRIDGE_SMSC_USER]', helpValue: 'NAME' }),
  'password-file': Flags.string({
    description: 'file with the password [env: RINGBRIDGE_SMSC_PASSWORD, also with _FILE]',
    helpValue: 'FILE',
  }),
  'tls-ca': Flags.string({
    description: 'certificates to trust for tls://, instead of those of the system',
    helpValue: 'FILE',
  }),
  'tls-cert': Flags.string({ description: 'certificate of this end, where tls:// wants one', helpValue: 'FILE' }),
  'tls-key': Flags.string({ description: 'private key of that certificate', helpValue: 'FILE' }),
  subaddress: Flags.integer({
    description: 'which instance of the account this is (012), 0 to 9; none is sent if left out',
    min: 0,
    max: 9,
  }),
  window: Flags.integer({
    description: 'requests that may be outstanding at once (019)',
    min: 1,
    max: 128,
    default: 1,
  }),
  checksum: Flags.boolean({ description: 'send checksums; some peers want none', default: true, allowNo: true }),
} as const;

/** What oclif parsed of these flags. */
export interface SmscLoginValues {
  readonly smsc: string | undefined;
  readonly user: string | undefined;
  readonly 'password-file': string | undefined;
  readonly 'tls-ca': string | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly subaddress: number | undefined;
  readonly window: number;
  readonly checksum: boolean;
}

export interface LoginAsking {
  /** `BaseCommand.requireValue`: asks on a terminal, complains elsewhere. */
  readonly require: <T>(value: T | undefined, name: string, ask: () => Promise<T>) => Promise<T>;
  readonly warn: (text: string) => void;
}

/** @throws OperatorError USAGE_MISSING_VALUE, CONFIG_BAD_ADDRESS, CONFIG_UNREADABLE, CONFIG_BAD_VALUE */
export async function resolveSmscLogin(
  flags: SmscLoginValues,
  answerTimeoutMs: number,
  asking: LoginAsking,
): Promise<SmscLogin> {
  const place = await resolveSmscPlace(flags, asking);
  const { user, password } = await resolveCredentials(flags, 'RINGBRIDGE_SMSC', asking);
  return {
    ...place,
    user,
    password,
    subaddress: flags.subaddress,
    window: flags.window,
    checksum: flags.checksum ? 'send' : 'omit',
    answerTimeoutMs,
  };
}

/** Where it is, without who logs in. @throws as {@link resolveSmscLogin} */
export async function resolveSmscPlace(
  flags: Pick<SmscLoginValues, 'smsc' | 'tls-ca' | 'tls-cert' | 'tls-key'>,
  asking: LoginAsking,
): Promise<Pick<SmscLogin, 'address' | 'ca' | 'client'>> {
  const { parseTransportAddress } = await import('../../shell/address.ts');
  const smsc = await asking.require(flags.smsc, '--smsc', async () => {
    const { askText } = await import('../prompts.ts');
    return askText('Address of the SMSC:', { default: 'tcp://127.0.0.1:9971' });
  });
  const address = parseTransportAddress(smsc);
  const { readCertificateAndKey } = await import('../tls-files.ts');
  const client = await readCertificateAndKey(
    { file: flags['tls-cert'], flag: '--tls-cert' },
    { file: flags['tls-key'], flag: '--tls-key' },
  );
  return { address, ca: await readAuthorities(flags['tls-ca']), client };
}

/** @throws OperatorError USAGE_MISSING_VALUE, CONFIG_UNREADABLE, CONFIG_BAD_VALUE */
export async function resolveCredentials(
  flags: Pick<SmscLoginValues, 'user' | 'password-file'>,
  prefix: 'RINGBRIDGE_SMSC' | 'RINGBRIDGE_IM',
  asking: LoginAsking,
): Promise<{ readonly user: string; readonly password: string }> {
  const { findPassword } = await import('../credentials.ts');
  const variable = process.env[`${prefix}_USER`];
  const user = await asking.require(flags.user ?? (variable === '' ? undefined : variable), '--user', async () => {
    const { askText } = await import('../prompts.ts');
    return askText('User:');
  });
  const found = await findPassword({
    file: flags['password-file'],
    variable: `${prefix}_PASSWORD`,
    warn: asking.warn,
  });
  const password = await asking.require(found, `--password-file (or ${prefix}_PASSWORD)`, async () => {
    const { askSecret } = await import('../prompts.ts');
    return askSecret(`Password of ${user}:`);
  });
  return { user, password };
}

/** @throws OperatorError CONFIG_UNREADABLE, CONFIG_BAD_VALUE */
async function readAuthorities(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { readTrustedCertificates } = await import('../tls-files.ts');
  return readTrustedCertificates(file, '--tls-ca');
}
