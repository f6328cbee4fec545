/**
 * What `doctor` looks at: what was given, what config files name, and what running roles say of themselves, in this order. So
 * without any flag, on a machine where a buffer runs, everything is looked at that this buffer has to do with.
 */

import { OperatorError } from '../../core/base/errors.ts';
import type { ConfigRole } from '../config/roles.ts';
import { validateConfig } from '../config/validate.ts';
import { resolveFile, type SettingsTable } from '../settings.ts';
import type { AskedRole } from '../status/ask-status.ts';
import { isBuffer } from '../status/ask-status.ts';
import { type Check, failed, passed } from './check.ts';

export interface Targets {
  readonly smsc: string | undefined;
  readonly imServer: string | undefined;
  readonly stateDirs: readonly string[];
  /** Certificates to trust, as files. */
  readonly smscCa: string | undefined;
  readonly imServerCa: string | undefined;
  /** Certificates that a role of this machine shows, as files. */
  readonly ownCertificates: readonly string[];
  readonly account: { readonly user: string | undefined; readonly password: string | undefined };
  readonly ringSize: number;
  readonly window: number;
}

/** What one config file says; secrets are read, and never printed. */
export interface ConfigSaid {
  readonly role: ConfigRole;
  readonly values: Readonly<Record<string, unknown>>;
}

export type RoleTables = Readonly<Record<ConfigRole, SettingsTable>>;

/** Checks the file, and gives what it says as far as it can be read. */
export async function lookAtConfig(
  path: string,
  tables: RoleTables,
): Promise<{ readonly checks: readonly Check[]; readonly said: ConfigSaid | undefined }> {
  try {
    const { role, problems, warnings } = await validateConfig(path, tables, undefined);
    const checks = [
      ...problems.map(({ where, message, hint }) => failed('config', `${where}: ${message}`, hint)),
      ...(problems.length === 0
        ? [passed('config', `${path} is a config file of ${role}; nothing is wrong in it`)]
        : []),
      ...warnings.map((warning) => failed('config', warning, 'let only its owner read it: chmod 600')),
    ];
    if (problems.length > 0) return { checks, said: undefined };
    return { checks, said: { role, values: (await resolveFile(tables[role], path)).values } };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { checks: [failed('config', error.message, error.hint)], said: undefined };
  }
}

export interface Given {
  readonly smsc: string | undefined;
  readonly 'im-server': string | undefined;
  readonly user: string | undefined;
  readonly 'tls-ca': string | undefined;
  readonly stateDirs: readonly string[];
}

export function targetsOf(given: Given, configs: readonly ConfigSaid[], asked: readonly AskedRole[]): Targets {
  const buffers = configs.filter(({ role }) => role === 'buffer');
  const text = (key: string): string | undefined => buffers.map(({ values }) => values[key]).find(isText);
  const running = asked.flatMap((role) => (role.state === 'running' && isBuffer(role.status) ? [role.status] : []));
  const ringSize = running.map(({ mt }) => mt.size).find((size) => size > 0);
  return {
    smsc: given.smsc ?? text('smsc') ?? running.map(({ smscAddress }) => smscAddress)[0],
    imServer: given['im-server'] ?? text('im-server') ?? running.map(({ imServerUrl }) => imServerUrl)[0],
    stateDirs: given.stateDirs,
    smscCa: given['tls-ca'] ?? text('smsc-ca'),
    imServerCa: given['tls-ca'] ?? text('tls-ca'),
    ownCertificates: configs.map(({ values }) => values['tls-cert']).filter(isText),
    account: { user: given.user ?? text('user'), password: text('password-file') },
    ringSize: ringSize ?? 255,
    window: running[0]?.submits.window ?? numberOf(buffers, 'window') ?? 1,
  };
}

/** Where config files put state, for those that were not given. */
export function stateDirsOf(configs: readonly ConfigSaid[]): readonly string[] {
  return configs.map(({ values }) => values['state-dir']).filter(isText);
}

function numberOf(configs: readonly ConfigSaid[], key: string): number | undefined {
  return configs.map(({ values }) => values[key]).find((value) => typeof value === 'number');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
