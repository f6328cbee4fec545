/**
 * What the web gateway answers over HTTP: the page, and logging in and out. Live events are on the WebSocket
 * (`web-client.ts`), requests of programs in the HTTP gateway. Errors are documents as everywhere: `error/1`.
 */
import type { IncomingMessage } from 'node:http';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { ErrorCode } from '../../core/base/errors.ts';
import type { Logins } from './logins.ts';
import { isSameOrigin } from './origin.ts';
import { type PageFile, readPageFiles, securityHeaders } from './page-files.ts';
import { messageSizeLimit } from './protocol.ts';
import { sessionMs } from './session-token.ts';

export const sessionCookie = 'ringbridge';

export interface HttpAppOptions {
  readonly logins: Logins;
  /** Whether browsers reach it by https, so that the cookie may ask for that. */
  readonly transport: 'https' | 'http';
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

type Status = 400 | 401 | 403 | 413 | 429 | 500;

function error(c: Context, status: Status, code: ErrorCode, message: string): Response {
  return c.json(
    { schema: 'error/1', error: { code, message, hint: hints[status], retryable: status === 429 } },
    status,
  );
}

const hints: Readonly<Record<Status, string>> = {
  400: 'See docs/im-protocol.md for the fields.',
  401: 'Check name and password; `ringbridge im-server users list` shows who has an account.',
  403: 'Open the page under the address of the server itself.',
  413: 'Send less at once.',
  429: 'Wait a minute and try again.',
  500: 'This is a bug; the log of the server says more.',
};
