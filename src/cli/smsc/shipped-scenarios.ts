/** The scenarios that come with the package: found by name, listed with what they do. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../core/base/errors.ts';
import type { Scenario } from '../../core/roles/smsc/scenario.ts';
import { nearest } from '../nearest.ts';
import { loadScenario } from './scenario-file.ts';

/** Beside src and dist, which are equally deep. */
const folder = fileURLToPath(new URL('../../../scenarios/', import.meta.url));

/** In the order of their names. */
export async function shippedScenarioNames(): Promise<readonly string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => (file.endsWith('.toml') ? [file.slice(0, -'.toml'.length)] : [])).sort();
}

export async function shippedScenarios(): Promise<readonly Scenario[]> {
  const names = await shippedScenarioNames();
  return Promise.all(names.map((name) => loadScenario(join(folder, `${name}.toml`))));
}

/** Name and description of each, for people. */
export async function scenarioLines(): Promise<readonly string[]> {
  const scenarios = await shippedScenarios();
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return scenarios.map(({ name, description }) => `${name.padEnd(width)}   ${description}`);
}

/**
 * A file, or the name of a shipped scenario; a name that both have is the shipped one, `./name` the file.
 *
 * @throws OperatorError as `loadScenario`; `CONFIG_BAD_VALUE` with the nearest name where there is none
 */
export async function findScenario(nameOrFile: string): Promise<Scenario> {
  const names = await shippedScenarioNames();
  if (names.includes(nameOrFile)) return loadScenario(join(folder, `${nameOrFile}.toml`));
  const isPath = /[/.]/.test(nameOrFile);
  const isThere = await access(nameOrFile).then(
    () => true,
    () => false,
  );
  if (isPath || isThere) return loadScenario(nameOrFile);
  const guess = nearest(nameOrFile, names);
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `There is no scenario "${nameOrFile}".${guess === undefined ? '' : ` Did you mean ${guess}?`}`,
    hint: '`ringbridge smsc start --scenario list` names those that ship; a file is given by its path.',
  });
}
