/** Messages that a producer gives back, since they were surely never handed over. */
import { describe, expect, it } from 'vitest';
import type { OutboxItem } from '../../../src/core/store/lane-records.ts';
import { bytesOf, copyWith, digestWith, inStep, now, producerWith, recordsIn } from './lane-ends.ts';

const item = (number: number, attempts = 0): OutboxItem => ({
  ...{ place: number, messageId: `m${number}`, bytes: bytesOf(number), attempts },
});
const group = (...numbers: readonly number[]) => ({ messageIds: numbers.map((number) => `m${number}`) });
const full = [copyWith(1, 'placed'), copyWith(2, 'placed'), copyWith(3, 'placed')];

function comparedWith(...outbox: readonly OutboxItem[]) {
  const producer = producerWith({ copies: full }, {}, outbox);
  inStep(producer, digestWith(full));
  producer.linkDown();
  return producer;
}

describe('a producer that is asked for messages back', () => {
  it('gives back what waits in the outbox, on disk, too, and keeps what is in a slot', () => {
    const producer = comparedWith(item(4), item(5));
    const { withdrawn, outputs } = producer.withdraw([group(3), group(5), group(9)]);
    expect(withdrawn).toEqual([group(5)]);
    expect(recordsIn(outputs)).toEqual([{ key: ['ring', 'hel1', 'mt', 'outbox', 5], value: undefined }]);
    expect(producer.outboxCount).toBe(1);
  });

  it('gives back all parts of a text, or none', () => {
    const producer = comparedWith(item(4), item(5));
    const { withdrawn, outputs } = producer.withdraw([group(3, 4), group(4, 5)]);
    expect(withdrawn).toEqual([group(4, 5)]);
    expect(recordsIn(outputs)).toHaveLength(2);
  });

  it('keeps what may have been handed over before', () => {
    expect(comparedWith(item(4, 1)).withdraw([group(4)])).toEqual({ withdrawn: [], outputs: [] });
  });

  it('keeps what it found at its start until both ends were compared: its store may be one of before', () => {
    const producer = producerWith({ copies: full }, {}, [item(4)]);
    producer.enqueue('m5', bytesOf(5), now);
    expect(producer.withdraw([group(4), group(5)]).withdrawn).toEqual([group(5)]);
    inStep(producer, digestWith(full));
    expect(producer.withdraw([group(4)]).withdrawn).toEqual([group(4)]);
  });
});
