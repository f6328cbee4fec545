/**
 * A batch: a file with one JSON object per line, each a message. All lines are read and checked before anything is
 * sent, so that a slip in line 900 does not leave half a batch behind.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { nationalChoices } from '../../core/codec/national-language.ts';
import { readGivenFile } from '../given-file.ts';
import { nearest } from '../nearest.ts';
import { parsePhone } from '../phone.ts';
import type { ComposeOptions } from './compose.ts';
import { codings, type MessageOptions, parseHexBytes, parseTimeChoice, parseValidity } from './message-options.ts';

export const batchLimits = { sizeBytes: 64 * 1024 * 1024, messages: 100_000, destinations: 96 } as const;

export interface BatchMessage extends ComposeOptions {
  /** In the file, from 1; empty lines count. */
  readonly line: number;
  /** What the file calls it; comes back with its result. */
  readonly id: string | undefined;
}

/**
 * @param defaults what the flags of the command say; a line may say otherwise
 * @param path `-` is stdin
 * @throws OperatorError CONFIG_UNREADABLE, USAGE_BAD_VALUE with the line
 */
export async function readBatch(path: string, defaults: MessageOptions): Promise<readonly BatchMessage[]> {
  const text = await readText(path);
  const messages: BatchMessage[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const message = parseLine(line, index + 1, defaults);
    if (!message.ok) throw badLine(path, index + 1, message.fault.message);
    messages.push(message.value);
    if (messages.length > batchLimits.messages) {
      throw badLine(path, index + 1, `a batch has at most ${batchLimits.messages} messages`);
    }
  }
  if (messages.length === 0) throw badLine(path, lines.length, 'there is no message in it');
  return messages;
}

/** One line as a message. */
export function parseLine(line: string, place: number, defaults: MessageOptions): Result<BatchMessage> {
  const object = parseObject(line);
  if (!object.ok) return object;
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object.value)) {
    // A name like "constructor" is one that every object answers to.
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) return fail('USAGE_BAD_VALUE', unknownKey(key));
    const read = field(value);
    if (!read.ok) return fail('USAGE_BAD_VALUE', `"${key}": ${read.fault.message.replace(/\.$/, '')}`);
    Object.assign(given, read.value);
  }
  if (given['to'] === undefined) return fail('USAGE_BAD_VALUE', '"to" is missing');
  if (given['text'] === undefined) return fail('USAGE_BAD_VALUE', '"text" is missing (or "data", as hex)');
  for (const [one, other] of exclusiveKeys) {
    if (Object.hasOwn(object.value, one) && Object.hasOwn(object.value, other)) {
      return fail('USAGE_BAD_VALUE', `"${one}" and "${other}" exclude each other`);
    }
  }
  // Every field gives keys of this type and was checked for its own; `to` and `text` are there.
  return ok({ ...defaults, id: undefined, ...given, line: place } as BatchMessage);
}

type Field = (value: unknown) => Result<Partial<Omit<BatchMessage, 'line'>>>;

/** A choice that excludes another one of the command's flags takes its place. */
const fields: Readonly<Record<string, Field>> = {
  to: (value) => map(destinations(value), (to) => ({ to })),
  text: (value) => map(string(value), (text) => ({ text })),
  data: (value) => map(string(value), (text) => ({ text, coding: 'binary' })),
  id: (value) => map(string(value), (id) => ({ id })),
  from: (value) => map(then(string(value), parsePhone), (from) => ({ from, alphanumeric: undefined })),
  alphanumeric: (value) => map(string(value), (alphanumeric) => ({ alphanumeric, from: undefined })),
  coding: (value) => map(oneOf(value, codings), (coding) => ({ coding })),
  national: (value) => map(oneOf(value, nationalChoices), (national) => ({ national })),
  header: (value) => map(then(string(value), parseHexBytes), (header) => ({ header })),
  class: (value) => map(oneOf(value, [0, 1, 2, 3] as const), (messageClass) => ({ messageClass })),
  flash: (value) => map(flag(value), (isFlash) => ({ messageClass: isFlash ? 0 : undefined })),
  dcs: (value) => map(integer(value, 0, 255), (dataCoding) => ({ dataCoding })),
  validity: (value) => map(then(string(value), parseValidity), (validity) => ({ validity })),
  firstDelivery: (value) => map(then(string(value), parseTimeChoice), (firstDelivery) => ({ firstDelivery })),
  report: (value) => map(flag(value), (isWanted) => ({ reportBits: isWanted ? 62 : undefined })),
  reportBits: (value) => map(integer(value, 0, 127), (reportBits) => ({ reportBits })),
  priority: (value) => map(integer(value, 1, 9), (priority) => ({ priority })),
  replyPath: (value) => map(flag(value), (isWanted) => ({ replyPath: isWanted ? 'ask' : 'none' })),
  pid: (value) => map(integer(value, 0, 255), (protocolId) => ({ protocolId })),
  cancel: (value) => map(flag(value), (isAllowed) => ({ cancel: isAllowed ? 'allow' : 'forbid' })),
  tariffClass: (value) => map(integer(value, 0, 99), (tariffClass) => ({ tariffClass })),
  serviceDescription: (value) => map(integer(value, 0, 99), (serviceDescription) => ({ serviceDescription })),
};

