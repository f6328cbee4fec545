import { describe, expect, it } from 'vitest';
import { World } from '../../world/world.ts';

const phone = '+358401234567';

describe('a message across the bridge', () => {
  it('goes from a person to a handset, with every step from a real status', () => {
    const world = World.running();
    const cid = world.send('alice', phone, 'Hello');
    world.until('it is stored', () => world.im.answers.has(cid));
    expect(world.talk('alice', phone).map(({ text, step }) => [text, step])).toEqual([['Hello', 'stored']]);
    world.until('it is accepted', () => world.talk('alice', phone)[0]?.step === 'accepted');
    world.until('it is on the handset', () => world.talk('alice', phone)[0]?.step === 'delivered');
    expect(world.received(phone)).toEqual(['Hello']);
    expect(world.eventsOf('submitted').map(({ from }) => from)).toEqual(['28820001']);
  });

  it('goes from a handset to the person whose suffix was called, and the reply finds back', () => {
    const world = World.running();
    world.inject(phone, '28820002', 'Where are you?');
    world.until('bob has it', () => world.talk('bob', phone).length === 1);
    expect(world.talk('bob', phone)[0]).toMatchObject({ direction: 'in', text: 'Where are you?', marks: [] });
    world.send('bob', phone, 'At home');
    world.until('the reply is there', () => world.received(phone).length === 1);
    expect(world.eventsOf('received')[0]).toMatchObject({ from: '28820002', text: 'At home' });
    world.inject(phone, '28820002', 'Fine');
    world.until('bob has that too', () => world.talk('bob', phone).length === 3);
    expect(world.talk('alice', phone)).toEqual([]);
  });
});
