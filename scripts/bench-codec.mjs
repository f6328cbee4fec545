// `npm run bench:codec`: packets per second that the codec decodes and encodes, beside JSON.parse and JSON.stringify of the
// same content and a copy of the same bytes. All take turns in one process, seconds are seconds of its processor time
// (its garbage collector's included), and medians count: so a busy machine tells the same as an idle one. Prints a
// table; ends 7 where a goal is not met.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codecWork } from './bench/codec-work.mjs';
import { median } from './bench/turn-taker.mjs';
import { existing, number } from './options/kinds.mjs';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const checkFailed = 7;

/** What the codec must reach, as a share of what it is measured beside. */
const goals = [
  { step: 'decode', beside: 'JSON.parse', share: 0.5 },
  { step: 'encode', beside: 'JSON.stringify', share: 1 },
];

const values = readOptions({
  command: 'npm run bench:codec --',
  about: 'Ends 0 if every goal is met, 7 otherwise.',
  flags: {
    rounds: { takes: number(1, 1e6), default: 25, says: 'times that everything is measured; medians count' },
    slice: { takes: number(1, 1e6), default: 40, says: 'milliseconds of processor time per step and round' },
    dist: {
      takes: existing('DIR'),
      default: join(root, 'dist'),
      defaultText: 'dist',
      says: 'another build to measure',
    },
    json: { says: 'the numbers as JSON instead of the table' },
  },
});

/** Node has compiled and recompiled what is hot after this. */
const warmUpRounds = 5;

const { sizes, steps } = await codecWork(values.dist);
const samples = measure(steps, values.rounds, values.slice);
const rates = Object.fromEntries(Object.entries(samples).map(([name, some]) => [name, median(some)]));
// Share by share and round by round: what another program took at that moment, it took from both.
const verdicts = goals.map(({ step, beside, share }) => {
  const reached = median(samples[step].map((rate, round) => rate / samples[beside][round]));
  return { step, beside, goal: share, reached, isMet: reached >= share };
});
const isMet = verdicts.every((verdict) => verdict.isMet);
if (values.json) {
  const result = { schema: 'bench-codec.result/1', node: process.version, sizes, perSecond: rates, verdicts, isMet };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} else {
  process.stdout.write(`${lines({ sizes, rates, verdicts, isMet }).join('\n')}\n`);
}
process.exitCode = isMet ? 0 : checkFailed;

/** @returns rates in packets per second, by step, one per round */
function measure(steps, rounds, sliceMs) {
  const samples = Object.fromEntries(Object.keys(steps).map((name) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const [name, step] of Object.entries(steps)) {
      const rate = rateOf(step, sliceMs);
      if (round >= 0) samples[name].push(rate);
    }
  }
  return samples;
}

function rateOf(step, sliceMs) {
  const batch = 2_048;
  const before = process.cpuUsage();
  let [count, sum, spentMs] = [0, 0, 0];
  while (spentMs < sliceMs) {
    for (let index = 0; index < batch; index += 1) sum += step(index);
    count += batch;
    const { user, system } = process.cpuUsage(before);
    spentMs = (user + system) / 1_000;
  }
  if (!(sum > 0)) throw new Error('nothing was read');
  return (count * 1_000) / spentMs;
}

function lines({ sizes, rates, verdicts, isMet }) {
  const rows = Object.entries(rates).map(([name, perSecond]) => [
    name,
    Math.round(perSecond).toLocaleString('en-US'),
    (1e6 / perSecond).toFixed(2),
  ]);
  const heads = ['step', 'packets/s', 'µs each'];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  const format = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return [
    `a submit of 160 characters: ${sizes.packet} bytes as a packet, ${sizes.json} as JSON; node ${process.version}`,
    '',
    format(heads),
    ...rows.map(format),
    '',
    ...verdicts.map(
      ({ step, beside, goal, reached, isMet: isThisMet }) =>
        `${step}: ${percent(reached)} of ${beside}, goal ${percent(goal)}: ${isThisMet ? 'met' : 'MISSED'}`,
    ),
    '',
    isMet ? 'Every goal is met.' : 'A goal is missed.',
  ];
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}
