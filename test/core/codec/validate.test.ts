import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitLimitBytes, encodePacket } from '../../../src/core/codec/encode.ts';
import { findOperation, operations } from '../../../src/core/codec/operations.ts';
import type { Packet } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { parameters } from '../../../src/core/codec/parameters.ts';
import { maxDestinations, validateParameters } from '../../../src/core/codec/validate.ts';
import { packetOf, vectors } from './vectors.ts';

/** `packet(3, '021:1', '033:text')` */
function packet(operation: number, ...texts: readonly string[]): Packet {
  return {
    operation,
    packetNumber: packetNumber(7),
    parameters: texts.map((text) => ({ code: Number(text.slice(0, 3)), value: text.slice(4) })),
  };
}

/** What is found, short enough to compare: parameter, our code, the 900 to answer. */
function found(
  of: Packet,
  direction: 'request' | 'response' = 'request',
  unknownParameters: 'ignore' | 'refuse' = 'ignore',
): string[] {
  return validateParameters(of, direction, { unknownParameters }).map(
    ({ parameter, code, errorCode }) => `${parameter} ${code.replace('CIMD2_', '')} ${errorCode}`,
  );
}

const stamp = '060:260131235959';

describe('packets of the reference', () => {
  it.each(vectors.filter((vector) => vector.operation !== 7).map((vector) => [vector.name, vector] as const))(
    'has nothing to say against %s',
    (_name, vector) => {
      const direction = findOperation(vector.operation)?.type === 'request' ? 'request' : 'response';
      expect(validateParameters(packetOf(vector), direction, { unknownParameters: 'refuse' })).toEqual([]);
    },
  );
});

describe('the operation itself (1.6, 2.1)', () => {
  it('is found fault with where its code is not assigned', () => {
    expect(found(packet(7))).toEqual(['undefined UNKNOWN_OPERATION 1']);
  });

  it('is found fault with where an answer comes as a request, or the other way round', () => {
    expect(found(packet(53, '021:1'), 'request')).toEqual(['undefined UNKNOWN_OPERATION 1']);
    expect(found(packet(98, '900:1'), 'request')).toEqual(['undefined UNKNOWN_OPERATION 1']);
    expect(found(packet(3, '021:1'), 'response')).toEqual(['undefined UNKNOWN_OPERATION 1']);
  });
});

describe('a single parameter', () => {
  it('is judged by the table of parameters, and answered with the code of its operation (9)', () => {
    expect(found(packet(3, '021:x', '033:a'))).toEqual(['21 ILLEGAL_BYTE 300']);
    expect(found(packet(3, '021:1', '033:a', '056:128'))).toEqual(['56 VALUE_OUT_OF_RANGE 310']);
    expect(found(packet(3, '021:1', '033:a', '027:a$b'))).toEqual(['27 ILLEGAL_BYTE 322']);
    expect(found(packet(3, '021:1', `033:${'a'.repeat(481)}`))).toEqual(['33 VALUE_TOO_LONG 302']);
    expect(found(packet(1, '010:u', '011:p', '019:129'))).toEqual(['19 VALUE_OUT_OF_RANGE 104']);
    expect(found(packet(4, '021:1', '060:1'))).toEqual(['60 VALUE_OUT_OF_RANGE 401']);
    expect(found(packet(9, '500:500'))).toEqual(['500 VALUE_OUT_OF_RANGE 900']);
  });

  it('is found fault with in every operation that has it, with a code that fits there', () => {
    for (const { code: operation, request } of operations) {
      for (const use of request) {
        const info = parameters.find((parameter) => parameter.code === use.code);
        const wrong = info?.type === 'user-data' ? 'a'.repeat(481) : '\x01';
        const of = { ...packet(operation), parameters: [{ code: use.code, value: wrong }] };
        const first = validateParameters(of, 'request')[0];
        expect(first, `${operation} ${use.code}`).toMatchObject({ parameter: use.code, section: info?.section });
      }
    }
  });

  it('says what is wrong without the value', () => {
    const [problem] = validateParameters(packet(1, '010:u', '011:pass word'), 'request');
    expect(problem?.message).toBe('Parameter 011 (password): holds a character that is not allowed there.');
  });
});

