/** What a dialogue would be too long for. */
import { expect, test } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { type PacketNumber, packetNumber } from '../../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../../src/core/handshake/client.ts';
import type { ClientOutput } from '../../../src/core/handshake/client-io.ts';
import { clientSettings } from './settings.ts';

const now = instant(0);

function ready(window: number): CimdClient {
  const client = new CimdClient(clientSettings({ window }), () => 0);
  client.handle({ type: 'log-in' }, now);
  client.handle({ type: 'opened' }, now);
  receive(client, 51, packetNumber(1));
  return client;
}

function receive(client: CimdClient, operation: number, number: PacketNumber): readonly ClientOutput[] {
  const bytes = encodePacket({ operation, packetNumber: number, parameters: [] }, { checksum: 'send' });
  return client.handle({ type: 'received', bytes }, now);
}

/** @returns the number it was sent under */
function send(client: CimdClient, ref: number): PacketNumber | undefined {
  const outputs = client.handle({ type: 'request', ref, operation: 3, parameters: [], onTimeout: 'ask' }, now);
  return writes(outputs)[0];
}

function writes(outputs: readonly ClientOutput[]): readonly PacketNumber[] {
  return outputs.flatMap((output) => (output.type === 'write' ? [output.packet.packetNumber] : []));
}

test('a number that was repaired once is repaired again when it is used again (4.4)', () => {
  const client = ready(2);
  for (let ref = 0; ref < 129; ref += 1) {
    const number = send(client, ref);
    expect(number).toBe((3 + 2 * ref) % 256);
    if (number === 3) {
      expect(writes(receive(client, 99, number))).toEqual([3]);
      expect(writes(receive(client, 99, number))).toEqual([]);
    }
    if (number !== undefined) receive(client, 53, number);
  }
});

test('the window is a range of numbers: answers behind the oldest free nothing (5.2)', () => {
  const client = ready(4);
  const numbers = [0, 1, 2, 3].map((ref) => send(client, ref));
  expect(client.capacity()).toBe(0);
  for (const number of numbers.slice(1)) if (number !== undefined) receive(client, 53, number);
  expect(client.capacity()).toBe(0);
  receive(client, 53, packetNumber(3));
  expect(client.capacity()).toBe(4);
});

test('a window of 128 takes every odd number, and never one that is still outstanding (5.2)', () => {
  const client = ready(128);
  const numbers = Array.from({ length: 128 }, (_, ref) => send(client, ref));
  expect(new Set(numbers).size).toBe(128);
  expect(client.capacity()).toBe(0);
});

test('the password is in the bytes and in no trace', () => {
  const client = new CimdClient(clientSettings({ password: 'topsecret' }), () => 0);
  client.handle({ type: 'log-in' }, now);
  const outputs = client.handle({ type: 'opened' }, now);
  const [written] = outputs.flatMap((output) => (output.type === 'write' ? [output] : []));
  expect(Buffer.from(written?.bytes ?? []).toString('latin1')).toContain('011:topsecret');
  expect(JSON.stringify(outputs.map((output) => (output.type === 'write' ? output.packet : output)))).not.toContain(
    'topsecret',
  );
});
