/** Moves of slots in words: `mt slot 12  number 267  in-flight, attempt 1`. No texts and no numbers of people. */

import type { Move } from '../../shell/recording/lane-mirror.ts';
import { type RecordedMove, readMove } from '../../shell/recording/move.ts';

export function moves(list: readonly Move[], smscIds: readonly string[]): readonly string[] {
  return list.flatMap((move) => {
    const read = readMove(move, smscIds);
    if (read === undefined || read.type === 'message') return [];
    const where = smscIds.length > 1 ? `${read.smscId} ${read.lane}` : read.lane;
    return [`${where} ${moveText(read)}`];
  });
}

function moveText(move: Exclude<RecordedMove, { type: 'message' }>): string {
  switch (move.type) {
    case 'moved': {
      const attempt = move.attempts > 0 ? `, attempt ${move.attempts}` : '';
      const marks = move.possibleDuplicate ? ', possible duplicate' : '';
      return `slot ${move.slot} number ${move.seq} ${move.status}${attempt}${marks}`;
    }
    case 'freed':
      return `slot ${move.slot} free`;
    case 'ring':
      return move.size === 0 ? 'ring without epoch' : `ring of ${move.size} with epoch ${move.epoch.slice(0, 4)}…`;
    default:
      return move satisfies never;
  }
}
