import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord, splitWords } from '../../../../src/cli/cimd2/shell/words.ts';
import { fail, ok } from '../../../../src/core/base/result.ts';

const values = { to: '+358401234567', stamp: '261122120000', password: 'secret' };
const words = (line: string): unknown => {
  const split = splitWords(line, (name) => ok(values[name]));
  return split.ok ? split.value.map(({ text }) => text) : split.fault.message;
};

describe('the words of a shell line', () => {
  it('holds blanks together by quotes, also within a word', () => {
    expect(words(`submit +358 'two words' 033="a \\"b\\"\\nc" `)).toEqual([
      'submit',
      '+358',
      'two words',
      '033=a "b"\nc',
    ]);
  });

  it('ends at a comment, and not at a # within a word or a quote', () => {
    expect(words('alive # now')).toEqual(['alive']);
    expect(words("a#b '# c'")).toEqual(['a#b', '# c']);
    expect(words('   # only')).toEqual([]);
  });

  it('puts values in the place of variables, but not in single quotes, and not for other names', () => {
    expect(words(`enquire $to "$stamp" '$to' $other $5 $too 011=$password`)).toEqual([
      'enquire',
      values.to,
      values.stamp,
      '$to',
      '$other',
      '$5',
      '$too',
      '011=secret',
    ]);
  });

  it('says what is wrong with an open quote, or a variable without a value', () => {
    expect(words(`say 'it`)).toContain("' is not closed");
    expect(words('say "it')).toContain('" is not closed');
    expect(splitWords('x $to', () => fail('CHECK_FAILED', 'none yet'))).toMatchObject({
      fault: { message: 'none yet' },
    });
  });

  it('reads back whatever was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(words(quoteWord(text))).toEqual([text]);
      }),
    );
    for (const text of ["it's", `both " and '`, 'a\nb', '$to', '\\', ''])
      expect(words(quoteWord(text))).toEqual([text]);
  });
});
