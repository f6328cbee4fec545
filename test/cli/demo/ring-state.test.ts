import { describe, expect, it } from 'vitest';
import { judgeRings } from '../../../src/cli/demo/ring-state.ts';
import type { RingView, SlotView } from '../../../src/core/store/ring-view.ts';

function slot(seq: number, status: SlotView['status'], attempts = 1): SlotView {
  return { slot: seq, seq, status, attempts, possibleDuplicate: false };
}

function ring(lane: 'mt' | 'mo', slots: readonly SlotView[], epoch = 'e'): RingView {
  return { smscId: 'demo', side: 'buffer', lane, end: 'producer', epoch, size: slots.length, slots };
}

const settled = [slot(1, 'settled'), slot(2, 'settled')];

function judge(mt: readonly SlotView[], theirs: readonly SlotView[], inDoubt: 'resend' | 'hold' = 'resend') {
  return judgeRings([ring('mt', mt), ring('mo', settled)], [ring('mt', theirs), ring('mo', settled)], inDoubt);
}

describe('the state of both rings', () => {
  it('is in step and settled when every slot is, at both ends', () => {
    expect(judge(settled, settled)).toEqual({ isInStep: true, isSettled: true, remarks: [] });
  });

  it('is not in step where one slot differs, by number, status or attempts', () => {
    for (const other of [slot(3, 'settled'), slot(2, 'confirmed'), slot(2, 'settled', 2)]) {
      expect(judge(settled, [slot(1, 'settled'), other]).isInStep).toBe(false);
    }
  });

  it('is not in step without a common epoch, nor while one end has none', () => {
    const here = [ring('mt', settled), ring('mo', settled)];
    expect(judgeRings(here, [ring('mt', settled, 'f'), ring('mo', settled)], 'resend').isInStep).toBe(false);
    expect(judgeRings(here, [ring('mt', settled)], 'resend').isInStep).toBe(false);
  });

  it('is not settled while a message is in it, even where both ends agree', () => {
    const placed = [slot(1, 'settled'), slot(2, 'placed')];
    expect(judge(placed, placed)).toMatchObject({ isInStep: true, isSettled: false });
  });

  it('counts a message in doubt as over only where doubt is held', () => {
    const doubted = [slot(1, 'settled'), slot(2, 'in-doubt')];
    expect(judge(doubted, doubted, 'resend').isSettled).toBe(false);
    expect(judge(doubted, doubted, 'hold').isSettled).toBe(true);
  });
});
