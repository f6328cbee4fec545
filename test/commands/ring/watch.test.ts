import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followRings, type LiveUpdate } from '../../../src/cli/ring/live-rings.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { Epoch } from '../../../src/core/ring/digest.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { RingSight } from '../../../src/core/roles/ring-news.ts';
import { serveControl } from '../../../src/shell/control.ts';
import { ringNews } from '../../../src/shell/ring-news.ts';
import { lockStateDir, type StateDirLock } from '../../../src/shell/state-dir.ts';
import { checkDocuments } from '../check-documents.ts';
import { documentOf, runCommand } from '../run-command.ts';
import { epochA, linkUp, runSampleRole, sampleCopy, writeState } from '../sample-state.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
let dir = '';
let buffer = '';
let ring: Ring;
let lock: StateDirLock | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ring-watch-'));
  buffer = join(dir, 'buffer');
  await writeState(buffer, 'buffer', { epoch: epochA, mt: [{ seq: 7, status: 'mirrored' }] });
  ring = new Ring(255, [sampleCopy({ seq: 7, status: 'mirrored' })]);
});

afterEach(async () => {
  await lock?.release();
  lock = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** A role that holds `ring` as its mt lane. */
async function runRole(): Promise<void> {
  lock = await lockStateDir(buffer, 'buffer');
  // Test texts of 32 hex digits are epochs.
  const sight: RingSight = { smscId: 'hel1', side: 'buffer', lane: 'mt', epoch: epochA as Epoch, size: 255, ring };
  const source = { role: 'buffer', ringSights: () => [sight], links: () => [linkUp], now: () => 1_000 } as const;
  serveControl(
    lock,
    {
      'GET /rings/news': async () => ringNews(source),
      'GET /rings': async () => ({ schema: 'rings/1', role: 'buffer', rings: [], links: [linkUp] }),
    },
    {
      onBug: (error) => {
        throw error;
      },
    },
  );
}

/** Follows until the update for which `isLast` holds. */
async function followUntil(isLast: (update: LiveUpdate) => boolean, onUpdate: (update: LiveUpdate) => unknown) {
  const stop = new AbortController();
  await followRings({
    stateDirs: [buffer],
    signal: stop.signal,
    onUpdate: async (update) => {
      await onUpdate(update);
      if (isLast(update)) stop.abort();
    },
  });
}

describe('rings that are followed', () => {
  it('are told as they change, and a role that starts or stops meanwhile is noticed', async () => {
    const seen: string[] = [];
    await followUntil(
      () => seen.length === 4,
      async ({ dir: { state }, isTurn, rings }) => {
        const changes = rings.flatMap((update) =>
          update.changes.map(({ before, after }) => [before.status, after.status]),
        );
        seen.push(`${state}${isTurn ? '!' : ''} ${changes.join(' ')}`);
        if (seen.length === 1) await runRole();
        if (seen.length === 2) ring.move(seq(7), 'in-flight', instant(2_000), { attempts: 1 });
        if (seen.length === 3) await lock?.release();
        if (seen.length === 3) lock = undefined;
      },
    );
    expect(seen).toEqual([
      'stopped! free,mirrored',
      'running! free,mirrored',
      'running mirrored,in-flight',
      'stopped! free,mirrored',
    ]);
  });
});

describe('ring inspect --watch in a pipe', () => {
  it('prints a line for every change, and ends in order at SIGTERM', async () => {
    await runRole();
    const child = spawn(process.execPath, [bin, 'ring', 'inspect', '--watch', '--lane', 'mt', '--state-dir', buffer], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    const documents: unknown[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      checkDocuments(line);
      documents.push(JSON.parse(line));
      if (documents.length === 3) ring.move(seq(7), 'in-flight', instant(2_000), { attempts: 1 });
      if (documents.length === 4) child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    const at = '1970-01-01T00:00:01.000Z';
    const head = { schema: 'ring.change/1', at, smscId: 'hel1', side: 'buffer', lane: 'mt', epoch: epochA, size: 255 };
    expect(documents).toEqual([
      { schema: 'ring.source/1', at, side: 'buffer', state: 'running', stateDir: buffer },
      { schema: 'ring.link/1', at, side: 'buffer', ...linkUp, since: '1970-01-01T00:00:00.000Z' },
      { ...head, extent: 'whole', slots: [{ slot: 7, seq: 7, status: 'mirrored', was: 'free', attempts: 0 }] },
      { ...head, extent: 'changes', slots: [{ slot: 7, seq: 7, status: 'in-flight', was: 'mirrored', attempts: 1 }] },
    ]);
  });

  it('says so where the role is of another version and cannot be watched', async () => {
    lock = await runSampleRole(buffer, async () => undefined);
    const result = await runCommand(['ring', 'inspect', '--watch', '--json', '--state-dir', buffer]);
    expect(result.status).toBe(2);
    expect(documentOf(result)).toMatchObject({ error: { code: 'CONTROL_BAD_REQUEST' } });
  });
});
