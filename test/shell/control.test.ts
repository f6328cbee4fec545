import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/core/base/errors.ts';
import { type ControlHandler, type ControlRoute, serveControl } from '../../src/shell/control.ts';
import { callControl, streamControl } from '../../src/shell/control-client.ts';
import { lockStateDir, type StateDirLock } from '../../src/shell/state-dir.ts';

let stateDir = '';
let lock: StateDirLock;
const bugs: unknown[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ringbridge-control-'));
  lock = await lockStateDir(stateDir, 'buffer');
  bugs.splice(0);
});

afterEach(async () => {
  await lock.release();
  await rm(stateDir, { recursive: true, force: true });
});

function serve(routes: Readonly<Record<ControlRoute, ControlHandler>>): void {
  serveControl(lock, routes, { onBug: (error) => bugs.push(error) });
}

const refusal = new OperatorError({
  code: 'RING_SLOT_NOT_IN_DOUBT',
  message: 'Slot 47 is confirmed.',
  hint: 'Nothing is to be decided.',
  exitStatus: 3,
  retryable: false,
});

describe('callControl', () => {
  it('brings body and query to the route, and its answer back', async () => {
    serve({
      'GET /status': async (body, query) => ({
        schema: 'role.status/1',
        lane: query.get('lane'),
        body: body ?? 'none',
      }),
      'POST /echo': async (body) => body,
      'POST /nothing': async () => undefined,
    });
    expect(await callControl(stateDir, 'GET /status?lane=m%26t')).toEqual({
      schema: 'role.status/1',
      lane: 'm&t',
      body: 'none',
    });
    expect(await callControl(stateDir, 'POST /echo', { text: 'é✓' })).toEqual({ text: 'é✓' });
    expect(await callControl(stateDir, 'POST /nothing', {})).toBeNull();
  });

  it('throws what the route refused, with its code, hint and exit status', async () => {
    serve({
      'POST /resolve': async () => {
        throw refusal;
      },
    });
    await expect(callControl(stateDir, 'POST /resolve', {})).rejects.toMatchObject({
      name: 'OperatorError',
      code: 'RING_SLOT_NOT_IN_DOUBT',
      message: 'Slot 47 is confirmed.',
      hint: 'Nothing is to be decided.',
      exitStatus: 3,
      retryable: false,
    });
    expect(bugs).toEqual([]);
  });

  it('ends with status 5 where no role runs', async () => {
    await lock.release();
    const unreachable = { code: 'CONTROL_UNREACHABLE', exitStatus: 5, hint: expect.stringContaining('--state-dir') };
    await expect(callControl(stateDir, 'GET /status')).rejects.toMatchObject(unreachable);
    await expect(callControl(join(stateDir, 'nowhere'), 'POST /x', {})).rejects.toMatchObject(unreachable);
    lock = await lockStateDir(stateDir, 'buffer');
  });

  it('ends with status 6 where a POST was sent and no answer came, and with 5 for a GET', async () => {
    const never = () => new Promise<never>(() => undefined);
    serve({ 'POST /slow': never, 'GET /slow': never });
    await expect(callControl(stateDir, 'POST /slow', {}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      exitStatus: 6,
      message: expect.stringContaining('no answer within 50 ms'),
    });
    await expect(callControl(stateDir, 'GET /slow', undefined, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'CONTROL_UNREACHABLE',
      exitStatus: 5,
    });
  });

  it('takes a failing route for a bug of the role, and says so on both sides', async () => {
    const bug = new TypeError('bug');
    serve({
      'GET /bad': async () => {
        throw bug;
      },
    });
    await expect(callControl(stateDir, 'GET /bad')).rejects.toThrow('the role failed (HTTP 500)');
    expect(bugs).toEqual([bug]);
  });

  it('refuses unknown routes, and requests that are no JSON or too large', async () => {
    serve({ 'POST /echo': async (body) => body });
    const bad = { code: 'CONTROL_BAD_REQUEST', exitStatus: 2 };
    await expect(callControl(stateDir, 'GET /echo')).rejects.toMatchObject(bad);
    await expect(callControl(stateDir, 'POST /toString', {})).rejects.toMatchObject(bad);
    await expect(callControl(stateDir, 'POST /echo', 'x'.repeat(1024 * 1024))).rejects.toMatchObject(bad);
    const raw = request({ socketPath: lock.socketPath, method: 'POST', path: '/echo', agent: false });
    raw.end('{"no json');
    const [response] = await once(raw, 'response');
    expect(response.statusCode).toBe(400);
    response.resume();
    expect(bugs).toEqual([]);
  });

  it('finds a role that is starting busy, not missing', async () => {
    await expect(callControl(stateDir, 'GET /status')).rejects.toThrow('HTTP 503');
  });
});

describe('streamControl', () => {
  it('gives lines as they come', async () => {
    const gate: { open: () => void } = { open: () => undefined };
    serve({
      'GET /watch': async () =>
        (async function* () {
          yield { n: 1 };
          await new Promise<void>((resolve) => {
            gate.open = resolve;
          });
          yield { n: 2 };
        })(),
    });
    const lines = streamControl(stateDir, 'GET /watch');
    expect((await lines.next()).value).toEqual({ n: 1 });
    gate.open();
    expect((await lines.next()).value).toEqual({ n: 2 });
    expect((await lines.next()).done).toBe(true);
  });

  it('ends the route when the asking side stops', async () => {
    const ended = new Promise<string>((resolve) => {
      serve({
        'GET /watch': async () =>
          (async function* () {
            try {
              for (let n = 0; ; n += 1) {
                yield { n, filler: 'x'.repeat(10_000) };
                await new Promise((next) => setImmediate(next));
              }
            } finally {
              resolve('ended');
            }
          })(),
      });
    });
    for await (const line of streamControl(stateDir, 'GET /watch')) {
      if (Object(line).n === 3) break;
    }
    expect(await ended).toBe('ended');
    expect(bugs).toEqual([]);
  });

  it('throws what the route refuses, before the stream and in its middle', async () => {
    serve({
      'GET /refused': async () => {
        throw refusal;
      },
      'GET /broken': async () =>
        (async function* () {
          yield { n: 1 };
          throw refusal;
        })(),
    });
    const expected = { code: 'RING_SLOT_NOT_IN_DOUBT', exitStatus: 3 };
    await expect(streamControl(stateDir, 'GET /refused').next()).rejects.toMatchObject(expected);
    const lines = streamControl(stateDir, 'GET /broken');
    expect((await lines.next()).value).toEqual({ n: 1 });
    await expect(lines.next()).rejects.toMatchObject(expected);
  });
});
