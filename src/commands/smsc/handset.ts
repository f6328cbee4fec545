/** `smsc handset`: a phone of the simulator, for a person on a terminal or a program in a pipe. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag, phoneFlag, valueOrThrow } from '../../cli/flags.ts';
import { parsePhone } from '../../cli/phone.ts';
import { prose } from '../../cli/prose.ts';

export default class SmscHandset extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Be a handset of the simulator';
  static override description =
    prose(`Joins the running simulator as the handset of that number. On a terminal: what comes is shown above, a line that
you type is sent to who wrote last or to --to, and below it stands what the application answered. /off, /on, /full and
/slow 5s change the handset, /status shows what is on its way to it, /help the rest. When you leave, it stays as it is.
In a pipe, or with --json: every line in is what one may type, or {"to":…,"text":…}; every line out is an event as JSON.
It ends when the input ends and every text has its answer: 0, 3 if all were refused, 6 if none was answered in time, 8 if
only some were, 5 if no simulator runs.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +639171234567',
    '<%= config.bin %> <%= command.id %> +639171234567 --to 28820001',
    'echo "Hello" | <%= config.bin %> <%= command.id %> +639171234567 --to 28820001 --json',
  ];

  static override args = {
    number: Args.string({ description: 'of the handset; a new one is switched on', ignoreStdin: true }),
  };

  static override flags = {
    to: phoneFlag({
      description: "whom to write to: the account's service number, with the digits of a user behind it",
    }),
    timeout: durationFlag({ description: 'in a pipe: longest wait for the answer to a text', default: 70_000 }),
    'state-dir': Flags.string({
      description: 'of the running simulator',
      helpValue: 'DIR',
      env: 'RINGBRIDGE_SMSC_STATE_DIR',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(SmscHandset);
    const given = await this.requireValue(args.number, 'NUMBER', async () => {
      const { askParsed } = await import('../../cli/prompts.ts');
      return askParsed('Number of the handset:', parsePhone);
    });
    const number = valueOrThrow(parsePhone(given));
    const { defaultStateDir } = await import('../../cli/default-state-dir.ts');
    const { HandsetClient } = await import('../../cli/smsc/handset-client.ts');
    const client = await HandsetClient.open(flags['state-dir'] ?? defaultStateDir('smsc'), number);
    if (this.isInteractive()) {
      const { handsetOnTerminal } = await import('../../cli/smsc/handset-terminal.ts');
      await handsetOnTerminal({ client, number, peer: flags.to, paint: await this.painter() });
      return;
    }
    const { streamHandset } = await import('../../cli/smsc/handset-stream.ts');
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
    const status = await streamHandset({
      client,
      peer: flags.to,
      input: process.stdin,
      timeoutMs: flags.timeout,
      write: (document) => process.stdout.write(`${JSON.stringify(document)}\n`),
      signal: interruption.signal,
    });
    if (status !== 0) this.exit(status);
  }
}
