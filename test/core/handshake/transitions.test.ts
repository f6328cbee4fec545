/**
 * Every state of either end takes every input: nothing throws, the state moves only along the tables below, and a tick
 * at the deadline always does something about it.
 */
import { describe, expect, test } from 'vitest';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { InvariantError } from '../../../src/core/base/invariant.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../../src/core/handshake/client.ts';
import type { ClientInput, ClientOutput, SessionState } from '../../../src/core/handshake/client-io.ts';
import { CimdServerSession } from '../../../src/core/handshake/server.ts';
import type { ServerInput, ServerState } from '../../../src/core/handshake/server-io.ts';
import { clientSettings, serverSettings } from './settings.ts';

const t0 = instant(0);

function wire(operation: number, number: number, parameters: readonly { code: number; value: string }[] = []) {
  const packet = { operation, packetNumber: packetNumber(number), parameters };
  return { type: 'received', bytes: encodePacket(packet, { checksum: 'send' }) } as const;
}

const submit = {
  type: 'request',
  ref: 1,
  operation: 3,
  parameters: [{ code: 21, value: '1' }],
  onTimeout: 'ask',
} as const;

// The client

const clientSteps: Readonly<Record<SessionState, readonly SessionState[]>> = {
  down: ['down', 'connecting', 'ended'],
  connecting: ['connecting', 'logging-in', 'down', 'ended'],
  'logging-in': ['logging-in', 'ready', 'down', 'ended'],
  ready: ['ready', 'down', 'logging-out'],
  'logging-out': ['logging-out', 'ended'],
  ended: ['ended', 'connecting'],
};

const clientPaths: Readonly<Record<string, { state: SessionState; inputs: readonly ClientInput[] }>> = {
  idle: { state: 'down', inputs: [] },
  connecting: { state: 'connecting', inputs: [{ type: 'log-in' }] },
  'waiting for the greeting': { state: 'logging-in', inputs: [{ type: 'log-in' }, { type: 'opened' }] },
  'logging in': {
    state: 'logging-in',
    inputs: [{ type: 'log-in' }, { type: 'opened' }, { type: 'received', bytes: fromLatin1('hello') }],
  },
  ready: { state: 'ready', inputs: [] },
  'submit outstanding': { state: 'ready', inputs: [submit] },
  'deliver unanswered': { state: 'ready', inputs: [wire(20, 0)] },
  draining: { state: 'logging-out', inputs: [submit, { type: 'log-out' }] },
  leaving: { state: 'logging-out', inputs: [{ type: 'log-out' }] },
  waiting: { state: 'down', inputs: [{ type: 'log-in' }, { type: 'closed', reason: 'refused' }] },
  ended: { state: 'ended', inputs: [{ type: 'log-out' }] },
};

const clientInputs: readonly ClientInput[] = [
  { type: 'log-in' },
  { type: 'opened' },
  { type: 'closed', reason: 'reset' },
  { type: 'repeat', ref: 1 },
  { type: 'answer', token: 1, parameters: [] },
  { type: 'log-out' },
  { type: 'tick' },
  { type: 'received', bytes: fromLatin1('noise') },
  { type: 'received', bytes: fromLatin1('\x0220:000\tZZ\x03') },
  { type: 'received', bytes: fromLatin1('\x0220:000\t21:1\t\x03') },
  { type: 'received', bytes: fromLatin1('\x02half') },
  wire(51, 1),
  wire(51, 1, [{ code: 900, value: '100' }]),
  wire(52, 3),
  wire(53, 3, [{ code: 21, value: '1' }]),
  wire(53, 3, [{ code: 21, value: '2' }]),
  wire(54, 3),
  wire(90, 3),
  wire(98, 0, [{ code: 900, value: '1' }]),
  ...[0, 1, 3, 5, 99].map((number) => wire(99, number)),
  wire(20, 0),
  wire(20, 8),
  wire(23, 0),
  wire(40, 0),
  wire(3, 0),
  wire(7, 7),
];

