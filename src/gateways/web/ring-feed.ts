/**
 * Shows the rings to those who watch them: all of them once, then what changed, at most five times a second and only while
 * somebody watches. Each watcher is told what differs from what it was told last, so one that reads slowly misses moves in
 * between, never the end. Protocol: docs/im-protocol.md, "Rings".
 */
import { maskAddress } from '../../core/base/log-event.ts';
import type { LaneName } from '../../core/ring/status.ts';
import type { PastGlance, PastQuestion } from '../../core/roles/im-server/past-glance.ts';
import type { BufferWord, LaneGlance, SlotSight, SmscGlance } from '../../core/roles/im-server/ring-glance.ts';
import type { LinkView, SlotView } from '../../core/store/ring-view.ts';
import { PassRate } from './pass-rate.ts';

/** Where the rings are read. */
export interface RingSource {
  glance(): readonly SmscGlance[];
  slotSight(smscId: string, lane: LaneName, slot: number): SlotSight | undefined;
  /** As they were; undefined where nothing is recorded. Rejects with what an operator can mend. */
  past(question: PastQuestion): Promise<PastGlance | undefined>;
}

/** One lane as a watcher is told of it, without its slots. */
export interface LaneHead {
  readonly lane: LaneName;
  readonly contact: LaneGlance['contact'];
  readonly size: number;
  readonly waiting: number;
  /** Messages per second that were settled, over the last five seconds. */
  readonly perSecond: number;
}

export interface WatchedSmsc<Lane> {
  readonly link: LinkView;
  readonly lanes: readonly Lane[];
}

export type RingMessage =
  | {
      readonly type: 'rings';
      /** A letter for every slot, see `statusTable` and `unheardLetter`. */
      readonly smscs: readonly WatchedSmsc<LaneHead & { readonly imServer: string; readonly buffer: string }>[];
    }
  | {
      readonly type: 'ring-changes';
      /** Only what differs: slot from 1, then the letters of both ends. */
      readonly smscs: readonly WatchedSmsc<
        LaneHead & { readonly slots: readonly (readonly [slot: number, imServer: string, buffer: string])[] }
      >[];
    };

export interface RingWatcher {
  tellRings(message: RingMessage): void;
  /** What it was told before has not left yet. */
  isBehind(): boolean;
}

/** How often a watcher is told at most. */
const everyMs = 200;

interface Told {
  readonly head: string;
  readonly imServer: string;
  readonly buffer: string;
}

export class RingFeed {
  readonly #source: RingSource;
  readonly #clock: () => number;
  readonly #watchers = new Map<RingWatcher, Map<string, Told>>();
  #rates = new Map<string, PassRate>();
  #timer: NodeJS.Timeout | undefined;

  /** @param clock milliseconds since 1970 */
  constructor(source: RingSource, clock: () => number) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Tells everything at once, then changes until {@link unwatch}. Twice is as once, told anew. */
  watch(watcher: RingWatcher): void {
    const told = new Map<string, Told>();
    this.#watchers.set(watcher, told);
    // Before the first telling, which may end with a watcher that is gone.
    this.#timer ??= setInterval(() => this.look(), everyMs);
    watcher.tellRings(wholeOf(this.#look(), told));
  }

  unwatch(watcher: RingWatcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    // A rate is measured from the moment that somebody looks.
    this.#rates = new Map();
  }

  /** Tells every watcher what it does not know yet; called by the timer. */
  look(): void {
    const smscs = this.#look();
    for (const [watcher, told] of this.#watchers) {
      if (watcher.isBehind()) continue;
      const message = isSameShape(smscs, told) ? changesOf(smscs, told) : wholeOf(smscs, told);
      if (message !== undefined) watcher.tellRings(message);
    }
  }

  /** Undefined where there is no such slot. */
  slot(smscId: string, lane: LaneName, slot: number): ShownSlot | undefined {
    const sight = this.#source.slotSight(smscId, lane, slot);
    return sight && shownSlot(sight);
  }

  past(question: PastQuestion): Promise<PastGlance | undefined> {
    return this.#source.past(question);
  }

  #look(): readonly Looked[] {
    const now = this.#clock();
    return this.#source.glance().map(({ smscId, link, lanes }) => ({
      link,
      lanes: lanes.map((glance) => {
        const key = `${smscId} ${glance.lane}`;
        const rate = this.#rates.get(key) ?? new PassRate();
        this.#rates.set(key, rate);
        rate.look(glance, now);
        const { lane, contact, size, waiting } = glance;
        return { key, glance, head: { lane, contact, size, waiting, perSecond: rate.perSecond } };
      }),
    }));
  }
}

