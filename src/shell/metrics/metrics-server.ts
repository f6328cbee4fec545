/**
 * A small HTTP server beside a role, for machines that watch it: `/metrics`, `/healthz`, `/readyz`. It listens before the role
 * begins, so that an address in use is told first, and answers 503 until there is a role to ask. Reads only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { OperatorError } from '../../core/base/errors.ts';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { TransportAddress } from '../address.ts';
import { addressOf, listen } from '../tcp.ts';
import { type Metric, metricsContentType, metricsText } from './metric-text.ts';

export interface MetricsSource {
  metrics(): Promise<readonly Metric[]>;
  /** Why the role is not ready; undefined where it is. */
  unready(): Promise<string | undefined>;
}

export interface MetricsServer {
  /** With the port it got. */
  readonly address: TransportAddress;
  /** From now on there is a role to ask. */
  watch(source: MetricsSource): void;
  /** Cuts requests under way: nobody waits for a scrape to end a role. */
  close(): Promise<void>;
}

/** Scrapers are few; more connections are somebody's mistake. */
const connectionLimit = 32;
const patience = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 2_000 } as const;

/** @throws OperatorError ADDRESS_IN_USE, CONFIG_BAD_ADDRESS */
export async function serveMetrics(at: TransportAddress, log: (event: LogEvent) => void): Promise<MetricsServer> {
  let source: MetricsSource | undefined;
  const server = createServer(patience, (request, response) => {
    answer(request, response, source).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log(logEvent('error', 'metrics.failed', { reason }));
      if (response.headersSent) response.destroy();
      else say(response, 500, 'the role could not be asked');
    });
  });
  server.maxConnections = connectionLimit;
  try {
    await listen(server, at);
  } catch (error) {
    throw error instanceof OperatorError ? withOwnHint(error) : error;
  }
  return {
    address: addressOf(server, at),
    watch: (given) => {
      source = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Page = (source: MetricsSource, response: ServerResponse) => Promise<void>;

const pages: Readonly<Record<string, Page>> = {
  '/metrics': async (source, response) => {
    response.setHeader('content-type', metricsContentType);
    response.end(metricsText(await source.metrics()));
  },
  // That it answers is the answer: what is wrong elsewhere is not mended by a restart.
  '/healthz': async (_source, response) => say(response, 200, 'ok'),
  '/readyz': async (source, response) => {
    const why = await source.unready();
    say(response, why === undefined ? 200 : 503, why === undefined ? 'ready' : `not ready: ${why}`);
  },
};

async function answer(request: IncomingMessage, response: ServerResponse, source: MetricsSource | undefined) {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return say(response, 404, `there are ${Object.keys(pages).join(', ')}`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'only GET and HEAD');
  if (source === undefined) return say(response, 503, 'not ready: the role is starting');
  await page(source, response);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** The role listens elsewhere, too. */
function withOwnHint(error: OperatorError): OperatorError {
  const { code, message, exitStatus, retryable } = error;
  const hint = 'Give another address with --metrics, for example 127.0.0.1:9464; port 0 takes a free one.';
  return new OperatorError({ code, message: `For --metrics: ${message}`, hint, exitStatus, retryable, cause: error });
}
