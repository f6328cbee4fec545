import { describe, expect, it } from 'vitest';
import { type Packet, parameterOf } from '../../../../src/core/codec/packet.ts';
import type { ApplicationType } from '../../../../src/core/handshake/client-io.ts';
import type { BufferSettings } from '../../../../src/core/roles/buffer/buffer-io.ts';
import type { Account } from '../../../../src/core/roles/smsc/settings.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

/** A bridge whose account is of that type, at the SMSC and in the buffer's settings; polling every five seconds. */
function worldOf(
  type: ApplicationType,
  ringSize = 255,
  settings: Partial<BufferSettings> = {},
): { readonly world: World; readonly asked: Packet[] } {
  const account: Account = {
    user: 'app',
    password: 'secret',
    number: '2882',
    type,
    reports: 'allowed',
    maxSessions: 1,
    maxWindow: 1,
  };
  const world = World.running({
    sites: [
      {
        smscId: 'hel1',
        smsc: { accounts: [account] },
        buffer: { applicationType: type, pollMs: 5_000, ringSize, ...settings },
      },
    ],
  });
  const asked: Packet[] = [];
  world.site().line.toSmsc = (packet) => {
    asked.push(packet);
    return 'pass';
  };
  return { world, asked };
}

function count(asked: readonly Packet[], operation: number): number {
  return asked.filter((packet) => packet.operation === operation).length;
}

describe('a querying account (2.1, 2.6)', () => {
  it('fetches messages in their order, one 05 each, and asks at its pace when none waits', () => {
    const { world, asked } = worldOf('querying');
    for (const text of ['one', 'two', 'three']) world.inject(phone, '28820001', text);
    world.until('alice has them', () => world.talk('alice', phone).length === 3);
    expect(world.talk('alice', phone).map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    asked.length = 0;
    world.pass(60_000);
    expect(count(asked, 5)).toBeGreaterThanOrEqual(11);
    expect(count(asked, 5)).toBeLessThanOrEqual(13);
  });

  it('is sent no report and asks (04), so its sender sees the message on the handset', () => {
    const { world, asked } = worldOf('querying');
    world.send('alice', phone, 'Hello');
    world.until('its sender sees it on the handset', () => world.talk('alice', phone)[0]?.step === 'delivered');
    const submits = asked.filter((packet) => packet.operation === 3);
    expect(submits.map((packet) => parameterOf(packet, 56) ?? '')).toEqual(['62']);
    expect(count(asked, 4)).toBe(1);
    expect(count(asked, 73)).toBe(0);
  });

  it('is asked for no status where the operator wants no reports', () => {
    const { world, asked } = worldOf('querying', 255, { reports: 'none' });
    world.send('alice', phone, 'Hello');
    world.until('it is on the handset', () => world.received(phone).length === 1);
    world.pass(60_000);
    expect(count(asked, 4)).toBe(0);
    expect(world.talk('alice', phone)[0]?.step).toBe('accepted');
  });

  it('asks for nothing while its ring is full, and goes on when there is room', () => {
    const { world, asked } = worldOf('querying', 2);
    world.pass(10_000);
    world.site().isLinkOpen = false;
    world.site().cutLink();
    for (let index = 0; index < 6; index += 1) world.inject(phone, '28820001', `text ${index}`);
    world.pass(30_000);
    asked.length = 0;
    world.pass(60_000);
    expect(count(asked, 5)).toBe(0);
    world.site().isLinkOpen = true;
    world.until('alice has them', () => world.talk('alice', phone).length === 6);
    expect(world.talk('alice', phone).map(({ text }) => text)).toEqual(
      Array.from({ length: 6 }, (_, index) => `text ${index}`),
    );
  });
});

describe('a send-only account (2.1)', () => {
  it('submits, asks for no messages, and asks what became of its submits', () => {
    const { world, asked } = worldOf('send-only');
    world.send('alice', phone, 'Hello');
    world.until('its sender sees it on the handset', () => world.talk('alice', phone)[0]?.step === 'delivered');
    world.pass(20_000);
    expect(count(asked, 5)).toBe(0);
    expect(count(asked, 4)).toBe(1);
  });
});
