/** What an application costs that floods, is silent, never reads or comes too often: a timer, and bytes up to a limit. */
import { describe, expect, it } from 'vitest';
import { concatBytes, fromLatin1 } from '../../../../src/core/base/bytes.ts';
import { encodePacket } from '../../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { defaultSessionSettings, limits, type SmscSettings } from '../../../../src/core/roles/smsc/settings.ts';
import { type Application, account, World } from './harness.ts';

const session = { ...defaultSessionSettings, greeting: undefined };

function worldWith(changes: Partial<SmscSettings['session']>): World {
  return new World({ session: { ...session, ...changes } });
}

/** So many alive packets, from that number on. */
function alives(count: number, first: number): Uint8Array {
  const packets = Array.from({ length: count }, (_, index) => {
    const number = packetNumber((first + 2 * index) % 256);
    return encodePacket({ operation: 40, packetNumber: number, parameters: [] }, { checksum: 'send' });
  });
  return concatBytes(...packets);
}

function flowsOf(world: World): readonly string[] {
  return world.outputs.flatMap((output) => (output.type === 'reading' ? [output.flow] : []));
}

describe('a flood of alive packets', () => {
  it('is read no further while much of it waits, and every packet is answered in the end (6.4)', () => {
    const world = worldWith({ packetsPerSecond: 1_000 });
    const application = world.bound();
    let sent = 0;
    while (flowsOf(world).length === 0) {
      application.writeBytes(alives(1_280, 3 + 2 * sent));
      sent += 1_280;
      // 64 KiB in packets of 11 bytes, a second's worth taken at once, and the last piece.
      expect(sent).toBeLessThan(9_000);
    }
    expect(flowsOf(world)).toEqual(['pause']);
    const atOnce = application.take();
    expect(atOnce.length).toBeLessThanOrEqual(1_000);
    world.pass(10_000);
    expect(flowsOf(world)).toEqual(['pause', 'resume']);
    const answers = application.take();
    expect(atOnce.length + answers.length).toBe(sent);
    expect(answers.every((answer) => answer.startsWith('90:'))).toBe(true);
    expect(application.state).toBe('open');
  });

  it('leaves the others their turn', () => {
    const world = worldWith({ packetsPerSecond: 100 });
    const flooding = world.bound();
    const other = world.bound();
    flooding.writeBytes(alives(1_280, 3));
    other.send(40, []);
    expect(other.take()).toEqual(['90:003']);
  });
});

describe('silence', () => {
  it('ends a session after three minutes, also where a byte comes every minute (6.4)', () => {
    const world = worldWith({});
    const silent = world.bound();
    const slow = world.bound();
    for (const byte of ['\u0002', '4', '0']) {
      expect([silent.state, slow.state]).toEqual(['open', 'open']);
      slow.writeBytes(fromLatin1(byte));
      world.pass(60_000);
    }
    expect([silent.state, slow.state]).toEqual(['end', 'end']);
  });

  it('is none while alive packets come (6.4)', () => {
    const world = worldWith({});
    const application = world.bound();
    for (let minute = 0; minute < 10; minute += 1) {
      world.pass(120_000);
      application.send(40, []);
    }
    expect(application.state).toBe('open');
  });

  it('ends a connection without a login after half a minute, whatever bytes come', () => {
    const world = worldWith({});
    const application = world.connect();
    for (let second = 0; second < 29; second += 1) {
      world.pass(1_000);
      application.writeBytes(fromLatin1('x'));
    }
    expect(application.state).toBe('open');
    world.pass(1_000);
    expect(application.state).toBe('end');
  });
});

describe('an application that never reads', () => {
  it('gets each deliver four times at most, and what it did not answer goes to the next (5.3)', () => {
    const world = worldWith({});
    const deaf = world.bound();
    for (let index = 0; index < 50; index += 1) inject(world, index);
    for (let minute = 0; minute < 5; minute += 1) {
      world.pass(60_000);
      if (deaf.state === 'open') deaf.send(40, []);
    }
    expect(deaf.state).toBe('end');
    const delivers = deaf.take().filter((packet) => packet.startsWith('20:'));
    expect(delivers).toHaveLength(4);
    expect(new Set(delivers).size).toBe(1);
    const next = world.bound();
    expect(answerInTurn(world, next)).toHaveLength(50);
  });
});

describe('connections', () => {
  it('of one address are limited, and of another one may still come', () => {
    const world = worldWith({});
    const many = Array.from({ length: 300 }, (_, index) => world.connect(`192.0.2.1:${1_000 + index}`));
    expect(many.filter(({ state }) => state === 'open')).toHaveLength(limits.connectionsPerAddress);
    const other = world.connect('192.0.2.2:1000');
    expect(other.state).toBe('open');
    many[0]?.lose();
    expect(world.connect('192.0.2.1:2000').state).toBe('open');
    expect(world.connect('192.0.2.1:2001').state).toBe('end');
    const refusals = world.outputs.filter(
      (output) => output.type === 'log' && output.event === 'smsc.connection-refused',
    );
    expect(refusals).toHaveLength(300 - limits.connectionsPerAddress + 1);
  });

  it('over a socket of this machine are limited in number only', () => {
    const world = worldWith({});
    const many = Array.from({ length: 70 }, () => world.connect('unix'));
    expect(many.filter(({ state }) => state === 'open')).toHaveLength(limits.connections);
  });
});

describe('the window towards the application', () => {
  it('is one for a querying account, however large its own is (5.3)', () => {
    const world = new World({ accounts: [{ ...account, type: 'querying' }] });
    const application = world.bound([19, '8']);
    for (let index = 0; index < 3; index += 1) inject(world, index);
    for (let index = 0; index < 3; index += 1) application.send(5, [[68, '1']]);
    expect(application.take().filter((packet) => packet.startsWith('20:'))).toHaveLength(1);
    application.write(70, 0);
    expect(application.take().map((packet) => packet.slice(0, 6))).toEqual(['20:002']);
  });

  it('is one for what waited before the login, and whole for what comes later, in order (5.3)', () => {
    const world = new World();
    for (let index = 0; index < 3; index += 1) inject(world, index);
    const application = world.bound([19, '4']);
    for (let index = 3; index < 9; index += 1) inject(world, index);
    const seen: string[] = [];
    const rounds: number[] = [];
    for (let packets = application.takePackets(); packets.length > 0; packets = application.takePackets()) {
      rounds.push(packets.length);
      for (const packet of packets) {
        seen.push(packet.parameters.find(({ code }) => code === 33)?.value ?? '');
        application.write(70, packet.packetNumber);
      }
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
    expect(rounds.slice(0, 2)).toEqual([1, 1]);
    expect(Math.max(...rounds)).toBeGreaterThan(1);
  });
});

function inject(world: World, index: number): void {
  world.input({ type: 'inject', ref: index, from: '+63917', to: '2882', text: String(index) });
}

function answerInTurn(world: World, application: Application): readonly string[] {
  const seen = application.answerAll();
  world.pass(1);
  return [...seen, ...application.answerAll()];
}
