/** Metrics as the text that Prometheus reads (exposition format 0.0.4). What is measured is next door. */

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  /** With its unit, and `_total` for a counter: `ringbridge_store_bytes`. */
  readonly name: string;
  /** One sentence fragment, for people who find the name in a list. */
  readonly help: string;
  /** `counter`: only grows while the process lives. */
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics without a sample are left out. */
export function metricsText(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, type, samples }) =>
    samples.length === 0
      ? []
      : [
          `# HELP ${name} ${escapeHelp(help)}`,
          `# TYPE ${name} ${type}`,
          ...samples.map((sample) => line(name, sample)),
        ],
  );
  return lines.map((text) => `${text}\n`).join('');
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
