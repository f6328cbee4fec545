/**
 * Operations, parameters and values by what people type: codes or the names of the tables, values as on the wire. A
 * value may hold `<HH>` for a byte that is no character. SPEC: docs/reference/cimd2.md sections 1.2, 2.1 and 3.2.
 */
import { toLatin1 } from '../../../core/base/bytes.ts';
import { OperatorError } from '../../../core/base/errors.ts';
import { fail, ok, type Result } from '../../../core/base/result.ts';
import type { Parameter } from '../../../core/codec/packet.ts';
import { formatParameterCode, parameters } from '../../../core/codec/parameters.ts';
import { nearest } from '../../nearest.ts';
import { operationCode } from '../encode-operation.ts';
import { unspell } from '../spelled-bytes.ts';

const codes = new Map(parameters.map(({ code, name }) => [slug(name), code]));

/** What completion offers: `destination-address`, in the order of the codes. */
export const parameterNames: readonly string[] = [...codes.keys()];

/** `53`, `submit-response`. */
export function operationFromName(name: string): Result<number> {
  try {
    return ok(operationCode(name));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return fail('USAGE_BAD_VALUE', `${error.message} ${error.hint}`);
  }
}

/** `21`, `021`, `destination-address`. */
export function parameterFromName(name: string): Result<number> {
  if (/^\d{1,3}$/.test(name)) return ok(Number(name));
  const code = codes.get(name.toLowerCase());
  if (code !== undefined) return ok(code);
  const meant = nearest(name.toLowerCase(), parameterNames);
  const hint = meant === undefined ? '"help parameters" has them all' : `did you mean ${meant}`;
  return fail('USAGE_BAD_VALUE', `"${name}" is no parameter; ${hint}.`);
}

/** `021=+358401234567`, `destination-address=…`; undefined where it has no such form. */
export function parseParameter(text: string): Result<Parameter> | undefined {
  const [, name, typed = ''] = /^([a-z0-9-]+)=(.*)$/is.exec(text) ?? [];
  if (name === undefined) return undefined;
  const code = parameterFromName(name);
  if (!code.ok) return code;
  const value = wireValue(typed, code.value);
  return value.ok ? ok({ code: code.value, value: value.value }) : value;
}

/** One character per byte. */
export function wireValue(typed: string, code: number): Result<string> {
  const name = formatParameterCode(code);
  if (!/^[\u0000-\u00ff]*$/.test(typed)) {
    return fail('USAGE_BAD_VALUE', `${name}: it holds a character that is no byte; submit finds the coding of a text.`);
  }
  return ok(toLatin1(unspell(typed, 'angle')));
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
