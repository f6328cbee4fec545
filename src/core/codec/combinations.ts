/**
 * Which parameters of one request exclude or need each other, beyond what the table of operations can say. Of user data
 * only is judged where they stand and whether they fit. Source: docs/reference/cimd2.md sections 2.4, 2.7, 2.9, 3.3,
 * 7.6 to 7.8.
 */
import type { ErrorCode } from '../base/errors.ts';
import { readDataCoding, userDataParameter } from './data-coding.ts';
import { generalFaultCodes, wrongCountCode } from './fault-codes.ts';
import { decodeUserData033 } from './link-alphabet.ts';
import { parseInteger } from './parameter-value.ts';
import { userDataCapacity, userDataOctets } from './user-data-header.ts';

/** The values that are there: the first of each, and no empty ones but 033. */
export type PresentValues = ReadonlyMap<number, string>;

/** Like a parameter's fault, without its name. */
export interface CombinationFlaw {
  readonly parameter: number;
  readonly code: ErrorCode;
  readonly errorCode: number;
  readonly message: string;
  readonly section: string;
}

/** What is wrong between the parameters of that request, in the order of the tables below. */
export function checkCombinations(operation: number, values: PresentValues): readonly CombinationFlaw[] {
  const flaws: CombinationFlaw[] = [];
  for (const pair of exclusivePairs) {
    if (pair.operation === operation && values.has(pair.first) && values.has(pair.second)) flaws.push(pairFlaw(pair));
  }
  flaws.push(...checkUserData(operation, values));
  if (operation === cancel) flaws.push(...checkCancel(values));
  return flaws;
}

const submit = 3;
const cancel = 6;
const deliver = 20;

interface ExclusivePair {
  readonly operation: number;
  readonly first: number;
  /** The one that is found fault with where both are there. */
  readonly second: number;
  readonly errorCode: number;
  readonly section: string;
}

export const exclusivePairs: readonly ExclusivePair[] = [
  { operation: submit, first: 23, second: 27, errorCode: 321, section: '3.3' },
  { operation: submit, first: 50, second: 51, errorCode: 305, section: '2.4' },
  { operation: submit, first: 53, second: 54, errorCode: 308, section: '2.4' },
  { operation: submit, first: 33, second: 34, errorCode: 303, section: '2.4' },
  { operation: deliver, first: 33, second: 34, errorCode: generalFaultCodes.syntax, section: '2.9' },
];

function pairFlaw({ first, second: parameter, errorCode, section }: ExclusivePair): CombinationFlaw {
  const message = `not together with ${String(first).padStart(3, '0')}`;
  return { parameter, code: 'CIMD2_UNEXPECTED_PARAMETER', errorCode, message, section };
}

/** SPEC: section 2.4: neither text nor data is allowed only with a header. Sections 2.9 and 7.6: 030 says which it is. */
function checkUserData(operation: number, values: PresentValues): readonly CombinationFlaw[] {
  if (operation !== submit && operation !== deliver) return [];
  const [header, text, data] = [values.get(32), values.get(33), values.get(34)];
  const place = userDataParameter(readDataCoding(codingOf(values)));
  if (text === undefined && data === undefined && header === undefined) {
    const errorCode = wrongCountCode(operation, place);
    const section = operation === submit ? '2.4' : '2.9';
    const message = 'no user data at all';
    return [{ parameter: place, code: 'CIMD2_MISSING_PARAMETER', errorCode, message, section }];
  }
  const errorCode = operation === submit ? 303 : generalFaultCodes.format;
  // The other way round, 034 with a coding for 033, comes from jcimd and is taken. SPEC: section 7.7. An empty text has
  // no alphabet.
  if (text !== undefined && text !== '' && data === undefined && place === 34) {
    const message = 'not with this data coding scheme (030)';
    return [{ parameter: 33, code: 'CIMD2_UNEXPECTED_PARAMETER', errorCode, message, section: '7.6' }];
  }
  if (text !== undefined && data === undefined) return checkSeptets(operation, text, header);
  const octets = ((header ?? '').length + (data ?? '').length) / 2;
  if (data === undefined || octets <= userDataOctets) return [];
  const message = `${octets} octets together with the header, at most ${userDataOctets}`;
  return [{ parameter: 34, code: 'CIMD2_VALUE_TOO_LONG', errorCode, message, section: '7.8' }];
}

/**
 * SPEC: section 7.8: septets count, not bytes. What would fit alone is at odds with its header (303), what would not is
 * no user data of a short message (302).
 */
function checkSeptets(operation: number, text: string, header: string | undefined): readonly CombinationFlaw[] {
  const headerOctets = Math.min(userDataOctets, Math.floor((header ?? '').length / 2));
  const capacity = userDataCapacity('gsm7', headerOctets);
  // No byte is more than one septet.
  if (text.length <= capacity) return [];
  const read = decodeUserData033(text, { nationalPositions: 'nokia', unknownCombination: 'keep' });
  const septets = read.ok ? read.value.septetCount : 0;
  if (septets <= capacity) return [];
  const isTooLongAlone = septets > userDataCapacity('gsm7', 0);
  const errorCode = operation === submit ? (isTooLongAlone ? 302 : 303) : generalFaultCodes.format;
  const message = `${septets} septets, at most ${capacity} fit${headerOctets === 0 ? '' : ' beside the header'}`;
  return [{ parameter: 33, code: 'CIMD2_VALUE_TOO_LONG', errorCode, message, section: '7.8' }];
}

/** 030; default where it is absent, or wrong, which was found fault with already. */
function codingOf(values: PresentValues): number {
  const coding = parseInteger(values.get(30) ?? '0') ?? 0;
  return coding >= 0 && coding <= 255 ? coding : 0;
}

/**
 * What each mode of cancel (059) needs of 021 and 060. SPEC: section 2.7 says "not used" of the others. They are
 * refused here: who names a destination or a stamp and would lose more messages than that must be told.
 */
export const cancelModes: readonly { readonly mode: number; readonly needs: readonly number[] }[] = [
  { mode: 0, needs: [21] },
  { mode: 1, needs: [] },
  { mode: 2, needs: [21, 60] },
];

function checkCancel(values: PresentValues): readonly CombinationFlaw[] {
  const mode = parseInteger(values.get(59) ?? '');
  const row = cancelModes.find((candidate) => candidate.mode === mode);
  // A mode that is missing or wrong was found fault with already.
  if (row === undefined) return [];
  return [21, 60].flatMap((parameter): readonly CombinationFlaw[] => {
    const isNeeded = row.needs.includes(parameter);
    if (isNeeded === values.has(parameter)) return [];
    const message = `${isNeeded ? 'needed' : 'not used'} in mode ${row.mode}`;
    return isNeeded
      ? [
          {
            parameter,
            code: 'CIMD2_MISSING_PARAMETER',
            errorCode: wrongCountCode(cancel, parameter),
            message,
            section: '2.7',
          },
        ]
      : [{ parameter, code: 'CIMD2_UNEXPECTED_PARAMETER', errorCode: 603, message, section: '2.7' }];
  });
}
