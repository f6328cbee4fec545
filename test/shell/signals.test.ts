import { setTimeout as waitMs } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { waitForShutdown } from '../../src/shell/signals.ts';
import { type Child, startChild } from './processes/child.ts';

const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
});

async function startRole(drainMs: number, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = startChild('./role.ts', [String(drainMs)], { env });
  children.push(child);
  expect(await child.next()).toContain('"role.ready/1"');
  return child;
}

describe('waitForShutdown', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('drains after %s and ends with 0', async (signal) => {
    const role = await startRole(10);
    role.signal(signal);
    expect(await role.next()).toBe(`draining ${signal}`);
    expect(await role.next()).toBe(`ended ${signal}`);
    expect(await role.ended()).toMatchObject({ status: 0 });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'leaves at once after a second %s, with %d, but not for one that comes right behind the first',
    async (signal, status) => {
      const role = await startRole(60_000);
      role.signal(signal);
      expect(await role.next()).toBe(`draining ${signal}`);
      role.signal(signal);
      role.signal('SIGHUP');
      expect(await role.next()).toBe('reloaded');
      // The rule is about real time between two real signals.
      await waitMs(550);
      role.signal(signal);
      expect(await role.ended()).toMatchObject({ status });
    },
  );

  it('reloads on SIGHUP and goes on', async () => {
    const role = await startRole(0);
    role.signal('SIGHUP');
    expect(await role.next()).toBe('reloaded');
    role.signal('SIGTERM');
    expect(await role.ended()).toMatchObject({ status: 0 });
  });

  it('drains when the pipe from its parent closes, if it was told that it has one', async () => {
    const role = await startRole(0, { RINGBRIDGE_PARENT_PIPE: '1' });
    role.closeInput();
    expect(await role.next()).toBe('draining parent-gone');
    expect(await role.ended()).toMatchObject({ status: 0 });
  });

  it('does not mind its stdin otherwise', async () => {
    const role = await startRole(0);
    role.closeInput();
    role.signal('SIGHUP');
    expect(await role.next()).toBe('reloaded');
  });

  it('drains when it is asked to, and passes on that draining failed', async () => {
    const stop = new AbortController();
    const causes: string[] = [];
    const ended = waitForShutdown({
      onDrain: async (cause) => {
        causes.push(cause);
        throw new Error('stuck');
      },
      stop: stop.signal,
    });
    stop.abort();
    await expect(ended).rejects.toThrow('stuck');
    expect(causes).toEqual(['asked']);
    expect(await waitForShutdown({ onDrain: async () => undefined, stop: stop.signal })).toBe('asked');
  });
});
