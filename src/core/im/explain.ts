/**
 * Says where a text would go, and by which rule, without sending it: the same functions that route, asked on the side.
 * SPEC: DESIGN section 7; CLI, `im-server route`.
 */
import { fail, ok, type Result } from '../base/result.ts';
import type { Instant } from '../base/time.ts';
import { parseAddress } from './address.ts';
import type { ExchangeSettings } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { chooseSmsc } from './fallback.ts';
import { type Addressee, addresseeOf } from './routing.ts';
import { readServiceWord, type ServiceRequest } from './service-words.ts';
import { isBlockedBy } from './users.ts';
import { Ways } from './ways.ts';

export type RouteQuestion =
  | {
      readonly type: 'to-handset';
      readonly number: string;
      /** Name of the sender; undefined for one without a default SMSC. */
      readonly user: string | undefined;
    }
  | { readonly type: 'from-handset'; readonly from: string; readonly to: string; readonly text: string };

export type RouteAnswer =
  | {
      readonly type: 'to-handset';
      readonly number: string;
      readonly rule: 'prefix' | 'user-default' | 'none';
      /** The prefix that fits; empty where none or the empty one does. */
      readonly prefix: string;
      /** In the order in which they are tried; empty where none serves the number. */
      readonly smscIds: readonly string[];
      /** Which one it is now: another than the first while the link of that is down for long. */
      readonly now: string | undefined;
      /** Whether the handset asked for no more from this user, or from anybody. */
      readonly isRefused: boolean;
    }
  | {
      readonly type: 'from-handset';
      readonly rule: Addressee['rule'] | 'service-word' | 'nobody';
      readonly user: string | undefined;
      readonly word: ServiceRequest['type'] | undefined;
      /** Whether the user has blocked the handset. */
      readonly isBlocked: boolean;
    };

/** @returns where it would go; IM_BAD_ADDRESS, IM_UNKNOWN_USER */
export function explainRoute(
  question: RouteQuestion,
  settings: ExchangeSettings,
  memory: ExchangeMemory,
  now: Instant,
): Result<RouteAnswer> {
  return question.type === 'to-handset'
    ? explainWayOut(question, settings, memory, now)
    : ok(explainAddressee(question, settings, memory));
}

function explainWayOut(
  question: Extract<RouteQuestion, { type: 'to-handset' }>,
  settings: ExchangeSettings,
  memory: ExchangeMemory,
  now: Instant,
): Result<RouteAnswer> {
  const { user } = question;
  const address = parseAddress(question.number);
  if (!address.ok) return address;
  if (address.value.type === 'user') return fail('IM_BAD_ADDRESS', 'A route leads to a phone number, not to a name.');
  if (user !== undefined && !memory.users.has(user)) return fail('IM_UNKNOWN_USER', 'There is no user of this name.');
  const number = memory.handsets.of(address.value.number)?.number ?? address.value.number;
  const way = new Ways(settings, memory).to(number, user ?? '');
  const isRefused = memory.refusals.isRefused(number, user ?? '');
  const common = { type: 'to-handset', number, isRefused } as const;
  if (way.rule === 'none') return ok({ ...common, rule: 'none', prefix: '', smscIds: [], now: undefined });
  const chosen = chooseSmsc(way, memory.links, settings.fallbackAfterMs, now);
  return ok({ ...common, rule: way.rule, prefix: way.prefix, smscIds: way.smscIds, now: chosen });
}

function explainAddressee(
  { from, to, text }: Extract<RouteQuestion, { type: 'from-handset' }>,
  settings: ExchangeSettings,
  memory: ExchangeMemory,
): RouteAnswer {
  const type = 'from-handset';
  const word = readServiceWord(text, settings.words);
  if (word !== undefined) return { type, rule: 'service-word', user: undefined, word: word.type, isBlocked: false };
  const lastWriter = memory.handsets.of(from)?.lastWriter;
  const found = addresseeOf(to, text, { ...settings, users: memory.users, lastWriter });
  if (found === undefined) return { type, rule: 'nobody', user: undefined, word: undefined, isBlocked: false };
  const user = memory.users.get(found.user);
  const isBlocked = user !== undefined && isBlockedBy(user, from);
  return { type, rule: found.rule, user: found.user, word: undefined, isBlocked };
}
