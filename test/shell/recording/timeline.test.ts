/** What real roles recorded, looked into at every place; and files made by hand for what does not happen every day. */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { leadsTo } from '../../../src/core/ring/status.ts';
import { entryKind } from '../../../src/shell/recording/entry-kind.ts';
import { findRecording } from '../../../src/shell/recording/recording-reader.ts';
import { RingPast } from '../../../src/shell/recording/ring-past.ts';
import { encodeBlock, readBlocks, segmentHeader } from '../../../src/shell/recording/segment.ts';
import { Timeline } from '../../../src/shell/recording/timeline.ts';
import { readFrame, type TimelineEvent } from '../../../src/shell/recording/timeline-event.ts';
import { readRings } from '../../../src/shell/ring-reader.ts';
import { type SmallBridge, startSmallBridge } from './small-bridge.ts';

let bridge: SmallBridge;
let dir = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringbridge-timeline-'));
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 });
  await bridge.carry(Array.from({ length: 20 }, (_, at) => `text ${at}`));
  await bridge.writeBack('hello back');
  await bridge.drain();
  bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000 }, bridge);
  await bridge.carry(['text of the second start']);
  await bridge.drain();
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await bridge.clear();
});

function opened(path: string): Timeline {
  const timeline = new Timeline(path);
  timeline.readOn();
  return timeline;
}

const dirOf = (side: 'buffer' | 'im-server'): string => (side === 'buffer' ? bridge.bufferDir : bridge.imDir);
const inputsOf = (events: Iterable<TimelineEvent>) => [...events].filter((event) => event.type === 'input');
const sides = [['buffer'], ['im-server']] as const;

