import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../src/core/link/entries.ts';
import { decodeFrame } from '../../src/core/link/frame.ts';
import { type Seq, seq } from '../../src/core/ring/sequence.ts';
import type { LaneName } from '../../src/core/ring/status.ts';
import { LinkBatch, passingMs } from '../../src/shell/link-batch.ts';
import { valueCodec } from '../../src/shell/values.ts';
import type { LinkTransport } from '../../src/shell/web-socket.ts';

function setUp() {
  const frames: (readonly Entry[])[] = [];
  const transport: LinkTransport = {
    tlsExporter: undefined,
    send: (bytes) => {
      const frame = decodeFrame(bytes, valueCodec);
      frames.push(frame.ok ? frame.value : []);
    },
    close: () => {
      frames.push([]);
    },
    destroy: () => undefined,
    bufferedBytes: 0,
    remote: 'test',
  };
  return { batch: new LinkBatch(transport), frames };
}

function status(number: Seq, to: 'mirrored' | 'in-flight' | 'in-doubt' | 'confirmed', lane: LaneName = 'mt'): Entry {
  const outcome = to === 'confirmed' ? ({ status: to, stamp: '', errorCode: 0, by: 'answer' } as const) : undefined;
  const attempts = to === 'mirrored' ? 0 : 1;
  return { type: 'status', lane, state: { seq: number, status: to, attempts, possibleDuplicate: false, outcome } };
}

const settled: Entry = { type: 'settled', lane: 'mo', seq: seq(1), position: { run: 'a'.repeat(32), count: 1 } };

describe('LinkBatch', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends in one frame and in order what was added since the last flush', () => {
    const { batch, frames } = setUp();
    batch.add(status(seq(1), 'confirmed'));
    batch.add(settled);
    batch.flush();
    batch.flush();
    batch.add(settled);
    batch.flush();
    expect(frames).toEqual([[status(seq(1), 'confirmed'), settled], [settled]]);
  });

  it('sends only the last status of a message, at its place', () => {
    const { batch, frames } = setUp();
    batch.add(status(seq(1), 'in-doubt'));
    batch.add(status(seq(2), 'in-doubt'));
    batch.add(settled);
    batch.add(status(seq(1), 'confirmed'));
    batch.add(status(seq(1), 'in-doubt', 'mo'));
    batch.flush();
    const others = [status(seq(1), 'confirmed'), status(seq(1), 'in-doubt', 'mo')];
    expect(frames).toEqual([[status(seq(2), 'in-doubt'), settled, ...others]]);
  });

  it('sends a status again that went in an earlier frame', () => {
    const { batch, frames } = setUp();
    for (let count = 0; count < 2; count += 1) {
      batch.add(status(seq(1), 'confirmed'));
      batch.flush();
    }
    expect(frames).toEqual([[status(seq(1), 'confirmed')], [status(seq(1), 'confirmed')]]);
  });

  it('says nothing of how far a message has come where its end is told within a moment', () => {
    const { batch, frames } = setUp();
    for (const to of ['mirrored', 'in-flight', 'confirmed'] as const) {
      batch.add(status(seq(1), to));
      batch.flush();
    }
    vi.advanceTimersByTime(10 * passingMs);
    expect(frames).toEqual([[status(seq(1), 'confirmed')]]);
  });

  it('tells how far a message has come after that moment, once, and without another turn', () => {
    const { batch, frames } = setUp();
    batch.add(status(seq(1), 'mirrored'));
    batch.add(status(seq(2), 'mirrored'));
    batch.flush();
    vi.advanceTimersByTime(passingMs);
    batch.add(status(seq(1), 'in-flight'));
    batch.flush();
    expect(frames).toEqual([]);
    vi.advanceTimersByTime(passingMs);
    expect(frames).toEqual([[status(seq(1), 'in-flight'), status(seq(2), 'mirrored')]]);
    batch.add(status(seq(1), 'confirmed'));
    batch.flush();
    vi.advanceTimersByTime(10 * passingMs);
    expect(frames.slice(1)).toEqual([[status(seq(1), 'confirmed')]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait with a doubt, nor with what may have been handed over twice', () => {
    const { batch, frames } = setUp();
    const again = status(seq(2), 'mirrored');
    const marked: Entry =
      again.type === 'status' ? { ...again, state: { ...again.state, possibleDuplicate: true } } : again;
    batch.add(status(seq(1), 'in-doubt'));
    batch.add(marked);
    batch.flush();
    expect(frames).toEqual([[status(seq(1), 'in-doubt'), marked]]);
  });

  it('sends what waits before it closes', () => {
    const { batch, frames } = setUp();
    batch.add(status(seq(1), 'mirrored'));
    batch.close('the end');
    vi.advanceTimersByTime(10 * passingMs);
    expect(frames).toEqual([[status(seq(1), 'mirrored')], []]);
  });

  it('sends what it has before it closes', () => {
    const { batch, frames } = setUp();
    batch.add(settled);
    batch.close('the end');
    expect(frames).toEqual([[settled], []]);
  });
});
