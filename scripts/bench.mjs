// `npm run bench`: messages per second towards handsets, measured in one run: one client taking turns across the delayed
// link, the bridge over the same link, and the best possible rate min(1/t, 255/(R + t)). Phases are interleaved and the
// medians count, because machines are noisy. Prints a table, writes JSON, ends 7 where a goal is not met.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measurePuts } from './bench/bare-put.mjs';
import { fillOutbox, measureBridge, smscPassword, smscUser, Workshop } from './bench/bridge.mjs';
import { endAll } from './bench/processes.mjs';
import { median, takeTurns } from './bench/turn-taker.mjs';
import { bestPossible, judge, ringSize } from './bench/verdict.mjs';
import { diskToUse, existing, listOf, number, text, word } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const checkFailed = 7;

/** Node still compiles what is hot for about 10,000 messages, at twice the price per message. */
const whole = {
  rounds: 3,
  fill: 60_000,
  phases: { warmUpMs: 10_000, measureMs: 4_000, turnTakingMs: 4_000, turns: 5_000, puts: 2_000 },
};
const quick = {
  rounds: 1,
  fill: 25_000,
  phases: { warmUpMs: 4_000, measureMs: 2_000, turnTakingMs: 1_500, turns: 1_500, puts: 500 },
};

const values = readOptions({
  command: 'npm run bench --',
  about: 'Prints a table and writes JSON. Ends 0 if every goal is met, 7 otherwise.',
  flags: {
    quick: { says: 'short phases, one round: to see that it works, not to compare' },
    rtt: {
      takes: listOf(number(0, 60_000, { fractions: 'allowed' })),
      default: [50, 100, 200],
      says: 'round trips of the link, milliseconds',
    },
    durability: {
      takes: listOf(word('WHICH', ['disk', 'process'])),
      default: ['disk', 'process'],
      says: 'what a put waits for',
    },
    rounds: {
      takes: number(1, 1_000),
      defaultText: `${whole.rounds}, quick ${quick.rounds}`,
      says: 'times that everything is measured; medians count',
    },
    fill: {
      takes: number(1, 1e7),
      defaultText: `${whole.fill}, quick ${quick.fill}`,
      says: 'texts handed in beforehand',
    },
    reports: {
      takes: word('WHICH', ['none', 'final']),
      default: 'none',
      says: 'ask for status reports, which come back on the same link',
    },
    dir: { ...diskToUse, says: 'on the disk to measure' },
    out: { takes: text('FILE'), defaultText: 'bench-results/TIME.json', says: 'where the JSON goes' },
    program: {
      takes: existing('FILE'),
      repeats: true,
      defaultText: 'this one',
      says: 'bin/run.js of another build, to measure side by side',
    },
  },
});

const { phases, ...usual } = values.quick ? quick : whole;
const { rtt: roundTrips, durability: durabilities, rounds = usual.rounds, fill: fillCount = usual.fill } = values;
const programs = (values.program ?? [join(root, 'bin/run.js')]).map((path) => resolve(path));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => endAll().then(() => process.exit(signal === 'SIGINT' ? 130 : 143)));
}
const dir = mkdtempSync(join(values.dir, 'ringbridge-bench-'));
try {
  process.exitCode = report(await measure(new Workshop(dir)));
} finally {
  await endAll();
  rmSync(dir, { recursive: true, force: true });
}

/** All samples: `turns`, `puts`, `turnTaking` by round trip, `bridge` by what is measured. */
async function measure(workshop) {
  const samples = { turns: [], puts: [], turnTaking: new Map(), bridge: new Map(), load: [] };
  note(`filling the outbox with ${fillCount} texts`);
  await fillOutbox(workshop, programs[0], { count: fillCount, reports: values.reports });
  const smsc = await workshop.startSmsc(programs[0]);
  const account = { user: smscUser, password: smscPassword };
  for (let round = 1; round <= rounds; round += 1) {
    for (const rttMs of roundTrips) {
      note(`round ${round} of ${rounds}, ${rttMs} ms: turns and puts`);
      const turn = await takeTurns(
        { ...account, port: smsc.port },
        { warmUp: 500, turns: phases.turns, forMs: 10_000 },
      );
      samples.turns.push(turn.meanMs);
      const put = await measurePuts(workshop.dir, { warmUp: 50, puts: phases.puts, forMs: 5_000 });
      samples.puts.push(put.meanMs);
      const relay = await workshop.startRelay(programs[0], rttMs, smsc.port);
      const across = await takeTurns(
        { ...account, port: relay.port },
        { warmUp: 2, turns: 10_000, forMs: phases.turnTakingMs },
      );
      await relay.role.end();
      add(samples.turnTaking, rttMs, 1_000 / across.meanMs);
      for (const durability of durabilities) {
        for (const [index, program] of programs.entries()) {
          note(`round ${round} of ${rounds}, ${rttMs} ms: bridge, ${durability}${label(index)}`);
          const { reports } = values;
          const setup = { rttMs, durability, reports, ...phases };
          add(samples.bridge, key(rttMs, durability, index), await measureBridge(workshop, program, setup));
        }
      }
      samples.load.push(loadavg()[0]);
    }
  }
  await smsc.role.end();
  return samples;
}

