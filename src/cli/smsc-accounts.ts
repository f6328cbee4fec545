/**
 * Accounts of a simulated SMSC beyond the one of the flags: `--account "user=… number=…"`, or tables [[account]] in the
 * file of --config. Each has its own type, limits and rights.
 */
import { OperatorError } from '../core/base/errors.ts';
import { fail, ok, type Result } from '../core/base/result.ts';
import type { Account } from '../core/roles/smsc/settings.ts';
import { valueOrThrow } from './flags.ts';
import { readSecretFile } from './secret.ts';
import { choice, integer, path, phone, rate, required, rows, text, type ValuesOf } from './setting-kinds.ts';
import { parseCredential } from './smsc-flags.ts';

const columns = {
  user: required(text({ description: 'its name', helpValue: 'NAME', check: (name) => parseCredential('user', name) })),
  number: required(phone({ description: 'its service number; digits behind it are its users' })),
  'password-file': path({ description: 'file with its password; that of the first account if left out' }),
  type: choice(['send-only', 'querying', 'receiving'], { description: 'what it gets by itself', default: 'receiving' }),
  reports: choice(['allowed', 'refused'], { description: 'whether it may ask for status reports', default: 'allowed' }),
  'default-reports': integer({
    description: 'status report request (056) where a submit has none',
    min: 0,
    max: 127,
    default: 0,
  }),
  'max-sessions': integer({ description: 'logins at the same time', min: 1, max: 64, default: 10 }),
  'max-window': integer({ description: 'largest window (019)', min: 1, max: 128, default: 128 }),
  originators: choice(['own', 'free'], {
    description: 'whether 023 is put behind its number, or is the whole sender',
    default: 'own',
  }),
  alphanumeric: choice(['allowed', 'refused'], { description: 'whether it may send names (027)', default: 'allowed' }),
  'password-change': choice(['allowed', 'refused'], {
    description: 'whether Set (08) may change its password',
    default: 'allowed',
  }),
  rate: rate({ description: 'its submits per second' }),
  'max-waiting': integer({ description: 'messages that may wait for handsets', min: 1, max: 100_000 }),
} as const;

export const accountSettings = {
  account: rows(columns, {
    description: 'one more account; one of the name of --user takes its place; may be repeated',
    helpValue: 'KEY=VALUE…',
    environment: 'RINGBRIDGE_SMSC_ACCOUNT',
    split: splitPairs,
  }),
} as const;

type AccountRow = ValuesOf<typeof columns>;

/** Where an account's password is, for commands to be pasted: they never hold a secret. */
export type PasswordPlace =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'environment' }
  /** The one that everybody knows. */
  | { readonly type: 'known' };

export interface PlacedAccount {
  readonly account: Account;
  readonly password: PasswordPlace;
}

/**
 * The account of `--user`, or the one that takes its place, and behind it those beyond it.
 *
 * @param warn tells of a file with a password that others can read
 * @throws OperatorError CONFIG_BAD_VALUE where two have one name or a password cannot be one, CONFIG_UNREADABLE
 */
export async function accountsOf(
  first: PlacedAccount,
  others: readonly AccountRow[],
  warn: (text: string) => void,
): Promise<readonly [PlacedAccount, ...PlacedAccount[]]> {
  const accounts: PlacedAccount[] = [];
  for (const row of others) accounts.push(await accountOf(row, first, warn));
  const names = accounts.map(({ account }) => account.user);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `Two accounts are named "${twice}".`,
      hint: 'Give each account a name of its own; nothing was started.',
    });
  }
  const own = accounts.find(({ account }) => account.user === first.account.user) ?? first;
  return [own, ...accounts.filter((placed) => placed !== own)];
}

async function accountOf(row: AccountRow, first: PlacedAccount, warn: (text: string) => void): Promise<PlacedAccount> {
  const file = row['password-file'];
  const password = file === undefined ? first.account.password : await passwordIn(file, warn);
  const account: Account = {
    user: row.user,
    password,
    number: row.number,
    type: row.type,
    reports: row.reports,
    maxSessions: row['max-sessions'],
    maxWindow: row['max-window'],
    defaultReportBits: row['default-reports'],
    originators: row.originators,
    alphanumericOriginators: row.alphanumeric,
    passwordChange: row['password-change'],
    ratePerSecond: row.rate,
    maxWaiting: row['max-waiting'],
  };
  return { account, password: file === undefined ? first.password : { type: 'file', path: file } };
}

/** @throws OperatorError CONFIG_BAD_VALUE, CONFIG_UNREADABLE */
export async function passwordIn(file: string, warn: (text: string) => void): Promise<string> {
  const { secret, warnings } = await readSecretFile(file);
  for (const warning of warnings) warn(warning);
  return valueOrThrow(parseCredential('password', secret));
}

/** `user=billing number=3000 type=querying` */
function splitPairs(given: string): Result<Readonly<Record<string, string>>> {
  const cells: Record<string, string> = {};
  for (const pair of given.trim().split(/\s+/)) {
    // A comma between pairs would hide the next key in this value.
    const [, key, value] = /^([a-z-]+)=((?!.*,[a-z-]+=).+)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      return fail(
        'CONFIG_BAD_VALUE',
        `"${pair}" is not of the form KEY=VALUE with spaces between, like "user=billing number=3000".`,
      );
    }
    cells[key] = value;
  }
  return ok(cells);
}