describe('a timeline', () => {
  it.each(sides)('of a %s numbers its inputs from 1 and tells each start and end', (side) => {
    const timeline = opened(dirOf(side));
    const events = [...timeline.events()];
    const inputs = inputsOf(events);
    expect(inputs.map(({ number }) => number)).toEqual(Array.from({ length: timeline.last }, (_, at) => at + 1));
    expect(events.filter(({ type }) => type === 'life')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'end')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'break')).toEqual([]);
    expect(timeline).toMatchObject({ side, smscIds: ['hel1'], first: 1, end: 'whole' });
    expect(timeline.to).toBe(events.at(-1)?.at);
  });

  it.each(sides)('of a %s ends with the rings that its store holds, messages included', async (side) => {
    const now = opened(dirOf(side)).now;
    const { rings } = await readRings(dirOf(side));
    const shown = (all: typeof rings) =>
      all.map((ring) => ({
        ...ring,
        mirrorStore: undefined,
        slots: ring.slots.map((slot) => ({ ...slot, movedAt: undefined, isOffered: undefined })),
      }));
    expect(shown(now.rings)).toEqual(shown(rings));
    expect(
      now.rings.flatMap(({ slots }) => slots).filter(({ message }) => message !== undefined).length,
    ).toBeGreaterThan(40);
  });

  it.each(sides)('of a %s moves every slot along the table, from what it was: DESIGN section 2', (side) => {
    const moves = inputsOf(opened(dirOf(side)).events()).flatMap((event) => event.moves);
    const wrong = moves.filter(({ before, after }) => {
      const from = before?.seq === after?.seq ? (before?.status ?? 'free') : 'free';
      return !leadsTo(from, after?.status ?? 'free');
    });
    expect([...new Set(wrong.map(({ lane, before, after }) => `${lane} ${before?.status} ${after?.status}`))]).toEqual(
      [],
    );
    expect(moves.length).toBeGreaterThan(100);
  });

  it('shows the rings behind every input as they are when it is gone through', () => {
    const timeline = opened(bridge.bufferDir);
    const letters = (all: NonNullable<ReturnType<Timeline['momentAt']>>['rings']) =>
      all.flatMap(({ slots }) => slots.map(({ seq = 0, status, attempts }) => `${seq} ${status} ${attempts}`));
    const slots = new Map<string, string>();
    for (const event of timeline.events()) {
      if (event.type !== 'input') continue;
      for (const { lane, slot, after } of event.moves) {
        slots.set(`${lane} ${slot}`, `${after?.seq ?? 0} ${after?.status ?? 'free'} ${after?.attempts ?? 0}`);
      }
      if (event.number % 7 !== 0) continue;
      const moment = timeline.momentAt(event.number);
      expect(moment).toMatchObject({ number: event.number, at: event.at });
      const known = letters(moment?.rings ?? []).filter((text) => !text.startsWith('0 '));
      expect(known.sort()).toEqual([...slots.values()].filter((text) => !text.startsWith('0 ')).sort());
    }
    expect(slots.size).toBeGreaterThan(20);
  });

  it('finds the moment of a time behind all that was recorded until then', () => {
    const timeline = opened(bridge.bufferDir);
    const [first, ...rest] = inputsOf(timeline.events());
    const last = rest.findLast(({ at }) => at === rest[40]?.at);
    expect(timeline.momentAtTime(instant(rest[40]?.at ?? 0))?.number).toBe(last?.number);
    expect(timeline.momentAtTime(instant((first?.at ?? 0) - 10_000))).toBeUndefined();
    expect(timeline.momentAtTime(instant((timeline.to ?? 0) + 10_000))?.number).toBe(timeline.last);
    expect(timeline.momentAt(timeline.last + 1)).toBeUndefined();
    expect(timeline.momentAt(0)?.rings.flatMap(({ slots }) => slots)).toEqual([]);
  });

  it('has what was said to the peers where it is played: each submit as one packet, each answer in what came', () => {
    const events = inputsOf(opened(bridge.bufferDir).played());
    const sent = events.flatMap((event) => event.sent ?? []);
    const packets = sent.flatMap((each) => (each.over === 'smsc' ? each.packets : [])).map(textOf);
    const answers = events
      .flatMap(({ received }) => received)
      .flatMap((each) => (each.over === 'smsc' ? each.packets : []))
      .map(textOf);
    expect(packets.filter((text) => text.startsWith('\x0203:'))).toHaveLength(21);
    expect(answers.filter((text) => text.startsWith('\x0253:'))).toHaveLength(21);
    expect(events.every((event) => event.sent !== undefined)).toBe(true);
    const frames = sent.flatMap((each) => (each.over === 'link' ? [readFrame(each.bytes)] : []));
    const entries = frames.flatMap((frame) => (frame.type === 'entries' ? frame.entries : []));
    expect(entries.filter((entry) => entry.type === 'place').map(({ lane }) => lane)).toContain('mo');
    expect(frames.filter(({ type }) => type === 'unreadable')).toEqual([]);
  });

  it('plays a late range from the start of its own life', () => {
    const timeline = opened(bridge.bufferDir);
    const lives = [...timeline.events()].filter(({ type }) => type === 'life');
    const from = (lives[1]?.number ?? 0) + 5;
    const late = inputsOf(timeline.played({ from, to: from + 20 }));
    const all = inputsOf(timeline.played()).filter(({ number }) => number >= from && number <= from + 20);
    expect(late).toEqual(all);
    expect(late.length).toBeGreaterThan(5);
    expect(late.every((event) => event.sent !== undefined)).toBe(true);
  });

  it('of the SMSC has what its applications said and what it answered, and no rings', () => {
    const [smscDir = ''] = bridge.dirs;
    const timeline = opened(smscDir);
    const events = inputsOf(timeline.played());
    const packets = (of: 'received' | 'sent') =>
      events
        .flatMap((event) => event[of] ?? [])
        .flatMap((each) => (each.over === 'smsc' ? each.packets.map(textOf) : []));
    expect(timeline.side).toBe('smsc');
    expect(packets('received').filter((text) => text.startsWith('\x0203:'))).toHaveLength(21);
    expect(packets('sent').filter((text) => text.startsWith('\x0253:'))).toHaveLength(21);
    expect(timeline.now.rings).toEqual([]);
  });

  it('without playing leaves open what was said', () => {
    const events = inputsOf(opened(bridge.bufferDir).events({ from: 10, to: 30 }));
    expect(events.map(({ number, sent }) => [number, sent])).toEqual(
      Array.from({ length: 21 }, (_, at) => [at + 10, undefined]),
    );
    expect(opened(bridge.bufferDir).event(12)).toEqual(events[2]);
  });
});

