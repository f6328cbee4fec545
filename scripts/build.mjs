// Compiles src to dist and copies what is not TypeScript (the web page, the description of the HTTP API). dist is made anew in a folder beside it and
// then swapped in, so that a command that runs meanwhile never finds half of it. Then oclif's list of commands.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

/** True when dist is newer than every source it is made from. */
export function isBuilt(root) {
  const stamp = join(root, 'dist', '.built');
  if (!existsSync(stamp)) return false;
  const sources = [
    'src',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'package-lock.json',
    'scripts/build.mjs',
  ];
  return sources.every((source) => newest(join(root, source)) <= statSync(stamp).mtimeMs);
}

/** Builds, or ends the process with what the compiler said. */
export function build(root) {
  const startedAt = new Date();
  const next = join(root, `dist.${process.pid}`);
  const tsc = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      'tsconfig.build.json',
      '--outDir',
      next,
      '--incremental',
      'false',
      // Types are for `npm run check`: a build takes half the time without.
      '--noCheck',
    ],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (tsc.status !== 0) {
    rmSync(next, { recursive: true, force: true });
    process.stderr.write('ringbridge: the build failed; the lines above say why.\n');
    process.exit(1);
  }
  for (const asset of ['gateways/web/page', 'gateways/http/openapi.yaml']) {
    mkdirSync(dirname(join(next, asset)), { recursive: true });
    cpSync(join(root, 'src', asset), join(next, asset), { recursive: true });
  }
  // Dated to the start, so that a source saved while the compiler ran is newer than the build.
  writeFileSync(join(next, '.built'), `${startedAt.toISOString()}\n`);
  utimesSync(join(next, '.built'), startedAt, startedAt);
  const old = join(root, `dist.old.${process.pid}`);
  // An old list would hide a new command; without one, all commands are looked through.
  rmSync(join(root, 'oclif.manifest.json'), { force: true });
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(next, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
  spawnSync(process.execPath, [join(root, 'scripts/manifest.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readOptions({ command: 'npm run build --', about: 'Compiles src to dist, and lists the commands.' });
  build(fileURLToPath(new URL('..', import.meta.url)));
}
