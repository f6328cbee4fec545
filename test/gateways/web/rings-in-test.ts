// Rings for a test to move by hand, seen as the IM server sees them: real rings, without lanes, links or disks.

import type { OperatorError } from '../../../src/core/base/errors.ts';
import { instant } from '../../../src/core/base/time.ts';
import { messageId, type ShortMessage } from '../../../src/core/message/message.ts';
import type { Outcome } from '../../../src/core/ring/outcome.ts';
import { Ring } from '../../../src/core/ring/ring.ts';
import type { Seq, SlotIndex } from '../../../src/core/ring/sequence.ts';
import type { LaneName, SlotStatus } from '../../../src/core/ring/status.ts';
import type { PastGlance, PastQuestion } from '../../../src/core/roles/im-server/past-glance.ts';
import {
  laneGlance,
  type SlotSight,
  type SmscGlance,
  saidByBuffer,
} from '../../../src/core/roles/im-server/ring-glance.ts';
import { movesOf, slotView } from '../../../src/core/roles/ring-views.ts';
import type { LinkView } from '../../../src/core/store/ring-view.ts';
import type { RingSource } from '../../../src/gateways/web/ring-feed.ts';

const confirmed: Outcome = { status: 'confirmed', stamp: '261122130000', errorCode: 0, by: 'answer' };

export class RingsInTest implements RingSource {
  readonly smscId = 'hel1';
  link: LinkView = { smscId: this.smscId, state: 'up', since: Date.now(), rttMs: 212 };
  waiting = 0;
  readonly #rings: Readonly<Record<LaneName, Ring>>;
  readonly #messages: ShortMessage[] = [];
  /** What a recorder would have kept: one input for each call that moved something, and a quiet one before it. */
  readonly #past: PastGlance[] = [];
  /** What is thrown instead of the next answer about the past. */
  unreadable: OperatorError | undefined;

  constructor(size = 255) {
    this.#rings = { mt: new Ring(size), mo: new Ring(size) };
  }

  /** A message gets the next number. @returns its slot */
  place(lane: LaneName, text: string): number {
    const ring = this.#rings[lane];
    const seq = ring.nextSeq();
    if (seq === undefined) throw new Error('the ring is full');
    const [from, to] = lane === 'mt' ? ['28820001', '+358401234567'] : ['+358401234567', '28820001'];
    const now = instant(Date.now());
    this.#messages.push({
      id: messageId(`00000000-0000-7000-8000-${String(this.#messages.length).padStart(12, '0')}`),
      content: { type: 'text', text, coding: 'gsm7', flash: false },
      ...{ from, to, header: new Uint8Array(0), part: undefined, report: 'none', textId: '' },
      ...{ validUntil: now, createdAt: now, smscTime: undefined },
    });
    ring.put({
      seq,
      status: lane === 'mt' ? 'placed' : 'mirrored',
      attempts: 0,
      possibleDuplicate: false,
      outcome: undefined,
      messageId: `message ${seq}`,
      contentHash: '0123456789ABCDEF',
      bytes: Uint8Array.from([this.#messages.length - 1]),
      movedAt: now,
      isOffered: true,
    });
    this.#record(lane, ring.slotOf(seq));
    return ring.slotOf(seq);
  }

  /** Moves the message of that slot along these statuses. */
  move(lane: LaneName, slot: number, ...path: readonly Exclude<SlotStatus, 'free'>[]): void {
    for (const status of path) {
      const details = status === 'in-flight' ? { attempts: 1 } : status === 'confirmed' ? { outcome: confirmed } : {};
      this.#rings[lane].move(this.#seqIn(lane, slot), status, instant(Date.now()), details);
      this.#record(lane, slot);
    }
  }

  /** The same copy once more, as when it is noted that it was offered. */
  writeAgain(lane: LaneName, slot: number): void {
    const copy = this.#rings[lane].at(slot as SlotIndex);
    if (copy !== undefined) this.#rings[lane].put(copy);
  }

  async past({ event, seek }: PastQuestion): Promise<PastGlance | undefined> {
    const last = this.#past.at(-1);
    const problem = this.unreadable;
    this.unreadable = undefined;
    if (problem !== undefined) throw problem;
    if (last === undefined) return undefined;
    const asked = Math.min(last.event, Math.max(1, event ?? last.event));
    const isMoving = ({ smscs }: PastGlance) => smscs.some(({ lanes }) => lanes.some(({ moved }) => moved.length > 0));
    const found = {
      at: this.#past[asked - 1],
      'next-move': this.#past.find((glance) => glance.event > asked && isMoving(glance)) ?? last,
      'previous-move': this.#past.findLast((glance) => glance.event < asked && isMoving(glance)) ?? this.#past[0],
    }[seek];
    return found === undefined ? undefined : { ...found, last: last.event, to: last.at };
  }

  #record(lane: LaneName, slot: number): void {
    this.#note('tick', []);
    this.#note('link-received', [[lane, slot]]);
  }

  #note(input: string, moved: readonly (readonly [LaneName, number])[]): void {
    const [before] = this.#past.slice(-1);
    const at = instant(Date.now());
    const smscs = this.glance().map(({ link, lanes }) => ({
      link,
      lanes: lanes.map(({ lane, size, imServer, buffer }) => ({
        ...{ lane, size, imServer, buffer },
        moved: moved.flatMap(([movedLane, slot]) => (movedLane === lane ? [slot] : [])),
      })),
    }));
    const event = this.#past.length + 1;
    // A quiet input leaves everything as it was.
    const shown = moved.length === 0 && before !== undefined ? before.smscs.map(withoutMoves) : smscs;
    this.#past.push({ first: 1, last: event, from: this.#past[0]?.at ?? at, to: at, event, at, input, smscs: shown });
  }

  glance(): readonly SmscGlance[] {
    const end = (lane: LaneName) => ({ ring: this.#rings[lane], state: {}, contact: 'in-step' as const });
    const lanes = [laneGlance('mt', end('mt'), this.waiting), laneGlance('mo', end('mo'), 0)];
    return [{ smscId: this.smscId, link: this.link, lanes }];
  }

  slotSight(smscId: string, lane: LaneName, slot: number): SlotSight | undefined {
    const ring = this.#rings[lane];
    if (smscId !== this.smscId || slot < 1 || slot > ring.size) return undefined;
    const index = slot as SlotIndex;
    const copy = ring.at(index);
    return {
      ...{ smscId, lane, buffer: saidByBuffer(lane, copy), moves: movesOf(copy, ring.movesIn(index)) },
      imServer: slotView(index, copy, (bytes) => this.#messages[bytes[0] ?? -1]),
    };
  }

  #seqIn(lane: LaneName, slot: number): Seq {
    const copy = this.#rings[lane].at(slot as SlotIndex);
    if (copy === undefined) throw new Error(`slot ${slot} is free`);
    return copy.seq;
  }
}

function withoutMoves({ link, lanes }: PastGlance['smscs'][number]): PastGlance['smscs'][number] {
  return { link, lanes: lanes.map((lane) => ({ ...lane, moved: [] })) };
}
