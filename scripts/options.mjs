// The flags of a script: one table, from which come both what is read and what `--help` says, so that help is never
// untrue. What is wrong is refused in one line before anything is measured or written. There are no arguments without a
// flag. What flags take is in options/kinds.mjs. Both use nothing but Node, because `ready.mjs` runs before anything is
// installed.
import { parseArgs } from 'node:util';

const usageError = 2;
const lineWidth = 118;

/**
 * What was typed, by the names of the flags. Prints help and ends 0 for `--help`; says what is wrong and ends 2.
 *
 * @param script `command` as one types it; `about`, a paragraph; `flags` by name. A flag `says` what it is for and `takes`
 *   a value, unless it is only there or not; it has a `default`, for which help may have a `defaultText`; `isNeeded`;
 *   `repeats`, and is an array then
 * @returns values by name; a flag that takes nothing is true or false
 */
export function readOptions(script) {
  const { type, text: words, values } = parseOptions(script, process.argv.slice(2));
  if (type === 'wrong') refuse(words);
  if (type === 'values') return values;
  process.stdout.write(`${words}\n`);
  return process.exit(0);
}

/** Ends the script, because what it was asked for cannot be done. */
export function refuse(words) {
  process.stderr.write(`${words}\n`);
  process.exit(usageError);
}

/** The same without a process: of type `values`, or the text of `help`, or of what is `wrong`. */
export function parseOptions(script, args) {
  const own = script.flags ?? {};
  const flags = { ...own, help: { says: 'this text' } };
  const options = Object.entries(flags).map(([name, { takes }]) => [name, { type: takes ? 'string' : 'boolean' }]);
  const { tokens } = parseArgs({ args, options: Object.fromEntries(options), strict: false, tokens: true });
  if (tokens.some(({ name }) => name === 'help')) return { type: 'help', text: helpOf(script, flags) };
  const typed = {};
  for (const token of tokens.filter(({ kind }) => kind !== 'option-terminator')) {
    const { wrong, value } = readToken(token, script, flags);
    if (wrong !== undefined) return { type: 'wrong', text: wrong };
    typed[token.name] = flags[token.name].repeats ? [...(typed[token.name] ?? []), value] : value;
  }
  const missing = Object.keys(flags).find((name) => flags[name].isNeeded && typed[name] === undefined);
  if (missing !== undefined)
    return { type: 'wrong', text: `--${missing} is missing; write ${asTyped(missing, flags[missing])}` };
  const usual = Object.entries(own).map(([name, flag]) => [name, flag.takes ? flag.default : false]);
  return { type: 'values', values: { ...Object.fromEntries(usual), ...typed } };
}

function readToken({ kind, name, rawName, value, inlineValue }, { command }, flags) {
  const known = Object.keys(flags).map((flag) => `--${flag}`);
  if (kind === 'positional')
    return { wrong: `"${value}" belongs to no flag; write ${command} [options], known: ${known.join(', ')}` };
  if (!Object.hasOwn(flags, name)) return { wrong: `${rawName}: no such flag; known: ${known.join(', ')}` };
  const { takes } = flags[name];
  if (takes === undefined) return value === undefined ? { value: true } : { wrong: `--${name} takes no value` };
  // `--dir --json`: a value was forgotten.
  const isMissing = !value || (!inlineValue && value.startsWith('--'));
  if (isMissing) return { wrong: `--${name} has no value; write ${asTyped(name, flags[name])}` };
  const read = takes.read(value);
  return read.wrong === undefined ? read : { wrong: `--${name}: ${read.wrong}` };
}

function helpOf({ command, about }, flags) {
  const heads = Object.entries(flags).map(([name, flag]) => asTyped(name, flag));
  const width = Math.max(...heads.map((head) => head.length));
  const lines = Object.values(flags).flatMap((flag, row) =>
    wrap(meaningOf(flag), lineWidth - width - 4).map(
      (line, at) => `  ${(at > 0 ? '' : heads[row]).padEnd(width)}  ${line}`,
    ),
  );
  return [`Usage: ${command} [options]`, '', ...lines, '', ...wrap(about, lineWidth)].join('\n');
}

function asTyped(name, { takes }) {
  return takes === undefined ? `--${name}` : `--${name} ${takes.sign}`;
}

function meaningOf({ says, takes, repeats, isNeeded, default: value, defaultText = value }) {
  const more = [takes?.allowed, repeats && 'may be repeated', isNeeded && 'needed'];
  if (defaultText !== undefined) more.push(`default ${defaultText}`);
  const behind = more.filter(Boolean).join('; ');
  return behind === '' ? says : `${says} (${behind})`;
}

/** In lines of at most so many characters, broken between words. */
function wrap(words, width) {
  return words.match(new RegExp(`\\S.{0,${width - 1}}(?= |$)`, 'g')) ?? [];
}
