/**
 * The settings with which a role would start here and now, and where each came from: what flags do not say is in the
 * environment, in a config file, or a default. Nothing is started. A secret is read, so that a wrong file is told, and
 * never shown.
 */
import { secretStars } from '../cimd2/decode-packet.ts';
import { type Origin, relaxed, resolveSettings, type SettingsTable } from '../settings.ts';
import { tomlText } from './toml-text.ts';

export interface SettingInForce {
  readonly name: string;
  /** `set`: the value as it was written. `secret`: it came by the environment. `missing`: the role will not start. */
  readonly state: 'set' | 'secret' | 'unset' | 'missing';
  /** As it was written; undefined for a secret, and where there is none. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** @throws OperatorError as `resolveSettings`, but for what is missing */
export async function settingsInForce(
  table: SettingsTable,
  config: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly settings: readonly SettingInForce[]; readonly warnings: readonly string[] }> {
  const { values, origins, written, warnings } = await resolveSettings(relaxed(table), { config }, environment);
  const settings = Object.entries(table).map(([name, { need }]): SettingInForce => {
    const origin = origins[name] ?? { type: 'default', where: 'default' };
    const value = written[name];
    const isSecret = value === undefined && values[name] !== undefined && origin.type === 'environment';
    const state = isSecret ? 'secret' : value !== undefined ? 'set' : need === 'required' ? 'missing' : 'unset';
    return { name, state, value, origin };
  });
  return { settings, warnings };
}

/**
 * Lines that are a config file again, those without a value as comments.
 *
 * @param origins `told`: behind each value where it came from
 */
export function inForceLines(settings: readonly SettingInForce[], origins: 'told' | 'untold'): readonly string[] {
  return settings.map(({ name, state, value, origin }) => {
    if (state === 'missing') return `# ${name} is missing`;
    if (state === 'unset') return `# ${name} is not set`;
    const line = state === 'secret' ? `# ${name} = "${secretStars}"` : `${name} = ${tomlText(value)}`;
    return origins === 'told' ? `${line}  # ${origin.where}` : line;
  });
}

/** The schema is `config.shown/1`. */
export function inForceDocument(role: string, settings: readonly SettingInForce[]): object {
  return {
    schema: 'config.shown/1',
    role,
    startable: settings.every(({ state }) => state !== 'missing'),
    settings: settings.map(({ name, state, value, origin }) => ({ name, state, value: value ?? null, origin })),
  };
}
