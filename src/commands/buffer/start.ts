/** `buffer start`: settings to options, then the buffer runs until it is told to end. */

import { bufferSettings as settings } from '../../cli/buffer/start-settings.ts';
import { valueOrThrow } from '../../cli/flags.ts';
import { metricsUrl, openMetrics } from '../../cli/metrics-setting.ts';
import { parsePace } from '../../cli/pace.ts';
import { prose } from '../../cli/prose.ts';
import { recordOf } from '../../cli/record-settings.ts';
import { restoredFlag } from '../../cli/restored-flag.ts';
import { RoleCommand } from '../../cli/role-command.ts';
import { flagsOf, resolveSettings } from '../../cli/settings.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { isLoopback, parseTransportAddress, parseWebSocketAddress } from '../../shell/address.ts';
import type { BufferProcess } from '../../shell/buffer-process.ts';
import type { MetricsServer } from '../../shell/metrics/metrics-server.ts';

export default class BufferStart extends RoleCommand {
  static override summary = 'Run a buffer server beside an SMSC';
  static override description =
    prose(`Dials the IM server, then logs in to the SMSC as a CIMD2 client. Messages for handsets are submitted in turn;
messages from handsets and status reports are put on disk before they are answered, and stream to the IM server. After
any interruption both ends compare their rings and send what was lost. Runs until SIGTERM or SIGINT, then logs out.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --smsc tcp://127.0.0.1:9971 --user app --password-file app.password --smsc-id hel1 --im-server ws://127.0.0.1:8080/link --secret-file hel1.secret --state-dir ./hel1',
    '<%= config.bin %> <%= command.id %> --config /etc/ringbridge/hel1.toml --in-doubt hold',
  ];
  static override flags = { ...flagsOf(settings), restored: restoredFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(BufferStart);
    const { values, warnings } = await resolveSettings(settings, flags);
    for (const warning of warnings) this.printNotice(warning);
    const { parseLinkSecret } = await import('../../cli/link-secret.ts');
    const smsc = parseTransportAddress(values.smsc);
    const imServer = parseWebSocketAddress(values['im-server']);
    const secret = parseLinkSecret(values['secret-file'], '--secret-file');
    const smscZone = await zoneOf(values['smsc-zone']);
    if (!imServer.url.startsWith('wss:') && !isLoopback(imServer.host) && !values.insecure) throw insecure();
    const { readClientTls, readTrustedCertificates } = await import('../../cli/tls-files.ts');
    const smscTls = await readClientTls({
      ca: { file: values['smsc-ca'], flag: '--smsc-ca' },
      cert: { file: values['smsc-cert'], flag: '--smsc-cert' },
      key: { file: values['smsc-key'], flag: '--smsc-key' },
    });
    const caFile = values['tls-ca'];
    const ca = caFile === undefined ? undefined : await readTrustedCertificates(caFile, '--tls-ca');
    const { createLogger } = await import('../../shell/logger.ts');
    const { startBuffer } = await import('../../shell/buffer-process.ts');
    const { hostname } = await import('node:os');
    const logger = await createLogger({ role: 'buffer' });
    const metrics = await openMetrics(values.metrics, values.insecure ? 'anywhere' : 'this-machine', logger.log);
    const running = await startBuffer({
      settings: {
        smscId: values['smsc-id'],
        node: hostname(),
        secret,
        ringSize: values['ring-size'],
        inDoubt: values['in-doubt'],
        answerAfter: values['answer-after'],
        onFull: values['on-full'],
        alphabet: values.alphabet,
        smscZone,
        reports: values.reports,
        applicationType: values['account-type'],
        pollMs: values.poll,
        user: values.user,
        password: values['password-file'],
        subaddress: values.subaddress,
        window: values.window,
        pace: valueOrThrow(parsePace(values.pace)),
        checksum: values.checksum,
        greetingWaitMs: values['greeting-wait'],
        silenceBeforeLoginMs: smsc.type === 'serial' ? values['answer-timeout'] : 0,
        aliveMs: values.alive,
        answerTimeoutMs: values['answer-timeout'],
      },
      smsc,
      smscTls,
      imServer,
      tls: ca === undefined ? {} : { ca },
      stateDir: values['state-dir'],
      durability: values.durability,
      restored: flags.restored,
      record: recordOf(values),
      log: logger.log,
      onBug: this.crash(logger),
    }).catch(async (error: unknown) => {
      await metrics?.close();
      throw error;
    });
    if (metrics !== undefined) await watchBuffer(metrics, running);
    const stateDir = values['state-dir'];
    await this.untilShutdown(
      {
        ready: { role: 'buffer', listen: undefined, smscId: values['smsc-id'], stateDir, metrics: metricsUrl(metrics) },
        greeting: `buffer ${values['smsc-id']} is running: SMSC ${values.smsc}, IM server ${values['im-server']}\nlook at its rings: ringbridge ring inspect --map --state-dir ${stateDir}`,
        drain: async () => {
          await running.drain();
          await metrics?.close();
        },
      },
      logger,
    );
  }
}

async function watchBuffer(metrics: MetricsServer, { status }: BufferProcess): Promise<void> {
  const { bufferMetrics } = await import('../../shell/metrics/role-metrics.ts');
  const { bufferUnready } = await import('../../shell/metrics/readiness.ts');
  metrics.watch({
    metrics: async () => bufferMetrics(await status()),
    unready: async () => bufferUnready(await status()),
  });
}

async function zoneOf(given: string): Promise<number | 'ask'> {
  if (given === 'ask') return 'ask';
  const { parseZoneOffset } = await import('../../core/codec/smsc-time.ts');
  const minutes = parseZoneOffset(given);
  if (minutes !== undefined) return minutes;
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `--smsc-zone "${given}" is no zone.`,
    hint: 'Write it like +08:00 or -03:30, or `ask` to have the SMSC tell.',
  });
}

function insecure(): OperatorError {
  return new OperatorError({
    code: 'CONFIG_INSECURE',
    message: 'The link to the IM server would cross a network without TLS.',
    hint: 'Use wss:// (im-server start --tls-cert --tls-key), or allow it with --insecure.',
  });
}
