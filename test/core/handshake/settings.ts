/** Settings for tests: the defaults of the commands, short of what a test changes. */
import type { ClientSettings } from '../../../src/core/handshake/client-io.ts';
import type { ServerSettings } from '../../../src/core/handshake/server-io.ts';

export function clientSettings(changes: Partial<ClientSettings> = {}): ClientSettings {
  return {
    user: 'app',
    password: 'secret',
    subaddress: undefined,
    window: 1,
    checksum: 'send',
    greetingWaitMs: 0,
    aliveMs: 30_000,
    answerTimeoutMs: 60_000,
    repeats: 2,
    reconnectMs: { first: 1_000, cap: 60_000, afterRefusedLogin: 30_000 },
    reconnect: 'forever',
    ...changes,
  };
}

export function serverSettings(changes: Partial<ServerSettings> = {}): ServerSettings {
  return {
    greeting: undefined,
    numbers: 'strict',
    answerTimeoutMs: 60_000,
    repeats: 3,
    loginTimeoutMs: 30_000,
    idleMs: 0,
    nackLimit: 10,
    ...changes,
  };
}
