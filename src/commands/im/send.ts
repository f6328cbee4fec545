/** `im send`: one text as a user of the IM server, watched as far as wanted. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag } from '../../cli/flags.ts';
import { loginFlags, resolveLogin } from '../../cli/im/login-flags.ts';
import { prose } from '../../cli/prose.ts';

export default class ImSend extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Send a text as a user of the IM server';
  static override description =
    prose(`Logs in to the IM server, hands the text in once, and waits until it is stored, at the SMSC, or on the handset.
A cut on the way is bridged: the text is stored once, whatever is sent again. A text to another user is at its end when
it is stored; one of an account without status reports when it is at the SMSC.
Ends 0 when it came as far as wanted, 3 when it was refused or failed, 4 for a wrong password, 5 when the server was not
reached, 6 when its fate is unknown or the time was over.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --user alice --password-file alice.secret',
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --user alice --wait delivered --json',
    'echo "a long text" | <%= config.bin %> <%= command.id %> bob - --user alice',
  ];

  static override args = {
    to: Args.string({ description: 'phone number or name of a user', ignoreStdin: true }),
    text: Args.string({ description: 'the text; - or nothing takes it from stdin', ignoreStdin: true }),
  };

  static override flags = {
    ...loginFlags,
    wait: Flags.option({
      description: 'until it is on the disk of the IM server, at the SMSC (accepted says the same), or on the handset',
      options: ['stored', 'at-smsc', 'accepted', 'delivered'] as const,
      default: 'stored',
    })(),
    timeout: durationFlag({ description: 'longest wait', default: 60_000, defaultHelp: async () => '60s' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(ImSend);
    const to = await this.requireValue(args.to, 'TO', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('To (phone number or name):');
    });
    const text = await this.requireText(args.text);
    const login = await resolveLogin(flags, {
      require: (value, name, ask) => this.requireValue(value, name, ask),
      warn: (warning) => this.printNotice(warning),
    });
    const { exitStatusOfText, isWorthRetrying, sendText, wantedSteps } = await import('../../cli/im/send-text.ts');
    const wait = wantedSteps[flags.wait];
    const { stepLine } = await import('../../cli/im/chat-lines.ts');
    const sent = await this.withSpinner(`waiting until it is ${flags.wait}`, () =>
      sendText({ ...login, to, text, wait, timeoutMs: flags.timeout }),
    );
    const { id, cid, peer, step, reason, parts, marks } = sent;
    this.printResult(
      {
        ...{ schema: 'im.send/1', id, cid, to: peer, step, reason: reason ?? null, parts, marks },
        retryable: isWorthRetrying(sent),
      },
      stepLine(sent, await this.painter()),
    );
    const status = exitStatusOfText(sent, wait);
    if (marks.includes('no-report') && status === 6) {
      this.printNotice('This account is sent no status reports: that the SMSC has it is all that can be known.');
    } else if (status === 6 && (step === 'stored' || step === 'accepted')) {
      this.printNotice(`Not ${flags.wait} in time; the bridge goes on with it. Do not send it again because of this.`);
    }
    if (status !== 0) this.exit(status);
  }
}
