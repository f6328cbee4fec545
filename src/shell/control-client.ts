/**
 * Asks a running role through the control socket of its state directory. HTTP and JSON over a Unix socket; the routes
 * are the role's. What the role refuses comes back as the same `OperatorError`.
 */
import { realpath } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { type ErrorCode, errorCodes, OperatorError } from '../core/base/errors.ts';
import { InvariantError } from '../core/base/invariant.ts';
import { findControlPath } from './control-path.ts';
import { describeSocketError } from './socket-errors.ts';

/** Carries the exit status of a refused request, which the error document does not hold. */
export const exitStatusHeader = 'ringbridge-exit-status';

/** `GET /status`, `POST /ring/resolve`, with a query if need be. */
export type ControlCall = `${'GET' | 'POST'} /${string}`;

export interface ControlCallOptions {
  /** Until the answer is complete; of a stream, until it begins. Default 30 s. */
  readonly timeoutMs?: number;
  /** Ends a stream, also while it waits: a generator that waits for its next line cannot be returned from. */
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 30_000;
const answerLimitBytes = 64 * 1024 * 1024;

/**
 * @param body becomes JSON; undefined sends none
 * @returns the answer's JSON, to be parsed by the caller
 * @throws OperatorError `CONTROL_UNREACHABLE` (exit status 5) where no role runs; `OUTCOME_UNKNOWN` (6) where a POST
 *   was sent and its answer did not come; what the role refuses
 */
export async function callControl(
  stateDir: string,
  call: ControlCall,
  body?: unknown,
  options: ControlCallOptions = {},
): Promise<unknown> {
  return callSocket(await socketPathOf(stateDir), call, body, options);
}

/**
 * A route that answers with a stream, line by line as it comes, until the role ends it or the caller stops.
 *
 * @throws OperatorError as {@link callControl}
 */
export async function* streamControl(
  stateDir: string,
  call: ControlCall,
  options: ControlCallOptions = {},
): AsyncGenerator<unknown, void, void> {
  yield* await openControlStream(stateDir, call, options);
}

/**
 * As {@link streamControl}, but resolves when the role has begun to answer: what happens from then on is in the stream.
 *
 * @throws OperatorError as {@link callControl}; the stream as well
 */
export async function openControlStream(
  stateDir: string,
  call: ControlCall,
  options: ControlCallOptions = {},
): Promise<AsyncGenerator<unknown, void, void>> {
  const exchange = await send(await socketPathOf(stateDir), call, undefined, options);
  clearTimeout(exchange.timer);
  return linesOf(exchange.response, options.signal);
}

async function* linesOf(
  response: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, void> {
  try {
    if (response.statusCode !== 200) throw refusalOf(response, await textOf(response));
    for await (const line of createInterface({ input: response, ...(signal === undefined ? {} : { signal }) })) {
      const value: unknown = JSON.parse(line);
      if (isErrorDocument(value)) throw refusalOf(response, line);
      yield value;
    }
  } finally {
    response.destroy();
  }
}

/** As {@link callControl}, for a socket whose path is known. */
export async function callSocket(
  socketPath: string,
  call: ControlCall,
  body?: unknown,
  options: ControlCallOptions = {},
): Promise<unknown> {
  const { response, timer, fail } = await send(socketPath, call, body, options);
  let text: string;
  try {
    text = await textOf(response);
  } catch (error) {
    throw fail(error);
  } finally {
    clearTimeout(timer);
  }
  if (response.statusCode !== 200) throw refusalOf(response, text);
  return JSON.parse(text);
}

interface Exchange {
  readonly response: IncomingMessage;
  /** Cuts the exchange when it takes too long. */
  readonly timer: NodeJS.Timeout;
  /** The operator's error for what went wrong with the socket. */
  readonly fail: (cause: unknown) => OperatorError;
}

function send(socketPath: string, call: ControlCall, body: unknown, options: ControlCallOptions): Promise<Exchange> {
  const [method = '', path = ''] = splitOnce(call);
  const { timeoutMs = defaultTimeoutMs } = options;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  let isConnected = false;
  const fail = (cause: unknown): OperatorError =>
    isConnected && method !== 'GET' ? outcomeUnknown(call, cause) : unreachable(socketPath, cause);
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent: false, headers: { 'content-type': 'application/json' } });
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    asked.once('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true;
      });
    });
    asked.on('error', (error) => {
      clearTimeout(timer);
      reject(fail(error));
    });
    asked.once('response', (response) => resolve({ response, timer, fail }));
    asked.end(payload);
  });
}

async function socketPathOf(stateDir: string): Promise<string> {
  try {
    return (await findControlPath(await realpath(stateDir))).socketPath;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw unreachable(stateDir, error);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > answerLimitBytes) throw new Error(`an answer of more than ${answerLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The error that the role gave; without one of ours in it, the role failed and its log says why. */
function refusalOf(response: IncomingMessage, text: string): Error {
  const document = parseJson(text);
  if (!isErrorDocument(document))
    return new InvariantError(`the role failed (HTTP ${response.statusCode}); see its log`);
  const { code, message, hint, retryable } = document.error;
  const exitStatus = Number(response.headers[exitStatusHeader] ?? document.error.exitStatus ?? 2);
  return new OperatorError({ code, message, hint, retryable, exitStatus });
}

interface ErrorDocument {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly retryable: boolean;
    readonly exitStatus?: unknown;
  };
}

function isErrorDocument(value: unknown): value is ErrorDocument {
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== 'error/1') return false;
  if (!('error' in value) || typeof value.error !== 'object' || value.error === null) return false;
  return 'code' in value.error && errorCodes.some((code) => code === Object(value.error).code);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not JSON is one of the answers that the caller must expect.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function splitOnce(call: ControlCall): readonly string[] {
  const at = call.indexOf(' ');
  return [call.slice(0, at), call.slice(at + 1)];
}

function unreachable(where: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'CONTROL_UNREACHABLE',
    message: `No running role answers at ${where}: ${reasonOf(cause)}.`,
    hint: isForbidden(cause)
      ? 'Run this as the user of the role: its control socket is for its owner alone.'
      : 'Start the role, or check --state-dir.',
    exitStatus: 5,
    retryable: true,
    cause,
  });
}

function isForbidden(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
}

function outcomeUnknown(call: ControlCall, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `The role took "${call}" and did not answer: ${reasonOf(cause)}. It may have been done.`,
    hint: 'Look at the state before asking again.',
    exitStatus: 6,
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? describeSocketError(cause) : String(cause);
}
