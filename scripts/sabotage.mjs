// `npm run sabotage`: checks the checkers. Puts one deliberate defect after the other into a copy of the program, runs
// seeds of `sim run` until a checker fails, and ends 7 if one is not caught within 500 seeds.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { number, text } from './options/kinds.mjs';
import { readOptions, refuse } from './options.mjs';
import { defects } from './sabotage/defects.mjs';

const checkFailed = 7;

const values = readOptions({
  command: 'npm run sabotage --',
  about: 'Ends 0 if every defect is caught, 7 otherwise.',
  flags: {
    seeds: { takes: number(1, 1e9), default: 500, says: 'within which a defect must be caught' },
    only: { takes: text('WORDS'), default: '', defaultText: 'all', says: 'only defects whose name contains this' },
  },
});
const chosen = defects.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) {
  refuse(`--only: "${values.only}" is in no name of a defect; scripts/sabotage/defects.mjs has the names`);
}
// Only now, since what is typed is judged before: it brings the compiler.
const { copyProgram } = await import('./sabotage/changed-program.mjs');
process.exitCode = await sabotage(chosen, values.seeds);

async function sabotage(wanted, seedCount) {
  let missed = 0;
  for (const defect of wanted) {
    const dir = mkdtempSync(join(tmpdir(), 'ringbridge-sabotage-'));
    try {
      copyProgram(defect, dir);
      const caught = await runUntilCaught(dir, seedCount, defect.faults);
      if (caught === undefined) missed += 1;
      process.stdout.write(
        caught === undefined
          ? `✖ ${defect.name}: not caught within ${seedCount} seeds\n`
          : `✔ ${defect.name}: seed ${caught.seed}, ${caught.failure.checker}: ${caught.failure.complaint}\n`,
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${wanted.length - missed} of ${wanted.length} defects caught\n`);
  return missed === 0 ? 0 : checkFailed;
}

/** @returns the first result with a failure */
function runUntilCaught(dir, seedCount, faults) {
  const args = [join(dir, 'bin/run.js'), 'sim', 'run', '--seeds', `1-${seedCount}`, '--json'];
  if (faults !== undefined) args.push('--only', faults);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let caught;
    let seen = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const result = JSON.parse(line);
      if (result.schema !== 'sim.result/1') {
        reject(new Error(line));
      } else {
        seen += 1;
        if (result.ok || caught !== undefined) return;
        caught = result;
        child.kill();
      }
    });
    child.once('close', () => {
      if (caught === undefined && seen < seedCount) reject(new Error(`only ${seen} of ${seedCount} seeds were run`));
      else resolve(caught);
    });
  });
}
