// Installs and builds only what is stale, so that `npm start` and `npm test` work from a fresh clone and the second run
// begins at once. It uses nothing but Node, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { readOptions } from './options.mjs';

readOptions({ command: 'node scripts/ready.mjs', about: 'Installs and builds what is stale.' });
const root = fileURLToPath(new URL('..', import.meta.url));

if (!isInstalled()) {
  process.stderr.write('ringbridge: installing dependencies (npm ci) ...\n');
  // npm 11 refuses a lockfile without the optional packages of other platforms, which not every registry has. Then
  // `npm install` does the same with the same versions, and leaves the lockfile as it is.
  if (npm(['ci'], 'ignore') !== 0 && npm(['install', '--no-save'], 2) !== 0) {
    process.stderr.write('ringbridge: the dependencies could not be installed; the lines above say why.\n');
    process.exit(1);
  }
}
if (!isBuilt(root)) {
  process.stderr.write('ringbridge: building ...\n');
  build(root);
}

function isInstalled() {
  const marker = `${root}node_modules/.package-lock.json`;
  return (
    existsSync(marker) &&
    existsSync(`${root}node_modules/typescript`) &&
    statSync(marker).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs
  );
}

/** npm_config_* of a calling `npm start` would be inherited; dev dependencies hold the compiler, so they are named. */
function npm(command, errorsTo) {
  const args = [...command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: root, stdio: ['ignore', errorsTo, errorsTo] };
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js')
    ? spawnSync(process.execPath, [script, ...args], options).status
    : spawnSync('npm', args, options).status;
}
