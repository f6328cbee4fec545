/** The SMSC's turn with a window: what the dialogues do not show. */
import { describe, expect, test } from 'vitest';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { Packet } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { IncomingTurn, type IncomingVerdict } from '../../../src/core/handshake/incoming.ts';

const now = instant(0);

/** Takes a deliver; its text tells its bytes apart, its token is its number unless told otherwise. */
function take(turn: IncomingTurn, number: number, text = 'a', token = number): IncomingVerdict {
  return turn.take(deliver(number), fromLatin1(`${number}${text}`), token, now);
}

function deliver(number: number): Packet {
  return { operation: 20, packetNumber: packetNumber(number), parameters: [] };
}

function answer(turn: IncomingTurn, token: number, number = token): void {
  const packet: Packet = { operation: 70, packetNumber: packetNumber(number), parameters: [] };
  turn.answered(token, { packet, bytes: fromLatin1(`answer ${number}`) }, 'owner', now);
}

const isNew = { type: 'new', withdrawn: [], proved: [], insteadOf: undefined };

describe('the SMSC’s turn', () => {
  test('a number that was skipped may still come, and is nothing out of turn for those behind it (5.3)', () => {
    const turn = new IncomingTurn(3);
    expect(take(turn, 0)).toEqual(isNew);
    expect(take(turn, 4)).toEqual({ ...isNew, insteadOf: 2 });
    expect(take(turn, 2)).toEqual({ ...isNew, insteadOf: 6 });
    expect(turn.expected).toBe(6);
    answer(turn, 0);
    answer(turn, 4);
    expect(take(turn, 6)).toEqual({ ...isNew, proved: [0] });
    expect(take(turn, 4).type).toBe('repetition');
    // 2 is still unanswered, so a peer that goes two on from here has given it up.
    expect(take(turn, 8)).toEqual({ ...isNew, withdrawn: [2] });
  });

  test('a repetition that comes late is known by its number, however the others arrived', () => {
    const turn = new IncomingTurn(2);
    take(turn, 2);
    take(turn, 0);
    answer(turn, 0);
    take(turn, 4);
    expect(take(turn, 2).type).toBe('repetition');
  });

  test('the same bytes a whole round of numbers later are a new request (4.1)', () => {
    // Not with 128: then every number is in use, and equal bytes cannot be told apart.
    for (const window of [1, 64, 127]) {
      const turn = new IncomingTurn(window);
      for (let i = 0; i < 300; i += 1) {
        expect(take(turn, (2 * i) % 256, 'same', i).type).toBe('new');
        answer(turn, i, (2 * i) % 256);
      }
    }
  });

  test('the same number with other bytes is a new request, but proves nothing', () => {
    const turn = new IncomingTurn(1);
    take(turn, 0, 'a', 1);
    answer(turn, 1, 0);
    expect(take(turn, 0, 'b', 2)).toEqual({ ...isNew, insteadOf: 2 });
    answer(turn, 2, 0);
    expect(take(turn, 2, 'c', 3)).toEqual({ ...isNew, proved: [2] });
    turn.logOutSent();
    expect(turn.logOutAnswered()).toEqual([1]);
  });

  test('an answer that goes out behind our log-out is not proved by its answer', () => {
    const turn = new IncomingTurn(2);
    take(turn, 0);
    take(turn, 2);
    answer(turn, 0);
    turn.logOutSent();
    answer(turn, 2);
    expect(turn.logOutAnswered()).toEqual([0]);
  });
});