describe('a timeline where numbers and texts were not kept', () => {
  it('has the packets that were sent without playing, and rings without messages', async () => {
    const masked = await startSmallBridge({ limitBytes: 1024 * 1024, keepMs: 86_400_000, privacy: 'masked' });
    await masked.carry(['one', 'two']);
    await masked.drain();
    const timeline = opened(masked.bufferDir);
    const events = inputsOf(timeline.events());
    await masked.clear();
    const packets = events
      .flatMap(({ sent }) => sent ?? [])
      .flatMap((each) => (each.over === 'smsc' ? each.packets : []));
    expect(packets.map(textOf).filter((text) => text.startsWith('\x0203:'))).toHaveLength(2);
    expect(events.filter(({ sent }) => sent === undefined)).toEqual([]);
    const used = timeline.now.rings.flatMap(({ slots }) => slots).filter(({ status }) => status !== 'free');
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter(({ message, contentHash }) => message !== undefined || contentHash !== undefined)).toEqual([]);
  });
});

describe('a timeline of files that are being written', () => {
  /** Blocks of the buffer's recording, one by one. */
  const blocks = () =>
    findRecording(bridge.bufferDir).map((file) =>
      [...readBlocks(readFileSync(file))].map((block) => encodeBlock(block)),
    );

  it('reads on where it was, however the file was cut when it looked', () => {
    const folder = join(dir, 'growing');
    mkdirSync(folder);
    const timeline = new Timeline(folder);
    for (const [at, file] of blocks().entries()) {
      const path = join(folder, `0000000${at + 1}.rec`);
      writeFileSync(path, segmentHeader);
      for (const block of file) {
        const half = Math.floor(block.length / 2);
        appendFileSync(path, block.subarray(0, half));
        timeline.readOn();
        appendFileSync(path, block.subarray(half));
        timeline.readOn();
        expect(timeline.momentAt(timeline.last)?.rings).toEqual(timeline.now.rings);
      }
    }
    const whole = opened(bridge.bufferDir);
    expect([...timeline.events()]).toEqual([...whole.events()]);
    expect(timeline.now).toEqual(whole.now);
  });

  it('reads in portions for a reader that has something else to do', () => {
    const timeline = new Timeline(bridge.bufferDir);
    let portions = 1;
    while (timeline.readOn(10_000) === 'more') portions += 1;
    expect(portions).toBeGreaterThan(2);
    expect(timeline.now).toEqual(opened(bridge.bufferDir).now);
  });

  it('goes on counting when its oldest files are deleted', () => {
    const folder = join(dir, 'rotating');
    cpSync(join(bridge.bufferDir, 'recording'), folder, { recursive: true });
    const timeline = opened(folder);
    const [first = '', second = ''] = findRecording(folder);
    const { last } = timeline;
    const kept = [...new Timeline(second).events()];
    expect(kept).toEqual([]);
    rmSync(first);
    timeline.readOn();
    expect(timeline.last).toBe(last);
    expect(timeline.first).toBeGreaterThan(1);
    expect(timeline.event(1)).toBeUndefined();
    expect(timeline.momentAt(1)).toBeUndefined();
    expect(inputsOf(timeline.events())[0]?.number).toBe(timeline.first);
    expect(timeline.momentAt(last)?.number).toBe(last);
  });

  it('tells where a file is cut off or damaged, and goes on with the rings of the next', () => {
    const folder = join(dir, 'damaged');
    cpSync(join(bridge.bufferDir, 'recording'), folder, { recursive: true });
    const [first = ''] = findRecording(folder);
    const bytes = readFileSync(first);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(first, bytes);
    const timeline = opened(folder);
    expect([...timeline.events()].filter(({ type }) => type === 'break')).toMatchObject([{ why: 'damaged' }]);
    const lettersOf = ({ now }: Timeline) =>
      now.rings.map(({ slots }) => slots.map(({ seq, status }) => [seq, status]));
    expect(lettersOf(timeline)).toEqual(lettersOf(opened(bridge.bufferDir)));
    writeFileSync(first, readFileSync(first).subarray(0, middle));
    expect([...opened(folder).events()].filter(({ type }) => type === 'break')).toMatchObject([{ why: 'torn' }]);
  });

  it('puts a packet together that came in pieces, also when it begins between them', () => {
    const path = join(dir, `${basename(dir)}.rec`);
    const piece = (text: string): PlainValue[] => [entryKind.input, 0, ['s', 1, new TextEncoder().encode(text)], 0];
    const filler = Array.from({ length: 4_000 }, (): PlainValue[] => [
      entryKind.input,
      0,
      ['l', 1, new Uint8Array(200)],
      0,
    ]);
    const write = (...all: PlainValue[][]) => encodeBlock({ at: 1_000_000, entries: all });
    writeFileSync(
      path,
      Buffer.concat([
        segmentHeader,
        write([entryKind.whose, 0, 'buffer', '1', ['hel1']], piece('\x0254:001')),
        write(...filler),
        write(piece('\t7A\x03')),
      ]),
    );
    const timeline = opened(path);
    const last = timeline.event(timeline.last);
    expect(last).toMatchObject({ received: [{ packets: [new TextEncoder().encode('\x0254:001\t7A\x03')] }] });
  });
});

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

