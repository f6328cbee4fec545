import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { SmscCounts } from '../../../src/core/roles/smsc/smsc-io.ts';
import { Tally } from '../../../src/core/roles/smsc/tally.ts';
import { parseListenAddress } from '../../../src/shell/address.ts';
import { type Metric, metricsText } from '../../../src/shell/metrics/metric-text.ts';
import { type MetricsServer, type MetricsSource, serveMetrics } from '../../../src/shell/metrics/metrics-server.ts';
import { bufferUnready, imServerUnready } from '../../../src/shell/metrics/readiness.ts';
import { bufferMetrics, imServerMetrics, simulatorMetrics } from '../../../src/shell/metrics/role-metrics.ts';
import { at, bufferStatus, imServerStatus, lane, link } from '../../cli/status/sample-status.ts';
import { readPrometheusText } from './prometheus-text.ts';

const read = (metrics: readonly Metric[]) => readPrometheusText(metricsText(metrics));

describe('the text of metrics', () => {
  it('reads back whatever is in help and labels', () => {
    const labels = { smsc: 'a "quoted" \\ name\nof two lines', lane: 'mt' };
    const metric: Metric = {
      name: 'a_total',
      type: 'counter',
      help: 'one \\ two\nthree',
      samples: [{ labels, value: 3 }],
    };
    const family = read([metric]).get('a_total');
    expect(family?.samples).toEqual([{ labels, value: 3 }]);
    expect(family?.help).toBe('one \\\\ two\\nthree');
  });

  it('leaves out what has no sample, and tells numbers that are none', () => {
    const gauge = (name: string, value?: number): Metric => ({
      ...{ name, type: 'gauge', help: 'x' },
      samples: value === undefined ? [] : [{ value }],
    });
    const text = metricsText([gauge('none'), gauge('inf', Infinity), gauge('nan', NaN), gauge('small', 1e-7)]);
    expect(text).not.toContain('none');
    expect(text).toContain('inf +Inf\n');
    expect(text).toContain('nan NaN\n');
    expect(readPrometheusText(text).get('small')?.samples).toEqual([{ labels: {}, value: 1e-7 }]);
  });

  it.each([
    ['no end', '# HELP a x\n# TYPE a gauge\na 1'],
    ['no HELP', '# TYPE a gauge\na 1\n'],
    ['a family in two pieces', '# HELP a x\n# TYPE a gauge\na 1\n# HELP b x\n# TYPE b gauge\nb 1\na 2\n'],
    ['a sample twice', '# HELP a x\n# TYPE a gauge\na{l="1"} 1\na{l="1"} 2\n'],
    ['a counter without _total', '# HELP a x\n# TYPE a counter\na 1\n'],
    ['an open label', '# HELP a x\n# TYPE a gauge\na{l="1} 1\n'],
  ])('would be refused with %s', (_, text) => {
    expect(() => readPrometheusText(text)).toThrow();
  });
});

