#!/usr/bin/env node
// Starts oclif from dist/. Deliberately plain JavaScript, so that it can say what is missing when nothing is built.
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/commands', import.meta.url))) {
  process.stderr.write('ringbridge is not built: run `npm run build` first (or `npm start`, which does).\n');
  process.exit(1);
}
const { execute } = await import('@oclif/core');
await execute({ dir: import.meta.url });
