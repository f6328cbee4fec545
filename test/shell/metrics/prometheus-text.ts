/**
 * Reads what Prometheus reads (exposition format 0.0.4), as strictly as promtool looks at it: each family in one piece, HELP and
 * TYPE in front, good names, no sample twice, counters named so and never negative.
 */

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** @throws Error with the line that is wrong */
export function readPrometheusText(text: string): ReadonlyMap<string, Family> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family & { samples: { labels: Record<string, string>; value: number }[] }>();
  let current = '';
  let pendingHelp: { readonly name: string; readonly help: string } | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const wrong = (why: string): Error => new Error(`${why}: ${line}`);
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (help !== null) {
      const [, name = '', words = ''] = help;
      if (families.has(name)) throw wrong('a family in two pieces');
      if (words.replace(/\\[\\n]/g, '').includes('\\')) throw wrong('a bad escape');
      pendingHelp = { name, help: words };
      continue;
    }
    if (type !== null) {
      const [, name = '', kind = ''] = type;
      if (pendingHelp?.name !== name) throw wrong('TYPE without its HELP in front');
      if (!metricName.test(name)) throw wrong('a bad name');
      if ((kind === 'counter') !== name.endsWith('_total')) throw wrong('a counter ends in _total, nothing else does');
      families.set(name, { name, type: kind, help: pendingHelp.help, samples: [] });
      [current, pendingHelp] = [name, undefined];
      continue;
    }
    if (line.startsWith('#') || line === '') throw wrong('neither metadata nor a sample');
    const sample = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) throw wrong('no sample');
    const [, name = '', labelText = '', valueText = ''] = sample;
    const family = families.get(name);
    if (name !== current || family === undefined || pendingHelp !== undefined)
      throw wrong('a sample outside its family');
    const labels = readLabels(labelText, wrong);
    const value = valueText === '+Inf' ? Infinity : valueText === '-Inf' ? -Infinity : Number(valueText);
    if (Number.isNaN(value) && valueText !== 'NaN') throw wrong('no number');
    if (family.type === 'counter' && !(value >= 0 && Number.isFinite(value))) throw wrong('a counter counts');
    const key = JSON.stringify(Object.entries(labels).sort());
    if (family.samples.some((other) => JSON.stringify(Object.entries(other.labels).sort()) === key)) {
      throw wrong('a sample twice');
    }
    family.samples.push({ labels, value });
  }
  for (const { name, samples } of families.values())
    if (samples.length === 0) throw new Error(`${name} has no samples`);
  return families;
}

function readLabels(text: string, wrong: (why: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = /^([^=,{}"]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest);
    if (match === null) throw wrong('bad labels');
    const [all, name = '', value = ''] = match;
    if (!labelName.test(name) || name.startsWith('__')) throw wrong(`a bad label ${name}`);
    if (Object.hasOwn(labels, name)) throw wrong(`label ${name} twice`);
    labels[name] = value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(all.length);
  }
  return labels;
}
