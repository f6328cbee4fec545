/**
 * One line of `cimd2 shell` as a command. Everything that can be judged without a connection is judged here, so that a
 * whole script is checked before its first packet.
 */
import { OperatorError } from '../../../core/base/errors.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { instant } from '../../../core/base/time.ts';
import type { Parameter } from '../../../core/codec/packet.ts';
import { parseDuration } from '../../duration.ts';
import { nearest } from '../../nearest.ts';
import { parsePhone } from '../../phone.ts';
import { parseLine as parseMessage } from '../../send/batch.ts';
import { composeMessage } from '../../send/compose.ts';
import { parseHexBytes, plainMessage } from '../../send/message-options.ts';
import { findSpelledStx, unspell } from '../spelled-bytes.ts';
import type { ShellCommand } from './command.ts';
import { findCommand, shellCommands, submitKeys } from './commands.ts';
import { parseExpectation } from './expectation.ts';
import { operationFromName, parseParameter } from './names.ts';
import { type LookUp, splitWords, type Variable, type Word } from './words.ts';

/** @returns what is wrong, in a sentence, where the line is no command */
export function parseCommand(line: string, lookUp: LookUp): Result<ShellCommand> {
  const words = splitWords(line.replace(/^\s*\?/, 'help '), lookUp);
  if (!words.ok) return words;
  const [first, ...rest] = words.value;
  if (first === undefined) return ok({ type: 'nothing' });
  const parse = parsers[first.text];
  if (parse !== undefined) return parse(rest);
  const names = shellCommands.map(({ name }) => name);
  const meant = nearest(first.text, names);
  return bad(
    `There is no "${first.text}"; ${meant === undefined ? 'help names what there is' : `did you mean ${meant}?`}`,
  );
}

/** Stands in for what is known only when the line is carried out. */
const samples: Readonly<Record<Variable, string>> = { to: '+358401234567', stamp: '261122120000', password: 'secret' };

/** What is wrong with a line, as far as that can be told before it is carried out. */
export function checkLine(line: string): Result<ShellCommand> {
  return parseCommand(line, (name) => ok(samples[name]));
}

type Parse = (words: readonly Word[]) => Result<ShellCommand>;

const parsers: Readonly<Record<string, Parse | undefined>> = Object.assign(Object.create(null), {
  login: upTo('login', 2, ([user, file]) => ok({ type: 'login', user, passwordFile: file })),
  logout: alone('logout', { type: 'request', operation: 2, parameters: [] }),
  submit: parseSubmit,
  enquire: upTo('enquire', 2, ([to, stamp]) => {
    if (to === undefined || stamp === undefined) return usage('enquire');
    return withKey(to, stamp, (key) => ok({ type: 'request', operation: 4, parameters: key }));
  }),
  cancel: upTo('cancel', 2, parseCancel),
  fetch: upTo('fetch', 1, ([mode = 'one']) => {
    const value = { count: '0', one: '1', all: '2', '0': '0', '1': '1', '2': '2' }[mode];
    if (value === undefined) return usage('fetch');
    return ok({ type: 'request', operation: 5, parameters: [{ code: 68, value }] });
  }),
  set: upTo('set', 2, ([what, file]) =>
    what === 'password' ? ok({ type: 'set-password', passwordFile: file }) : usage('set'),
  ),
  get: upTo('get', 1, ([what]) =>
    what === 'time' ? ok({ type: 'request', operation: 9, parameters: [{ code: 500, value: '501' }] }) : usage('get'),
  ),
  alive: alone('alive', { type: 'request', operation: 40, parameters: [] }),
  packet: parsePacket,
  raw: parseRaw,
  repeat: alone('repeat', { type: 'repeat' }),
  nack: upTo('nack', 1, ([number = '']) => {
    if (!/^\d{1,3}$/.test(number)) return usage('nack');
    return ok({ type: 'packet', operation: 99, number: Number(number), parameters: [], checksum: 'as-set' });
  }),
  answer: parseAnswer,
  expect: parseExpect,
  wait: upTo('wait', 1, ([text]) => {
    if (text === undefined) return usage('wait');
    const ms = parseDuration(text);
    return ms.ok ? ok({ type: 'wait', ms: ms.value }) : ms;
  }),
  connect: alone('connect', { type: 'connect' }),
  cut: alone('cut', { type: 'cut' }),
  packets: upTo('packets', 1, ([shown]) =>
    shown === 'on' || shown === 'off' ? ok({ type: 'packets', shown }) : usage('packets'),
  ),
  save: upTo('save', 2, (words) => {
    const [file, ...others] = words.filter((word) => word !== '--with-answers');
    if (file === undefined || others.length > 0) return usage('save');
    return ok({ type: 'save', file, answers: words.includes('--with-answers') ? 'with' : 'without' });
  }),
  source: upTo('source', 1, ([file]) => (file === undefined ? usage('source') : ok({ type: 'source', file }))),
  help: upTo('help', 1, ([topic]) => ok({ type: 'help', topic })),
  quit: alone('quit', { type: 'quit' }),
  exit: alone('quit', { type: 'quit' }),
} satisfies Record<string, Parse>);

