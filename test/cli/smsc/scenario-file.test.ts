import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/cli/smsc/scenario-file.ts';
import { findScenario, shippedScenarios } from '../../../src/cli/smsc/shipped-scenarios.ts';
import { faultKinds } from '../../../src/core/roles/smsc/scenario.ts';

const root = new URL('../../../', import.meta.url);

/** The only fault of a scenario with these lines. */
async function faultOf(...lines: readonly string[]) {
  const scenario = await parseScenario('x.toml', ['[[fault]]', ...lines].join('\n'));
  return scenario.faults[0];
}

describe('a scenario file', () => {
  it('is read with name, description and faults in their order', async () => {
    const text =
      'description = "two"\n[[fault]]\nkind = "nack"\nnth = 5\n[[fault]]\nkind = "cut"\nevery = 10\ntimes = 2\n';
    expect(await parseScenario('some/where/two.toml', text)).toMatchObject({
      name: 'two',
      description: 'two',
      faults: [
        { action: { kind: 'nack' }, measure: { type: 'nth', nth: 5 }, operations: undefined, times: undefined },
        { action: { kind: 'cut' }, measure: { type: 'every', every: 10 }, times: 2 },
      ],
    });
  });

  it('knows every way to say when', async () => {
    expect(await faultOf('kind = "nack"')).toMatchObject({ measure: { type: 'always' }, fromMs: 0 });
    expect(await faultOf('kind = "nack"', 'first = 3')).toMatchObject({ measure: { type: 'first', first: 3 } });
    expect(await faultOf('kind = "nack"', 'every-time = "15s"')).toMatchObject({ measure: { everyMs: 15_000 } });
    expect(await faultOf('kind = "nack"', 'probability = 0.05')).toMatchObject({ measure: { probability: 0.05 } });
    const times = await faultOf('kind = "nack"', 'from = "10s"', 'until = "1m"');
    expect(times).toMatchObject({ fromMs: 10_000, untilMs: 60_000 });
  });

  it('tells each kind what it needs', async () => {
    const actionOf = async (...lines: readonly string[]) => (await faultOf(...lines))?.action;
    expect(await actionOf('kind = "slow-answer"', 'delay = "3s"')).toEqual({ kind: 'slow-answer', delayMs: 3_000 });
    expect(await actionOf('kind = "refuse"', 'error = 10')).toEqual({ kind: 'refuse', errorCode: 10 });
    expect(await actionOf('kind = "garbage"', 'noise = "nul"')).toEqual({ kind: 'garbage', noise: 'nul' });
    expect(await actionOf('kind = "greeting"', 'greeting = "late"')).toEqual({ kind: 'greeting', greeting: 'late' });
    const restart = ['kind = "restart"', 'every-time = "1m"', 'for = "5s"'];
    expect(await actionOf(...restart)).toEqual({ kind: 'restart', forMs: 5_000 });
  });

  it('takes an operation by name or code, as the request or answer that passes there', async () => {
    const codesOf = async (kind: string, operation: string) =>
      (await faultOf(`kind = "${kind}"`, `operation = ${operation}`))?.operations;
    expect(await codesOf('nack', '"submit"')).toEqual([3]);
    expect(await codesOf('nack', '"03"')).toEqual([3]);
    expect(await codesOf('no-answer', '"submit"')).toEqual([53]);
    expect(await codesOf('no-answer', '3')).toEqual([53]);
    expect(await codesOf('no-answer', '"53"')).toEqual([53]);
    // What comes in of a deliver is its answer.
    expect(await codesOf('cut', '["deliver", "report", "submit"]')).toEqual([70, 73, 3]);
    expect(await codesOf('duplicate-deliver', '"deliver"')).toEqual([20]);
  });

  it.each([
    ['kid = "nack"', 'x.toml:2', 'CONFIG_UNKNOWN_KEY', 'Did you mean kind?'],
    ['kind = "nak"', 'x.toml:2', 'CONFIG_BAD_VALUE', 'Did you mean "nack"?'],
    ['every = 3', 'x.toml:1', 'CONFIG_MISSING', 'Give one of nack'],
    ['kind = "nack"\nevery = 0', 'x.toml:3', 'CONFIG_BAD_VALUE', '1 to 1000000'],
    ['kind = "nack"\nevery = "3"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'without quotes'],
    ['kind = "nack"\nnth = 1\nfirst = 2', 'x.toml:4', 'CONFIG_BAD_VALUE', 'nth and first do not go together'],
    ['kind = "nack"\nprobability = 1.5', 'x.toml:3', 'CONFIG_BAD_VALUE', 'at most 1'],
    ['kind = "nack"\nfrom = 10', 'x.toml:3', 'CONFIG_BAD_VALUE', '"30s"'],
    ['kind = "nack"\nfrom = "10"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'no unit'],
    ['kind = "nack"\nfrom = "10s"\nuntil = "5s"', 'x.toml:4', 'CONFIG_BAD_VALUE', 'not behind from'],
    ['kind = "nack"\noperation = "deliver"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'nack acts on 01'],
    ['kind = "no-answer"\noperation = "20"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'no-answer acts on 51'],
    ['kind = "nack"\noperation = "submitt"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'Did you mean "submit"?'],
    ['kind = "nack"\nnumber = "+63x"', 'x.toml:3', 'CONFIG_BAD_VALUE', '"+63917*"'],
    ['kind = "nack"\nnumber = 63917', 'x.toml:3', 'CONFIG_BAD_VALUE', 'in quotes'],
    ['kind = "nack"\ndelay = "3s"', 'x.toml:3', 'CONFIG_BAD_VALUE', 'It belongs to slow-answer'],
    ['kind = "slow-answer"', 'x.toml:2', 'CONFIG_MISSING', 'delay = "3s"'],
    ['kind = "refuse"\nerror = 1000', 'x.toml:3', 'CONFIG_BAD_VALUE', '1 to 999'],
    ['kind = "restart"\nfor = "5s"', 'x.toml:2', 'CONFIG_BAD_VALUE', 'every-time = "1m"'],
    ['kind = ', 'x.toml:2', 'CONFIG_UNREADABLE', 'no valid TOML'],
  ])('refuses %j with its line, and says what may stand there', async (lines, place, code, remedy) => {
    const refused = parseScenario('x.toml', `[[fault]]\n${lines}\n`);
    await expect(refused).rejects.toMatchObject({ code, exitStatus: 2, message: expect.stringContaining(`${place}:`) });
    const words = await refused.catch(({ message, hint }) => `${message} ${hint}`);
    expect(words).toContain(remedy);
  });

  it('names the line of the fault that is wrong, not of another with the same key', async () => {
    const text = '# a comment\n[[fault]]\nkind = "nack"\nevery = 3\n\n[[fault]]\nkind = "cut"\nevery = -1\n';
    await expect(parseScenario('x.toml', text)).rejects.toMatchObject({ message: expect.stringContaining('x.toml:8') });
  });

  it('refuses a file without a fault, or with too many', async () => {
    await expect(parseScenario('x.toml', 'description = "none"')).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
    const many = '[[fault]]\nkind = "nack"\n'.repeat(101);
    await expect(parseScenario('x.toml', many)).rejects.toMatchObject({ code: 'CONFIG_BAD_VALUE' });
  });
});

describe('docs/simulator.md', () => {
  it('has an example that is read, every kind, and every scenario that ships', async () => {
    const page = await readFile(new URL('docs/simulator.md', root), 'utf8');
    const example = /## Scenarios.*?```toml\n(.*?)```/s.exec(page)?.[1] ?? '';
    expect((await parseScenario('example.toml', example)).faults).toHaveLength(2);
    for (const kind of Object.keys(faultKinds)) expect(page).toContain(`| \`${kind}\` |`);
    for (const { name, description } of await shippedScenarios())
      expect(page).toMatch(new RegExp(`^${name} +${description.replaceAll(/[()]/g, '\\$&')}$`, 'm'));
  });
});

describe('the scenarios that ship', () => {
  it('are at least fifteen, each with a description, and meet every kind of fault among them', async () => {
    const scenarios = await shippedScenarios();
    expect(scenarios.length).toBeGreaterThanOrEqual(15);
    expect(scenarios.filter(({ description }) => description === '')).toEqual([]);
    const used = new Set(scenarios.flatMap(({ faults }) => faults.map(({ action }) => action.kind)));
    expect([...used].sort()).toEqual(Object.keys(faultKinds).sort());
  });

  it('are in the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
    expect(manifest.files).toContain('scenarios');
  });

  it('are found by name; a slip of the fingers gets the nearest one', async () => {
    expect((await findScenario('throttled')).name).toBe('throttled');
    await expect(findScenario('throtled')).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
      message: 'There is no scenario "throtled". Did you mean throttled?',
    });
    await expect(findScenario('./throttled')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
