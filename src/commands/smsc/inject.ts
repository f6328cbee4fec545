/** `smsc inject`: a message from a simulated handset, once or many times, through the SMSC's control socket. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag, phoneFlag, rateFlag, valueOrThrow } from '../../cli/flags.ts';
import { parsePhone } from '../../cli/phone.ts';
import { prose } from '../../cli/prose.ts';
import { nationalChoices } from '../../core/codec/national-language.ts';

export default class SmscInject extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Send a text from a simulated handset';
  static override description =
    prose(`Hands a text to the running simulator as if a handset had sent it, and waits until the application that owns the
number has answered the delivery. A long text goes in parts. Ends 0 when it was answered, 3 when it was refused, 6 when
no answer came in time: the SMSC keeps the message and goes on offering it. With --count, 8 when only some were answered.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --from +639171234567 --to 28820001 "Hello"',
    '<%= config.bin %> <%= command.id %> --from +639171234567 --to 28820001 "number {n}" --count 100 --pace 5/s --json',
    '<%= config.bin %> <%= command.id %> --from +639171234567 --to 28820001 "Işık söndü mü?" --national turkish',
  ];

  static override args = { text: Args.string({ description: 'the text; {n} becomes the running number' }) };

  static override flags = {
    from: phoneFlag({ description: 'the handset' }),
    to: phoneFlag({ description: "the account's service number, with the digits of a user behind it" }),
    national: Flags.option({
      description: 'national shift tables that the handset writes in where they make fewer parts',
      options: nationalChoices,
      default: 'off',
    })(),
    count: Flags.integer({ description: 'how many times', min: 1, max: 10_000, default: 1 }),
    pace: rateFlag({ description: 'messages per second at most; as fast as the simulator takes them if left out' }),
    timeout: durationFlag({
      description: 'longest wait for the answer, after the last one was handed in',
      default: 70_000,
    }),
    'state-dir': Flags.string({
      description: 'of the running simulator',
      helpValue: 'DIR',
      env: 'RINGBRIDGE_SMSC_STATE_DIR',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(SmscInject);
    const from = await this.requireValue(flags.from, '--from', () => askNumber('From (handset):'));
    const to = await this.requireValue(flags.to, '--to', () => askNumber('To (service number):'));
    const text = await this.requireValue(args.text, 'TEXT', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('Text:');
    });
    const { defaultStateDir } = await import('../../cli/default-state-dir.ts');
    const { injectTexts } = await import('../../cli/inject.ts');
    const { exitStatusOf, refusalOf } = await import('../../cli/inject-outcome.ts');
    const { formatDuration } = await import('../../cli/duration.ts');

    const outcome = await this.withSpinner('waiting for the answer', () =>
      injectTexts({
        stateDir: flags['state-dir'] ?? defaultStateDir('smsc'),
        from,
        to,
        textOf: (n) => text.replaceAll('{n}', String(n)),
        national: flags.national,
        count: flags.count,
        pacePerSecond: flags.pace,
        timeoutMs: flags.timeout,
      }),
    );
    const refused = refusalOf(outcome);
    if (flags.count === 1 && refused !== undefined) throw refused;
    const { answered, refused: refusedCount, waiting, errorCodes, ms } = outcome;
    const paint = await this.painter();
    const mark = answered === flags.count ? paint.green('✔') : paint.yellow('!');
    const rest = [
      ...(refusedCount === 0 ? [] : [`${refusedCount} refused`]),
      ...(waiting === 0 ? [] : [`${waiting} still waiting`]),
    ];
    const human = [`${mark} ${answered} of ${flags.count} answered`, ...rest].join(', ');
    this.printResult(
      {
        schema: 'smsc.inject/1',
        from,
        to,
        count: flags.count,
        answered,
        refused: refusedCount,
        waiting,
        errorCodes,
        ms,
      },
      `${human}   ${paint.dim(formatDuration(ms))}`,
    );
    const status = exitStatusOf(outcome);
    if (status !== 0) this.exit(status);
  }
}

async function askNumber(message: string): Promise<string> {
  const { askParsed } = await import('../../cli/prompts.ts');
  return askParsed(message, parsePhone).then((number) => valueOrThrow(parsePhone(number)));
}
