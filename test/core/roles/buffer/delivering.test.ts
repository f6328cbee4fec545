import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../../src/core/codec/packet.ts';
import { World } from '../../../world/world.ts';

const phone = '+358401234567';

function textsOf(world: World, user = 'alice'): readonly string[] {
  return world.talk(user, phone).map(({ text }) => text);
}

/** Loses the buffer's next answers to delivers. */
function loseAnswers(world: World, count: number): void {
  let left = count;
  world.site().line.toSmsc = (packet) => {
    if (packet.operation !== 70 || left === 0) return 'pass';
    left -= 1;
    return 'lose';
  };
}

function answered(world: World): number {
  return world.eventsOf('deliver-answered').length;
}

describe('delivering', () => {
  it('joins a long text from a handset', () => {
    const world = World.running();
    const text = 'Every unhappy family is unhappy in its own way; '.repeat(15);
    world.inject(phone, '28820001', text);
    world.until('alice has it', () => textsOf(world).length === 1);
    expect(textsOf(world)).toEqual([text]);
    expect(answered(world)).toBeGreaterThan(3);
  });

  it('answers a deliver only once it is on disk', () => {
    const world = World.running({ commitMs: 400 });
    const answeredAt: number[] = [];
    const placed: number[] = [];
    world.site().line.toSmsc = (packet: Packet) => {
      if (packet.operation !== 70) return 'pass';
      answeredAt.push(world.now);
      placed.push([...world.site().store.entries(['ring', 'hel1', 'mo', 'slot'])].length);
      return 'pass';
    };
    for (let index = 0; index < 5; index += 1) world.inject(phone, '28820001', `text ${index}`);
    world.until('all are answered', () => answered(world) === 5);
    expect(placed).toEqual([1, 2, 3, 4, 5]);
  });

  describe('with --answer-after mirrored (DESIGN section 4)', () => {
    const mirrored = { sites: [{ smscId: 'hel1', buffer: { answerAfter: 'mirrored' as const } }] };

    it('answers only what the IM server has on its disk', () => {
      const world = World.running(mirrored);
      const held: number[] = [];
      world.site().line.toSmsc = (packet: Packet) => {
        if (packet.operation === 70) held.push([...world.im.store.entries(['ring', 'hel1', 'mo', 'slot'])].length);
        return 'pass';
      };
      for (let index = 0; index < 3; index += 1) world.inject(phone, '28820001', `text ${index}`);
      world.until('all are answered', () => answered(world) === 3);
      expect(held).toEqual([1, 2, 3]);
    });

    it('lets the SMSC keep it while the link is down, and answers when it is back', () => {
      const world = World.running(mirrored);
      world.im.crash();
      world.inject(phone, '28820001', 'once');
      world.pass(300_000);
      expect(answered(world)).toBe(0);
      expect(world.site().role?.status().waitingDelivers).toBe(1);
      world.im.start();
      world.until('it is answered', () => answered(world) === 1, 600_000);
      world.pass(60_000);
      expect(textsOf(world)).toEqual(['once']);
    });

    it('loses nothing with the disk of the buffer', () => {
      const world = World.running(mirrored);
      world.im.crash();
      for (let index = 0; index < 3; index += 1) world.inject(phone, '28820001', `text ${index}`);
      world.pass(5_000);
      world.site().crash();
      world.site().loseDisk();
      world.site().start();
      world.im.start();
      world.until('all are there', () => textsOf(world).length === 3, 600_000);
      expect(textsOf(world)).toEqual(['text 0', 'text 1', 'text 2']);
    });
  });

  it('leaves the SMSC without an answer while its ring is full, drops nothing, and all of it arrives afterwards', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { ringSize: 4 } }] });
    const wanted = Array.from({ length: 12 }, (_, index) => `text ${index}`);
    world.im.crash();
    for (const text of wanted) world.inject(phone, '28820001', text);
    world.pass(30_000);
    expect(answered(world)).toBe(4);
    expect(world.site().role?.status()).toMatchObject({ waitingDelivers: 1, mo: { used: 4, size: 4 } });
    // The SMSC repeats, gives the session up, delivers again in the next one: still nothing is doubled or dropped.
    world.pass(1_200_000);
    expect(answered(world)).toBe(4);
    expect(world.eventsOf('session').filter(({ state }) => state === 'closed').length).toBeGreaterThan(0);
    world.im.start();
    world.until('alice has all', () => textsOf(world).length === 12, 600_000);
    expect(textsOf(world)).toEqual(wanted);
    world.pass(600_000);
    expect(textsOf(world)).toHaveLength(12);
  });

  describe('with `defer`, while its ring is full', () => {
    const deferring = () => {
      const world = World.running({ sites: [{ smscId: 'hel1', buffer: { ringSize: 4, onFull: 'defer' } }] });
      const answers: string[] = [];
      world.site().line.toSmsc = (packet) => {
        if (packet.operation === 70)
          answers.push(packet.parameters.map(({ code, value }) => `${code}:${value}`).join());
        return 'pass';
      };
      return { world, answers };
    };

    it('answers delivers with 900:10, keeps its session, and all of them arrive when there is room (2.9)', () => {
      const { world, answers } = deferring();
      const wanted = Array.from({ length: 12 }, (_, index) => `text ${index}`);
      world.im.crash();
      for (const text of wanted) world.inject(phone, '28820001', text);
      world.pass(1_200_000);
      expect(answers.filter((answer) => answer === '')).toHaveLength(4);
      expect(answers.filter((answer) => answer === '900:10').length).toBeGreaterThan(8);
      expect(new Set(answers)).toEqual(new Set(['', '900:10']));
      expect(world.site().role?.status()).toMatchObject({ waitingDelivers: 0, mo: { used: 4 } });
      expect(world.eventsOf('session').filter(({ state }) => state === 'closed')).toEqual([]);
      world.im.start();
      world.until('alice has all', () => textsOf(world).length === 12, 600_000);
      expect([...textsOf(world)].sort()).toEqual([...wanted].sort());
      world.pass(600_000);
      expect(textsOf(world)).toHaveLength(12);
    });

    it('leaves a status report unanswered: 73 cannot put it off (2.10)', () => {
      const { world, answers } = deferring();
      const reports: string[] = [];
      world.site().line.fromSmsc = (packet) => {
        if (packet.operation === 23) reports.push('asked');
        return 'pass';
      };
      world.site().smscInput({ type: 'set-handset', number: phone, state: { type: 'off' } });
      world.send('alice', phone, 'Hello');
      world.until('it is at the SMSC', () => world.talk('alice', phone).at(-1)?.step === 'accepted');
      world.im.crash();
      for (let index = 0; index < 4; index += 1) world.inject(phone, '28820001', `text ${index}`);
      world.pass(30_000);
      world.site().smscInput({ type: 'set-handset', number: phone, state: { type: 'on' } });
      world.until('the report is offered', () => reports.length > 0, 3_600_000);
      world.pass(5_000);
      expect(world.site().role?.status()).toMatchObject({ waitingDelivers: 1 });
      expect(answers).toEqual(['', '', '', '']);
      world.im.start();
      world.until('it is on the handset', () => world.talk('alice', phone)[0]?.step === 'delivered', 600_000);
    });
  });

  it('keeps answering submits while a deliver waits for room', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { ringSize: 1 } }] });
    world.im.crash();
    world.inject(phone, '28820001', 'one');
    world.inject(phone, '28820001', 'two');
    world.pass(5_000);
    world.im.start();
    world.until('both are there', () => textsOf(world).length === 2);
    world.send('alice', phone, 'three');
    world.until('three is on the handset', () => world.received(phone).length === 1);
  });

  describe('recognises what the SMSC delivers again', () => {
    it('after the answer was lost with its session', () => {
      const world = World.running();
      loseAnswers(world, 1);
      world.inject(phone, '28820001', 'once');
      world.until('it is stored', () => textsOf(world).length === 1);
      world.site().cutSmsc();
      world.until('it is answered after all', () => answered(world) === 1);
      expect(world.eventsOf('deliver-offered').map(({ attempt }) => attempt)).toEqual([1, 2]);
      world.pass(60_000);
      expect(textsOf(world)).toEqual(['once']);
      expect(world.logged('deliver.recognised')).toHaveLength(1);
    });

    it('after a restart of the buffer', () => {
      const world = World.running();
      loseAnswers(world, 1);
      world.inject(phone, '28820001', 'once');
      world.until('it is stored', () => textsOf(world).length === 1);
      world.site().crash();
      world.site().start();
      world.until('it is answered after all', () => answered(world) === 1);
      world.pass(60_000);
      expect(textsOf(world)).toEqual(['once']);
      expect(world.logged('deliver.recognised')).toHaveLength(1);
    });

    it('again and again, as long as no answer comes through', () => {
      const world = World.running();
      loseAnswers(world, 5);
      world.inject(phone, '28820001', 'once');
      for (let cut = 0; cut < 5; cut += 1) {
        world.until('it is offered', () => world.eventsOf('deliver-offered').length === cut + 1);
        world.pass(500);
        world.site().cutSmsc();
      }
      world.until('it is answered after all', () => answered(world) === 1);
      world.pass(60_000);
      expect(textsOf(world)).toEqual(['once']);
    });

    it('when it had to wait for room, and was not answered at all', () => {
      const world = World.running({ sites: [{ smscId: 'hel1', buffer: { ringSize: 1 } }] });
      world.site().isLinkOpen = false;
      world.site().cutLink();
      world.inject(phone, '28820001', 'one');
      world.inject(phone, '28820001', 'two');
      world.pass(1_000);
      world.site().cutSmsc();
      world.pass(1_000);
      world.site().isLinkOpen = true;
      world.until('both are there', () => textsOf(world).length === 2);
      world.pass(60_000);
      expect(textsOf(world)).toEqual(['one', 'two']);
    });
  });

  it('lets the same text pass that a handset sends twice on purpose', () => {
    const world = World.running();
    world.inject(phone, '28820001', 'yes');
    world.inject(phone, '28820001', 'yes');
    world.until('both are there', () => textsOf(world).length === 2);
    world.inject(phone, '28820001', 'yes');
    world.until('the third is there', () => textsOf(world).length === 3);
    expect(world.logged('deliver.recognised')).toEqual([]);
  });

  it('keeps no candidate once the SMSC has shown that it had the answer', () => {
    const world = World.running();
    for (let index = 0; index < 20; index += 1) world.inject(phone, '28820001', `text ${index}`);
    world.until('all are there', () => textsOf(world).length === 20);
    // The last one, whose answer nothing has shown to have arrived.
    expect([...world.site().store.entries(['candidate'])]).toHaveLength(1);
    world.site().input({ type: 'drain' });
    world.until('the buffer is drained', () => world.site().isDrained);
    expect([...world.site().store.entries(['candidate'])]).toHaveLength(0);
  });

  it('refuses a deliver that it cannot read, and the next one passes', () => {
    const world = World.running();
    let isFirst = true;
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation !== 20 || !isFirst) return 'pass';
      isFirst = false;
      return { type: 'instead', parameters: [{ code: 21, value: '28820001' }] };
    };
    world.inject(phone, '28820001', 'spoilt');
    world.inject(phone, '28820001', 'sound');
    world.until('the sound one is there', () => textsOf(world).length === 1);
    expect(textsOf(world)).toEqual(['sound']);
    expect(world.logged('deliver.unusable')).toHaveLength(1);
  });
});

