/** Our simulator as a process, for peers: its address, its handsets and its counts through the control socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callControl } from '../../src/shell/control-client.ts';
import { type RunningRole, startRole } from '../commands/smsc/start-smsc.ts';
import { eventually } from './peer.ts';

export interface InboxText {
  readonly from: string;
  readonly text: string;
  readonly repeats: number;
}

export class SmscUnderTest {
  readonly #stateDir: string;
  readonly #role: RunningRole;

  private constructor(stateDir: string, role: RunningRole) {
    this.#stateDir = stateDir;
    this.#role = role;
  }

  /** @param flags of `smsc start`, besides where it listens and keeps its socket */
  static async start(...flags: readonly string[]): Promise<SmscUnderTest> {
    const stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-interop-'));
    const where = ['--listen', 'tcp://127.0.0.1:0', '--state-dir', stateDir, '--delivery-delay', '20ms'];
    return new SmscUnderTest(stateDir, await startRole(['smsc', 'start', ...where, ...flags]));
  }

  get address(): string {
    return this.#role.ready.listen;
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  async stop(): Promise<void> {
    await this.#role.end();
    await rm(this.#stateDir, { recursive: true, force: true });
  }

  /** Without warning, and for good. */
  async kill(): Promise<void> {
    await this.#role.end('SIGKILL');
  }

  async cut(): Promise<void> {
    await callControl(this.#stateDir, 'POST /cut');
  }

  async counts(): Promise<Readonly<Record<string, unknown>>> {
    // The shapes of both documents are ours, and tested with the command.
    return (await callControl(this.#stateDir, 'GET /counts')) as Record<string, unknown>;
  }

  /** All that a handset has; nothing where nobody ever sent to it. */
  async inbox(number: string): Promise<readonly InboxText[]> {
    const call = `GET /handset?number=${encodeURIComponent(number)}` as const;
    const document = await callControl(this.#stateDir, call).catch(() => ({ inbox: [] }));
    return (document as { readonly inbox: readonly InboxText[] }).inbox;
  }

  /** Waits until a handset has this text. */
  arrived(number: string, text: string): Promise<InboxText> {
    return eventually(
      async () => (await this.inbox(number)).find((item) => item.text === text),
      () => `${JSON.stringify(text)} on ${number}`,
    );
  }

  /** A handset sends a text to a service; resolves when the service has answered it. */
  async inject(from: string, to: string, text: string): Promise<void> {
    await callControl(this.#stateDir, 'POST /inject', { from, to, text });
  }
}
