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
const note = (file: SlotNotesFile, slot: number, what: SlotNote) => {
  file.add(slot, what);
  file.flush();
};
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
    note(file, 3, left);
    note(file, 255, left);
    note(file, 3, answered);
    expect([...(open().known ?? [])]).toEqual([
      [3, answered],
      [255, left],
    ]);
  });

  it('writes notes of neighbours together, and any others as they were added', () => {
    const file = open();
    file.add(3, answered);
    file.add(4, left);
    file.add(5, left);
    file.add(9, left);
    file.add(9, answered);
    file.add(8, left);
    file.flush();
    const known = open().known;
    expect([...(known?.keys() ?? [])]).toEqual([3, 4, 5, 8, 9]);
    expect([known?.get(3), known?.get(9), known?.get(8)]).toEqual([answered, answered, left]);
  });

  it('has nothing in the file before it is flushed, and all of it when it is closed', () => {
    const file = open();
    note(file, 1, left);
    file.add(2, left);
    expect([...(open().known?.keys() ?? [])]).toEqual([1]);
    file.close();
    expect([...(open().known?.keys() ?? [])]).toEqual([1, 2]);
  });

  it('goes on with notes that are trusted', () => {
    note(open(), 3, left);
    note(open(), 4, left);
    expect([...(open().known?.keys() ?? [])]).toEqual([3, 4]);
  });

  it('trusts nothing where there is no file, after another start of the system, and where there is no boot id', () => {
    expect(open().known).toBeUndefined();
    note(open(), 3, left);
    expect(open('boot 2').known).toBeUndefined();
    expect(new SlotNotesFile(dir, () => undefined, undefined).known).toBeUndefined();
  });

  it('keeps notes that are not trusted until the first new one, so that a start may be repeated', () => {
    note(open(), 3, left);
    const untrusted = readFileSync(path());
    const next = open('boot 2');
    expect(readFileSync(path())).toEqual(untrusted);
    note(next, 4, left);
    expect([...(open('boot 2').known?.keys() ?? [])]).toEqual([4]);
  });

  it.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['holds a cell that is no note', (bytes: Buffer) => bytes.fill(0x91, 128 * 3 + 1, 128 * 3 + 20)],
    ['does not begin like one', (bytes: Buffer) => bytes.fill(0, 0, 128)],
  ])('trusts nothing in a file that %s', (_how, damage) => {
    note(open(), 3, left);
    writeFileSync(path(), damage(readFileSync(path())));
    expect(open().known).toBeUndefined();
  });

  it('has room for the longest note and the highest slot from the beginning', () => {
    const file = open();
    note(file, 1, left);
    const { size } = statSync(path());
    const longest: SlotNote = {
      ...answered,
      seq: seq(Number.MAX_SAFE_INTEGER),
      attempts: 2 ** 31,
      outcome: { status: 'refused', stamp: '261122123045', errorCode: 2 ** 31, by: 'operator' },
      status: 'refused',
    };
    note(file, 255, longest);
    expect(statSync(path()).size).toBe(size);
    expect(open().known?.get(255)).toEqual(longest);
  });

  it('is for this user alone', () => {
    note(open(), 1, left);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('takes the file out of trust where a note cannot be written, says so once, and goes on', () => {
    const file = open();
    note(file, 1, left);
    note(file, 2, { ...left, messageId: 'x'.repeat(200) });
    note(file, 3, left);
    expect(logged.map(({ event }) => event)).toEqual(['store.notes-failed']);
    expect(open().known).toBeUndefined();
  });
});
