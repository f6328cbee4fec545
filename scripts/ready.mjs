// Installs and builds only what is stale, so that `npm start` and `npm test` work from a fresh clone and the second run
// begins at once. It uses nothing but Node, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!isInstalled()) {
  process.stderr.write('ringbridge: installing dependencies (npm ci) ...\n');
  // npm_config_* of a calling `npm start` would be inherited; dev dependencies hold the compiler, so they are named.
  const npm = process.env['npm_execpath'];
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) {
    process.stderr.write('ringbridge: npm ci failed; the lines above say why.\n');
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
