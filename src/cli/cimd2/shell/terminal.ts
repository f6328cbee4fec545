/** `cimd2 shell` for a person: a line at the bottom to type on, and above it what was sent and what came. */
import { clearScreenDown, cursorTo } from 'node:readline';
import { OperatorError } from '../../../core/base/errors.ts';
import { formatAddress } from '../../../shell/address.ts';
import { systemClock } from '../../../shell/clock.ts';
import { BottomLine } from '../../bottom-line.ts';
import type { Painter } from '../../colour.ts';
import { exitStatus } from '../../exit-status.ts';
import type { SmscLogin } from '../smsc-session.ts';
import { writeOut } from '../written-out.ts';
import type { ShellCommand } from './command.ts';
import { complete } from './completion.ts';
import { helpLines } from './help.ts';
import { History, historyLimit } from './history.ts';
import { Recording, saveRecording } from './recording.ts';
import { loadScript, readScriptFile, runScript } from './script.ts';
import { Shell } from './shell.ts';
import { badLine, interrupted } from './shell-errors.ts';
import { outcomeLines, packetLines, withoutPasswords } from './shell-lines.ts';

export interface TerminalOptions {
  readonly login: SmscLogin;
  readonly begin: 'log-in' | 'unbound';
  readonly aliveMs: number;
  readonly paint: Painter;
}

/** How long `quit` waits for what is outstanding. */
const quitPatienceMs = 2_000;
/** Numbers that Tab knows; the oldest go. */
const numberLimit = 50;

/**
 * @returns the exit status: 6 where something was left without an answer
 * @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4)
 */
export async function shellOnTerminal(options: TerminalOptions): Promise<number> {
  const terminal = new ShellTerminal(options);
  return terminal.run();
}

class ShellTerminal {
  readonly #options: TerminalOptions;
  readonly #now = systemClock();
  readonly #history = new History();
  readonly #recording = new Recording();
  readonly #shell: Shell;
  #typedBefore: readonly string[];
  /** Undefined before the first prompt, and while a password is asked for. */
  #line: BottomLine | undefined;
  #shown: 'wire' | 'words' = 'wire';
  /** Of the line that is being carried out. */
  #running: AbortController | undefined;
  /** One behind the other, so that lines that are pasted keep their order. */
  #last: Promise<void> = Promise.resolve();
  #hasInterrupted = false;
  readonly #numbers: string[] = [];
  #leave: () => void = () => undefined;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#typedBefore = this.#history.load();
    this.#shell = new Shell({
      login: options.login,
      aliveMs: options.aliveMs,
      on: {
        seen: async (seen) => {
          this.#recording.seen(seen);
          const form = { shown: this.#shown, paint: options.paint, columns: process.stdout.columns };
          for (const line of packetLines(seen, form, this.#now())) await this.#print(line);
        },
        notice: (text) => void this.#print(options.paint.dim(text)),
        lost: (reason, unanswered) => {
          const left = unanswered === 0 ? '' : `; ${unanswered} unanswered`;
          void this.#print(options.paint.yellow(`The SMSC ended the connection: ${reason}${left}`));
        },
        askPassword: (question) => this.#askPassword(question),
      },
    });
  }

  async run(): Promise<number> {
    const { begin, login, paint } = this.#options;
    const never = new AbortController().signal;
    if (begin === 'log-in') await this.#shell.begin(never);
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    const leave = (): void => this.#leave();
    process.on('SIGTERM', leave);
    process.on('SIGHUP', leave);
    await this.#print(paint.dim('help lists the commands, Tab completes, quit or Ctrl-D logs out'));
    if (begin === 'unbound') {
      await this.#print(paint.dim(`not connected to ${formatAddress(login.address)}: login or connect begins`));
    }
    this.#openLine();
    await left;
    this.#line?.close();
    this.#line = undefined;
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    this.#running?.abort();
    await this.#last;
    const unanswered = await this.#shell.end(quitPatienceMs, never);
    process.off('SIGTERM', leave);
    process.off('SIGHUP', leave);
    if (unanswered === 0) return exitStatus.done;
    await this.#print(paint.yellow(`${unanswered} left without an answer: what became of it is not known.`));
    return exitStatus.outcomeUnknown;
  }

