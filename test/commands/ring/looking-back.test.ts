/** Commands that read recordings of real roles: one bridge for all of them, which is at rest. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainValue } from '../../../src/core/base/values.ts';
import type { StoreKey } from '../../../src/core/store/record.ts';
import { openStore } from '../../../src/shell/lmdb-store.ts';
import { entryKind } from '../../../src/shell/recording/entry-kind.ts';
import { findRecording } from '../../../src/shell/recording/recording-reader.ts';
import { encodeBlock, readBlocks, segmentHeader } from '../../../src/shell/recording/segment.ts';
import { readRings } from '../../../src/shell/ring-reader.ts';
import { writeTar } from '../../../src/shell/tar.ts';
import { phone, type SmallBridge, startSmallBridge } from '../../shell/recording/small-bridge.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, runSampleRole, writeState } from '../sample-state.ts';

let bridge: SmallBridge;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-back-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(['one', 'two', 'three']);
  await bridge.writeBack('hello back');
  await bridge.drain();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

const both = () => ['--state-dir', bridge.bufferDir, '--state-dir', bridge.imDir];
const ring = (...args: string[]) => runHere(['ring', ...args]);

interface Moves {
  readonly moves: readonly {
    readonly at: string;
    readonly side: string;
    readonly to: string;
    readonly because: string;
    readonly messageId: string;
    readonly packets: readonly { readonly direction: string; readonly wire: string }[];
  }[];
}
const movesOf = (result: Awaited<ReturnType<typeof ring>>) => (documentOf(result) as Moves).moves;

describe('ring history', () => {
  it('tells the moves of a slot at both ends in order of time, and what caused them', async () => {
    const { stdout, stderr, status } = await ring('history', '2', '--lane', 'mt', ...both());
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const rows = stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(/ {2,}/).slice(1));
    expect(rows.filter(([side]) => side === 'buffer').map(([, ...rest]) => rest)).toEqual([
      ['mt slot 2, number 2', 'free → mirrored', 'place came'],
      ['mt slot 2, number 2', 'mirrored → in-flight, attempt 1', expect.stringContaining('came')],
      [
        'mt slot 2, number 2',
        expect.stringMatching(/^in-flight → confirmed, stamp \d{12}$/),
        expect.stringMatching(/^packet \d{3} came: accepted/),
      ],
      ['mt slot 2, number 2', 'confirmed → settled', 'settled came'],
    ]);
    expect(rows[0]).toEqual(['im-server', 'mt slot 2, number 2', 'free → placed', 'text of a user']);
    expect(stdout).toMatch(
      /\nclocks {3}hel1: the buffer's is .+ (ahead of|behind) the IM server's, give or take .+; times are on/,
    );
    expect(stdout).not.toContain(phone);
  });

  it('finds a message by what its id begins with, as by its number', async () => {
    const bySeq = movesOf(await ring('history', 'seq:3', '--lane', 'mt', '--json', ...both()));
    const id = bySeq[0]?.messageId ?? '';
    expect(movesOf(await ring('history', id.slice(0, 24), '--json', ...both()))).toEqual(bySeq);
    expect(bySeq.map(({ at }) => at)).toEqual(bySeq.map(({ at }) => at).sort());
    expect(bySeq.at(-1)).toMatchObject({ to: 'settled' });
  });

  it('shows packets both ways where they are asked for, masked unless they are to be revealed', async () => {
    const of = async (...args: string[]) => {
      const moves = movesOf(
        await ring('history', '2', '--lane', 'mt', '--packets', '--json', '--state-dir', bridge.bufferDir, ...args),
      );
      return moves.flatMap(({ packets }) => packets);
    };
    const masked = await of();
    expect(masked.filter(({ direction }) => direction === 'out').map(({ wire }) => wire)).toContainEqual(
      expect.stringMatching(/^<STX>03:\d{3}<TAB>021:\+3584\*+67<TAB>.*033:\[3 ch\]/),
    );
    expect(JSON.stringify(masked)).not.toContain(phone);
    expect(JSON.stringify(await of('--reveal'))).toContain(`021:${phone}<TAB>`);
  });

  it('keeps to the time that is asked for', async () => {
    const all = movesOf(await ring('history', '2', '--json', ...both()));
    const middle = all[3]?.at ?? '';
    const later = movesOf(await ring('history', '2', '--since', middle, '--json', ...both()));
    const sooner = movesOf(await ring('history', '2', '--until', middle, '--json', ...both()));
    expect(later).toEqual(all.filter(({ at }) => at >= middle));
    expect(sooner).toEqual(all.filter(({ at }) => at <= middle));
    expect(movesOf(await ring('history', '2', '--last', '2', '--json', ...both()))).toEqual(all.slice(-2));
  });

  it.each([
    ['what is no slot, number or id', ['nothing'], 'USAGE_BAD_VALUE'],
    ['a call without a target', [], 'USAGE_MISSING_VALUE'],
    ['a time that is none', ['2', '--since', 'noon'], 'USAGE_BAD_VALUE'],
    ['a directory without a recording', ['2', '--state-dir', tmpdir()], 'RECORDING_MISSING'],
  ])('refuses %s', async (_, args, code) => {
    const result = await ring('history', ...args, '--json');
    expect(result).toMatchObject({ status: 2, stderr: '' });
    expect(documentOf(result)).toMatchObject({ error: { code } });
  });

  it('says so where nothing moved', async () => {
    const { stdout, status } = await ring('history', '200', ...both());
    expect({ stdout, status }).toEqual({ stdout: 'Nothing that was recorded moved it.\n', status: 0 });
  });
});

describe('ring verify', () => {
  interface Verified {
    readonly ok: boolean;
    readonly broken: readonly {
      readonly rule: string;
      readonly side: string;
      readonly slot?: number;
      readonly text: string;
    }[];
  }
  const verified = async (...dirs: string[]) => {
    const result = await ring('verify', '--json', ...dirs.flatMap((path) => ['--state-dir', path]));
    return { status: result.status, ...(documentOf(result) as Verified) };
  };
  it('finds nothing in what two roles left, with all that they recorded', async () => {
    const { stdout, status } = await ring('verify', ...both());
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^checked {3}buffer .*: \d+ slots on disk, \d\d+ moves in \d+ inputs recorded since/);
    expect(lines.slice(2)).toEqual(['compared   both ends of hel1', '✔ every rule holds', '']);
  });

  it('ends 7 with a line for each rule that a store breaks', async () => {
    const broken = copied(bridge.bufferDir, 'broken');
    await changeStore(broken, (key, value) => {
      if (key[3] === 'slot' && key[4] === 1) return value.with(1, 256 + 2);
      if (key[3] === 'slot' && key[4] === 2) return value.with(7, '0123456789ABCDEF');
      return key[3] === 'slot' && key[4] === 3 ? value.with(2, 99) : value;
    });
    const { stdout, status } = await ring('verify', '--state-dir', broken);
    expect(status).toBe(7);
    expect(stdout.split('\n').filter((line) => line.startsWith('✖'))).toEqual([
      expect.stringMatching(
        /^✖ buffer hel1 mt slot 1, number 258: number 258 belongs into slot 3 \(number-in-its-slot\)$/,
      ),
      expect.stringMatching(
        /^✖ buffer hel1 mt slot 2, number 2: the content has hash [0-9A-F]{16}, noted is 0123456789ABCDEF/,
      ),
      expect.stringMatching(/^✖ buffer hel1 mt slot 3: its record cannot be read \(record-readable\)$/),
      '✖ 3 rules are broken (CHECK_FAILED)',
    ]);
  });

  it('finds a store that is not what was recorded last', async () => {
    const other = copied(bridge.bufferDir, 'other');
    await changeStore(other, (key, value) => (key[3] === 'slot' && key[4] === 2 ? value.with(1, 257) : value));
    expect(await verified(other)).toMatchObject({
      status: 7,
      broken: [
        {
          rule: 'recording-fits-store',
          slot: 2,
          text: 'recorded last was number 2 settled, in the store is number 257 settled',
        },
      ],
    });
  });

  it('finds a move that no rule allows, and where it is', async () => {
    const moved = copied(bridge.bufferDir, 'moved');
    changeRecording(moved, (move) => (move[1] === 0 && move[2] === 2 && move[4] === 8 ? move.with(4, 1) : move));
    const { status, broken } = await verified(moved);
    expect(status).toBe(7);
    expect(broken).toMatchObject([
      { rule: 'moves-along-the-table', side: 'buffer', slot: 2, text: 'no move from confirmed to placed' },
      { rule: 'recording-fits-store', slot: 2 },
    ]);
  });

  it('finds two ends that hold different contents of one message', async () => {
    const other = copied(bridge.imDir, 'other-im');
    await changeStore(other, (key, value) =>
      key[3] === 'slot' && key[4] === 2 ? value.with(7, '0123456789ABCDEF') : value,
    );
    rmSync(join(other, 'recording'), { recursive: true });
    const { broken } = await verified(bridge.bufferDir, other);
    expect(broken.filter(({ side }) => side === 'both')).toMatchObject([{ rule: 'ends-agree', slot: 2 }]);
  });

  it('finds a store that was set back since the other end heard of it', async () => {
    const back = copied(bridge.imDir, 'set-back');
    await changeStore(back, (key, value) => (key[0] === 'commits' ? value.with(1, 1) : value));
    rmSync(join(back, 'recording'), { recursive: true });
    expect(await verified(bridge.bufferDir, back)).toMatchObject({
      status: 7,
      broken: [
        {
          ...{ rule: 'store-never-back', stateDir: back, side: 'im-server', smscId: 'hel1', lane: 'mt' },
          text: expect.stringMatching(
            /^the consumer saw this store at commit \d+ of run [0-9a-f]{4}…, where it never was$/,
          ),
        },
      ],
    });
  });
});

describe('ring diff', () => {
  const diff = (...dirs: string[]) => ring('diff', ...dirs.flatMap((path) => ['--state-dir', path]));

  it('agrees where both ends and their recordings do', async () => {
    const { stdout, status } = await diff(bridge.bufferDir, bridge.imDir);
    expect({ status, last: stdout.split('\n').at(-2) }).toEqual({
      status: 0,
      last: '✔ both ends agree, and with what was recorded of buffer and im-server',
    });
  });

  it('ends 7 with the verdict of each slot that differs, and what was recorded of it', async () => {
    const behind = copied(bridge.imDir, 'behind');
    await changeStore(behind, (key, value) =>
      key[3] === 'slot' && key[4] === 2 ? value.with(2, 1).with(5, null) : value,
    );
    const { stdout, status } = await diff(bridge.bufferDir, behind);
    expect(status).toBe(7);
    const row = stdout.split('\n').find((line) => line.startsWith('  mt '));
    expect(row?.split(/ {2,}/).slice(1)).toEqual([
      ...['mt', '2', '2 settled', '2 placed', '2 settled / 2 settled', 'lost-status'],
      'consumer sends its status again; the recording of im-server says otherwise',
    ]);
    expect(stdout).toContain('✖ the views differ (CHECK_FAILED)');
  });

  it('takes what changes while it looks for what is on its way', async () => {
    const [buffer, imServer] = [join(dir, 'quick-buffer'), join(dir, 'quick-im')];
    await writeState(buffer, 'buffer', { epoch: epochA, mt: [{ seq: 1, status: 'mirrored' }] });
    await writeState(imServer, 'im-server', { epoch: epochA, mt: [{ seq: 1, status: 'placed' }] });
    const { role, rings } = await readRings(buffer);
    const moved = rings.map((one) => ({
      ...one,
      slots: one.slots.map((slot) =>
        slot.status === 'mirrored' ? { ...slot, status: 'in-flight', attempts: 1 } : slot,
      ),
    }));
    const answers = [rings, moved];
    const lock = await runSampleRole(buffer, async () => ({
      schema: 'rings/1',
      role,
      rings: answers.shift() ?? moved,
      links: [],
    }));
    const quick = await diff(buffer, imServer);
    const still = await diff(buffer, imServer);
    await lock.release();
    expect(quick.stdout).toMatch(/lost-status +on its way\n✔ both ends agree, but for what is on its way\n$/);
    expect([quick.status, still.status]).toEqual([0, 7]);
  });
});

describe('ring export and import', () => {
  it('carry rings and recordings elsewhere, masked, so that they can be looked into there', async () => {
    const file = join(dir, 'bundle.tar.gz');
    const [bundle, here] = [join(dir, 'bundle'), both()];
    expect(documentOf(await ring('export', file, '--json', ...here))).toMatchObject({
      privacy: 'masked',
      dirs: [{}, {}],
    });
    const tar = gunzipSync(readFileSync(file)).toString('latin1');
    expect([tar.includes(phone), tar.includes('hello back'), tar.includes('358401234567')]).toEqual([
      false,
      false,
      false,
    ]);
    expect((await ring('import', file, bundle)).status).toBe(0);
    const there = ['--state-dir', bundle];
    const map = async (dirs: string[]) =>
      (await ring('inspect', '--map', ...dirs)).stdout.replace(/oldest \S+ \w+/g, '');
    expect(await map(there)).toBe(await map(here));
    const history = async (dirs: string[]) => (await ring('history', '2', '--lane', 'mt', ...dirs)).stdout;
    expect(await history(there)).toBe(await history(here));
    const packets = movesOf(await ring('history', '2', '--lane', 'mt', '--packets', '--json', ...there));
    expect(packets.flatMap((move) => move.packets.map(({ wire }) => wire))).toContainEqual(
      expect.stringMatching(/^<STX>03:\d{3}<TAB>021:\+3584\*+67<TAB>/),
    );
    expect((await ring('diff', ...there)).status).toBe(0);
    expect((await ring('verify', ...there)).status).toBe(0);
  });

  it('carry everything with --reveal, and the recording can be played back there', async () => {
    const [file, bundle] = [join(dir, 'full.tar.gz'), join(dir, 'full')];
    await ring('export', file, '--reveal', '--state-dir', bridge.bufferDir);
    await ring('import', file, bundle);
    expect((await ring('inspect', '2', '--reveal', '--state-dir', bundle)).stdout).toContain(phone);
    expect((await runHere(['sync', 'replay', join(bundle, 'buffer-hel1'), '--assert'])).status).toBe(0);
  });

  it('refuse what is no whole bundle, leave nothing of it, and write over nothing', async () => {
    const file = join(dir, 'cut.tar.gz');
    await ring('export', file, '--state-dir', bridge.bufferDir);
    expect(documentOf(await ring('export', file, '--json', '--state-dir', bridge.bufferDir))).toMatchObject({
      error: { code: 'CONFIG_UNREADABLE' },
    });
    const bytes = readFileSync(file);
    const bad = [
      bytes.subarray(0, bytes.length / 2),
      Buffer.from('no bundle'),
      gzipSync(await buffer(writeTar([{ name: '../evil', bytes }], 0))),
      gzipSync(await buffer(writeTar([{ name: 'bundle.json', bytes: Buffer.from('\n{') }], 0))),
    ];
    for (const [index, content] of bad.entries()) {
      writeFileSync(join(dir, `bad-${index}`), content);
      const into = join(dir, `into-${index}`);
      expect(documentOf(await ring('import', join(dir, `bad-${index}`), into, '--json'))).toMatchObject({
        error: { code: 'INPUT_UNREADABLE', message: expect.stringMatching(/^[ -~]+Nothing was kept\.$/) },
      });
      expect(existsSync(into)).toBe(false);
    }
    expect(existsSync(join(dir, 'evil'))).toBe(false);
    const taken = await ring('import', file, dir, '--json');
    expect(documentOf(taken)).toMatchObject({ error: { code: 'CONFIG_UNREADABLE' } });
  });
});

describe('ring inspect --at', () => {
  interface Rings {
    readonly at: string;
    readonly rings: readonly {
      readonly side: string;
      readonly lane: string;
      readonly slots: readonly { readonly slot: number; readonly status: string; readonly movedAt: string }[];
    }[];
  }
  const at = async (time: string, ...args: string[]) =>
    documentOf(await ring('inspect', '--at', time, '--json', ...both(), ...args)) as Rings;

  it('shows the rings as they were behind each move of a slot', async () => {
    const moves = movesOf(await ring('history', '2', '--lane', 'mt', '--json', '--state-dir', bridge.bufferDir));
    for (const [index, move] of moves.entries()) {
      if (moves[index + 1]?.at === move.at) continue;
      const document = await at(move.at, '--lane', 'mt', '--status', 'mirrored,in-flight,confirmed,settled');
      const slots = document.rings.find(({ side }) => side === 'buffer')?.slots;
      expect(slots?.find(({ slot }) => slot === 2)).toMatchObject({ status: move.to, movedAt: move.at });
      expect(document.at).toBe(move.at);
    }
    expect(moves).toHaveLength(4);
  });

  it('says how far the recording goes, on stderr', async () => {
    const late = '2999-01-01T00:00:00Z';
    const { stdout, stderr } = await ring('inspect', '--at', late, '--map', '--lane', 'mt', ...both());
    expect(stderr.split('\n')[0]).toMatch(
      /^buffer behind input \d+ at \d\d:\d\d:\d\d\.\d{3}, the last that is recorded$/,
    );
    expect(stdout).toContain('buffer      1 sss·····');
  });

  it('leaves out of a map what no filter lets through, and of a table what moved at another time', async () => {
    const [{ at: last = '' } = {}] = movesOf(
      await ring('history', '3', '--lane', 'mt', '--last', '1', '--json', '--state-dir', bridge.bufferDir),
    );
    const after = new Date(Date.parse(last) + 60_000).toISOString();
    const settled = ['--status', 'settled', '--lane', 'mt', '--side', 'buffer'];
    const ofAge = async (age: string) => (await at(after, ...settled, '--age', age)).rings[0]?.slots.length;
    expect([await ofAge('>30s'), await ofAge('<30s'), await ofAge('<2m')]).toEqual([3, 0, 3]);
    const map = await ring('inspect', '--at', after, ...settled, '--age', '>1s', '--map', ...both());
    expect(map.stdout.split('\n')[2]).toBe('  buffer   1 sss');
  });

  it.each([
    ['an age that is none', ['--age', 'old'], 'USAGE_BAD_VALUE'],
    ['a time that is none', ['--at', 'noon'], 'USAGE_BAD_VALUE'],
    ['a time before the recording', ['--at', '2001-01-01T00:00:00Z'], 'RECORDING_MISSING'],
  ])('refuses %s', async (_, args, code) => {
    const result = await ring('inspect', ...args, '--json', ...both());
    expect(result).toMatchObject({ status: 2, stderr: '' });
    expect(documentOf(result)).toMatchObject({ error: { code } });
  });
});

/** A copy of a state directory, for tests that break it. */
function copied(from: string, name: string): string {
  const copy = join(dir, name);
  cpSync(from, copy, { recursive: true });
  return copy;
}

