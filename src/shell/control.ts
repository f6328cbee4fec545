/**
 * Serves the routes of a role over its control socket: JSON in, one JSON document or a stream of lines out. Whoever can
 * open the socket may use every route; the state directory's mode keeps others out. The asking side is
 * `control-client.ts`.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperatorError } from '../core/base/errors.ts';
import { exitStatusHeader } from './control-client.ts';
import type { StateDirLock } from './state-dir.ts';

export type ControlRoute = `${'GET' | 'POST'} /${string}`;

/**
 * Answers one request. What it resolves to becomes one JSON document; an async iterable becomes JSON lines as they come,
 * and is ended (`return`) when the asking side goes away.
 *
 * @param body parsed JSON of the request, undefined without one; the handler checks its shape
 * @throws OperatorError for what the asking side can mend; anything else is a bug
 */
export type ControlHandler = (body: unknown, query: URLSearchParams) => Promise<unknown>;

export interface ControlOptions {
  /** A bug in a handler. The asking side got 500. */
  readonly onBug: (error: unknown) => void;
}

const bodyLimitBytes = 1024 * 1024;

/** From now on requests to the control socket go to these routes. */
export function serveControl(
  lock: Pick<StateDirLock, 'serve'>,
  routes: Readonly<Record<ControlRoute, ControlHandler>>,
  { onBug }: ControlOptions,
): void {
  const handlers = new Map(Object.entries(routes));
  lock.serve((request, response) => {
    answer(request, response, handlers, onBug).catch((error: unknown) => {
      if (error instanceof OperatorError) {
        sendError(response, error);
        return;
      }
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
      // The peer going away in the middle is its own doing.
      if (!request.destroyed || !isAborted(error)) onBug(error);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: ReadonlyMap<string, ControlHandler>,
  onBug: (error: unknown) => void,
): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const handler = handlers.get(`${request.method} ${path}`);
  if (handler === undefined) {
    throw badRequest(
      `There is nothing at ${request.method} ${path}.`,
      'Use the ringbridge of the same version as the role.',
    );
  }
  const body = await readBody(request);
  const result = await handler(body, new URLSearchParams(query));
  if (isAsyncIterable(result)) await sendLines(response, result, onBug);
  else sendJson(response, 200, result);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > bodyLimitBytes) {
      throw badRequest(`The request has more than ${bodyLimitBytes} bytes.`, 'Ask for less at a time.');
    }
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw badRequest(
      `The request is no JSON: ${error instanceof Error ? error.message : error}.`,
      'Send one JSON document.',
    );
  }
}

async function sendLines(
  response: ServerResponse,
  lines: AsyncIterable<unknown>,
  onBug: (error: unknown) => void,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/jsonl' });
  response.flushHeaders();
  const iterator = lines[Symbol.asyncIterator]();
  const gone = once(response, 'close').then(() => 'gone' as const);
  try {
    for (;;) {
      const next = iterator.next();
      const taken = await Promise.race([next, gone]);
      if (taken === 'gone') {
        // Not awaited: a generator that waits for its next value ends only when that comes.
        Promise.all([next, iterator.return?.()]).catch(onBug);
        return;
      }
      if (taken.done === true) return;
      const isTaken = response.write(`${JSON.stringify(taken.value)}\n`);
      if (!isTaken) await Promise.race([once(response, 'drain'), gone]);
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    response.write(`${JSON.stringify(errorDocument(error, { exitStatus: error.exitStatus }))}\n`);
  } finally {
    response.end();
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value ?? null));
}

function sendError(response: ServerResponse, error: OperatorError): void {
  response.setHeader(exitStatusHeader, String(error.exitStatus));
  response.setHeader('connection', 'close');
  sendJson(response, httpStatusOf(error), errorDocument(error));
}

function errorDocument(error: OperatorError, more: { readonly exitStatus?: number } = {}): unknown {
  const { code, message, hint, retryable } = error;
  return { schema: 'error/1', error: { code, message, hint, retryable, ...more } };
}

/** For people who look at it with curl; our own client goes by the code. */
function httpStatusOf({ code, exitStatus, retryable }: OperatorError): number {
  if (code === 'CONTROL_BAD_REQUEST') return 400;
  if (exitStatus === 4) return 401;
  if (exitStatus === 3 || exitStatus === 9) return 409;
  return retryable ? 503 : 422;
}

function badRequest(message: string, hint: string): OperatorError {
  return new OperatorError({ code: 'CONTROL_BAD_REQUEST', message, hint });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
