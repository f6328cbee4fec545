/** Messages over HTTP: hand one in, exactly once; find many; look at one. */
import { randomUUID } from 'node:crypto';
import type { Fault } from '../../core/base/errors.ts';
import { type Address, digitsOf, parseAddress } from '../../core/im/address.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { SearchQuestion } from '../../core/im/search.ts';
import { parseTextId, type TextView } from '../../core/im/text.ts';
import { wordsOf } from '../../core/im/words.ts';
import { type Answer, badRequest, done, messageDocument, notFound, problem } from './answer.ts';
import type { PendingSends } from './pending-sends.ts';
import { integerOf, oneOf, timeOf } from './query.ts';
import type { Asked, Route } from './route.ts';

/** Messages on one page. */
const pageLimit = 200;
/** Words in one question, and characters of it. */
const askedWordLimit = 10;
const askedLengthLimit = 200;
const keyPattern = /^[!-~]{1,64}$/;

export function messageRoutes(history: ImHistory, sends: PendingSends): readonly Route[] {
  return [
    { method: 'POST', path: '/api/messages', scope: 'send', handle: (asked) => send(asked, history, sends) },
    {
      ...{ method: 'GET', path: '/api/messages', scope: 'read' },
      parameters: ['words', 'peer', 'direction', 'since', 'until', 'cursor', 'limit'],
      handle: (asked) => list(asked, history),
    },
    { method: 'GET', path: '/api/messages/{id}', scope: 'read', handle: (asked) => look(asked, history) },
  ];
}

async function send({ login, request, fields }: Asked, history: ImHistory, sends: PendingSends): Promise<Answer> {
  const { to, text } = fields;
  if (typeof to !== 'string' || typeof text !== 'string') {
    return badRequest('A message needs `to`, a number or a name, and `text`.');
  }
  const cid = cidOf(request.headers['idempotency-key'], fields['cid']);
  if (cid === undefined) {
    return badRequest('The key of a message (header idempotency-key, or `cid`) has 1 to 64 visible ASCII characters.');
  }
  const user = login.user.name;
  const isRepeated = history.textOfCid(user, cid) !== undefined;
  const result = await sends.send({ user, cid, to, text });
  if (result === 'full') {
    const message = 'Too many requests wait for the store; nothing was handed in.';
    return problem({ status: 503, code: 'IM_LIMIT_REACHED', message, retryAfterSeconds: 2 });
  }
  if (result === 'late') {
    const message = 'No answer from the store yet; ask again with the same key, it will not be sent twice.';
    return problem({ status: 504, code: 'OUTCOME_UNKNOWN', message, retryAfterSeconds: 5 });
  }
  if (result.type === 'refused') return refusal(result.fault);
  if (!isSame(result.text, to, text)) {
    const message = 'This key already belongs to another message; nothing was sent.';
    const hint = 'Give each message a key of its own, and the same one only to send the same message again.';
    return problem({ status: 422, code: 'IM_KEY_REUSED', message, hint });
  }
  const location = { location: `/api/messages/${result.text.id}` };
  const document = messageDocument(result.text);
  return isRepeated ? done(document, location) : { status: 201, document, headers: location };
}

/** One key per logical message; a program that gives none gets no protection from sending twice. */
function cidOf(header: string | string[] | undefined, cid: unknown): string | undefined {
  const given = header ?? cid;
  if (given === undefined) return randomUUID();
  if (typeof given !== 'string') return undefined;
  // Some libraries write it as a string of structured headers, in quotes.
  const key = header === undefined ? given : given.replace(/^"(.*)"$/, '$1');
  return keyPattern.test(key) ? key : undefined;
}

function refusal({ code, message }: Fault): Answer {
  if (code === 'IM_TOO_FAST') return problem({ status: 429, code, message, retryAfterSeconds: 1 });
  if (code === 'IM_OUTBOX_FULL') return problem({ status: 503, code, message, retryAfterSeconds: 10 });
  return problem({ status: code === 'BUG' ? 500 : 422, code, message });
}

/** Whether the message under a key is the one that was sent now; numbers may be spelled differently. */
function isSame(kept: TextView, to: string, text: string): boolean {
  const address = parseAddress(to);
  if (!address.ok || kept.text !== text) return false;
  if (address.value.type === 'user') return kept.peer === address.value.name;
  return digitsOf(kept.peer) === digitsOf(address.value.number);
}

function list({ login, query }: Asked, history: ImHistory): Answer {
  const question = questionOf(query);
  if ('status' in question) return question;
  const user = login.user.name;
  // First: what comes between the two reads is told again by the events, not missed.
  const position = history.position(user);
  const { texts, next } = history.search(user, question);
  return done({
    ...{ schema: 'messages/1', messages: texts.map(messageDocument), next: next === undefined ? null : `o${next}` },
    position,
  });
}

function questionOf(query: URLSearchParams): SearchQuestion | Answer {
  const direction = oneOf(query, 'direction', ['in', 'out'] as const);
  if (!direction.ok) return problem({ status: 400, ...direction.fault });
  const since = timeOf(query, 'since');
  if (!since.ok) return problem({ status: 400, ...since.fault });
  const until = timeOf(query, 'until');
  if (!until.ok) return problem({ status: 400, ...until.fault });
  const limit = integerOf(query, 'limit', { min: 1, max: pageLimit });
  if (!limit.ok) return problem({ status: 400, ...limit.fault });
  const cursor = query.get('cursor');
  const before = cursor === null ? undefined : /^o([0-9]{1,15})$/.exec(cursor)?.[1];
  if (cursor !== null && before === undefined) return badRequest('The parameter cursor is `next` of the page before.');
  const asked = query.get('words');
  const words = asked === null ? [] : wordsOf(asked);
  if (asked !== null && (words.length === 0 || words.length > askedWordLimit || asked.length > askedLengthLimit)) {
    return badRequest(`The parameter words holds 1 to ${askedWordLimit} words, of letters or digits.`);
  }
  const typed = query.get('peer');
  const address = typed === null ? undefined : parseAddress(typed);
  // An alphanumeric sender is neither a number nor a name, and still has a conversation.
  const peer = address?.ok === true ? peerOf(address.value) : typed;
  return {
    ...{ words, direction: direction.value, since: since.value, until: until.value },
    ...{ peer: peer ?? undefined, before: before === undefined ? undefined : Number(before) },
    limit: limit.value ?? 50,
  };
}

function peerOf(address: Address): string {
  return address.type === 'user' ? address.name : address.number;
}

function look({ login, names }: Asked, history: ImHistory): Answer {
  const id = parseTextId(names['id']);
  const text = id && history.text(login.user.name, id);
  if (text === undefined) return notFound('There is no message with this id.');
  const steps = (history.steps(login.user.name, text.id) ?? []).map(({ step, at }) => ({
    step,
    at: at === undefined ? null : new Date(at).toISOString(),
  }));
  return done({ ...messageDocument(text), steps });
}
