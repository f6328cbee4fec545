import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { readSubmitResults } from '../../../src/core/codec/submit-results.ts';

const t = '260131235959';

function answer(texts: string, operation = 53) {
  const parameters = texts
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => ({ code: Number(text.slice(0, 3)), value: text.slice(4) }));
  return { operation, packetNumber: packetNumber(3), parameters };
}

/** `A yes`, `B 300`, `C ?` */
function read(texts: string, destinations: string, operation = 53): string {
  return readSubmitResults(answer(texts, operation), destinations.split(' '))
    .map(
      (one) =>
        `${one.destination} ${one.type === 'accepted' ? one.stamp : one.type === 'refused' ? one.errorCode : '?'}`,
    )
    .join(', ');
}

describe('the answer to a submit with several destinations (2.4)', () => {
  it('gives each its own result, in shape (a)', () => {
    expect(read(`021:1 060:${t} 021:2 060:${t} 021:3 900:300`, '1 2 3')).toBe(`1 ${t}, 2 ${t}, 3 300`);
  });

  it('gives all the same error, in shape (b)', () => {
    expect(read('021:1 021:2 021:3 900:310', '1 2 3')).toBe('1 310, 2 310, 3 310');
  });

  it('gives the last error to those that have neither', () => {
    expect(read(`021:1 060:${t} 021:2 021:3 900:300 021:4 900:310 021:5`, '1 2 3 4 5')).toBe(
      `1 ${t}, 2 310, 3 300, 4 310, 5 310`,
    );
  });

  it('may come in another order, and with the + on or off', () => {
    expect(read(`021:2 900:300 021:+1 060:${t}`, '1 +2')).toBe(`1 ${t}, +2 300`);
  });

  it('is read twice where a destination is named twice', () => {
    expect(read(`021:1 060:${t} 021:1 900:9`, '1 1')).toBe(`1 ${t}, 1 9`);
  });

  it('is for the whole submit where it has no 021 and refuses', () => {
    expect(read('900:302', '1 2')).toBe('1 302, 2 302');
    expect(read('900:1', '1 2', 98)).toBe('1 1, 2 1');
  });

  it('is for the whole submit too where it names only what was decoded before the error', () => {
    expect(read('021:1 900:301', '1 2 3')).toBe('1 301, 2 301, 3 301');
  });

  it('says nothing of a destination that it does not name, nor of one with yes and no', () => {
    expect(read(`021:1 060:${t}`, '1 2')).toBe(`1 ${t}, 2 ?`);
    expect(read(`021:1 060:${t} 900:9`, '1')).toBe('1 ?');
    expect(read(`060:${t}`, '1 2')).toBe('1 ?, 2 ?');
    expect(read('021:1', '1')).toBe('1 ?');
  });
});

describe('the answer to a submit with one destination (2.4)', () => {
  it('may be a 060 without 021, as jcimd’s server sends it', () => {
    expect(read(`060:${t}`, '1')).toBe(`1 ${t}`);
  });

  it('is a yes with 900:0, and a no with a 900 that cannot be read (9)', () => {
    expect(read(`021:1 060:${t} 900:0`, '1')).toBe(`1 ${t}`);
    expect(read('021:1 900:x', '1')).toBe('1 6');
  });

  it('carries the text of its error', () => {
    expect(readSubmitResults(answer('021:1 900:300 901:wrong'), ['1'])).toEqual([
      { type: 'refused', destination: '1', errorCode: 300, text: 'wrong' },
    ]);
  });
});

it('gives one result per destination, in their order, for any answer at all', () => {
  const parameter = fc.record({
    code: fc.constantFrom(21, 60, 900, 901, 33),
    value: fc.constantFrom('', '0', '1', '2', t),
  });
  fc.assert(
    fc.property(
      fc.array(parameter),
      fc.array(fc.constantFrom('1', '2', '+3'), { minLength: 1 }),
      (parameters, asked) => {
        const results = readSubmitResults({ operation: 53, packetNumber: packetNumber(3), parameters }, asked);
        expect(results.map(({ destination }) => destination)).toEqual(asked);
      },
    ),
  );
});
