import { describe, expect, it } from 'vitest';
import { type Seq, seq } from '../../../src/core/ring/sequence.ts';
import type { SlotNote } from '../../../src/core/store/slot-note.ts';
import { recoverClaims } from '../../../src/core/sync/claims.ts';
import type { Evidence, LaneConsumer } from '../../../src/core/sync/consumer.ts';
import type { ConsumerOutput } from '../../../src/core/sync/lane-io.ts';
import { MemoryStore } from '../im/memory-store.ts';
import {
  bytesOf,
  consumerWith,
  copyWith,
  digestEntry,
  digestWith,
  epochOf,
  inStep,
  now,
  position,
  recordsIn,
} from './lane-ends.ts';
import { outcomeOf } from './lane-pair.ts';

const waitingCopies = (count: number) =>
  Array.from({ length: count }, (_none, index) =>
    copyWith(index + 1, 'mirrored', { bytes: bytesOf(index + 1, `talk${index}`) }),
  );

/** A consumer with so many waiting messages, and what its outputs left on disk and in the notes. */
class Desk {
  readonly store = new MemoryStore();
  readonly notes = new Map<number, SlotNote>();
  readonly consumer: LaneConsumer;
  readonly left: number[] = [];

  constructor(count: number, settings: Parameters<typeof consumerWith>[1] = {}) {
    this.consumer = consumerWith({ copies: waitingCopies(count), size: Math.max(count, 3) }, settings);
  }

  /** Hands over what it may. */
  handOver(): number[] {
    const numbers: number[] = [];
    for (let next = this.consumer.handOver(now); next !== undefined; next = this.consumer.handOver(now)) {
      this.take(next.outputs);
      numbers.push(next.copy.seq);
    }
    this.left.push(...numbers);
    return numbers;
  }

  /** @returns numbers in the record to commit; it is on disk when this returns */
  ask(): readonly Seq[] | undefined {
    const claim = this.consumer.claimAhead(now);
    if (claim === undefined) return undefined;
    this.store.write([claim.record]);
    return [...this.claims().keys()];
  }

  keep(): void {
    this.consumer.claimsKept();
  }

  /** Notes are there at once; records only where `isOnDisk`. */
  take(outputs: readonly ConsumerOutput[], isOnDisk = true): void {
    for (const output of outputs) if (output.type === 'note') this.notes.set(output.slot, output.note);
    if (isOnDisk) this.store.write(recordsIn(outputs));
  }

  claims() {
    return recoverClaims(this.store, 'hel1', 'mt');
  }

  /** Starts again from the records of the beginning: nothing but claims and notes tells what happened. */
  restart(notes: Evidence['notes'], count = 3): LaneConsumer {
    const again = consumerWith({ copies: waitingCopies(count) });
    again.recover(now, { claimed: this.claims(), notes });
    return again;
  }
}

function statuses(consumer: LaneConsumer): unknown[] {
  return [...consumer.ring.copies()].map(({ status, attempts, possibleDuplicate }) =>
    [status, attempts, possibleDuplicate ? 'marked' : ''].join(' ').trim(),
  );
}