describe('the metrics of a role', () => {
  it('are those of a buffer, by SMSC and lane', () => {
    const { submits } = bufferStatus();
    const families = read(
      bufferMetrics(
        bufferStatus({
          submits: { ...submits, slowedToPerSecond: 4, errorCodes: [{ errorCode: 10, count: 2 }] },
          recorder: { sizeBytes: 5, limitBytes: 9, keepMs: 1, dropped: 0 },
          mt: lane({ used: 3, waitingForAnswer: 2, statuses: { mirrored: 2, 'in-doubt': 1 }, oldestAt: at(61_000) }),
        }),
      ),
    );
    const sampleValue = (name: string, labels: Record<string, string>) =>
      families.get(name)?.samples.find((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
    const mt = { smsc: 'hel1', lane: 'mt' };
    expect(sampleValue('ringbridge_link_up', { smsc: 'hel1' })).toBe(1);
    expect(sampleValue('ringbridge_smsc_session_up', { smsc: 'hel1' })).toBe(1);
    expect(sampleValue('ringbridge_ring_slots', mt)).toBe(255);
    expect(sampleValue('ringbridge_ring_messages', { ...mt, status: 'in-doubt' })).toBe(1);
    expect(sampleValue('ringbridge_ring_messages', { ...mt, status: 'placed' })).toBe(0);
    expect(sampleValue('ringbridge_ring_oldest_seconds', mt)).toBe(61);
    expect(sampleValue('ringbridge_submit_answers_total', { smsc: 'hel1', result: 'accepted' })).toBe(8_211);
    expect(sampleValue('ringbridge_submit_refusals_total', { smsc: 'hel1', error_code: '10' })).toBe(2);
    expect(sampleValue('ringbridge_submit_answer_seconds', { smsc: 'hel1', stat: 'median' })).toBe(0.003);
    expect(sampleValue('ringbridge_link_round_trip_seconds', { smsc: 'hel1', stat: 'worst' })).toBe(0.0031);
    expect(families.get('ringbridge_build_info')?.samples[0]?.labels).toMatchObject({ role: 'buffer' });
    expect(families.size).toBeGreaterThan(40);
  });

  it('are those of an IM server with every SMSC and gateway', () => {
    const [smsc] = imServerStatus().smscs;
    if (smsc === undefined) throw new Error('the sample has one');
    const down = { ...smsc, smscId: 'tku1', link: link({ state: 'down', roundTrip: undefined, skew: undefined }) };
    const families = read(imServerMetrics(imServerStatus({ smscs: [smsc, down] })));
    expect(families.get('ringbridge_link_up')?.samples.map(({ value }) => value)).toEqual([1, 0]);
    expect(families.get('ringbridge_link_round_trip_seconds')?.samples).toHaveLength(3);
    expect(families.get('ringbridge_gateway_items')?.samples).toContainEqual({
      labels: { gateway: 'http', item: 'parked_webhooks' },
      value: 0,
    });
  });

  it('are the running totals of a simulator', () => {
    const counts: SmscCounts = {
      ...new Tally(),
      deliversWaiting: 1,
      reportsWaiting: 0,
      messagesWaiting: 0,
      sessions: 2,
    };
    const families = read(simulatorMetrics(counts, 0));
    expect(families.get('ringbridge_simulator_sessions')?.type).toBe('gauge');
    expect(families.get('ringbridge_simulator_delivers_waiting')?.samples).toEqual([{ labels: {}, value: 1 }]);
    expect(families.get('ringbridge_simulator_submits_accepted_total')?.type).toBe('counter');
  });
});

describe('whether a role is ready', () => {
  it('is what a buffer is for: the link, the session and the disk', () => {
    expect(bufferUnready(bufferStatus())).toBeUndefined();
    expect(bufferUnready(bufferStatus({ link: link({ state: 'comparing' }) }))).toBe('the link is comparing');
    expect(bufferUnready(bufferStatus({ phase: 'retired' }))).toBe('the buffer is retired');
    const { session, disk } = bufferStatus();
    expect(bufferUnready(bufferStatus({ session: { ...session, state: 'down' } }))).toMatch(/session .* is down/);
    expect(bufferUnready(bufferStatus({ disk: { ...disk, refusingMs: 1 } }))).toBe('the disk takes nothing');
  });

  it('is the disk of an IM server, whatever its links are', () => {
    expect(imServerUnready(imServerStatus({ smscs: [] }))).toBeUndefined();
    expect(imServerUnready(imServerStatus({ disk: { ...imServerStatus().disk, refusingMs: 9 } }))).toBeDefined();
  });
});

describe('the port of metrics', () => {
  const servers: MetricsServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const source: MetricsSource = {
    metrics: async () => bufferMetrics(bufferStatus()),
    unready: async () => 'the link is down',
  };
  const open = async (): Promise<MetricsServer> => {
    const server = await serveMetrics(parseListenAddress('127.0.0.1:0'), () => undefined);
    servers.push(server);
    return server;
  };

  it('serves metrics, health and readiness, and nothing else', async () => {
    const server = await open();
    server.watch(source);
    const metrics = await ask(server, 'GET', '/metrics?x=1');
    expect(metrics).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(readPrometheusText(metrics.text).has('ringbridge_link_up')).toBe(true);
    expect(await ask(server, 'GET', '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await ask(server, 'GET', '/readyz')).toMatchObject({ status: 503, text: 'not ready: the link is down\n' });
    expect(await ask(server, 'GET', '/constructor')).toMatchObject({ status: 404 });
    expect(await ask(server, 'POST', '/metrics')).toMatchObject({ status: 405 });
    expect(await ask(server, 'HEAD', '/readyz')).toMatchObject({ status: 503, text: '' });
  });

  it('says that it is not ready before there is a role', async () => {
    const server = await open();
    expect(await ask(server, 'GET', '/readyz')).toMatchObject({
      status: 503,
      text: expect.stringContaining('starting'),
    });
    expect(await ask(server, 'GET', '/metrics')).toMatchObject({ status: 503 });
  });

  it('answers 500 where the role cannot be asked, and goes on', async () => {
    const server = await open();
    server.watch({ ...source, metrics: () => Promise.reject(new Error('no')) });
    expect(await ask(server, 'GET', '/metrics')).toMatchObject({ status: 500 });
    expect(await ask(server, 'GET', '/healthz')).toMatchObject({ status: 200 });
  });

  it('names its own flag where the address is taken', async () => {
    const server = await open();
    const again = serveMetrics(server.address, () => undefined);
    await expect(again).rejects.toMatchObject({ code: 'ADDRESS_IN_USE', hint: expect.stringContaining('--metrics') });
  });
});

function ask(server: MetricsServer, method: string, path: string) {
  const port = server.address.type === 'tcp' ? server.address.port : 0;
  return new Promise<{ status: number | undefined; type: string | undefined; text: string }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }));
    });
    asked.on('error', reject).end();
  });
}
