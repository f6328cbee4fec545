import { describe, expect, it } from 'vitest';
import type { DialerInput } from '../../../src/core/link/dialer.ts';
import { encodeRefusal } from '../../../src/core/link/login.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { batchOf, LinkEnds, noBinding, said } from './link-ends.ts';

const closed: DialerInput = { type: 'closed', reason: 'cut' };

/** A dialer brought into each of its states by the shortest way. */
const into: Readonly<Record<string, (ends: LinkEnds) => void>> = {
  idle: () => undefined,
  waiting: (ends) => {
    ends.dial({ type: 'dial' });
    ends.dial(closed);
  },
  opening: (ends) => void ends.dial({ type: 'dial' }),
  greeting: (ends) => ends.connect(),
  up: (ends) => ends.logIn(),
  closing: (ends) => {
    ends.connect();
    ends.dial({ type: 'frame-in', bytes: noBinding });
  },
};

const inputs: Readonly<Record<string, DialerInput>> = {
  dial: { type: 'dial' },
  opened: { type: 'opened', binding: noBinding },
  garbage: { type: 'frame-in', bytes: Uint8Array.of(0xc1) },
  closed,
  stop: { type: 'stop' },
  tick: { type: 'tick' },
};

/** What each input does in each state; what is not here does nothing. */
const table: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  idle: { dial: ['open'] },
  waiting: {},
  opening: { opened: ['frame'], closed: [], stop: ['close undefined'] },
  greeting: { garbage: ['close LINK_BAD_FRAME'], stop: ['close undefined'] },
  up: {
    garbage: ['down LINK_BAD_FRAME', 'close LINK_BAD_FRAME'],
    closed: ['down LINK_UNREACHABLE'],
    stop: ['down LINK_UNREACHABLE', 'close undefined'],
  },
  closing: { stop: ['close undefined'] },
};

/** Milliseconds until the dialer tries again. */
function waitOf(ends: LinkEnds): number {
  return (ends.dialer.deadline() ?? Number.NaN) - ends.now;
}