function parseSubmit(words: readonly Word[]): Result<ShellCommand> {
  const [to, text, ...options] = words;
  if (to === undefined || text === undefined) return usage('submit');
  const keys: Record<string, unknown> = { to: to.text.split(','), text: text.text };
  const extra: Parameter[] = [];
  for (const option of options) {
    const [, key, value = ''] = /^([a-z-]+)=(.*)$/s.exec(option.text) ?? [];
    if (key !== undefined && submitKeys.includes(key)) {
      keys[key.replace(/-./g, (pair) => pair.slice(1).toUpperCase())] = keyValue(key, value);
      continue;
    }
    const parameter = option.isQuoted ? undefined : parseParameter(option.text);
    if (parameter === undefined) return bad(`"${option.text}" is no KEY=VALUE. A text with blanks needs quotes.`);
    if (!parameter.ok) {
      const meant = nearest(key ?? '', submitKeys);
      return meant === undefined ? parameter : bad(`"${key}" is no key of submit; did you mean ${meant}?`);
    }
    extra.push(parameter.value);
  }
  const message = parseMessage(JSON.stringify(keys), 1, plainMessage);
  if (!message.ok) return message;
  const { validity, firstDelivery } = message.value;
  if (validity?.type === 'absolute' || firstDelivery?.type === 'absolute') {
    return bad("A time is a duration like 2h, or twelve digits of the SMSC's own local time (get time).");
  }
  try {
    composeMessage(message.value, { now: instant(0), zoneOffsetMinutes: 0 });
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return bad(`${error.message} Wrong on purpose: packet.`);
  }
  return ok({ type: 'submit', message: message.value, extra });
}

/** As the line of a batch would have it. */
function keyValue(key: string, value: string): unknown {
  if (['flash', 'report', 'reply-path'].includes(key)) {
    return value === 'yes' || value === 'true' ? true : value === 'no' || value === 'false' ? false : value;
  }
  if (['class', 'dcs', 'report-bits', 'priority', 'pid'].includes(key) && /^\d+$/.test(value)) return Number(value);
  return value;
}

function parseCancel([to, stamp]: readonly string[]): Result<ShellCommand> {
  if (to === undefined) return usage('cancel');
  const mode = (value: string): Parameter => ({ code: 59, value });
  if (to === 'all' && stamp === undefined) return ok({ type: 'request', operation: 6, parameters: [mode('1')] });
  if (stamp !== undefined) {
    return withKey(to, stamp, (key) => ok({ type: 'request', operation: 6, parameters: [mode('2'), ...key] }));
  }
  const number = parsePhone(to);
  if (!number.ok) return number;
  return ok({ type: 'request', operation: 6, parameters: [mode('0'), { code: 21, value: number.value }] });
}

/** Destination and stamp together name a submit. SPEC: section 8.4. */
function withKey(
  to: string,
  stamp: string,
  make: (key: readonly Parameter[]) => Result<ShellCommand>,
): Result<ShellCommand> {
  const number = parsePhone(to);
  if (!number.ok) return number;
  if (!/^\d{12}$/.test(stamp)) return bad(`"${stamp}" is no stamp; it has twelve digits, as in 060.`);
  return make([
    { code: 21, value: number.value },
    { code: 60, value: stamp },
  ]);
}

