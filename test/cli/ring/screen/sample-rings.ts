/** Rings for the screen: of two SMSCs, with something of everything in them. */

import { pairRings, type SmscRings } from '../../../../src/cli/ring/ring-pairs.ts';
import type { Key, KeyName } from '../../../../src/cli/ring/screen/key.ts';
import type { Size } from '../../../../src/cli/ring/screen/layout.ts';
import type { Ask, ScreenState } from '../../../../src/cli/ring/screen/screen-state.ts';
import { startState } from '../../../../src/cli/ring/screen/screen-state.ts';
import { take } from '../../../../src/cli/ring/screen/take-input.ts';
import type { SlotStatus } from '../../../../src/core/ring/status.ts';
import type { LinkView, RingView, SlotView } from '../../../../src/core/store/ring-view.ts';

/** Local, so that clocks show it alike in every zone. */
export const sampleNow = new Date(2026, 10, 22, 14, 3, 7, 250).getTime();

const noEnd = Number.MAX_SAFE_INTEGER;

const message = {
  kind: 'text',
  from: '+358501111111',
  to: '+358401234567',
  content: 'a secret text',
  createdAt: sampleNow - 62_000,
  validUntil: noEnd,
} as const;

interface Held {
  readonly from: number;
  readonly to: number;
  readonly status: Exclude<SlotStatus, 'free'>;
  readonly attempts?: number;
}

export function sampleRing(
  place: Pick<RingView, 'smscId' | 'side' | 'lane'>,
  held: readonly Held[],
  size = 255,
): RingView {
  const slots = Array.from({ length: size }, (_, i): SlotView => {
    const slot = i + 1;
    const found = held.find(({ from, to }) => slot >= from && slot <= to);
    if (found === undefined) return { slot, status: 'free', attempts: 0, possibleDuplicate: false };
    const { status, attempts = 0 } = found;
    const ended = status === 'confirmed' || status === 'settled';
    return {
      ...{ slot, seq: 510 + slot, status, attempts, possibleDuplicate: false, movedAt: sampleNow - slot * 1_000 },
      ...(ended
        ? { outcome: { status: 'confirmed', stamp: '261122123045', errorCode: 0, by: 'answer' } as const }
        : {}),
      ...{
        messageId: `0192b5a0-0000-7000-8000-${String(slot).padStart(12, '0')}`,
        contentHash: 'C724125F7B1EEED9',
        message,
      },
    };
  });
  const end = (place.side === 'im-server') === (place.lane === 'mt') ? 'producer' : 'consumer';
  return { ...place, end, epoch: '7f21'.repeat(8), size, slots };
}

const link: LinkView = { smscId: 'hel1', state: 'up', since: sampleNow - 60_000, rttMs: 612 };

const rings: readonly RingView[] = [
  sampleRing({ smscId: 'hel1', side: 'buffer', lane: 'mt' }, [
    { from: 1, to: 30, status: 'settled', attempts: 1 },
    { from: 31, to: 31, status: 'in-flight', attempts: 1 },
    { from: 32, to: 32, status: 'in-doubt', attempts: 2 },
    { from: 33, to: 68, status: 'mirrored' },
  ]),
  sampleRing({ smscId: 'hel1', side: 'im-server', lane: 'mt' }, [
    { from: 1, to: 30, status: 'settled', attempts: 1 },
    { from: 31, to: 31, status: 'in-flight', attempts: 1 },
    { from: 32, to: 66, status: 'mirrored' },
    { from: 67, to: 72, status: 'placed' },
  ]),
  sampleRing({ smscId: 'hel1', side: 'buffer', lane: 'mo' }, [{ from: 250, to: 252, status: 'placed' }]),
  sampleRing({ smscId: 'hel1', side: 'im-server', lane: 'mo' }, [
    { from: 250, to: 251, status: 'confirmed', attempts: 1 },
  ]),
  sampleRing({ smscId: 'tku1', side: 'im-server', lane: 'mt' }, [{ from: 1, to: 2, status: 'placed' }], 16),
];

export const sampleSmscs: readonly SmscRings[] = pairRings(rings, [link], {
  ...{ smscId: undefined, side: 'both', lane: undefined },
});

export function sampleState(size: Size): ScreenState {
  const state = startState({ size, now: sampleNow, privacy: 'mask' });
  const sources = [
    { role: 'buffer', state: 'running' },
    { role: 'im-server', state: 'running' },
  ] as const;
  return take(state, { type: 'rings', rings: sampleSmscs, sources }).state;
}

/** Keys by name (`'page-up'`), and everything else as it is typed. */
export function press(state: ScreenState, ...keys: readonly (KeyName | string)[]): ScreenState {
  return pressed(state, ...keys).state;
}

/** What is asked for by the last key, as well. */
export function pressed(
  state: ScreenState,
  ...keys: readonly (KeyName | string)[]
): { readonly state: ScreenState; readonly asks: readonly Ask[] } {
  return keys.reduce<{ readonly state: ScreenState; readonly asks: readonly Ask[] }>(
    (now, key) => take(now.state, { type: 'key', key: keyOfWord(key) }),
    { state, asks: [] },
  );
}

const names: readonly KeyName[] = [
  ...(['left', 'right', 'up', 'down', 'page-up', 'page-down', 'home', 'end', 'enter', 'escape'] as const),
  ...(['tab', 'back-tab', 'backspace', 'interrupt', 'suspend', 'redraw', 'clear-line'] as const),
];

function keyOfWord(word: string): Key {
  const name = names.find((known) => known === word);
  return name === undefined ? { type: 'text', text: word } : { type: 'named', name };
}
