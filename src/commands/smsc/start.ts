/** `smsc start`: a CIMD2 service centre to test against, with handsets that are on, off, slow, full or nobody's. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag, phoneFlag, rateFlag, valueOrThrow } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { flagsOf, resolveSettings } from '../../cli/settings.ts';
import { accountSettings, accountsOf } from '../../cli/smsc-accounts.ts';
import { delaysFlag, handsetFlag, parseCredential, zoneFlag } from '../../cli/smsc-flags.ts';
import type { Scenario } from '../../core/roles/smsc/scenario.ts';
import { defaultAttemptDelaysMs, defaultSessionSettings, type SmscSettings } from '../../core/roles/smsc/settings.ts';
import type { SmscProcessOptions } from '../../shell/smsc-process.ts';

/** Known to everybody, as it must be for commands to be pasted; a simulator guards nothing. */
const developmentPassword = 'ringbridge';
const exampleHandset = '+639171234567';

export default class SmscStart extends BaseCommand {
  static override summary = 'Run an SMSC to test against';
  static override description =
    prose(`Listens for CIMD2 clients, checks everything they send, brings submits to simulated handsets and tells their fate
in status reports. Without any flag every number is a handset that is on, and the account is app with a fixed password.
It refuses what the specification refuses and says which section; with --lenient it takes what can be understood and
says what it mended. On a terminal it prints commands to paste and a line for each thing that happens, numbers and texts
in full; elsewhere one line of JSON when it is ready. Nothing is kept: a restart begins anew.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --handset +639171234567=off --handset +639181234567=slow:3s',
    '<%= config.bin %> <%= command.id %> --lenient --rate 50/s --account "user=billing number=3000 type=querying"',
    '<%= config.bin %> <%= command.id %> --scenario bad-day --seed 7',
    '<%= config.bin %> <%= command.id %> --listen tcp://127.0.0.1:0 --turn 5ms --cut-every 30s --seed 7',
  ];

  static override flags = {
    listen: Flags.string({
      description:
        'where clients connect: tcp://HOST:PORT, tls://HOST:PORT, unix:/PATH, serial:/DEVICE?baud=N; port 0 takes a free one',
      helpValue: 'URL',
      default: 'tcp://127.0.0.1:9971',
    }),
    'tls-cert': Flags.string({ description: 'certificate to show at tls://', helpValue: 'FILE' }),
    'tls-key': Flags.string({ description: 'private key of that certificate', helpValue: 'FILE' }),
    'client-ca': Flags.string({
      description: 'take only clients at tls:// with a certificate of these authorities',
      helpValue: 'FILE',
    }),
    user: Flags.string({ description: 'name of the account', helpValue: 'NAME', default: 'app' }),
    'password-file': Flags.string({
      description: `file with the account's password; "${developmentPassword}" if left out [env: RINGBRIDGE_SMSC_PASSWORD, also with _FILE]`,
      helpValue: 'FILE',
    }),
    number: phoneFlag({ description: "the account's service number; digits behind it are its users", default: '2882' }),
    type: Flags.option({
      description: 'what the account gets by itself: nothing, messages when it asks, or messages and reports',
      options: ['send-only', 'querying', 'receiving'] as const,
      default: 'receiving',
    })(),
    reports: Flags.option({
      description: 'whether the account may ask for status reports; refused answers 310',
      options: ['allowed', 'refused'] as const,
      default: 'allowed',
    })(),
    ...flagsOf(accountSettings),
    config: Flags.string({
      description: 'TOML file with tables [[account]]; their keys are those of --account [env: RINGBRIDGE_CONFIG]',
      helpValue: 'FILE',
    }),
    handset: handsetFlag({
      description: 'a handset: on, off, slow:3s, full (memory), or unknown (nobody has it); may be repeated',
      multiple: true,
    }),
    unknown: Flags.option({
      description: 'numbers that are no --handset: all on, or reported as unknown subscribers',
      options: ['on', 'fail'] as const,
      default: 'on',
    })(),
    'delivery-delay': durationFlag({ description: 'from the answer to the first try at the handset', default: 100 }),
    retry: delaysFlag({
      description:
        'from each failed attempt to the next, the last goes on; a handset that is switched on is tried at once',
      default: defaultAttemptDelaysMs,
    }),
    turn: durationFlag({ description: 'from a submit to its answer', default: 0 }),
    rate: rateFlag({ description: 'submits taken per second' }),
    throttle: Flags.option({
      description: 'faster submits than --rate: answered later, or refused with 10 once a second’s worth came at once',
      options: ['delay', 'refuse'] as const,
      default: 'delay',
    })(),
    strict: Flags.boolean({ description: 'refuse what the specification refuses (default)', exclusive: ['lenient'] }),
    lenient: Flags.boolean({
      description: 'take what Kannel and others send: mend what can be mended, and say so',
      exclusive: ['strict'],
    }),
    idle: durationFlag({
      description: 'close a session that sends no packet for so long, as service centres do; 0 never',
      default: defaultSessionSettings.idleMs,
    }),
    'cut-every': durationFlag({ description: 'reset all connections about so often' }),
    scenario: Flags.string({
      description: 'faults on the line: one that ships, or a TOML file; list shows those that ship (docs/simulator.md)',
      helpValue: 'NAME|FILE',
    }),
    seed: Flags.integer({
      description: 'the same seed cuts at the same times, and brings the same faults',
      default: 1,
    }),
    greeting: Flags.string({
      description: 'text sent before any packet; none sends none',
      helpValue: 'TEXT',
      default: 'CIMD2-A ConnectionInfo: ringbridge SMSC simulator',
    }),
    zone: zoneFlag({ description: "of the SMSC's local time; this machine's if left out" }),
    'state-dir': Flags.string({
      description: 'holds the control socket for `smsc inject`; one process per directory',
      helpValue: 'DIR',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(SmscStart);
    if (flags.scenario === 'list') {
      const { scenarioLines } = await import('../../cli/smsc/shipped-scenarios.ts');
      for (const line of await scenarioLines()) this.printLine(line);
      return;
    }
    const { parseListenAddress } = await import('../../shell/address.ts');
    const { findPassword } = await import('../../cli/credentials.ts');
    const { defaultStateDir } = await import('../../cli/default-state-dir.ts');
    const found = await findPassword({
      file: flags['password-file'],
      variable: 'RINGBRIDGE_SMSC_PASSWORD',
      warn: (warning) => this.printNotice(warning),
    });
    const password = valueOrThrow(parseCredential('password', found ?? developmentPassword));
    const { values, warnings } = await resolveSettings(accountSettings, flags);
    for (const warning of warnings) this.printNotice(warning);
    const user = valueOrThrow(parseCredential('user', flags.user));
    const { number, type, reports } = flags;
    const first = { user, password, number, type, reports, maxSessions: 10, maxWindow: 128 };
    const settings = this.settings(flags, accountsOf(first, values.account));
    const listen = parseListenAddress(flags.listen);
    const { readListenerTls } = await import('../../cli/tls-files.ts');
    const tls = await readListenerTls(listen, flags);
    const scenario = flags.scenario === undefined ? undefined : await this.findScenario(flags.scenario);
    const options = {
      settings,
      listen,
      ...(tls === undefined ? {} : { tls }),
      stateDir: flags['state-dir'] ?? defaultStateDir('smsc'),
      seed: flags.seed,
      ...(scenario === undefined ? {} : { scenario }),
    };
    await this.serve(options, {
      passwordAssignment: passwordAssignment(flags['password-file'], found),
      stateDirFlag: flags['state-dir'] === undefined ? '' : ` --state-dir ${flags['state-dir']}`,
    });
  }

  private settings(flags: StartFlags, accounts: SmscSettings['accounts']): SmscSettings {
    const rules = flags.lenient ? 'lenient' : 'strict';
    return {
      accounts,
      handsets: flags.handset ?? [],
      unknownNumbers: flags.unknown,
      zoneOffset: flags.zone ?? -new Date().getTimezoneOffset(),
      turnMs: flags.turn,
      ratePerSecond: flags.rate,
      throttle: flags.throttle,
      attemptDelaysMs: flags.retry,
      rules,
      deliveryDelayMs: flags['delivery-delay'],
      cutEveryMs: flags['cut-every'],
      session: {
        ...defaultSessionSettings,
        numbers: rules,
        idleMs: flags.idle,
        greeting: greetingBytes(flags.greeting),
      },
    };
  }

  private async findScenario(nameOrFile: string): Promise<Scenario> {
    const { findScenario } = await import('../../cli/smsc/shipped-scenarios.ts');
    return findScenario(nameOrFile);
  }

  /** Runs until a signal, or until whoever started it is gone. */
  private async serve(
    options: Pick<SmscProcessOptions, 'settings' | 'listen' | 'tls' | 'stateDir' | 'seed' | 'scenario'>,
    hints: { readonly passwordAssignment: string; readonly stateDirFlag: string },
  ): Promise<void> {
    const { createLogger } = await import('../../shell/logger.ts');
    const { announceReady, notifySystemd } = await import('../../shell/ready.ts');
    const { waitForShutdown } = await import('../../shell/signals.ts');
    const { startSmsc } = await import('../../shell/smsc-process.ts');
    const { describeEvent, greetingLines, moodLine } = await import('../../cli/smsc-lines.ts');
    const isTerminal = process.stdout.isTTY === true;
    const paint = await this.painter();
    const isLevelChosen = (process.env['RINGBRIDGE_LOG_LEVEL'] ?? '') !== '';
    // On a terminal the lines of the events tell the same in better words.
    const logger = await createLogger({ role: 'smsc', ...(isTerminal && !isLevelChosen ? { level: 'warn' } : {}) });
    let fail: (error: unknown) => void = () => undefined;
    const bug = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const smsc = await startSmsc({
      ...options,
      log: logger.log,
      onEvent: (event) => {
        if (isTerminal) this.printLine(`${paint.dim(timeOfDay(event.at))}  ${describeEvent(event, paint)}`);
      },
      onBug: (error) => fail(error),
    });
    // Before anybody hears that it is ready: who hears it may send a signal at once.
    const shutdown = waitForShutdown({
      onDrain: async () => {
        await notifySystemd('stopping', logger.log);
        await smsc.drain();
      },
    });
    announceReady({ role: 'smsc', listen: smsc.address });
    void notifySystemd('ready', logger.log);
    if (isTerminal) {
      const { accounts, handsets, zoneOffset } = options.settings;
      const { user = '', number = '' } = accounts[0] ?? {};
      const handset = handsets[0]?.number ?? exampleHandset;
      const greeting = { address: smsc.address, user, number, zoneOffset, handset, ...hints };
      for (const line of greetingLines(greeting, paint)) this.printLine(line);
      const mood = moodLine(options.settings);
      if (mood !== '') this.printLine(paint.dim(`It ${mood}.`));
      const { scenario } = options;
      if (scenario !== undefined) this.printLine(paint.yellow(`Scenario ${scenario.name}: ${scenario.description}.`));
      this.printLine();
    }
    await Promise.race([shutdown, bug]);
    logger.flush();
  }
}

interface StartFlags {
  readonly handset: SmscSettings['handsets'] | undefined;
  readonly unknown: 'on' | 'fail';
  readonly 'delivery-delay': number;
  readonly turn: number;
  readonly rate: number | undefined;
  readonly throttle: 'delay' | 'refuse';
  readonly retry: readonly number[];
  readonly lenient: boolean;
  readonly idle: number;
  readonly 'cut-every': number | undefined;
  readonly greeting: string;
  readonly zone: number | undefined;
}

/** SPEC: reference section 6.2: one write, ended by LF, no control bytes other than LF. */
function greetingBytes(text: string): string | undefined {
  return text === 'none' || text === '' ? undefined : `${text.replaceAll(/[^ -~]/g, '?')}\n`;
}

function passwordAssignment(file: string | undefined, found: string | undefined): string {
  if (file !== undefined) return `RINGBRIDGE_SMSC_PASSWORD_FILE=${file}`;
  // What came from the environment may be secret, and whoever starts the client has it there too.
  return found === undefined ? `RINGBRIDGE_SMSC_PASSWORD=${developmentPassword}` : 'RINGBRIDGE_SMSC_PASSWORD=…';
}

function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
