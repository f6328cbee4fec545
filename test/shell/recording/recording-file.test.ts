import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import { instant } from '../../../src/core/base/time.ts';
import { entryKind } from '../../../src/shell/recording/entry-kind.ts';
import {
  RecordingFile,
  recordingDir,
  recordingFiles,
  waitingLimitBytes,
} from '../../../src/shell/recording/recording-file.ts';
import { readRecording } from '../../../src/shell/recording/recording-reader.ts';

let stateDir = '';
let now = 0;
const logged: LogEvent[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'ringbridge-recording-'));
  now = 1_000_000;
  logged.length = 0;
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const open = (limitBytes = 1_000_000, keepMs = 1_000_000) =>
  new RecordingFile({
    stateDir,
    limitBytes,
    keepMs,
    clock: () => instant(now),
    log: (event) => logged.push(event),
    opening: () => [[entryKind.whose, 0, 'buffer', '1', ['hel1']]],
  });

const files = () => recordingFiles(recordingDir(stateDir));
const read = () =>
  [...readRecording(files())].map((item) =>
    item.type === 'trouble' ? item.trouble.end : [item.entry.kind, item.entry.at, ...item.entry.fields],
  );
const opening = (at: number) => [entryKind.whose, at, 'buffer', '1', ['hel1']];

describe('the files of a recording', () => {
  it('give entries back in order, with their whole times, behind who they are of', async () => {
    const file = open();
    file.add([entryKind.end, 0, 'one'], 1_000_000, 10);
    file.add([entryKind.end, 0, 'two'], 1_000_007, 10);
    await file.close();
    expect(read()).toEqual([opening(1_000_000), [entryKind.end, 1_000_000, 'one'], [entryKind.end, 1_000_007, 'two']]);
  });

  it('can be read by their owner only', async () => {
    const file = open();
    file.add([entryKind.end, 0, 'one'], now, 10);
    await file.close();
    const [path = ''] = files();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(recordingDir(stateDir)).mode & 0o777).toBe(0o700);
  });

  it('hold what was taken when the process has to end at once', () => {
    const file = open();
    file.add([entryKind.end, 0, 'one'], now, 10);
    file.flushNow();
    expect(read()).toEqual([opening(now), [entryKind.end, now, 'one']]);
  });

  it('are begun anew when one is full, and the oldest go when all together are too large', async () => {
    const text = 'x'.repeat(200_000);
    const file = open(800_000);
    for (let count = 0; count < 12; count += 1) {
      // Each is a block of its own.
      file.add([entryKind.end, 0, text, count], now, text.length);
    }
    await file.close();
    const sizes = files().map((path) => statSync(path).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_000_000);
    const kept = read().filter((entry) => entry[0] === entryKind.end);
    expect(kept.at(-1)?.[3]).toBe(11);
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(read()[0]).toEqual(opening(now));
  });

  it('go when they are too old', async () => {
    const file = open(1_000_000, 80_000);
    file.add([entryKind.end, 0, 'old'], now, 200_000);
    await file.close();
    const [old = ''] = files();
    // As if it had been written long ago.
    utimesSync(old, 1, 1);
    const next = open(1_000_000, 80_000);
    next.add([entryKind.end, 0, 'new'], now, 10);
    await next.close();
    expect(read()).toEqual([opening(now), [entryKind.end, now, 'new']]);
  });

  it('tell where entries were dropped because the disk did not keep up, and what the rings were then', async () => {
    const file = open(100_000_000);
    // Within one turn nothing is written, so all of it waits.
    const size = 150_000;
    let taken = 0;
    while (file.add([entryKind.end, 0, 'x'.repeat(size), taken], now, size) === 'taken') taken += 1;
    expect(taken * size).toBeGreaterThan(waitingLimitBytes - 2 * size);
    let dropped = 1;
    while (file.add([entryKind.end, 0, 'after'], now, 10) === 'dropped') {
      dropped += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await file.close();
    const [last, rings, gap] = read().reverse();
    expect([gap, rings, last]).toEqual([[entryKind.gap, now, dropped], opening(now), [entryKind.end, now, 'after']]);
    expect(logged).toMatchObject([{ event: 'recording.gap', fields: { dropped } }]);
  });

  it('that cannot be written are given up with a notice, and tried again', async () => {
    writeFileSync(join(stateDir, 'recording'), 'in the way');
    const file = open();
    file.add([entryKind.end, 0, 'lost'], now, 200_000);
    expect(logged).toMatchObject([{ level: 'warn', event: 'recording.failed' }]);
    expect(file.add([entryKind.end, 0, 'lost too'], now, 10)).toBe('dropped');
    rmSync(join(stateDir, 'recording'));
    now += 10_000;
    expect(file.add([entryKind.end, 0, 'kept'], now, 10)).toBe('taken');
    await file.close();
    expect(read()).toEqual([opening(now), [entryKind.gap, now, 3], opening(now), [entryKind.end, now, 'kept']]);
    expect(readFileSync(files()[0] ?? '').length).toBeGreaterThan(0);
  });
});
