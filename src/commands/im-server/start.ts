/** `im-server start`: settings to options, then the IM server runs until it is told to end. */
import { routingOf } from '../../cli/im/routing-settings.ts';
import { imServerSettings as settings } from '../../cli/im/start-settings.ts';
import { xmppOf } from '../../cli/im/xmpp-settings.ts';
import { metricsUrl, openMetrics } from '../../cli/metrics-setting.ts';
import { prose } from '../../cli/prose.ts';
import { recordOf } from '../../cli/record-settings.ts';
import { restoredFlag } from '../../cli/restored-flag.ts';
import { RoleCommand } from '../../cli/role-command.ts';
import { flagsOf, resolveSettings } from '../../cli/settings.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { fail } from '../../core/base/result.ts';
import type { WebhookControlOptions } from '../../gateways/http/webhook-control.ts';
import { formatAddress, isLoopback, parseListenAddress } from '../../shell/address.ts';
import type { ImServerProcess } from '../../shell/im-server-process.ts';
import type { MetricsServer } from '../../shell/metrics/metrics-server.ts';

export default class ImServerStart extends RoleCommand {
  static override summary = 'Run the IM server: page, clients, and the far end of every buffer';
  static override description =
    prose(`Serves the web page and its clients, accepts the buffers named with --buffer, keeps an mt ring for each and mirrors
its mo ring. Everything told to anybody is on disk first. Users are made with \`im-server users add\`. In the
file of --config every buffer is a table [[buffer]] with smsc-id and secret-file, every route a table [[route]] with
prefix, smsc-id and fallback, and [from-handset] says how messages from handsets are read, [xmpp] joins an XMPP server. Runs until SIGTERM or SIGINT.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --state-dir ./im --buffer hel1=hel1.secret --service-number 2882',
    '<%= config.bin %> <%= command.id %> --config /etc/ringbridge/im-server.toml --listen 0.0.0.0:443 --tls-cert im.crt --tls-key im.key',
  ];
  static override flags = { ...flagsOf(settings), restored: restoredFlag };

  async run(): Promise<void> {
    const { flags } = await this.parse(ImServerStart);
    const { values, warnings } = await resolveSettings(settings, flags);
    for (const warning of warnings) this.printNotice(warning);
    const { parseLinkSecret } = await import('../../cli/link-secret.ts');
    const listen = parseListenAddress(values.listen);
    const { readServerTls } = await import('../../cli/tls-files.ts');
    const tls = await readServerTls(values['tls-cert'], values['tls-key']);
    if (tls === undefined && listen.type === 'tcp' && !isLoopback(listen.host) && !values.insecure) throw insecure();
    const buffers = values.buffer.map((row) => ({
      smscId: row['smsc-id'],
      secret: parseLinkSecret(row['secret-file'], `--buffer ${row['smsc-id']}`),
    }));
    const routing = routingOf(
      values,
      buffers.map(({ smscId }) => smscId),
    );
    const xmpp = xmppOf(values);
    const { defaultExchangeSettings } = await import('../../core/im/exchange-io.ts');
    const { createLogger } = await import('../../shell/logger.ts');
    const { startImServer } = await import('../../shell/im-server-process.ts');
    const { httpGateway } = await import('../../gateways/http/http-gateway.ts');
    const { Logins } = await import('../../gateways/web/logins.ts');
    const { webGateway } = await import('../../gateways/web/web-gateway.ts');
    const { xmppGateway } = await import('../../gateways/xmpp/xmpp-gateway.ts');
    const { unknownUser, userRoutes } = await import('../../gateways/web/user-routes.ts');
    const { webhookControlRoutes } = await import('../../gateways/http/webhook-control.ts');
    const { hostname } = await import('node:os');
    const logger = await createLogger({ role: 'im-server' });
    const transport = tls === undefined ? 'http' : 'https';
    const metrics = await openMetrics(values.metrics, values.insecure ? 'anywhere' : 'this-machine', logger.log);
    // The gateway is made by the server that serves the route.
    let changeWebhook: WebhookControlOptions['change'] = async () =>
      fail('IM_NOT_FOUND', 'The HTTP API is not there yet.');
    const running = await startImServer({
      settings: {
        node: hostname(),
        ringSize: values['ring-size'],
        buffers,
        exchange: {
          ...defaultExchangeSettings,
          ...routing,
          userDomains: xmpp?.usersOf === undefined ? [] : [xmpp.usersOf],
          validityMs: values.validity,
          reports: values.reports,
          national: values.national,
          sendRate: { perSecond: values['send-rate'], burst: 10 * values['send-rate'] },
        },
      },
      listen,
      tls,
      stateDir: values['state-dir'],
      durability: values.durability,
      keep: { forMs: values['keep-for'], count: values['keep-count'] },
      restored: flags.restored,
      record: recordOf(values),
      makeGateways: ({ world, sessionKey, rings }) => {
        const logins = new Logins({ users: world.history, sessionKey, clock: Date.now });
        const common = { world, logins, log: logger.log };
        const web = webGateway({ ...common, transport, reports: values.reports, national: values.national, rings });
        const http = httpGateway({ ...common, webhookTargets: values['webhook-targets'] });
        changeWebhook = (...change) => http.webhooks.change(...change);
        const others = xmpp === undefined ? [] : [xmppGateway({ world, sessionKey, settings: xmpp, log: logger.log })];
        return [web, http, ...others];
      },
      userRoutes: (change, world) => ({
        ...userRoutes(change, world),
        ...webhookControlRoutes({
          history: world.history,
          unknownUser,
          change: (...change) => changeWebhook(...change),
        }),
      }),
      log: logger.log,
      onBug: this.crash(logger),
    }).catch(async (error: unknown) => {
      await metrics?.close();
      throw error;
    });
    if (metrics !== undefined) await watchImServer(metrics, running);
    const url = formatAddress(running.address).replace(/^[a-z]+/, transport);
    const stateDir = values['state-dir'];
    await this.untilShutdown(
      {
        ready: { role: 'im-server', listen: url, stateDir, metrics: metricsUrl(metrics) },
        greeting: `IM server is running: open ${url}\nbuffers: ${buffers.map(({ smscId }) => smscId).join(', ') || 'none (give --buffer ID=FILE)'}\nmake a user: ringbridge im-server users add alice --suffix 0001 --state-dir ${stateDir}`,
        drain: async () => {
          await running.drain();
          await metrics?.close();
        },
      },
      logger,
    );
  }
}

async function watchImServer(metrics: MetricsServer, { status }: ImServerProcess): Promise<void> {
  const { imServerMetrics } = await import('../../shell/metrics/role-metrics.ts');
  const { imServerUnready } = await import('../../shell/metrics/readiness.ts');
  metrics.watch({
    metrics: async () => imServerMetrics(await status()),
    unready: async () => imServerUnready(await status()),
  });
}

function insecure(): OperatorError {
  return new OperatorError({
    code: 'CONFIG_INSECURE',
    message: 'Page and link would be open to the network without TLS.',
    hint: 'Give --tls-cert and --tls-key, listen on 127.0.0.1 behind a proxy that has TLS, or allow it with --insecure.',
  });
}
