/** When the commit of what was claimed ahead begins. What is claimed is tested in `test/core/sync/claims.test.ts`. */
import { expect, it } from 'vitest';
import { Submitting } from '../../../../src/core/roles/buffer/submitting.ts';
import { MessageBytes } from '../../../../src/core/roles/message-bytes.ts';
import { sha256 } from '../../../../src/shell/hashing.ts';
import { valueCodec } from '../../../../src/shell/values.ts';
import { idOf, shortMessage } from '../../message/messages.ts';
import { consumerWith, copyWith, now } from '../../sync/lane-ends.ts';

it('lets the commit of claims begin when the next submit waits for it, and says so once', () => {
  const messages = new MessageBytes(valueCodec, sha256);
  const copies = Array.from({ length: 20 }, (_none, index) =>
    copyWith(index + 1, 'mirrored', { bytes: messages.encode(shortMessage({ id: idOf(index) })) }),
  );
  const outlineOf = (bytes: Uint8Array) => {
    const message = messages.decode(bytes);
    return message && { conversation: message.id, validUntil: message.validUntil };
  };
  const lane = consumerWith({ copies, size: 20 }, { describe: outlineOf });
  const settings = { smscId: 'hel1', inDoubt: 'resend', reports: 'none', pace: { type: 'sporadic' } } as const;
  const submitting = new Submitting(settings, lane, messages, undefined);
  const typesOfNext = () => submitting.next(now, now).map((output) => ('need' in output ? output.need : output.type));

  // A turn is free while a claim is on its way to disk, so the next one claims more; until one is ahead of its time.
  for (const need of ['awaited', 'awaited']) {
    expect(typesOfNext()).toContain(need);
    expect(typesOfNext(), 'that somebody waits was said with the claim').toEqual([]);
    submitting.claimsKept();
  }
  const left: string[][] = [];
  for (let types = typesOfNext(); types.length > 0; types = typesOfNext()) left.push(types);
  expect(left.flat().filter((type) => type === 'ahead')).toHaveLength(1);
  expect(left.flat().filter((type) => type === 'claims-awaited')).toHaveLength(1);
  expect(left.at(-1)).toEqual(['claims-awaited']);
});