/** Writes other values into the mt ring of a store, or for how many commits it had. */
async function changeStore(
  stateDir: string,
  change: (key: StoreKey, value: PlainValue[]) => PlainValue,
): Promise<void> {
  const store = await openStore({ stateDir, durability: 'process' });
  const all = [...store.entries(['ring', 'hel1', 'mt']), ...store.entries(['commits'])];
  await store.commit(
    all.map(([key, value]) => ({ key, value: Array.isArray(value) ? change(key, [...value]) : value })),
  );
  await store.close();
}

/** Writes other moves into a recording. */
function changeRecording(stateDir: string, change: (move: PlainValue[]) => PlainValue): void {
  const changed = (entry: readonly PlainValue[]): readonly PlainValue[] => {
    const [kind, at, form, said, moves, ...rest] = entry;
    if (kind !== entryKind.input || !Array.isArray(moves)) return entry;
    return [kind, at ?? 0, form ?? null, said ?? 0, moves.map((move) => change([...move])), ...rest];
  };
  for (const file of findRecording(stateDir)) {
    const blocks = [...readBlocks(readFileSync(file))].map(({ at, entries }) =>
      encodeBlock({ at, entries: entries.map(changed) }),
    );
    writeFileSync(file, Buffer.concat([segmentHeader, ...blocks]));
  }
}

