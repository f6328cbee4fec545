/**
 * Every scenario that ships, against the whole bridge: people and handsets write while it goes on. Whatever it does,
 * nothing is lost, nothing is doubled unmarked, and each of its faults was really met.
 */
import { describe, expect, it } from 'vitest';
import { shippedScenarios } from '../../src/cli/smsc/shipped-scenarios.ts';
import { seededRandom } from '../../src/core/base/random.ts';
import { type FaultCounts, FaultySmsc } from '../../src/core/roles/smsc/faulty-smsc.ts';
import type { Scenario } from '../../src/core/roles/smsc/scenario.ts';
import { defaultSessionSettings } from '../../src/core/roles/smsc/settings.ts';
import { inStep } from '../../src/sim/checkers/in-step.ts';
import { World } from '../world/world.ts';
import { checkEnd, checkNow, isSettled, unsettled } from './promises.ts';
import { phones, planWritings, suffixes, users, type Wanted } from './writings.ts';

const lastingMs = 120_000;
/** Some scenarios go on for ever, and each of their faults may cost an answer timeout or a reconnect. */
const settleLimitMs = 60 * 60_000;

const scenarios = await shippedScenarios();

describe('the bridge under a scenario', () => {
  it('has at least fifteen of them', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(15);
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    // What comes by chance needs more chances.
    const runs =
      scenario.name === 'bad-day' ? [1, 2, 3].map((seed) => run(scenario, seed, 60)) : [run(scenario, 1, 30)];
    const failed = runs.reduce((sum, one) => sum + one.failed, 0);
    const faults: Record<string, number> = {};
    for (const one of runs)
      for (const [kind, count] of Object.entries(one.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    expect(Object.entries(faults).filter(([, count]) => count === 0)).toEqual([]);
    // Also a general error (SPEC: section 6.3): the login may be forgotten, so it is made again and the submit with it.
    expect(failed).toBe(0);
  });
});

function run(
  scenario: Scenario,
  seed: number,
  textCount: number,
): { readonly faults: FaultCounts; readonly failed: number } {
  const session = { ...defaultSessionSettings, idleMs: 65_000 };
  const world = new World({ seed, sites: [{ smscId: 'hel1', scenario, smsc: { session } }] });
  world.im.start();
  world.im.addUser('alice', '0001', 'default');
  world.im.addUser('bob', '0002');
  const site = world.site();
  site.start();
  world.until('the session is ready', () => site.role?.status().session === 'ready', 600_000);
  const wanted = planWritings(seededRandom(seed), { textCount, lastingMs, longShare: 0.05 });
  const writings = [
    ...wanted.mt.map((writing) => ({ ...writing, way: 'mt' as const })),
    ...wanted.mo.map((writing) => ({ ...writing, way: 'mo' as const })),
  ].sort((a, b) => a.atMs - b.atMs);
  const begin = world.now;
  for (const [index, { way, atMs, user, phone, text }] of writings.entries()) {
    world.pass(Math.max(0, begin + atMs - world.now));
    if (way === 'mt') world.send(user, phone, text);
    else world.inject(phone, `2882${suffixes[user]}`, text);
    if (index % 8 === 0) checkNow(world, withoutFailed(world, wanted), 'resend');
  }
  const limit = world.now + settleLimitMs;
  while (!isAllSettled(world, wanted) || inStep(world).length > 0) {
    if (world.now >= limit) throw new Error(`not settled: ${unsettled(world).join('; ')}`);
    world.pass(5_000);
  }
  const rest = withoutFailed(world, wanted);
  checkNow(world, rest, 'resend');
  checkEnd(world, rest);
  if (!(site.smsc instanceof FaultySmsc)) throw new Error('the site has no scenario');
  return { faults: site.smsc.faultCounts(), failed: wanted.mt.length - rest.mt.length };
}

/** What was refused for good: its sender knows, and no handset has it. */
function withoutFailed(world: World, wanted: Wanted): Wanted {
  const views = users.flatMap((user) => phones.flatMap((phone) => world.talk(user, phone)));
  const failed = new Set(views.filter(({ step }) => step === 'failed').map(({ text }) => text));
  for (const phone of phones)
    for (const text of world.received(phone))
      if (failed.has(text)) throw new Error(`told as failed, but there: ${text}`);
  return { mt: wanted.mt.filter(({ text }) => !failed.has(text)), mo: wanted.mo };
}

function isAllSettled(world: World, wanted: Wanted): boolean {
  const failed = wanted.mt.length - withoutFailed(world, wanted).mt.length;
  return isSettled(world, wanted, 'resend', { failed });
}