describe('repetition (1.7)', () => {
  it('is a syntax error, and the first value is the one that counts', () => {
    expect(found(packet(6, '059:1', '059:0'))).toEqual(['59 DUPLICATE_PARAMETER 2']);
  });

  it('is allowed for 021 in a submit, up to the limit of destinations', () => {
    const to = Array.from({ length: maxDestinations }, () => '021:1');
    expect(found(packet(3, ...to, '033:a'))).toEqual([]);
    expect(found(packet(3, ...to, '021:1', '033:a'))).toEqual(['21 TOO_MANY_PARAMETERS 301']);
    expect(found(packet(4, '021:1', '021:2', stamp))).toEqual(['21 DUPLICATE_PARAMETER 2']);
  });

  it('leaves room for an answer that stamps every destination of the longest submit', () => {
    const answer = Array.from({ length: maxDestinations }, () => [`021:+${'1'.repeat(19)}`, stamp]).flat();
    expect(encodePacket(packet(53, ...answer), { checksum: 'send' }).length).toBeLessThanOrEqual(emitLimitBytes);
  });

  it('is allowed for 021, 060, 900 and 901 in the answer to a submit', () => {
    const mixed = packet(53, '021:1', stamp, '021:2', stamp, '021:3', '900:300', '901:a', '021:4', '900:300', '901:b');
    expect(found(mixed, 'response')).toEqual([]);
    expect(found(packet(54, '021:1', '021:1', '900:400'), 'response')).toEqual(['21 DUPLICATE_PARAMETER 2']);
  });
});

describe('what must be there', () => {
  it.each([
    [1, [], ['10 MISSING_PARAMETER 100', '11 MISSING_PARAMETER 100']],
    [3, ['033:a'], ['21 MISSING_PARAMETER 301']],
    [4, [], ['21 MISSING_PARAMETER 400', '60 MISSING_PARAMETER 401']],
    [6, [], ['59 MISSING_PARAMETER 602']],
    [8, [], ['11 MISSING_PARAMETER 800']],
    [9, [], ['500 MISSING_PARAMETER 900']],
    [23, ['021:1', stamp, '061:4'], ['63 MISSING_PARAMETER 2']],
  ])('is asked for in a request %i', (operation, texts, problems) => {
    expect(found(packet(operation, ...texts))).toEqual(problems);
  });

  it('is another in a negative answer than in a positive one', () => {
    expect(found(packet(54), 'response')).toHaveLength(4);
    expect(found(packet(54, '900:400'), 'response')).toEqual([]);
    expect(found(packet(98), 'response')).toEqual(['900 MISSING_PARAMETER 2']);
  });

  it('is that of a positive answer where 900 is 0 (9)', () => {
    expect(found(packet(59, '900:0'), 'response')).toEqual(['501 MISSING_PARAMETER 2']);
  });

  it('is named after what stands in the packet, because an SMSC stops at the first bad parameter', () => {
    expect(found(packet(3, '056:999', '033:a'))).toEqual(['56 VALUE_OUT_OF_RANGE 310', '21 MISSING_PARAMETER 301']);
  });
});

describe('an empty value (1.7)', () => {
  it('is no parameter', () => {
    expect(found(packet(3, '021:1', '023:', '033:a'))).toEqual([]);
    expect(found(packet(3, '021:', '033:a'))).toEqual(['21 MISSING_PARAMETER 301']);
    expect(found(packet(3, '021:1', '023:', '027:Shop', '033:a'), 'request', 'refuse')).toEqual([]);
  });

  it('is an empty text in 033', () => {
    expect(found(packet(3, '021:1', '033:'))).toEqual([]);
  });
});

describe('what does not belong there (1.7)', () => {
  it('is ignored unless asked for', () => {
    expect(found(packet(4, '021:1', stamp, '033:a', '999:b'))).toEqual([]);
    expect(found(packet(4, '021:1', stamp, '033:a', '999:b'), 'request', 'refuse')).toEqual([
      '33 UNEXPECTED_PARAMETER 3',
      '999 UNKNOWN_PARAMETER 3',
    ]);
  });

  it('is ignored always where it is obsolete (3.5)', () => {
    expect(found(packet(3, '021:1', '033:a', '041:1', '048:x'), 'request', 'refuse')).toEqual([]);
  });

  it('is refused always in set, where nothing but the password can be set (2.8)', () => {
    expect(found(packet(8, '010:x', '011:new'))).toEqual(['10 UNEXPECTED_PARAMETER 3']);
    expect(found(packet(58, '010:x'), 'response')).toEqual([]);
  });
});

