import { describe, expect, it } from 'vitest';
import { ClockNotes } from '../../../src/cli/ring/clock-notes.ts';
import type { LaneName } from '../../../src/core/ring/status.ts';
import type { PastMove, PastSlot } from '../../../src/shell/recording/past-rings.ts';
import { sampleCopy } from '../../commands/sample-state.ts';

function move(smscId: string, lane: LaneName, number: number, status: PastSlot['status']): PastMove {
  const { isOffered: _, movedAt: __, ...copy } = sampleCopy({ seq: number, status });
  return { smscId, lane, slot: number, before: undefined, after: { ...copy, status, movedAt: undefined } };
}

/** A message to a handset that took 10 ms there and 10 ms back, noted by a buffer whose clock is so far ahead. */
function pass(notes: ClockNotes, smscId: string, number: number, at: number, aheadMs: number): void {
  notes.take('im-server', move(smscId, 'mt', number, 'placed'), at);
  notes.take('buffer', move(smscId, 'mt', number, 'mirrored'), at + 10 + aheadMs);
  notes.take('im-server', move(smscId, 'mt', number, 'mirrored'), at + 20);
}

describe('the clocks of recordings', () => {
  it('are compared for each SMSC by itself, since each buffer has its own', () => {
    const notes = new ClockNotes();
    pass(notes, 'hel1', 1, 1_000, 5_000);
    pass(notes, 'tku1', 1, 1_000, -70);
    expect([...notes.differences()]).toEqual([
      ['hel1', { aheadMs: 5_000, uncertainMs: 10 }],
      ['tku1', { aheadMs: -70, uncertainMs: 10 }],
    ]);
  });

  it('are told by the latest messages: what passed before a clock was set is forgotten', () => {
    const notes = new ClockNotes();
    pass(notes, 'hel1', 1, 1_000, 90_000);
    for (let number = 2; number <= 2_049; number += 1) pass(notes, 'hel1', number, 1_000 * number, 40);
    expect(notes.differences().get('hel1')).toEqual({ aheadMs: 40, uncertainMs: 10 });
  });

  it('are not compared where one end alone was recorded', () => {
    const notes = new ClockNotes();
    notes.take('buffer', move('hel1', 'mt', 1, 'mirrored'), 1_000);
    expect([...notes.differences()]).toEqual([]);
  });
});
