/**
 * Judges the parameters of a packet by the tables: known, allowed in this operation, once, in range, complete, and
 * going together. The syntax was judged by `decode.ts`; what an account may do is the server's. Source:
 * docs/reference/cimd2.md sections 1.7, 2, 3 and 9.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import { checkCombinations, type PresentValues } from './combinations.ts';
import { parseErrorCode } from './error-codes.ts';
import { generalFaultCodes, wrongCountCode, wrongValueCode } from './fault-codes.ts';
import { findOperation, type OperationRole, operationName, operationRoles, type ParameterUse } from './operations.ts';
import type { Packet, Parameter } from './packet.ts';
import { checkValue } from './parameter-value.ts';
import { findParameter, formatParameterCode, parameterName } from './parameters.ts';

/**
 * Most destinations of one submit; a server answers 301 above it. SPEC: section 1.4 recommends some such limit. With
 * this one an answer that gives every destination its time stamp fits what we emit.
 */
export const maxDestinations = 96;

export interface ParameterProblem {
  /** Undefined only where the operation itself is not assigned. */
  readonly parameter: number | undefined;
  readonly code: ErrorCode;
  /** What a server answers in 900. Without meaning for a response: nobody answers one. */
  readonly errorCode: number;
  /** One sentence, without the value. */
  readonly message: string;
  /** Of docs/reference/cimd2.md. */
  readonly section: string;
}

export interface ValidateOptions {
  /** What no source knows and what the operation does not carry. SPEC: section 1.7; the obsolete ones are ignored. */
  readonly unknownParameters: 'ignore' | 'refuse';
}

/**
 * Everything that is wrong with the parameters. The first one is what a server answers: an SMSC stops at the first bad
 * parameter (section 1.7). Then follow what is missing and what does not go together.
 *
 * @param direction what the packet was taken for; a code that is not assigned in that role is a problem of its own
 */
export function validateParameters(
  packet: Packet,
  direction: 'request' | 'response',
  options: ValidateOptions = { unknownParameters: 'ignore' },
): readonly ParameterProblem[] {
  const rules = rulesFor(packet, direction);
  if (rules === undefined) return [unassigned(packet, direction)];
  const problems: ParameterProblem[] = [];
  const present = new Map<number, string>();
  const counts = new Map<number, number>();
  for (const parameter of packet.parameters) {
    if (isAbsent(parameter)) continue;
    const count = (counts.get(parameter.code) ?? 0) + 1;
    counts.set(parameter.code, count);
    const found = judge(parameter, count, rules, options);
    if (found !== undefined) problems.push(found);
    if (count === 1) present.set(parameter.code, parameter.value);
  }
  addMissing(rules, counts, problems);
  if (direction === 'response') return problems;
  const together = judgeTogether(rules.operation, present);
  if (together.length === 0) return problems;
  // A parameter that was found fault with by itself is not found fault with again.
  const faulty = new Set(problems.map((found) => found.parameter));
  return [...problems, ...together.filter((found) => !faulty.has(found.parameter))];
}

interface Rules {
  /** Request code, the key of the fault codes; the packet's own for 98 and 99. */
  readonly operation: number;
  readonly allowed: readonly ParameterUse[];
  readonly mandatory: readonly number[];
  readonly refusesOthers: boolean;
  readonly section: string;
}

function rulesFor(packet: Packet, direction: 'request' | 'response'): Rules | undefined {
  const role = findOperation(packet.operation);
  if (role === undefined || (role.type === 'request') !== (direction === 'request')) return undefined;
  const found = rulesByRole.get(role);
  return found?.negative !== undefined && isNegative(packet) ? found.negative : found?.positive;
}

interface RulesOfRole {
  /** Of a request, and of what is no negative answer. */
  readonly positive: Rules;
  /** Undefined where nothing tells a negative answer from a positive one. */
  readonly negative: Rules | undefined;
}

/** Read from the tables once: they are asked for with every packet. */
const rulesByRole: ReadonlyMap<OperationRole, RulesOfRole> = new Map(
  operationRoles().map((role): readonly [OperationRole, RulesOfRole] => [role, rulesOfRole(role)]),
);

