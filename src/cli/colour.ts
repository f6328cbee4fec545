/** Colours for people: chalk, loaded only where a stream is a terminal; everywhere else the text stays as it is. */

export interface Painter {
  readonly isColoured: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  magenta(text: string): string;
  cyan(text: string): string;
  /** Background and foreground exchanged: terminals without colours have it, too. */
  inverse(text: string): string;
  underline(text: string): string;
}

const same = (text: string): string => text;

export const plainPainter: Painter = {
  isColoured: false,
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  blue: same,
  magenta: same,
  cyan: same,
  inverse: same,
  underline: same,
};

/** What a terminal without colours can do; for whole screens, which have a place to mark. */
export const monochromePainter: Painter = {
  ...plainPainter,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  inverse: (text) => `\u001b[7m${text}\u001b[27m`,
  underline: (text) => `\u001b[4m${text}\u001b[24m`,
};

/** Colours if the stream is a terminal that can show them and the user did not say no (NO_COLOR, no-color.org). */
export async function loadPainter(stream: { readonly isTTY?: boolean }): Promise<Painter> {
  const isRefused = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  if (stream.isTTY !== true || isRefused) return plainPainter;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    isColoured: true,
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    red: (text) => chalk.red(text),
    green: (text) => chalk.green(text),
    yellow: (text) => chalk.yellow(text),
    blue: (text) => chalk.blue(text),
    magenta: (text) => chalk.magenta(text),
    cyan: (text) => chalk.cyan(text),
    inverse: (text) => chalk.inverse(text),
    underline: (text) => chalk.underline(text),
  };
}