  #openLine(): void {
    this.#line = new BottomLine({
      prompt: () => this.#prompt(),
      onLine: (typed) => this.#take(typed),
      onEnd: () => this.#leave(),
      onInterrupt: (typed) => this.#interrupt(typed),
      history: this.#typedBefore,
      historyLimit,
      completer: (line) => complete(line, this.#numbers),
    });
    this.#line.prompt();
  }

  #take(typed: string): Promise<void> {
    this.#hasInterrupted = false;
    const trimmed = typed.trim();
    if (trimmed !== '') {
      this.#history.add(trimmed);
      this.#typedBefore = [trimmed, ...this.#typedBefore].slice(0, historyLimit);
    }
    this.#last = this.#last.then(() => this.#carryOut(trimmed));
    return this.#last;
  }

  async #carryOut(typed: string): Promise<void> {
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#recording.typed(typed);
    this.#learnNumbers(typed);
    const outcome = await this.#shell.run(typed, signal);
    try {
      if (outcome.type === 'owners') await this.#own(outcome.command, signal);
      for (const line of outcomeLines(outcome, this.#options.paint)) await this.#print(line);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      for (const line of outcomeLines({ type: 'failed', error }, this.#options.paint)) await this.#print(line);
    } finally {
      this.#running = undefined;
    }
  }

  async #own(command: ShellCommand, signal: AbortSignal): Promise<void> {
    switch (command.type) {
      case 'packets':
        this.#shown = command.shown === 'on' ? 'wire' : 'words';
        return;
      case 'save':
        await saveRecording(this.#recording, command);
        await this.#print(this.#options.paint.dim(`saved; carry it out with source ${command.file}, or --script`));
        return;
      case 'source':
        return this.#source(command.file, signal);
      case 'help':
        for (const line of helpLines(command.topic)) await this.#print(line);
        return;
      case 'quit':
        this.#leave();
        return;
      default:
        return;
    }
  }

  async #source(file: string, signal: AbortSignal): Promise<void> {
    const { paint } = this.#options;
    const script = await loadScript(file, await readScriptFile(file));
    this.#shell.forgetArrivals();
    const result = await runScript(script, {
      shell: this.#shell,
      afterFailure: 'stop',
      signal,
      on: {
        begins: ({ line, typed }) =>
          void this.#print(`${paint.dim(String(line).padStart(3))} ${paint.bold(withoutPasswords(typed))}`),
        ended: async (_, outcome) => {
          if (outcome.type === 'owners' && outcome.command.type !== 'quit') await this.#own(outcome.command, signal);
          for (const line of outcomeLines(outcome, paint)) await this.#print(line);
        },
      },
    });
    const words = `${result.lines} lines   ${result.expectations} expected   ${result.failures} failed`;
    await this.#print(result.error === undefined ? paint.green(`✔ ${words}`) : paint.red(`✖ ${words}`));
  }

  /** Ends what runs; else clears the line; twice on an empty line leaves. */
  #interrupt(typed: string): void {
    if (this.#running !== undefined) {
      this.#running.abort();
      return;
    }
    if (typed !== '') return;
    if (this.#hasInterrupted) {
      this.#leave();
      return;
    }
    this.#hasInterrupted = true;
    void this.#print(this.#options.paint.dim('Ctrl-C again leaves'));
  }

  /** The line at the bottom goes as long as it is asked. */
  async #askPassword(question: string): Promise<string | undefined> {
    const { askSecret } = await import('../../prompts.ts');
    this.#line?.close();
    this.#line = undefined;
    try {
      const password = await askSecret(question);
      if (password === '') throw badLine('An empty password is none; nothing was sent.');
      return password;
    } catch (error) {
      if (error instanceof Error && error.name === 'ExitPromptError') throw interrupted();
      throw error;
    } finally {
      this.#openLine();
    }
  }

  #learnNumbers(typed: string): void {
    for (const number of typed.match(/\+\d{7,15}\b/g) ?? []) {
      if (this.#numbers.includes(number)) continue;
      this.#numbers.push(number);
      if (this.#numbers.length > numberLimit) this.#numbers.shift();
    }
  }

  #prompt(): string {
    const { login, paint } = this.#options;
    const { user, isConnected, heldCount } = this.#shell;
    const at = formatAddress(login.address).replace(/^tcp:\/\//, '');
    const who = user ?? (isConnected ? 'not logged in' : 'not connected');
    const held = heldCount === 0 ? '' : paint.yellow(` ${heldCount} to answer`);
    return `${user === undefined ? paint.yellow(who) : paint.bold(who)}${paint.dim(`@${at}`)}${held}${paint.dim('>')} `;
  }

  #print(line: string): Promise<void> {
    if (this.#line === undefined) return writeOut(process.stdout, line);
    this.#line.print(line);
    return Promise.resolve();
  }
}
