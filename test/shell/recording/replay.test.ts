/** Real roles are recorded and their recordings played back: what the two have in common is all that is claimed. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRecording, type RecordingItem, readRecording } from '../../../src/shell/recording/recording-reader.ts';
import { Replay, type ReplayEvent } from '../../../src/shell/recording/replay.ts';
import { password, type SmallBridge, startSmallBridge } from './small-bridge.ts';

const record = { limitBytes: 64 * 1024 * 1024, keepMs: 7 * 86_400_000 };
const texts = Array.from({ length: 30 }, (_, at) => `text ${at}`);

let bridge: SmallBridge;
beforeAll(async () => {
  bridge = await startSmallBridge(record);
  await bridge.carry(texts);
  await bridge.writeBack('hello back');
  await bridge.drain();
  bridge = await startSmallBridge(record, bridge);
  await bridge.carry(['text of the second start']);
  await bridge.drain();
});
afterAll(() => bridge.clear());

function played(items: Iterable<RecordingItem>): { readonly events: readonly ReplayEvent[]; readonly replay: Replay } {
  const replay = new Replay();
  const events: ReplayEvent[] = [];
  for (const item of items) {
    const event = replay.take(item);
    if (event !== undefined) events.push(event);
  }
  return { events, replay };
}

const dirs = (): readonly (readonly [string, string])[] => [
  ['buffer', bridge.bufferDir],
  ['im-server', bridge.imDir],
  ['smsc', bridge.smscDir],
];

describe('a recording', () => {
  it.each([['buffer'], ['im-server'], ['smsc']])(
    'of a %s that was started twice replays to the same moves and words at every input',
    (role) => {
      const dir = new Map(dirs()).get(role) ?? '';
      const { events, replay } = played(readRecording(findRecording(dir)));
      const steps = events.filter((event) => event.type === 'step');
      const differences = steps.flatMap(({ number, input, difference, recorded, replayed }) =>
        difference === undefined ? [] : [{ number, input, difference, recorded, replayed }],
      );
      expect(differences).toEqual([]);
      expect(events.filter(({ type }) => type === 'life')).toMatchObject([{ role }, { role }]);
      expect(events.at(-1)).toMatchObject({ type: 'end' });
      expect(replay.passedOver).toBe(0);
      if (role === 'smsc') {
        expect(steps.filter(({ input }) => input === 'received').length).toBeGreaterThan(31);
        return;
      }
      // 30 texts go through four moves each at least, before their reports come.
      expect(steps.flatMap(({ recorded }) => recorded).length).toBeGreaterThan(120);
      const statuses = replay.rings().flatMap(({ slots }) => slots.map(({ status }) => status));
      expect(statuses.filter((status) => status !== 'free').length).toBeGreaterThan(30);
    },
  );

  it('holds no password, no secret of the link, and nothing to try passwords out on', () => {
    for (const [, dir] of dirs()) {
      const bytes = Buffer.concat(findRecording(dir).map((file) => readFileSync(file)));
      expect(bytes.includes(password)).toBe(false);
      expect(bytes.includes('k'.repeat(32))).toBe(false);
      expect(bytes.includes('scrypt$')).toBe(false);
      expect(bytes.includes('text 7')).toBe(true);
    }
  });
});

describe('a start that reads too much', () => {
  it('is not recorded, so that it pushes nothing out; what moves then is', async () => {
    const small = await startSmallBridge({ limitBytes: 4_096, keepMs: 86_400_000 });
    await small.carry(['one']);
    await small.drain();
    // The buffer reads a ring with a message in it now, which is more than a sixteenth of so little.
    const again = await startSmallBridge({ limitBytes: 4_096, keepMs: 86_400_000 }, small);
    await again.drain();
    const { events, replay } = played(readRecording(findRecording(small.bufferDir)));
    await again.clear();
    expect(events.filter(({ type }) => type === 'life')).toEqual([]);
    expect(events.filter(({ type }) => type === 'break')).toMatchObject([{ why: 'gap' }]);
    expect(replay.passedOver).toBeGreaterThan(0);
  });
});
