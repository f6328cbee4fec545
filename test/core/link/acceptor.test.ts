import { describe, expect, it } from 'vitest';
import type { AcceptorInput } from '../../../src/core/link/acceptor.ts';
import { batchOf, LinkEnds, noBinding, said } from './link-ends.ts';

/** An acceptor brought into each of its states by the shortest way. */
const into: Readonly<Record<string, (ends: LinkEnds) => void>> = {
  opening: () => undefined,
  'awaiting-hello': (ends) => void ends.accept({ type: 'opened', binding: noBinding }),
  'awaiting-proof': (ends) => {
    ends.connect();
    ends.toAcceptor();
  },
  up: (ends) => ends.logIn(),
  closed: (ends) => {
    ends.logIn();
    ends.accept({ type: 'closed', reason: 'cut' });
  },
};

const inputs: Readonly<Record<string, AcceptorInput>> = {
  garbage: { type: 'frame-in', bytes: Uint8Array.of(0xc1) },
  closed: { type: 'closed', reason: 'cut' },
  replace: { type: 'replace', code: 'LINK_ANOTHER_BUFFER', reason: 'newer' },
  tick: { type: 'tick' },
};

const refused = ['frame', 'down LINK_BAD_FRAME', 'close LINK_BAD_FRAME'];
const replaced = ['down LINK_ANOTHER_BUFFER', 'close LINK_ANOTHER_BUFFER'];

/** What each input does in each state; what is not here does nothing. */
const table: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  opening: { closed: ['down LINK_UNREACHABLE'], replace: replaced },
  'awaiting-hello': { garbage: refused, closed: ['down LINK_UNREACHABLE'], replace: replaced },
  'awaiting-proof': { garbage: refused, closed: ['down LINK_UNREACHABLE'], replace: replaced },
  // Once it is up no frame of the login is sent any more: the reason travels in the close.
  up: { garbage: refused.slice(1), closed: ['down LINK_UNREACHABLE'], replace: replaced },
  closed: {},
};

describe('the acceptor', () => {
  for (const state of Object.keys(into)) {
    for (const [name, input] of Object.entries(inputs)) {
      const expected = table[state]?.[name] ?? [];
      it(`in ${state} answers ${name} with ${expected.join(', ') || 'nothing'}`, () => {
        const ends = new LinkEnds();
        into[state]?.(ends);
        expect(said(ends.accept(input))).toEqual(expected);
      });
    }
  }

  it('closes a connection that does not log in within 15 s of each step', () => {
    const ends = new LinkEnds();
    ends.connect();
    ends.pass(14_999);
    expect(said(ends.accept({ type: 'tick' }))).toEqual([]);
    ends.toAcceptor();
    ends.pass(14_999);
    expect(said(ends.accept({ type: 'tick' }))).toEqual([]);
    ends.pass(1);
    expect(ends.acceptor.deadline()).toBe(ends.now);
    expect(said(ends.accept({ type: 'tick' }))).toEqual(['down LINK_TIMEOUT', 'close LINK_TIMEOUT']);
    expect(ends.acceptor.deadline()).toBeUndefined();
  });

  it('refuses a proof before the hello and a second hello', () => {
    const other = new LinkEnds();
    other.logIn();
    const [hello, proof] = other.fromDialer;
    const early = new LinkEnds();
    early.connect();
    expect(said(early.accept({ type: 'frame-in', bytes: proof ?? noBinding }))).toEqual(refused);
    const twice = new LinkEnds();
    twice.connect();
    twice.toAcceptor();
    expect(said(twice.accept({ type: 'frame-in', bytes: hello ?? noBinding }))).toEqual(refused);
  });

  it('reads nothing more once a newer connection took its place', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const batch = batchOf(ends.saidByDialer);
    ends.accept({ type: 'replace', code: 'LINK_ANOTHER_BUFFER', reason: 'newer' });
    for (const bytes of batch) expect(ends.accept({ type: 'frame-in', bytes })).toEqual([]);
    expect(ends.acceptor.peer).toBeUndefined();
  });

  it('sends a heartbeat at once and then every 5 s, and dies after 20 s without a byte', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const beats: number[] = [];
    const since = ends.now;
    for (let at = ends.acceptor.deadline(); at !== undefined; at = ends.acceptor.deadline()) {
      ends.now = at;
      if (said(ends.accept({ type: 'tick' })).includes('entry-out heartbeat')) beats.push(at - since);
    }
    expect(beats).toEqual([5_000, 10_000, 15_000]);
    expect(ends.now - since).toBe(20_000);
  });

  it('measures the round trip and the difference of the clocks by heartbeats', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const aheadMs = 3_600_000;
    const beatOf = (outputs: typeof ends.saidByDialer) => batchOf(outputs).at(-1) ?? noBinding;
    // The buffer's beat takes 80 ms, lies there for 2 s, and the next of the IM server takes 120 ms.
    const beat = beatOf(ends.saidByDialer);
    ends.pass(80 + aheadMs);
    ends.accept({ type: 'frame-in', bytes: beat });
    ends.pass(4_920);
    const answer = beatOf([...ends.accept({ type: 'tick' })]);
    ends.pass(120 - aheadMs);
    ends.dial({ type: 'frame-in', bytes: answer });
    expect(ends.dialer.pulse?.rttMs).toBeCloseTo(200, 3);
    // Half the round trip off at most: the two ways need not take equally long.
    expect(Math.abs((ends.dialer.pulse?.skewMs ?? 0) - aheadMs)).toBeLessThanOrEqual(100);
  });
});