interface Looked {
  readonly link: LinkView;
  readonly lanes: readonly { readonly key: string; readonly glance: LaneGlance; readonly head: LaneHead }[];
}

function wholeOf(smscs: readonly Looked[], told: Map<string, Told>): RingMessage {
  told.clear();
  return {
    type: 'rings',
    smscs: smscs.map(({ link, lanes }) => ({
      link,
      lanes: lanes.map(({ key, glance, head }) => {
        const { imServer, buffer } = glance;
        told.set(key, { head: signOf(link, head), imServer, buffer });
        return { ...head, imServer, buffer };
      }),
    })),
  };
}

function changesOf(smscs: readonly Looked[], told: Map<string, Told>): RingMessage | undefined {
  const changed = smscs.flatMap(({ link, lanes }) => {
    const changedLanes = lanes.flatMap(({ key, glance, head }) => {
      const before = told.get(key);
      const { imServer, buffer } = glance;
      const sign = signOf(link, head);
      if (before?.head === sign && before.imServer === imServer && before.buffer === buffer) return [];
      told.set(key, { head: sign, imServer, buffer });
      return [{ ...head, slots: changedSlots(glance, before) }];
    });
    return changedLanes.length === 0 ? [] : [{ link, lanes: changedLanes }];
  });
  return changed.length === 0 ? undefined : { type: 'ring-changes', smscs: changed };
}

function changedSlots(
  { imServer, buffer }: LaneGlance,
  before: Told | undefined,
): (readonly [number, string, string])[] {
  const slots: (readonly [number, string, string])[] = [];
  for (let i = 0; i < imServer.length; i += 1) {
    const [own, other] = [imServer.charAt(i), buffer.charAt(i)];
    if (own !== before?.imServer.charAt(i) || other !== before.buffer.charAt(i)) slots.push([i + 1, own, other]);
  }
  return slots;
}

function isSameShape(smscs: readonly Looked[], told: ReadonlyMap<string, Told>): boolean {
  const lanes = smscs.flatMap((smsc) => smsc.lanes);
  return lanes.length === told.size && lanes.every(({ key, glance }) => told.get(key)?.imServer.length === glance.size);
}

function signOf(link: LinkView, head: LaneHead): string {
  return JSON.stringify([link, head]);
}

/** A slot as people may see it: numbers masked, of a text only how long it is. */
export interface ShownSlot {
  readonly smscId: string;
  readonly lane: LaneName;
  readonly imServer: Omit<SlotView, 'message'>;
  readonly buffer: BufferWord;
  readonly moves: SlotSight['moves'];
  readonly message?: {
    readonly kind: NonNullable<SlotView['message']>['kind'];
    readonly from: string;
    readonly to: string;
    /** Characters of a text; bytes of binary. */
    readonly length: number;
    readonly part?: { readonly index: number; readonly count: number };
    readonly createdAt: number;
    readonly validUntil: number;
  };
}

function shownSlot({ smscId, lane, imServer, buffer, moves }: SlotSight): ShownSlot {
  const { message, ...slot } = imServer;
  const shown = { smscId, lane, imServer: slot, buffer, moves };
  if (message === undefined) return shown;
  const { kind, from, to, content, part, createdAt, validUntil } = message;
  return {
    ...shown,
    message: {
      kind,
      from: maskAddress(from),
      to: maskAddress(to),
      length: kind === 'binary' ? content.length / 2 : [...content].length,
      ...(part === undefined ? {} : { part: { index: part.index, count: part.count } }),
      createdAt,
      validUntil,
    },
  };
}
