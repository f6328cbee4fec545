import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/core/base/errors.ts';
import { readRings } from '../../../src/shell/ring-reader.ts';
import type { StateDirLock } from '../../../src/shell/state-dir.ts';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';
import { epochA, epochB, linkUp, runSampleRole, type SampleSlot, writeState } from '../sample-state.ts';

let dir = '';
let buffer = '';
let imServer = '';
const locks: StateDirLock[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'replay-'));
  buffer = join(dir, 'buffer');
  imServer = join(dir, 'im-server');
});
afterEach(async () => {
  for (const lock of locks.splice(0)) await lock.release();
  rmSync(dir, { recursive: true, force: true });
});

const confirmed = { status: 'confirmed', stamp: '261122123045', errorCode: 0, by: 'answer' } as const;

const behind: readonly SampleSlot[] = [
  { seq: 1, status: 'settled', attempts: 1, outcome: confirmed },
  { seq: 2, status: 'mirrored' },
  { seq: 3, status: 'placed' },
  { seq: 4, status: 'placed' },
  { seq: 5, status: 'in-doubt', attempts: 1 },
];
const ahead: readonly SampleSlot[] = [
  { seq: 1, status: 'settled', attempts: 1, outcome: confirmed },
  { seq: 2, status: 'confirmed', attempts: 1, outcome: confirmed },
  { seq: 5, status: 'in-doubt', attempts: 1 },
];

async function writeBoth(mtImServer: readonly SampleSlot[], mtBuffer: readonly SampleSlot[]): Promise<void> {
  await writeState(imServer, 'im-server', { epoch: epochA, mt: mtImServer });
  await writeState(buffer, 'buffer', { epoch: epochA, mt: mtBuffer });
}

function replay(...args: string[]) {
  return runHere(['sync', 'replay', '--buffer-dir', buffer, '--im-server-dir', imServer, ...args]);
}