function parsePacket([head, ...rest]: readonly Word[]): Result<ShellCommand> {
  const [, name = '', typed] = /^([^:]+)(?::(\d{1,3}))?$/.exec(head?.text ?? '') ?? [];
  if (name === '') return usage('packet');
  const operation = operationFromName(name);
  if (!operation.ok) return operation;
  let sum: 'as-set' | 'wrong' | 'none' = 'as-set';
  const parameters: Parameter[] = [];
  for (const { text } of rest) {
    if (text === 'checksum=wrong' || text === 'checksum=none') {
      sum = text === 'checksum=wrong' ? 'wrong' : 'none';
      continue;
    }
    const parameter = parseParameter(text);
    if (parameter === undefined) return bad(`"${text}" is no parameter; write 021=+358401234567.`);
    if (!parameter.ok) return parameter;
    parameters.push(parameter.value);
  }
  const number = typed === undefined ? undefined : Number(typed);
  if (operation.value >= 50 && number === undefined) {
    return bad(`Answers, 98 and 99 have the number of another packet: packet ${name}:002.`);
  }
  return ok({ type: 'packet', operation: operation.value, number, parameters, checksum: sum });
}

function parseRaw(words: readonly Word[]): Result<ShellCommand> {
  const text = words.map((word) => word.text).join(' ');
  if (text === '') return usage('raw');
  const spelled = findSpelledStx(text);
  if (spelled !== undefined && /^[\u0000-\u00ff]*$/.test(text)) {
    return ok({ type: 'raw', bytes: unspell(text, spelled.spelling) });
  }
  const bytes = parseHexBytes(text);
  if (!bytes.ok) return bytes;
  return bytes.value.length > 65_536 ? bad('More than 64 KiB.') : ok({ type: 'raw', bytes: bytes.value });
}

function parseAnswer(words: readonly Word[]): Result<ShellCommand> {
  const [first, ...rest] = words.map(({ text }) => text);
  const refusal = errorCode(first ?? '');
  if (rest.length === 0 && refusal !== undefined) {
    return ok({ type: 'answering', mode: { type: 'error', code: refusal } });
  }
  if (rest.length === 0 && (first === 'auto' || first === 'hold')) {
    return ok({ type: 'answering', mode: { type: first } });
  }
  if (first === undefined || !/^(\d{1,3}|all)$/.test(first)) return usage('answer');
  const parameters: Parameter[] = [];
  for (const text of rest) {
    const code = errorCode(text);
    const parameter = code === undefined ? parseParameter(text) : ok({ code: 900, value: String(code) });
    if (parameter === undefined) return usage('answer');
    if (!parameter.ok) return parameter;
    parameters.push(parameter.value);
  }
  return ok({ type: 'answer', which: first === 'all' ? 'all' : Number(first), parameters });
}

function errorCode(text: string): number | undefined {
  const digits = /^error:(\d{1,3})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function parseExpect(words: readonly Word[]): Result<ShellCommand> {
  const isTimed = words.at(-2)?.text === 'within' && words.at(-2)?.isQuoted === false;
  const within = isTimed ? parseDuration(words.at(-1)?.text ?? '') : ok(undefined);
  if (!within.ok) return within;
  const expectation = parseExpectation(isTimed ? words.slice(0, -2) : words);
  if (!expectation.ok) return expectation;
  return ok({ type: 'expect', expectation: expectation.value, withinMs: within.value });
}

function alone(name: string, command: ShellCommand): Parse {
  return (words) => (words.length === 0 ? ok(command) : usage(name));
}

function upTo(name: string, count: number, make: (words: readonly string[]) => Result<ShellCommand>): Parse {
  return (words) => (words.length > count ? usage(name) : make(words.map(({ text }) => text)));
}

function usage<T>(name: string): Result<T> {
  const info = findCommand(name);
  return bad(`It is typed like this: ${name} ${info?.usage ?? ''}`.trim());
}

function bad<T>(message: string): Result<T> {
  return fail('USAGE_BAD_VALUE', message);
}
