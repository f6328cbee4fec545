/**
 * What the IM server answers over HTTP: the page, logging in and out, and the few requests of programs that send one
 * text. Live events are on the WebSocket (`web-client.ts`). Errors are documents as everywhere: `error/1`.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { ErrorCode } from '../../core/base/errors.ts';
import type { SendRequest, SendResult } from '../../core/im/exchange-io.ts';
import type { ImHistory } from '../../core/im/history.ts';
import { type TextView, textId } from '../../core/im/text.ts';
import type { Scope, User } from '../../core/im/users.ts';
import type { Logins } from './logins.ts';
import { isSameOrigin } from './origin.ts';
import { type PageFile, readPageFiles, securityHeaders } from './page-files.ts';
import { messageSizeLimit } from './protocol.ts';
import { sessionMs } from './session-token.ts';

export const sessionCookie = 'ringbridge';

export interface HttpAppOptions {
  readonly logins: Logins;
  readonly history: ImHistory;
  /** Whether browsers reach it by https, so that the cookie may ask for that. */
  readonly transport: 'https' | 'http';
  /** Hands a text in and waits for the answer; undefined if none came in time. */
  readonly send: (request: Omit<SendRequest, 'client'>) => Promise<SendResult | undefined>;
}

type Env = { Bindings: { incoming?: IncomingMessage } };

export function httpApp(options: HttpAppOptions): Hono<Env> {
  const app = new Hono<Env>();
  const files = readPageFiles();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
  });
  app.use(bodyLimit({ maxSize: messageSizeLimit, onError: (c) => error(c, 413, 'IM_BAD_REQUEST', 'Too long.') }));
  addSession(app, options);
  addMessages(app, options);
  app.get('*', (c) => {
    const file = files.get(c.req.path);
    return file === undefined ? c.text('Not found\n', 404) : sendFile(c, file);
  });
  app.onError((_, c) => error(c, 500, 'IM_BAD_REQUEST', 'The request could not be carried out.'));
  return app;
}

function addSession(app: Hono<Env>, { logins, transport }: HttpAppOptions): void {
  const cookie = { path: '/', httpOnly: true, sameSite: 'Strict', secure: transport === 'https' } as const;
  app.post('/session', async (c) => {
    // A form of a foreign page cannot send JSON without asking first, and has another origin.
    const origin = { origin: c.req.header('origin'), host: c.req.header('host') };
    if (!isSameOrigin(origin)) return error(c, 403, 'IM_BAD_REQUEST', 'The request came from another site.');
    const { user, password } = await readJson(c);
    if (typeof user !== 'string' || typeof password !== 'string') {
      return error(c, 400, 'IM_BAD_REQUEST', 'A login needs `user` and `password`.');
    }
    const login = await logins.byPassword(user.trim().toLowerCase(), password, addressOf(c));
    if (!login.ok) {
      const { code, message } = login.fault;
      return error(c, code === 'IM_TOO_MANY_LOGINS' ? 429 : 401, code, message);
    }
    setCookie(c, sessionCookie, logins.tokenFor(login.value), { ...cookie, maxAge: sessionMs / 1_000 });
    return c.json({ schema: 'session/1', user: login.value.name });
  });
  app.get('/session', (c) => {
    const user = logins.byToken(getCookie(c, sessionCookie) ?? '');
    // Not a failure: the page asks this first to see which of its faces to show.
    return c.json({ schema: 'session/1', user: user?.name ?? null }, 200, { 'cache-control': 'no-store' });
  });
  app.delete('/session', (c) => {
    deleteCookie(c, sessionCookie, cookie);
    return c.json({ schema: 'session/1', user: null });
  });
}

function addMessages(app: Hono<Env>, { logins, history, send }: HttpAppOptions): void {
  app.post('/api/messages', async (c) => {
    const user = await userOf(c, logins, 'send');
    if (user instanceof Response) return user;
    const { to, text, cid = randomUUID() } = await readJson(c);
    if (typeof to !== 'string' || typeof text !== 'string' || typeof cid !== 'string') {
      return error(c, 400, 'IM_BAD_REQUEST', 'A message needs `to` and `text`; `cid` is a string of your own.');
    }
    const result = await send({ user: user.name, cid, to, text });
    if (result === undefined) {
      const message = 'No answer from the store yet; ask again with the same `cid`, it will not be sent twice.';
      return error(c, 504, 'OUTCOME_UNKNOWN', message);
    }
    if (result.type === 'stored') return c.json(messageDocument(result.text), 201);
    return error(c, result.retryable ? 503 : 422, result.fault.code, result.fault.message);
  });
  app.get('/api/messages/:id', async (c) => {
    const user = await userOf(c, logins, 'read');
    if (user instanceof Response) return user;
    const text = history.text(user.name, textId(c.req.param('id')));
    return text === undefined
      ? error(c, 404, 'IM_BAD_REQUEST', 'There is no message with this id.')
      : c.json(messageDocument(text));
  });
}

function messageDocument(text: TextView): object {
  const { id, cid, direction, peer, at, step, reason, parts, marks } = text;
  return { schema: 'message/1', id, cid, direction, peer, at: new Date(at).toISOString(), step, reason, parts, marks };
}

/** By HTTP basic authentication or by token; whoever it is needs this scope. */
async function userOf(c: Context<Env>, logins: Logins, scope: Scope): Promise<User | Response> {
  const login = await logins.byAuthorization(c.req.header('authorization'), addressOf(c));
  if (!login.ok) {
    const { code, message } = login.fault;
    if (code === 'IM_TOO_MANY_LOGINS') return error(c, 429, code, message);
    c.header('www-authenticate', 'Basic realm="ringbridge", Bearer realm="ringbridge"');
    return error(c, 401, code, message);
  }
  if (login.value.scopes.includes(scope)) return login.value.user;
  return error(c, 403, 'IM_SCOPE_MISSING', `This needs the scope ${scope}.`);
}

function sendFile(c: Context<Env>, file: PageFile): Response {
  const headers = { 'content-type': file.contentType, etag: file.etag, 'cache-control': 'no-cache' };
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304, headers);
  return c.body(file.bytes, 200, headers);
}

async function readJson(c: Context<Env>): Promise<Readonly<Record<string, unknown>>> {
  if (!c.req.header('content-type')?.startsWith('application/json')) return {};
  try {
    const body: unknown = await c.req.json();
    // An object of JSON: its fields are checked where they are used.
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  } catch (cause) {
    if (cause instanceof SyntaxError) return {};
    throw cause;
  }
}

function addressOf(c: Context<Env>): string {
  return c.env?.incoming?.socket.remoteAddress ?? 'unknown';
}

type Status = 400 | 401 | 403 | 404 | 413 | 422 | 429 | 500 | 503 | 504;

function error(c: Context, status: Status, code: ErrorCode, message: string): Response {
  const isRetryable = status === 429 || status === 503 || status === 504;
  return c.json({ schema: 'error/1', error: { code, message, hint: hints[status], retryable: isRetryable } }, status);
}

const hints: Readonly<Record<Status, string>> = {
  400: 'See docs/im-protocol.md for the fields.',
  401: 'Check name and password, or the token; `ringbridge im-server users list` shows who has an account.',
  403: 'Open the page under the address of the server itself; a token needs the scope that is named.',
  404: 'Ask for an id that was given to the same user.',
  413: 'Send less at once.',
  422: 'Change the request; the same one will be refused again.',
  429: 'Wait a minute and try again.',
  500: 'This is a bug; the log of the server says more.',
  503: 'Try again in a moment with the same `cid`.',
  504: 'Try again in a moment with the same `cid`.',
};
