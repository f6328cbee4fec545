/**
 * The settings of `im-server start` that say who is meant: routes towards handsets, and what handsets call and write. The
 * same table is checked by `config validate` and tried dry by `im-server route`. SPEC: DESIGN section 7.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { digitsOf } from '../../core/im/address.ts';
import { defaultExchangeSettings, type ExchangeSettings, type Route } from '../../core/im/exchange-io.ts';
import { defaultServiceWords, type ServiceWords } from '../../core/im/service-words.ts';
import {
  duration,
  integer,
  list,
  parsed,
  phone,
  required,
  rows,
  type Setting,
  text,
  type ValuesOf,
} from '../setting-kinds.ts';

/** More than fits three short messages is not read on a phone. */
const longestAnswer = 450;

export const routingSettings = {
  route: rows(
    {
      prefix: required(parsed(parsePrefix, { description: 'beginning of the numbers', helpValue: 'DIGITS' })),
      'smsc-id': required(text({ description: 'the SMSC they leave through', helpValue: 'ID' })),
      fallback: commaList(text({ description: 'SMSCs to go on to, in this order', helpValue: 'IDS' })),
    },
    {
      description:
        'numbers with this prefix leave through that SMSC, the longest wins, and go on to those behind the comma; with one buffer none is needed',
      helpValue: 'prefix=+358:ID[,ID]',
      split: (given) => {
        const match = /^(?:prefix=)?([^:]*):([^,]+)(?:,(.+))?$/.exec(given);
        if (match === null) return fail('CONFIG_BAD_VALUE', `"${given}" is not of the form prefix=+358:ID[,ID].`);
        const fallback = match[3] === undefined ? {} : { fallback: match[3] };
        return ok({ prefix: match[1] ?? '', 'smsc-id': match[2] ?? '', ...fallback });
      },
    },
  ),
  'fallback-after': duration({
    description: 'an SMSC out of reach for so long lets texts leave through the fallback of their route',
    default: defaultExchangeSettings.fallbackAfterMs,
    minMs: 1_000,
    maxMs: 86_400_000,
  }),
  'service-number': list(
    phone({ description: 'number that handsets call, without suffix: 2882 makes 28820001 reach suffix 0001' }),
  ),
  'default-user': text({ description: 'user who gets what nobody else is meant by', helpValue: 'NAME' }),
  'from-handset': rows(
    {
      'service-number': list(phone({ description: 'number that handsets call, without suffix' })),
      'suffix-length': integer({ description: 'digits of every suffix', min: 1, max: 10 }),
      'default-user': text({ description: 'user who gets what nobody else is meant by', helpValue: 'NAME' }),
      'unknown-answer': parsed(parseAnswer, {
        description: 'what a handset is told that means nobody',
        helpValue: 'TEXT',
      }),
      help: commaList(word('asks what can be written')),
      block: commaList(word('no more from one user')),
      stop: commaList(word('no more from anybody')),
      start: commaList(word('messages again')),
    },
    {
      description:
        'how messages from handsets are read: service-number, suffix-length, default-user, unknown-answer (empty: none), and the words help, block, stop, start',
      helpValue: 'KEY=VALUE',
      tables: 'once',
      split: (given) => {
        const at = given.indexOf('=');
        if (at < 1)
          return fail('CONFIG_BAD_VALUE', `"${given}" is not of the form KEY=VALUE, for example stop=STOP,SLUTA.`);
        return ok({ [given.slice(0, at)]: given.slice(at + 1) });
      },
    },
  ),
} as const;

export type RoutingValues = ValuesOf<typeof routingSettings>;

/** Something that each value allows and all together do not. */
export interface RoutingFault {
  /** Where it stands in the table: `[[route]]`, the second, `fallback`. */
  readonly setting: 'route' | 'from-handset';
  readonly row: number;
  readonly column: string;
  readonly message: string;
  readonly hint: string;
}

/** @param smscIds those that have a buffer; undefined where that is not known */
export function routingFaults(values: RoutingValues, smscIds: readonly string[] | undefined): readonly RoutingFault[] {
  return [...routeFaults(values, smscIds), ...wordFaults(values)];
}

/** What a config file says of it; the rest is as without one. @param smscIds empty: not in the file */
export function routingInFile(
  found: Partial<RoutingValues>,
  smscIds: readonly string[] | undefined,
): Partial<ExchangeSettings> {
  const values = completed(found);
  if (smscIds !== undefined && smscIds.length > 0) return routingOf(values, smscIds);
  // Buffers may be named by flags: the routes then name the SMSCs there are.
  const named = values.route.flatMap((row) => [row['smsc-id'], ...row.fallback]);
  return routingOf(values, [...new Set(named)]);
}

/** Nothing is required here, so what is left out is as if no file were there. */
export function completed(found: Partial<RoutingValues>): RoutingValues {
  const { route = [], 'fallback-after': after, 'service-number': numbers = [], 'from-handset': rows = [] } = found;
  return {
    route,
    'fallback-after': after ?? defaultExchangeSettings.fallbackAfterMs,
    'service-number': numbers,
    'default-user': found['default-user'],
    'from-handset': rows,
  };
}

