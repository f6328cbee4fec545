import { describe, expect, it } from 'vitest';
import {
  type Expectation,
  expectationText,
  isExpected,
  parseExpectation,
} from '../../../../src/cli/cimd2/shell/expectation.ts';
import { Inbox, inboxLimit } from '../../../../src/cli/cimd2/shell/inbox.ts';
import { splitWords } from '../../../../src/cli/cimd2/shell/words.ts';
import { ok } from '../../../../src/core/base/result.ts';
import type { Packet } from '../../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';

function expectationOf(text: string): Expectation {
  const words = splitWords(text, () => ok(''));
  const parsed = words.ok ? parseExpectation(words.value) : words;
  if (!parsed.ok) throw new Error(parsed.fault.message);
  return parsed.value;
}

function packet(operation: number, number: number, ...parameters: readonly (readonly [number, string])[]): Packet {
  return {
    operation,
    packetNumber: packetNumber(number),
    parameters: parameters.map(([code, value]) => ({ code, value })),
  };
}

const refused = packet(53, 3, [21, '+358401234567'], [900, '310'], [901, 'not allowed']);

describe('an expectation', () => {
  it.each([
    ['53', true],
    ['submit-response', true],
    ['53:003 900=310', true],
    ['53:005', false],
    ['53 900=31', false],
    ['53 900~31', true],
    ['53 900', true],
    ['53 !900', false],
    ['53 060', false],
    ['53 !060 901~allowed', true],
    ['53 error-code=310', true],
    ['53 901="not allowed"', true],
    ['54', false],
    ['nothing', false],
  ])('%s: %s', (text, isMet) => {
    expect(isExpected(expectationOf(text), refused)).toBe(isMet);
  });

  it('refuses what is none', () => {
    for (const wrong of ['', '53 !900=1', '53 90x=', 'nothing 53', '53:x', 'nope', '53 ==']) {
      expect(() => expectationOf(wrong), wrong).toThrow();
    }
  });

  it('is told as it is typed, with the name of the operation, and without a password', () => {
    expect(expectationText(expectationOf('submit-response:3 error-code=310 033~Hi 060 !901'))).toBe(
      '53:003 900=310 033~Hi 060 !901 (submit message response)',
    );
    expect(expectationText(expectationOf('1 011=secret'))).not.toContain('secret');
  });
});

describe('the inbox', () => {
  const arrival = (came: Packet) => ({ packet: came, wire: '' });

  it('gives the first packet that fits, once, wherever it stands', () => {
    const inbox = new Inbox();
    const first = packet(53, 3);
    const second = packet(53, 5);
    for (const came of [packet(20, 0), first, second]) inbox.add(arrival(came));
    const submit = expectationOf('53');
    expect(inbox.take(submit)?.packet).toBe(first);
    expect(inbox.take(submit)?.packet).toBe(second);
    expect(inbox.take(submit)).toBeUndefined();
    expect(inbox.untaken()).toHaveLength(1);
  });

  it('has as news what came since the last line that sent something, or since what was taken', () => {
    const inbox = new Inbox();
    inbox.add(arrival(packet(20, 0)));
    inbox.mark();
    expect(inbox.news()).toEqual([]);
    inbox.add(arrival(packet(53, 3)));
    expect(inbox.news()).toHaveLength(1);
    inbox.take(expectationOf('53'));
    expect(inbox.news()).toEqual([]);
    inbox.add(arrival(packet(23, 2)));
    inbox.add(arrival(packet(90, 5)));
    inbox.take(expectationOf('90'));
    expect(inbox.news()).toEqual([]);
    // Taking what came before the mark brings nothing back.
    inbox.take(expectationOf('20'));
    expect(inbox.news()).toEqual([]);
  });

  it('does not take an answer that nobody wanted for that of a request behind the next expectation', () => {
    const inbox = new Inbox();
    inbox.mark();
    inbox.add(arrival(packet(51, 1)));
    inbox.mark();
    inbox.add(arrival(packet(20, 0)));
    inbox.add(arrival(packet(90, 3)));
    inbox.judge();
    // One lot: whatever came first.
    expect(inbox.take(expectationOf('90'))).toBeDefined();
    expect(inbox.untaken()).toHaveLength(2);
    inbox.mark();
    expect(inbox.take(expectationOf('51'))).toBeUndefined();
    expect(inbox.take(expectationOf('20'))).toBeDefined();
  });

  it('forgets the oldest beyond its limit', () => {
    const inbox = new Inbox();
    inbox.add(arrival(packet(20, 0)));
    for (let i = 0; i < inboxLimit; i += 1) inbox.add(arrival(packet(90, 3)));
    expect(inbox.untaken()).toHaveLength(inboxLimit);
    expect(inbox.take(expectationOf('20'))).toBeUndefined();
  });
});
