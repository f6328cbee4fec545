/**
 * What the HTTP API answers: documents, and errors in the form of RFC 9457 that carry our code and remedy as `error/1`,
 * like everywhere else. openapi.yaml says which operation answers what.
 */
import type { ServerResponse } from 'node:http';
import type { ErrorCode } from '../../core/base/errors.ts';
import type { TextView } from '../../core/im/text.ts';

export interface Answer {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly document: object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export function done(document: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, document, headers };
}

export interface ProblemOptions {
  readonly status: number;
  readonly code: ErrorCode;
  /** What happened, a sentence. */
  readonly message: string;
  /** What the caller can do; left out, what fits the status. */
  readonly hint?: string;
  /** When the same may be asked again; makes the problem a passing one. */
  readonly retryAfterSeconds?: number;
}

export function problem(options: ProblemOptions): Answer {
  const { status, code, message, hint = hintOf(status), retryAfterSeconds } = options;
  const retryable = retryAfterSeconds !== undefined;
  const error = { code, message, hint, retryable };
  return {
    status,
    document: { schema: 'error/1', title: code, status, detail: message, error },
    headers: {
      'content-type': 'application/problem+json',
      ...(retryable ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
  };
}

/** A parameter or field that cannot be meant so. */
export function badRequest(message: string): Answer {
  return problem({ status: 400, code: 'IM_BAD_REQUEST', message });
}

export function notFound(message: string): Answer {
  return problem({ status: 404, code: 'IM_NOT_FOUND', message });
}

function hintOf(status: number): string {
  if (status === 401)
    return 'Check the token, or name and password; `ringbridge im-server users token add` makes a token.';
  if (status === 403) return 'Use a token with that scope; requests of pages of other sites are refused.';
  if (status === 404) return 'Ask for something that belongs to the same user.';
  if (status === 405) return 'The header allow names what this path takes.';
  if (status === 409 || status === 422) return 'Change the request; the same one will be refused again.';
  if (status === 413) return 'Send less at once.';
  if (status === 415) return 'Send JSON, with the header content-type: application/json.';
  if (status === 429 || status === 503 || status === 504) return 'Try again after the seconds of retry-after.';
  if (status === 500) return 'This is a bug; the log of the server says more.';
  return 'GET /api/openapi.yaml says what each operation takes.';
}

/** As it leaves for programs: `message/1`. */
export function messageDocument(text: TextView): object {
  const { id, cid, direction, peer, at, order, position, step, reason, parts, marks } = text;
  return {
    ...{ schema: 'message/1', id, cid, direction, peer, text: text.text, at: new Date(at).toISOString() },
    ...{ step, reason: reason ?? null, parts, marks, order, position },
  };
}

/** For every answer: nothing of it is kept on the way, or taken for a page. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

export function writeAnswer(response: ServerResponse, { status, document, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const body = document === undefined ? '' : `${JSON.stringify(document)}\n`;
  const type = document === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, {
    ...commonHeaders,
    ...type,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}
