/** `cimd2 send`: one text, once or many times, to a handset; straight to an SMSC or through the bridge. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import type { SmscSession } from '../../cli/cimd2/smsc-session.ts';
import { durationFlag, phoneFlag, rateFlag, valueOrThrow } from '../../cli/flags.ts';
import { parsePhone } from '../../cli/phone.ts';
import { prose } from '../../cli/prose.ts';
import { OperatorError } from '../../core/base/errors.ts';

const defaultAnswerTimeoutMs = 60_000;
const defaultReportTimeoutMs = 300_000;

export default class Cimd2Send extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Send a text to a handset';
  static override description =
    prose(`Logs in to the SMSC, submits the text (split into parts if it is long), waits for the answer and logs out.
With --via the text goes through the bridge instead: it is handed to the IM server, and its steps are watched.
Nothing is repeated: if the session ends without the answer, the command ends 6 and says that the outcome is unknown.
What the SMSC has for other sessions of the account is left to them, unless --take-others is given.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --smsc tcp://127.0.0.1:9971 --user app --password-file app.secret',
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --wait delivered --show-packets',
    'echo "a long text" | <%= config.bin %> <%= command.id %> +358401234567 - --json',
    '<%= config.bin %> <%= command.id %> +358401234567 "number {n}" --count 100 --pace 5/s',
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --via http://127.0.0.1:8080 --user alice --password-file alice.secret',
  ];

  static override args = {
    to: Args.string({ description: 'phone number, best with + and country code', ignoreStdin: true }),
    text: Args.string({
      description: 'the text; - or nothing takes it from stdin; a text that begins with -- needs -- in front',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    smsc: Flags.string({
      description: 'address of the SMSC',
      helpValue: 'URL',
      env: 'RINGBRIDGE_SMSC',
      exclusive: ['via'],
    }),
    via: Flags.string({ description: 'through the bridge: address of the IM server', helpValue: 'URL' }),
    user: Flags.string({
      description: 'account at the SMSC, or user of the IM server [env: RINGBRIDGE_SMSC_USER, RINGBRIDGE_IM_USER]',
      helpValue: 'NAME',
    }),
    'password-file': Flags.string({
      description:
        'file with the password [env: RINGBRIDGE_SMSC_PASSWORD, RINGBRIDGE_IM_PASSWORD, each also with _FILE]',
      helpValue: 'FILE',
    }),
    insecure: Flags.boolean({ description: 'allow http:// to another machine', dependsOn: ['via'] }),
    from: phoneFlag({ description: 'originator, as far as the account may choose it; its own number if left out' }),
    coding: Flags.option({
      description: 'auto takes the GSM alphabet where everything fits it',
      options: ['auto', 'gsm7', 'ucs2'] as const,
      default: 'auto',
    })(),
    flash: Flags.boolean({ description: 'shown at once and not kept by the handset' }),
    validity: durationFlag({ description: 'how long the SMSC shall try; its own choice if left out' }),
    report: Flags.boolean({ description: 'ask for a status report; --wait delivered does by itself' }),
    wait: Flags.option({
      description: "for the SMSC's answer, or for the report from the handset",
      options: ['accepted', 'delivered'] as const,
      default: 'accepted',
    })(),
    timeout: durationFlag({
      description: 'longest wait for an answer (60s if left out), and for the report (5m if left out)',
    }),
    count: Flags.integer({
      description: 'how many times; {n} in the text becomes the number',
      min: 1,
      max: 100_000,
      default: 1,
    }),
    pace: rateFlag({ description: 'messages per second at most; as fast as answers come if left out' }),
    'take-others': Flags.boolean({
      description: 'also answer, and show, what the SMSC has for other sessions of this account: it is gone for them',
    }),
    'show-packets': Flags.boolean({ description: 'show every packet, passwords starred' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Cimd2Send);
    const to = await this.destination(args.to);
    const text = await this.text(args.text);
    if (flags.via === undefined) await this.sendToSmsc(to, text, flags);
    else await this.sendThroughBridge(to, text, flags.via, flags);
  }

  private async destination(given: string | undefined): Promise<string> {
    if (given !== undefined) return valueOrThrow(parsePhone(given));
    return this.requireValue(undefined, 'TO', async () => {
      const { askParsed } = await import('../../cli/prompts.ts');
      return askParsed('To (phone number):', parsePhone);
    });
  }

  private async text(given: string | undefined): Promise<string> {
    if (given !== undefined && given !== '-') return given;
    const { isStdinFed, readStdinText } = await import('../../cli/text-source.ts');
    if (given === '-' || isStdinFed()) {
      const text = await readStdinText();
      if (text !== '') return text;
    }
    return this.requireValue(undefined, 'TEXT', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('Text:');
    });
  }

  private async credentials(
    flags: Pick<SendFlags, 'user' | 'password-file'>,
    prefix: 'RINGBRIDGE_SMSC' | 'RINGBRIDGE_IM',
  ): Promise<{ user: string; password: string }> {
    const { findPassword } = await import('../../cli/credentials.ts');
    const user = await this.requireValue(flags.user ?? fromEnvironment(`${prefix}_USER`), '--user', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('User:');
    });
    const found = await findPassword({
      file: flags['password-file'],
      variable: `${prefix}_PASSWORD`,
      warn: (warning) => this.printNotice(warning),
    });
    const password = await this.requireValue(found, `--password-file (or ${prefix}_PASSWORD)`, async () => {
      const { askSecret } = await import('../../cli/prompts.ts');
      return askSecret(`Password of ${user}:`);
    });
    return { user, password };
  }

  private async sendToSmsc(to: string, text: string, flags: SendFlags): Promise<void> {
    const { encodePacket } = await import('../../core/codec/encode.ts');
    const { parseTransportAddress } = await import('../../shell/address.ts');
    const { systemClock } = await import('../../shell/clock.ts');
    const { composeText } = await import('../../cli/send/composed-text.ts');
    const { sendDirect } = await import('../../cli/send/direct.ts');
    const { ReportWatch } = await import('../../cli/send/report-watch.ts');
    const { openSmscSession } = await import('../../cli/cimd2/smsc-session.ts');
    const { formatPacketLine, spellPacket } = await import('../../cli/cimd2/packet-text.ts');
    const { errorOf } = await import('../../cli/send/send-errors.ts');
    const { exitStatusOf, statusOf } = await import('../../cli/send/outcome.ts');
    const output = await import('../../cli/send/send-output.ts');

    const smsc = await this.requireValue(flags.smsc, '--smsc', async () => {
      const { askText } = await import('../../cli/prompts.ts');
      return askText('Address of the SMSC:', { default: 'tcp://127.0.0.1:9971' });
    });
    const address = parseTransportAddress(smsc);
    const compose = (n: number) =>
      composeText(
        {
          to,
          text: flags.count === 1 ? text : text.replaceAll('{n}', String(n)),
          from: flags.from ?? '',
          coding: flags.coding,
          display: flags.flash ? 'flash' : 'normal',
          validityMs: flags.validity,
          report: flags.report || flags.wait === 'delivered' ? 'final' : 'none',
        },
        systemClock()(),
      );
    // Composed before anything is connected, so that a text that cannot be sent is refused first.
    const first = compose(1);
    for (const notice of first.notices) this.printNotice(notice);
    const credentials = await this.credentials(flags, 'RINGBRIDGE_SMSC');

    const paint = await this.painter();
    const packets: object[] = [];
    const others: string[] = [];
    const context = { to, coding: first.coding, wait: flags.wait, count: flags.count };
    const watch = new ReportWatch({
      others: flags['take-others'] ? 'take' : 'leave',
      onOther: (packet) => {
        const spelled = spellPacket(encodePacket(packet, { checksum: 'send' }));
        if (flags['take-others']) others.push(spelled);
        this.printNotice(otherNotice(packet.operation, flags['take-others'] ? spelled : undefined));
      },
      answer: (token) => session.answer(token, []),
    });
    const session: SmscSession = await this.withSpinner(`connecting to ${smsc}`, () =>
      openSmscSession({
        address,
        ...credentials,
        ...{ ca: undefined, subaddress: undefined, window: 1, checksum: 'send', reconnect: 'once' },
        answerTimeoutMs: flags.timeout ?? defaultAnswerTimeoutMs,
        on: {
          packet: (line) => {
            if (!flags['show-packets']) return;
            packets.push(line);
            this.printLine(paint.dim(formatPacketLine(line)));
          },
          incoming: (incoming) => watch.take(incoming),
          withdrawn: (token) => watch.withdrawn(token),
        },
      }),
    );
    const messages = await sendDirect(session, {
      to,
      submitsOf: (n) => (n === 1 ? first : compose(n)).submits,
      count: flags.count,
      pace: flags.pace,
      wait: flags.wait,
      watch,
      reportTimeoutMs: flags.timeout ?? defaultReportTimeoutMs,
      onMessage: (n, parts) => {
        // A single message that came to nothing is told as an error below.
        if (flags.count === 1 && !parts.some((part) => part.type === 'accepted')) return;
        for (const line of output.partLines(n, parts, context, paint)) this.printLine(line);
      },
      onReport: (n, report) => this.printLine(output.reportLine(n, report, context, paint)),
    });
    await session.close();

    const [only] = messages;
    const error = flags.count === 1 && only !== undefined ? errorOf(only, flags.wait) : undefined;
    if (error !== undefined) throw error;
    const statuses = messages.map((message) => statusOf(message, flags.wait));
    const counts: Record<string, number> = {};
    for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
    if (counts['unreported'] !== undefined) this.printNotice(unreportedNotice(counts['unreported'], flags.count));
    this.printResult(
      {
        schema: 'cimd2.send/1',
        to,
        coding: first.coding,
        count: flags.count,
        counts,
        messages: messages.map((message) => output.messageDocument(message, context)),
        ...(flags['show-packets'] ? { packets } : {}),
        ...(flags['take-others'] ? { others } : {}),
      },
      flags.count === 1
        ? ''
        : Object.entries(counts)
            .map(([status, count]) => `${count} ${status}`)
            .join(', '),
    );
    const status = exitStatusOf(statuses);
    if (status !== 0) this.exit(status);
  }

  private async sendThroughBridge(to: string, text: string, via: string, flags: SendFlags): Promise<void> {
    const { handInText, parseBridgeUrl, watchText } = await import('../../cli/send/via-bridge.ts');
    const { exitStatus } = await import('../../cli/exit-status.ts');
    const useless = (['from', 'validity', 'flash', 'count', 'pace', 'show-packets', 'take-others'] as const).filter(
      (name) => flags[name] !== undefined && flags[name] !== false && !(name === 'count' && flags.count === 1),
    );
    if (useless.length > 0 || flags.coding !== 'auto') {
      const names = [...useless, ...(flags.coding === 'auto' ? [] : ['coding'])].map((name) => `--${name}`);
      throw new OperatorError({
        code: 'USAGE_BAD_VALUE',
        message: `${names.join(', ')} cannot be chosen through the bridge: the IM server decides. Nothing was sent.`,
        hint: 'Leave it out, or send straight to the SMSC with --smsc.',
      });
    }
    const url = parseBridgeUrl(via, flags.insecure ? 'protected' : 'open');
    const credentials = await this.credentials(flags, 'RINGBRIDGE_IM');
    const options = { url, ...credentials, timeoutMs: flags.timeout ?? defaultAnswerTimeoutMs };
    const last = await this.withSpinner(`waiting until it is ${flags.wait}`, async () => {
      const handedIn = await handInText(options, to, text);
      return watchText(options, handedIn, flags.wait, flags.timeout ?? defaultReportTimeoutMs);
    });
    const paint = await this.painter();
    const isDone = last.step === flags.wait || last.step === 'delivered';
    const reason = last.reason === undefined ? '' : `   ${last.reason.words} (${last.reason.code})`;
    const mark = isDone ? paint.green('✔') : last.step === 'failed' ? paint.red('✖') : paint.yellow('?');
    this.printResult(
      { schema: 'cimd2.send/1', to, via: url.origin, id: last.id, step: last.step, reason: last.reason ?? null },
      `${mark} ${last.step.padEnd(11)} id ${last.id}${reason}`,
    );
    if (isDone) return;
    if (last.step === 'stored' || last.step === 'accepted') {
      this.printNotice('The bridge goes on with it; its step can be seen on the web page.');
    }
    this.exit(last.step === 'failed' ? exitStatus.refused : exitStatus.outcomeUnknown);
  }
}

interface SendFlags {
  readonly smsc: string | undefined;
  readonly user: string | undefined;
  readonly 'password-file': string | undefined;
  readonly insecure: boolean;
  readonly from: string | undefined;
  readonly coding: 'auto' | 'gsm7' | 'ucs2';
  readonly flash: boolean;
  readonly validity: number | undefined;
  readonly report: boolean;
  readonly wait: 'accepted' | 'delivered';
  readonly timeout: number | undefined;
  readonly count: number;
  readonly pace: number | undefined;
  readonly 'take-others': boolean;
  readonly 'show-packets': boolean;
}

function fromEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** @param taken the packet that was answered; undefined if it was left */
function otherNotice(operation: number, taken: string | undefined): string {
  const what = operation === 23 ? 'a status report for another message' : 'a message from a handset';
  return taken === undefined
    ? `The SMSC has ${what} in front; it was left unanswered, so ours may wait behind it (--take-others takes it).`
    : `The SMSC had ${what}; it was taken: ${taken}`;
}

function unreportedNotice(unreported: number, count: number): string {
  const which = count === 1 ? 'No report' : `No report for ${unreported} of ${count}`;
  return `${which} came in time. The SMSC has accepted it: do not send it again because of this.`;
}
