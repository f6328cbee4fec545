/**
 * What `expect` waits for, and whether a packet is that: an operation, perhaps its number, and what its parameters hold,
 * as on the wire. Waiting itself is `inbox.ts`.
 */
import { fail, ok, type Result } from '../../../core/base/result.ts';
import { formatOperation, operationName } from '../../../core/codec/operations.ts';
import type { Packet } from '../../../core/codec/packet.ts';
import { formatParameterCode } from '../../../core/codec/parameters.ts';
import { operationFromName, parameterFromName, wireValue } from './names.ts';
import type { Word } from './words.ts';

export type Expectation =
  | {
      readonly type: 'packet';
      readonly operation: number;
      readonly number: number | undefined;
      readonly conditions: readonly Condition[];
    }
  /** No packet at all. */
  | { readonly type: 'nothing' }
  /** The SMSC ended the connection. */
  | { readonly type: 'closed' };

export interface Condition {
  readonly parameter: number;
  readonly how: 'equals' | 'contains' | 'present' | 'absent';
  /** One character per byte; empty for `present` and `absent`. */
  readonly value: string;
}

export const defaultWithinMs = 5_000;

const passwordCode = 11;

/** `53:003 021=+358401234567 901~no !900`, `nothing`, `closed`. */
export function parseExpectation(words: readonly Word[]): Result<Expectation> {
  const [first, ...rest] = words;
  if (first === undefined) return fail('USAGE_BAD_VALUE', 'expect what? For example: expect 53 !900.');
  if (first.text === 'nothing' || first.text === 'closed') {
    return rest.length === 0
      ? ok({ type: first.text })
      : fail('USAGE_BAD_VALUE', `Behind "expect ${first.text}" only "within 5s" may stand.`);
  }
  const [name = '', number] = first.text.split(':');
  const operation = operationFromName(name);
  if (!operation.ok) return operation;
  if (number !== undefined && !/^\d{1,3}$/.test(number)) {
    return fail('USAGE_BAD_VALUE', `"${number}" is no packet number; write it like 53:003.`);
  }
  const conditions: Condition[] = [];
  for (const { text } of rest) {
    const condition = parseCondition(text);
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  return ok({
    type: 'packet',
    operation: operation.value,
    number: number === undefined ? undefined : Number(number),
    conditions,
  });
}

export function isExpected(expectation: Expectation, packet: Packet): boolean {
  if (expectation.type !== 'packet' || expectation.operation !== packet.operation) return false;
  if (expectation.number !== undefined && expectation.number !== packet.packetNumber) return false;
  return expectation.conditions.every((condition) => holds(condition, packet));
}

/** As it would be typed. */
export function expectationText(expectation: Expectation): string {
  if (expectation.type !== 'packet') return expectation.type;
  const { operation, number, conditions } = expectation;
  const head = `${formatOperation(operation)}${number === undefined ? '' : `:${String(number).padStart(3, '0')}`}`;
  return `${[head, ...conditions.map(conditionText)].join(' ')} (${operationName(operation)})`;
}

function holds({ parameter, how, value }: Condition, packet: Packet): boolean {
  const values = packet.parameters.filter(({ code }) => code === parameter).map((found) => found.value);
  switch (how) {
    case 'equals':
      return values.includes(value);
    case 'contains':
      return values.some((found) => found.includes(value));
    case 'present':
      return values.length > 0;
    case 'absent':
      return values.length === 0;
  }
}

function parseCondition(text: string): Result<Condition> {
  const [, absent = '', name = '', sign, typed = ''] = /^(!?)([a-z0-9-]+)(?:([=~])(.*))?$/is.exec(text) ?? [];
  if (name === '' || (absent === '!' && sign !== undefined)) {
    return fail('USAGE_BAD_VALUE', `"${text}" is no condition; write 900=310, 033~Hello, 060 or !900.`);
  }
  const parameter = parameterFromName(name);
  if (!parameter.ok) return parameter;
  const value = wireValue(typed, parameter.value);
  if (!value.ok) return value;
  const how = absent === '!' ? 'absent' : sign === '=' ? 'equals' : sign === '~' ? 'contains' : 'present';
  return ok({ parameter: parameter.value, how, value: value.value });
}

function conditionText({ parameter, how, value }: Condition): string {
  const code = formatParameterCode(parameter);
  switch (how) {
    case 'equals':
      return `${code}=${parameter === passwordCode ? '********' : value}`;
    case 'contains':
      return `${code}~${parameter === passwordCode ? '********' : value}`;
    case 'present':
      return code;
    case 'absent':
      return `!${code}`;
  }
}
