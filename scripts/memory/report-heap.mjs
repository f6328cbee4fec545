// Loaded in front of a role: when the file in MEMORY_ASK_FILE changes, collects what is garbage and writes what is left.
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const ask = process.env['MEMORY_ASK_FILE'] ?? '';
const answer = `${process.env['MEMORY_ANSWER_FILE'] ?? ''}`;
const lookMs = 200;
let answeredMs = 0;

setInterval(() => {
  const { mtimeMs } = statSync(ask, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  if (mtimeMs === answeredMs) return;
  answeredMs = mtimeMs;
  collectGarbage();
  // Whole or not at all, for whoever waits for it.
  writeFileSync(`${answer}.new`, JSON.stringify({ askedMs: mtimeMs, ...process.memoryUsage() }));
  renameSync(`${answer}.new`, answer);
}, lookMs).unref();