function clientIn(name: string): CimdClient {
  const path = clientPaths[name];
  const client = new CimdClient(clientSettings({ greetingWaitMs: 100 }), () => 0.5);
  if (path?.state === 'ready' || path?.state === 'logging-out') {
    for (const input of clientPaths['logging in']?.inputs ?? []) client.handle(input, t0);
    client.handle(wire(51, 1), t0);
  }
  for (const input of path?.inputs ?? []) client.handle(input, t0);
  expect(client.state).toBe(path?.state);
  return client;
}

describe.each(Object.keys(clientPaths))('the client, %s,', (name) => {
  test('takes every input and moves only where the table says', () => {
    for (const input of clientInputs) {
      for (const at of [t0, later(t0, 60_000)]) {
        const client = clientIn(name);
        const before = client.state;
        const outputs = client.handle(input, at);
        expect(clientSteps[before]).toContain(client.state);
        // The owner hears of every move, and only of moves.
        const told = outputs.flatMap((output) => (output.type === 'session' ? [output.state] : []));
        if (client.state !== before) expect(told.at(-1)).toBe(client.state);
        else expect(told).toEqual([]);
        expect(client.capacity()).toBeLessThanOrEqual(client.state === 'ready' ? 1 : 0);
      }
    }
  });

  test('has nothing left to do at a time once it was told that time', () => {
    const client = clientIn(name);
    let at = t0;
    for (let i = 0; i < 20; i += 1) {
      const deadline = client.deadline();
      if (deadline === undefined) break;
      expect(deadline).toBeGreaterThanOrEqual(at);
      at = deadline;
      expect(client.handle({ type: 'tick' }, at).length).toBeGreaterThan(0);
    }
    expect(isSettled(client.deadline(), at, client.state)).toBe(true);
  });

  test('loses nobody’s request when the connection ends', () => {
    const client = clientIn(name);
    const isOut = name === 'submit outstanding' || name === 'draining';
    const outputs = client.handle({ type: 'closed', reason: 'reset' }, t0);
    expect(outputs.filter(isUnknown).length).toBe(isOut ? 1 : 0);
    expect(outputs.filter(({ type }) => type === 'withdrawn').length).toBe(name === 'deliver unanswered' ? 1 : 0);
    expect(client.handle({ type: 'closed', reason: 'reset' }, t0).filter(isUnknown)).toEqual([]);
  });

  test('refuses a request without capacity as a bug of its owner', () => {
    const client = clientIn(name);
    if (client.capacity() === 0) expect(() => client.handle(submit, t0)).toThrow(InvariantError);
    else expect(client.handle(submit, t0).map(({ type }) => type)).toEqual(['write']);
  });
});

function isUnknown(output: ClientOutput): boolean {
  return output.type === 'unknown';
}

/** Nothing is due, or what is due lies ahead, or it goes on trying to connect for ever. */
function isSettled(deadline: Instant | undefined, at: Instant, state: SessionState): boolean {
  return deadline === undefined || deadline > at || state === 'connecting' || state === 'down';
}

// The server

const serverSteps: Readonly<Record<ServerState, readonly ServerState[]>> = {
  unbound: ['unbound', 'bound', 'closed'],
  bound: ['bound', 'unbound', 'closed'],
  closed: ['closed'],
};

const login = wire(1, 1, [{ code: 10, value: 'app' }]);
const bind: readonly ServerInput[] = [{ type: 'opened' }, login, { type: 'respond', token: 1, parameters: [] }];

const serverPaths: Readonly<Record<string, { state: ServerState; inputs: readonly ServerInput[] }>> = {
  opening: { state: 'unbound', inputs: [] },
  unbound: { state: 'unbound', inputs: [{ type: 'opened' }] },
  'login in work': { state: 'unbound', inputs: [{ type: 'opened' }, login] },
  bound: { state: 'bound', inputs: bind },
  'submit in work': { state: 'bound', inputs: [...bind, wire(3, 3)] },
  'deliver outstanding': {
    state: 'bound',
    inputs: [...bind, { type: 'request', ref: 1, operation: 20, parameters: [] }],
  },
  'logged out': { state: 'unbound', inputs: [...bind, wire(2, 3)] },
  closed: { state: 'closed', inputs: [{ type: 'opened' }, { type: 'shut-down', reason: 'test' }] },
};

