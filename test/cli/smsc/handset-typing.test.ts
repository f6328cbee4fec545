import { describe, expect, it } from 'vitest';
import { parseTyped } from '../../../src/cli/smsc/handset-typing.ts';

function typed(line: string): unknown {
  const parsed = parseTyped(line);
  return parsed.ok ? parsed.value : parsed.fault.message;
}

describe('what is typed on a handset', () => {
  it('is a text unless it begins with a slash; two slashes are a text with one', () => {
    expect(typed(' Hello ')).toEqual({ type: 'send', to: undefined, text: ' Hello ' });
    expect(typed('//quit is a word')).toEqual({ type: 'send', to: undefined, text: '/quit is a word' });
    expect(typed('   ')).toEqual({ type: 'nothing' });
  });

  it('turns to a number, and may send to it at once', () => {
    expect(typed('/to +358 40')).toContain('after + there are 7 to 15');
    expect(typed('/to 2882')).toEqual({ type: 'turn-to', to: '2882' });
    expect(typed('/new 2882')).toEqual({ type: 'turn-to', to: '2882' });
    expect(typed('/new 2882 two  words')).toEqual({ type: 'send', to: '2882', text: 'two  words' });
  });

  it('changes the handset', () => {
    expect(typed('/off')).toEqual({ type: 'set-state', state: { type: 'off' } });
    expect(typed('/on')).toEqual({ type: 'set-state', state: { type: 'on' } });
    expect(typed('/full')).toEqual({ type: 'set-state', state: { type: 'full' } });
    expect(typed('/slow 5s')).toEqual({ type: 'set-state', state: { type: 'slow', ms: 5_000 } });
    expect(typed('/slow')).toContain('is no duration');
  });

  it('guesses what a wrong command meant', () => {
    expect(typed('/staus')).toBe(
      'There is no /staus; did you mean /status? A text that begins with / is typed with two.',
    );
    expect(typed('/xyzzy')).toBe('There is no /xyzzy; /help names them. A text that begins with / is typed with two.');
  });
});
