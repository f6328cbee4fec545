/**
 * The JSON that travels between the server and its web and terminal clients: docs/im-protocol.md. What comes from a
 * client is parsed here, strictly, into a type that cannot be wrong; what goes to it is plain data already.
 */
import type { ErrorCode } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { ImEvent, LinksEvent } from '../../core/im/exchange-io.ts';
import type { Conversation } from '../../core/im/history.ts';
import { parseUserPresence, type UserPresence, userPresences } from '../../core/im/presence-book.ts';
import type { StepReached } from '../../core/im/steps-reached.ts';
import { parseTextId, type TextId, type TextView } from '../../core/im/text.ts';
import type { Scope } from '../../core/im/users.ts';
import type { NationalAlphabet } from '../../core/message/national-alphabets.ts';
import { type LaneName, laneNames } from '../../core/ring/status.ts';
import type { PastGlance, PastQuestion } from '../../core/roles/im-server/past-glance.ts';
import { type ShownPeople, shownPeopleLimit } from './presence.ts';
import type { RingMessage, ShownSlot } from './ring-feed.ts';

export const subprotocol = 'ringbridge.im.1';

/** Bytes of one message from a client; a text of 10,000 characters fits in any encoding. */
export const messageSizeLimit = 64 * 1024;

export type ClientMessage =
  | { readonly type: 'login'; readonly user: string; readonly password: string }
  | { readonly type: 'login'; readonly token: string }
  | { readonly type: 'send'; readonly cid: string; readonly to: string; readonly text: string }
  | { readonly type: 'resume'; readonly position: number }
  | { readonly type: 'conversations'; readonly ref: string; readonly before: number | undefined }
  | {
      readonly type: 'history';
      readonly ref: string;
      readonly peer: string;
      readonly before: number | undefined;
      readonly limit: number;
    }
  /** Own texts with all of these words, newest first. */
  | { readonly type: 'search'; readonly ref: string; readonly words: string; readonly before: number | undefined }
  /** When a text reached its steps. */
  | { readonly type: 'steps'; readonly ref: string; readonly id: TextId }
  | { readonly type: 'read'; readonly peer: string; readonly order: number }
  /** Names of users that the client shows. */
  | { readonly type: 'people'; readonly names: readonly string[] }
  /** How it is with the user at this client, from now on. */
  | { readonly type: 'presence'; readonly presence: UserPresence }
  /** Begins or ends being told of the rings. */
  | { readonly type: 'rings'; readonly watch: boolean }
  | {
      readonly type: 'slot';
      readonly ref: string;
      readonly smscId: string;
      readonly lane: LaneName;
      readonly slot: number;
    }
  /** The rings as they were behind an input that was recorded. */
  | ({ readonly type: 'past'; readonly ref: string } & PastQuestion)
  | { readonly type: 'ping' };

export type ServerMessage =
  | {
      readonly type: 'welcome';
      readonly version: 1;
      readonly user: string;
      readonly suffix?: string;
      /** What this client may do: its user's, or what its token allows. */
      readonly scopes: readonly Scope[];
      /** The last position of this user; 0 where nothing happened yet. */
      readonly position: number;
      /** `none`: without status reports the steps end at `accepted`. */
      readonly reports: 'final' | 'none';
      /** National alphabets that a text may leave in; left out where there are none. */
      readonly alphabets?: readonly NationalAlphabet[];
      /** Only after a login with a password: logs in again for 30 days. */
      readonly token?: string;
    }
  | { readonly type: 'stored'; readonly cid: string; readonly text: TextView }
  | {
      readonly type: 'refused';
      readonly cid: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    }
  | Exclude<ImEvent, { readonly type: 'attached' | 'signed-out' }>
  | LinksEvent
  | {
      readonly type: 'changes';
      readonly texts: readonly TextView[];
      /** Where to resume next. */
      readonly position: number;
      /** False: there is more from `position` on. */
      readonly isComplete: boolean;
    }
  | {
      readonly type: 'conversations';
      readonly ref: string;
      /** Newest first. */
      readonly conversations: readonly Conversation[];
      /** `before` of the next page; left out where there is no more. */
      readonly next?: number;
    }
  | {
      readonly type: 'history';
      readonly ref: string;
      readonly peer: string;
      readonly texts: readonly TextView[];
      /** Whether there are older ones. */
      readonly hasMore: boolean;
    }
  | {
      readonly type: 'found';
      readonly ref: string;
      /** Newest first. */
      readonly texts: readonly TextView[];
      /** `before` of the next page; left out where there is no more. */
      readonly next?: number;
    }
  /** None where this user has no such text. */
  | { readonly type: 'steps'; readonly ref: string; readonly id: TextId; readonly steps: readonly StepReached[] }
  | ({ readonly type: 'people' } & ShownPeople)
  | RingMessage
  /** Without more fields where there is no such slot. */
  | ({ readonly type: 'slot'; readonly ref: string } & Partial<ShownSlot>)
  /** Without more fields where nothing is recorded. */
  | ({ readonly type: 'past'; readonly ref: string } & Partial<PastGlance>)
  | { readonly type: 'pong' }
  | {
      readonly type: 'error';
      /** Of the question that has no other answer. */
      readonly ref?: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    };

/** Why the server closed the connection; the reason says it in words. */
export const closeCodes = {
  /** Log in again: wrong password, no session, or the password was changed. */
  loginNeeded: 4001,
  /** What came was not of this protocol. */
  badMessage: 4002,
  /** The client did not read what it was sent. */
  tooSlow: 4008,
  /** Too many clients, of this user or in all. */
  tooMany: 4009,
  /** The server stops; connect again. */
  goingAway: 1001,
} as const;