describe('the zone of the SMSC', () => {
  const sentAt = Date.UTC(2026, 10, 22, 12);

  function timeShown(world: World): number {
    world.inject(phone, '28820001', 'now');
    world.until('alice has it', () => textsOf(world).length === 1);
    return world.talk('alice', phone)[0]?.at ?? 0;
  }

  it('is asked for by Get 501 before anything else, so times are right', () => {
    const asked: string[] = [];
    const world = new World();
    world.im.start();
    world.im.addUser('alice', '0001');
    world.site().line.toSmsc = (packet) => {
      asked.push(`${packet.operation} ${packet.parameters.map(({ value }) => value).join(' ')}`);
      return 'pass';
    };
    world.site().start();
    world.until('the session is ready', () => world.site().role?.status().zoneMinutes === 480);
    expect(asked).toEqual(['1 app secret', '9 501']);
    expect(Math.abs(timeShown(world) - sentAt)).toBeLessThan(10_000);
  });

  it('is this machine’s where the SMSC refuses to tell, and the log says so', () => {
    const world = new World({ sites: [{ smscId: 'hel1', smsc: { zoneOffset: 120 }, buffer: { machineZone: 120 } }] });
    world.im.start();
    world.im.addUser('alice', '0001');
    world.site().line.fromSmsc = (packet) =>
      packet.operation === 59 ? { type: 'instead', parameters: [{ code: 900, value: '900' }] } : 'pass';
    world.site().start();
    world.until('the session is ready', () => world.site().role?.status().zoneMinutes === 120);
    expect(world.logged('smsc.zone').map(({ event }) => [event.level, event.fields['from']])).toEqual([
      ['warn', 'machine'],
    ]);
    expect(Math.abs(timeShown(world) - sentAt)).toBeLessThan(10_000);
  });

  it('is not asked for where the operator gave it', () => {
    const world = World.running({ sites: [{ smscId: 'hel1', buffer: { smscZone: 480 } }] });
    expect(world.logged('smsc.zone')).toEqual([]);
    expect(Math.abs(timeShown(world) - sentAt)).toBeLessThan(10_000);
  });

  it('lets a deliver wait that comes before the answer, and asks again after each login', () => {
    const world = World.running();
    world.site().cutSmsc();
    let held = 0;
    world.site().line.fromSmsc = (packet) => {
      if (packet.operation === 59) held += 1;
      return 'pass';
    };
    world.inject(phone, '28820001', 'now');
    world.until('alice has it', () => textsOf(world).length === 1);
    expect(held).toBe(1);
  });
});
