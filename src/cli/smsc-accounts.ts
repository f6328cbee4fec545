/**
 * Accounts of a simulated SMSC beyond the one of the flags: `--account "user=… number=…"`, or tables [[account]] in the
 * file of --config. Each has its own type, limits and rights.
 */
import { OperatorError } from '../core/base/errors.ts';
import { fail, ok, type Result } from '../core/base/result.ts';
import type { Account } from '../core/roles/smsc/settings.ts';
import { choice, integer, phone, rate, required, rows, secretFile, text, type ValuesOf } from './setting-kinds.ts';
import { parseCredential } from './smsc-flags.ts';

const columns = {
  user: required(text({ description: 'its name', helpValue: 'NAME', check: (name) => parseCredential('user', name) })),
  number: required(phone({ description: 'its service number; digits behind it are its users' })),
  'password-file': secretFile({ description: 'file with its password; that of the first account if left out' }),
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

/**
 * The account of the flags, or the one that takes its place, and those beyond it.
 *
 * @throws OperatorError CONFIG_BAD_VALUE where two have one name
 */
export function accountsOf(first: Account, others: readonly AccountRow[]): readonly Account[] {
  const accounts = others.map((row) => accountOf(row, first.password));
  const twice = accounts.find(({ user }, index) => accounts.findIndex((other) => other.user === user) < index);
  if (twice !== undefined) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `Two accounts are named "${twice.user}".`,
      hint: 'Give each account a name of its own; nothing was started.',
    });
  }
  const own = accounts.find(({ user }) => user === first.user) ?? first;
  return [own, ...accounts.filter((account) => account !== own)];
}

function accountOf(row: AccountRow, defaultPassword: string): Account {
  return {
    user: row.user,
    password: row['password-file'] ?? defaultPassword,
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
}

/** `user=billing number=3000 type=querying` */
function splitPairs(given: string): Result<Readonly<Record<string, string>>> {
  const cells: Record<string, string> = {};
  for (const pair of given.trim().split(/\s+/)) {
    const [, key, value] = /^([a-z-]+)=(.+)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      return fail('CONFIG_BAD_VALUE', `"${pair}" is not of the form KEY=VALUE, like user=billing number=3000.`);
    }
    cells[key] = value;
  }
  return ok(cells);
}