/** What is said of another value, also of one in the address. */
export const presenceRule = `\`presence\` must be ${userPresences.join(', ')}`;

/** Characters of a peer; a sender's name may be longer than a user's. */
const peerLimit = 256;
/** Texts in one page of history. */
const pageLimit = 200;

/** @returns the message, or IM_BAD_REQUEST that names the field */
export function parseClientMessage(data: string): Result<ClientMessage> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return bad('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('it is not an object');
  // A JSON object: every property is JSON too, which each reader below checks.
  const fields = value as Readonly<Record<string, unknown>>;
  switch (fields['type']) {
    case 'login':
      return parseLogin(fields);
    case 'send': {
      const { cid, to, text } = fields;
      if (!isText(cid, 64)) return bad('`cid` must be a string of 1 to 64 characters');
      if (!isText(to, 128)) return bad('`to` must be a string');
      if (typeof text !== 'string') return bad('`text` must be a string');
      return ok({ type: 'send', cid, to, text });
    }
    case 'resume': {
      const { position } = fields;
      return isCount(position) ? ok({ type: 'resume', position }) : bad('`position` must be a number');
    }
    case 'conversations': {
      const { ref, before } = fields;
      if (!isText(ref, 64)) return bad('`ref` must be a string');
      if (before !== undefined && !isCount(before)) return bad('`before` must be a number');
      return ok({ type: 'conversations', ref, before });
    }
    case 'history':
      return parseHistory(fields);
    case 'read': {
      const { peer, order } = fields;
      if (!isText(peer, peerLimit)) return bad('`peer` must be a string');
      return isCount(order) ? ok({ type: 'read', peer, order }) : bad('`order` must be a number');
    }
    case 'search':
      return parseSearch(fields);
    case 'steps': {
      const { ref } = fields;
      const id = parseTextId(fields['id']);
      if (!isText(ref, 64)) return bad('`ref` must be a string');
      return id === undefined ? bad('`id` must be that of a text') : ok({ type: 'steps', ref, id });
    }
    case 'people': {
      const { names } = fields;
      const isList = Array.isArray(names) && names.length <= shownPeopleLimit;
      if (!isList || !names.every((name) => isText(name, 64))) {
        return bad(`\`names\` must be a list of at most ${shownPeopleLimit} names`);
      }
      return ok({ type: 'people', names });
    }
    case 'presence': {
      const presence = parseUserPresence(fields['presence']);
      return presence === undefined ? bad(presenceRule) : ok({ type: 'presence', presence });
    }
    case 'rings': {
      const { watch } = fields;
      return typeof watch === 'boolean' ? ok({ type: 'rings', watch }) : bad('`watch` must be true or false');
    }
    case 'slot': {
      const { ref, smscId, slot } = fields;
      const lane = laneNames.find((known) => known === fields['lane']);
      if (!isText(ref, 64)) return bad('`ref` must be a string');
      if (!isText(smscId, 64)) return bad('`smscId` must be a string');
      if (lane === undefined) return bad('`lane` must be mt or mo');
      return isCount(slot) ? ok({ type: 'slot', ref, smscId, lane, slot }) : bad('`slot` must be a number');
    }
    case 'past':
      return parsePast(fields);
    case 'ping':
      return ok({ type: 'ping' });
    default:
      return bad('`type` is unknown');
  }
}

const seeks = ['at', 'next-move', 'previous-move'] as const;

function parsePast(fields: Readonly<Record<string, unknown>>): Result<ClientMessage> {
  const { ref, event } = fields;
  const seek = seeks.find((known) => known === fields['seek']);
  if (!isText(ref, 64)) return bad('`ref` must be a string');
  if (event !== undefined && !isCount(event)) return bad('`event` must be a number');
  return seek === undefined ? bad(`\`seek\` must be ${seeks.join(', ')}`) : ok({ type: 'past', ref, event, seek });
}

function parseLogin(fields: Readonly<Record<string, unknown>>): Result<ClientMessage> {
  const { user, password, token } = fields;
  if (isText(token, 400)) return ok({ type: 'login', token });
  if (!isText(user, 64) || !isText(password, 256)) return bad('a login needs `user` and `password`, or `token`');
  return ok({ type: 'login', user, password });
}

function parseHistory(fields: Readonly<Record<string, unknown>>): Result<ClientMessage> {
  const { ref, peer, before, limit = 50 } = fields;
  if (!isText(ref, 64)) return bad('`ref` must be a string');
  if (!isText(peer, peerLimit)) return bad('`peer` must be a string');
  if (before !== undefined && !isCount(before)) return bad('`before` must be a number');
  if (!isCount(limit) || limit < 1 || limit > pageLimit) return bad(`\`limit\` must be 1 to ${pageLimit}`);
  return ok({ type: 'history', ref, peer, before, limit });
}

function parseSearch(fields: Readonly<Record<string, unknown>>): Result<ClientMessage> {
  const { ref, words, before } = fields;
  if (!isText(ref, 64)) return bad('`ref` must be a string');
  if (!isText(words, 200)) return bad('`words` must be a string of 1 to 200 characters');
  if (before !== undefined && !isCount(before)) return bad('`before` must be a number');
  return ok({ type: 'search', ref, words, before });
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longest;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function bad(why: string): Result<never> {
  return fail('IM_BAD_REQUEST', `The message was not understood: ${why}.`);
}
