/**
 * The gateway for programs: requests and events over plain HTTP under `/api/`. Who may come in is decided by the same
 * `Logins` as everywhere; what there is to ask is in the `…-routes.ts` beside this file, and written down in
 * openapi.yaml, which is served. docs/http-api.md.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { OperatorError } from '../../core/base/errors.ts';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import { instant } from '../../core/base/time.ts';
import type { ImWorld, StandaloneGateway } from '../../core/im/gateway.ts';
import { SendBudget } from '../../core/im/send-budget.ts';
import type { Login, Logins } from '../web/logins.ts';
import { isSameOrigin } from '../web/origin.ts';
import { type Answer, commonHeaders, notFound, problem, writeAnswer } from './answer.ts';
import { readBody } from './body.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { EventStreams } from './event-streams.ts';
import { messageRoutes } from './message-routes.ts';
import { PendingSends } from './pending-sends.ts';
import { checkNames } from './query.ts';
import { findRoute, type Route } from './route.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { Webhooks } from './webhooks.ts';

/** Requests of one user at once and per second on average; texts have a limit of their own. */
export const requestRate = { burst: 400, perSecond: 100 };
const openApiPath = '/api/openapi.yaml';

export interface HttpGatewayOptions {
  readonly world: ImWorld;
  readonly logins: Logins;
  readonly log: (event: LogEvent) => void;
  /** `guarded`: webhooks point to https beyond private networks, and those of admins to this machine. */
  readonly webhookTargets: 'guarded' | 'any';
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

export interface HttpGateway extends StandaloneGateway {
  readonly served: { readonly prefix: '/api/'; readonly requestListener: RequestListener };
  /** Every operation there is. */
  readonly routes: readonly Route[];
  /** For the operator, who may change those of every user. */
  readonly webhooks: Pick<Webhooks, 'change'>;
}

export function httpGateway(options: HttpGatewayOptions): HttpGateway {
  const { world, logins, log, webhookTargets, clock = Date.now } = options;
  const sends = new PendingSends(world);
  const events = new EventStreams(world, clock);
  const webhooks = new Webhooks({ world, log, clock, targets: webhookTargets });
  const budget = new SendBudget(requestRate);
  const openApi = readFileSync(new URL('./openapi.yaml', import.meta.url), 'utf8');
  const routes: readonly Route[] = [
    ...messageRoutes(world.history, sends),
    ...conversationRoutes(world, () => events.links),
    ...events.routes(),
    ...webhookRoutes({ webhooks }),
  ];

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<Answer | 'answered'> => {
    const [path = '', search = ''] = splitUrl(request.url ?? '');
    if (path === openApiPath && request.method === 'GET') {
      response.writeHead(200, { ...commonHeaders, 'content-type': 'application/yaml' }).end(openApi);
      return 'answered';
    }
    const found = findRoute(routes, request.method ?? '', path);
    if (found.type === 'nothing') return notFound('There is no such path; GET /api/openapi.yaml names all.');
    if (found.type === 'other-method') {
      const answer = problem({ status: 405, code: 'IM_BAD_REQUEST', message: 'This path does not take this method.' });
      return { ...answer, headers: { ...answer.headers, allow: found.allow } };
    }
    const { route, names } = found;
    const login = await admit(request, route);
    if ('status' in login) return login;
    const query = new URLSearchParams(search);
    const known = checkNames(query, route.parameters ?? []);
    if (!known.ok) return problem({ status: 400, ...known.fault });
    const hasBody = route.method === 'POST' || route.method === 'PUT';
    const body = hasBody ? await readBody(request) : ({ type: 'fields', fields: {} } as const);
    if (body.type === 'gone') return 'answered';
    if (body.type === 'refused') return body.answer;
    const answer = await route.handle({ login, names, query, request, response, fields: body.fields });
    return answer === 'streaming' ? 'answered' : answer;
  };

  /** Who asks, if that one may; otherwise what to say instead. */
  const admit = async (request: IncomingMessage, route: Route): Promise<Login | Answer> => {
    const { origin, host, authorization } = request.headers;
    if (!isSameOrigin({ origin, host })) {
      return problem({ status: 403, code: 'IM_BAD_REQUEST', message: 'The request came from a page of another site.' });
    }
    const login = await logins.byAuthorization(authorization, request.socket.remoteAddress ?? 'unknown');
    if (!login.ok) {
      const { code, message } = login.fault;
      if (code === 'IM_TOO_MANY_LOGINS') return problem({ status: 429, code, message, retryAfterSeconds: 60 });
      const answer = problem({ status: 401, code, message });
      const challenge = 'Basic realm="ringbridge", Bearer realm="ringbridge"';
      return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } };
    }
    if (!login.value.scopes.includes(route.scope)) {
      return problem({ status: 403, code: 'IM_SCOPE_MISSING', message: `This needs the scope ${route.scope}.` });
    }
    if (budget.take(login.value.user.name, instant(clock()))) return login.value;
    const message = `More than ${requestRate.perSecond} requests a second, and those at once used up.`;
    return problem({ status: 429, code: 'IM_TOO_FAST', message, retryAfterSeconds: 1 });
  };

  const failure = (error: unknown): Answer => {
    const reason = error instanceof Error ? error.message : String(error);
    log(logEvent('error', 'http.failed', { reason }));
    const code = error instanceof OperatorError ? error.code : 'BUG';
    return problem({ status: 500, code, message: 'The request could not be carried out.' });
  };

  return {
    type: 'http',
    abilities: {
      receipts: 'delivered',
      presence: 'none',
      offlineStore: 'here',
      longestText: undefined,
      groups: 'no',
      stableIds: 'yes',
    },
    routes,
    webhooks,
    served: {
      prefix: '/api/',
      requestListener: (request, response) => {
        respond(request, response)
          .catch(failure)
          .then((answer) => {
            if (answer !== 'answered') writeAnswer(response, answer);
          });
      },
    },
    deliver: (client, event) =>
      client.startsWith('http:events-') ? events.deliver(client, event) : webhooks.deliver(client, event),
    answer: (client, _cid, result) => sends.answer(client, result),
    broadcast: (event) => events.broadcast(event),
    state: () => ({ problem: undefined, counts: { streams: events.count, ...webhooks.counts() } }),
    start: () => webhooks.start(),
    close: () => {
      events.close();
      webhooks.close();
    },
  };
}

function splitUrl(url: string): readonly string[] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}