function rulesOfRole(role: OperationRole): RulesOfRole {
  switch (role.type) {
    case 'request': {
      const { code, request, refusesOthers, section } = role.operation;
      const { allowed, mandatory } = usesOf(request, request);
      return { positive: { operation: code, allowed, mandatory, refusesOthers, section }, negative: undefined };
    }
    case 'response': {
      const { code, positive, negative, section } = role.operation;
      const answerTo = { operation: code, refusesOthers: false, section };
      const all = [...positive, ...negative];
      return {
        positive: { ...answerTo, ...usesOf(all, positive) },
        negative: negative.length === 0 ? undefined : { ...answerTo, ...usesOf(all, negative) },
      };
    }
    case 'error': {
      const { code, parameters, section } = role.packet;
      const error = { operation: code, refusesOthers: false, section };
      return { positive: { ...error, ...usesOf(parameters, parameters) }, negative: undefined };
    }
    default:
      return assertNever(role);
  }
}

function usesOf(allowed: readonly ParameterUse[], expected: readonly ParameterUse[]) {
  return { allowed, mandatory: expected.filter((use) => use.presence === 'mandatory').map((use) => use.code) };
}

/** SPEC: section 9. `900:0` counts as success; section 1.7: an empty one is none. */
function isNegative(packet: Packet): boolean {
  return packet.parameters.some(({ code, value }) => code === 900 && value !== '' && parseErrorCode(value) !== 0);
}

/** SPEC: section 1.7. An empty value is no value, but an empty text is a text. */
function isAbsent(parameter: Parameter): boolean {
  return parameter.value === '' && parameter.code !== 33;
}

/** `count`: the how many-th of its code this is, from 1. */
function judge(
  { code, value }: Parameter,
  count: number,
  rules: Rules,
  options: ValidateOptions,
): ParameterProblem | undefined {
  const info = findParameter(code);
  const use = rules.allowed.find((candidate) => candidate.code === code);
  if (info === undefined || use === undefined) {
    if (info?.isDeprecated === true) return undefined;
    if (options.unknownParameters === 'ignore' && !rules.refusesOthers) return undefined;
    const fault = info === undefined ? 'CIMD2_UNKNOWN_PARAMETER' : 'CIMD2_UNEXPECTED_PARAMETER';
    return problem(code, fault, generalFaultCodes.unsupportedParameter, 'not expected here', rules.section);
  }
  if (count > 1 && !use.repeats) {
    return problem(code, 'CIMD2_DUPLICATE_PARAMETER', generalFaultCodes.syntax, 'must not repeat', '1.7');
  }
  if (rules.operation === 3 && code === 21 && count === maxDestinations + 1) {
    const what = `more than ${maxDestinations} destinations`;
    return problem(code, 'CIMD2_TOO_MANY_PARAMETERS', wrongCountCode(3, 21), what, '1.4');
  }
  const flaw = checkValue(info, value);
  if (flaw === undefined) return undefined;
  return problem(code, flaw.code, wrongValueCode(rules.operation, code), flaw.message, info.section);
}

function addMissing(rules: Rules, counts: ReadonlyMap<number, number>, problems: ParameterProblem[]): void {
  for (const code of rules.mandatory) {
    if (counts.has(code)) continue;
    const errorCode = wrongCountCode(rules.operation, code);
    problems.push(problem(code, 'CIMD2_MISSING_PARAMETER', errorCode, 'missing', rules.section));
  }
}

function judgeTogether(operation: number, values: PresentValues): readonly ParameterProblem[] {
  return checkCombinations(operation, values).map(({ parameter, code, errorCode, message, section }) =>
    problem(parameter, code, errorCode, message, section),
  );
}

function problem(
  parameter: number,
  code: ErrorCode,
  errorCode: number,
  what: string,
  section: string,
): ParameterProblem {
  const message = `Parameter ${formatParameterCode(parameter)} (${parameterName(parameter)}): ${what}.`;
  return { parameter, code, errorCode, message, section };
}

function unassigned(packet: Packet, direction: 'request' | 'response'): ParameterProblem {
  return {
    parameter: undefined,
    code: 'CIMD2_UNKNOWN_OPERATION',
    errorCode: generalFaultCodes.unassignedOperation,
    message: `Operation ${packet.operation} (${operationName(packet.operation)}) is no ${direction}.`,
    section: '2.1',
  };
}
