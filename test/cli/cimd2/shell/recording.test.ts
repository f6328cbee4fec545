import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete } from '../../../../src/cli/cimd2/shell/completion.ts';
import { History, historyLimit } from '../../../../src/cli/cimd2/shell/history.ts';
import { checkLine } from '../../../../src/cli/cimd2/shell/parse.ts';
import { expectLine, Recording, saveRecording } from '../../../../src/cli/cimd2/shell/recording.ts';
import { mayHoldPassword, withoutPasswords } from '../../../../src/cli/cimd2/shell/shell-lines.ts';
import type { Packet } from '../../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringbridge-shell-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const packet = (operation: number, ...parameters: readonly (readonly [number, string])[]): Packet => ({
  operation,
  packetNumber: packetNumber(9),
  parameters: parameters.map(([code, value]) => ({ code, value })),
});
const came = (packet: Packet, isOwn = false) => ({
  line: { direction: 'in', wire: '', meaning: '' } as const,
  packet,
  isOwn,
});

describe('what was typed, as a script', () => {
  it('keeps the lines that did something, and with answers says what came instead of what was expected', () => {
    const recording = new Recording();
    recording.seen(came(packet(51)));
    recording.typed('submit +358401234567 "Hi there"');
    recording.seen(came(packet(53, [21, '+358401234567'], [60, '261122120000'])));
    recording.seen(came(packet(90), true));
    recording.typed('help');
    recording.typed('expect 53');
    recording.typed('nonsense');
    recording.typed('expect nothing within 1s');
    expect(recording.text('without').split('\n')).toEqual([
      '# Saved by ringbridge cimd2 shell.',
      'submit +358401234567 "Hi there"',
      'expect 53',
      'expect nothing within 1s',
      '',
    ]);
    expect(recording.text('with').split('\n').slice(1, -1)).toEqual([
      'submit +358401234567 "Hi there"',
      'expect 53 !900',
      'expect nothing within 1s',
    ]);
  });

  it('leaves out stamps and keeps what is the same next time, in a form that is read back', () => {
    const lines = [
      packet(20, [23, '+358401234567'], [60, '261122120000'], [33, "it's <b> \u00e5 $to"]),
      packet(23, [21, '+358401234567'], [60, '261122120000'], [61, '4']),
      packet(53, [21, '1'], [900, '300'], [901, 'no']),
      packet(99),
    ].map(expectLine);
    expect(lines.slice(1)).toEqual(['expect 23 021=+358401234567 061=4', 'expect 53 900=300', 'expect 99:009']);
    expect(checkLine(lines[0] ?? '')).toMatchObject({
      value: {
        expectation: { conditions: [{ parameter: 23 }, { parameter: 33, value: "it's <b> \u00e5 $to" }] },
      },
    });
  });

  it('is written for its owner only, without passwords, and never over another file', async () => {
    const recording = new Recording();
    recording.typed('packet login 010=app 011=secret');
    const file = join(folder, 'saved.cimd2');
    await saveRecording(recording, { type: 'save', file, answers: 'without' });
    expect(readFileSync(file, 'utf8')).toContain('# A line with a password was left out here');
    expect(readFileSync(file, 'utf8')).not.toContain('secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(saveRecording(recording, { type: 'save', file, answers: 'without' })).rejects.toThrow('there already');
  });
});

describe('the history', () => {
  it('is kept for the next run, newest first, for its owner only', () => {
    const file = join(folder, 'deep', 'history');
    const history = new History(file);
    expect(history.load()).toEqual([]);
    for (const line of ['one', 'two', 'two', '', ' three ']) history.add(line);
    expect(new History(file).load()).toEqual(['three', 'two', 'one']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never holds a password, as text or as hex', () => {
    const file = join(folder, 'history');
    const history = new History(file);
    history.load();
    history.add('packet 1 010=app 011=secret');
    history.add('packet 1 11=secret');
    history.add('packet login password=secret');
    history.add('raw 02 30 31 3A 30 30 31 09 30 31 31 3a 73 09 03');
    history.add('raw <STX>01:001<TAB>011:secret<TAB><ETX>');
    history.add('alive');
    expect(readFileSync(file, 'utf8')).toBe('alive\n');
    expect(withoutPasswords('packet 1 010=app 011=secret')).toBe('packet 1 010=app 011=********');
    expect(mayHoldPassword('submit +358401234567 "the password is"')).toBe(false);
  });

  it('is cut to its limit when a shell begins', () => {
    const file = join(folder, 'history');
    writeFileSync(file, Array.from({ length: historyLimit + 5 }, (_, i) => `line ${i}\n`).join(''));
    expect(new History(file).load()).toHaveLength(historyLimit);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(historyLimit + 1);
    expect(readFileSync(file, 'utf8').startsWith('line 5\n')).toBe(true);
  });

  it('does without a file that cannot be written', () => {
    const history = new History(join(folder, 'history', 'below'));
    writeFileSync(join(folder, 'history'), 'a file where a folder should be');
    expect(history.load()).toEqual([]);
    history.add('alive');
    expect(history.isKept).toBe(false);
  });
});

describe('completion', () => {
  const offered = (line: string): readonly string[] => complete(line, ['+358401234567'])[0];

  it('offers commands, operations, parameters by code and by name, keys, and numbers used before', () => {
    expect(offered('sub')).toEqual(['submit ']);
    expect(offered('packet del')).toEqual(['delivery-request ', 'deliver-message ', 'deliver-status-report ']);
    expect(offered('packet cancel 0')).toEqual(['059=', '021=', '060=']);
    expect(offered('packet cancel:009 can')).toEqual(['cancel-mode=']);
    expect(offered('submit +35')).toEqual(['+358401234567']);
    expect(offered('submit 1 x vali')).toEqual(['validity=', 'validity-period-relative=', 'validity-period-absolute=']);
    expect(offered('enquire $to ')).toEqual(['$stamp']);
    expect(offered('expect 5')).toContain('53 ');
    expect(offered('expect 53 within ')).toEqual(['2s', '5s', '30s']);
    expect(offered('wait ')).toEqual([]);
  });

  it('offers nothing that the shell would not take', () => {
    for (const name of offered('packet ')) {
      const number = /response|nack/.test(name) ? ':002' : '';
      expect(checkLine(`packet ${name.trim()}${number}`).ok, name).toBe(true);
    }
    for (const name of offered('help ')) expect(checkLine(`help ${name}`).ok, name).toBe(true);
  });
});