const serverInputs: readonly ServerInput[] = [
  { type: 'opened' },
  { type: 'closed', reason: 'reset' },
  { type: 'respond', token: 1, parameters: [] },
  { type: 'respond', token: 1, parameters: [{ code: 900, value: '100' }] },
  { type: 'respond', token: 2, parameters: [] },
  { type: 'respond', token: 9, parameters: [] },
  { type: 'shut-down', reason: 'test' },
  { type: 'tick' },
  { type: 'received', bytes: fromLatin1('noise') },
  { type: 'received', bytes: fromLatin1('\x0203:003\tZZ\x03') },
  ...[1, 2, 3, 7, 20, 70].map(
    (operation) =>
      ({ type: 'received', bytes: fromLatin1(`\x02${String(operation).padStart(2, '0')}:003\t21:1\t\x03`) }) as const,
  ),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 23, 40, 51, 53, 70, 73, 98].flatMap((operation) => [
    wire(operation, 0),
    wire(operation, 1),
    wire(operation, 3),
    wire(operation, 7),
  ]),
  ...[0, 2, 3].map((number) => wire(99, number)),
];

function serverIn(name: string): CimdServerSession {
  const path = serverPaths[name];
  const server = new CimdServerSession(serverSettings());
  for (const input of path?.inputs ?? []) server.handle(input, t0);
  expect(server.state).toBe(path?.state);
  return server;
}

describe.each(Object.keys(serverPaths))('the server, %s,', (name) => {
  test('takes every input and moves only where the table says', () => {
    for (const input of serverInputs) {
      for (const at of [t0, later(t0, 60_000)]) {
        const server = serverIn(name);
        const before = server.state;
        const outputs = server.handle(input, at);
        expect(serverSteps[before]).toContain(server.state);
        const told = outputs.flatMap((output) => (output.type === 'session' ? [output.state] : []));
        if (server.state !== before) expect(told).toEqual([server.state]);
        expect(server.capacity()).toBeLessThanOrEqual(server.state === 'bound' ? 1 : 0);
      }
    }
  });

  test('has nothing left to do at a time once it was told that time', () => {
    const server = serverIn(name);
    let at = t0;
    for (let deadline = server.deadline(); deadline !== undefined; deadline = server.deadline()) {
      expect(deadline).toBeGreaterThan(at);
      at = deadline;
      expect(server.handle({ type: 'tick' }, at).length).toBeGreaterThan(0);
    }
    expect(server.capacity()).toBeLessThanOrEqual(1);
  });

  test('loses no deliver when the connection ends', () => {
    const server = serverIn(name);
    const outputs = server.handle({ type: 'closed', reason: 'reset' }, t0);
    expect(outputs.filter(({ type }) => type === 'unknown').length).toBe(name === 'deliver outstanding' ? 1 : 0);
  });

  test('answers a request whose answer is due exactly once', () => {
    const server = serverIn(name);
    const isDue = name === 'login in work' || name === 'submit in work';
    const token = name === 'login in work' ? 1 : 2;
    const writes = (): number =>
      server.handle({ type: 'respond', token, parameters: [] }, t0).filter(({ type }) => type === 'write').length;
    expect(writes()).toBe(isDue ? 1 : 0);
    expect(writes()).toBe(0);
  });

  test('refuses a request without capacity as a bug of its owner', () => {
    const server = serverIn(name);
    const request = { type: 'request', ref: 7, operation: 23, parameters: [] } as const;
    if (server.capacity() === 0) expect(() => server.handle(request, t0)).toThrow(InvariantError);
    else expect(server.handle(request, t0).map(({ type }) => type)).toEqual(['write']);
  });
});
