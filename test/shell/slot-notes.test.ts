import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/core/base/log-event.ts';
import { seq } from '../../src/core/ring/sequence.ts';
import type { SlotNote } from '../../src/core/store/slot-note.ts';
import { SlotNotesFile } from '../../src/shell/slot-notes.ts';

const left: SlotNote = {
  seq: seq(258),
  status: 'in-flight',
  attempts: 1,
  possibleDuplicate: false,
  outcome: undefined,
  messageId: '018f0000-0000-7000-8000-000000000001',
};
const answered: SlotNote = {
  ...left,
  status: 'confirmed',
  outcome: { status: 'confirmed', stamp: '261122123045', errorCode: 0, by: 'answer' },
};

let dir = '';
const logged: LogEvent[] = [];

const open = (bootId: string | undefined = 'boot 1') => new SlotNotesFile(dir, (event) => logged.push(event), bootId);
const path = () => join(dir, 'slots.notes');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-notes-'));
  logged.length = 0;
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('notes of slots', () => {
  it('gives back to the next process what the last one noted of each slot, without being closed', () => {
    const file = open();
    file.write(3, left);
    file.write(255, left);
    file.write(3, answered);
    expect([...(open().known ?? [])]).toEqual([
      [3, answered],
      [255, left],
    ]);
  });

  it('goes on with notes that are trusted', () => {
    open().write(3, left);
    open().write(4, left);
    expect([...(open().known?.keys() ?? [])]).toEqual([3, 4]);
  });

  it('trusts nothing where there is no file, after another start of the system, and where there is no boot id', () => {
    expect(open().known).toBeUndefined();
    open().write(3, left);
    expect(open('boot 2').known).toBeUndefined();
    expect(new SlotNotesFile(dir, () => undefined, undefined).known).toBeUndefined();
  });

  it('keeps notes that are not trusted until the first new one, so that a start may be repeated', () => {
    open().write(3, left);
    const untrusted = readFileSync(path());
    const next = open('boot 2');
    expect(readFileSync(path())).toEqual(untrusted);
    next.write(4, left);
    expect([...(open('boot 2').known?.keys() ?? [])]).toEqual([4]);
  });

  it.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['holds a cell that is no note', (bytes: Buffer) => bytes.fill(0x91, 128 * 3 + 1, 128 * 3 + 20)],
    ['does not begin like one', (bytes: Buffer) => bytes.fill(0, 0, 128)],
  ])('trusts nothing in a file that %s', (_how, damage) => {
    open().write(3, left);
    writeFileSync(path(), damage(readFileSync(path())));
    expect(open().known).toBeUndefined();
  });

  it('has room for the longest note and the highest slot from the beginning', () => {
    const file = open();
    file.write(1, left);
    const { size } = statSync(path());
    const longest: SlotNote = {
      ...answered,
      seq: seq(Number.MAX_SAFE_INTEGER),
      attempts: 2 ** 31,
      outcome: { status: 'refused', stamp: '261122123045', errorCode: 2 ** 31, by: 'operator' },
      status: 'refused',
    };
    file.write(255, longest);
    expect(statSync(path()).size).toBe(size);
    expect(open().known?.get(255)).toEqual(longest);
  });

  it('is for this user alone', () => {
    open().write(1, left);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('takes the file out of trust where a note cannot be written, says so once, and goes on', () => {
    const file = open();
    file.write(1, left);
    file.write(2, { ...left, messageId: 'x'.repeat(200) });
    file.write(3, left);
    expect(logged.map(({ event }) => event)).toEqual(['store.notes-failed']);
    expect(open().known).toBeUndefined();
  });
});
