/** The setting `metrics`, the same for every role: where machines that watch it may ask. */
import { OperatorError } from '../core/base/errors.ts';
import {
  formatAddress,
  formatHostAndPort,
  isLoopback,
  parseListenAddress,
  type TransportAddress,
} from '../shell/address.ts';
import type { Logger } from '../shell/logger.ts';
import type { MetricsServer } from '../shell/metrics/metrics-server.ts';
import { address } from './setting-kinds.ts';

export const metricsSettings = {
  metrics: address({
    description: 'where to serve /metrics for Prometheus, /healthz and /readyz: 127.0.0.1:9464; off if left out',
    helpValue: 'HOST:PORT',
    parse: parseMetricsAddress,
  }),
} as const;

/**
 * Listens there, if anywhere; from {@link MetricsServer.watch} on it tells of a role.
 *
 * @param reach `this-machine`: refuses an address that others can reach
 * @throws OperatorError CONFIG_INSECURE, CONFIG_BAD_ADDRESS, ADDRESS_IN_USE
 */
export async function openMetrics(
  given: string | undefined,
  reach: 'this-machine' | 'anywhere',
  log: Logger['log'],
): Promise<MetricsServer | undefined> {
  if (given === undefined) return undefined;
  const at = parseMetricsAddress(given);
  if (reach === 'this-machine' && at.type === 'tcp' && !isLoopback(at.host)) throw insecure();
  const { serveMetrics } = await import('../shell/metrics/metrics-server.ts');
  return serveMetrics(at, log);
}

/** @throws OperatorError CONFIG_BAD_ADDRESS */
function parseMetricsAddress(text: string): TransportAddress {
  const at = parseListenAddress(text);
  if (at.type === 'tcp' || at.type === 'unix') return at;
  throw new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `"${text}" is no address for metrics: they are served over plain HTTP.`,
    hint: 'Write it like 127.0.0.1:9464 or unix:/run/ringbridge.metrics.',
  });
}

/** As somebody would type it: `http://127.0.0.1:9464/metrics`. */
export function metricsUrl(server: MetricsServer | undefined): string | undefined {
  if (server === undefined) return undefined;
  const { address: at } = server;
  return at.type === 'tcp' ? `http://${formatHostAndPort(at)}/metrics` : formatAddress(at);
}

function insecure(): OperatorError {
  return new OperatorError({
    code: 'CONFIG_INSECURE',
    message: 'Metrics would be open to the network; they tell how much passes, and nothing protects them.',
    hint: 'Give an address of this machine with --metrics, 127.0.0.1:9464; or allow it with --insecure.',
  });
}