describe('parameters that exclude or need each other', () => {
  it.each([
    ['023:1', '027:Shop', '27 UNEXPECTED_PARAMETER 321'],
    ['050:1', '051:260131235959', '51 UNEXPECTED_PARAMETER 305'],
    ['053:1', '054:260131235959', '54 UNEXPECTED_PARAMETER 308'],
  ])('are judged in a submit with %s and %s (2.4, 3.3)', (first, second, problem) => {
    expect(found(packet(3, '021:1', '033:a', first, second))).toEqual([problem]);
  });

  it('are 033 and 034, of which a submit has one (2.4)', () => {
    expect(found(packet(3, '021:1', '033:a', '034:00'))).toEqual(['34 UNEXPECTED_PARAMETER 303']);
    expect(found(packet(3, '021:1'))).toEqual(['33 MISSING_PARAMETER 302']);
    expect(found(packet(3, '021:1', '032:050003AB0201'))).toEqual([]);
  });

  it('are 033 and its header, beside which so many septets fit and no more (7.8)', () => {
    const header = '032:050003AB0201';
    expect(found(packet(3, '021:1', `033:${'a'.repeat(160)}`))).toEqual([]);
    expect(found(packet(3, '021:1', `033:${'a'.repeat(161)}`))).toEqual(['33 VALUE_TOO_LONG 302']);
    expect(found(packet(3, '021:1', header, `033:${'a'.repeat(153)}`))).toEqual([]);
    expect(found(packet(3, '021:1', header, `033:${'a'.repeat(154)}`))).toEqual(['33 VALUE_TOO_LONG 303']);
    expect(found(packet(3, '021:1', header, `033:${'a'.repeat(161)}`))).toEqual(['33 VALUE_TOO_LONG 302']);
  });

  it('count combinations as one septet and those behind an escape as two (7.2, 7.3, 7.8)', () => {
    expect(found(packet(3, '021:1', `033:${'_Oa'.repeat(160)}`))).toEqual([]);
    expect(found(packet(3, '021:1', `033:${'_XXe'.repeat(80)}`))).toEqual([]);
    expect(found(packet(3, '021:1', `033:${'_XXe'.repeat(80)}a`))).toEqual(['33 VALUE_TOO_LONG 302']);
  });

  it('are 033 and 034 in a deliver too, of which one is there, unless there is a header (2.9)', () => {
    const deliver = (...texts: string[]) => found(packet(20, '021:1', '023:2', stamp, ...texts));
    expect(deliver('033:')).toEqual([]);
    expect(deliver('032:050003AB0201')).toEqual([]);
    expect(deliver()).toEqual(['33 MISSING_PARAMETER 2']);
    expect(deliver('033:a', '034:00')).toEqual(['34 UNEXPECTED_PARAMETER 2']);
  });

  it('are header and data, which share 140 octets (7.8)', () => {
    const header = '032:050003AB0201';
    expect(found(packet(3, '021:1', header, `034:${'00'.repeat(134)}`))).toEqual([]);
    expect(found(packet(3, '021:1', header, `034:${'00'.repeat(135)}`))).toEqual(['34 VALUE_TOO_LONG 303']);
  });

  it('are found fault with once', () => {
    expect(found(packet(3, '021:1', `034:${'00'.repeat(141)}`))).toEqual(['34 VALUE_TOO_LONG 302']);
  });

  it.each([
    ['0', ['021:1'], []],
    ['0', [], ['21 MISSING_PARAMETER 601']],
    ['0', ['021:1', stamp], ['60 UNEXPECTED_PARAMETER 603']],
    ['1', [], []],
    ['1', ['021:1'], ['21 UNEXPECTED_PARAMETER 603']],
    ['2', ['021:1', stamp], []],
    ['2', ['021:1'], ['60 MISSING_PARAMETER 600']],
    ['2', [], ['21 MISSING_PARAMETER 601', '60 MISSING_PARAMETER 600']],
    ['3', ['021:1'], ['59 VALUE_OUT_OF_RANGE 602']],
  ])('are mode %s of cancel with %j (2.7)', (mode, texts, problems) => {
    expect(found(packet(6, `059:${mode}`, ...texts))).toEqual(problems);
  });
});

it('takes any parameters at all without throwing', () => {
  const parameter = fc.record({
    code: fc.oneof(fc.constantFrom(...parameters.map(({ code }) => code)), fc.nat(999)),
    value: fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.nat(300).map(String)),
  });
  fc.assert(
    fc.property(fc.nat(99), fc.array(parameter, { maxLength: 30 }), (operation, list) => {
      const of = { operation, packetNumber: packetNumber(1), parameters: list };
      const problems = [...validateParameters(of, 'request'), ...validateParameters(of, 'response')];
      // One of the two directions is always wrong.
      expect(problems.some((problem) => problem.code === 'CIMD2_UNKNOWN_OPERATION')).toBe(true);
    }),
    { numRuns: 500 },
  );
});
