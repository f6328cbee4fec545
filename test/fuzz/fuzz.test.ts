/**
 * Hostile input for the codec and for both ends of the handshake. In `npm test` some hundred rounds, always the same;
 * `npm run fuzz -- --seconds 60` goes on with new ones, and prints the seed of a round that found something. Such seeds
 * join the list below, with a line on what they found.
 */
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/core/base/random.ts';
import { fuzzClient } from './client-target.ts';
import { fuzzCodec } from './codec-target.ts';
import { fuzzServer } from './server-target.ts';

const targets: Readonly<Record<string, (random: Random) => string | undefined>> = {
  codec: fuzzCodec,
  server: fuzzServer,
  client: fuzzClient,
};

/** Rounds that once found something. */
const found: readonly (readonly [target: string, seed: number])[] = [];

const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1);
const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 400);
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);
const only = process.env['FUZZ_TARGET'];

describe('whatever comes in', () => {
  it.each(Object.keys(targets).filter((name) => only === undefined || only === name))(
    'keeps the %s to the rules, and the next good packet is handled',
    { timeout: (seconds + 60) * 1_000 },
    (name) => {
      const until = performance.now() + seconds * 1_000;
      let seed = firstSeed;
      for (; seed < firstSeed + rounds || performance.now() < until; seed += 1) play(name, seed);
      if (seconds > 0) process.stdout.write(`${name}: ${seed - firstSeed} rounds, nothing found\n`);
    },
  );

  it.each(found)('still holds where the %s once failed, seed %i', (name, seed) => play(name, seed));
});

function play(name: string, seed: number): void {
  let problem: string | undefined;
  try {
    problem = targets[name]?.(seededRandom(seed));
  } catch (error) {
    problem = `throws ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (problem !== undefined) {
    expect.fail(`the ${name} ${problem}\nnpm run fuzz -- --target ${name} --seed ${seed} --rounds 1`);
  }
}
