/** What a dialogue would be too long for, at the server end. */
import { describe, expect, test } from 'vitest';
import { type Instant, instant } from '../../../src/core/base/time.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { heldLimitBytes } from '../../../src/core/handshake/reception.ts';
import { CimdServerSession } from '../../../src/core/handshake/server.ts';
import type { ServerInput, ServerOutput, ServerSettings } from '../../../src/core/handshake/server-io.ts';
import { serverSettings } from './settings.ts';

const t0 = instant(0);

function wire(operation: number, number: number, values: readonly [number, string][] = []): Uint8Array {
  const parameters = values.map(([code, value]) => ({ code, value }));
  return encodePacket({ operation, packetNumber: packetNumber(number), parameters }, { checksum: 'send' });
}

function bound(
  window: number | undefined,
  respond: Partial<Extract<ServerInput, { type: 'respond' }>> = {},
  settings: Partial<ServerSettings> = {},
): CimdServerSession {
  const session = new CimdServerSession(serverSettings(settings));
  session.handle({ type: 'opened' }, t0);
  const login: [number, string][] = [
    [10, 'app'],
    [11, 'secret'],
  ];
  if (window !== undefined) login.push([19, String(window)]);
  session.handle({ type: 'received', bytes: wire(1, 1, login) }, t0);
  session.handle({ type: 'respond', token: 1, parameters: [], ...respond }, t0);
  return session;
}

/** Operation and number of what is written: `[99, 3]`. */
function written(outputs: readonly ServerOutput[]): readonly (readonly [number | undefined, number | undefined])[] {
  return outputs.flatMap((one) =>
    one.type === 'write' ? [[one.packet?.operation, one.packet?.packetNumber] as const] : [],
  );
}

describe('a window at the server', () => {
  test.each([2, 64, 128])('of %i takes as many requests unanswered, and NACKs the one behind them (5.2)', (window) => {
    const session = bound(window);
    let number = 3;
    for (let sent = 0; sent < window; sent += 1) {
      const outputs = session.handle({ type: 'received', bytes: wire(3, number) }, t0);
      expect(outputs.map((one) => one.type)).toEqual(['seen', 'request']);
      number = (number + 2) % 256;
    }
    expect(written(session.handle({ type: 'received', bytes: wire(3, number) }, t0))).toEqual([[99, number]]);
  });

  test.each([2, 128])('of %i lets the SMSC send as many delivers unanswered (5.3)', (window) => {
    const session = bound(window);
    for (let ref = 0; ref < window; ref += 1) {
      expect(session.capacity()).toBe(window - ref);
      const outputs = session.handle({ type: 'request', ref, operation: 20, parameters: [] }, t0);
      expect(written(outputs)).toEqual([[20, 2 * ref]]);
    }
    expect(session.capacity()).toBe(0);
    session.handle({ type: 'received', bytes: wire(70, 0) }, t0);
    expect(session.capacity()).toBe(1);
  });

  test('is one for delivers to an account that is not receiving (5.3)', () => {
    const session = bound(64, { deliverWindow: 1 });
    expect(session.capacity()).toBe(1);
    session.handle({ type: 'request', ref: 1, operation: 20, parameters: [] }, t0);
    expect(session.capacity()).toBe(0);
    // The application's own window stays as it was asked for.
    const first = session.handle({ type: 'received', bytes: wire(3, 3) }, t0);
    const second = session.handle({ type: 'received', bytes: wire(3, 5) }, t0);
    expect([...written(first), ...written(second)]).toEqual([]);
  });

  test('is one for what the message poller fetched, beside others (5.3)', () => {
    const session = bound(8);
    session.handle({ type: 'request', ref: 1, operation: 20, parameters: [], source: 'stored' }, t0);
    expect([session.capacity('stored'), session.capacity('arrived')]).toEqual([0, 7]);
    session.handle({ type: 'request', ref: 2, operation: 20, parameters: [] }, t0);
    expect(session.capacity('stored')).toBe(0);
    session.handle({ type: 'received', bytes: wire(70, 0) }, t0);
    expect([session.capacity('stored'), session.capacity('arrived')]).toEqual([1, 7]);
    session.handle({ type: 'request', ref: 3, operation: 20, parameters: [], source: 'stored' }, t0);
    expect(() =>
      session.handle({ type: 'request', ref: 4, operation: 20, parameters: [], source: 'stored' }, t0),
    ).toThrow('capacity');
  });
});

describe('a flood', () => {
  const perSecond = 100;
  const alive = wire(40, 3);

  test('is answered at the pace of the limit, and nothing of it is lost', () => {
    const session = bound(undefined, {}, { packetsPerSecond: perSecond });
    const count = 120;
    const bytes = new Uint8Array(count * alive.length);
    for (let i = 0; i < count; i += 1) bytes.set(wire(40, (3 + 2 * i) % 256), i * alive.length);
    const answeredAt = [...written(session.handle({ type: 'received', bytes }, t0)).map(() => 0)];
    for (let at = session.deadline(); at !== undefined && answeredAt.length < count; at = session.deadline()) {
      const now: Instant = at;
      answeredAt.push(...written(session.handle({ type: 'tick' }, now)).map(() => Number(now)));
    }
    expect(answeredAt).toHaveLength(count);
    // The login was the first of the hundred that may come at once.
    expect(answeredAt.filter((at) => at === 0)).toHaveLength(perSecond - 1);
    expect(answeredAt.at(-1)).toBe(((count - perSecond + 1) * 1_000) / perSecond);
  });

  test('costs no more than its limit in memory: beyond it the connection is closed', () => {
    const session = bound(undefined, {}, { packetsPerSecond: 1 });
    const noise = new Uint8Array(heldLimitBytes / 4).fill(0x02);
    const outputs = [1, 2, 3, 4, 5].flatMap(() => session.handle({ type: 'received', bytes: noise }, t0));
    expect(outputs.filter((one) => one.type === 'close')).toEqual([
      { type: 'close', reason: `More than ${heldLimitBytes} bytes waited to be taken.` },
    ]);
    expect(session.state).toBe('closed');
    // Not a word for every byte of it either.
    expect(outputs.length).toBeLessThan(10);
  });

  test('of single bytes is held like any other', () => {
    const session = bound(undefined, {}, { packetsPerSecond: 1 });
    const bytes = [...wire(40, 3), ...wire(40, 5)];
    const outputs = bytes.flatMap((byte) => session.handle({ type: 'received', bytes: Uint8Array.of(byte) }, t0));
    expect(written(outputs)).toEqual([]);
    expect(written(session.handle({ type: 'tick' }, instant(1_000)))).toEqual([[90, 3]]);
    expect(written(session.handle({ type: 'tick' }, instant(2_000)))).toEqual([[90, 5]]);
  });
});
