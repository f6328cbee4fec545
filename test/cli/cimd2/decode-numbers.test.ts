import { describe, expect, it } from 'vitest';
import { NumberRules } from '../../../src/cli/cimd2/decode-numbers.ts';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';

/** `03:007` or `03:007 other content`; each line is a packet of one conversation. */
function verdicts(...packets: readonly string[]): readonly string[] {
  const rules = new NumberRules();
  return packets.map((text) => {
    const reading = rules.read(Number(text.slice(0, 2)), Number(text.slice(3, 6)), fromLatin1(text));
    return reading.fault === undefined ? reading.verdict : `${reading.verdict}!`;
  });
}

describe('packet numbers of a conversation', () => {
  it('counts both ends apart, by two (section 4.1)', () => {
    expect(verdicts('01:001', '51:001', '20:000', '03:003', '70:000', '53:003', '23:002', '03:005')).toEqual([
      'first',
      'answer',
      'first',
      'expected',
      'answer',
      'answer',
      'expected',
      'expected',
    ]);
  });

  it('wraps from 255 to 001 and from 254 to 000 (section 4.1)', () => {
    expect(verdicts('40:255', '40:001', '20:254', '20:000')).toEqual(['first', 'expected', 'first', 'expected']);
  });

  it('finds fault with the parity of the other end, and with a gap, once', () => {
    expect(verdicts('40:003', '40:004', '40:009', '40:011', '20:001')).toEqual([
      'first',
      'wrong-parity!',
      'unexpected!',
      'expected',
      'wrong-parity!',
    ]);
  });

  it('tells the same bytes again from the same number for other content (sections 4.2 and 4.3)', () => {
    expect(verdicts('03:003', '03:003', '03:003 other')).toEqual(['first', 'repeated', 'unexpected!']);
  });

  it('knows a window that is repeated from its damaged packet on (section 4.4)', () => {
    expect(verdicts('03:003', '03:005', '03:007', '99:005', '03:005', '03:007', '03:009')).toEqual([
      'first',
      'expected',
      'expected',
      'wants-next',
      'repeated',
      'repeated',
      'expected',
    ]);
  });

  it('takes the number that a NACK asked for (section 4.4)', () => {
    expect(verdicts('03:003', '03:009', '99:005', '03:005', '03:007')).toEqual([
      'first',
      'unexpected!',
      'wants-next',
      'asked-by-nack',
      'expected',
    ]);
  });

  it('begins anew with every login, and after bytes were lost', () => {
    expect(verdicts('03:021', '20:008', '01:001', '20:000', '03:003')).toEqual([
      'first',
      'first',
      'first',
      'first',
      'expected',
    ]);
    const rules = new NumberRules();
    rules.read(40, 3, fromLatin1('a'));
    rules.forget();
    expect(rules.read(40, 77, fromLatin1('b')).verdict).toBe('first');
  });

  it('finds fault with an answer of another operation, and not with one whose request nobody saw (section 4.3)', () => {
    expect(verdicts('04:003', '53:003', '54:003', '54:003', '53:099', '98:003')).toEqual([
      'first',
      'unexpected!',
      'answer',
      'repeated',
      'answer-without-request',
      'repeated',
    ]);
  });
});