describe('the dialer', () => {
  for (const state of Object.keys(into)) {
    for (const [name, input] of Object.entries(inputs)) {
      const expected = table[state]?.[name] ?? [];
      it(`in ${state} answers ${name} with ${expected.join(', ') || 'nothing'}`, () => {
        const ends = new LinkEnds();
        into[state]?.(ends);
        expect(said(ends.dial(input))).toEqual(expected);
      });
    }
  }

  it('dials again for ever, with jittered waits that grow with the time the line fails, up to 30 s', () => {
    const waits: number[] = [];
    const ends = new LinkEnds();
    ends.dial({ type: 'dial' });
    let awayMs = 0;
    for (let attempt = 0; attempt < 60; attempt += 1) {
      ends.dial(closed);
      const waitMs = waitOf(ends);
      const mostMs = Math.min(200 * 2 ** attempt, Math.max(250, awayMs / 4), 30_000);
      expect(waitMs).toBeGreaterThanOrEqual(Math.floor(mostMs / 2));
      expect(waitMs).toBeLessThanOrEqual(Math.ceil(mostMs));
      waits.push(waitMs);
      awayMs += waitMs;
      ends.pass(waitMs - 1);
      expect(said(ends.dial({ type: 'tick' }))).toEqual([]);
      ends.pass(1);
      expect(said(ends.dial({ type: 'tick' }))).toEqual(['open']);
    }
    expect(waits[0]).toBeLessThanOrEqual(200);
    expect(Math.max(...waits)).toBeGreaterThan(15_000);
    expect(new Set(waits.slice(-10)).size).toBeGreaterThan(5);
    const other = new LinkEnds({}, {}, 2);
    other.dial({ type: 'dial' });
    other.dial(closed);
    expect(waitOf(other)).not.toBe(waits[0]);
  });

  it('waits ever longer, up to 30 s, for a peer that refuses it', () => {
    const ends = new LinkEnds({ secret: new Uint8Array(32).fill(1) }, {});
    ends.dial({ type: 'dial' });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      ends.accept({ type: 'opened', binding: noBinding });
      ends.dial({ type: 'opened', binding: noBinding });
      ends.toAcceptor();
      ends.toDialer();
      ends.dial(closed);
      const waitMs = waitOf(ends);
      expect(waitMs).toBeGreaterThanOrEqual(Math.min(100 * 2 ** attempt, 15_000));
      waits.push(waitMs);
      ends.pass(waitMs);
      ends.dial({ type: 'tick' });
    }
    expect(waits.at(-1)).toBeGreaterThanOrEqual(15_000);
  });

  it.each([
    ['is cut', (ends: LinkEnds) => ends.dial(closed)],
    [
      'falls silent',
      (ends: LinkEnds) => {
        ends.pass(20_000);
        expect(said(ends.dial({ type: 'tick' }))).toEqual(['down LINK_TIMEOUT', 'close LINK_TIMEOUT']);
        return ends.dial(closed);
      },
    ],
  ])('dials at once when a connection that held %s, and forgets earlier failures', (_, end) => {
    const ends = new LinkEnds();
    ends.dial({ type: 'dial' });
    for (let attempt = 0; attempt < 12; attempt += 1) {
      ends.dial(closed);
      ends.pass(waitOf(ends));
      ends.dial({ type: 'tick' });
    }
    ends.accept({ type: 'opened', binding: noBinding });
    ends.dial({ type: 'opened', binding: noBinding });
    ends.toAcceptor();
    ends.toDialer();
    ends.pass(500);
    expect(said(end(ends))).toContain('open');
    ends.dial(closed);
    expect(waitOf(ends)).toBeLessThanOrEqual(200);
  });

  it('waits when a connection fell right after the login, or two ends that disagree would dial without rest', () => {
    const ends = new LinkEnds();
    ends.logIn();
    ends.pass(499);
    expect(said(ends.dial(closed))).toEqual(['down LINK_UNREACHABLE']);
    expect(waitOf(ends)).toBeGreaterThanOrEqual(100);
  });

  it('does not wait ever longer on a link that lasts two seconds at a time', () => {
    const ends = new LinkEnds();
    ends.dial({ type: 'dial' });
    for (let cut = 0; cut < 20; cut += 1) {
      ends.accept({ type: 'opened', binding: noBinding });
      ends.dial({ type: 'opened', binding: noBinding });
      ends.toAcceptor();
      ends.toDialer();
      ends.pass(2_000);
      expect(said(ends.dial(closed))).toContain('open');
      ends.dial(closed);
      const waitMs = waitOf(ends);
      expect(waitMs).toBeLessThanOrEqual(200);
      ends.pass(waitMs);
      ends.dial({ type: 'tick' });
    }
  });

  it('begins the waiting anew when the line broke behind a login, however soon', () => {
    const ends = new LinkEnds();
    ends.dial({ type: 'dial' });
    for (let attempt = 0; attempt < 12; attempt += 1) {
      ends.dial(closed);
      ends.pass(waitOf(ends));
      ends.dial({ type: 'tick' });
    }
    ends.accept({ type: 'opened', binding: noBinding });
    ends.dial({ type: 'opened', binding: noBinding });
    ends.toAcceptor();
    ends.toDialer();
    ends.dial(closed);
    expect(waitOf(ends)).toBeLessThanOrEqual(200);
  });

  it('gives a connection up that does not open or answer within 15 s', () => {
    const opening = new LinkEnds();
    opening.dial({ type: 'dial' });
    const greeting = new LinkEnds();
    greeting.connect();
    for (const ends of [opening, greeting]) {
      ends.pass(14_999);
      expect(said(ends.dial({ type: 'tick' }))).toEqual([]);
      ends.pass(1);
      expect(said(ends.dial({ type: 'tick' }))).toEqual(['close LINK_TIMEOUT']);
      // Nothing more is done with that connection before it says that it is closed.
      expect(ends.dialer.deadline()).toBeUndefined();
      expect(said(ends.dial({ type: 'opened', binding: noBinding }))).toEqual([]);
      ends.dial(closed);
      expect(waitOf(ends)).toBeGreaterThanOrEqual(100);
    }
  });

  it('dials no more after stop', () => {
    const ends = new LinkEnds();
    ends.logIn();
    ends.dial({ type: 'stop' });
    expect(said(ends.dial(closed))).toEqual([]);
    expect(ends.dialer.deadline()).toBeUndefined();
  });

  it('keeps the reason of the last failure until it is up again', () => {
    const ends = new LinkEnds();
    ends.connect();
    const bytes = encodeRefusal({ code: 'LINK_UNKNOWN_SMSC', message: 'no such SMSC' }, valueCodec);
    ends.dial({ type: 'frame-in', bytes });
    ends.dial({ type: 'closed', reason: 'closed by the other end' });
    expect(ends.dialer.lastProblem).toEqual({ code: 'LINK_UNKNOWN_SMSC', reason: 'no such SMSC' });
    ends.pass(waitOf(ends));
    ends.dial({ type: 'tick' });
    ends.accept({ type: 'opened', binding: noBinding });
    ends.dial({ type: 'opened', binding: noBinding });
    ends.toAcceptor();
    ends.toDialer();
    expect(ends.dialer.lastProblem).toBeUndefined();
  });

  it('sends a heartbeat at once and then every 5 s, and dies after 20 s without a byte', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const beats: number[] = [];
    const since = ends.now;
    for (let at = ends.dialer.deadline(); ends.dialer.isUp && at !== undefined; at = ends.dialer.deadline()) {
      ends.now = at;
      if (said(ends.dial({ type: 'tick' })).includes('entry-out heartbeat')) beats.push(at - since);
    }
    expect(beats).toEqual([5_000, 10_000, 15_000]);
    expect(ends.now - since).toBe(20_000);
    expect(ends.dialer.lastProblem?.code).toBe('LINK_TIMEOUT');
  });

  it('lives as long as any byte comes', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const [beat] = batchOf(ends.saidByAcceptor);
    for (let second = 0; second < 100; second += 19) {
      ends.pass(19_000);
      ends.dial({ type: 'frame-in', bytes: beat ?? noBinding });
      ends.dial({ type: 'tick' });
      expect(ends.dialer.isUp).toBe(true);
    }
  });
});
