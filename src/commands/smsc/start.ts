/** `smsc start`: a CIMD2 service centre to test against, with handsets that are on, off, slow, full or nobody's. */

import { BaseCommand } from '../../cli/base-command.ts';
import { prose } from '../../cli/prose.ts';
import { flagsOf, resolveSettings } from '../../cli/settings.ts';
import {
  developmentPassword,
  type StartOrigins,
  type StartValues,
  startSettings,
} from '../../cli/smsc/start-settings.ts';
import type { PasswordPlace, PlacedAccount } from '../../cli/smsc-accounts.ts';
import type { Scenario } from '../../core/roles/smsc/scenario.ts';
import type { SmscProcessOptions } from '../../shell/smsc-process.ts';

const exampleHandset = '+639171234567';

export default class SmscStart extends BaseCommand {
  static override summary = 'Run an SMSC to test against';
  static override description =
    prose(`Listens for CIMD2 clients, checks everything they send, brings submits to simulated handsets and tells their fate
in status reports. Without any flag every number is a handset that is on, and the account is app with a fixed password.
It refuses what the specification refuses and says which section; with --lenient it takes what can be understood and
says what it mended. On a terminal it prints commands to paste and a line for each thing that happens, numbers and texts
in full; elsewhere one line of JSON when it is ready. With --record what comes and what is injected is kept
in the state directory, passwords disguised, and \`sync replay\` plays it back. In the file of --config every setting has the name of its flag,
and each further account is a table [[account]]. Nothing else is kept: a restart begins anew.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --handset +639171234567=off --handset +639181234567=slow:3s',
    '<%= config.bin %> <%= command.id %> --lenient --rate 50/s --account "user=billing number=3000 type=querying"',
    '<%= config.bin %> <%= command.id %> --scenario bad-day --seed 7',
    '<%= config.bin %> <%= command.id %> --listen tcp://127.0.0.1:0 --turn 5ms --cut-every 30s --seed 7',
  ];

  static override flags = flagsOf(startSettings);

  override async run(): Promise<void> {
    const { flags } = await this.parse(SmscStart);
    if (flags['scenario'] === 'list') {
      const { scenarioLines } = await import('../../cli/smsc/shipped-scenarios.ts');
      for (const line of await scenarioLines()) this.printLine(line);
      return;
    }
    const { parseListenAddress } = await import('../../shell/address.ts');
    const { defaultStateDir } = await import('../../cli/default-state-dir.ts');
    const { recordOf } = await import('../../cli/record-settings.ts');
    const { accountsOf } = await import('../../cli/smsc-accounts.ts');
    const { smscSettingsOf } = await import('../../cli/smsc/start-settings.ts');
    const { readListenerTls } = await import('../../cli/tls-files.ts');
    const { values, origins, warnings } = await resolveSettings(startSettings, flags);
    for (const warning of warnings) this.printNotice(warning);
    const first = await this.firstAccount(values, origins);
    const accounts = await accountsOf(first, values.account, (warning) => this.printNotice(warning));
    const settings = smscSettingsOf(
      values,
      origins,
      accounts.map(({ account }) => account),
    );
    const listen = parseListenAddress(values.listen);
    const tls = await readListenerTls(listen, values);
    const scenario = values.scenario === undefined ? undefined : await this.findScenario(values.scenario);
    const stateDir = values['state-dir'];
    const options = {
      settings,
      listen,
      ...(tls === undefined ? {} : { tls }),
      stateDir: stateDir ?? defaultStateDir('smsc'),
      record: recordOf(values),
      seed: values.seed,
      ...(scenario === undefined ? {} : { scenario }),
    };
    await this.serve(options, {
      passwordAssignment: passwordAssignment(accounts[0].password),
      stateDirFlag: stateDir === undefined ? '' : ` --state-dir ${stateDir}`,
      metricsAt: values.metrics,
    });
  }

  /** The account of `--user`, unless a table takes its place. */
  private async firstAccount(values: StartValues, origins: StartOrigins): Promise<PlacedAccount> {
    const { passwordIn } = await import('../../cli/smsc-accounts.ts');
    const { parseCredential } = await import('../../cli/smsc-flags.ts');
    const { valueOrThrow } = await import('../../cli/flags.ts');
    const { user, number, type, reports } = values;
    const account = { user, number, type, reports, maxSessions: 10, maxWindow: 128 };
    const given = process.env['RINGBRIDGE_SMSC_PASSWORD'] ?? '';
    if (given !== '' && origins['password-file'].type !== 'flag') {
      const password = valueOrThrow(parseCredential('password', given));
      return { account: { ...account, password }, password: { type: 'environment' } };
    }
    const path = values['password-file'];
    if (path === undefined) {
      return { account: { ...account, password: developmentPassword }, password: { type: 'known' } };
    }
    const password = await passwordIn(path, (warning) => this.printNotice(warning));
    return { account: { ...account, password }, password: { type: 'file', path } };
  }

  private async findScenario(nameOrFile: string): Promise<Scenario> {
    const { findScenario } = await import('../../cli/smsc/shipped-scenarios.ts');
    return findScenario(nameOrFile);
  }

  /** Runs until a signal, or until whoever started it is gone. */
  private async serve(
    options: Pick<SmscProcessOptions, 'settings' | 'listen' | 'tls' | 'stateDir' | 'seed' | 'scenario' | 'record'>,
    {
      metricsAt,
      ...hints
    }: { readonly passwordAssignment: string; readonly stateDirFlag: string } & {
      readonly metricsAt: string | undefined;
    },
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
    const { metricsUrl, openMetrics } = await import('../../cli/metrics-setting.ts');
    // It listens to whoever comes, so its numbers may be read from where it is tested.
    const metrics = await openMetrics(metricsAt, 'anywhere', logger.log);
    const smsc = await startSmsc({
      ...options,
      log: logger.log,
      onEvent: (event) => {
        if (isTerminal) this.printLine(`${paint.dim(timeOfDay(event.at))}  ${describeEvent(event, paint)}`);
      },
      onBug: (error) => fail(error),
    }).catch(async (error: unknown) => {
      await metrics?.close();
      throw error;
    });
    const since = Date.now();
    const { simulatorMetrics } = await import('../../shell/metrics/role-metrics.ts');
    metrics?.watch({ metrics: async () => simulatorMetrics(smsc.counts(), since), unready: async () => undefined });
    // Before anybody hears that it is ready: who hears it may send a signal at once.
    const shutdown = waitForShutdown({
      onDrain: async () => {
        await notifySystemd('stopping', logger.log);
        await smsc.drain();
        await metrics?.close();
      },
    });
    announceReady({ role: 'smsc', listen: smsc.address, metrics: metricsUrl(metrics) });
    void notifySystemd('ready', logger.log);
    if (isTerminal) {
      const { accounts, handsets, zoneOffset } = options.settings;
      const { user = '', number = '' } = accounts[0] ?? {};
      // One that takes what is pasted, if there is one.
      const reachable = handsets.find(({ state }) => state.type === 'on') ?? handsets[0];
      const handset = reachable?.number ?? exampleHandset;
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

/** What came from the environment may be secret, and whoever starts the client has it there too. */
function passwordAssignment(place: PasswordPlace): string {
  switch (place.type) {
    case 'file':
      return `RINGBRIDGE_SMSC_PASSWORD_FILE=${place.path}`;
    case 'environment':
      return 'RINGBRIDGE_SMSC_PASSWORD=…';
    case 'known':
      return `RINGBRIDGE_SMSC_PASSWORD=${developmentPassword}`;
  }
}

function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
