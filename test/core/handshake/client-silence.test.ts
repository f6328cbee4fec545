/** A line that has no end of connection: DESIGN section 5. */
import { describe, expect, it } from 'vitest';
import { type Instant, instant } from '../../../src/core/base/time.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../../src/core/handshake/client.ts';
import type { ClientOutput } from '../../../src/core/handshake/client-io.ts';
import { clientSettings } from './settings.ts';

const at = (ms: number): Instant => instant(ms);
const late = encodePacket({ operation: 53, packetNumber: packetNumber(3), parameters: [] }, { checksum: 'send' });

function opened(): CimdClient {
  const client = new CimdClient(clientSettings({ silenceBeforeLoginMs: 60_000 }), () => 0);
  client.handle({ type: 'log-in' }, at(0));
  expect(writes(client.handle({ type: 'opened' }, at(0)))).toEqual([]);
  return client;
}

function writes(outputs: readonly ClientOutput[]): readonly number[] {
  return outputs.flatMap((output) => (output.type === 'write' ? [output.packet.operation] : []));
}

describe('silence before a login (DESIGN 5)', () => {
  it('logs in when nothing came for so long', () => {
    const client = opened();
    expect([client.state, client.capacity(), client.deadline()]).toEqual(['connecting', 0, at(60_000)]);
    expect(writes(client.handle({ type: 'tick' }, at(59_999)))).toEqual([]);
    expect(writes(client.handle({ type: 'tick' }, at(60_000)))).toEqual([1]);
    expect(client.state).toBe('logging-in');
  });

  it('begins anew with every byte, and takes none for an answer of the session to come', () => {
    const client = opened();
    client.handle({ type: 'received', bytes: late }, at(50_000));
    expect(client.deadline()).toBe(at(110_000));
    expect(writes(client.handle({ type: 'tick' }, at(60_000)))).toEqual([]);
    // The begin of a packet that will never end.
    client.handle({ type: 'received', bytes: late.subarray(0, 5) }, at(100_000));
    expect(writes(client.handle({ type: 'tick' }, at(160_000)))).toEqual([1]);
    const login = encodePacket({ operation: 51, packetNumber: packetNumber(1), parameters: [] }, { checksum: 'send' });
    client.handle({ type: 'received', bytes: login }, at(160_001));
    expect(client.state).toBe('ready');
  });

  it('logs in after five times as long to a line that never is silent', () => {
    const client = opened();
    for (let ms = 1_000; ms < 300_000; ms += 1_000) {
      client.handle({ type: 'received', bytes: late }, at(ms));
      expect(writes(client.handle({ type: 'tick' }, at(ms)))).toEqual([]);
    }
    expect(client.deadline()).toBe(at(300_000));
    expect(writes(client.handle({ type: 'tick' }, at(300_000)))).toEqual([1]);
  });

  it('ends when it is told to, and begins anew when the line is lost', () => {
    const client = opened();
    const lost = client.handle({ type: 'closed', reason: 'unplugged' }, at(10));
    expect(lost).toContainEqual(expect.objectContaining({ state: 'down', code: 'PEER_UNREACHABLE' }));
    client.handle({ type: 'tick' }, client.deadline() ?? at(0));
    client.handle({ type: 'opened' }, at(70_000));
    expect(client.deadline()).toBe(at(130_000));
    const ended = client.handle({ type: 'log-out' }, at(70_001));
    expect(ended.map(({ type }) => type)).toEqual(['disconnect', 'session']);
    expect(client.state).toBe('ended');
  });
});
