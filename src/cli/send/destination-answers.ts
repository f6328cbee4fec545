/**
 * The answer to a submit with several destinations, cut into one answer for each. What one answer means is
 * `core/message/submit-answer.ts`. SPEC: docs/reference/cimd2.md section 2.4.
 */
import type { Packet, Parameter } from '../../core/codec/packet.ts';

const destination = 21;
const stamp = 60;
const errorCode = 900;
const errorText = 901;

/**
 * The packet with only what it says of that destination: its 021 and what follows up to the next; where that says
 * neither yes nor no, the last error of the packet, which then is for all. A packet that names no destination stays as it
 * is.
 *
 * @param to 021 of the request, as it was sent
 */
export function answerFor(packet: Packet, to: string): Packet {
  const groups = groupByDestination(packet.parameters);
  if (groups.length <= 1) return packet;
  const own = groups.find((group) => group[0]?.value === to) ?? groups.find((group) => isSame(group[0]?.value, to));
  if (own === undefined) return packet;
  const isDecided = own.some(({ code, value }) => (code === stamp || code === errorCode) && value !== '');
  return { ...packet, parameters: isDecided ? own : [...own, ...lastError(packet.parameters)] };
}

/** What stands before any 021 belongs to none of several. */
function groupByDestination(parameters: readonly Parameter[]): readonly (readonly Parameter[])[] {
  const groups: Parameter[][] = [];
  for (const parameter of parameters) {
    if (parameter.code === destination && parameter.value !== '') groups.push([parameter]);
    else groups.at(-1)?.push(parameter);
  }
  return groups;
}

function lastError(parameters: readonly Parameter[]): readonly Parameter[] {
  const at = parameters.findLastIndex(({ code, value }) => code === errorCode && value !== '');
  return at === -1 ? [] : parameters.slice(at).filter(({ code }) => code === errorCode || code === errorText);
}

/** The SMSC may write it in another number plan, or without hyphens. */
function isSame(answered: string | undefined, asked: string): boolean {
  const digits = (address: string) => address.replaceAll(/\D/g, '');
  return answered !== undefined && digits(answered) === digits(asked);
}
