/**
 * The special SMS message indication of a user data header: how many voice mails, faxes and the like wait, said more
 * exactly than a coding scheme can. Read only; the element itself is kept and given on as it came. Source: 3GPP TS
 * 23.040, 9.2.3.24.2.
 */
import type { WaitingIndication } from './data-coding.ts';
import { type HeaderElement, headerElementId } from './user-data-header.ts';

export interface SpecialIndication extends WaitingIndication {
  /** Messages that wait, 0–255; 0 exactly where `state` is `inactive`. */
  readonly count: number;
  /** Of the subscriber, 1–4. */
  readonly profile: number;
}

/** Bits 4-0 of the first octet; the others are reserved and read as `other`. */
const kinds: ReadonlyMap<number, WaitingIndication['kind']> = new Map([
  [0, 'voice-mail'],
  [1, 'fax'],
  [2, 'e-mail'],
  [7, 'video'],
]);

/** One for each element of that kind, in order; elements of another length than two octets are not looked at. */
export function readSpecialIndications(elements: readonly HeaderElement[]): readonly SpecialIndication[] {
  return elements.flatMap(({ id, data }) => {
    const [what, count] = data;
    if (id !== headerElementId.specialMessageIndication || data.length !== 2) return [];
    return what === undefined || count === undefined ? [] : [specialIndication(what, count)];
  });
}

function specialIndication(what: number, count: number): SpecialIndication {
  return {
    kind: kinds.get(what & 0x1f) ?? 'other',
    state: count === 0 ? 'inactive' : 'active',
    text: (what & 0x80) === 0 ? 'discard' : 'store',
    count,
    profile: ((what >> 5) & 3) + 1,
  };
}
