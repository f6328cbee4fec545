import { describe, expect, it } from 'vitest';
import { plainPainter } from '../../../src/cli/colour.ts';
import { type DemoView, type MessageLine, viewLines } from '../../../src/cli/demo/view.ts';
import { displayWidth } from '../../../src/cli/table.ts';
import type { RingView, SlotView } from '../../../src/core/store/ring-view.ts';

function ring(lane: 'mt' | 'mo', side: RingView['side'], newest: number): RingView {
  const slots = Array.from({ length: 255 }, (_, index): SlotView => {
    const place = { slot: index + 1, attempts: 0, possibleDuplicate: false };
    return index < newest ? { ...place, seq: index + 1, status: 'placed' } : { ...place, status: 'free' };
  });
  return { smscId: 'demo', side, lane, end: 'producer', epoch: 'e', size: 255, slots };
}

function message(text: string): MessageLine {
  return { time: '12:00:00', from: 'bob', to: '+639181234567', text, step: 'stored, 0.1 s', mood: 'waiting' };
}

const view: DemoView = {
  invitation: {
    url: 'http://127.0.0.1:40000/',
    users: [
      { name: 'alice', password: 'secret-a' },
      { name: 'bob', password: 'secret-b' },
    ],
    commands: ['export XDG_STATE_HOME=/tmp/x', 'ringbridge smsc inject "Hello"', 'ringbridge ring inspect --map'],
  },
  link: { smscId: 'demo', state: 'up', since: 0, rttMs: 204 },
  cuts: {
    connections: 1,
    cuts: 3,
    cutsFelt: 2,
    cutsUnconnected: 0,
    bytesMetByCuts: [300, 0, 500],
    bytesInTransitAtCut: 0,
    bytesRelayed: 0,
    state: 'linked',
    changesInMs: 4_100,
  },
  lanes: [
    { lane: 'mt', imServer: ring('mt', 'im-server', 70), buffer: ring('mt', 'buffer', 68) },
    { lane: 'mo', buffer: ring('mo', 'buffer', 2), imServer: ring('mo', 'im-server', 1) },
  ],
  messages: Array.from({ length: 30 }, (_, n) => message(`text ${n} 你好 ${'x'.repeat(n * 10)}`)),
  handsets: [
    { number: '+639171234567', received: 0, last: '' },
    { number: '+639181234567', received: 12, last: 'y'.repeat(200) },
  ],
};

function show(columns: number, rows: number, what: DemoView = view): readonly string[] {
  return viewLines(what, { columns, rows, paint: plainPainter });
}

describe('the screen of the demo', () => {
  it.each([
    [80, 24],
    [200, 60],
    [60, 20],
    [40, 10],
  ])('never goes beyond %i × %i', (columns, rows) => {
    const lines = show(columns, rows);
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
  });

  it('says on 80 × 24 what to open and what to type, in full', () => {
    const text = show(80, 24).join('\n');
    expect(text).toContain('http://127.0.0.1:40000/   as alice, password secret-a');
    expect(text).toContain('as bob, password secret-b');
    for (const command of view.invitation.commands) expect(text).toContain(command);
  });

  it('shows of both copies the same part of the ring: where the newest message is', () => {
    const lines = show(80, 24);
    const at = lines.findIndex((line) => line.startsWith('mt'));
    expect(lines[at]).toContain('slots 65–128');
    expect(lines[at + 1]?.trim()).toBe(`im-server ${'p'.repeat(6)}${'·'.repeat(58)}`);
    expect(lines[at + 2]?.trim()).toBe(`buffer    ${'p'.repeat(4)}${'·'.repeat(60)}`);
  });

  it('counts a cut down, and says when it is over', () => {
    expect(show(80, 24).join('\n')).toContain('next cut in 5 s (3 so far)');
    const cut = { ...view, cuts: view.cuts && { ...view.cuts, state: 'cut' as const, changesInMs: 900 } };
    expect(show(80, 24, cut).join('\n')).toContain('cut, 1 s more');
  });

  it('shows the newest messages, and both handsets at the bottom', () => {
    const lines = show(80, 24);
    expect(lines.some((line) => line.includes('text 29'))).toBe(true);
    expect(lines.some((line) => line.includes('text 3 '))).toBe(false);
    expect(lines.at(-1)).toContain('+639181234567    12 received');
  });

  it('does not let a text steer the terminal', () => {
    const lines = show(80, 24, { ...view, messages: [message('\u001b[2Jgone')] });
    expect(lines.join('')).not.toContain('\u001b');
    expect(lines.join('')).toContain('\\x1b[2Jgone');
  });

  it('says which role is not running', () => {
    const lanes = view.lanes.map((lane) => ({ ...lane, buffer: undefined }));
    expect(show(80, 24, { ...view, lanes }).join('\n')).toContain('not running');
  });
});