/**
 * The part of the exchange's settings that these are.
 *
 * @param smscIds those that have a buffer; with one and no routes everything leaves through it
 * @throws OperatorError CONFIG_BAD_VALUE for the first fault
 */
export function routingOf(values: RoutingValues, smscIds: readonly string[]): Partial<ExchangeSettings> {
  const [fault] = routingFaults(values, smscIds);
  if (fault !== undefined) {
    throw new OperatorError({ code: 'CONFIG_BAD_VALUE', message: fault.message, hint: fault.hint });
  }
  const rows = values['from-handset'];
  const last = <T>(values: readonly (T | undefined)[]) => values.filter((value) => value !== undefined).at(-1);
  return {
    routes: routesOf(values, smscIds),
    fallbackAfterMs: values['fallback-after'],
    serviceNumbers: [...values['service-number'], ...rows.flatMap((row) => row['service-number'])],
    suffixLength: last(rows.map((row) => row['suffix-length'])),
    defaultUser: values['default-user'] ?? last(rows.map((row) => row['default-user'])),
    unknownAnswer: last(rows.map((row) => row['unknown-answer'])) ?? defaultExchangeSettings.unknownAnswer,
    words: wordsOf(values),
  };
}

function routesOf(values: RoutingValues, smscIds: readonly string[]): readonly Route[] {
  const [only] = smscIds;
  if (values.route.length === 0 && smscIds.length === 1 && only !== undefined) return [{ prefix: '', smscId: only }];
  return values.route.map((row) => ({ prefix: row.prefix, smscId: row['smsc-id'], fallback: row.fallback }));
}

/** What the last row says of a word; a word that is not named keeps its default. */
function wordsOf(values: RoutingValues): ServiceWords {
  const named = (key: keyof ServiceWords) =>
    values['from-handset'].map((row) => row[key]).findLast((words) => words.length > 0) ?? defaultServiceWords[key];
  return { help: named('help'), block: named('block'), stop: named('stop'), start: named('start') };
}

function routeFaults(values: RoutingValues, smscIds: readonly string[] | undefined): readonly RoutingFault[] {
  const faults: RoutingFault[] = [];
  const seen = new Set<string>();
  values.route.forEach(({ prefix, 'smsc-id': smscId, fallback }, row) => {
    const add = (column: string, message: string, hint: string) =>
      faults.push({ setting: 'route', row, column, message: `The route of prefix "${prefix}" ${message}`, hint });
    for (const [column, id] of [['smsc-id', smscId] as const, ...fallback.map((id) => ['fallback', id] as const)]) {
      if (smscIds === undefined || smscIds.includes(id)) continue;
      const known = `name one of: ${smscIds.join(', ') || 'none yet'}`;
      add(column, `leads to SMSC id ${id}, for which there is no --buffer.`, `Give --buffer ${id}=FILE, or ${known}.`);
    }
    if (new Set([smscId, ...fallback]).size <= fallback.length) {
      add('fallback', 'names an SMSC twice.', 'Every SMSC is tried once; leave out the second.');
    }
    if (seen.has(digitsOf(prefix))) {
      add('prefix', 'is there twice; the second would never be used.', 'Put its SMSCs into fallback of the first.');
    }
    seen.add(digitsOf(prefix));
  });
  return faults;
}

function wordFaults(values: RoutingValues): readonly RoutingFault[] {
  const meanings = new Map<string, string>();
  const faults: RoutingFault[] = [];
  const row = Math.max(0, values['from-handset'].length - 1);
  for (const [column, words] of Object.entries(wordsOf(values))) {
    for (const spelled of words.map((word: string) => word.normalize('NFC').toUpperCase())) {
      const other = meanings.get(spelled);
      if (other !== undefined && other !== column) {
        const message = `The word ${spelled} would mean both ${other} and ${column}.`;
        faults.push({ setting: 'from-handset', row, column, message, hint: 'Choose another word for one of them.' });
      }
      meanings.set(spelled, column);
    }
  }
  return faults;
}

function word(description: string) {
  return text({
    description,
    helpValue: 'WORDS',
    check: (value) =>
      /^\p{L}[\p{L}\p{M}\p{N}]{0,19}$/u.test(value)
        ? ok(value)
        : fail('CONFIG_BAD_VALUE', `"${value}" is no word of at most 20 letters and digits.`),
  });
}

function parsePrefix(value: string): Result<string> {
  const compact = value.replace(/[\s-]/g, '');
  if (/^\+?[0-9]{0,15}$/.test(compact)) return ok(compact);
  return fail('CONFIG_BAD_VALUE', `"${value}" is no prefix: at most 15 digits, with at most one leading +.`);
}

function parseAnswer(value: string): Result<string> {
  if (value.length <= longestAnswer) return ok(value);
  return fail('CONFIG_BAD_VALUE', `The answer has ${value.length} characters; at most ${longestAnswer} are sent.`);
}

/** A list that flags and environment separate by commas. */
function commaList<T>(element: Setting<T>): Setting<readonly NonNullable<T>[]> {
  const whole = list(element);
  return {
    ...whole,
    read: async (value, context) => {
      const read: NonNullable<T>[] = [];
      for (const part of value.split(',')) {
        const one = await whole.read(part.trim(), context);
        if (!one.ok) return one;
        read.push(...one.value);
      }
      return ok(read);
    },
  };
}
