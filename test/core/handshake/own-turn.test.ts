/** The client's requests alone: numbers, repetitions and what an answer is taken for, without a session around them. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { Packet, Parameter } from '../../../src/core/codec/packet.ts';
import { firstClientNumber, packetNumber } from '../../../src/core/codec/packet-number.ts';
import { OwnTurn, type OwnTurnOutput, type RequestOwner } from '../../../src/core/handshake/own-turn.ts';
import { clientSettings } from './settings.ts';

const timeoutMs = 60_000;
const destination: readonly Parameter[] = [{ code: 21, value: '1' }];
const at = (ms: number) => instant(ms);

function turnWith(changes: Parameters<typeof clientSettings>[0] = {}): OwnTurn {
  return new OwnTurn(clientSettings({ answerTimeoutMs: timeoutMs, ...changes }), firstClientNumber);
}

function caller(ref: number, onTimeout: 'ask' | 'repeat' | 'close' = 'ask'): RequestOwner {
  return { type: 'caller', ref, onTimeout };
}

function answer(operation: number, number: number, parameters: readonly Parameter[] = []): Packet {
  return { operation, packetNumber: packetNumber(number), parameters };
}

/** Its type; of what was written the number. */
function said(output: OwnTurnOutput): string {
  if (output.type === 'write') return `write ${output.packet.packetNumber}`;
  return output.type === 'log' ? output.event : output.type;
}

describe('a request', () => {
  it('gets odd numbers that go up by two (4.1), and takes its place of the window until it is answered', () => {
    const turn = turnWith({ window: 3 });
    expect([1, 2, 3].map((ref) => said(turn.send(caller(ref), 3, destination, at(0))))).toEqual([
      'write 1',
      'write 3',
      'write 5',
    ]);
    expect(turn.capacity()).toBe(0);
    turn.response(answer(53, 3, destination), at(1));
    // The oldest one is still out: an answer in between frees nothing.
    expect(turn.capacity()).toBe(0);
    turn.response(answer(53, 1, destination), at(2));
    expect(turn.capacity()).toBe(2);
  });

  it.each([
    { owner: { type: 'login' } as const, becomes: 'unanswered' },
    { owner: { type: 'log-out' } as const, becomes: 'unanswered' },
    { owner: { type: 'alive' } as const, becomes: 'write 1' },
    { owner: { type: 'poll' } as const, becomes: 'write 1' },
    { owner: caller(1, 'ask'), becomes: 'repeat-wanted' },
    { owner: caller(1, 'repeat'), becomes: 'write 1' },
    { owner: caller(1, 'close'), becomes: 'unanswered' },
  ])('that is not answered, of $owner, becomes $becomes', ({ owner, becomes }) => {
    const turn = turnWith();
    turn.send(owner, 3, destination, at(0));
    expect(turn.deadline()).toBe(timeoutMs);
    expect(turn.tick(at(timeoutMs - 1))).toEqual([]);
    expect(turn.tick(at(timeoutMs)).map(said)).toEqual(['session.timeout', becomes]);
  });

  it('is never repeated with a window (4.3), and nothing is said of those behind it', () => {
    const turn = turnWith({ window: 4 });
    turn.send(caller(1, 'repeat'), 3, destination, at(0));
    turn.send(caller(2, 'repeat'), 3, destination, at(0));
    expect(turn.tick(at(timeoutMs)).map(said)).toEqual(['session.timeout', 'unanswered']);
    expect(turn.abandon()).toEqual([1, 2]);
    expect(turn.isIdle).toBe(true);
  });

  it('that its owner allows to be repeated goes out with the same bytes, once', () => {
    const turn = turnWith();
    const first = turn.send(caller(1), 3, destination, at(0));
    turn.tick(at(timeoutMs));
    expect(turn.repeat(1, at(timeoutMs))).toEqual(first);
    expect(said(turn.repeat(1, at(timeoutMs)))).toBe('session.repeat-too-late');
  });
});

describe('an answer', () => {
  it('is taken once, and told of when it comes again (4.3)', () => {
    const turn = turnWith();
    const owner = caller(1);
    turn.send(owner, 3, destination, at(0));
    const yes = answer(53, 1, destination);
    expect(turn.response(yes, at(1))).toEqual({ type: 'answered', owner, answer: yes, isSessionForgotten: false });
    expect(said(turn.response(yes, at(2)))).toBe('session.second-answer');
  });

  it('to another operation ends everything, for its number proves nothing any more', () => {
    const turn = turnWith();
    turn.send(caller(1), 3, destination, at(0));
    expect(turn.response(answer(90, 1), at(1))).toMatchObject({ type: 'failed', code: 'SESSION_UNEXPECTED_RESPONSE' });
  });

  it.each([
    { out: 1, numbered: 'by-nobody', becomes: 'answered' },
    { out: 1, numbered: 'by-the-smsc', becomes: 'session.unexpected-response' },
    { out: 2, numbered: 'by-nobody', becomes: 'failed' },
    { out: 0, numbered: 'by-nobody', becomes: 'session.unexpected-response' },
  ] as const)('98 under a number $numbered, with $out outstanding, is $becomes (2.3)', ({ out, numbered, becomes }) => {
    const turn = turnWith({ window: 4 });
    for (let ref = 1; ref <= out; ref += 1) turn.send(caller(ref), 3, destination, at(0));
    expect(said(turn.generalError(answer(98, 8), numbered, at(1)))).toBe(becomes);
  });

  it('says that the SMSC began anew only where it answered that operation before (6.3)', () => {
    const turn = turnWith();
    const refused = (number: number) =>
      turn.generalError(answer(98, number, [{ code: 900, value: '1' }]), 'by-nobody', at(1));
    turn.send(caller(1), 3, destination, at(0));
    expect(refused(1)).toMatchObject({ type: 'answered', isSessionForgotten: false });
    turn.send(caller(2), 3, destination, at(0));
    turn.response(answer(53, 3, destination), at(1));
    turn.send(caller(3), 3, destination, at(2));
    expect(refused(5)).toMatchObject({ type: 'answered', isSessionForgotten: true });
  });
});

describe('a NACK (4.4)', () => {
  it('has all sent again from the number that it names, the first time', () => {
    const turn = turnWith({ window: 4 });
    for (const ref of [1, 2, 3]) turn.send(caller(ref), 3, destination, at(0));
    const nacked = () => turn.nacked(packetNumber(3), 'windowed', at(1)).map(said);
    expect(nacked()).toEqual(['session.nack-received', 'write 3', 'write 5']);
    expect(nacked()).toEqual(['session.nack-received']);
  });

  it('gives the only request the number that the SMSC expects, and goes on from there', () => {
    const turn = turnWith();
    turn.send(caller(1), 3, destination, at(0));
    expect(turn.nacked(packetNumber(9), 'one-at-a-time', at(1)).map(said)).toEqual([
      'session.nack-received',
      'write 9',
    ]);
    expect(turn.nextNumber).toBe(11);
    expect(said(turn.response(answer(53, 9, destination), at(2)))).toBe('answered');
  });
});
