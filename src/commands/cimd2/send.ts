/** `cimd2 send`: messages to handsets, one, many or a batch; straight to an SMSC or through the bridge. */

import { Args, Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import {
  type LoginAsking,
  resolveCredentials,
  resolveSmscLogin,
  resolveSmscPlace,
  smscLoginFlags,
} from '../../cli/cimd2/login-flags.ts';
import type { SmscLogin } from '../../cli/cimd2/smsc-session.ts';
import { durationFlag, phoneFlag, rateFlag, valueOrThrow } from '../../cli/flags.ts';
import { parsePhone } from '../../cli/phone.ts';
import { prose } from '../../cli/prose.ts';
import type { Job, Jobs, SendScreen } from '../../cli/send/direct-run.ts';
import { refuseContradictions, useless } from '../../cli/send/flag-rules.ts';
import { hexFlag, messageFlags, messageOptionsOf } from '../../cli/send/message-flags.ts';

const defaultAnswerTimeoutMs = 60_000;
const defaultReportTimeoutMs = 300_000;

export default class Cimd2Send extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Send a text to a handset';
  static override description =
    prose(`Logs in to the SMSC, submits the text (split into parts if it is long), waits for the answer and logs out.
With --to, several destinations share one submit, and each has its own answer. With --file every line of a file is a
message, {"to":…,"text":…} with further keys named like the flags (data, firstDelivery, cancel, tariffClass, id …); all lines are
checked before the first is sent, and it goes on after a refused one. With --raw bytes go out as they are, and what comes
back is shown. With --via the text goes through the bridge instead: it is handed to the IM server, and its steps are watched.

Nothing is repeated unless --repeat asks for it: if the session ends without the answer, the command ends 6 and says that
the outcome is unknown. What the SMSC has for other sessions of the account is left to them, unless --take-others is given.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --smsc tcp://127.0.0.1:9971 --user app --password-file app.secret',
    '<%= config.bin %> <%= command.id %> +358401234567 "Hello" --wait delivered --show-packets',
    '<%= config.bin %> <%= command.id %> --to +358401234567 --to +358407654321 "Hello" --flash --validity 2h',
    '<%= config.bin %> <%= command.id %> +358401234567 "06 05 04 15 81" --coding binary --header "06 05 04 15 81 00 00"',
    'echo "a long text" | <%= config.bin %> <%= command.id %> +358401234567 - --json',
    '<%= config.bin %> <%= command.id %> +358401234567 "number {n}" --count 100 --pace 5/s --window 8',
    'echo \'{"to":"+358401234567","text":"Hello","priority":1}\' | <%= config.bin %> <%= command.id %> --file - --json',
    '<%= config.bin %> <%= command.id %> --raw "02 30 37 3A 30 30 33 09 03" --for 1s',
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
    ...smscLoginFlags,
    user: Flags.string({
      description: 'account at the SMSC, or user of the IM server [env: RINGBRIDGE_SMSC_USER, RINGBRIDGE_IM_USER]',
      helpValue: 'NAME',
    }),
    'password-file': Flags.string({
      description:
        'file with the password [env: RINGBRIDGE_SMSC_PASSWORD, RINGBRIDGE_IM_PASSWORD, each also with _FILE]',
      helpValue: 'FILE',
    }),
    via: Flags.string({ description: 'through the bridge: address of the IM server', helpValue: 'URL' }),
    insecure: Flags.boolean({ description: 'allow http:// to another machine', dependsOn: ['via'] }),
    to: phoneFlag({
      description: 'another destination in the same submit; may be repeated, and TO be left out then',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...messageFlags,
    file: Flags.string({
      description: 'a batch: one message per line as JSON; - is stdin; flags say what a line does not',
      helpValue: 'FILE',
      exclusive: ['to', 'count', 'raw'],
    }),
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
    repeat: Flags.integer({
      description: 'send each answered packet again so often, under its number: the SMSC must answer from memory',
      min: 0,
      max: 100,
      default: 0,
    }),
    raw: hexFlag({
      description: 'bytes to send as they are after the login, STX, checksum and ETX included; may be repeated',
      multiple: true,
      multipleNonGreedy: true,
    }),
    login: Flags.boolean({ description: 'log in before --raw', default: true, allowNo: true }),
    for: durationFlag({ description: 'how long to show what comes back after --raw', default: 2_000 }),
    'take-others': Flags.boolean({
      description: 'also answer, and show, what the SMSC has for other sessions of this account: it is gone for them',
    }),
    'show-packets': Flags.boolean({ description: 'show every packet, passwords starred' }),
  };

  override async run(): Promise<void> {
    const { args, flags, raw: tokens } = await this.parse(Cimd2Send);
    const given = tokens.flatMap((token) => (token.type === 'flag' ? [token.flag] : []));
    refuseContradictions(given, flags);
    if (flags.raw !== undefined) {
      if (args.to !== undefined) throw useless('TO and TEXT', '--raw, which holds whole packets');
      this.exitWith(await this.sendRaw(flags.raw, flags));
    } else if (flags.file !== undefined) {
      if (args.to !== undefined) throw useless('TO and TEXT', '--file, which holds both');
      this.exitWith(await this.sendBatch(flags.file, flags));
    } else {
      // With --to the only argument is the text.
      const isTextOnly = flags.to !== undefined && args.text === undefined;
      const first = isTextOnly ? undefined : args.to;
      const to = flags.to === undefined || first !== undefined ? [await this.destination(first)] : [];
      const text = await this.requireText(isTextOnly ? args.to : args.text);
      if (flags.via === undefined) this.exitWith(await this.sendText([...to, ...(flags.to ?? [])], text, flags));
      else await this.sendThroughBridge(to[0] ?? '', text, flags.via, flags);
    }
  }

  private exitWith(status: number): void {
    if (status !== 0) this.exit(status);
  }

  private async destination(given: string | undefined): Promise<string> {
    if (given !== undefined) return valueOrThrow(parsePhone(given));
    return this.requireValue(undefined, 'TO', async () => {
      const { askParsed } = await import('../../cli/prompts.ts');
      return askParsed('To (phone number):', parsePhone);
    });
  }

  private async sendText(to: readonly string[], text: string, flags: SendFlags): Promise<number> {
    const { checkDestinations } = await import('../../cli/send/batch.ts');
    const message = { ...messageOptionsOf(flags, flags.wait), to: valueOrThrow(checkDestinations(to)), text };
    const { count } = flags;
    function* all(): Generator<Job> {
      for (let n = 1; n <= count; n += 1) {
        const numbered = count === 1 ? text : text.replaceAll('{n}', String(n));
        yield { place: n, id: undefined, message: { ...message, text: numbered } };
      }
    }
    return this.sendJobs({ type: 'single', count, all }, flags);
  }

  private async sendBatch(file: string, flags: SendFlags): Promise<number> {
    const { readBatch } = await import('../../cli/send/batch.ts');
    const messages = await readBatch(file, messageOptionsOf(flags, flags.wait));
    const jobs = messages.map((message): Job => ({ place: message.line, id: message.id, message }));
    return this.sendJobs({ type: 'batch', count: jobs.length, all: () => jobs }, flags, file);
  }

  /** @param file of a batch, to name in what is wrong with it */
  private async sendJobs(jobs: Jobs, flags: SendFlags, file?: string): Promise<number> {
    const { checkJobs, runDirect } = await import('../../cli/send/direct-run.ts');
    // Composed before anything is connected, so that what cannot be sent is refused first.
    checkJobs(jobs, file);
    return runDirect({
      login: await this.login(flags),
      jobs,
      pace: flags.pace,
      repeat: flags.repeat,
      wait: flags.wait,
      reportTimeoutMs: flags.timeout ?? defaultReportTimeoutMs,
      others: flags['take-others'] ? 'take' : 'leave',
      packets: flags['show-packets'] ? 'show' : 'hide',
      screen: await this.screen(),
    });
  }

  private async sendRaw(writes: readonly Uint8Array[], flags: SendFlags): Promise<number> {
    const { exchangeRaw } = await import('../../cli/send/raw.ts');
    const { RawView } = await import('../../cli/send/raw-view.ts');
    const { exitStatus } = await import('../../cli/exit-status.ts');
    const view = new RawView(await this.painter());
    const packets: object[] = [];
    let isAnswered = false;
    let isBehind = false;
    const ended = await exchangeRaw({
      to: flags.login
        ? { type: 'session', login: await this.login(flags) }
        : { type: 'connection', place: await resolveSmscPlace(flags, this.asking()) },
      writes,
      forMs: flags.for,
      onReady: () => {
        isBehind = true;
      },
      onPacket: (line, bytes) => {
        const { lines, document } = view.see(line, bytes);
        if (!flags['show-packets'] && !isBehind && flags.login) return;
        if (line.direction === 'in') isAnswered = true;
        packets.push(document);
        for (const row of lines) this.printLine(row);
      },
    });
    if (ended !== undefined) this.printNotice(`The connection ended: ${ended}.`);
    if (!isAnswered && ended === undefined) this.printNotice('Nothing came back in that time.');
    this.printResult({ schema: 'cimd2.send.raw/1', packets, ended: ended ?? null }, '');
    return isAnswered ? exitStatus.done : exitStatus.outcomeUnknown;
  }

  private async sendThroughBridge(to: string, text: string, via: string, flags: SendFlags): Promise<void> {
    const { handInText, parseBridgeUrl, watchText } = await import('../../cli/send/via-bridge.ts');
    const { exitStatus } = await import('../../cli/exit-status.ts');
    const url = parseBridgeUrl(via, flags.insecure ? 'protected' : 'open');
    const credentials = await resolveCredentials(flags, 'RINGBRIDGE_IM', this.asking());
    const options = { url, ...credentials, timeoutMs: flags.timeout ?? defaultAnswerTimeoutMs };
    const last = await this.withSpinner(`waiting until it is ${flags.wait}`, async () => {
      const handedIn = await handInText(options, to, text);
      return watchText(options, handedIn, flags.wait, flags.timeout ?? defaultReportTimeoutMs);
    });
    const paint = await this.painter();
    const isDone = last.step === flags.wait || last.step === 'delivered';
    const { reasonWords } = await import('../../core/im/reasons.ts');
    const reason = last.reason === undefined ? '' : `   ${reasonWords(last.reason)}`;
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

  private async login(flags: SendFlags): Promise<SmscLogin> {
    return resolveSmscLogin(flags, flags.timeout ?? defaultAnswerTimeoutMs, this.asking());
  }

  private asking(): LoginAsking {
    return {
      require: (value, name, ask) => this.requireValue(value, name, ask),
      warn: (warning) => this.printNotice(warning),
    };
  }

  private async screen(): Promise<SendScreen> {
    return {
      paint: await this.painter(),
      isJson: this.jsonEnabled(),
      line: (text) => this.printLine(text),
      notice: (text) => this.printNotice(text),
      document: (document) => this.printResult(document, ''),
      spin: (text, work) => this.withSpinner(text, work),
    };
  }
}

type SendFlags = Interfaces.InferredFlags<typeof Cimd2Send.flags>;