describe('sync replay', () => {
  it('prints the plan of two stopped ends and changes nothing with --dry-run', async () => {
    await writeBoth(behind, ahead);
    expect(await replay('--dry-run')).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'hel1',
        'epochs   mt buffer aaaa…  im-server aaaa…   mo buffer aaaa…  im-server aaaa…',
        'mt       equal 2 (1 in doubt)   lost-status 1   lost-forward 2',
        '  lost-status         2',
        '  lost-forward        3, 4',
        'mo       empty at both ends',
        'effect   3 entries; 0 messages that may be sent twice; slot 5 in doubt',
        'nothing changed',
        '',
      ].join('\n'),
    });
  });

  it('lists by number what another buffer store does not hold and may have had', async () => {
    const known: readonly SampleSlot[] = [
      { seq: 1, status: 'placed', isOffered: false },
      { seq: 2, status: 'placed' },
      { seq: 3, status: 'mirrored' },
      { seq: 4, status: 'in-flight', attempts: 1 },
    ];
    await writeState(imServer, 'im-server', { epoch: epochA, mt: known, mirrorStore: 'the store before' });
    await writeState(buffer, 'buffer', { epoch: epochA, mt: [] });
    const { stdout } = await replay('--dry-run');
    expect(stdout).toContain(
      [
        'mt       lost-forward 4',
        '  lost-forward        1–4',
        '  of unknown fate     2–4: may have been handed over already',
        'mo       empty at both ends',
        'effect   4 entries; 3 messages that may be sent twice',
      ].join('\n'),
    );
    const document = documentOf(await replay('--dry-run', '--json'));
    expect(document).toMatchObject({
      smscs: [{ lanes: [{ placedNumbers: [1, 2, 3, 4], unknownFateNumbers: [2, 3, 4] }, {}] }],
    });
  });

  it('lists by number what neither end holds where an IM server lost its store', async () => {
    await writeState(imServer, 'im-server', {});
    const empty = (['mt', 'mo'] as const).map((lane) => {
      return {
        smscId: 'hel1',
        side: 'im-server',
        lane,
        end: lane === 'mt' ? 'producer' : 'consumer',
        size: 0,
        slots: [],
      };
    });
    const answer = { schema: 'rings/1', role: 'im-server', rings: empty, links: [] };
    locks.push(await runSampleRole(imServer, async (call) => (call === 'GET /rings' ? answer : undefined)));
    await writeState(buffer, 'buffer', {
      epoch: epochA,
      size: 4,
      mt: [
        { seq: 4, status: 'mirrored' },
        { seq: 6, status: 'mirrored' },
      ],
    });
    const { stdout } = await replay('--dry-run');
    expect(stdout).toContain(
      [
        'mt       producer-lost: producer takes epoch, slots and next number from the mirror',
        '  held by neither     3, 5: whoever sent them has to be asked',
        '  not known           whether the producer had given numbers above 6',
      ].join('\n'),
    );
  });

  it('gives the plan slot by slot in its document', async () => {
    await writeBoth(behind, ahead);
    const document = documentOf(await replay('--dry-run', '--json'));
    expect(document).toMatchObject({
      schema: 'sync.replay/1',
      dryRun: true,
      inStep: false,
      smscs: [
        {
          smscId: 'hel1',
          lanes: [
            {
              lane: 'mt',
              verdict: 'compared',
              counts: { equal: 2, 'lost-status': 1, 'lost-forward': 2 },
              inDoubtSlots: [5],
              differences: [
                { slot: 2, verdict: 'lost-status', consumer: { seq: 2, status: 'confirmed' } },
                { slot: 3, verdict: 'lost-forward', consumer: null },
                { slot: 4, verdict: 'lost-forward', consumer: null },
              ],
            },
            { lane: 'mo', counts: {}, differences: [] },
          ],
        },
      ],
    });
  });

  it('has nothing to do when both ends are in step, and asks nobody', async () => {
    await writeBoth(behind, behind);
    expect(await replay()).toMatchObject({ status: 0, stdout: expect.stringContaining('in step; nothing to do') });
  });

  it('has both ends compare and waits until they agree', async () => {
    await writeBoth(behind, ahead);
    const asked: string[] = [];
    const later = join(dir, 'later');
    await writeState(later, 'im-server', { epoch: epochA, mt: ahead });
    const agreed = (await readRings(later)).rings;
    let looks = 0;
    locks.push(
      await runSampleRole(buffer, async (call) => {
        if (call === 'POST /compare') asked.push('buffer');
        return call === 'POST /compare' ? {} : undefined;
      }),
      await runSampleRole(imServer, async (call) => {
        if (call === 'POST /compare') asked.push('im-server');
        else if (asked.length === 2) looks += 1;
        if (call === 'GET /rings' && looks > 2)
          return { schema: 'rings/1', role: 'im-server', rings: agreed, links: [linkUp] };
        return call === 'POST /compare' ? {} : undefined;
      }),
    );
    const result = await replay('--yes', '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({ dryRun: false, inStep: true, tookMs: expect.any(Number) });
    expect(asked.sort()).toEqual(['buffer', 'im-server']);
  });

  it('ends 7 and shows what is left when they do not agree in time', async () => {
    await writeBoth(behind, ahead);
    locks.push(
      await runSampleRole(buffer, async (call) => (call === 'POST /compare' ? {} : undefined)),
      await runSampleRole(imServer, async (call) => (call === 'POST /compare' ? {} : undefined)),
    );
    const result = await replay('--yes', '--timeout', '300ms');
    expect(result.status).toBe(7);
    expect(result.stdout).toMatch(/not in step after \d+ ms \(CHECK_FAILED\); what is left:\nhel1\n/);
  });

  it('waits for a link that is down, as after an outage of hours a buffer dials only now and then', async () => {
    await writeBoth(ahead, ahead);
    const later = join(dir, 'later');
    await writeState(later, 'im-server', { epoch: epochA, mt: behind });
    const apart = (await readRings(later)).rings;
    let refusals = 0;
    let compared = 0;
    const take = async (call: string) => {
      if (call !== 'POST /compare') return undefined;
      if (refusals === 3) {
        compared += 1;
        return {};
      }
      refusals += 1;
      throw new OperatorError({ code: 'LINK_UNREACHABLE', message: 'm', hint: 'h', exitStatus: 5, retryable: true });
    };
    locks.push(
      await runSampleRole(buffer, take),
      await runSampleRole(imServer, async (call) => {
        if (call === 'GET /rings' && compared < 2)
          return { schema: 'rings/1', role: 'im-server', rings: apart, links: [linkUp] };
        return take(call);
      }),
    );
    const result = await replay('--yes', '--json');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect([refusals, compared]).toEqual([3, 2]);
  });

  it('brings two stopped ends into step by itself', async () => {
    await writeBoth(behind, ahead);
    const stopped = await replay('--yes', '--json');
    expect(documentOf(stopped)).toMatchObject({ inStep: true });
    expect(stopped.status).toBe(0);
    const again = await replay('--dry-run', '--json');
    expect(documentOf(again)).toMatchObject({ inStep: true });
  });

  it('ends 5 when only one role runs, or the link stays down', async () => {
    await writeBoth(behind, ahead);
    locks.push(await runSampleRole(buffer, async () => undefined));
    const half = await replay('--yes', '--json');
    expect(half.status).toBe(5);
    expect(half.stdout).toContain('CONTROL_UNREACHABLE');
    await locks.pop()?.release();
    const refuse = async (call: string) => {
      if (call !== 'POST /compare') return undefined;
      throw new OperatorError({ code: 'LINK_UNREACHABLE', message: 'm', hint: 'h', exitStatus: 5, retryable: true });
    };
    locks.push(await runSampleRole(buffer, refuse), await runSampleRole(imServer, refuse));
    const down = await replay('--yes', '--json', '--timeout', '300ms');
    expect(down.status).toBe(5);
    expect(documentOf(down)).toMatchObject({ error: { code: 'LINK_UNREACHABLE', retryable: true } });
  });

  it('does not carry anything out without --yes where nobody can be asked', async () => {
    await writeBoth(behind, ahead);
    const result = await replay('--json');
    expect(result.status).toBe(2);
    expect(documentOf(result)).toMatchObject({ error: { message: 'Missing --yes.' } });
  });

  it('says that two epochs with unfinished messages need a decision', async () => {
    await writeState(imServer, 'im-server', { epoch: epochA, mt: behind });
    await writeState(buffer, 'buffer', { epoch: epochB, mt: behind });
    const { stdout } = await replay('--dry-run');
    expect(stdout).toContain('mt       epoch-conflict: nothing moves; needs a decision');
    expect(stdout).toContain('mt needs a decision');
  });

  it('refuses two directories that are not the two ends of one ring', async () => {
    await writeState(buffer, 'buffer', { epoch: epochA });
    const result = await runHere(['sync', 'replay', '--state-dir', buffer, '--dry-run', '--json']);
    expect(result.status).toBe(2);
    expect(documentOf(result)).toMatchObject({ error: { code: 'CONFIG_BAD_VALUE' } });
  });

  describe('--prefer', () => {
    const linesIn = (file: string) =>
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));

    it.each([
      ['im-server', 'buffer', 'bbbb'],
      ['buffer', 'im-server', 'aaaa'],
    ] as const)(
      '%s: exports what the %s lets go of, and brings two stopped ends into step',
      async (prefer, loser, own) => {
        await writeState(imServer, 'im-server', { epoch: epochA, mt: behind });
        await writeState(buffer, 'buffer', { epoch: epochB, mt: ahead });
        const result = await replay('--prefer', prefer, '--yes', '--json');
        expect(result).toMatchObject({ status: 0, stderr: '' });
        const document = documentOf(result);
        const numbers = loser === 'buffer' ? [2, 5] : [2, 3, 4, 5];
        expect(document).toMatchObject({ inStep: true, prefer, letGo: [{ side: loser, lane: 'mt', numbers }] });
        const file = String(Object(document)['letGo'][0].file);
        expect(file.startsWith(loser === 'buffer' ? buffer : imServer)).toBe(true);
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const lines = linesIn(file);
        expect(lines.map(({ seq }) => seq)).toEqual(numbers);
        expect(lines[0]).toMatchObject({
          schema: 'sync.exported/1',
          side: loser,
          epoch: expect.stringContaining(own),
          message: { to: '+358401234567', content: 'text 2' },
        });
        const epochs = (await Promise.all([readRings(buffer), readRings(imServer)])).map(
          ({ rings }) => rings.find(({ lane }) => lane === 'mt')?.epoch,
        );
        expect(epochs).toEqual(loser === 'buffer' ? [epochA, epochA] : [epochB, epochB]);
      },
    );

    it('settles one number with two contents', async () => {
      await writeBoth([{ seq: 2, status: 'mirrored', text: 'so' }], [{ seq: 2, status: 'mirrored', text: 'or so' }]);
      const file = join(dir, 'kept.jsonl');
      const result = await replay('--prefer', 'buffer', '--yes', '--export', file);
      expect(result).toMatchObject({ status: 0, stderr: '' });
      expect(result.stdout).toContain(
        "let go   hel1: 1 message (2) of the im-server's mt ring, exported first; the other end's copies stay",
      );
      expect(result.stdout).toContain(`exported 1 of the im-server's mt ring to ${file}`);
      expect(linesIn(file)).toMatchObject([{ seq: 2, message: { content: 'so' } }]);
      const { rings } = await readRings(imServer);
      expect(rings[0]?.slots[1]?.message?.content).toBe('or so');
    });

    it('changes nothing where the file is there already', async () => {
      await writeBoth([{ seq: 2, status: 'mirrored', text: 'so' }], [{ seq: 2, status: 'mirrored', text: 'or so' }]);
      const file = join(dir, 'kept.jsonl');
      writeFileSync(file, 'mine');
      const result = await replay('--prefer', 'buffer', '--yes', '--json', '--export', file);
      expect(result.status).toBe(2);
      expect(readFileSync(file, 'utf8')).toBe('mine');
      expect((await readRings(imServer)).rings[0]?.slots[1]?.message?.content).toBe('so');
    });

    it('is refused where there is no conflict, also with --dry-run', async () => {
      await writeBoth(behind, ahead);
      for (const more of ['--yes', '--dry-run']) {
        const result = await replay('--prefer', 'buffer', '--json', more);
        expect(result.status).toBe(3);
        expect(documentOf(result)).toMatchObject({ error: { code: 'SYNC_NO_CONFLICT' } });
      }
    });

    it('asks a running role to let go of exactly what was exported', async () => {
      await writeState(imServer, 'im-server', { epoch: epochA, mt: behind });
      await writeState(buffer, 'buffer', { epoch: epochB, mt: ahead });
      const asked: unknown[] = [];
      locks.push(
        await runSampleRole(buffer, async (call, body) => {
          if (call === 'POST /prefer') asked.push(body);
          return call === 'GET /rings' ? undefined : {};
        }),
        await runSampleRole(imServer, async (call) => (call === 'GET /rings' ? undefined : {})),
      );
      const result = await replay('--prefer', 'im-server', '--yes', '--timeout', '300ms');
      expect(asked).toMatchObject([
        { smscId: 'hel1', lane: 'mt', scope: 'ring', epoch: epochB, held: [{ seq: 2 }, { seq: 5 }] },
      ]);
      // The sample roles do nothing.
      expect(result.status).toBe(7);
    });

    it('waits for the answer of what is being handed over, and gives up without changing anything', async () => {
      await writeState(imServer, 'im-server', { epoch: epochA, mt: behind });
      await writeState(buffer, 'buffer', { epoch: epochB, mt: [{ seq: 1, status: 'in-flight', attempts: 1 }] });
      const asked: string[] = [];
      const take = async (call: string) => {
        if (call !== 'GET /rings') asked.push(call);
        return undefined;
      };
      locks.push(await runSampleRole(buffer, take), await runSampleRole(imServer, take));
      const result = await replay('--prefer', 'im-server', '--yes', '--json', '--timeout', '300ms');
      expect(result.status).toBe(3);
      expect(documentOf(result)).toMatchObject({ error: { code: 'SYNC_CHANGED', retryable: true } });
      expect(asked).toEqual([]);
    });
  });
});
