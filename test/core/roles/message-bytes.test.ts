import { expect, it } from 'vitest';
import { MessageBytes } from '../../../src/core/roles/message-bytes.ts';
import { sha256 } from '../../../src/shell/hashing.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { idOf, shortMessage } from '../message/messages.ts';

it('reads every message as it was written, also when more than a ring of others came between', () => {
  const messages = new MessageBytes(valueCodec, sha256);
  const written = Array.from({ length: 600 }, (_, index) => {
    const message = shortMessage({ id: idOf(index) });
    return { message, bytes: messages.encode(message) };
  });
  for (let round = 0; round < 2; round += 1) {
    for (const { message, bytes } of written) {
      expect(messages.decode(bytes)).toEqual(message);
      expect(messages.decode(bytes)).toEqual(message);
      expect(messages.decode(bytes.slice())).toEqual(message);
    }
  }
});

it('finds no message in bytes that are none, however often it is asked', () => {
  const messages = new MessageBytes(valueCodec, sha256);
  const bytes = Uint8Array.of(1, 2, 3);
  expect(messages.decode(bytes)).toBeUndefined();
  expect(messages.decode(bytes)).toBeUndefined();
});

it('hashes the first eight bytes of SHA-256, in upper-case hex', () => {
  // Of the empty text: e3b0c44298fc1c14…, FIPS 180-4.
  expect(new MessageBytes(valueCodec, sha256).hash(new Uint8Array(0))).toBe('E3B0C44298FC1C14');
});
