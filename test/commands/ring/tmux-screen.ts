/** A terminal of some size with a command on it, which tmux lends: keys go in, what it shows comes out. */
import { execFileSync, spawnSync } from 'node:child_process';
import { eventually } from '../../interop/peer.ts';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

let servers = 0;

export class TmuxScreen {
  readonly #socket: string;

  /** With a server of its own: one that is ending takes no new terminal. */
  constructor() {
    servers += 1;
    this.#socket = `ringbridge-screen-${process.pid}-${servers}`;
  }

  /** @param command for a shell, which then says how it ended, and how the terminal is */
  start(command: string, size: { readonly columns: number; readonly rows: number }): void {
    const line = `echo before; ${command}; echo "ended $?"; stty -a; read end`;
    const environment = { ...process.env, TERM: 'xterm-256color' };
    execFileSync(
      'tmux',
      [...this.#to, '-f', '/dev/null', 'new-session', '-d', '-x', String(size.columns), '-y', String(size.rows), line],
      { env: environment },
    );
  }

  keys(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  resize({ columns, rows }: { readonly columns: number; readonly rows: number }): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on it, without blanks at the ends of lines. */
  get text(): string {
    return this.#tmux('capture-pane', '-p').trimEnd();
  }

  /** Whether the program has the alternate screen. */
  get isAlternate(): boolean {
    return this.#tmux('display-message', '-p', '#{alternate_on}').trim() === '1';
  }

  get shellPid(): number {
    return Number(this.#tmux('display-message', '-p', '#{pane_pid}').trim());
  }

  /** Resolves with the screen when it shows this, and the same a moment later. @throws what it shows instead, after a while */
  shows(pattern: RegExp): Promise<string> {
    let before = '';
    return eventually(
      () => {
        const { text } = this;
        const isStill = text === before;
        before = text;
        return isStill && pattern.test(text) ? text : undefined;
      },
      () => `${pattern}\n${this.text}`,
    );
  }

  end(): void {
    spawnSync('tmux', [...this.#to, 'kill-server']);
  }

  get #to(): readonly string[] {
    return ['-L', this.#socket];
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', [...this.#to, ...args], { encoding: 'utf8' });
  }
}
