/** Conversations and links over HTTP: with whom the user writes, what is read, and how the SMSCs are reached. */
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { ImWorld } from '../../core/im/gateway.ts';
import type { Conversation } from '../../core/im/history.ts';
import { type Answer, badRequest, done, messageDocument, notFound, problem } from './answer.ts';
import { integerOf } from './query.ts';
import type { Asked, Route } from './route.ts';

/** Conversations in one answer; the newest are told. */
const conversationLimit = 500;

export function conversationRoutes(world: ImWorld, links: () => LinksEvent | undefined): readonly Route[] {
  return [
    {
      ...{ method: 'GET', path: '/api/conversations', scope: 'read', parameters: ['limit', 'cursor'] },
      handle: (asked) => list(asked, world),
    },
    { method: 'POST', path: '/api/conversations/{peer}/read', scope: 'read', handle: (asked) => read(asked, world) },
    {
      ...{ method: 'GET', path: '/api/links', scope: 'read' },
      handle: () => done({ schema: 'links/1', links: (links()?.links ?? []).map(linkDocument) }),
    },
  ];
}

export function linkDocument({ smscId, state, since, rttMs, reason, session }: LinksEvent['links'][number]): object {
  return {
    smscId,
    state,
    since: isoTime(since),
    rttMs: rttMs ?? null,
    reason: reason ?? null,
    session:
      session === undefined
        ? null
        : { state: session.state, since: isoTime(session.since), code: session.code ?? null },
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function list({ login, query }: Asked, { history }: ImWorld): Answer {
  const limit = integerOf(query, 'limit', { min: 1, max: conversationLimit });
  if (!limit.ok) return problem({ status: 400, ...limit.fault });
  const cursor = query.get('cursor');
  const before = cursor === null ? undefined : /^o([0-9]{1,15})$/.exec(cursor)?.[1];
  if (cursor !== null && before === undefined) return badRequest('The parameter cursor is `next` of the page before.');
  const count = limit.value ?? 50;
  // One more than is shown tells whether there is another page.
  const options = { limit: count + 1, before: before === undefined ? undefined : Number(before) };
  const found = history.conversations(login.user.name, options);
  const page = found.slice(0, count);
  const next = found.length > count ? `o${page.at(-1)?.last.order}` : null;
  return done({ schema: 'conversations/1', conversations: page.map(conversationDocument), next });
}

function conversationDocument({ peer, last, unread, readUpTo }: Conversation): object {
  return { peer, last: messageDocument(last), unread, readUpTo };
}

function read({ login, names, fields }: Asked, world: ImWorld): Answer {
  const [user, peer, order] = [login.user.name, names['peer'] ?? '', fields['order']];
  if (typeof order !== 'number' || !Number.isSafeInteger(order) || order < 0) {
    return badRequest('`order` is that of the last message that was read.');
  }
  if (!world.takesReadMarks()) {
    const message = 'The disk of the server takes nothing just now; nothing was noted.';
    return problem({ status: 503, code: 'IM_LIMIT_REACHED', message, retryAfterSeconds: 10 });
  }
  if (world.history.history(user, peer, { limit: 1 }).length === 0) return notFound('There is no such conversation.');
  // Beyond the last text there is nothing to have read.
  const upTo = Math.min(order, world.history.position(user));
  world.input({ type: 'read', user, peer, order: upTo });
  return { status: 202, document: { schema: 'read/1', peer, order: upTo } };
}