/** Prints the table and writes the JSON. @returns the exit status */
function report(samples) {
  const turnMs = median(samples.turns);
  const putMs = median(samples.puts);
  const rows = [];
  for (const rttMs of roundTrips) {
    for (const durability of durabilities) {
      for (const index of programs.keys()) {
        const runs = samples.bridge.get(key(rttMs, durability, index));
        const best = bestPossible({ rttMs, turnMs, putMs: durability === 'disk' ? putMs : 0 });
        const row = {
          rttMs,
          durability,
          program: index + 1,
          turnTakingPerSecond: median(samples.turnTaking.get(rttMs)),
          bridgePerSecond: median(runs.map((run) => run.perSecond)),
          bridgeRuns: runs.map((run) => Math.round(run.perSecond)),
          best,
          othersPercent: runs.map((run) => run.othersPercent),
          cpuMicrosPerMessage: medians(runs.map((run) => run.cpuMicros)),
        };
        rows.push({ ...row, ...judge(row) });
      }
    }
  }
  const isMet = rows.every((row) => row.isMet);
  const file = values.out ?? join(root, 'bench-results', `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  mkdirSync(join(file, '..'), { recursive: true });
  const machine = { cpus: availableParallelism(), model: cpus()[0]?.model ?? '', node: process.version };
  const document = {
    schema: 'bench.result/1',
    at: new Date().toISOString(),
    isQuick: values.quick,
    reports: values.reports,
    rounds,
    ringSize,
    machine: { ...machine, load: samples.load.map((load) => Number(load.toFixed(2))) },
    turnMs,
    putMs,
    turnRunsMs: samples.turns,
    putRunsMs: samples.puts,
    rows,
    isMet,
  };
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
  process.stdout.write(`${lines(document).join('\n')}\n\nwritten to ${file}\n`);
  return isMet ? 0 : checkFailed;
}

function lines({ turnMs, putMs, rows, machine, isMet }) {
  const heads = [
    'round trip',
    'durability',
    '(a) in turn',
    '(b) bridge',
    '(c) best',
    'limit',
    '(b)/(c)',
    'goal',
    '(b)/(a)',
    '',
  ];
  const table = rows.map((row) => [
    `${row.rttMs} ms`,
    `${row.durability}${label(row.program - 1)}`,
    row.turnTakingPerSecond.toFixed(1),
    row.bridgePerSecond.toFixed(0),
    row.best.perSecond.toFixed(0),
    row.best.limit === 'turn' ? '1/t' : `${ringSize}/(R+t)`,
    `${(row.share * 100).toFixed(0)} %`,
    `${row.goal * 100} %${row.mustBeTimes > 0 ? `, x${row.mustBeTimes}` : ''}`,
    `x${row.times.toFixed(0)}`,
    row.isMet ? 'met' : 'MISSED',
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...table.map((row) => row[column].length)));
  const format = (row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ');
  const work = rows.map((row) => {
    const used = Object.entries(row.cpuMicrosPerMessage).map(([name, micros]) => `${name} ${micros}`);
    const sum = Object.values(row.cpuMicrosPerMessage).reduce((total, micros) => total + micros, 0);
    const most = sum > 0 ? `, at most ${Math.round((machine.cpus * 1e6) / sum)}/s here` : '';
    const others = `others took ${row.othersPercent.join(', ')} %`;
    const name = format([`${row.rttMs} ms`, `${row.durability}${label(row.program - 1)}`]).trimEnd();
    return `  ${name}  ${used.join(', ')}${most}; runs ${row.bridgeRuns.join(', ')}; ${others}`;
  });
  return [
    `messages per second to handsets; t = ${turnMs.toFixed(3)} ms a turn, and ${putMs.toFixed(3)} ms a put with disk`,
    `${machine.cpus} processors (${machine.model}), node ${machine.node}, load ${machine.load.join(' ')}`,
    '',
    format(heads),
    ...table.map(format),
    '',
    'processor time per message in microseconds, and what all processors could do at that price',
    ...work,
    '',
    isMet
      ? 'Every goal is met.'
      : 'A goal is missed. On a busy machine compare the load and the processor times first.',
  ];
}

function medians(objects) {
  const names = Object.keys(objects[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(objects.map((one) => one[name]))]));
}

function add(map, name, value) {
  map.set(name, [...(map.get(name) ?? []), value]);
}

function key(rttMs, durability, index) {
  return `${rttMs} ${durability} ${index}`;
}

/** Names the build where there are several. */
function label(index) {
  return programs.length > 1 ? ` #${index + 1}` : '';
}

function note(text) {
  process.stderr.write(`bench: ${text}\n`);
}
