import { expect, it } from 'vitest';
import { ByteRoom } from '../../../src/core/base/byte-room.ts';

it('gives every taker bytes of its own, all 0', () => {
  const room = new ByteRoom(64);
  const taken = Array.from({ length: 50 }, (_, index) => {
    const bytes = room.take((index % 16) + 1);
    expect([...bytes].every((byte) => byte === 0)).toBe(true);
    return bytes.fill(index + 1);
  });
  for (const [index, bytes] of taken.entries()) {
    expect([...bytes]).toEqual(Array.from({ length: (index % 16) + 1 }, () => index + 1));
  }
});

it('gives more than it cuts at one time as an array of its own', () => {
  const room = new ByteRoom(64);
  expect(room.take(1_000)).toHaveLength(1_000);
  expect(room.take(1_000).buffer.byteLength).toBe(1_000);
});
