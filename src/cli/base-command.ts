/**
 * What all commands share: where results and problems go, how an error ends, when questions may be asked. A command
 * parses its flags, calls a function and prints; only `@oclif/core` is imported statically, everything heavy inside
 * `run()`, so that `--help` stays quick. A command whose output is data says `static override enableJsonFlag = true`;
 * that adds `--json`. Rules: CLI.md, conventions.
 */
import { Command } from '@oclif/core';
import { OperatorError } from '../core/base/errors.ts';
import { loadPainter, type Painter, plainPainter } from './colour.ts';
import { describeError, type ErrorReport, errorDocument } from './error-report.ts';

/** A spinner appears only if the work takes longer than this. */
const spinnerDelayMs = 500;

export abstract class BaseCommand extends Command {
  /** True only where somebody sits at both ends and did not ask for JSON: questions may be asked. */
  protected isInteractive(): boolean {
    return process.stdin.isTTY === true && process.stdout.isTTY === true && !this.jsonEnabled();
  }

  /** Colours for stdout; plain under `--json` and off a terminal. */
  protected async painter(): Promise<Painter> {
    return this.jsonEnabled() ? plainPainter : loadPainter(process.stdout);
  }

  /**
   * The value, or the answer to a question where one may be asked.
   *
   * @param name how the user can give it: `--smsc`, `TO`
   * @throws OperatorError USAGE_MISSING_VALUE off a terminal
   */
  protected async requireValue<T>(value: T | undefined, name: string, ask: () => Promise<T>): Promise<T> {
    if (value !== undefined) return value;
    if (this.isInteractive()) return ask();
    throw new OperatorError({
      code: 'USAGE_MISSING_VALUE',
      message: `Missing ${name}.`,
      hint: `Give ${name}; it is asked for only on a terminal. See \`${this.commandLine()} --help\`.`,
    });
  }

  /** The text of a message: the argument, or what is fed to stdin (`-` says so), or what is asked for. @throws as `requireValue` */
  protected async requireText(given: string | undefined): Promise<string> {
    if (given !== undefined && given !== '-') return given;
    const { isStdinFed, readStdinText } = await import('./text-source.ts');
    if (given === '-' || isStdinFed()) {
      const text = await readStdinText();
      if (text !== '') return text;
    }
    return this.requireValue(undefined, 'TEXT', async () => {
      const { askText } = await import('./prompts.ts');
      return askText('Text:');
    });
  }

  /** The result: the document on one line under `--json`, the text for people otherwise. */
  protected printResult(document: object, humanText: string): void {
    if (this.jsonEnabled()) writeLine(process.stdout, JSON.stringify(document));
    else if (humanText !== '') writeLine(process.stdout, humanText);
  }

  /** One line of the result on stdout; nothing under `--json`. */
  protected printLine(text = ''): void {
    if (!this.jsonEnabled()) writeLine(process.stdout, text);
  }

  /** Progress and notices, on stderr; nothing under `--json`. */
  protected printNotice(text: string): void {
    if (!this.jsonEnabled()) writeLine(process.stderr, text);
  }

  /** Shows that something is going on, on a terminal and only if it takes longer than half a second. */
  protected async withSpinner<T>(text: string, work: () => Promise<T>): Promise<T> {
    if (process.stderr.isTTY !== true || this.jsonEnabled()) return work();
    let stop: (() => void) | undefined;
    let isDone = false;
    const timer = setTimeout(async () => {
      const { default: ora } = await import('ora');
      if (isDone) return;
      const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
      stop = () => spinner.stop();
    }, spinnerDelayMs);
    try {
      return await work();
    } finally {
      isDone = true;
      clearTimeout(timer);
      stop?.();
    }
  }

  /** `ringbridge cimd2 send`. */
  protected commandLine(): string {
    return `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`.trim();
  }

  protected override async catch(error: Error): Promise<never> {
    // `this.exit(status)` after the result was printed: nothing more to say.
    if ('code' in error && error.code === 'EEXIT') throw error;
    const flagNames = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags });
    if (this.ctor.enableJsonFlag) flagNames.push('json');
    const report = describeError(error, { command: this.commandLine(), flagNames: [...flagNames, 'help'] });
    await printError(report, this.jsonEnabled() ? 'json' : 'text');
    return this.exit(report.exitStatus);
  }
}

/** Tells of an error: a document on stdout under `--json`, otherwise message and remedy on stderr. */
export async function printError(report: ErrorReport, form: 'json' | 'text'): Promise<void> {
  if (form === 'json') {
    writeLine(process.stdout, JSON.stringify(errorDocument(report)));
    return;
  }
  const paint = await loadPainter(process.stderr);
  if (report.stack !== undefined) writeLine(process.stderr, paint.dim(report.stack));
  writeLine(process.stderr, `${paint.red('✖')} ${report.message} ${paint.dim(`(${report.code})`)}`);
  writeLine(process.stderr, `${paint.cyan('→')} ${report.hint}`);
}

function writeLine(stream: NodeJS.WritableStream, text: string): void {
  stream.write(`${text}\n`);
}
