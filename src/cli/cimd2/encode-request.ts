/** What was asked for by flags, as drafts of packets: one, or one per part of a long text. */
import { OperatorError } from '../../core/base/errors.ts';
import { nextPacketNumber, packetNumber } from '../../core/codec/packet-number.ts';
import { toRelativeTime } from '../../core/codec/relative-time.ts';
import { allFinalReports } from '../../core/codec/status-codes.ts';
import type { Draft, DraftParameter } from './encode-draft.ts';
import { firstNumber } from './encode-operation.ts';
import type { EncodedText } from './encode-text.ts';
import { unspell } from './spelled-bytes.ts';

export interface PacketRequest {
  readonly operation: number;
  /** Of the first packet; undefined: the first that such a packet has in a session. */
  readonly number: number | undefined;
  readonly user: string | undefined;
  /** Goes into a login and into set. */
  readonly password: string | undefined;
  readonly to: readonly string[];
  readonly from: string | undefined;
  /** As typed: `021=+358401234567`. */
  readonly params: readonly string[];
  readonly text: EncodedText | undefined;
  readonly validityMs: number | undefined;
  readonly report: boolean;
  readonly trailer: TrailerWish;
}

export type TrailerWish = (Draft & { readonly type: 'fields' })['trailer'];

/** @throws OperatorError USAGE_BAD_VALUE, USAGE_MISSING_VALUE */
export function draftsOf(request: PacketRequest): readonly Draft[] {
  const { operation, text, trailer } = request;
  const first = request.number ?? firstNumber(operation);
  if (first === undefined) {
    throw new OperatorError({
      code: 'USAGE_MISSING_VALUE',
      message: 'Missing --number: a NACK carries the number that its sender wants next.',
      hint: 'Give it, for example --number 9.',
    });
  }
  const before = leading(request);
  const after = trailing(request);
  const parts = text?.parts ?? [[]];
  let number = first;
  return parts.map((part): Draft => {
    const parameters = [...before, ...part, ...after];
    const draft: Draft = { type: 'fields', operation, packetNumber: number, parameters, trailer, knownFaults: [] };
    number = number > 255 ? number : nextPacketNumber(packetNumber(number));
    return draft;
  });
}

function leading({ operation, user, password, to, from, params }: PacketRequest): readonly DraftParameter[] {
  const takesPassword = operation === 1 || operation === 8;
  return [
    ...(user === undefined ? [] : [{ code: 10, value: latin1(user, '--user') }]),
    ...(password === undefined || !takesPassword ? [] : [{ code: 11, value: latin1(password, 'the password') }]),
    ...to.map((number) => ({ code: 21, value: latin1(number, '--to') })),
    ...(from === undefined ? [] : [originator(from)]),
    ...params.map(parseParameter),
  ];
}

function trailing({ validityMs, report }: PacketRequest): readonly DraftParameter[] {
  return [
    ...(validityMs === undefined ? [] : [{ code: 50, value: String(toRelativeTime(validityMs)) }]),
    ...(report ? [{ code: 56, value: String(allFinalReports) }] : []),
  ];
}

/** SPEC: section 3.3. Anything but digits is an alphanumeric originator. */
function originator(from: string): DraftParameter {
  return { code: /^\+?[0-9-]+$/.test(from) ? 23 : 27, value: latin1(from, '--from') };
}

/** `021=+358…`, `033:a<LF>b`: value as on the wire, bytes that are no characters spelled as `<HH>`. */
function parseParameter(typed: string): DraftParameter {
  const [, code, value = ''] = /^([0-9]{1,3})[=:](.*)$/s.exec(typed) ?? [];
  if (code === undefined) throw badValue(`--param ${typed}: no code and value`, 'Write it like 021=+358401234567.');
  if (Number(code) === 11) {
    throw badValue('--param 011: a password is never a value of a flag', 'Use --password-file.');
  }
  const bytes = unspell(latin1(value, `--param ${code}`), 'angle');
  return { code: Number(code), value: Buffer.from(bytes).toString('latin1') };
}

function latin1(value: string, where: string): string {
  if (/^[\u0000-\u00ff]*$/.test(value)) return value;
  throw badValue(`${where}: it holds a character that is no byte`, 'Use --text for text; it finds the coding.');
}

function badValue(what: string, hint: string): OperatorError {
  return new OperatorError({ code: 'USAGE_BAD_VALUE', message: `${what}. Nothing was written.`, hint });
}
