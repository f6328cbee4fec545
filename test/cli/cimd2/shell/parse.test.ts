import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellCommands } from '../../../../src/cli/cimd2/shell/commands.ts';
import { helpLines } from '../../../../src/cli/cimd2/shell/help.ts';
import { checkLine } from '../../../../src/cli/cimd2/shell/parse.ts';

const parsed = (line: string): unknown => {
  const command = checkLine(line);
  return command.ok ? command.value : command.fault.message;
};

describe('a line of the shell', () => {
  it('reads every example that help gives', () => {
    for (const { examples } of shellCommands) {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect({ example, ok: checkLine(example).ok }).toEqual({ example, ok: true });
    }
  });

  it('takes a submit with the keys of cimd2 send, and parameters as they are', () => {
    expect(
      parsed('submit +358401234567,+358407654321 "Hello there" flash=yes validity=2h report=yes 058=1'),
    ).toMatchObject({
      type: 'submit',
      message: {
        to: ['+358401234567', '+358407654321'],
        text: 'Hello there',
        messageClass: 0,
        validity: { type: 'relative' },
        reportBits: 62,
      },
      extra: [{ code: 58, value: '1' }],
    });
  });

  it('SPEC 2.7: cancels one, all to a number, or all, each by its mode', () => {
    const modes = ['cancel $to $stamp', 'cancel $to', 'cancel all'].map((line) => parsed(line));
    expect(modes).toMatchObject([
      { operation: 6, parameters: [{ code: 59, value: '2' }, { code: 21 }, { code: 60, value: '261122120000' }] },
      { operation: 6, parameters: [{ code: 59, value: '0' }, { code: 21 }] },
      { operation: 6, parameters: [{ code: 59, value: '1' }] },
    ]);
  });

  it('takes any packet, by code and by name, right or wrong', () => {
    expect(parsed('packet submit:9 destination-address=1 33="a<TAB>b" 999=x checksum=wrong')).toEqual({
      type: 'packet',
      operation: 3,
      number: 9,
      parameters: [
        { code: 21, value: '1' },
        { code: 33, value: 'a\tb' },
        { code: 999, value: 'x' },
      ],
      checksum: 'wrong',
    });
    expect(parsed('packet 70')).toContain('number of another packet');
  });

  it('tells how answers are given from an answer to one packet', () => {
    expect(parsed('answer error:711')).toEqual({ type: 'answering', mode: { type: 'error', code: 711 } });
    expect(parsed('answer 002 error:711')).toEqual({
      type: 'answer',
      which: 2,
      parameters: [{ code: 900, value: '711' }],
    });
    expect(parsed('answer all')).toEqual({ type: 'answer', which: 'all', parameters: [] });
  });

  it('takes raw bytes as hex or spelled out', () => {
    const bytes = Uint8Array.of(2, 0x34, 0x30, 0x3a, 0x30, 0x30, 0x33, 9, 3);
    expect(parsed('raw 02 34 30 3A 30 30 33 09 03')).toEqual({ type: 'raw', bytes });
    expect(parsed('raw <STX>40:003<TAB><ETX>')).toEqual({ type: 'raw', bytes });
  });

  it('names what was probably meant', () => {
    expect(parsed('sumbit +358401234567 x')).toBe('There is no "sumbit"; did you mean submit?');
    expect(parsed('submit +358401234567 x prioritty=1')).toContain('did you mean priority');
    expect(parsed('packet submt')).toContain('Did you mean submit?');
    expect(parsed('packet 3 destination-adress=1')).toContain('did you mean destination-address');
    expect(parsed('constructor')).toContain('There is no "constructor"');
  });

  it('says how a line is typed where it does not fit', () => {
    expect(parsed('submit +358401234567 two words')).toContain('needs quotes');
    expect(parsed('enquire +358401234567')).toBe('It is typed like this: enquire TO STAMP');
    expect(parsed('enquire +358401234567 12')).toContain('twelve digits');
    expect(parsed('wait 5')).toContain('no unit');
    expect(parsed('expect 53 within soon')).toContain('no duration');
    expect(parsed('submit +358401234567 x validity=2099-11-23T08:00+02:00')).toContain('twelve digits');
    expect(parsed('submit 12x x')).toContain('no phone number');
  });

  it('never throws, whatever is typed', () => {
    fc.assert(fc.property(fc.string(), (line) => typeof checkLine(line).ok === 'boolean'));
    const starts = fc.constantFrom(...shellCommands.map(({ name }) => name));
    fc.assert(fc.property(starts, fc.string(), (name, rest) => typeof checkLine(`${name} ${rest}`).ok === 'boolean'));
  });

  it('has help on every command, operation and parameter', () => {
    for (const { name } of shellCommands) expect(helpLines(name).length).toBeGreaterThan(2);
    expect(helpLines('03').join('\n')).toContain('021  destination address');
    expect(helpLines('067').join('\n')).toContain('priority');
    expect(helpLines('nothing-such')).toEqual([expect.stringContaining('There is no help')]);
  });
});