describe('ring export --pcap', () => {
  it('writes the packets of one recording as a capture that cimd2 decode reads, without its numbers', async () => {
    const file = join(dir, 'smsc.pcapng');
    const exported = await ring('export', file, '--pcap', '--state-dir', bridge.bufferDir, '--json');
    expect(documentOf(exported)).toMatchObject({ schema: 'ring.captured/1', file, role: 'buffer', connections: 1 });
    const decoded = await runHere(['cimd2', 'decode', file]);
    expect(decoded).toMatchObject({ status: 0, stdout: expect.stringContaining('submit message') });
    expect(decoded.stdout).not.toContain(phone.slice(6));
    expect(await ring('export', file, '--pcap', '--state-dir', bridge.bufferDir)).toMatchObject({ status: 2 });
    const whole = join(dir, 'whole.pcapng');
    await ring('export', whole, '--pcap', '--reveal', '--state-dir', bridge.smscDir);
    expect(await runHere(['cimd2', 'decode', whole, '--strict', '--summary'])).toMatchObject({ status: 0 });
  });

  it('takes of the known state directories the one whose role speaks CIMD2', async () => {
    const known = { env: { RINGBRIDGE_STATE_DIR: `${bridge.imDir}:${bridge.bufferDir}` } };
    const exported = await runHere(['ring', 'export', join(dir, 'known.pcapng'), '--pcap', '--json'], known);
    expect(documentOf(exported)).toMatchObject({ role: 'buffer', smscIds: ['hel1'], connections: 1 });
    const given = await ring('export', join(dir, 'given.pcapng'), '--pcap', '--json', ...both());
    expect(documentOf(given)).toMatchObject({ role: 'buffer' });
  });

  it('wants one recording: those of both ends of a line have the same packets', async () => {
    const file = join(dir, 'both.pcapng');
    const result = await ring('export', file, '--pcap', ...both(), '--state-dir', bridge.smscDir);
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('--pcap needs one --state-dir') });
    expect(result.stderr).toContain(`in ${bridge.bufferDir}, ${bridge.smscDir}. (USAGE_BAD_VALUE)`);
    expect(existsSync(file)).toBe(false);
  });

  it('is not made where only an IM server was recorded, which has no packets', async () => {
    const file = join(dir, 'none.pcapng');
    const result = await ring('export', file, '--pcap', '--state-dir', bridge.imDir, '--state-dir', join(dir, 'no'));
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining('(RECORDING_MISSING)') });
    expect(existsSync(file)).toBe(false);
  });
});
