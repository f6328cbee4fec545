// `npm run memory`: the roles as processes under a steady load, and what memory each has, minute by minute. Ends 7 where a
// heap grows. What a month does to the machines themselves is for `sim run --days 30`.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diskToUse, number } from './options/kinds.mjs';
import { readOptions, refuse } from './options.mjs';

const checkFailed = 7;
const roles = ['buffer', 'im-server', 'smsc'];
/** The simulator remembers what handsets got, up to 100,000 messages, and is shown for comparison only. */
const judged = ['buffer', 'im-server'];
/** After this share of the time caches and compiled code are what they will be. */
const warmUpShare = 0.25;
/** More than this is a leak: 10 texts/s each way of which each left 60 bytes behind. */
const mostMiBPerHour = 4;
const textsAhead = 1.1;

const values = readOptions({
  command: 'npm run memory --',
  about: `Prints heap (after collecting garbage), anonymous and resident memory of each role in MiB once a minute, and the slope of the heap after the first quarter. Ends 0 where neither buffer nor IM server grows by more than ${mostMiBPerHour} MiB an hour, 7 otherwise.`,
  flags: {
    minutes: { takes: number(2, 10_000, { fractions: 'allowed' }), default: 60, says: 'how long' },
    pace: { takes: number(0.1, 50, { fractions: 'allowed' }), default: 10, says: 'texts per second each way' },
    dir: diskToUse,
    json: { says: 'one line of JSON instead of the table' },
  },
});

if (process.platform !== 'linux') refuse('memory is read from /proc, which only Linux has');
process.exitCode = await run(values);

async function run({ minutes, pace }) {
  const { World, endAllWorlds } = await import('./crash/world.mjs');
  const { People } = await import('./crash/people.mjs');
  const { Load } = await import('./crash/load.mjs');
  const { measure, measuredEnvironment, slopeOf } = await import('./memory/measuring.mjs');
  const dir = mkdtempSync(join(realpathSync(values.dir), 'ringbridge-memory-'));
  const tidy = () => endAllWorlds().finally(() => rmSync(dir, { recursive: true, force: true }));
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => tidy().finally(() => process.exit(status)));
  }
  const world = new World({ dir, seed: 1 });
  const people = new People(world);
  const rows = [];
  try {
    for (const name of roles) world.setEnvironment(name, measuredEnvironment(world, name));
    await world.start();
    await people.open();
    const textLimit = Math.ceil(minutes * 60 * pace * textsAhead);
    const load = new Load(world, people, pace, textLimit);
    load.start();
    const startedAt = performance.now();
    for (let minute = 1; minute <= minutes; minute += 1) {
      await delay(Math.max(0, startedAt + minute * 60_000 - performance.now()));
      const row = { minute, texts: load.count };
      for (const name of roles) row[name] = await measure(world, name);
      rows.push(row);
      if (!values.json) process.stdout.write(`${minute === 1 ? `${heading()}\n` : ''}${lineOf(row)}\n`);
    }
    await load.stop();
  } finally {
    people.close();
    await tidy();
  }
  const warm = rows.filter(({ minute }) => minute > minutes * warmUpShare);
  const slopes = roles.map((name) => ({
    role: name,
    heapMiBPerHour: round(slopeOf(warm.map((row) => [row.minute, row[name].heap]))),
    anonymousMiBPerHour: round(slopeOf(warm.map((row) => [row.minute, row[name].anonymous]))),
  }));
  const ok = slopes.every(({ role, heapMiBPerHour }) => !judged.includes(role) || heapMiBPerHour <= mostMiBPerHour);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ schema: 'memory.result/1', ok, minutes, pace, rows, slopes })}\n`);
  } else {
    const words = slopes.map(
      ({ role, heapMiBPerHour, anonymousMiBPerHour }) =>
        `${role}: heap ${signed(heapMiBPerHour)} MiB/h, anonymous ${signed(anonymousMiBPerHour)} MiB/h`,
    );
    process.stdout.write(
      `\nAfter the first quarter:\n${words.join('\n')}\n${ok ? 'No heap grows.' : 'A heap grows.'}\n`,
    );
  }
  return ok ? 0 : checkFailed;
}

function heading() {
  const names = roles.map((name) => `${name}: heap  anon   RSS`.padStart(28)).join('');
  return `minute  texts${names}   MiB`;
}

function lineOf(row) {
  const cells = roles.map((name) => {
    const { heap, anonymous, resident } = row[name];
    return [heap.toFixed(1), anonymous.toFixed(0), resident.toFixed(0)]
      .map((text, index) => text.padStart(index === 0 ? 16 : 6))
      .join('');
  });
  return `${String(row.minute).padStart(6)}${String(row.texts).padStart(7)}${cells.join('')}`;
}

function round(number) {
  return Math.round(number * 100) / 100;
}

function signed(number) {
  return `${number < 0 ? '' : '+'}${number.toFixed(2)}`;
}
