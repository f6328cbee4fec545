/** `buffer start`: settings to options, then the buffer runs until it is told to end. */

import { valueOrThrow } from '../../cli/flags.ts';
import { metricsSettings, metricsUrl, openMetrics } from '../../cli/metrics-setting.ts';
import { parsePace } from '../../cli/pace.ts';
import { prose } from '../../cli/prose.ts';
import { recordOf, recordSettings } from '../../cli/record-settings.ts';
import { restoredFlag } from '../../cli/restored-flag.ts';
import { RoleCommand } from '../../cli/role-command.ts';
import {
  address,
  choice,
  duration,
  integer,
  path,
  required,
  secretFile,
  text,
  toggle,
} from '../../cli/setting-kinds.ts';
import { flagsOf, resolveSettings } from '../../cli/settings.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { ok } from '../../core/base/result.ts';
import { isLoopback, parseTransportAddress, parseWebSocketAddress } from '../../shell/address.ts';
import type { BufferProcess } from '../../shell/buffer-process.ts';
import type { MetricsServer } from '../../shell/metrics/metrics-server.ts';

/** Also what `config validate` reads. */
export const settings = {
  smsc: required(
    address({
      description: 'address of the SMSC: tcp://HOST:PORT, tls://HOST:PORT, unix:/PATH or serial:/DEVICE?baud=N',
      parse: parseTransportAddress,
    }),
  ),
  user: required(
    text({
      description: 'user identity (010) of the account at the SMSC',
      helpValue: 'NAME',
      environment: 'RINGBRIDGE_SMSC_USER',
    }),
  ),
  'password-file': required(
    secretFile({
      description: 'file with the password (011) of that account',
      environment: 'RINGBRIDGE_SMSC_PASSWORD_FILE',
      secretEnvironment: 'RINGBRIDGE_SMSC_PASSWORD',
    }),
  ),
  'smsc-id': required(text({ description: 'name of this SMSC, the same at the IM server', helpValue: 'ID' })),
  'im-server': required(
    address({
      description: 'link of the IM server: wss://HOST[:PORT]/link',
      helpValue: 'URL',
      parse: parseWebSocketAddress,
    }),
  ),
  'secret-file': required(
    secretFile({
      description: 'file with the secret shared with the IM server, 64 hex digits',
      secretEnvironment: 'RINGBRIDGE_SECRET',
    }),
  ),
  'state-dir': required(path({ description: 'directory for the rings; one per buffer', helpValue: 'DIR' })),
  'ring-size': integer({ description: 'slots of the mo ring, which this end owns', min: 1, max: 255, default: 255 }),
  'account-type': choice(['receiving', 'querying', 'send-only'], {
    description:
      'what the account gets: all by itself, or messages when it asks, or none; the last two ask for statuses',
    default: 'receiving',
  }),
  poll: duration({
    description: 'how often a querying account asks for messages when none waited',
    default: 5_000,
    minMs: 100,
  }),
  window: integer({
    description: 'submits outstanding at the SMSC; above 1 only as the account allows',
    min: 1,
    max: 128,
    default: 1,
  }),
  pace: text({
    description: 'when submits leave: as messages come, steadily (20/s), or all that is there in cycles (cycle:200ms)',
    helpValue: 'PACE',
    default: 'sporadic',
    check: (value) => {
      const pace = parsePace(value);
      return pace.ok ? ok(value) : pace;
    },
  }),
  alive: duration({ description: 'idle time before an alive packet', default: 30_000, minMs: 1_000 }),
  'answer-timeout': duration({
    description: 'waiting time for an answer of the SMSC before the packet is repeated',
    default: 60_000,
    minMs: 1_000,
  }),
  'in-doubt': choice(['resend', 'hold'], {
    description: 'what becomes of a submit whose answer never came: sent again, marked, or held for a decision',
    default: 'resend',
  }),
  'answer-after': choice(['stored', 'mirrored'], {
    description: 'when a deliver is answered: on the disk here, or on that of the IM server too (a round trip each)',
    default: 'stored',
  }),
  'on-full': choice(['wait', 'defer'], {
    description:
      'what a deliver gets while the ring has no room: no answer, or "later" (900:10), for accounts with "sm deliver nack", not in order',
    default: 'wait',
  }),
  durability: choice(['disk', 'process'], {
    description: 'what a promise survives: power loss, or a killed process',
    default: 'disk',
  }),
  ...recordSettings,
  ...metricsSettings,
  'smsc-zone': text({
    description: "zone of the SMSC's clock: +08:00, or ask it after login",
    helpValue: 'ZONE',
    default: 'ask',
  }),
  alphabet: choice(['nokia', 'literal'], {
    description: 'what single bytes [ \\ ] ^ { | } ~ of a deliver mean: letters of the Nokia table, or themselves',
    default: 'nokia',
  }),
  reports: choice(['final', 'none'], {
    description: 'whether status reports are asked for; an account that forbids them is noticed by itself',
    default: 'final',
  }),
  checksum: choice(['send', 'omit'], { description: 'whether packets carry a checksum', default: 'send' }),
  'greeting-wait': duration({ description: 'how long to wait for a greeting before login', default: 0 }),
  subaddress: integer({ description: 'subaddress (012) of this instance of the account', min: 0, max: 9 }),
  'smsc-ca': path({ description: 'certificates to trust for an SMSC at tls:// instead of the system’s' }),
  'smsc-cert': path({ description: 'certificate of this end, where the SMSC at tls:// wants one' }),
  'smsc-key': path({ description: 'private key of that certificate' }),
  'tls-ca': path({ description: 'certificates to trust for the IM server instead of the system’s' }),
  insecure: toggle({
    description: 'allow ws://, and metrics, beyond this machine: secrets stay secret, messages do not',
  }),
} as const;

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
