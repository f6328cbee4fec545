import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showNumber, showText } from '../../src/cli/mask.ts';
import { displayWidth, fitText, formatTable, printable, wrapText } from '../../src/cli/table.ts';

describe('formatTable', () => {
  it('pads columns to their widest cell and leaves no trailing spaces', () => {
    expect(
      formatTable(
        [
          ['slot', 'to'],
          ['7', '+358'],
          ['255', undefined],
        ],
        { align: ['right', 'left'] },
      ),
    ).toEqual(['slot  to', '   7  +358', ' 255']);
  });

  it('counts wide characters as two columns and colours as none', () => {
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3);
    expect(
      formatTable([
        ['日', 'x'],
        ['ab', 'y'],
      ]),
    ).toEqual(['日  x', 'ab  y']);
  });

  it('cuts what is too long and shows that it did', () => {
    expect(fitText('abcdef', 4)).toBe('abc…');
    expect(fitText('日本語', 4)).toBe('日…');
    expect(fitText('abc', 3)).toBe('abc');
  });
});

describe('what others wrote', () => {
  it('cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\nc\u202e')).toBe('a\\x1b[2Jb\\nc\\u202e');
  });

  it('is masked unless it is to be revealed', () => {
    expect(showNumber('+358401234567', 'mask')).toBe('+3584…67');
    expect(showNumber('+358401234567', 'reveal')).toBe('+358401234567');
    expect(showText('Hello', 'mask')).toBe('[5 ch, sha 185f]');
    expect(showText('Hello', 'reveal')).toBe('Hello');
  });
});

describe('wrapText', () => {
  it('breaks at spaces where there are some near enough, moves further rows in, and fills no row to its end', () => {
    expect(wrapText('one two three', 20)).toEqual(['one two three']);
    expect(wrapText('one two three four', 10, 2)).toEqual(['one two', '  three', '  four']);
    expect(wrapText('abcdefghijkl', 10)).toEqual(['abcdefghi', 'jkl']);
    expect(wrapText('日本日本日本', 10)).toEqual(['日本日本', '日本']);
  });

  it('begins a row where the text does, and counts colours as nothing', () => {
    expect(wrapText('one\ntwo', 20, 2)).toEqual(['one', '  two']);
    expect(wrapText('\u001b[31mabcdefghi\u001b[39m', 10)).toEqual(['\u001b[31mabcdefghi\u001b[39m']);
  });

  it('takes no row wider than it may, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 6, max: 40 }), (text, columns) => {
        const rows = wrapText(printable(text), columns, 3);
        expect(Math.max(...rows.map(displayWidth))).toBeLessThan(columns);
        expect(rows.join('').replaceAll(' ', '')).toBe(printable(text).replaceAll(' ', ''));
      }),
    );
  });
});