const exclusiveKeys: readonly (readonly [string, string])[] = [
  ['from', 'alphanumeric'],
  ['text', 'data'],
  ['flash', 'class'],
  ['report', 'reportBits'],
];

function unknownKey(key: string): string {
  const names = Object.keys(fields);
  const meant = nearest(key, names);
  return `"${key}" is no key of a message; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`}`;
}

function parseObject(line: string): Result<object> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail('USAGE_BAD_VALUE', 'it is no JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value);
  return fail('USAGE_BAD_VALUE', 'it is no object like {"to":"+358401234567","text":"Hello"}');
}

function destinations(value: unknown): Result<readonly string[]> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return fail('USAGE_BAD_VALUE', 'there is no number in it');
  const numbers: string[] = [];
  for (const one of list) {
    const number = then(string(one), parsePhone);
    if (!number.ok) return number;
    numbers.push(number.value);
  }
  return checkDestinations(numbers);
}

/** One submit takes so many, each once. */
export function checkDestinations(numbers: readonly string[]): Result<readonly string[]> {
  const twice = numbers.find((number, i) => numbers.indexOf(number) !== i);
  if (twice !== undefined) return fail('USAGE_BAD_VALUE', `${twice} is there twice.`);
  return numbers.length > batchLimits.destinations
    ? fail('USAGE_BAD_VALUE', `${numbers.length} numbers are more than the ${batchLimits.destinations} of one submit.`)
    : ok(numbers);
}

function string(value: unknown): Result<string> {
  return typeof value === 'string' ? ok(value) : fail('USAGE_BAD_VALUE', 'a string in quotes is wanted');
}

function flag(value: unknown): Result<boolean> {
  return typeof value === 'boolean' ? ok(value) : fail('USAGE_BAD_VALUE', 'true or false is wanted');
}

function integer(value: unknown, from: number, to: number): Result<number> {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
    ? ok(value)
    : fail('USAGE_BAD_VALUE', `a number from ${from} to ${to} is wanted`);
}

function oneOf<const T>(value: unknown, choices: readonly T[]): Result<T> {
  const found = choices.find((choice) => choice === value);
  return found === undefined ? fail('USAGE_BAD_VALUE', `one of ${choices.join(', ')} is wanted`) : ok(found);
}

function map<T, U>(result: Result<T>, make: (value: T) => U): Result<U> {
  return result.ok ? ok(make(result.value)) : result;
}

function then<T, U>(result: Result<T>, next: (value: T) => Result<U>): Result<U> {
  return result.ok ? next(result.value) : result;
}

async function readText(path: string): Promise<string> {
  const bytes = path === '-' ? await readStdin() : await readFromFile(path);
  if (bytes.length > batchLimits.sizeBytes) {
    throw badLine(path, 0, `it has more than ${batchLimits.sizeBytes} bytes`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `The batch ${path} is not UTF-8. Nothing was sent.`,
      hint: 'Convert it first, for example with `iconv -f latin1 -t utf-8`.',
      cause,
    });
  }
}

function readFromFile(path: string): Promise<Uint8Array> {
  const hint = 'Nothing was sent. Check the path and the rights of the user that runs ringbridge.';
  return readGivenFile({ path, name: `The batch ${path}`, limitBytes: batchLimits.sizeBytes, hint });
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > batchLimits.sizeBytes) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** @param line 0 where it is about the whole file */
export function badLine(path: string, line: number, why: string): OperatorError {
  const where = path === '-' ? 'the batch on stdin' : path;
  return new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `${line === 0 ? '' : `Line ${line} of `}${where}: ${why.replace(/[.?]$/, '')}${why.endsWith('?') ? '?' : '.'} Nothing was sent.`,
    hint: 'Each line is an object like {"to":"+358401234567","text":"Hello"}; `cimd2 send --help` has the keys.',
  });
}
