/** A config file to begin with: every setting of a role with what it does, defaults as comments, and what must be filled in. */
import type { Setting } from '../setting-kinds.ts';
import type { SettingsTable } from '../settings.ts';
import { wrapText } from '../table.ts';
import { tomlText } from './toml-text.ts';

const width = 100;

export function templateLines(role: string, table: SettingsTable): readonly string[] {
  const all = Object.entries(table);
  // In TOML a table takes all keys behind its head, so tables come last.
  const plain = all.filter(([, { shape }]) => shape !== 'rows');
  const tables = all.filter(([, { shape }]) => shape === 'rows');
  return [
    `# Settings of \`ringbridge ${role} start --config FILE\`. Flags and the environment go before what stands here.`,
    `# \`ringbridge config validate FILE\` checks it; secrets stand in files of their own, readable by their owner alone.`,
    '# What begins with # and no space is a setting with its default, or what it looks like: take the # away to set it.',
    ...plain.flatMap(([name, setting]) => ['', ...settingLines(name, setting, '')]),
    ...tables.flatMap(([name, setting]) => ['', ...tableLines(name, setting)]),
  ];
}

function settingLines(name: string, setting: Setting<unknown>, mark: '' | '#'): readonly string[] {
  const { shape, need, fallback, fallbackText, helpValue, range } = setting;
  const about = comment(`${setting.description}${need === 'required' ? ' (required)' : ''}`);
  if (need === 'required') return [...about, `${mark}${name} = ""`];
  const isPlain = shape === 'switch' || shape === 'whole-number';
  const written = isPlain ? (fallback ?? range?.min) : (fallbackText ?? helpValue);
  return [...about, `#${name} = ${tomlText(shape === 'list' ? [helpValue] : written)}`];
}

function tableLines(name: string, { description, columns = {}, tables }: Setting<unknown>): readonly string[] {
  const head = tables === 'once' ? `#[${name}]` : `#[[${name}]]`;
  const rows = Object.entries(columns).flatMap(([column, setting]) => settingLines(column, setting, '#'));
  return [...comment(description), head, ...rows];
}

function comment(text: string): readonly string[] {
  return wrapText(text, width - 2, 0).map((line) => `# ${line}`);
}
