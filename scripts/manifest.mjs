// Writes oclif.manifest.json: what every command is, so that a command starts without loading all the others.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.mjs';

readOptions({ command: 'node scripts/manifest.mjs', about: 'Writes oclif.manifest.json from what is built.' });

const { Config } = await import('@oclif/core');
const root = fileURLToPath(new URL('..', import.meta.url));
const config = await Config.load({ root, ignoreManifest: true });
const manifest = config.plugins.get(config.pjson.name)?.manifest;
if (manifest === undefined) throw new Error('oclif does not know its own plugin');
writeFileSync(`${root}oclif.manifest.json`, JSON.stringify(manifest));