describe('looking back on the rings of an IM server', () => {
  it('gives the last input, and goes from move to move to the first and back to the last', async () => {
    const past = new RingPast(bridge.imDir);
    const last = await past.look({ event: undefined, seek: 'at' });
    const moving = inputsOf(opened(bridge.imDir).events()).flatMap(({ moves, number }) =>
      moves.length > 0 ? [number] : [],
    );
    const back: number[] = [];
    for (let event = last?.event; event !== undefined && event > 1; ) {
      const glance = await past.look({ event, seek: 'previous-move' });
      if (glance === undefined || glance.event === event) break;
      back.push(glance.event);
      event = glance.event;
    }
    expect(back.filter((event) => event > 1).reverse()).toEqual(moving.filter((event) => event > 1));
    expect(await past.look({ event: moving[0], seek: 'next-move' })).toMatchObject({ event: moving[1] });
    expect(await past.look({ event: moving.at(-1), seek: 'next-move' })).toMatchObject({ event: last?.last });
    past.close();
  });

  it('shows a slot before and behind the input that moved it', async () => {
    const past = new RingPast(bridge.imDir);
    const placed = inputsOf(opened(bridge.imDir).events()).find(({ moves }) => moves[0]?.after?.status === 'placed');
    const behind = await past.look({ event: placed?.number, seek: 'at' });
    const before = await past.look({ event: (placed?.number ?? 0) - 1, seek: 'at' });
    const mt = (glance: typeof behind) => glance?.smscs[0]?.lanes.find(({ lane }) => lane === 'mt');
    expect(mt(behind)).toMatchObject({ moved: [1], imServer: `p${'·'.repeat(254)}`, buffer: `~${'·'.repeat(254)}` });
    expect(mt(before)).toMatchObject({ moved: [], imServer: '·'.repeat(255), buffer: '·'.repeat(255) });
    past.close();
  });

  it('has nothing to show where nothing is recorded', async () => {
    const past = new RingPast(join(dir, 'nowhere'));
    expect(await past.look({ event: undefined, seek: 'at' })).toBeUndefined();
    past.close();
  });
});
