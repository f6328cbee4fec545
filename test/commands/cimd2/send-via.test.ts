import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { documentOf } from '../run-command.ts';
import { runHere } from '../run-here.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

type Answer = readonly [status: number, body: unknown] | 'cut';

interface Seen {
  readonly call: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Answers in turn; the last one again and again. */
async function sendVia(answers: readonly Answer[], ...args: string[]) {
  const seen: Seen[] = [];
  server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)] ?? 'cut';
    const { method, url, headers } = request;
    seen.push({ call: `${method} ${url}`, authorization: headers.authorization, body: await textOf(request) });
    if (answer === 'cut') response.destroy();
    else response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address and a port.
  const { port } = server.address() as AddressInfo;
  const result = await runHere(
    ['cimd2', 'send', '+358401234567', 'Hello', '--via', `http://127.0.0.1:${port}`, '--json', ...args],
    { env: { RINGBRIDGE_IM_USER: 'alice', RINGBRIDGE_IM_PASSWORD: 'pässword' } },
  );
  return { result, seen };
}

const stored = [201, { id: 'id-1', step: 'stored' }] as const;

describe('cimd2 send --via', () => {
  it('hands the text in once and looks until it is as far as wanted', async () => {
    const { result, seen } = await sendVia([stored, stored, [200, { id: 'id-1', step: 'accepted' }]]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({ schema: 'cimd2.send/1', id: 'id-1', step: 'accepted', reason: null });
    expect(seen.map(({ call }) => call)).toEqual([
      'POST /api/messages',
      'GET /api/messages/id-1',
      'GET /api/messages/id-1',
    ]);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ to: '+358401234567', text: 'Hello', cid: expect.any(String) });
    const credentials = Buffer.from('alice:pässword', 'utf8').toString('base64');
    expect(seen.map(({ authorization }) => authorization)).toEqual(Array(3).fill(`Basic ${credentials}`));
  });

  it('takes delivered for accepted, but not the other way round', async () => {
    const delivered = [200, { id: 'id-1', step: 'delivered' }] as const;
    const accepted = [200, { id: 'id-1', step: 'accepted' }] as const;
    expect((await sendVia([stored, delivered])).result.status).toBe(0);
    const { result } = await sendVia([stored, accepted], '--wait', 'delivered', '--timeout', '400ms');
    expect(result).toMatchObject({ status: 6, stderr: '' });
    expect(documentOf(result)).toMatchObject({ step: 'accepted' });
  });

  it.each([
    ['failed', 3],
    ['unknown', 6],
  ])('ends by its step: %s ends %i, with the reason', async (step, status) => {
    const reason = { words: 'unknown subscriber', code: '061:3 062:1' };
    const { result } = await sendVia([stored, [200, { id: 'id-1', step, reason }]]);
    expect(result.status).toBe(status);
    expect(documentOf(result)).toMatchObject({ step, reason });
  });

  const told = (code: string) => ({ schema: 'error/1', error: { code, message: 'm', hint: 'h', retryable: false } });
  it.each([
    ['a wrong password', [401, told('IM_BAD_PASSWORD')], 4, 'IM_BAD_PASSWORD'],
    ['too many logins', [429, told('IM_TOO_MANY_LOGINS')], 4, 'IM_TOO_MANY_LOGINS'],
    ['a refusal', [422, told('IM_NO_ROUTE')], 3, 'IM_NO_ROUTE'],
    ['a store that does not answer', [504, told('OUTCOME_UNKNOWN')], 6, 'OUTCOME_UNKNOWN'],
    ['an answer that never comes', 'cut', 6, 'OUTCOME_UNKNOWN'],
    ['something that is no IM server', [404, '<html>'], 5, 'PEER_UNREACHABLE'],
    ['an answer that makes no sense', [200, { hello: 1 }], 5, 'PEER_UNREACHABLE'],
  ] as const)('meets %s', async (_, answer, status, code) => {
    const { result } = await sendVia([answer]);
    expect(result).toMatchObject({ status, stderr: '' });
    expect(documentOf(result)).toMatchObject({ error: { code } });
    expect(result.stdout).not.toContain('pässword');
  });

  it('ends 5 where nobody listens', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    // A server that listens on TCP has an address and a port.
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const result = await runHere(
      ['cimd2', 'send', '+358401234567', 'Hello', '--via', `http://127.0.0.1:${port}`, '--json'],
      { env: { RINGBRIDGE_IM_USER: 'alice', RINGBRIDGE_IM_PASSWORD: 'x' } },
    );
    expect(result.status).toBe(5);
    expect(documentOf(result)).toMatchObject({ error: { code: 'PEER_UNREACHABLE', retryable: true } });
  });
});