describe('claiming ahead, DESIGN section 2 rule 1', () => {
  it('hands nothing over before its claim is on disk', () => {
    const desk = new Desk(3);
    expect(desk.handOver()).toEqual([]);
    expect(desk.ask()).toEqual([1]);
    expect(desk.handOver()).toEqual([]);
    desk.keep();
    expect(desk.handOver()).toEqual([1]);
  });

  it('notes each message before anything else is told of it, and writes no record for it', () => {
    const desk = new Desk(1);
    desk.ask();
    desk.keep();
    const claim = desk.consumer.handOver(now);
    expect(claim?.outputs[0]).toMatchObject({ type: 'note', when: 'at-once', note: { seq: 1, status: 'in-flight' } });
    expect(recordsIn(claim?.outputs ?? [])).toEqual([]);
  });

  it('claims more at once while the disk holds up the line, and fewer when it does not', () => {
    const desk = new Desk(255);
    const sizes: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const before = desk.left.length;
      desk.handOver();
      desk.ask();
      // A turn is free while the claim is on its way.
      desk.handOver();
      desk.keep();
      desk.handOver();
      sizes.push(desk.left.length - before);
    }
    expect(sizes).toEqual([1, 2, 4, 8, 16, 32, 64, 64]);
  });

  it('says whether a claim is awaited or ahead of its time', () => {
    const desk = new Desk(20);
    expect(desk.consumer.claimAhead(now)?.need).toBe('awaited');
    desk.handOver();
    desk.keep();
    desk.consumer.handOver(now);
    expect(desk.consumer.claimAhead(now)?.need).toBe('awaited');
    desk.handOver();
    desk.keep();
    desk.consumer.handOver(now);
    expect(desk.consumer.claimAhead(now)?.need).toBe('ahead');
  });

  it('tells once that a claim ahead of its time is awaited by now', () => {
    const desk = new Desk(20);
    for (const need of ['awaited', 'awaited', 'ahead']) {
      expect(desk.consumer.claimAhead(now)?.need).toBe(need);
      if (need === 'ahead') break;
      desk.handOver();
      expect(desk.consumer.claimsBecameAwaited(), 'it was known').toBe(false);
      desk.keep();
      desk.consumer.handOver(now);
    }
    expect(desk.consumer.claimsBecameAwaited(), 'another one is claimed').toBe(false);
    desk.handOver();
    expect(desk.consumer.claimsBecameAwaited()).toBe(true);
    expect(desk.consumer.claimsBecameAwaited()).toBe(false);
  });

  it('claims fewer step by step, so that one quick commit does not make the next one too small', () => {
    const desk = new Desk(255);
    for (let round = 0; round < 5; round += 1) {
      desk.handOver();
      desk.ask();
      desk.handOver();
      desk.keep();
    }
    desk.handOver();
    const sizes: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      desk.ask();
      desk.keep();
      sizes.push(desk.handOver().length);
    }
    expect(sizes).toEqual([32, 28, 25]);
  });

  it('claims one at a time where the SMSC is slower than the disk', () => {
    const desk = new Desk(20);
    desk.ask();
    desk.keep();
    for (let number = 1; number <= 10; number += 1) {
      expect(desk.consumer.handOver(now)?.copy.seq).toBe(number);
      expect(desk.ask()?.at(-1)).toBe(number + 1);
      desk.keep();
    }
  });

  it('goes on where what was claimed ended otherwise', () => {
    const desk = new Desk(2, { inDoubt: 'hold' });
    desk.ask();
    desk.keep();
    inStep(desk.consumer, digestWith(waitingCopies(2)));
    desk.consumer.handle({ type: 'settled', lane: 'mt', seq: seq(1), position }, now);
    expect(desk.handOver()).toEqual([]);
    expect(desk.ask()).toEqual([2]);
    desk.keep();
    expect(desk.handOver()).toEqual([2]);
  });

  it('claims each attempt anew', () => {
    const desk = new Desk(1);
    desk.ask();
    desk.keep();
    desk.handOver();
    desk.take(desk.consumer.postpone(seq(1), now, now));
    expect(desk.handOver()).toEqual([]);
    expect([...desk.claims()]).toEqual([[1, 1]]);
    desk.ask();
    expect([...desk.claims()]).toEqual([[1, 2]]);
  });

  it('forgets them with the epoch, whose numbers begin anew', () => {
    const desk = new Desk(1);
    desk.ask();
    desk.keep();
    desk.handOver();
    desk.take(desk.consumer.end(seq(1), outcomeOf('confirmed'), now));
    desk.consumer.linkUp();
    desk.take(desk.consumer.handle(digestEntry(digestWith([], { epoch: epochOf('3') })), now));
    expect([...desk.claims()]).toEqual([]);
  });
});

describe('a start after claims, DESIGN section 2 rule 1', () => {
  /** Three are claimed, two left, and the first is answered; no record was written since. */
  function interrupted(): Desk {
    const desk = new Desk(3);
    for (const numbers of [[1], [2]]) {
      desk.ask();
      desk.keep();
      expect(desk.handOver()).toEqual(numbers);
    }
    desk.ask();
    desk.keep();
    expect([...desk.claims().keys()]).toEqual([1, 2, 3]);
    desk.take(desk.consumer.end(seq(1), { ...outcomeOf('confirmed'), stamp: '261122123045' }, now), false);
    return desk;
  }

  it('doubts only what was outstanding when the process was killed, and keeps the answers', () => {
    const desk = interrupted();
    const again = desk.restart(desk.notes);
    expect(statuses(again)).toEqual(['confirmed 1', 'mirrored 1 marked', 'mirrored 0']);
    expect(again.ring.find(seq(1))?.outcome?.stamp).toBe('261122123045');
  });

  it('doubts all that was claimed and has no end where the notes are lost', () => {
    const desk = interrupted();
    expect(statuses(desk.restart(undefined))).toEqual(['mirrored 1 marked', 'mirrored 1 marked', 'mirrored 1 marked']);
  });

  it('takes a note for nothing that belongs to another message', () => {
    const desk = interrupted();
    const foreign = [...desk.notes].map(([slot, note]) => [slot, { ...note, messageId: 'another' }] as const);
    expect(statuses(desk.restart(new Map(foreign)))).toEqual(['mirrored 0', 'mirrored 0', 'mirrored 0']);
  });

  it('doubts nothing that was claimed and dropped before the power went', () => {
    const desk = new Desk(3);
    desk.ask();
    desk.keep();
    desk.take(desk.consumer.dropClaims());
    expect(statuses(desk.restart(undefined))).toEqual(['mirrored 0', 'mirrored 0', 'mirrored 0']);
    expect(desk.handOver()).toEqual([]);
  });

  it('keeps the claim of what is under way when the others are dropped', () => {
    const desk = new Desk(2);
    desk.ask();
    desk.keep();
    desk.handOver();
    desk.ask();
    desk.keep();
    desk.take(desk.consumer.dropClaims());
    expect([...desk.claims()]).toEqual([[1, 1]]);
  });
});
