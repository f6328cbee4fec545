import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { compareEnds } from '../../../src/cli/sync/lane-comparison.ts';
import { type SyncSource, syncDocument, syncLines, syncStatus } from '../../../src/cli/sync/sync-status.ts';
import type { SlotStatus } from '../../../src/core/ring/status.ts';
import type { RingView, SlotView } from '../../../src/core/store/ring-view.ts';
import { at, lane, link, now } from '../status/sample-status.ts';

const epoch = 'a'.repeat(32);

/** @param slots status by number, moved so long ago */
function ring(side: RingView['side'], slots: Readonly<Record<number, SlotStatus>>, agoMs: number): RingView {
  const views = Array.from({ length: 8 }, (_, i): SlotView => {
    const status = slots[i + 1] ?? 'free';
    const empty = { slot: i + 1, status, attempts: 0, possibleDuplicate: false };
    if (status === 'free') return empty;
    const message = { kind: 'text', from: '', to: '', content: '', createdAt: 0, validUntil: 0 } as const;
    return { ...empty, seq: i + 1, messageId: `m${i}`, contentHash: 'AA', movedAt: at(agoMs), message };
  });
  return {
    smscId: 'hel1',
    side,
    lane: 'mt',
    end: side === 'buffer' ? 'consumer' : 'producer',
    epoch,
    size: 8,
    slots: views,
  };
}

function source(
  imServer: Readonly<Record<number, SlotStatus>>,
  agoMs: number,
  changes: Partial<SyncSource> = {},
): SyncSource {
  const pair = { lane: 'mt', imServer: ring('im-server', imServer, agoMs), buffer: ring('buffer', {}, agoMs) } as const;
  const comparison = compareEnds(pair, { storeId: undefined });
  const lanes = { mt: lane({ waitingForSlot: 0 }), mo: lane() };
  return {
    smscId: 'hel1',
    ends: [
      { side: 'im-server', link: link({ roundTrip: { nowMs: 600, medianMs: 600, worstMs: 600, count: 9 } }), lanes },
    ],
    comparisons: comparison === undefined ? [] : [comparison],
    pairs: [pair],
    stopped: [],
    now,
    ...changes,
  };
}

describe('the status of catching up', () => {
  it('is in step where nothing is left, or only what is on its way like any message', () => {
    expect(syncStatus(source({}, 0))).toMatchObject({ state: 'in-step', lanes: [{ left: 0, catchUpMs: 0 }, {}] });
    const busy = syncStatus(source({ 1: 'placed', 2: 'placed' }, 300));
    expect(busy).toMatchObject({ state: 'in-step', lanes: [{ left: 2, late: 0 }, {}] });
    expect(syncLines(busy, [], plainPainter, now, 200)[1]).toMatch(/mt +2 left \(lost-forward 2\), on the way$/);
  });

  it('counts what is late, and says how long it takes at the round trip of the moment', () => {
    const status = syncStatus(source({ 1: 'placed', 2: 'placed', 3: 'placed' }, 60_000));
    expect(status).toMatchObject({
      state: 'catching-up',
      lanes: [{ left: 3, late: 3, counts: { 'lost-forward': 3 } }, {}],
    });
    expect(status.lanes[0]?.catchUpMs).toBeCloseTo(600.6);
    expect(syncLines(status, [], plainPainter, now, 200)[1]).toMatch(/3 left \(lost-forward 3\), about 601 ms$/);
  });

  it('catches up as long as messages wait for a slot, and says how long that takes', () => {
    const counts = { ...lane().counts, ended: { total: 9, perSecond: 10 } };
    const mt = lane({ used: 255, waitingForSlot: 45, waitingForAnswer: 255, counts });
    const ends = [{ side: 'im-server', link: link(), lanes: { mt, mo: lane() } }] as const;
    const status = syncStatus(source({}, 0, { ends }));
    expect(status).toMatchObject({ state: 'catching-up', lanes: [{ drainMs: 30_000 }, {}] });
    expect(syncLines(status, ends, plainPainter, now, 200)[1]).toMatch(
      /45 wait for a slot.*255 wait for an answer.*done in about 30 s/,
    );
  });

  it('is apart, with why and what to do, while the link is down or a role does not run', () => {
    const down = link({ state: 'down', since: at(11_000), code: 'LINK_UNREACHABLE', reason: 'connection refused' });
    const ends = [{ side: 'buffer', link: down, lanes: { mt: lane(), mo: lane() } }] as const;
    expect(syncStatus(source({}, 0, { ends }))).toMatchObject({
      ...{ state: 'apart', since: at(11_000), reason: 'connection refused' },
      todo: expect.stringContaining('im-server status'),
    });
    expect(syncStatus(source({}, 0, { ends, stopped: ['the im-server (im)'] }))).toMatchObject({
      ...{ state: 'apart', reason: 'the im-server (im) does not run', todo: 'start the im-server (im)' },
    });
  });

  it('is held where somebody has to decide', () => {
    const held = { mt: lane({ contact: 'held' }), mo: lane() };
    const status = syncStatus(source({}, 0, { ends: [{ side: 'im-server', link: link(), lanes: held }] }));
    expect(status).toMatchObject({ state: 'held', todo: expect.stringContaining('--prefer') });
  });

  it('has null in its document for what one end alone cannot know', () => {
    const document = syncDocument(syncStatus(source({}, 0, { comparisons: [] })));
    expect(document).toMatchObject({
      lanes: [{ lane: 'mt', left: null, counts: null, catchUpMs: null, waitingForSlot: 0 }, {}],
    });
  });
});
