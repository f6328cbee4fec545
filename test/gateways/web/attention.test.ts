/** When the page counts its user as away. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, because browsers read it as it is
import { Attention, unseenMs, untouchedMs } from '../../../src/gateways/web/page/attention.js';

describe('who has the page open', () => {
  it('is here for ten minutes after a touch, and again with the next', () => {
    const attention = new Attention(true, 0);
    attention.touched(5_000);
    expect(attention.deadline(5_000)).toBe(5_000 + untouchedMs);
    expect(attention.presence(5_000 + untouchedMs - 1)).toBe('here');
    expect(attention.presence(5_000 + untouchedMs)).toBe('away');
    expect(attention.deadline(5_000 + untouchedMs)).toBeUndefined();
    attention.touched(untouchedMs * 2);
    expect(attention.presence(untouchedMs * 2)).toBe('here');
  });

  it('is here for a minute after the page was looked at, and again as soon as it is', () => {
    const attention = new Attention(true, 0);
    attention.hidden(5_000);
    attention.hidden(30_000);
    expect(attention.deadline(30_000)).toBe(5_000 + unseenMs);
    expect(attention.presence(5_000 + unseenMs - 1)).toBe('here');
    expect(attention.presence(5_000 + unseenMs)).toBe('away');
    attention.shown(100_000);
    expect(attention.presence(100_000)).toBe('here');
    expect(attention.deadline(100_000)).toBe(100_000 + untouchedMs);
  });

  it('is away where the ten minutes are over before the minute', () => {
    const attention = new Attention(true, 0);
    attention.hidden(untouchedMs - 1_000);
    expect(attention.deadline(untouchedMs - 1_000)).toBe(untouchedMs);
  });

  it('is away in a page that was opened in the background, until it is looked at', () => {
    const attention = new Attention(false, 0);
    expect([attention.presence(0), attention.deadline(0)]).toEqual(['away', undefined]);
    attention.shown(1_000);
    expect(attention.presence(1_000)).toBe('here');
  });
});
