/**
 * Checks a config file without starting anything: which role it is for, every key and value, and what the values say
 * together. Problems carry the line. A role's table is the one it starts with.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { loadConfigFile } from '../config-file.ts';
import { completed, type RoutingValues, routingFaults } from '../im/routing-settings.ts';
import { resolveFile, type SettingsTable } from '../settings.ts';
import { type ConfigRole, configRoles } from './roles.ts';

export interface ConfigProblem {
  /** `im.toml:7`, or the file alone where the line is not known. */
  readonly where: string;
  readonly message: string;
  readonly hint: string;
}

export interface ConfigFinding {
  readonly role: ConfigRole;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly string[];
}

/**
 * @param role undefined: the one whose settings the keys of the file are
 * @throws OperatorError CONFIG_UNREADABLE for a file that cannot be read or is no TOML
 */
export async function validateConfig(
  path: string,
  tables: Readonly<Record<ConfigRole, SettingsTable>>,
  role: ConfigRole | undefined,
): Promise<ConfigFinding> {
  const file = await loadConfigFile(path);
  const keys = Object.keys(file.values);
  const meant = role ?? roleOf(keys, tables);
  try {
    const { values, warnings } = await resolveFile(tables[meant], path);
    if (meant !== 'im-server') return { role: meant, problems: [], warnings };
    // The table of the IM server holds these settings under these names.
    const routing = completed(values as Partial<RoutingValues>);
    const rows = Array.isArray(values['buffer']) ? values['buffer'] : [];
    const smscIds = rows.map((row: { readonly 'smsc-id': string }) => row['smsc-id']);
    const problems = routingFaults(routing, smscIds.length === 0 ? undefined : smscIds).map((fault) => {
      const { setting, row, column, message, hint } = fault;
      return { where: file.whereRow(setting, row, column), message, hint };
    });
    return { role: meant, problems, warnings };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { role: meant, problems: [problemOf(error, path)], warnings: [] };
  }
}

/** The role that knows most of the keys. */
function roleOf(keys: readonly string[], tables: Readonly<Record<ConfigRole, SettingsTable>>): ConfigRole {
  const known = (role: ConfigRole) => keys.filter((key) => Object.hasOwn(tables[role], key)).length;
  return configRoles.reduce((best, role) => (known(role) > known(best) ? role : best));
}

/** Errors of settings begin with where they are. */
function problemOf(error: OperatorError, path: string): ConfigProblem {
  const [, where, message] = /^(\S+?:\d+)(?:, \S+)?: (.*)$/s.exec(error.message) ?? [];
  const hint = error.hint.replace(/ ?(Correct the file and start again; n|N)othing was started\./, '');
  const remedy = hint === '' ? 'Correct it; `--help` of the role shows what is allowed.' : hint;
  return { where: where ?? path, message: message ?? error.message, hint: remedy };
}
