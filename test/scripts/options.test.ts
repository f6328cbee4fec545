/** The flags of scripts: what is read from what was typed, what is refused and how, and what help says. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types, which runs before anything is installed
import { existing, listOf, number, text, word } from '../../scripts/options/kinds.mjs';
// @ts-expect-error the same
import { parseOptions } from '../../scripts/options.mjs';

const even = (typed: string) =>
  Number(typed) % 2 === 0
    ? { ok: true, value: Number(typed) }
    : { ok: false, fault: { code: 'CONFIG_BAD_VALUE', message: `"${typed}" is odd` } };

const script = {
  command: 'npm run bake --',
  about: 'Ends 0 if all are eaten, 7 otherwise.',
  flags: {
    loaves: { takes: number(1, 100), default: 3, says: 'how many' },
    hours: { takes: number(0.5, 9, { fractions: 'allowed' }), default: 1, says: 'how long' },
    kind: { takes: listOf(word('KIND', ['rye', 'oat'])), default: ['rye'], says: 'made of' },
    heat: { takes: listOf(number(1, 300)), says: 'degrees, one after the other' },
    pairs: { takes: text('N', even), default: '2', says: 'eaten together' },
    from: { takes: existing('FILE'), says: 'where the recipe is' },
    guest: { takes: text('NAME'), repeats: true, defaultText: 'nobody', says: 'who is invited' },
    warm: { says: 'not cooled down' },
  },
};
const usual = { loaves: 3, hours: 1, kind: ['rye'], pairs: '2', warm: false };
const known = '--loaves, --hours, --kind, --heat, --pairs, --from, --guest, --warm, --help';

const read = (...args: readonly string[]) => parseOptions(script, args);

describe('what was typed', () => {
  it.each([
    [[], {}],
    [['--loaves', '100', '--warm'], { loaves: 100, warm: true }],
    [['--loaves=1'], { loaves: 1 }],
    [['--loaves', '5', '--loaves', '6'], { loaves: 6 }],
    [['--hours', '0.5'], { hours: 0.5 }],
    [['--kind', 'oat,rye'], { kind: ['oat', 'rye'] }],
    [['--heat', '20,200'], { heat: [20, 200] }],
    [['--pairs', '4'], { pairs: '4' }],
    [['--from', 'package.json'], { from: 'package.json' }],
    [['--guest', 'Ann', '--guest=--bob'], { guest: ['Ann', '--bob'] }],
    [['--warm', '--'], { warm: true }],
  ])('%j is read, and the rest is as usual', (args, values) => {
    expect(read(...args)).toEqual({ type: 'values', values: { ...usual, ...values } });
  });

  it.each([
    [['--nope'], `--nope: no such flag; known: ${known}`],
    [['--nope=7'], `--nope: no such flag; known: ${known}`],
    [['-w'], `-w: no such flag; known: ${known}`],
    [['--no-warm'], `--no-warm: no such flag; known: ${known}`],
    [['--constructor', '1'], `--constructor: no such flag; known: ${known}`],
    [['--__proto__', '1'], `--__proto__: no such flag; known: ${known}`],
    [['5'], `"5" belongs to no flag; write npm run bake -- [options], known: ${known}`],
    [['--', '--warm'], `"--warm" belongs to no flag; write npm run bake -- [options], known: ${known}`],
    [['--loaves'], '--loaves has no value; write --loaves N'],
    [['--loaves', '--warm'], '--loaves has no value; write --loaves N'],
    [['--guest='], '--guest has no value; write --guest NAME'],
    [['--warm=yes'], '--warm takes no value'],
    [['--loaves', 'x'], '--loaves: "x" is no whole number from 1 to 100'],
    [['--loaves', '0'], '--loaves: "0" is no whole number from 1 to 100'],
    [['--loaves', '101'], '--loaves: "101" is no whole number from 1 to 100'],
    [['--loaves', '1.5'], '--loaves: "1.5" is no whole number from 1 to 100'],
    [['--loaves', '-1'], '--loaves: "-1" is no whole number from 1 to 100'],
    [['--loaves', '1e1'], '--loaves: "1e1" is no whole number from 1 to 100'],
    [['--loaves', '0x9'], '--loaves: "0x9" is no whole number from 1 to 100'],
    [['--loaves', ' 9'], '--loaves: " 9" is no whole number from 1 to 100'],
    [['--hours', '0.4'], '--hours: "0.4" is no number from 0.5 to 9'],
    [['--hours', 'Infinity'], '--hours: "Infinity" is no number from 0.5 to 9'],
    [['--kind', 'rye,wheat'], '--kind: "wheat" is none of rye, oat'],
    [['--kind', 'rye,'], '--kind: "" is none of rye, oat'],
    [['--heat', '20,,200'], '--heat: "" is no whole number from 1 to 300'],
    [['--pairs', '3'], '--pairs: "3" is odd'],
    [['--from', 'nowhere'], '--from: there is no "nowhere"'],
  ])('%j is refused in one line that says what to do', (args, wrong) => {
    expect(read(...args)).toEqual({ type: 'wrong', text: wrong });
  });

  it('is refused where a flag is missing that is needed', () => {
    const needy = { ...script, flags: { out: { takes: text('FILE'), isNeeded: true, says: 'where to' } } };
    expect(parseOptions(needy, [])).toEqual({ type: 'wrong', text: '--out is missing; write --out FILE' });
    expect(parseOptions(needy, ['--out', 'a'])).toEqual({ type: 'values', values: { out: 'a' } });
  });

  it('may be nothing where a script has no flags', () => {
    const plain = { command: 'node scripts/bake.mjs', about: 'Bakes.' };
    expect(parseOptions(plain, [])).toEqual({ type: 'values', values: {} });
    expect(parseOptions(plain, ['--nope'])).toEqual({ type: 'wrong', text: '--nope: no such flag; known: --help' });
  });
});

describe('help', () => {
  it('says of every flag what it takes, what is allowed and what it is by default', () => {
    expect(read('--help')).toEqual({
      type: 'help',
      text: `Usage: npm run bake -- [options]

  --loaves N     how many (1 to 100; default 3)
  --hours N      how long (0.5 to 9; default 1)
  --kind KIND,…  made of (rye, oat; default rye)
  --heat N,…     degrees, one after the other (1 to 300)
  --pairs N      eaten together (default 2)
  --from FILE    where the recipe is
  --guest NAME   who is invited (may be repeated; default nobody)
  --warm         not cooled down
  --help         this text

Ends 0 if all are eaten, 7 otherwise.`,
    });
  });

  it('comes also beside what would be refused', () => {
    expect(read('--nope', '--help', '5').type).toBe('help');
  });

  it('breaks lines between words, and goes on below the words above', () => {
    const long = {
      command: 'bake',
      about: 'word '.repeat(50).trim(),
      flags: { a: { says: 'more '.repeat(50).trim() } },
    };
    const lines: readonly string[] = parseOptions(long, ['--help']).text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(118);
    expect(lines.filter((line) => /^ {10}more/.test(line))).toHaveLength(2);
    expect(lines.join(' ').match(/\bmore\b/g)).toHaveLength(50);
    expect(lines.join(' ').match(/\bword\b/g)).toHaveLength(50);
  });
});
