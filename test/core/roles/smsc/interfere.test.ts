import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';

describe('interference', () => {
  it('is asked once about every request and refuses it with its code before anything is done', () => {
    const asked: string[] = [];
    const world = new World({
      interfere: ({ operation, user }) => {
        asked.push(`${operation} ${user}`);
        return asked.length % 2 === 1 ? 9 : undefined;
      },
    });
    const application = world.connect();
    const login: [number, string][] = [
      [10, 'app'],
      [11, 'secret'],
    ];
    application.send(1, login);
    application.send(1, login);
    const submit: [number, string][] = [
      [21, '1'],
      [33, 'x'],
    ];
    application.send(3, submit);
    application.send(3, submit);
    application.send(9, [[500, '501']]);
    expect(application.take()).toEqual([
      '51:001 900:9',
      '51:003',
      '53:005 021:1 900:9',
      '53:007 021:1 060:260131235959',
      '59:009 900:9',
    ]);
    expect(asked).toEqual(['1 app', '1 app', '3 app', '3 app', '9 app']);
    expect(world.smsc.counts()).toMatchObject({ loginsRefused: 1, submitsRefused: 1, submitsAccepted: 1 });
  });
});
