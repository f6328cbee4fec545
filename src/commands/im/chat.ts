/** `im chat`: a conversation as a user of the IM server, for a person on a terminal or a program in a pipe. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { type Login, loginFlags, resolveLogin } from '../../cli/im/login-flags.ts';
import { prose } from '../../cli/prose.ts';

export default class ImChat extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Chat as a user of the IM server';
  static override description =
    prose(`On a terminal: type and press Enter; what comes stands above, and ticks turn where they stand. It comes back by itself
after a cut, and sends what you typed meanwhile. /help says what else can be typed.
In a pipe, or with --json: every line in is a text for TO, or an object: {"to":…,"text":…,"cid":…},
{"type":"history","peer":…}, {"type":"conversations"}, {"type":"read","peer":…,"order":…},
{"type":"presence","presence":"here"} (a program counts as nobody until it says so); every line out is an event as JSON.
A plain line is always a text, also one that begins with a slash. It ends when the input ends and everything handed in is
stored: 0, 3 if all were refused, 8 if some were.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +358401234567 --user alice --password-file alice.secret',
    'echo \'{"to":"+358401234567","text":"Hello"}\' | <%= config.bin %> <%= command.id %> --user alice --password-file alice.secret',
  ];

  static override args = {
    to: Args.string({ description: 'phone number or name to write to; /to changes it', ignoreStdin: true }),
  };

  static override flags = {
    ...loginFlags,
    since: Flags.integer({
      description: 'in a pipe: tell first what is behind this position, as an earlier event gave it',
      helpValue: 'POSITION',
      min: 0,
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImChat);
    const login = await resolveLogin(flags, {
      require: (value, name, ask) => this.requireValue(value, name, ask),
      warn: (warning) => this.printNotice(warning),
    });
    const status = this.isInteractive()
      ? await this.talk(login, args.to)
      : await this.stream({ ...login, position: flags.since }, args.to);
    if (status !== 0) this.exit(status);
  }

  private async talk(login: Login, peer: string | undefined): Promise<number> {
    const { chatOnTerminal } = await import('../../cli/im/chat-terminal.ts');
    return chatOnTerminal({ ...login, peer, paint: await this.painter() });
  }

  private async stream(
    login: Login & { readonly position: number | undefined },
    peer: string | undefined,
  ): Promise<number> {
    const { streamChat } = await import('../../cli/im/chat-stream.ts');
    const interruption = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
    const write = (document: object) => process.stdout.write(`${JSON.stringify(document)}\n`);
    return streamChat({ ...login, peer, input: process.stdin, write, signal: interruption.signal });
  }
}
