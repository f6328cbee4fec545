/** Copies of messages for tests of the ring: what does not matter to a test is filled in. */
import { instant } from '../../../src/core/base/time.ts';
import type { Outcome } from '../../../src/core/ring/outcome.ts';
import { seq } from '../../../src/core/ring/sequence.ts';
import type { SlotCopy, SlotState } from '../../../src/core/ring/slot.ts';
import { isOutcome } from '../../../src/core/ring/status.ts';

type Given = Partial<Omit<SlotCopy, 'seq'>>;

export function stateOfNumber(number: number, status: SlotState['status'], given: Given = {}): SlotState {
  const outcome: Outcome | undefined = isOutcome(status)
    ? { status, stamp: '', errorCode: 0, by: 'answer' }
    : undefined;
  return {
    seq: seq(number),
    status,
    attempts: status === 'in-flight' || status === 'in-doubt' ? 1 : 0,
    possibleDuplicate: false,
    outcome,
    messageId: `message ${number}`,
    contentHash: '00000000000000AA',
    ...given,
  };
}

export function copyOfNumber(number: number, status: SlotState['status'], given: Given = {}): SlotCopy {
  const state = stateOfNumber(number, status, given);
  return { ...state, bytes: new Uint8Array([1]), movedAt: instant(0), isOffered: false, ...given };
}
