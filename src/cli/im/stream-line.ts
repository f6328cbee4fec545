/** One line that a program writes to `im chat`, as a value. docs/im-chat.md. */
import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { parseUserPresence, type UserPresence, userPresences } from '../../core/im/presence-book.ts';
import { shownPeopleLimit } from '../../gateways/web/presence.ts';

export type StreamLine =
  | { readonly type: 'send'; readonly cid: string; readonly to: string; readonly text: string }
  | {
      readonly type: 'history';
      readonly peer: string;
      readonly limit: number;
      readonly before: number | undefined;
    }
  | { readonly type: 'conversations'; readonly before: number | undefined }
  /** From now on it is told of these. */
  | { readonly type: 'people'; readonly names: readonly string[] }
  /** From now on it is so with the user at this program. */
  | { readonly type: 'presence'; readonly presence: UserPresence }
  | { readonly type: 'read'; readonly peer: string; readonly order: number };

const longestPage = 200;

/**
 * A plain line is a text, whatever it begins with: programs pass on what others wrote.
 *
 * @param peer whom plain lines, and objects without an address, are for
 * @returns IM_BAD_REQUEST with what is wrong
 */
export function parseStreamLine(line: string, peer: string | undefined): Result<StreamLine> {
  if (!line.trimStart().startsWith('{')) {
    if (peer === undefined) return bad('A plain line needs a TO on the command line.');
    return ok({ type: 'send', cid: randomUUID(), to: peer, text: line });
  }
  const fields = fieldsOf(line);
  if (fields === undefined) return bad('The line begins with { and is not JSON.');
  const address = fields.get('peer') ?? fields.get('to') ?? peer;
  switch (fields.get('type') ?? 'send') {
    case 'send': {
      const [to, text, cid] = [fields.get('to') ?? peer, fields.get('text'), fields.get('cid') ?? randomUUID()];
      if (typeof to === 'string' && typeof text === 'string' && typeof cid === 'string') {
        return ok({ type: 'send', cid, to, text });
      }
      return bad('A text needs `to` (or a TO on the command line) and `text`; these and `cid` are strings.');
    }
    case 'history': {
      const [limit, before] = [fields.get('limit') ?? 50, fields.get('before')];
      if (typeof address !== 'string') return bad('A page of history needs `peer`.');
      if (!isCount(limit) || limit < 1 || limit > longestPage) return bad(`\`limit\` is 1 to ${longestPage}.`);
      if (before !== undefined && !isCount(before)) return bad('`before` is an `order`, a whole number.');
      return ok({ type: 'history', peer: address, limit, before });
    }
    case 'conversations': {
      const before = fields.get('before');
      if (before !== undefined && !isCount(before)) return bad('`before` is `next` of the page before.');
      return ok({ type: 'conversations', before });
    }
    case 'people': {
      const names = fields.get('names');
      const isList = Array.isArray(names) && names.length <= shownPeopleLimit;
      if (isList && names.every((name) => typeof name === 'string' && name.length >= 1 && name.length <= 64)) {
        return ok({ type: 'people', names });
      }
      return bad(`\`names\` is a list of at most ${shownPeopleLimit} users and numbers.`);
    }
    case 'presence': {
      const presence = parseUserPresence(fields.get('presence'));
      return presence === undefined
        ? bad(`\`presence\` is ${userPresences.join(', ')}.`)
        : ok({ type: 'presence', presence });
    }
    case 'read': {
      const order = fields.get('order');
      if (typeof address === 'string' && isCount(order)) return ok({ type: 'read', peer: address, order });
      return bad('To have read needs `peer` and `order`.');
    }
    default:
      return bad('`type` is none of send, history, conversations, people, presence, read.');
  }
}

function fieldsOf(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bad(message: string): Result<never> {
  return fail('IM_BAD_REQUEST', message);
}
