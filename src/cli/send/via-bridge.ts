/**
 * Sends a text through the bridge: hands it to the IM server over HTTP and watches its steps. `cid` makes handing in
 * idempotent. Source: docs/im-protocol.md.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, errorCodes, OperatorError } from '../../core/base/errors.ts';
import { type Step, type StepReason, steps } from '../../core/im/text.ts';
import { isLoopback } from '../../shell/address.ts';
import { exitStatus } from '../exit-status.ts';

export interface BridgeOptions {
  readonly url: URL;
  readonly user: string;
  readonly password: string;
  /** For one request. */
  readonly timeoutMs: number;
}

export interface BridgeText {
  readonly id: string;
  readonly step: Step;
  readonly reason: StepReason | undefined;
}

/** A step is looked at again after this; statuses travel in milliseconds, people look in tenths of a second. */
const pollMs = 150;

/** @throws OperatorError CONFIG_BAD_ADDRESS, CONFIG_INSECURE */
export function parseBridgeUrl(text: string, network: 'protected' | 'open'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '') {
    throw new OperatorError({
      code: 'CONFIG_BAD_ADDRESS',
      message: `${JSON.stringify(text.replace(/\/\/.*@/, '//…@'))} is no address of an IM server.`,
      hint: 'Write it like http://127.0.0.1:8080 or https://im.example.org; user and password have flags of their own.',
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && network === 'open') {
    throw new OperatorError({
      code: 'CONFIG_INSECURE',
      message: `${url.origin} would carry the password in plain text over the network. Nothing was sent.`,
      hint: 'Use https://, or --insecure on a network that is protected otherwise.',
    });
  }
  return url;
}

/** @throws OperatorError with exit status 3, 4, 5 or 6 */
export async function handInText(options: BridgeOptions, to: string, text: string): Promise<BridgeText> {
  const cid = randomUUID();
  return request(options, 'POST', 'api/messages', { to, text, cid }, 'sent');
}

/**
 * Looks until the text has come as far as wanted, has failed or is unknown, or the time is over.
 *
 * @returns the last step seen
 */
export async function watchText(
  options: BridgeOptions,
  text: BridgeText,
  wanted: 'accepted' | 'delivered',
  timeoutMs: number,
): Promise<BridgeText> {
  const wantedSteps: readonly Step[] = wanted === 'accepted' ? ['accepted', 'delivered'] : ['delivered'];
  const deadline = performance.now() + timeoutMs;
  let last = text;
  for (;;) {
    if (wantedSteps.includes(last.step) || last.step === 'failed' || last.step === 'unknown') return last;
    if (performance.now() >= deadline) return last;
    await pause(pollMs);
    last = await request(options, 'GET', `api/messages/${encodeURIComponent(text.id)}`, undefined, 'asked');
  }
}

async function request(
  options: BridgeOptions,
  method: 'GET' | 'POST',
  path: string,
  body: object | undefined,
  effect: 'sent' | 'asked',
): Promise<BridgeText> {
  const credentials = Buffer.from(`${options.user}:${options.password}`, 'utf8').toString('base64');
  const base = options.url.href.endsWith('/') ? options.url.href : `${options.url.href}/`;
  let answer: { readonly status: number; readonly body: unknown };
  try {
    const response = await fetch(new URL(path, base), {
      method,
      redirect: 'error',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(options.timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    answer = { status: response.status, body: parseJson(await response.text()) };
  } catch (error) {
    throw noAnswer(error, options.url, effect);
  }
  if (answer.status >= 400) throw refusal(answer.status, answer.body, options);
  const text = asText(answer.body);
  if (text === undefined) throw notAnImServer(options.url, answer.status);
  return text;
}

/** Nobody there is a definite "not sent"; an answer that stays away is not. */
function noAnswer(error: unknown, url: URL, effect: 'sent' | 'asked'): OperatorError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : undefined;
  const neverSent = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
  ];
  if (code !== undefined && neverSent.includes(code)) {
    return new OperatorError({
      code: 'PEER_UNREACHABLE',
      message: `The IM server at ${url.origin} cannot be reached (${code}). ${effect === 'sent' ? 'Nothing was sent.' : 'The text was handed in before.'}`,
      hint: 'Check the address, and that the IM server runs.',
      exitStatus: effect === 'sent' ? exitStatus.unreachable : exitStatus.outcomeUnknown,
      retryable: effect === 'sent',
      cause: error,
    });
  }
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `The IM server at ${url.origin} did not answer (${code ?? (error instanceof Error ? error.name : 'no reason')}); the text may have been stored.`,
    hint: "Look at the user's conversation before sending it again.",
    exitStatus: exitStatus.outcomeUnknown,
    cause: error,
  });
}

function refusal(status: number, body: unknown, options: BridgeOptions): OperatorError {
  const told = readErrorDocument(body);
  if (status === 401) {
    return new OperatorError({
      code: 'IM_BAD_PASSWORD',
      message: `The IM server at ${options.url.origin} refused the login of "${options.user}". Nothing was sent.`,
      hint: 'Check user and password; `im-server users list` shows the names.',
      exitStatus: exitStatus.loginRefused,
    });
  }
  if (told === undefined) return notAnImServer(options.url, status);
  return new OperatorError({
    code: told.code,
    message: told.message,
    hint: told.hint,
    exitStatus: refusalStatus(told.code),
    retryable: told.retryable || told.code === 'IM_TOO_MANY_LOGINS',
  });
}

function refusalStatus(code: ErrorCode): number {
  if (code === 'OUTCOME_UNKNOWN') return exitStatus.outcomeUnknown;
  return code === 'IM_TOO_MANY_LOGINS' ? exitStatus.loginRefused : exitStatus.refused;
}

function notAnImServer(url: URL, status: number): OperatorError {
  return new OperatorError({
    code: 'PEER_UNREACHABLE',
    message: `What answers at ${url.origin} is not an IM server of ringbridge (HTTP ${status}).`,
    hint: 'Check host and port of --via.',
    exitStatus: exitStatus.unreachable,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer of ours; the caller says so with the HTTP status.
    return undefined;
  }
}

function asText(body: unknown): BridgeText | undefined {
  if (typeof body !== 'object' || body === null || !('id' in body) || !('step' in body)) return undefined;
  const step = steps.find((known) => known === body.step);
  if (typeof body.id !== 'string' || step === undefined) return undefined;
  return { id: body.id, step, reason: asReason('reason' in body ? body.reason : undefined) };
}

function asReason(value: unknown): StepReason | undefined {
  if (typeof value !== 'object' || value === null || !('words' in value) || !('code' in value)) return undefined;
  return { words: String(value.words), code: String(value.code) };
}

interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

function readErrorDocument(body: unknown): ToldError | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const error = body.error;
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const code = errorCodes.find((known) => known === error.code);
  if (code === undefined) return undefined;
  return {
    code,
    message: 'message' in error ? String(error.message) : code,
    hint: 'hint' in error && error.hint !== '' ? String(error.hint) : `See the chapter ${code} in docs/errors.md.`,
    retryable: 'retryable' in error && error.retryable === true,
  };
}
